"""How one row of a document or a comparison is drawn."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QLinearGradient,
    QPainter,
    QPen,
    QPixmap,
)

from dbengine.diff import Line, Row

from ..texts import fold_text
from ..theme import MONO_SIZE, mono_font, theme, ui_font
from .json_tokens import LONGEST, Span, spans_within
from .panes import ROW_HEIGHT

SIGN_WIDTH: Final = 16
_INDENT_COLUMNS: Final = 2
_NUMBER_GAP: Final = 10
_NARROWEST_GUTTER: Final = 44
_BAR_WIDTH: Final = 3
_FADE: Final = 20
_HATCH: Final = ROW_HEIGHT // 2
"""A period that rows are a multiple of, so that stripes go on from one to the next."""

_HINT_COLUMNS: Final = 3
_CHANGES: Final = frozenset(("added", "removed", "changed", "moved"))
_SIGNS: Final = {"added": "+", "removed": "−", "changed": "~", "moved": "↕"}
_MOVES: Final = {"up": "↑", "down": "↓"}
_CHEVRONS: Final = {"open": QPointF(0, 2), "closed": QPointF(2, 0)}

_INVISIBLE: Final = (
    *range(0x00, 0x20),
    *range(0x7F, 0xA0),
    0xAD,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
)
_VISIBLE: Final = dict.fromkeys(_INVISIBLE, "·")
"""Characters that break lines, turn the writing direction or show nothing: a dot each."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a row stands in its view: what is true of it beside its content."""

    in_change: bool = False
    selected: bool = False
    focused: bool = False
    fold_state: str = ""
    fold_side: str = ""
    """The only side that a fold hides something of; empty where it is both."""


