"""The bar that says what was done and what went wrong."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gui.widgets.message_bar import MessageBar

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
"""What the offscreen platform says of every window that has a smallest size."""


def made(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.resize(600, 40)
    return bar


def shown(bar: MessageBar) -> str:
    message = bar.message()
    return message.text if message is not None else ""


def test_there_is_no_bar_without_a_message(qtbot: QtBot) -> None:
    assert made(qtbot).isHidden()


def test_a_newer_message_replaces_a_success(qtbot: QtBot) -> None:
    bar = made(qtbot)
    bar.post("success", "Saved")
    bar.post("info", "Reloaded")
    bar.close_message()
    assert bar.isHidden()


def test_an_error_comes_back_when_what_covers_it_is_closed(qtbot: QtBot) -> None:
    bar = made(qtbot)
    bar.post("error", "The disk is full")
    bar.post("success", "Saved")
    assert shown(bar) == "Saved"
    bar.close_message()
    assert shown(bar) == "The disk is full"


def test_the_same_error_is_said_once(qtbot: QtBot) -> None:
    bar = made(qtbot)
    bar.post("error", "The disk is full")
    bar.post("error", "The disk is full")
    bar.close_message()
    assert shown(bar) == ""


def test_an_actions_button_does_it_and_closes_the_message(qtbot: QtBot) -> None:
    bar = made(qtbot)
    undo = QAction("Undo")
    bar.post("success", "Restored 2 records.", undo)
    button = next(one for one in bar.findChildren(QPushButton) if one.text() == "Undo")
    with qtbot.waitSignals([undo.triggered, bar.closed]):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shown(bar) == ""


def test_the_kind_is_said_in_words_too(qtbot: QtBot) -> None:
    bar = made(qtbot)
    bar.post("warning", "Somebody else changed this entry.")
    assert bar.accessibleName() == "Warning: Somebody else changed this entry."


def test_a_long_text_wraps(qtbot: QtBot) -> None:
    bar = made(qtbot)
    bar.post("info", "short")
    low = bar.heightForWidth(600)
    bar.post("info", "many words " * 40)
    assert bar.heightForWidth(600) > low


def test_a_long_word_does_not_widen_the_bar(qtbot: QtBot) -> None:
    bar = made(qtbot)
    bar.post("error", "/a/path/" + "x" * 5_000)
    assert bar.minimumSizeHint().width() < 500
    assert bar.heightForWidth(600) < 300


def test_clearing_closes_all(qtbot: QtBot) -> None:
    bar = made(qtbot)
    bar.post("error", "one")
    bar.post("error", "two")
    with qtbot.waitSignal(bar.closed):
        bar.clear()
    assert bar.message() is None
