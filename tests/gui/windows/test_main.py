"""The window as a whole: opening, closing, messages, menus, and what it remembers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from gui.session import Session
from gui.windows.ask import Confirm
from gui.windows.bug_report import BugReport
from gui.windows.main import MainWindow
from gui.windows.who_changed import WhoChanged
from gui.worker import Failure

from .user import User


def test_without_a_database_the_welcome_page_is_shown(visitor: User) -> None:
    assert visitor.window.welcome.isVisible()
    assert not visitor.can("close")


def test_a_folder_that_is_no_database_is_refused_with_a_sentence(
    visitor: User, tmp_path: Path
) -> None:
    with visitor.qtbot.waitSignal(visitor.session.failed):
        visitor.session.open(tmp_path)
    assert "format.json" in visitor.window.welcome.problem()


def test_an_open_database_names_the_window(user: User) -> None:
    assert user.window.windowTitle() == "orders.db — DbEngine Browser"
    assert not user.window.welcome.isVisible()


def test_closing_the_database_leads_back_to_welcome(user: User) -> None:
    user.goes("acme", "users")
    user.does("close")
    assert user.window.welcome.isVisible()
    assert user.window.windowTitle() == "DbEngine Browser"
    assert user.window.history_model.rowCount() == 0


def test_closing_the_database_asks_about_drafts(user: User) -> None:
    user.goes("acme", "config", "edit")
    user.types("{}")
    user.does("close")
    user.dialog(Confirm).reject()
    user.settles()
    assert user.session.database is not None
    user.does("close")
    user.dialog(Confirm).accept()
    user.settles()
    assert user.session.database is None


def test_a_window_with_drafts_asks_before_it_closes(user: User) -> None:
    user.goes("acme", "config", "edit")
    user.types("{}")
    assert not user.window.close()
    assert user.window.isVisible()
    user.dialog(Confirm).reject()


def test_a_window_closes_only_after_its_writes_are_done(user: User) -> None:
    user.goes("acme", "config", "edit")
    user.types('{"theme": "light"}')
    user.does("save")
    user.reviews().accept()
    user.window.editing.drafts.clear()
    with user.qtbot.waitSignal(user.window.gone):
        user.window.close()
    with user.another() as db:
        assert db.load("acme", "config") == {"theme": "light"}


def test_a_window_closes_while_it_is_reading(user: User) -> None:
    user.window.placing.go_to_entry("acme", "users")
    with user.qtbot.waitSignal(user.window.gone):
        user.window.close()
    assert not user.window.isVisible()


def test_read_only_is_said_and_nothing_can_be_written(user: User, root: Path) -> None:
    user.opens(root, read_only=True)
    user.goes("acme", "users")
    user.does("older")
    for name in ("edit_mode", "restore", "new_entry", "new_record", "new_tenant", "delete_entry"):
        assert not user.can(name), name
    assert user.window.status._access.text() == "Read-only"


def test_a_fault_of_ours_opens_a_report_and_the_window_lives_on(user: User) -> None:
    user.session.failed.emit(Failure(RuntimeError("odd"), "Traceback: odd"))
    report = user.dialog(BugReport)
    assert "Traceback: odd" in report._report.toPlainText()
    report.reject()
    user.goes("acme", "users")
    assert user.seq() == 4


def test_a_value_is_copied_as_json(user: User) -> None:
    user.goes("acme", "users")
    user.window.select_path(("jane", "age"))
    user.does("copy_value")
    assert QGuiApplication.clipboard().text() == "25"
    user.does("copy_path")
    assert QGuiApplication.clipboard().text() == "$.jane.age"
    user.does("copy_digest")
    assert len(QGuiApplication.clipboard().text()) == 64


def test_in_a_comparison_the_value_of_the_side_at_hand_is_copied(user: User) -> None:
    user.goes("acme", "users")
    user.does("older")
    user.does("compare_mode")
    view = user.window.center.compare.view
    view._side = "left"
    user.window.select_path(("john", "age"))
    user.does("copy_value")
    assert QGuiApplication.clipboard().text() == "31"
    view._side = "right"
    user.does("copy_value")
    assert QGuiApplication.clipboard().text() == "32"


def test_who_changed_a_value_lists_its_versions(user: User) -> None:
    user.goes("acme", "users")
    user.window.select_path(("john", "age"))
    user.does("who_changed")
    dialog = user.dialog(WhoChanged)
    assert dialog.values.count() == 3
    dialog.values.setCurrentRow(2)
    dialog.accept()
    user.settles()
    assert user.seq() == 1


def test_a_path_belongs_to_the_document_that_is_shown(user: User) -> None:
    user.goes("acme", "users")
    user.window.center.view.view.go_to_row(2)
    paths = [user.window.path]
    user.goes("acme", "config")
    assert [*paths, user.window.path] == [("john", "name"), ()]
    assert not user.can("copy_value")


def test_find_leads_to_the_next_hit_and_around(user: User) -> None:
    user.goes("acme", "users")
    user.does("find")
    user.window.center.view.find_field.setText("age")
    view = user.window.center.view.view
    found = []
    for _ in range(3):
        user.does("find_next")
        found.append(view.row_text(view.current_row()))
    assert "32" in found[0]
    assert "25" in found[1]
    assert found[2] == found[0]


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_menus_offer_what_makes_sense_there(user: User) -> None:
    user.goes("acme", "users")
    info = user.window.history_model.neighbour(None, 2)
    assert info is not None
    user.window._offer_version_menu(info, QPoint(0, 0))
    user.settles()
    assert user.seq() == info.seq
    [menu] = [child for child in user.window.findChildren(QMenu) if child.isVisible()]
    assert user.window.actions_["restore"] in menu.actions()
    menu.hide()


def test_a_folder_that_is_dropped_is_opened(visitor: User, root: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(root))])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    with visitor.qtbot.waitSignal(visitor.session.opened):
        visitor.window.dropEvent(drop)
    visitor.settles()


def test_the_window_is_as_it_was_left(
    qtbot: QtBot, user: User, new_session: Callable[[], Session]
) -> None:
    user.window.resize(860, 640)
    user.window._parts.setSizes([160, 500, 200])
    sizes = user.window._parts.sizes()
    with qtbot.waitSignal(user.window.gone):
        user.window.close()
    other = new_session()
    other.settings = user.session.settings
    again = MainWindow(other)
    qtbot.addWidget(again, before_close_func=lambda _window: other.join())
    again.show()
    with qtbot.waitSignal(other.opened):
        other.open(user.root)
    assert (again.width(), again.height()) == (860, 640)
    assert again._parts.sizes() == sizes


def test_zoom_reaches_documents_and_editor_and_is_kept(user: User) -> None:
    before = user.window.center.edit.editor.font().pixelSize()
    user.does("zoom_in")
    assert user.window.center.edit.editor.font().pixelSize() == before + 1
    assert user.session.settings.text_zoom == 1
    user.does("zoom_reset")
    assert user.window.center.edit.editor.font().pixelSize() == before


def test_a_database_that_vanishes_is_told(user: User, root: Path) -> None:
    root.rename(root.with_name("elsewhere.db"))
    user.goes("acme", "users")
    assert user.message() != ""
    user.polls()
    assert user.window.isVisible()
