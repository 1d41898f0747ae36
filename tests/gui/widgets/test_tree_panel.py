"""Tenants and entries in a tree, with a filter that asks the store."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTreeView
from pytestqt.qtbot import QtBot

from dbengine import DbEngine
from gui.models.tree_model import TreeModel
from gui.session import Session
from gui.theme import LIGHT, theme
from gui.widgets.tree_panel import TreePanel


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> TreePanel:
    model = TreeModel(session)
    panel = TreePanel(model)
    panel._kept = model  # type: ignore[attr-defined]
    qtbot.addWidget(panel)
    panel.show()
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 2)
    return panel


def shows(qtbot: QtBot, panel: TreePanel, tenant: str, entry: str) -> None:
    qtbot.waitUntil(lambda: panel._model.find(tenant, entry).isValid())


def current(panel: TreePanel) -> str | None:
    found: str | None = panel.tree.currentIndex().data()
    return found


def click(panel: TreePanel, tenant: str, entry: str | None = None) -> None:
    rect = panel.tree.visualRect(panel._model.find(tenant, entry))
    viewport = panel.tree.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=rect.center())


def test_a_click_on_a_tenant_opens_it(qtbot: QtBot, panel: TreePanel) -> None:
    with qtbot.waitSignal(panel.tenant_chosen) as chosen:
        click(panel, "acme")
    assert chosen.args == ["acme"]
    shows(qtbot, panel, "acme", "users")
    assert panel.tree.isExpanded(panel._model.find("acme"))


def test_a_click_on_an_entry_chooses_it(qtbot: QtBot, panel: TreePanel) -> None:
    panel.expand("acme")
    shows(qtbot, panel, "acme", "users")
    with qtbot.waitSignal(panel.entry_chosen) as chosen:
        click(panel, "acme", "users")
    assert chosen.args == ["acme", "users"]


def test_the_arrow_keys_choose(qtbot: QtBot, panel: TreePanel) -> None:
    panel.expand("acme")
    shows(qtbot, panel, "acme", "users")
    panel.tree.setCurrentIndex(panel._model.find("acme"))
    with qtbot.waitSignal(panel.entry_chosen) as chosen:
        QTest.keyClick(panel.tree, Qt.Key.Key_Down)
    assert chosen.args == ["acme", "config"]


def test_where_one_is_is_marked_and_nobody_is_told(qtbot: QtBot, panel: TreePanel) -> None:
    with qtbot.assertNotEmitted(panel.entry_chosen):
        panel.show_chosen("globex", "users")
        qtbot.waitUntil(lambda: current(panel) == "users")
    panel.show_chosen(None, None)
    assert current(panel) is None


def test_an_entry_that_vanishes_leaves_no_mark_and_chooses_no_other(
    qtbot: QtBot, panel: TreePanel, session: Session, root: Path
) -> None:
    panel.show_chosen("acme", "config")
    qtbot.waitUntil(lambda: current(panel) == "config")
    with DbEngine(root, durability="off") as db:
        db.delete("acme", "lena", "config")
    with qtbot.assertNotEmitted(panel.entry_chosen), qtbot.waitSignal(session.heads_moved):
        session._following.look()
    assert not panel._model.find("acme", "config").isValid()


def test_a_filter_shows_what_has_it_in_its_name(qtbot: QtBot, panel: TreePanel) -> None:
    panel.filter_field.setText("conf")
    qtbot.waitUntil(lambda: panel._model.rowCount() == 1)
    assert panel.tree.isExpanded(panel._model.find("acme"))
    assert panel._model.find("acme", "config").isValid()
    panel.filter_field.clear()
    qtbot.waitUntil(lambda: panel._model.rowCount() == 2)


def test_a_filter_that_finds_nothing_says_so(qtbot: QtBot, panel: TreePanel) -> None:
    panel.filter_field.setText("nowhere")
    qtbot.waitUntil(panel._nothing.isVisible)
    panel.filter_field.clear()
    qtbot.waitUntil(lambda: not panel._nothing.isVisible())


def test_down_leads_from_the_filter_into_the_tree(qtbot: QtBot, panel: TreePanel) -> None:
    panel.activateWindow()
    panel.filter_field.setFocus()
    QTest.keyClick(panel.filter_field, Qt.Key.Key_Down)
    qtbot.waitUntil(panel.tree.hasFocus)


@pytest.mark.parametrize("name", ["n" * 500, "two\nlines", "עברית", "<b>x</b>", "🎉", "a/b"])
def test_every_name_can_be_painted(
    qtbot: QtBot, panel: TreePanel, session: Session, root: Path, name: str
) -> None:
    with DbEngine(root, durability="off") as db:
        db.save("acme", "ana", name, {})
    panel._model.reload()
    panel.show_chosen("acme", name)
    qtbot.waitUntil(lambda: current(panel) == name)
    assert not panel.grab().isNull()


def test_markup_in_a_name_is_not_taken_for_markup_in_its_tooltip(
    qtbot: QtBot, panel: TreePanel, root: Path
) -> None:
    with DbEngine(root, durability="off") as db:
        db.save("acme", "ana", "<b>x</b>", {})
    panel._model.reload()
    panel.expand("acme")
    shows(qtbot, panel, "acme", "<b>x</b>")
    index = panel._model.find("acme", "<b>x</b>")
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "&lt;b&gt;x&lt;/b&gt;"


def test_the_row_that_has_the_keyboard_is_outlined(qtbot: QtBot, panel: TreePanel) -> None:
    panel.activateWindow()
    panel.tree.setCurrentIndex(panel._model.find("acme"))
    panel.tree.setFocus()
    qtbot.waitUntil(panel.tree.hasFocus)
    corner = panel.tree.visualRect(panel._model.find("acme")).topRight() - QPoint(1, 0)
    outlined = panel.tree.viewport().grab().toImage().pixelColor(corner)
    panel.filter_field.setFocus()
    qtbot.waitUntil(panel.filter_field.hasFocus)
    assert panel.tree.viewport().grab().toImage().pixelColor(corner) != outlined


def test_a_right_click_asks_for_a_menu(qtbot: QtBot, panel: TreePanel) -> None:
    assert isinstance(panel.tree, QTreeView)
    with qtbot.waitSignal(panel.menu_wanted):
        panel.tree.customContextMenuRequested.emit(panel.tree.rect().center())


def test_the_frame_of_the_keyboard_is_round_the_whole_row(
    qtbot: QtBot, panel: TreePanel, qapp: QApplication
) -> None:
    theme().apply(qapp, "light")
    panel.expand("acme")
    shows(qtbot, panel, "acme", "users")
    panel.activateWindow()
    panel.tree.setFocus()
    panel.tree.setCurrentIndex(panel._model.find("acme", "users"))
    row = panel.tree.visualRect(panel._model.find("acme", "users"))
    edge = panel.tree.viewport().grab().toImage().pixelColor(0, row.center().y())
    assert edge.name() == LIGHT.accent
