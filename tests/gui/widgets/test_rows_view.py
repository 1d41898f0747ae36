"""The view of rows: what it paints, how it scrolls, and how mouse and keyboard work it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dbengine import pretty
from dbengine.diff import Line, Row, diff, rows
from gui.models.document import Document
from gui.theme import DARK, LIGHT, theme
from gui.widgets.panes import ROW_HEIGHT
from gui.widgets.rows_view import RowsView

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
"""What the offscreen platform says of every window that has a smallest size."""

TEXT_AT = 60
"""Where text begins: gutter and sign column."""


class Counting:
    """A source of any length that remembers which rows it was asked for."""

    starts: tuple[int, ...] = ()
    marks: tuple[tuple[int, str], ...] = ()

    def __init__(self, length: int) -> None:
        self.length = length
        self.asked: set[int] = set()

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Row:
        self.asked.add(index)
        line = Line(index + 1, 0, f'"row": {index}', (), ("row", index))
        return Row("equal", line, line)

    def toggle(self, _index: int) -> Counting:
        return self


class Fixed(list[Row]):
    """Rows as they are; a fold opens into the rows that were given for it."""

    def __init__(self, items: Sequence[Row], hidden: Sequence[Row] = ()) -> None:
        super().__init__(items)
        self.hidden = hidden

    @property
    def starts(self) -> list[int]:
        changes = [row.change for row in self]
        return [changes.index(change) for change in sorted({one for one in changes if one >= 0})]

    @property
    def marks(self) -> list[tuple[int, str]]:
        return [(at, row.kind) for at, row in enumerate(self) if row.change >= 0]

    def toggle(self, index: int) -> Fixed:
        return Fixed([*self[:index], *self.hidden, *self[index + 1 :]])


def line(number: int, text: str, **more: object) -> Line:
    return Line(number, 1, text, **{"marks": (), "path": (text,), **more})  # type: ignore[arg-type]


def equal(number: int) -> Row:
    return Row("equal", line(number, f'"same": {number}'), line(number, f'"same": {number}'))


FOLD = Row("fold", None, None, -1, "9 records unchanged", 9)
ADDED = Row("added", None, line(2, '"new": 1', hint="+1"), 0)
REMOVED = Row("removed", line(2, '"old": 1'), None, 1)
CHANGED = Row(
    "changed",
    line(3, '"city": "UK"', marks=((9, 11),)),
    line(3, '"city": "United"', marks=((9, 15),)),
    2,
)
MOVED = Row("moved", None, line(4, '"here": 1', moved="up"), 3)
EXAMPLE = Fixed([FOLD, equal(1), ADDED, REMOVED, CHANGED, MOVED, equal(5)], [equal(8), equal(9)])


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    theme().apply(qapp, "light")
    yield
    theme().apply(qapp, "light")


@pytest.fixture
def view(qtbot: QtBot) -> RowsView:
    return shown(qtbot, RowsView(panes=2))


def shown(qtbot: QtBot, view: RowsView) -> RowsView:
    qtbot.addWidget(view)
    view.resize(814, 440)
    view.show()
    view.activateWindow()
    view.setFocus()
    return view


def painted(view: RowsView) -> QImage:
    return view.viewport().grab().toImage()


def background(view: RowsView, row: int, side: str) -> str:
    """The colour at the end of that row, where no text is."""
    right = next(right for name, _, right in view.pane_edges() if name == side)
    return painted(view).pixelColor(right - 30, view.row_rect(row).top() + 2).name()


def colors_in(view: RowsView, area: QRect) -> set[str]:
    image = painted(view).copy(area)
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_only_what_is_in_view_is_asked_for(view: RowsView) -> None:
    source = Counting(5_000_000)
    view.set_source(source)
    painted(view)
    assert len(source.asked) < 60
    view.go_to_row(4_000_000)
    painted(view)
    assert 4_000_000 in view.visible_rows()
    assert len(source.asked) < 120


def test_each_kind_has_its_background_and_a_blank_side_is_hatched(view: RowsView) -> None:
    view.set_source(EXAMPLE)
    assert background(view, 2, "right") == LIGHT.added_back
    assert background(view, 3, "left") == LIGHT.removed_back
    assert background(view, 4, "left") == background(view, 4, "right") == LIGHT.changed_back
    assert background(view, 5, "right") == LIGHT.moved_back
    assert background(view, 0, "left") == LIGHT.fold
    assert background(view, 1, "left") == LIGHT.panel
    blank = colors_in(view, view.row_rect(2).adjusted(100, 0, -500, 0))
    assert {LIGHT.fold, LIGHT.panel} <= blank


def test_the_sign_stands_beside_the_colour(view: RowsView) -> None:
    view.set_source(EXAMPLE)
    sign = view.row_rect(4).adjusted(44, 0, 0, 0)
    sign.setWidth(16)
    assert LIGHT.changed in colors_in(view, sign)


def test_changed_words_are_marked(view: RowsView) -> None:
    view.set_source(EXAMPLE)
    assert LIGHT.changed_mark in colors_in(view, view.row_rect(4))
    assert LIGHT.changed_mark not in colors_in(view, view.row_rect(1))


def test_the_current_change_has_a_bar_on_both_sides(view: RowsView) -> None:
    view.set_source(EXAMPLE)
    view.set_current_change(2)
    for _, left, _ in view.pane_edges():
        y = view.row_rect(4).center().y()
        assert painted(view).pixelColor(left + 1, y + 6).name() == LIGHT.accent
    assert view.current_row() == 4
    view.set_current_change(-1)
    assert view.current_change() == -1


def test_the_view_turns_dark_with_the_theme(view: RowsView, qapp: QApplication) -> None:
    view.set_source(EXAMPLE)
    theme().apply(qapp, "dark")
    assert background(view, 4, "left") == DARK.changed_back
    assert background(view, 1, "left") == DARK.panel


def test_what_is_shown_stays_until_something_else_comes(view: RowsView) -> None:
    view.set_source(EXAMPLE)
    view.go_to_row(5)
    view.set_source(Counting(4), keep_position=True)
    assert view.current_row() == 3
    view.set_source(None)
    assert view.current_row() == -1
    assert background(view, 0, "left") == LIGHT.panel


def test_a_click_opens_a_fold(view: RowsView, qtbot: QtBot) -> None:
    view.set_source(EXAMPLE)
    with qtbot.waitSignal(view.source_changed):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 10))
    assert view.row_count() == len(EXAMPLE) + 1


def test_enter_opens_a_fold_and_activates_other_rows(view: RowsView, qtbot: QtBot) -> None:
    view.set_source(EXAMPLE)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert view.row_count() == len(EXAMPLE) + 1
    with qtbot.waitSignal(view.row_activated) as activated:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert activated.args == [0]


def test_a_double_click_activates_a_row(view: RowsView, qtbot: QtBot) -> None:
    view.set_source(EXAMPLE)
    with qtbot.waitSignal(view.row_activated) as activated:
        place = view.row_rect(4).center()
        qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place + QPoint(50, 0))
    assert activated.args == [4]


def test_the_arrow_keys_walk_and_keep_the_row_in_view(view: RowsView, qtbot: QtBot) -> None:
    view.set_source(Counting(1_000))
    for key, row in (
        (Qt.Key.Key_Down, 1),
        (Qt.Key.Key_End, 999),
        (Qt.Key.Key_Up, 998),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Up, 0),
    ):
        qtbot.keyClick(view, key)
        assert view.current_row() == row
        assert row in view.visible_rows()


def test_a_page_is_what_is_in_view(view: RowsView, qtbot: QtBot) -> None:
    view.set_source(Counting(1_000))
    page = view.viewport().height() // ROW_HEIGHT - 1
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert view.current_row() == page
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    assert view.current_row() == 0


def test_shift_chooses_rows_and_copy_takes_their_text(view: RowsView, qtbot: QtBot) -> None:
    view.set_source(EXAMPLE)
    view.go_to_row(1)
    qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert view.selected_rows() == range(1, 4)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == '  "same": 1\n  "old": 1'
    assert background(view, 1, "left") == LIGHT.selection


def test_control_and_an_arrow_take_the_other_side(view: RowsView, qtbot: QtBot) -> None:
    view.set_source(EXAMPLE)
    view.go_to_row(4)
    with qtbot.waitSignal(view.path_selected) as selected:
        qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert selected.args == [('"city": "United"',)]
    assert view.current_side() == "right"
    assert view.selected_text() == '  "city": "United"'


def test_a_click_says_what_path_it_is_on(view: RowsView, qtbot: QtBot) -> None:
    view.set_source(EXAMPLE)
    with qtbot.waitSignals([view.path_selected, view.current_changed]):
        place = view.row_rect(2).center() + QPoint(50, 0)
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.path_at(2, "right") == ('"new": 1',)
    assert view.path_at(2, "left") is None


def test_hovering_says_the_path_and_leaving_says_none(view: RowsView, qtbot: QtBot) -> None:
    view.set_source(EXAMPLE)
    with qtbot.waitSignal(view.path_hovered) as hovered:
        qtbot.mouseMove(view.viewport(), view.row_rect(4).center() + QPoint(-200, 0))
    assert hovered.args == [('"city": "UK"',)]


def test_the_divide_can_be_dragged_and_put_back(view: RowsView, qtbot: QtBot) -> None:
    view.set_source(EXAMPLE)
    middle = view.pane_edges()[1][1]
    port = view.viewport()
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(middle, 100))
    qtbot.mouseMove(port, QPoint(200, 100))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert view.pane_edges()[1][1] == pytest.approx(200, abs=1)
    qtbot.mouseDClick(port, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert view.pane_edges()[1][1] == pytest.approx(middle, abs=1)


def test_a_huge_line_is_painted_as_far_as_it_is_seen(qtbot: QtBot) -> None:
    view = shown(qtbot, RowsView())
    view.set_source(Document(orjson.dumps({"blob": "x" * 2_000_000})))
    painted(view)
    qtbot.waitUntil(lambda: view.horizontalScrollBar().maximum() > 1_000_000)
    view.horizontalScrollBar().setValue(5_000_000)
    assert LIGHT.string in colors_in(view, view.row_rect(0))
    view.set_source(Document(orjson.dumps({"blob": "é█" * 250_000})))
    assert LIGHT.string in colors_in(view, view.row_rect(0))


def test_both_sides_scroll_sideways_together(view: RowsView, qtbot: QtBot) -> None:
    wide = line(1, '"long": "' + "word " * 100 + '"')
    view.set_source(Fixed([Row("equal", wide, wide)]))
    painted(view)
    qtbot.waitUntil(lambda: view.horizontalScrollBar().maximum() > 0)
    before = painted(view)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.horizontalScrollBar().value() > 0
    assert painted(view) != before


@pytest.mark.parametrize(
    "text", ['"日本語": "שלום 🎉"', '"a\u2028b"', '"\u202eevil"', "", '"' + "\u0301" * 50]
)
def test_any_text_can_be_painted(view: RowsView, text: str) -> None:
    marked = line(1, text, marks=((0, len(text)),))
    view.set_source(Fixed([Row("changed", marked, marked, 0)]))
    assert background(view, 0, "left") == LIGHT.changed_back


def test_a_character_that_turns_the_writing_round_is_a_dot(qtbot: QtBot) -> None:
    view = shown(qtbot, RowsView())
    view.set_source(Fixed([Row("equal", line(1, '"\u202eab"'), None)]))
    disguised = painted(view)
    view.set_source(Fixed([Row("equal", line(1, '"·ab"'), None)]))
    assert painted(view) == disguised


def test_the_ruler_jumps(view: RowsView) -> None:
    view.set_source(Counting(10_000))
    view.ruler.jumped.emit(0.5)
    assert 5_000 in view.visible_rows()


def test_a_menu_is_asked_for_at_the_row_and_side(view: RowsView, qtbot: QtBot) -> None:
    from PySide6.QtGui import QContextMenuEvent

    view.set_source(EXAMPLE)
    place = view.row_rect(4).center() + QPoint(100, 0)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, place)
    with qtbot.waitSignal(view.context_requested) as asked:
        QApplication.sendEvent(view.viewport(), event)
    assert asked.args is not None
    assert (asked.args[0], asked.args[2]) == (4, "right")


def test_a_document_folds_at_its_chevron(qtbot: QtBot) -> None:
    view = shown(qtbot, RowsView())
    doc = Document(orjson.dumps({"a": {"b": 1}, "c": 2}, option=orjson.OPT_INDENT_2))
    view.set_source(doc)
    place = QPoint(50, view.row_rect(1).center().y())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.row_count() == len(doc) - 2
    assert view.path_at(1, "left") == ("a",)
    assert view.path_at(2, "left") == ("c",)


def test_a_comparison_of_the_engine_can_be_shown(view: RowsView, qtbot: QtBot) -> None:
    old = {f"r{number}": {"name": f"n{number}", "price": number} for number in range(200)}
    new = {**old, "r100": {"name": "other", "price": 100}, "new": {"name": "x"}}
    source = rows(diff(old, new), noun="records")
    view.set_source(source)
    view.set_current_change(0)
    assert view.current_row() == source.starts[0]
    fold = next(at for at in range(len(source)) if source[at].kind == "fold")
    assert view.toggle(fold)
    assert view.row_count() > len(source)
    assert not painted(view).isNull()


def test_there_is_nothing_to_do_without_rows(view: RowsView, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_End, Qt.Key.Key_Right):
        qtbot.keyClick(view, key)
    assert view.selected_text() == ""
    assert view.path_at(0, "left") is None
    assert not view.toggle(0)


def access(view: RowsView) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(view)


def test_rows_are_read_aloud_as_a_list(view: RowsView) -> None:
    view.set_source(EXAMPLE)
    interface = access(view)
    assert interface.role() == QAccessible.Role.List
    assert interface.text(QAccessible.Text.Name) == "Comparison"
    assert interface.childCount() == len(EXAMPLE)
    names = [interface.child(row).text(QAccessible.Text.Name) for row in range(len(EXAMPLE))]
    assert names[0] == "Folded: 9 records unchanged"
    assert names[1] == 'line 1 "same": 1'
    assert names[2] == 'Added: line 2 "new": 1 +1'
    assert names[4] == 'Changed: line 3 "city": "UK", now line 3 "city": "United"'


def test_the_current_row_is_the_value_of_the_list(view: RowsView) -> None:
    view.set_source(EXAMPLE)
    view.go_to_row(3)
    assert access(view).text(QAccessible.Text.Value) == 'Removed: line 2 "old": 1'
    assert access(view).child(3).role() == QAccessible.Role.ListItem


def test_a_row_knows_where_it_is_on_the_screen(view: RowsView) -> None:
    view.set_source(EXAMPLE)
    interface = access(view)
    rect = interface.child(2).rect()
    assert rect.height() == ROW_HEIGHT
    found = interface.childAt(rect.center().x(), rect.center().y())
    assert interface.indexOfChild(found) == 2


LONE = Fixed(
    [
        Row("moved", None, line(1, "{", moved="up"), 0),
        Row("fold", None, None, 0, "3 keys unchanged", 3, 3, "keys"),
        Row("moved", None, line(5, "}", moved="up"), 0),
        FOLD,
    ]
)
"""An item that only the right side has here, with a fold in it and one after it."""


def test_a_fold_in_an_item_of_one_side_is_on_that_side_only(view: RowsView) -> None:
    view.set_source(LONE)
    label = view.row_rect(1).adjusted(60, 4, -500, -4)
    blank = colors_in(view, label)
    assert {LIGHT.fold, LIGHT.panel} <= blank
    assert LIGHT.dim not in blank
    view.set_source(Fixed([Row("moved", line(1, "{"), None, 0), *LONE[1:]]))
    assert LIGHT.panel not in colors_in(view, label)
    assert LIGHT.panel not in colors_in(view, view.row_rect(3).adjusted(60, 4, -500, -4))


def test_walking_to_a_change_of_the_other_side_turns_to_it(view: RowsView, qtbot: QtBot) -> None:
    view.set_source(EXAMPLE)
    with qtbot.waitSignal(view.path_selected) as selected:
        view.set_current_change(0)
    assert (view.current_side(), selected.args) == ("right", [('"new": 1',)])
    view.set_current_change(2)
    assert view.current_side() == "right"
    view.set_current_change(1)
    assert view.current_side() == "left"


def test_walking_to_a_change_shows_where_in_a_long_line_it_is(view: RowsView) -> None:
    words = '"' + "word " * 200 + '"'
    here, there = (line(2, words, marks=((start, start + 4),)) for start in (701, 706))
    near = line(1, words, marks=((6, 10),))
    view.set_source(Fixed([Row("changed", near, near, 0), Row("changed", here, there, 1)]))
    view.set_current_change(1)
    assert view.horizontalScrollBar().value() > 0
    assert LIGHT.changed_mark in colors_in(view, view.row_rect(1))
    view.set_current_change(0)
    assert view.horizontalScrollBar().value() == 0


def test_what_is_sought_is_marked_wherever_it_stands(qtbot: QtBot) -> None:
    view = shown(qtbot, RowsView())
    view.set_source(Document(pretty({"a": "Aniseed", "b": "aniseed", "c": "Äniseed"})))
    assert LIGHT.accent_mark not in colors_in(view, view.viewport().rect())
    view.set_sought("ANISEED")
    view.go_to_row(2)
    hits = [LIGHT.accent_mark in colors_in(view, view.row_rect(row)) for row in range(5)]
    assert hits == [False, True, True, False, False]
    assert background(view, 2, "left") == LIGHT.selection
    view.set_sought("")
    assert LIGHT.accent_mark not in colors_in(view, view.viewport().rect())
    assert background(view, 2, "left") == LIGHT.panel


def test_a_hit_far_along_a_huge_line_is_marked_when_it_is_seen(qtbot: QtBot) -> None:
    view = shown(qtbot, RowsView())
    view.set_source(Document(pretty({"blob": "x" * 500_000 + "needle" + "x" * 500_000})))
    painted(view)
    qtbot.waitUntil(lambda: view.horizontalScrollBar().maximum() > 1_000_000)
    view.set_sought("needle")
    assert LIGHT.accent_mark not in colors_in(view, view.row_rect(1))
    view.horizontalScrollBar().setValue(round(500_000 * view._painter.column))
    assert LIGHT.accent_mark in colors_in(view, view.row_rect(1))
