"""The overview at the right of a document: where the changes are, and what part is in view."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from operator import itemgetter
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ..theme import theme

WIDTH: Final = 14
_MARK_HEIGHT: Final = 4
_STEP: Final = _MARK_HEIGHT + 1
_SHORTEST_THUMB: Final = 24

_row: Final = itemgetter(0)


class Ruler(QWidget):
    """Marks at their place in the whole document, and a thumb over what is in view."""

    jumped = Signal(float)
    """The user asks for this part of the document, from 0 (start) to 1 (end), to be centred."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks: list[tuple[int, str]] = []
        self._rows = self._content = 0
        self._buckets: dict[int, str] = {}
        self._view = (0.0, 1.0)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(self.tr("Overview of changes"))
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 100)

    def set_marks(self, marks: Iterable[tuple[int, str]], rows: int, height: int) -> None:
        """Which of the `rows` rows are marked, as what kind of change, and how high all rows are.

        The marks are in the order of the rows.

        Where they are less high than the ruler, a mark stands beside its row.
        """
        self._marks, self._rows, self._content = list(marks), rows, height
        self._collect()

    def set_view(self, start: float, end: float) -> None:
        """What is in view, as parts of the whole from 0 to 1."""
        if self._view != (start, end):
            self._view = (start, end)
            self.update()

    def marks_shown(self) -> dict[int, str]:
        """The kind of the mark at each y; marks that would lie on each other are one."""
        return dict(self._buckets)

    def resizeEvent(self, _event: object) -> None:
        self._collect()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._jump(event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._jump(event.position().y())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("window"))
        painter.fillRect(0, 0, 1, self.height(), theme().color("line"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        self._paint_thumb(painter)
        for y, kind in self._buckets.items():
            painter.setBrush(theme().color(kind))
            painter.drawRoundedRect(QRectF(3.5, y, 8, _MARK_HEIGHT), 2, 2)

    def _paint_thumb(self, painter: QPainter) -> None:
        start, end = self._view
        if end - start >= 1:
            return
        length = max(_SHORTEST_THUMB, (end - start) * self.height())
        top = start / (1 - (end - start)) * (self.height() - length)
        painter.setBrush(theme().color("scroll"))
        painter.setOpacity(0.55)
        painter.drawRoundedRect(QRectF(2.5, top + 2, WIDTH - 4, length - 4), 4, 4)
        painter.setOpacity(1)

    def _collect(self) -> None:
        """One mark for each few pixels: the first of those there; the others are skipped."""
        self._buckets = {}
        at = 0
        while at < len(self._marks):
            row, kind = self._marks[at]
            y = self._place(row)
            bucket = y - y % _STEP
            self._buckets[bucket] = kind
            at = bisect_left(self._marks, self._row_from(bucket + _STEP), at + 1, key=_row)
        self.update()

    def _place(self, row: int) -> int:
        """Where the middle of a row is."""
        return _MARK_HEIGHT + (2 * row + 1) * self._room() // (2 * max(1, self._rows))

    def _row_from(self, y: int) -> int:
        """The first row whose place is there or below."""
        halves = -(-(y - _MARK_HEIGHT) * 2 * max(1, self._rows) // self._room())
        return halves // 2

    def _room(self) -> int:
        return max(1, min(self.height(), self._content) - 2 * _MARK_HEIGHT)

    def _jump(self, y: float) -> None:
        self.jumped.emit(min(1.0, max(0.0, y / max(1, self.height()))))
