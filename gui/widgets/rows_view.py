"""One virtual view of rows: a document in one pane, or a comparison in two aligned ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from dbengine.diff import Line, Row

from ..texts import fold_text
from ..theme import theme
from . import rows_access
from .panes import ROW_HEIGHT, Panes
from .rows_moves import ends_of, paint_join
from .rows_paint import SIGN_WIDTH, Look, RowPainter

_KEPT_ROWS: Final = 512
_ROW_PER_PIXEL: Final = 1.7
_SCROLLED_COLUMNS: Final = 4
_SIDES: Final = ("left", "right")
_TOGGLE_KEYS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class RowSource(Protocol):
    """What the view shows: `dbengine.diff.Rows`, or anything that answers like it."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Row: ...

    def toggle(self, index: int, /) -> RowSource:
        """The same with the fold of that row opened or closed."""
        ...

    @property
    def starts(self) -> Sequence[int]:
        """The row at which each change starts."""
        ...

    @property
    def marks(self) -> Sequence[tuple[int, str]]:
        """(row, kind) of what the ruler shows."""
        ...


@runtime_checkable
class Outline(Protocol):
    """A source that folds its containers and finds paths when asked, as `Document` does."""

    def fold_state(self, row: int, /) -> str: ...

    def path_of(self, row: int, /) -> tuple[str | int, ...]: ...

    @property
    def line_count(self) -> int: ...