class RowPainter:
    """Draws rows; keeps the fonts, measures and colours that they share."""

    def __init__(self) -> None:
        self._zoom = 0
        self._sought: re.Pattern[str] | None = None
        self.refresh()

    def set_sought(self, text: str) -> None:
        """Marks this text wherever it stands, letters of A to Z in either case; empty: nothing."""
        flags = re.IGNORECASE | re.ASCII
        self._sought = re.compile(re.escape(text), flags) if text else None

    def set_zoom(self, steps: int) -> None:
        """Larger text by so many pixels, or smaller."""
        self._zoom = steps
        self.refresh()

    def refresh(self) -> None:
        """Takes up the theme's fonts and colours."""
        size, zoom = MONO_SIZE + self._zoom, self._zoom
        self._mono, self._sign = mono_font(size), mono_font(size, QFont.Weight.Bold)
        self._number = mono_font(11 + zoom)
        self._fold, self._hint = ui_font(12 + zoom), ui_font(11 + zoom)
        self._metrics = QFontMetricsF(self._mono)
        self._hint_metrics = QFontMetricsF(self._hint)
        self._colors: dict[str, QColor] = {}
        self._hatch: QBrush | None = None
        self.column = self._metrics.horizontalAdvance("0" * 100) / 100

    def gutter_width(self, last_number: int) -> int:
        """The width of the column of line numbers up to that number."""
        digits = QFontMetricsF(self._number).horizontalAdvance("0" * len(str(last_number)))
        return max(_NARROWEST_GUTTER, math.ceil(digits) + _NUMBER_GAP + 8)

    def line_width(self, line: Line) -> float:
        """How wide the line is, from its indentation to the end of its hint."""
        width = self._indent(line) + self._x_at(line.text, len(line.text))
        if line.hint:
            width += _HINT_COLUMNS * self.column + self._hint_metrics.horizontalAdvance(line.hint)
        return width + self.column

    def mark_start(self, line: Line) -> float:
        """How far right the first words that changed begin; 0 in a line without any."""
        return self._indent(line) + self._x_at(line.text, line.marks[0][0]) if line.marks else 0.0

    def paint(
        self,
        painter: QPainter,
        rect: QRect,
        row: Row,
        side: str,
        look: Look,
        gutter: int,
        scrolled: int,
    ) -> None:
        """Draws one side of a row into `rect`, its text moved left by `scrolled` pixels."""
        line = row.left if side == "left" else row.right
        if row.kind == "fold":
            self._paint_fold(painter, rect, row, side, look, gutter)
        else:
            self._paint_side(painter, rect, row, line, look, gutter, scrolled)
        if look.in_change:
            painter.fillRect(
                rect.left(), rect.top(), _BAR_WIDTH, rect.height(), self._color("accent")
            )

    def paint_focus(self, painter: QPainter, rect: QRect) -> None:
        """Draws the frame of the current row while the view has the keyboard."""
        painter.setPen(QPen(self._color("accent"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_side(
        self,
        painter: QPainter,
        rect: QRect,
        row: Row,
        line: Line | None,
        look: Look,
        gutter: int,
        scrolled: int,
    ) -> None:
        back = self._background(row, line, look)
        if back:
            painter.fillRect(rect, self._color(back))
        if line is None and row.kind in _CHANGES:
            self._paint_hatch(painter, rect)
        if line is not None:
            self._paint_gutter(painter, rect, row, line, look, gutter)
            area = rect.adjusted(gutter + SIGN_WIDTH, 0, 0, 0)
            self._paint_line(painter, area, row, line, scrolled, back or "panel")

    def _background(self, row: Row, line: Line | None, look: Look) -> str:
        if look.selected:
            return "selection"
        return f"{row.kind}_back" if line is not None and row.kind in _CHANGES else ""

    def _paint_fold(
        self, painter: QPainter, rect: QRect, row: Row, side: str, look: Look, gutter: int
    ) -> None:
        if look.fold_side not in ("", side):
            self._paint_hatch(painter, rect)
            return
        painter.fillRect(rect, self._color("selection" if look.selected else "fold"))
        painter.setFont(self._fold)
        painter.setPen(self._color("dim"))
        numbers = QRect(rect.left(), rect.top(), gutter - _NUMBER_GAP, rect.height())
        painter.drawText(numbers, _RIGHT, "⋯")
        if side == (look.fold_side or "left"):
            label = rect.adjusted(gutter + 7, 0, -4, 0)
            painter.drawText(label, _LEFT, fold_text(row))

    def _paint_gutter(
        self, painter: QPainter, rect: QRect, row: Row, line: Line, look: Look, gutter: int
    ) -> None:
        painter.setFont(self._number)
        painter.setPen(self._color("faint"))
        numbers = QRect(rect.left(), rect.top(), gutter - _NUMBER_GAP, rect.height())
        painter.drawText(numbers, _RIGHT, str(line.number))
        sign = QRect(rect.left() + gutter, rect.top(), SIGN_WIDTH, rect.height())
        if look.fold_state:
            self._paint_chevron(painter, sign, look.fold_state)
        elif row.kind in _CHANGES:
            painter.setFont(self._sign)
            painter.setPen(self._color(row.kind))
            painter.drawText(sign, _CENTRE, _MOVES.get(line.moved, _SIGNS[row.kind]))

    def _paint_chevron(self, painter: QPainter, rect: QRect, state: str) -> None:
        centre = QRectF(rect).center() - QPointF(2, 0)
        along = _CHEVRONS[state]
        across = QPointF(along.y() * 2, along.x() * 2)
        pen = QPen(self._color("faint"), 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.drawPolyline([centre - along - across, centre + along, centre - along + across])
        painter.restore()

    def _paint_line(
        self, painter: QPainter, area: QRect, row: Row, line: Line, scrolled: int, back: str
    ) -> None:
        painter.save()
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        left = area.left() + self._indent(line) - scrolled
        baseline = area.top() + self._baseline(self._metrics, area.height())
        self._paint_marks(painter, area, row, line, left)
        self._paint_hits(painter, area, line, left)
        self._paint_text(painter, area, line.text, left, baseline)
        end = left + self._x_at(line.text, len(line.text))
        if line.hint:
            end = self._paint_hint(painter, area, row, line.hint, end)
        if end > area.right():
            self._paint_fade(painter, area, back)
        painter.restore()

    def _paint_marks(
        self, painter: QPainter, area: QRect, row: Row, line: Line, left: float
    ) -> None:
        if row.kind not in _CHANGES:
            return
        for start, end in line.marks:
            self._paint_mark(painter, area, line, left, (start, end), f"{row.kind}_mark")

    def _paint_hits(self, painter: QPainter, area: QRect, line: Line, left: float) -> None:
        """What is sought, in the part of the line that can be seen."""
        if self._sought is None:
            return
        start, end = self._columns(line.text, area.left() - left, area.right() - left)
        around = len(self._sought.pattern)
        for hit in self._sought.finditer(line.text, max(0, start - around), end + around):
            self._paint_mark(painter, area, line, left, hit.span(), "accent_mark")

    def _paint_mark(
        self,
        painter: QPainter,
        area: QRect,
        line: Line,
        left: float,
        span: tuple[int, int],
        color: str,
    ) -> None:
        """A rounded background behind some characters."""
        x = max(area.left() - 9.0, left + self._x_at(line.text, span[0]) - 1)
        right = min(area.right() + 9.0, left + self._x_at(line.text, span[1]) + 1)
        if right <= x:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color(color))
        painter.drawRoundedRect(QRectF(x, area.top() + 2.5, right - x, 17), 3, 3)

    def _paint_text(
        self, painter: QPainter, area: QRect, text: str, left: float, baseline: float
    ) -> None:
        painter.setFont(self._mono)
        start, end = self._columns(text, area.left() - left, area.right() - left)
        for span in spans_within(text, start, end):
            x = left + self._x_at(text, span.start)
            if x > area.right():
                break
            painter.setPen(self._color(span.role))
            painter.drawText(QPointF(x, baseline), _shown(text, span))

    def _paint_hint(self, painter: QPainter, area: QRect, row: Row, hint: str, end: float) -> float:
        """Draws the note after the text and returns where it ends."""
        x = end + _HINT_COLUMNS * self.column
        painter.setFont(self._hint)
        coloured = row.kind in _CHANGES and "→" in hint
        painter.setPen(self._color(row.kind if coloured else "faint"))
        painter.drawText(
            QPointF(x, area.top() + self._baseline(self._hint_metrics, area.height())), hint
        )
        return x + self._hint_metrics.horizontalAdvance(hint)

    def _paint_fade(self, painter: QPainter, area: QRect, back: str) -> None:
        """Says that the line goes on, where a cut letter might not."""
        right = area.right() + 1
        solid = self._color(back)
        clear = QColor(solid)
        clear.setAlpha(0)
        gradient = QLinearGradient(right - _FADE, 0, right, 0)
        gradient.setColorAt(0, clear)
        gradient.setColorAt(1, solid)
        painter.fillRect(QRectF(right - _FADE, area.top(), _FADE, area.height()), gradient)

    def _paint_hatch(self, painter: QPainter, rect: QRect) -> None:
        if self._hatch is None:
            scale = painter.device().devicePixelRatioF()
            self._hatch = QBrush(_hatch_tile(self._color("fold"), scale))
        painter.setBrushOrigin(QPointF(0, rect.top() % _HATCH))
        painter.fillRect(rect, self._hatch)

    def _indent(self, line: Line) -> float:
        return line.depth * _INDENT_COLUMNS * self.column

    def _x_at(self, text: str, column: int) -> float:
        """Where that character stands; on a grid where all are as wide, or the line is huge."""
        if text.isascii() or len(text) > LONGEST:
            return column * self.column
        return self._metrics.horizontalAdvance(text[:column].translate(_VISIBLE))

    def _columns(self, text: str, left: float, right: float) -> tuple[int, int]:
        """The characters that may be seen between two places."""
        if not text.isascii() and len(text) <= LONGEST:
            return 0, len(text)
        start = max(0, int(left / self.column) - 1)
        return start, max(start, min(len(text), int(right / self.column) + 2))

    def _baseline(self, metrics: QFontMetricsF, row_height: int) -> float:
        """Whole pixels down from a row's top, so that letters are sharp."""
        height = metrics.ascent() + metrics.descent()
        return round((row_height - height) / 2 + metrics.ascent())

    def _color(self, role: str) -> QColor:
        color = self._colors.get(role)
        if color is None:
            color = self._colors[role] = theme().color(role)
        return color


_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_CENTRE: Final = int(Qt.AlignmentFlag.AlignCenter)


def _shown(text: str, span: Span) -> str:
    part = text[span.start : span.end]
    return part if part.isascii() and part.isprintable() else part.translate(_VISIBLE)


def _hatch_tile(color: QColor, scale: float) -> QPixmap:
    """One period of diagonal stripes, sharp on a screen of that scale."""
    tile = QPixmap(round(_HATCH * scale), round(_HATCH * scale))
    tile.setDevicePixelRatio(scale)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, _HATCH / 2 / math.sqrt(2)))
    for offset in (-_HATCH, 0, _HATCH):
        painter.drawLine(QPointF(offset - 2, _HATCH + 2), QPointF(offset + _HATCH + 2, -2))
    painter.end()
    return tile
