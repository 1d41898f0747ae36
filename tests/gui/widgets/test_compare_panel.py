"""Two versions side by side, and the way through their differences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dbengine.diff import diff, rows
from gui.actions import Actions
from gui.edits import Comparison
from gui.widgets.compare_panel import ComparePanel

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
LEFT = {f"k{number:02}": number for number in range(60)}
RIGHT = {**LEFT, "k05": "five", "k30": "thirty", "k55": "fifty-five"}


def comparison(left: object = LEFT, right: object = RIGHT) -> Comparison:
    found = diff(left, right)
    return Comparison(
        None, Path("mine.json"), None, None, rows(found), rows(found).unfold_all(), found
    )


@pytest.fixture
def panel(qtbot: QtBot) -> ComparePanel:
    owner = QObject()
    panel = ComparePanel(Actions(owner))
    panel._owner = owner  # type: ignore[attr-defined]
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.bar)
    panel.resize(700, 400)
    panel.show()
    panel.show_comparison(comparison(), NOW, fold=True)
    return panel


def test_the_first_change_is_the_current_one(panel: ComparePanel) -> None:
    assert panel._count.text() == "3 changes"
    assert panel._where.text() == "1 of 3"


def test_after_the_last_change_comes_the_first(panel: ComparePanel) -> None:
    seen = []
    for step in (panel.next, panel.next, panel.next, panel.previous):
        step()
        seen.append(panel._where.text())
    assert seen == ["2 of 3", "3 of 3", "1 of 3", "3 of 3"]


def test_unfolding_keeps_the_current_change(panel: ComparePanel) -> None:
    panel.next()
    folded = panel.view.row_count()
    panel.set_folded(False)
    assert panel.view.row_count() > folded
    assert panel.current == 1
    assert "30" in panel.view.row_text(panel.view.current_row())
    panel.set_folded(True)
    assert panel.view.row_count() == folded


def test_equal_sides_have_no_change_to_go_to(qtbot: QtBot, panel: ComparePanel) -> None:
    with qtbot.waitSignal(panel.path_selected) as told:
        panel.show_comparison(comparison(LEFT, LEFT), NOW, fold=True)
    assert told.args == [None]
    assert panel._count.text() == "No changes"
    panel.next()
    panel.previous()
    assert panel.current == -1


def test_sides_that_are_no_versions_are_named(panel: ComparePanel) -> None:
    assert panel._a._title.text() == "Nothing"
    assert panel._b._title.text() == "mine.json"


def test_a_click_or_a_key_on_a_side_asks_for_another(qtbot: QtBot, panel: ComparePanel) -> None:
    with qtbot.waitSignal(panel.side_clicked) as clicked:
        QTest.mouseClick(panel.chip("a"), Qt.MouseButton.LeftButton)
    assert clicked.args == ["a"]
    with qtbot.waitSignal(panel.side_clicked) as clicked:
        QTest.keyClick(panel.chip("b"), Qt.Key.Key_Space)
    assert clicked.args == ["b"]


def test_cleared_it_has_nothing_to_go_through(panel: ComparePanel) -> None:
    panel.clear()
    assert panel.comparison is None
    assert panel._where.text() == ""
    panel.set_folded(False)
    panel.next()


def test_what_is_compared_is_told(qtbot: QtBot, panel: ComparePanel) -> None:
    with qtbot.waitSignal(panel.compared) as told:
        panel.show_comparison(replace(comparison(), a=None), NOW, fold=False)
    assert told.args == [None, None]


def first_part(of: Comparison, rows_shown: int) -> Comparison:
    """The comparison as it is before all of its rows are laid out."""
    shown = rows(of.diff).first(rows_shown)
    return replace(of, rows=shown, unfolded=shown.unfold_all(), whole=False)


MANY = {f"k{number:05}": {"a": number, "b": [number]} for number in range(4_000)}
FEW_CHANGED = {key: {**item, "a": -1} for key, item in MANY.items()}


def test_the_rest_of_a_large_comparison_comes_where_one_is(panel: ComparePanel) -> None:
    whole = comparison(MANY, FEW_CHANGED)
    panel.show_comparison(first_part(whole, 100), NOW, fold=True)
    assert panel._where.text() == "1 of 4,000"
    panel.next()
    panel.view.verticalScrollBar().setValue(40)
    before, row = panel.view.row_count(), panel.view.current_row()
    panel.show_rest(whole)
    assert panel.view.row_count() > before
    assert panel._where.text() == "2 of 4,000"
    assert (panel.view.current_row(), panel.view.current_change()) == (row, 1)
    assert panel.view.verticalScrollBar().value() == 40
    panel.previous()
    panel.previous()
    assert panel._where.text() == "4,000 of 4,000"


def test_before_the_rest_is_there_one_walks_through_what_is(panel: ComparePanel) -> None:
    begun = first_part(comparison(MANY, FEW_CHANGED), 100)
    reached = len(begun.rows.starts)
    panel.show_comparison(begun, NOW, fold=True)
    panel.previous()
    assert panel.current == reached - 1 < len(begun.changes) - 1
    panel.next()
    assert panel.current == 0


def test_the_rest_of_what_is_no_longer_shown_is_not_wanted(panel: ComparePanel) -> None:
    other = comparison(MANY, FEW_CHANGED)
    before = panel.comparison
    panel.show_rest(other)
    assert panel.comparison is before
    panel.clear()
    panel.show_rest(other)
    assert panel.comparison is None