class RowsView(Panes):
    """Paints the rows in view, and nothing else, of a source of any length.

    Shows what it has until `set_source` brings something else. Panes scroll together, so they
    cannot drift apart.
    """

    row_activated = Signal(int)
    current_changed = Signal(int)
    path_hovered = Signal(object)
    """The path under the mouse, or None."""

    path_selected = Signal(object)
    """The path of the current row, or None on a fold or a blank side."""

    context_requested = Signal(int, QPoint, str)
    """(row, global position, side): a menu was asked for."""

    source_changed = Signal(object)
    """The user opened or closed a fold: this is the source now."""

    def __init__(self, panes: int = 1, parent: QWidget | None = None) -> None:
        rows_access.install()
        super().__init__(panes, parent)
        self._source: RowSource | None = None
        self._seen: dict[int, Row] = {}
        self._painter = RowPainter()
        self._gutter = self._painter.gutter_width(1)
        self._step = round(_SCROLLED_COLUMNS * self._painter.column)
        self._dragging = self._seeking = False
        self._current = self._anchor = -1
        self._change = -1
        self._ends: tuple[int, int] | None = None
        self._side = "left"
        self._hovered: tuple[int, str] | None = None
        self.setAccessibleName(self.tr("Comparison") if panes > 1 else self.tr("Document"))
        theme().changed.connect(self._redress)

    def source(self) -> RowSource | None:
        """What is shown."""
        return self._source

    def set_source(self, source: RowSource | None, *, keep_position: bool = False) -> None:
        """Shows something else, from its top, or from where the view is."""
        self._source, self._seen = source, {}
        self._count = len(source) if source is not None else 0
        self._hovered = None
        self._gutter = self._painter.gutter_width(self._last_number())
        self._margin = self._gutter + SIGN_WIDTH
        if not keep_position:
            self._widest, self._change = 0.0, -1
            self._current = self._anchor = 0 if self._count else -1
        self._current = min(self._current, self._count - 1)
        self._anchor = min(self._anchor, self._count - 1)
        self._ends = self._find_ends()
        marks = source.marks if source is not None else ()
        self._ruler.set_marks(marks, self._count, self._count * self._row_height)
        self._update_ranges()
        if not keep_position:
            self.verticalScrollBar().setValue(0)
            self.horizontalScrollBar().setValue(0)
        self.viewport().update()

    def set_sought(self, text: str) -> None:
        """Marks this text where it stands, and the current row as a whole; empty: no longer."""
        self._seeking = bool(text)
        self._painter.set_sought(text)
        self.viewport().update()

    def set_zoom(self, steps: int) -> None:
        """Makes text and rows larger than usual by so many pixels, or smaller."""
        self._painter.set_zoom(steps)
        self._row_height = ROW_HEIGHT + round(steps * _ROW_PER_PIXEL)
        self._step = round(_SCROLLED_COLUMNS * self._painter.column)
        self._widest = 0.0
        self.set_source(self._source, keep_position=True)

    def current_row(self) -> int:
        """The row that the keyboard is on; -1 where there are none."""
        return self._current

    def current_side(self) -> str:
        """The pane that was last clicked or chosen."""
        return self._side

    def current_change(self) -> int:
        """The change that has the bar at its edge; -1 for none."""
        return self._change

    def set_current_change(self, ordinal: int) -> None:
        """Marks that change, from 0, and brings it into view; -1 marks none."""
        self._change = ordinal
        starts = self._source.starts if self._source is not None else ()
        if 0 <= ordinal < len(starts):
            self._turn_to(starts[ordinal])
            self.go_to_row(starts[ordinal])
            self._reveal_marks(starts[ordinal])
        self.viewport().update()

    @property
    def other_end(self) -> int:
        """Where else the moved item of the current row stands: its first row there; -1 if none."""
        if self._ends is None:
            return -1
        left, right = self._ends
        return left if self._row(self._current).left is None else right

    def go_to_other_end(self) -> None:
        """From where a moved item was to where it is now, or back."""
        if (row := self.other_end) >= 0:
            self._turn_to(row)
            self.go_to_row(row)

    def go_to_row(self, row: int) -> None:
        """Makes a row the current one; centres it if it is not comfortably in view."""
        if not 0 <= row < self._count:
            return
        self._centre_on(row)
        self._set_current(row, extend=False)

    def toggle(self, row: int) -> bool:
        """Opens or closes the fold of that row; False where it has none."""
        if self._source is None or not self._can_toggle(row):
            return False
        self.set_source(self._source.toggle(row), keep_position=True)
        self.source_changed.emit(self._source)
        return True

    def selected_rows(self) -> range:
        """The current row and those chosen with it."""
        if self._current < 0:
            return range(0)
        low, high = sorted((self._current, self._anchor))
        return range(low, high + 1)

    def selected_text(self) -> str:
        """The text of the selected rows on the current side, as it is indented there."""
        texts = (self._copied(self._row(index)) for index in self.selected_rows())
        return "\n".join(text for text in texts if text is not None)

    def copy(self) -> None:
        """Puts the selected text on the clipboard."""
        QGuiApplication.clipboard().setText(self.selected_text())

    def path_at(self, row: int, side: str) -> tuple[str | int, ...] | None:
        """The path of what stands there, or None."""
        if self._source is None or not 0 <= row < self._count:
            return None
        if isinstance(self._source, Outline):
            return self._source.path_of(row)
        line = _line(self._row(row), side)
        return None if line is None else line.path

    def row_text(self, row: int) -> str:
        """The row in words, as it is read aloud."""
        return rows_access.row_text(self._row(row), self._panes)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme().color("panel"))
        widest = self._widest
        for index in self.visible_rows():
            if self.row_rect(index).intersects(event.rect()):
                widest = max(widest, self._paint_row(painter, index))
        self._paint_divide(painter)
        self._paint_join(painter)
        painter.end()
        if widest > self._widest:
            self._widest = widest
            QGuiApplication.postEvent(self, QEvent(QEvent.Type.LayoutRequest))

    def _paint_row(self, painter: QPainter, index: int) -> float:
        """Draws a row and returns the width of its widest line."""
        row, rect, look = self._row(index), self.row_rect(index), self._look(index)
        widest = 0.0
        for side, left, right in self.pane_edges():
            line = _line(row, side)
            area = QRect(left, rect.top(), right - left, self._row_height)
            painter.setClipRect(area)
            scrolled = self.horizontalScrollBar().value()
            self._painter.paint(painter, area, row, side, look, self._gutter, scrolled)
            widest = max(widest, self._painter.line_width(line) if line else 0.0)
        painter.setClipping(False)
        if look.focused:
            self._painter.paint_focus(painter, rect)
        return widest

    def _paint_join(self, painter: QPainter) -> None:
        """Joins both ends of the move that one is at, along the divide."""
        if self._ends is None:
            return
        _, divide, _ = self.pane_edges()[1]
        left, right = (self._near(self.row_rect(row).center().y()) for row in self._ends)
        paint_join(painter, divide, left, right)

    def _near(self, y: int) -> float:
        """That height, or one just out of view: Qt draws no lines of millions of pixels."""
        return min(max(y, -self._row_height), self.viewport().height() + self._row_height)

    def _look(self, index: int) -> Look:
        row = self._row(index)
        many = self._current != self._anchor or self._seeking
        return Look(
            in_change=self._change >= 0 and row.change == self._change,
            selected=many and index in self.selected_rows(),
            focused=index == self._current and self.hasFocus(),
            fold_state=self._fold_state(index),
            fold_side=self._fold_side(index),
        )

    def _fold_side(self, index: int) -> str:
        """The pane of a fold in an item that only one side has here: that of the row before it."""
        row = self._row(index)
        if row.kind != "fold" or row.change < 0 or index == 0:
            return ""
        above = self._row(index - 1)
        return "right" if above.left is None else "left" if above.right is None else ""

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position().toPoint()
        if self._on_divide(point.x()):
            self._dragging = True
            return
        row = self.row_at(point.y())
        self._side = self.side_at(point.x())
        if row >= 0:
            self._press(row, point, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self._dragging:
            self._move_divide(point.x())
        elif event.buttons() & Qt.MouseButton.LeftButton:
            row = self.row_at(point.y())
            self._set_current(self._current if row < 0 else row, extend=True)
        else:
            self._hover(point)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self._on_divide(point.x()):
            self._move_divide(self.viewport().width() / 2)
        elif (row := self.row_at(point.y())) >= 0 and self._row(row).kind != "fold":
            self.row_activated.emit(row)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        row = self._current
        at = self.row_rect(row).bottomLeft() + QPoint(self._gutter, 0)
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            row, at = self.row_at(event.pos().y()), event.pos()
            self._side = self.side_at(at.x())
        if row < 0:
            return
        if row not in self.selected_rows():
            self._set_current(row, extend=False)
        self.context_requested.emit(row, self.viewport().mapToGlobal(at), self._side)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave and self._hovered is not None:
            self._hovered = None
            self.path_hovered.emit(None)
        return super().viewportEvent(event)

    def _press(self, row: int, point: QPoint, extend: bool) -> None:
        fold = self._row(row).kind == "fold" and not extend
        self._set_current(row, extend=extend)
        left = next(left for side, left, _ in self.pane_edges() if side == self._side)
        on_chevron = 0 <= point.x() - left - self._gutter < SIGN_WIDTH
        if fold or (on_chevron and self._fold_state(row)):
            self.toggle(row)

    def _hover(self, point: QPoint) -> None:
        row, side = self.row_at(point.y()), self.side_at(point.x())
        self.viewport().setCursor(self._cursor_at(point.x(), row))
        if self._hovered != (row, side):
            self._hovered = (row, side)
            self.path_hovered.emit(self.path_at(row, side))

    def _cursor_at(self, x: int, row: int) -> Qt.CursorShape:
        if self._on_divide(x):
            return Qt.CursorShape.SplitHCursor
        if row >= 0 and self._row(row).kind == "fold":
            return Qt.CursorShape.PointingHandCursor
        return Qt.CursorShape.ArrowCursor

    # The keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        target = self._target(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif target is not None and self._count:
            self._move_to(target, extend)
        elif event.key() in _TOGGLE_KEYS and self._current >= 0:
            if not self.toggle(self._current):
                self.row_activated.emit(self._current)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go_sideways(event.key() == Qt.Key.Key_Right, control)
        else:
            super().keyPressEvent(event)

    def _target(self, key: Qt.Key) -> int | None:
        """The row that a key leads to, before it is kept within the rows."""
        page = max(1, self.viewport().height() // self._row_height - 1)
        return {
            Qt.Key.Key_Up: self._current - 1,
            Qt.Key.Key_Down: self._current + 1,
            Qt.Key.Key_PageUp: self._current - page,
            Qt.Key.Key_PageDown: self._current + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self._count - 1,
        }.get(key)

    def _move_to(self, row: int, extend: bool) -> None:
        row = min(self._count - 1, max(0, row))
        self._set_current(row, extend=extend)
        self._scroll_to(row)

    def _go_sideways(self, right: bool, to_pane: bool) -> None:
        """Scrolls, or with Ctrl makes the other pane the current one."""
        if to_pane and self._panes > 1:
            self._side = "right" if right else "left"
            self._set_current(self._current, extend=False)
            return
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() + (self._step if right else -self._step))

    def _set_current(self, row: int, *, extend: bool) -> None:
        moved = row != self._current
        self._current = row
        if not extend:
            self._anchor = row
        self._ends = self._find_ends()
        self.viewport().update()
        if moved:
            rows_access.announce(self, row)
            self.current_changed.emit(row)
        self.path_selected.emit(self.path_at(row, self._side))

    def _find_ends(self) -> tuple[int, int] | None:
        at_row = self._panes > 1 and 0 <= self._current < self._count
        return ends_of(self._source, self._row(self._current)) if at_row else None

    def _turn_to(self, row: int) -> None:
        """Makes the other pane the current one where this has nothing in that row."""
        sides = [side for side in _SIDES if _line(self._row(row), side) is not None]
        if sides and self._side not in sides:
            self._side = sides[0]

    def _reveal_marks(self, row: int) -> None:
        """Scrolls sideways no further than it takes to see where the row's change begins."""
        lines = list(_sides(self._row(row)))
        self._widest = max(self._widest, *map(self._painter.line_width, lines), 0.0)
        self._update_ranges()
        begin = min(map(self._painter.mark_start, lines), default=0.0)
        room = self._text_width()
        self.horizontalScrollBar().setValue(0 if begin < room * 0.9 else round(begin - room / 3))

    # The source

    def _row(self, index: int) -> Row:
        """The row at that place; those seen of late are kept, for making one may take time."""
        assert self._source is not None
        row = self._seen.get(index)
        if row is None:
            if len(self._seen) >= _KEPT_ROWS:
                self._seen.clear()
            row = self._seen[index] = self._source[index]
        return row

    def _fold_state(self, row: int) -> str:
        return self._source.fold_state(row) if isinstance(self._source, Outline) else ""

    def _can_toggle(self, row: int) -> bool:
        return bool(self._fold_state(row)) or self._row(row).kind == "fold"

    def _last_number(self) -> int:
        """The highest line number that may show."""
        if isinstance(self._source, Outline):
            return self._source.line_count
        for index in range(self._count - 1, -1, -1):
            numbers = [line.number for line in _sides(self._row(index))]
            if numbers:
                return max(numbers) + self._row(self._count - 1).hidden
        return 1

    def _copied(self, row: Row) -> str | None:
        """The row's text for the clipboard; None where this side is blank."""
        if row.kind == "fold":
            return f"⋯ {fold_text(row)}"
        line = _line(row, self._side)
        return None if line is None else "  " * line.depth + line.text

    def _redress(self) -> None:
        self._painter.refresh()
        self._repaint_all()


def _sides(row: Row) -> Iterator[Line]:
    return (line for line in (row.left, row.right) if line is not None)


def _line(row: Row, side: str) -> Line | None:
    return row.left if side == "left" else row.right
