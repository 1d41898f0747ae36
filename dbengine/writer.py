"""The one way a version comes to be: read the head, build the content, commit if it differs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from dbengine import tree
from dbengine.collector import BIG, collector_paused
from dbengine.errors import Conflict, Corrupt, InvalidArgument
from dbengine.history import History
from dbengine.model import ANY, Action, Expect, format_date
from dbengine.objects import Objects, Pending, Source
from dbengine.snapshot import Delta, Kept, SnapshotObject, skip_of
from dbengine.store import SHARED, Store, base
from dbengine.tree import Content, Following, Sealed, Stored, Unreadable, Whole
from dbengine.tree.patch import Change

_MOST_KEPT: Final = 256 * 1024
_MOST_SEALED: Final = 16 * 1024 * 1024
_MOST_IN_ALL: Final = 32 * 1024 * 1024
_MANY_KEPT: Final = 8
_log = logging.getLogger("dbengine")

Place = tuple[str, str]
"""A tenant and an entry."""
Clock = Callable[[], datetime]
Settle = Callable[[Content | None, Content], Content]
Build = Callable[[SnapshotObject | None, Content | None], Content | None]
"""Given the head and its content (None: nothing there), the new content (None: deleted)."""


class Request(NamedTuple):
    """Who wants to write what kind of version of which entry."""

    tenant: str
    user: str
    entry: str
    action: Action
    note: str = ""
    expect: Expect = ANY


class Step(NamedTuple):
    """One version to append: its content and where it comes from."""

    content: Content | None
    user: str
    date: datetime
    note: str
    action: Action


class Writer:
    """Appends versions to the histories of one store."""

    def __init__(
        self, store: Store, objects: Objects, history: History, clock: Clock | None
    ) -> None:
        self._store = store
        self._objects = objects
        self._history = history
        self._clock = clock or _now
        self._latest = _Latest()
        self._warned: set[tuple[str, str]] = set()

    def write(self, request: Request, build: Build) -> tuple[str, bool]:
        """The head after the write, and whether it is a new one.

        Without `expect`, a writer that slipped in between only means that we look again.
        """
        with self._store.turn(request.tenant):
            while True:
                try:
                    return self._attempt(request, build)
                except Conflict:
                    if request.expect is not ANY:
                        raise

    def known(self, tenant: str, entry: str) -> Sealed | None:
        """A content that the entry had lately, for whoever makes the next one."""
        return self._latest.known((tenant, entry))

    def append(self, tenant: str, entry: str, steps: Iterable[Step], settle: Settle) -> int:
        """Add versions in one commit, leaving out those equal to the one before; how many."""
        with self._store.turn(tenant):
            head = self._history.head(tenant, entry)
            chain = self._chain(tenant, entry, head, self.content(tenant, head))
            for step in steps:
                content = step.content and settle(chain.content, step.content)
                chain.add(step._replace(content=content))
            self._commit(tenant, chain)
            return len(chain.snapshots)

    def content(self, tenant: str, version: SnapshotObject | None) -> Content | None:
        """What a version holds; None for a deletion."""
        if version is None or version.content is None:
            return None
        return Stored(version, self._objects.of(tenant))

    def _chain(
        self, tenant: str, entry: str, head: SnapshotObject | None, content: Content | None
    ) -> _Chain:
        return _Chain(tenant, entry, head, content, self._objects.of(tenant))

    def _attempt(self, request: Request, build: Build) -> tuple[str, bool]:
        head = self._history.head(request.tenant, request.entry)
        _check_expected(request, head)
        place = request.tenant, request.entry
        old = self._latest.of(place, head) or self.content(request.tenant, head)
        try:
            chain = self._built(request, build, head, old)
        except Corrupt as error:
            if head is None or old is None:
                raise
            chain = self._built(request, build, head, Unreadable(head, error))
        digest, is_new = self._commit(request.tenant, chain)
        if is_new:  # else it may be in another order than what is stored
            again = request.action == "save" and head is not None
            self._latest.keep(place, digest, chain.content, again=again)
        return digest, is_new

    def _built(
        self,
        request: Request,
        build: Build,
        head: SnapshotObject | None,
        old: Content | None,
    ) -> _Chain:
        new = build(head, old)
        self._warn_of_mixing(request, head)
        chain = self._chain(request.tenant, request.entry, head, old)
        chain.add(Step(new, request.user, self._clock(), request.note, request.action))
        return chain

    def _commit(self, tenant: str, chain: _Chain) -> tuple[str, bool]:
        head, is_new = chain.commit(self._store)
        if is_new and chain.head is not None:
            self._objects.adopt(tenant, chain.head, chain.head_size)
        return head, is_new

    def _warn_of_mixing(self, request: Request, head: SnapshotObject | None) -> None:
        if head is None or {head.action, request.action} != {"save", "put"}:
            return
        place = request.tenant, request.entry
        if place not in self._warned:
            self._warned.add(place)
            _log.warning(
                "Entry %r of tenant %r is written both by save() and by put(). Both work on its "
                "top-level keys; keep to one of them.",
                request.entry,
                request.tenant,
            )


class _Latest:
    """What the last saves wrote, so that the next one of the same entry need not read it.

    A big content is kept as bytes, and only once it was saved again. May be used by any thread.
    """

    def __init__(self) -> None:
        self._contents: dict[Place, tuple[str, Whole | Sealed]] = {}

    def of(self, place: Place, head: SnapshotObject | None) -> Whole | Sealed | None:
        """The content of an entry's head."""
        digest, content = self._contents.get(place, ("", None))
        return content if head is not None and head.digest == digest else None

    def known(self, place: Place) -> Sealed | None:
        """The content that an entry had last, for what is saved now to be compared with it."""
        digest, content = self._contents.get(place, ("", None))
        known = tree.seal(content) if isinstance(content, Whole) else content
        if known is not None and known is not content:
            self._contents[place] = digest, known
        return known

    def keep(self, place: Place, head: str, content: Content | None, *, again: bool) -> None:
        """Remember it, if it is one that the next save is likely to be compared with."""
        self._contents.pop(place, None)
        kept = _worth_keeping(content, again)
        if kept is None:
            return
        self._contents[place] = head, kept
        free = _MOST_IN_ALL
        for number, (other, (_head, held)) in enumerate(reversed(list(self._contents.items()))):
            free -= held.size
            if number >= _MANY_KEPT or free < 0:
                self._contents.pop(other, None)


