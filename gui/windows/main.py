"""The main window: its panels, what its actions need, and how it opens and closes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from dbengine import Info, show_path

from .. import assets
from ..actions import Actions
from ..edits import Written
from ..jobs import Opened, Ref, Side
from ..models.document import Document
from ..models.history_model import HistoryModel
from ..models.tree_model import TreeModel
from ..models.when import short_text
from ..session import Session
from ..texts import content_text, error_text, version_name
from ..theme import theme
from ..widgets.history_panel import HistoryPanel
from ..widgets.status_bar import StatusBar
from ..widgets.top_bar import TopBar
from ..widgets.tree_panel import TreePanel
from ..worker import Busy, Failure
from .bug_report import BugReport
from .center import Center
from .facts import facts
from .helping import Helping
from .opening import Opening
from .placing import Placing
from .restoring import Restoring
from .shell import Shell
from .upkeep import Upkeep
from .welcome import Welcome
from .who_changed import WhoChanged

_SIZE = (1280, 800)
_PARTS = [248, 876, 316]
_SHORT = 60


class MainWindow(QMainWindow):
    """One window on one session; `gone` says that it may be let go."""

    gone = Signal()

    def __init__(self, session: Session, now: Callable[[], datetime] | None = None) -> None:
        super().__init__()
        self.session = session
        self.now = now or _system_now
        self.path: tuple[str | int, ...] = ()
        self.actions_ = Actions(self, theme().icon)
        self.center = Center(self.actions_)
        self.tree_model = TreeModel(session, self)
        self.history_model = HistoryModel(session, self, now=self.now)
        self.tree = TreePanel(self.tree_model)
        self.history = HistoryPanel(self.history_model)
        self.top = TopBar(self.actions_)
        self.status = StatusBar(self.actions_)
        self.welcome = Welcome(self.actions_)
        self.shell = Shell(self, session, self.actions_, self.center.messages, self.now)
        self.placing = Placing(self.shell, self.center, self.tree, self.history, self.history_model)
        self.editing = self.placing.editing
        self.upkeep = Upkeep(self.shell)
        self.opening = Opening(self.shell, self.ask_to_leave)
        self.restoring = Restoring(self.shell)
        self.helping = Helping(self.shell)
        self._who: WhoChanged | None = None
        self._busy = self._leaving = False
        self._lay_out()
        self._connect_session()
        self._connect_panels()
        self._connect_actions()
        self._restore_state()
        self._show_closed()

    # ---- building ----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.setWindowTitle("DbEngine Browser")
        self.setWindowIcon(assets.app_icon())
        self.setAcceptDrops(True)
        self.setMinimumSize(860, 480)
        self._parts = QSplitter()
        self._parts.setChildrenCollapsible(False)
        for panel, least in ((self.tree, 150), (self.center, 500), (self.history, 200)):
            panel.setMinimumWidth(least)
            self._parts.addWidget(panel)
        self._parts.setStretchFactor(1, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self._parts)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self._pages, 1)
        column.addWidget(self.status)
        self.setCentralWidget(page)
        for action in self.actions_:
            self.addAction(action)
        theme().changed.connect(self._redraw_icons)

    def _connect_session(self) -> None:
        session = self.session
        session.opened.connect(self._show_opened)
        session.closed.connect(self._show_closed)
        session.failed.connect(self._show_failure)
        session.written.connect(self._show_written)
        session.busy_changed.connect(self._show_busy)
        session.tenant_added.connect(self.tree.expand)
        session.closing.connect(self._show_closing)
        session.finished.connect(self._leave)

    def _connect_panels(self) -> None:
        self.placing.arrived.connect(self._show_place)
        self.editing.drafts_changed.connect(self.update_facts)
        self.center.view.path_selected.connect(self.select_path)
        self.center.compare.path_selected.connect(self.select_path)
        for view in (self.center.view.view, self.center.compare.view):
            view.context_requested.connect(self._offer_value_menu)
        self.history.menu_wanted.connect(self._offer_version_menu)
        self.tree.menu_wanted.connect(self._offer_entry_menu)
        self.welcome.recent_chosen.connect(self.opening.open)
        self.welcome.recent_forgotten.connect(self._forget_recent)
        self.welcome.demo_wanted.connect(self.opening.open_demo)
        self.helping.zoomed.connect(self._zoom)
        self.top.recents.aboutToShow.connect(self._fill_recents)

    def _connect_actions(self) -> None:
        for name, does in (
            ("close", self._close_database),
            ("quit", self.close),
            ("reload", self.tree_model.reload),
            ("clear_recents", self._clear_recents),
            ("undo_write", self.session.undo),
            ("restore", self._restore),
            ("delete_record", self._delete_record),
            ("copy_path", self._copy_path),
            ("copy_value", self._copy_value),
            ("copy_digest", self._copy_digest),
            ("find", self._find),
            ("find_next", self._find_next),
            ("find_previous", self._find_previous),
            ("expand_all", self._expand_all),
            ("full_screen", self._toggle_full_screen),
            ("who_changed", self._ask_who_changed),
            ("filter_tree", self.tree.filter_field.setFocus),
            ("filter_history", self.history.filter_field.setFocus),
            ("focus_tree", self.tree.tree.setFocus),
            ("focus_content", self.center.focus),
            ("focus_history", self.history.table.setFocus),
            ("cancel_job", self.session.cancel),
        ):
            self.actions_[name].triggered.connect(does)
        self.actions_["only_changes"].setChecked(self.session.settings.flag("only_changes", True))
        self.actions_["show_deleted"].toggled.connect(self.tree_model.set_show_deleted)

    # ---- what is shown -----------------------------------------------------------------------

    def update_facts(self) -> None:
        """Enable what makes sense now."""
        self.actions_.set_facts(facts(self, busy=self._busy))

    def _show_opened(self, opened: Opened) -> None:
        self._pages.setCurrentWidget(self._parts)
        self.center.messages.clear()
        self.setWindowTitle(f"{opened.root.name} — DbEngine Browser")
        self.top.show_access(open_=True, read_only=opened.read_only)
        self.status.show_access(
            self.tr("Read-only") if opened.read_only else self.tr("Read and write")
        )
        self._show_place()
        self.tree.tree.setFocus()

    def _show_closed(self) -> None:
        self.setWindowTitle("DbEngine Browser")
        self._pages.setCurrentWidget(self.welcome)
        self.welcome.show_recents(self.session.settings.recents)
        self.top.show_access(open_=False, read_only=False)
        self.status.show_access("")
        self._show_place()
        self.welcome.setFocus()

    def _show_place(self) -> None:
        place, database, info = self.session.place, self.session.database, self.placing.info
        name = database.root.name if database else ""
        self.top.show_place(name, place.tenant or "", place.entry or "")
        self.top.show_moment(short_text(place.as_of, self.now()) if place.as_of else "")
        where = " / ".join(part for part in (place.tenant, place.entry) if part)
        self.status.show_place(where)
        self.status.show_size(content_text(info) if info else "")
        self.update_facts()

    def _show_failure(self, failure: Failure) -> None:
        """The world's faults go to the message bar, ours to the report."""
        if not failure.known:
            BugReport(str(failure.error), failure.trace, self).open()
            return
        self.center.messages.post("error", error_text(failure.error))
        if self.session.database is None:
            self.welcome.show_problem(error_text(failure.error))

    def _show_written(self, written: Written) -> None:
        after = written.after
        if not written.changed:
            self.center.messages.post("info", self.tr("Nothing was different; nothing is written."))
            return
        text = f"{self._what_was_done(after)} {self.tr('This is {version}.')}"
        self.center.messages.post(
            "success",
            text.format(version=version_name(after).lower()),
            self.shell.offer(self.tr("Undo"), self.session.undo),
        )
        self.update_facts()

    def _what_was_done(self, info: Info) -> str:
        if info.action == "restore":
            return f"{info.note.splitlines()[0]}."
        if info.action == "drop":
            return self.tr("“{entry}” is deleted.").format(entry=info.entry)
        if info.action == "delete":
            return self.tr("The record is deleted.")
        return self.tr("Saved.")

    def _show_busy(self, busy: Busy | None) -> None:
        self._busy = busy is not None
        self.status.show_busy(busy)
        self.update_facts()

    def select_path(self, path: tuple[str | int, ...] | None) -> None:
        self.path = path or ()
        self.status.show_path(show_path(self.path) if self.path else "")
        first = self.path[0] if self.path else None
        self.placing.remember_record(first if isinstance(first, str) else None)
        self.update_facts()

    def _redraw_icons(self) -> None:
        self.actions_.set_icons(theme().icon)

    def _zoom(self, steps: int) -> None:
        self.center.edit.editor.set_zoom(steps)
        for view in (self.center.view.view, self.center.compare.view):
            view.set_zoom(steps)

    # ---- actions -----------------------------------------------------------------------------

    def _restore(self) -> None:
        if self.placing.info is not None:
            self.restoring.ask(self.placing.info)

    def _delete_record(self) -> None:
        if self.path:
            self.editing.review_record_deletion(str(self.path[0]))

    def _copy_path(self) -> None:
        self._copy(show_path(self.path))

    def _copy_digest(self) -> None:
        if self.placing.info is not None:
            self._copy(self.placing.info.digest)

    def _copy_value(self) -> None:
        side = self.side_at_hand()
        if side is not None:
            self.session.value(side, self.path).done.connect(self._copy)

    def side_at_hand(self) -> Side | None:
        """What the chosen value is in: of a comparison, the side that was clicked."""
        shown = self.center.compare.comparison
        if self.center.mode == "compare" and shown is not None:
            return shown.a if self.center.compare.view.current_side() == "left" else shown.b
        return self.session.place.ref

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.center.messages.post("success", self.tr("Copied to the clipboard."))

    def _find(self) -> None:
        if self.session.place.mode != "view":
            self.session.move(mode="view")
        self.center.view.start_find()

    def _find_next(self) -> None:
        self.center.view.find_again(backward=False)

    def _find_previous(self) -> None:
        self.center.view.find_again(backward=True)

    def _expand_all(self) -> None:
        if self.center.mode == "compare":
            self.actions_["only_changes"].setChecked(False)
        source = self.center.view.view.source()
        if self.center.mode == "view" and isinstance(source, Document):
            self.center.view.view.set_source(source.unfold_all(), keep_position=True)

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _ask_who_changed(self) -> None:
        ref = self.side_at_hand()
        if not isinstance(ref, Ref) or not self.path:
            return
        self._who = WhoChanged(self.path, self.now(), self)
        self._who.version_wanted.connect(self.placing.go_to_version)
        request = self.session.value_history(ref, self.path)
        request.done.connect(self._who.show_values)
        request.failed.connect(self._who.show_failure)
        self._who.open()

    def _fill_recents(self) -> None:
        self.opening.offer_recents(self.top.recents)

    def _clear_recents(self) -> None:
        self.session.settings.clear_recents()
        self.welcome.show_recents(())
        self.update_facts()

    def _forget_recent(self, path: object) -> None:
        self.session.settings.remove_recent(path)  # type: ignore[arg-type]
        self.welcome.show_recents(self.session.settings.recents)

    # ---- menus -------------------------------------------------------------------------------

    def _offer_version_menu(self, info: Info, at: QPoint) -> None:
        self.placing.go_to_version(info)
        self._pop_up(
            at, "restore", "", "compare_parent", "compare_head", "compare_file", "",
            "set_a", "set_b", "", "copy_digest",
        )  # fmt: skip

    def _offer_entry_menu(self, at: QPoint) -> None:
        self._pop_up(at, "new_entry", "new_record", "new_tenant", "", "delete_entry", "", "reload")

    def _offer_value_menu(self, _row: int, at: QPoint, _side: str) -> None:
        self._pop_up(
            at, "copy_value", "copy_path", "", "who_changed", "other_end", "", "delete_record"
        )

    def _pop_up(self, at: QPoint, *names: str) -> None:
        menu = QMenu(self)
        for name in names:
            if name:
                menu.addAction(self.actions_[name])
            else:
                menu.addSeparator()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    # ---- coming and going --------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.opening.accepts(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.opening.drop(event.mimeData())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask what must be asked; then let the session finish its writes before the window goes."""
        if self._leaving:
            event.accept()
            return
        event.ignore()
        self.ask_to_leave(self._shut_down)

    def ask_to_leave(self, go_on: Callable[[], None]) -> None:
        """Go on, after asking about a long job that runs, then about drafts."""
        self.upkeep.ask_to_leave(partial(self.editing.ask_to_leave, go_on))

    def _close_database(self) -> None:
        self.ask_to_leave(self.session.close)

    def _shut_down(self) -> None:
        settings = self.session.settings
        settings.set_state("geometry", self.saveGeometry())
        settings.set_state("parts", self._parts.saveState())
        settings.set_flag("only_changes", self.actions_["only_changes"].isChecked())
        settings.sync()
        self.session.shutdown()

    def _show_closing(self, writes: int) -> None:
        if writes:
            self.setEnabled(False)
            self.center.messages.post("info", self.tr("Finishing what is being written…"))

    def _leave(self) -> None:
        self._leaving = True
        self.close()
        self.gone.emit()

    def _restore_state(self) -> None:
        settings = self.session.settings
        self.resize(*_SIZE)
        self.restoreGeometry(settings.state("geometry"))
        if not self._parts.restoreState(settings.state("parts")):
            self._parts.setSizes(_PARTS)
        self._zoom(settings.text_zoom)


def _system_now() -> datetime:
    return datetime.now(UTC)
