"""What stands in for a view that has nothing to show."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.widgets.states import Spinner, StateStack, StateView

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
"""What the offscreen platform says of every window that has a smallest size."""


def stack(qtbot: QtBot) -> StateStack:
    result = StateStack(QLabel("the content"))
    qtbot.addWidget(result)
    return result


def test_an_empty_page_says_what_to_do(qtbot: QtBot) -> None:
    view = StateView()
    qtbot.addWidget(view)
    action = QAction("Open…")
    view.show_empty("database", "No database is open", "Open one.", action)
    assert (view.title(), view.text()) == ("No database is open", "Open one.")
    assert view.accessibleName() == "No database is open"
    with qtbot.waitSignal(action.triggered):
        qtbot.mouseClick(view.buttons()[0], Qt.MouseButton.LeftButton)


def test_another_page_has_its_own_buttons(qtbot: QtBot) -> None:
    view = StateView()
    qtbot.addWidget(view)
    view.show_empty("database", "Empty", "", QAction("Open…"))
    view.show_error("Broken", "No such version.", QAction("Retry"), QAction("Verify"))
    assert [button.text() for button in view.buttons()] == ["Retry", "Verify"]


def test_the_content_stays_until_loading_takes_long(qtbot: QtBot) -> None:
    pages = stack(qtbot)
    pages.show_loading("Loading")
    assert pages.currentWidget() is pages.content
    qtbot.waitUntil(lambda: pages.currentWidget() is pages.state)
    assert pages.state.title() == "Loading"


def test_a_fast_load_never_shows_the_spinner(qtbot: QtBot) -> None:
    pages = stack(qtbot)
    changes: list[int] = []
    pages.currentChanged.connect(changes.append)
    pages.show_loading("Loading")
    pages.show_content()
    qtbot.wait(200)
    assert changes == []


def test_an_error_takes_the_contents_place(qtbot: QtBot) -> None:
    pages = stack(qtbot)
    pages.show_error("This version cannot be read")
    assert pages.currentWidget() is pages.state
    pages.show_content()
    assert pages.currentWidget() is pages.content


def test_a_spinner_turns_only_while_it_is_seen(qtbot: QtBot) -> None:
    spinner = Spinner()
    qtbot.addWidget(spinner)
    spinner.show()
    first = spinner.grab().toImage()
    qtbot.waitUntil(lambda: spinner.grab().toImage() != first)
    spinner.hide()
    still = spinner.grab().toImage()
    qtbot.wait(100)
    assert spinner.grab().toImage() == still
