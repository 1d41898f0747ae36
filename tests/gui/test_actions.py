from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QIcon, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from gui import assets
from gui.actions import MENUS, SPECS, Actions, cheat_sheet

STANDARD = [spec for spec in SPECS if spec.keys is not None]


@pytest.fixture
def actions(qtbot: QtBot) -> Iterator[Actions]:
    window = QWidget()
    qtbot.addWidget(window)
    yield Actions(window)


def test_no_two_actions_share_a_name() -> None:
    assert max(Counter(spec.name for spec in SPECS).values()) == 1


def test_no_two_actions_share_a_shortcut(qapp: object) -> None:
    used = Counter(spec.shortcut.toString() for spec in SPECS)
    del used[""]
    assert [keys for keys, count in used.items() if count > 1] == []


def test_no_fallback_is_another_actions_shortcut(qapp: object) -> None:
    for spec in SPECS:
        others = {o.shortcut.toString() for o in SPECS if o is not spec} - {""}
        assert QKeySequence(spec.fallback).toString() not in others


@pytest.mark.parametrize("spec", STANDARD, ids=lambda spec: spec.name)
def test_standard_keys_have_a_fallback(qapp: object, spec: object) -> None:
    assert not QKeySequence(spec.fallback).isEmpty()
    assert not spec.shortcut.isEmpty()


def test_quit_has_a_key_even_where_the_platform_gives_none(qapp: object) -> None:
    (quit_,) = (spec for spec in SPECS if spec.name == "quit")
    assert quit_.shortcut.toString() == "Ctrl+Q"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_shortcuts_can_be_typed_and_texts_can_be_read(qapp: object, spec: object) -> None:
    assert spec.fallback == "" or QKeySequence(spec.fallback).toString() == spec.fallback
    assert spec.text.count("&") == 1
    assert spec.tip != ""
    assert not spec.shortcut.toString().startswith("Ctrl+Alt+")


@pytest.mark.parametrize("menu", MENUS)
def test_no_two_mnemonics_of_a_menu_are_equal(menu: str) -> None:
    letters = Counter(
        spec.text[spec.text.index("&") + 1].lower() for spec in SPECS if spec.menu == menu
    )
    assert [letter for letter, count in letters.items() if count > 1] == []


def test_every_icon_exists() -> None:
    assert {spec.icon for spec in SPECS} - {""} <= set(assets.icon_names())


def test_only_what_makes_sense_is_enabled(actions: Actions) -> None:
    assert actions["open"].isEnabled()
    assert not actions["restore"].isEnabled()
    actions.set_facts({"database", "entry", "version", "old version"})
    assert not actions["restore"].isEnabled()
    actions.set_facts({"database", "writable", "entry", "version", "old version"})
    assert actions["restore"].isEnabled()


def test_of_a_radio_group_one_is_on(actions: Actions) -> None:
    actions["view_mode"].setChecked(True)
    actions["compare_mode"].setChecked(True)
    assert not actions["view_mode"].isChecked()


def test_the_menus_hold_every_action_once(actions: Actions, qtbot: QtBot) -> None:
    shown = []
    for title in MENUS:
        menu = QMenu()
        qtbot.addWidget(menu)
        actions.menu(title, menu)
        assert not menu.actions()[0].isSeparator()
        shown += [action for action in menu.actions() if not action.isSeparator()]
    assert shown == list(actions)


def test_the_palette_offers_what_is_enabled(actions: Actions) -> None:
    names = [spec.name for spec, _action in actions.runnable()]
    assert "open" in names
    assert "restore" not in names


def test_the_cheat_sheet_tells_every_shortcut(qapp: object) -> None:
    told = [text for _menu, rows in cheat_sheet() for text, _keys in rows]
    assert len(told) == sum(not spec.shortcut.isEmpty() for spec in SPECS)
    assert "Open" in told


def test_icons_are_drawn_for_those_that_have_one(actions: Actions) -> None:
    asked = []

    def icon(name: str) -> QIcon:
        asked.append(name)
        return QIcon()

    actions.set_icons(icon)
    assert asked == [spec.icon for spec in SPECS if spec.icon]


def test_tooltips_tell_the_shortcut(actions: Actions) -> None:
    assert actions["quit"].toolTip() == "Leave the browser (Ctrl+Q)"


def test_a_menu_without_shortcuts_is_not_on_the_cheat_sheet(qapp: object) -> None:
    assert all(shortcuts for _menu, shortcuts in cheat_sheet())