def _worth_keeping(content: Content | None, again: bool) -> Whole | Sealed | None:
    if isinstance(content, Whole) and content.size <= _MOST_KEPT:
        return content
    is_long = content is not None and content.size > _MOST_SEALED
    return None if content is None or is_long or not again else tree.seal(content)


class _Chain:
    """Versions on top of a head, collected until they are committed together."""

    def __init__(
        self,
        tenant: str,
        entry: str,
        head: SnapshotObject | None,
        content: Content | None,
        source: Source,
    ) -> None:
        self._tenant = tenant
        self._entry = entry
        self._expected = head.digest if head else None
        self.head = head
        self.content = content
        self._objects = Pending(source)
        self._shared: dict[str, bytes] = {}
        self.snapshots: list[str] = []

    def add(self, step: Step) -> None:
        """One more version, unless it holds what the one before does."""
        old, new = self.content, step.content
        if max(old.size if old else 0, new.size if new else 0) <= BIG:
            self._add(step)
            return
        with collector_paused():
            self._add(step)

    def _add(self, step: Step) -> None:
        old, new = self.content, step.content
        delta, change = _compared(old, new)
        if _form(old) == _form(new) and not delta:
            return
        kept = None
        if new is not None:
            parent = None if isinstance(old, Unreadable) else self.head
            kept, objects = tree.keep(new, change, parent, self._objects)
            self._objects.new.update(objects)
            self._shared.update(new.shared)
        self.head = self._objects.add(self._snapshot(step, delta, kept))
        self.snapshots.append(self.head.digest)
        self.content = new

    def commit(self, store: Store) -> tuple[str, bool]:
        if not self.snapshots:
            return self._expected or "", False
        if self._shared:
            store.put(SHARED, self._shared)
        deleted = self.content is None
        change = base.Change(self._entry, self._expected, tuple(self.snapshots), deleted)
        return store.commit(self._tenant, change, self._objects.new), True

    @property
    def head_size(self) -> int:
        """How many bytes the new head's object has."""
        return len(self._objects.new[self.snapshots[-1]])

    def _snapshot(self, step: Step, delta: Delta, kept: Kept | None) -> SnapshotObject:
        head, content = self.head, step.content
        return SnapshotObject(
            entry=self._entry,
            parent=head.digest if head else None,
            skip=self._skip(head) if head else None,
            user=step.user,
            date=self._date(step.date),
            seq=head.seq + 1 if head else 1,
            note=step.note,
            action=step.action,
            form=content.form if content else "records",
            delta=delta,
            size=content.size if content else 0,
            count=content.count if content else 0,
            content=kept,
        )

    def _skip(self, parent: SnapshotObject) -> str:
        try:
            near = self._skipped(parent)
            return skip_of(parent, near, self._skipped(near))
        except Corrupt:  # finding versions takes more steps then, but writing goes on
            return parent.digest

    def _skipped(self, version: SnapshotObject) -> SnapshotObject:
        return self._objects.snapshot(version.skip) if version.skip else version

    def _date(self, moment: datetime) -> str:
        """Never before the parent's, so that time and chain tell the same order."""
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise InvalidArgument(f"The time of a write is an aware datetime, not {moment!r}.")
        date = format_date(moment)
        if self.head is None or date >= self.head.date:
            return date
        message = "The clock says %s, which is before version %d of %r; using that version's date."
        _log.warning(message, date, self.head.seq, self._entry)
        return self.head.date


def _compared(old: Content | None, new: Content | None) -> tuple[Delta, Change | None]:
    """What differs, and the change itself where it is known: to whoever came of the old one."""
    if isinstance(new, Following) and new.old is old:
        return new.delta, new.change
    delta, changes = tree.compare(old, new)
    return delta, None if changes is None else ["keys", changes]


def _form(content: Content | None) -> str | None:
    return content.form if content else None


def _now() -> datetime:
    return datetime.now(UTC)


def _check_expected(request: Request, head: SnapshotObject | None) -> None:
    if request.expect is ANY:
        return
    exists = head is not None and not head.deleted
    current = head.digest if head else None
    if request.expect != current and not (request.expect is None and not exists):
        raise base.conflict(request.tenant, request.entry, current)
