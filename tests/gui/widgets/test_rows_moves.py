"""A moved item stands at two places, which are joined, and one can go from one to the other."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dbengine.diff import diff, rows
from gui.models.noted import Noted
from gui.theme import LIGHT, theme
from gui.widgets.rows_moves import ends_of
from gui.widgets.rows_view import RowsView

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

BEFORE = [{"id": at, "name": f"item {at}"} for at in range(12)]
AFTER = [BEFORE[9], *BEFORE[:9], *BEFORE[10:]]


def compared(left: Any, right: Any) -> Noted:
    found = diff(left, right)
    return Noted(rows(found), found)


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> RowsView:
    theme().apply(qapp, "light")
    view = RowsView(panes=2)
    qtbot.addWidget(view)
    view.resize(814, 900)
    view.show()
    view.set_source(compared(BEFORE, AFTER))
    return view


def moved_rows(view: RowsView) -> tuple[list[int], list[int]]:
    """The rows of the moved item in the left and in the right pane."""
    source = view.source()
    assert source is not None
    moved = [at for at in range(len(source)) if source[at].kind == "moved"]
    return (
        [at for at in moved if source[at].right is None],
        [at for at in moved if source[at].left is None],
    )


def is_joined(view: RowsView) -> bool:
    """Whether the divide has the colour of moves halfway between both ends."""
    (old, *_), (new, *_) = moved_rows(view)
    middle = (view.row_rect(old).center().y() + view.row_rect(new).center().y()) // 2
    divide = view.pane_edges()[1][1]
    image = view.viewport().grab(QRect(divide - 2, middle, 4, 1)).toImage()
    return LIGHT.moved in {image.pixelColor(x, 0).name() for x in range(4)}


def test_a_moved_item_begins_at_two_rows(view: RowsView) -> None:
    old, new = moved_rows(view)
    source = view.source()
    assert source is not None
    for at in (*old, *new):
        assert ends_of(source, source[at]) == (old[0], new[0])


def test_what_was_not_moved_has_no_ends(view: RowsView) -> None:
    source = view.source()
    assert source is not None
    assert ends_of(source, source[0]) is None
    view.go_to_row(0)
    assert view.other_end == -1


def test_a_key_that_only_stands_elsewhere_in_its_dict_has_no_ends() -> None:
    source = compared({"a": 1, "b": 2, "c": 3}, {"c": 3, "a": 1, "b": 9})
    assert "moved" in {row.kind for row in source}
    assert all(ends_of(source, row) is None for row in source)


def test_one_goes_from_where_it_was_to_where_it_is_and_back(view: RowsView) -> None:
    old, new = moved_rows(view)
    view.go_to_row(old[1])
    view.go_to_other_end()
    assert (view.current_row(), view.current_side()) == (new[0], "right")
    view.go_to_other_end()
    assert (view.current_row(), view.current_side()) == (old[0], "left")


def test_elsewhere_there_is_no_other_end_to_go_to(view: RowsView) -> None:
    view.go_to_row(0)
    view.go_to_other_end()
    assert view.current_row() == 0


def test_both_ends_are_joined_only_while_one_is_at_the_move(view: RowsView) -> None:
    view.go_to_row(0)
    assert not is_joined(view)
    view.go_to_row(moved_rows(view)[1][0])
    assert is_joined(view)


def test_they_stay_joined_when_a_fold_between_them_is_opened(view: RowsView) -> None:
    view.go_to_row(moved_rows(view)[1][0])
    source = view.source()
    assert source is not None
    fold = next(at for at in range(len(source)) if source[at].kind == "fold")
    view.toggle(fold)
    assert is_joined(view)
    assert view.other_end == moved_rows(view)[0][0]


def test_an_end_that_is_far_out_of_view_is_joined_as_well(view: RowsView) -> None:
    before = [{"id": at, "text": f"{at}"} for at in range(20_000)]
    source = compared(before, [*before[1:], before[0]])
    view.set_source(Noted(source._rows.unfold_all(), source._found))  # type: ignore[attr-defined]
    view.go_to_row(moved_rows(view)[0][0])
    assert view.other_end == moved_rows(view)[1][0] > 50_000
    divide = view.pane_edges()[1][1]
    bottom = view.viewport().height() - 1
    image = view.viewport().grab(QRect(divide - 2, bottom, 4, 1)).toImage()
    assert LIGHT.moved in {image.pixelColor(x, 0).name() for x in range(4)}
