"""What is so in a window now, from which follows which actions make sense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..actions import Fact
from ..jobs import Ref

if TYPE_CHECKING:
    from .main import MainWindow


def facts(window: MainWindow, *, busy: bool) -> set[Fact]:
    """Everything an action can need that holds now."""
    found: set[Fact] = set(_of_session(window))
    if busy:
        found.add("job")
    if "database" in found:
        found.update(_of_place(window))
        found.update(_of_content(window))
    return found


def _of_session(window: MainWindow) -> Iterator[Fact]:
    session = window.session
    if session.database is not None:
        yield "database"
    if session.long_job is None:
        yield "free"
    if session.writable:
        yield "writable"
    if session.can_go_back:
        yield "back"
    if session.can_go_forward:
        yield "forward"
    if session.undoable is not None:
        yield "written"
    if session.settings.recents:
        yield "recents"


def _of_place(window: MainWindow) -> Iterator[Fact]:
    place, info = window.session.place, window.placing.info
    if place.tenant is not None:
        yield "tenant"
    if place.as_of is not None:
        yield "as of"
    if place.ref is None:
        return
    yield "entry"
    head = window.session.known_head(place.ref)
    if info is None:
        return
    yield "version"
    if info.parent is not None:
        yield "parent"
    if info.digest != head:
        yield "old version"
    if info.form == "records":
        yield "records"
    if not (info.deleted and info.digest == head):
        yield "live"


def _of_content(window: MainWindow) -> Iterator[Fact]:
    center, info = window.center, window.placing.info
    comparison = center.compare.comparison
    if center.mode in ("view", "compare"):
        yield "content"
        if window.path:
            yield "value"
            if info is not None and info.form == "records":
                yield "record"
    if _is_own(window):
        yield "own"
    if center.mode == "compare" and comparison is not None:
        yield "compare"
        if comparison.a is not None and comparison.b is not None:
            yield "both sides"
        if comparison.changes:
            yield "changes"
        if center.compare.view.other_end >= 0:
            yield "moved"
    if center.mode == "edit":
        yield "editing"
        if center.edit.dirty:
            yield "draft"


def _is_own(window: MainWindow) -> bool:
    """Whether what is chosen is in a version of this entry, or was before it was deleted there."""
    side, ref = window.side_at_hand(), window.session.place.ref
    if side is None or ref is None:
        return True
    return isinstance(side, Ref) and (side.tenant, side.entry) == (ref.tenant, ref.entry)
