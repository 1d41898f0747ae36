"""The content of one version, with a bar to find something in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dbengine import Info, pretty
from gui.models.document import Document
from gui.theme import theme
from gui.widgets.view_panel import ViewPanel

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)


def info(seq: int = 1, entry: str = "users") -> Info:
    return Info(
        tenant="acme", entry=entry, digest=f"{seq:064}", parent="p", user="ana",
        date="20260309 07:00:00", seq=seq, note="Why", action="put", form="records",
        added=1, changed=0, removed=0, keys=("john",), size=10, count=1,
    )  # fmt: skip


def document(value: object) -> Document:
    return Document(pretty(value))


@pytest.fixture
def panel(qtbot: QtBot) -> ViewPanel:
    panel = ViewPanel()
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.bar)
    panel.resize(500, 400)
    panel.show()
    panel.show_document(info(), document({"a": "one", "b": ["two", "one"]}), NOW)
    return panel


def finds(panel: ViewPanel, text: str) -> str:
    panel.find_field.setText(text)
    panel.find_again(backward=False)
    return panel.view.row_text(panel.view.current_row())


def test_a_version_is_named_with_who_and_what(panel: ViewPanel) -> None:
    assert panel._title.text() == "Version 1 — Why"
    assert panel._when.text().startswith("ana · ")
    assert panel._when.text().endswith("+1")
    assert panel.info == info()


def test_what_is_found_is_where_one_is_then(panel: ViewPanel) -> None:
    panel.start_find()
    assert "two" in finds(panel, "two")
    panel.find_again(backward=False)
    assert panel._find._said.text() == "From the other end"


def test_the_search_goes_both_ways_around(panel: ViewPanel) -> None:
    panel.find_field.setText("one")
    rows = []
    for backward in (False, False, True, True):
        panel.find_again(backward=backward)
        rows.append(panel.view.current_row())
    assert rows == [1, 4, 1, 4]


def test_what_is_not_there_is_told(panel: ViewPanel) -> None:
    row = panel.view.current_row()
    finds(panel, "three")
    assert panel._find._said.text() == "Not found"
    assert panel.view.current_row() == row


def test_escape_clears_then_closes_the_search(panel: ViewPanel) -> None:
    panel.start_find()
    panel.find_field.setText("x")
    QTest.keyClick(panel.find_field, Qt.Key.Key_Escape)
    assert panel.find_field.text() == ""
    assert panel._find.isVisible()
    QTest.keyClick(panel.find_field, Qt.Key.Key_Escape)
    assert not panel._find.isVisible()


def test_another_version_is_shown_at_the_same_place(panel: ViewPanel) -> None:
    panel.view.go_to_row(3)
    panel.show_document(info(2), document({"a": "one", "b": ["zwei"]}), NOW)
    assert panel.view.current_row() == 3
    panel.show_document(info(1, "config"), document({"x": 1}), NOW)
    assert panel.view.current_row() == 0


def test_the_path_that_is_told_is_one_of_this_document(qtbot: QtBot, panel: ViewPanel) -> None:
    panel.view.go_to_row(3)
    with qtbot.waitSignal(panel.path_selected) as told:
        panel.show_document(info(2), document({"c": {"d": {"e": 1}}}), NOW)
    assert told.args == [("c", "d", "e")]
    with qtbot.waitSignal(panel.path_selected) as told:
        panel.clear()
    assert told.args == [None]


def test_nothing_is_found_in_nothing(panel: ViewPanel) -> None:
    panel.show_document(info(2), Document(b""), NOW)
    panel.find_field.setText("x")
    panel.find_again(backward=True)
    assert panel._find._said.text() == "Not found"
    panel.clear()
    panel.find_again(backward=True)
    assert panel._find._said.text() == ""


def test_what_was_found_is_marked_until_the_bar_is_closed(panel: ViewPanel) -> None:
    panel.start_find()
    finds(panel, "two")
    assert theme().color("accent_mark").name() in colours(panel)
    panel.hide()
    panel.show()
    assert theme().color("accent_mark").name() in colours(panel)
    panel._find.hide()
    assert theme().color("accent_mark").name() not in colours(panel)


def colours(panel: ViewPanel) -> set[str]:
    image = panel.view.viewport().grab().toImage()
    places = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return {image.pixelColor(x, y).name() for x, y in places}
