"""The middle of the window, and which actions make sense there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPushButton

from .user import User


def test_without_an_entry_there_is_no_mode(user: User) -> None:
    assert user.window.center.mode == ""
    assert user.window.center.nothing.title() == "Choose an entry"


@pytest.mark.parametrize("mode", ["view", "compare", "edit"])
def test_a_mode_shows_its_panel_and_its_bar(user: User, mode: str) -> None:
    user.goes("acme", "users", mode)
    center = user.window.center
    assert center.mode == mode
    assert center._bars.currentWidget() is getattr(center, mode).bar
    assert center._modes.current() == mode
    assert user.window.actions_[f"{mode}_mode"].isChecked()


@pytest.mark.parametrize("mode", ["view", "compare", "edit"])
def test_the_keyboard_goes_where_the_content_is(user: User, mode: str) -> None:
    user.goes("acme", "users", mode)
    user.window.activateWindow()
    user.does("focus_content")
    panel = getattr(user.window.center, mode)
    wanted = panel.editor if mode == "edit" else panel.view
    user.waits(wanted.hasFocus)


def test_clicking_a_mode_triggers_its_action(user: User) -> None:
    user.goes("acme", "users")
    user.window.center._modes.choose("compare")
    user.settles()
    assert user.session.place.mode == "compare"


def test_the_history_of_a_value_is_offered_only_where_one_is_chosen(user: User) -> None:
    user.goes("acme", "users")
    assert not user.can("who_changed")
    user.window.select_path(("john",))
    assert user.can("who_changed")
    assert user.can("delete_record")
    user.goes("acme", "list")
    user.window.select_path((0,))
    assert user.can("copy_value")
    assert not user.can("who_changed")
    assert not user.can("delete_record")


def test_a_deleted_entry_cannot_be_deleted_again(user: User) -> None:
    user.goes("acme", "config")
    user.does("delete_entry")
    user.accepts_the_review()
    assert not user.can("delete_entry")
    assert not user.can("new_record")


def test_save_is_offered_only_with_a_draft(user: User) -> None:
    user.goes("acme", "config", "edit")
    assert not user.can("save")
    user.types("{}")
    assert user.can("save")
    assert user.can("discard")


def test_in_a_narrow_window_the_editors_buttons_stand_below_the_modes(user: User) -> None:
    """They were cut off at both ends."""
    user.window.resize(900, 600)
    user.goes("acme", "users", "edit")
    center, bar = user.window.center, user.window.center.edit.bar
    save = next(button for button in bar.findChildren(QPushButton) if "Save" in button.text())
    user.waits(lambda: bar.mapTo(center, QPoint(0, 0)).y() > center._modes.geometry().bottom())
    assert save.width() >= save.sizeHint().width()
    assert save.mapTo(center, save.rect().topRight()).x() < center.width()
    user.window.resize(1400, 800)
    user.waits(lambda: bar.mapTo(center, QPoint(0, 0)).y() < center._modes.geometry().bottom())
    user.goes("acme", "users", "view")
    user.window.resize(900, 600)
    user.settles()
    assert center._bars.y() < center._modes.geometry().bottom()
