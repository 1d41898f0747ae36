"""The bar at the top."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui.actions import MENUS, Actions
from gui.widgets.top_bar import TopBar


@pytest.fixture
def bar(qtbot: QtBot) -> TopBar:
    owner = QObject()
    bar = TopBar(Actions(owner))
    bar._owner = owner  # type: ignore[attr-defined]
    qtbot.addWidget(bar)
    bar.resize(1000, 46)
    bar.show()
    return bar


def test_where_one_is_is_read_from_left_to_right(bar: TopBar) -> None:
    bar.show_place("orders.db", "acme", "users")
    assert bar._crumbs.text() == "orders.db  ›  acme  ›"
    assert bar._entry.text() == "users"
    bar.show_place("orders.db", "acme", "")
    assert bar._crumbs.text() == "orders.db  ›  acme"
    bar.show_place("", "", "")
    assert bar._crumbs.text() == ""


def test_a_moment_of_the_past_is_said_and_coloured(bar: TopBar) -> None:
    bar.show_moment("1 Sep")
    assert (bar._moment.text(), bar._moment.property("tone")) == ("1 Sep", "warning")
    bar.show_moment("")
    assert (bar._moment.text(), bar._moment.property("tone")) == ("Now", "accent")


def test_what_is_offered_depends_on_what_is_open(bar: TopBar) -> None:
    seen = []
    for open_, read_only in ((False, False), (True, False), (True, True)):
        bar.show_access(open_=open_, read_only=read_only)
        widgets = (bar._read_only, bar._restore, bar._moment)
        seen.append(tuple(widget.isVisible() for widget in widgets))
    assert seen == [(False, False, False), (False, True, True), (True, False, True)]


def test_the_menu_has_the_recents_and_every_action(bar: TopBar) -> None:
    menus = [action.text() for action in bar.menu_button.menu().actions()]
    assert menus == [bar.recents.title(), *MENUS]


def test_long_names_leave_room_for_the_rest(bar: TopBar) -> None:
    bar.show_place("d" * 200, "t" * 200, "e" * 500)
    bar.show_access(open_=True, read_only=False)
    assert bar.minimumSizeHint().width() < 900
    assert not bar.grab().isNull()
