"""The page without a database."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from .user import User


def recents(user: User) -> list[QPushButton]:
    buttons = user.window.welcome.findChildren(QPushButton)
    return [button for button in buttons if button.isFlat()]


def shows(user: User, *paths: Path) -> None:
    for path in reversed(paths):
        user.session.settings.add_recent(path)
    user.window.welcome.show_recents(user.session.settings.recents)


def test_a_recent_database_is_opened_by_a_click(qtbot: QtBot, visitor: User, root: Path) -> None:
    shows(visitor, root)
    [button] = recents(visitor)
    with qtbot.waitSignal(visitor.session.opened):
        button.click()
    visitor.settles()


def test_one_that_vanished_says_so_and_can_be_forgotten(visitor: User, tmp_path: Path) -> None:
    shows(visitor, tmp_path / "gone.db")
    [button] = recents(visitor)
    assert not button.isEnabled()
    visitor.window.welcome.recent_forgotten.emit(tmp_path / "gone.db")
    assert visitor.session.settings.recents == ()


def test_an_ampersand_in_a_name_is_shown(visitor: User, tmp_path: Path) -> None:
    (tmp_path / "R&D.db").mkdir()
    shows(visitor, tmp_path / "R&D.db")
    assert recents(visitor)[0].text() == "R&&D.db"


def test_a_problem_goes_when_it_is_solved(visitor: User) -> None:
    visitor.window.welcome.show_problem("<b>Not there</b>")
    assert visitor.window.welcome.problem() == "<b>Not there</b>"
    assert visitor.window.welcome._problem.isVisible()
    visitor.window.welcome.show_problem("")
    assert not visitor.window.welcome._problem.isVisible()


def test_recents_are_cleared_by_an_action(visitor: User, tmp_path: Path) -> None:
    shows(visitor, tmp_path / "a", tmp_path / "b")
    visitor.window.update_facts()
    visitor.does("clear_recents")
    assert visitor.session.settings.recents == ()
    assert not visitor.can("clear_recents")
