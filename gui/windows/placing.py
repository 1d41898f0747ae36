"""Where one is: follows the session's place, loads what belongs there, and walks through time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from dbengine import DigestNotFound, Info, NotFound

from ..jobs import Content, Moved, Ref
from ..journey import NOWHERE, Place
from ..models.history_model import HistoryModel
from ..models.when import exact_text
from ..texts import error_text, version_name
from ..widgets.history_panel import HistoryPanel
from ..widgets.tree_panel import TreePanel
from ..worker import Failure
from .ask import AskMoment, AskText
from .center import Center
from .choose_version import look_up
from .comparing import Comparing
from .editing import Editing
from .shell import Shell

_OLDER, _NEWER = 1, -1


class Placing(QObject):
    """The panels show the session's place; what the user chooses becomes the place."""

    arrived = Signal()
    """What is shown has changed."""

    def __init__(
        self,
        shell: Shell,
        center: Center,
        tree: TreePanel,
        history: HistoryPanel,
        model: HistoryModel,
    ) -> None:
        super().__init__(shell.window)
        self._shell = shell
        self._center = center
        self._tree = tree
        self._history = history
        self._model = model
        self._record: str | None = None
        self._asked: Ref | None = None
        self.info: Info | None = None
        self.comparing = Comparing(shell, center.compare)
        self.editing = Editing(shell, center.edit)
        self._connect_panels()
        self._connect_actions()

    def _connect_panels(self) -> None:
        session = self._shell.session
        session.place_changed.connect(self.show)
        session.written.connect(self._written)
        session.heads_moved.connect(self._moved)
        self._tree.entry_chosen.connect(self.go_to_entry)
        self._tree.tenant_chosen.connect(self._go_to_tenant)
        self._history.chosen.connect(self.go_to_version)
        self._history.pair_chosen.connect(self.comparing.compare_two)
        self._history.users_wanted.connect(self._ask_users)
        self._center.compare.moved.connect(self.arrived)
        self._center.compare.compared.connect(self._compared)

    def _connect_actions(self) -> None:
        actions, session = self._shell.actions, self._shell.session
        actions["back"].triggered.connect(session.back)
        actions["forward"].triggered.connect(session.forward)
        actions["older"].triggered.connect(self._go_older)
        actions["newer"].triggered.connect(self._go_newer)
        actions["as_of"].triggered.connect(self.ask_moment)
        actions["go_now"].triggered.connect(self.go_now)
        actions["go_to"].triggered.connect(self.ask_version)
        actions["reload"].triggered.connect(self.reload)
        for mode in ("view", "compare", "edit"):
            action = actions[f"{mode}_mode"]
            action.setData(mode)
            action.triggered.connect(self._choose_mode)

    # ---- the place ---------------------------------------------------------------------------

    def show(self, place: Place) -> None:
        """Load what belongs to a place; what is shown stays until it is there."""
        ref = place.ref
        if ref is None or Ref(ref.tenant, ref.entry) != self._entry():
            self.info, self._record = None, None
            self._history.reset_filter()
        self._asked = ref
        for lane in ("content", "head", "at"):
            self._shell.session.drop(lane)  # an answer about another place is late
        self._tree.show_chosen(place.tenant, place.entry)
        self._model.show(ref)
        if ref is None:
            self._center.show_nothing()
        else:
            self._center.show_mode(place.mode)
            self._load(place, ref)
        self.arrived.emit()

    def reload(self) -> None:
        """Read again what is shown."""
        self._model.reload()
        self.show(self._shell.session.place)

    def remember_record(self, key: str | None) -> None:
        """Which record the user looks at, to edit that one."""
        self._record = key

    def _load(self, place: Place, ref: Ref) -> None:
        if place.as_of is not None and ref.digest is None:
            request = self._shell.session.as_of(ref, place.as_of)
            request.done.connect(self._settle)
            request.failed.connect(self._not_yet)
        elif place.mode == "compare":
            self.comparing.show(place)
        elif place.mode == "edit":
            self.editing.show(place, self._record)
            self._read_head(ref)
        else:
            self._center.view.stack.show_loading(self.tr("Reading"))
            request = self._shell.session.content(ref)
            request.done.connect(self._show_content)
            request.failed.connect(self._no_content)

    def _entry(self) -> Ref | None:
        return Ref(self._asked.tenant, self._asked.entry) if self._asked else None

    def _read_head(self, ref: Ref) -> None:
        self._shell.session.head(replace(ref, digest=None)).done.connect(self._show_info)

    # ---- answers -----------------------------------------------------------------------------

    def _show_content(self, content: Content) -> None:
        panel, info = self._center.view, content.info
        self._show_info(info)
        panel.show_document(info, content.document, self._shell.now())
        if info.deleted:
            title = self.tr("“{entry}” is deleted").format(entry=info.entry)
            text = self.tr("Choose an older version on the right; restoring brings it back.")
            panel.stack.show_empty("trash", title, text)

    def _no_content(self, failure: Failure) -> None:
        panel = self._center.view
        panel.clear()
        self.info = None
        title = self.tr("This version cannot be shown")
        if isinstance(failure.error, NotFound):
            title = self.tr("This is not there")
        panel.stack.show_error(title, error_text(failure.error))
        self.arrived.emit()

    def _show_info(self, info: Info) -> None:
        self.info = info
        self._model.set_sides(None, None)
        self._history.show_chosen(info.digest)
        self.arrived.emit()

    def _compared(self, a: Info | None, b: Info | None) -> None:
        """Tag the two sides in the history; B, if it is of this entry, is the version shown."""
        mine = [i for i in (b, a) if i and Ref(i.tenant, i.entry) == self._entry()]
        self.info = mine[0] if mine else self.info
        self._model.set_sides(a.digest if a else None, b.digest if b else None)
        if mine:
            self._history.show_chosen(mine[0].digest)
        self.arrived.emit()

    def _settle(self, info: Info) -> None:
        """The version of the chosen moment."""
        self._shell.session.move(remember=False, digest=info.digest)

    def _not_yet(self, failure: Failure) -> None:
        """At that moment there was no version; or it cannot be told."""
        self._center.show_mode("view")
        self._no_content(failure)
        place = self._shell.session.place
        if isinstance(failure.error, DigestNotFound) and place.as_of is not None:
            text = self.tr("“{entry}” was written for the first time after {moment}.")
            text = text.format(entry=place.entry, moment=exact_text(place.as_of))
            self._center.view.stack.show_empty("clock", self.tr("Not there yet"), text)

    # ---- choosing ----------------------------------------------------------------------------

    def go_to_entry(self, tenant: str, entry: str) -> None:
        """The entry's newest version, or that of the chosen moment, in the same mode."""
        place = self._shell.session.place
        if (place.tenant, place.entry) != (tenant, entry):
            kept = Place(tenant, entry, None, place.mode, as_of=place.as_of)
            self._shell.session.go(kept)

    def go_to_version(self, info: Info) -> None:
        """That version; the newest one is followed as others come."""
        place = self._shell.session.place
        newest = info.digest == self._shell.session.known_head(Ref(info.tenant, info.entry))
        mode = "view" if place.mode == "edit" and not newest else place.mode
        digest = None if newest and place.as_of is None else info.digest
        self._shell.session.go(Place(info.tenant, info.entry, digest, mode, as_of=place.as_of))

    def _go_to_tenant(self, tenant: str) -> None:
        place = self._shell.session.place
        if place.entry is None:
            self._shell.session.go(replace(NOWHERE, tenant=tenant, as_of=place.as_of))

    def _choose_mode(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._shell.session.move(mode=action.data(), a=None, b=None)
            self._center.focus()

    def _go_older(self) -> None:
        self._step(_OLDER)

    def _go_newer(self) -> None:
        self._step(_NEWER)

    def _step(self, step: int) -> None:
        if self.info is not None:
            found = self._model.neighbour(self.info.digest, step)
            if found is not None:
                self.go_to_version(found)

    def ask_moment(self) -> None:
        """Which moment of the past to look at everything from."""
        place = self._shell.session.place
        start = place.as_of or (self.info.when if self.info else self._shell.now())
        question = AskMoment(start, self._shell.window)
        question.answered.connect(self.go_to_moment)
        question.open()

    def go_to_moment(self, moment: datetime) -> None:
        """Everything as it was then, until one goes back to now."""
        self._shell.session.move(as_of=moment, digest=None, mode="view", a=None, b=None)

    def go_now(self) -> None:
        self._shell.session.move(as_of=None, digest=None)

    def ask_version(self) -> None:
        """A version by its number or digest."""
        question = AskText(
            self.tr("Go to version"),
            self.tr("A number such as 138, or the first characters of a digest."),
            self.tr("Version"),
            self.tr("Go"),
            parent=self._shell.window,
        )
        question.answered.connect(self._look_up)
        question.open()

    def _look_up(self, typed: str) -> None:
        ref = self._shell.session.place.ref
        if ref is not None:
            request = look_up(self._shell.session, ref, typed.lstrip("#"))
            request.done.connect(self.go_to_version)

    def _ask_users(self) -> None:
        ref = self._shell.session.place.ref
        if ref is not None:
            self._shell.session.users(ref).done.connect(self._history.show_users)

    # ---- following ---------------------------------------------------------------------------

    def _written(self, written: object) -> None:
        """After a write of ours the newest version is what one wants to see."""
        info: Info = written.after  # type: ignore[attr-defined]
        place = self._shell.session.place
        if (place.tenant, place.entry) != (info.tenant, info.entry):
            return
        if place.digest is not None or place.a is not None or place.as_of is not None:
            self._shell.session.move(digest=None, a=None, b=None, as_of=None)
        elif place.mode == "edit":
            self._show_info(info)
        else:
            self._load(place, Ref(info.tenant, info.entry))

    def _moved(self, moved: Moved) -> None:
        """Somebody else wrote: follow, if one is at the newest version."""
        place = self._shell.session.place
        for info in moved.heads:
            if place.ref == Ref(info.tenant, info.entry) and place.mode != "edit":
                if place.a is None and place.b is None:
                    self._load(place, Ref(info.tenant, info.entry))
                text = self.tr("{user} wrote {version}.")
                text = text.format(user=info.user, version=version_name(info).lower())
                self._shell.messages.post("info", text)
