"""Help and habits: the actions that touch no data."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialog

from gui.theme import theme
from gui.windows.about import About
from gui.windows.ask import AskText
from gui.windows.cheat_sheet import CheatSheet
from gui.windows.guide import Guide
from gui.windows.helping import user_flaw

from .user import User


@pytest.mark.parametrize(
    ("name", "kind"), [("about", About), ("cheat_sheet", CheatSheet), ("guide", Guide)]
)
def test_every_help_page_opens_and_closes(user: User, name: str, kind: type[QDialog]) -> None:
    user.does(name)
    user.dialog(kind).reject()


def test_the_name_that_one_gives_stands_beside_what_one_writes(user: User) -> None:
    user.does("preferences")
    question = user.dialog(AskText)
    assert question.field().text() == "ana"
    question.field().setText("  Zoë ")
    question.accept()
    user.goes("acme", "config", "edit")
    user.types("{}")
    user.does("save")
    user.accepts_the_review()
    with user.another() as db:
        assert db.info("acme", "config").user == "Zoë"


@pytest.mark.parametrize("name", ["", "   "])
def test_a_name_that_cannot_be_is_told(name: str) -> None:
    assert user_flaw(name)


def test_colours_change_at_once_and_are_kept(user: User) -> None:
    user.does("theme_dark")
    assert user.session.settings.theme == "dark"
    dark = theme().color("panel").lightness()
    user.does("theme_light")
    assert theme().color("panel").lightness() > dark
    assert user.window.actions_["theme_light"].isChecked()
