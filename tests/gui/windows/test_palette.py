"""Any action by a few letters of its name."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.windows.palette import CommandPalette, distance, fits

from .user import User

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def opened(user: User) -> CommandPalette:
    user.does("palette")
    return user.dialog(CommandPalette)


def labels(palette: CommandPalette) -> list[str]:
    return [palette._list.item(row).text() for row in range(palette._list.count())]


def test_letters_fit_in_their_order() -> None:
    assert fits("cmp", "Compare")
    assert fits("", "Compare")
    assert fits("u g", "User Guide")
    assert not fits("gu ug", "User Guide")


def test_what_begins_with_the_letters_comes_before_what_has_them_somewhere() -> None:
    labels = ["Show Deleted Entries", "Folder", "My Older One", "Older Version"]
    assert sorted(labels, key=lambda label: distance("older", label)) == [
        "Older Version",
        "My Older One",
        "Folder",
        "Show Deleted Entries",
    ]


def test_only_what_makes_sense_now_is_offered(user: User) -> None:
    palette = opened(user)
    assert "Reload" in labels(palette)
    assert "Restore" not in labels(palette)
    assert "Find Command" not in labels(palette)
    palette.close()


def test_enter_runs_the_action_that_is_marked(user: User) -> None:
    user.goes("acme", "users")
    palette = opened(user)
    QTest.keyClicks(palette._field, "older")
    assert labels(palette)[0] == "Older Version"
    QTest.keyClick(palette._field, Qt.Key.Key_Return)
    user.settles()
    assert user.seq() == 3


def test_up_and_down_stay_within_the_list(user: User) -> None:
    palette = opened(user)
    QTest.keyClick(palette._field, Qt.Key.Key_Up)
    assert palette._list.currentRow() == 0
    for _ in range(20):
        QTest.keyClick(palette._field, Qt.Key.Key_PageDown)
    assert palette._list.currentRow() == palette._list.count() - 1
    palette.close()


def test_nothing_that_fits_runs_nothing(user: User) -> None:
    palette = opened(user)
    QTest.keyClicks(palette._field, "qqqq")
    assert labels(palette) == []
    QTest.keyClick(palette._field, Qt.Key.Key_Return)
    assert palette.isVisible()
    QTest.keyClick(palette, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_it_goes_when_one_turns_to_another_window(user: User) -> None:
    palette = opened(user)
    with user.qtbot.waitSignal(palette.finished):
        user.window.activateWindow()


def test_it_is_no_popup_which_wayland_shows_only_in_answer_to_an_input(user: User) -> None:
    palette = opened(user)
    assert palette.windowType() != Qt.WindowType.Popup
    palette.close()
