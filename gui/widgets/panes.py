"""A scroll area of one or two panes that scroll as one, with a divide, a ruler and a frame."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ..theme import theme
from .ruler import WIDTH as RULER_WIDTH
from .ruler import Ruler

ROW_HEIGHT: Final = 22
_GRAB: Final = 4
_NARROWEST_PANE: Final = 0.15
_RADIUS: Final = 8


class Panes(QAbstractScrollArea):
    """Rows of one height in panes side by side: where they are, and what part is in view.

    Sides are called "left" and "right"; one pane is "left".
    """

    def __init__(self, panes: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panes = panes
        self._ratio = 0.5
        self._count = 0
        self._widest = 0.0
        self._margin = 0
        self._row_height = ROW_HEIGHT
        self._step = ROW_HEIGHT
        self._ruler = Ruler(self)
        self._ruler.jumped.connect(self._jump)
        self._frame = _Frame(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportMargins(0, 0, RULER_WIDTH, 0)
        self.viewport().setMouseTracking(True)
        self.setMinimumSize(160, 3 * ROW_HEIGHT)

    @property
    def ruler(self) -> Ruler:
        """The overview at the right."""
        return self._ruler

    def sides(self) -> int:
        """How many panes there are."""
        return self._panes

    def row_count(self) -> int:
        """How many rows there are."""
        return self._count

    def visible_rows(self) -> range:
        """The rows of which something can be seen."""
        first = self._top() // self._row_height
        last = -(-(self._top() + self.viewport().height()) // self._row_height)
        return range(min(first, self._count), min(last, self._count))

    def row_rect(self, row: int) -> QRect:
        """Where the row is in the viewport, or would be."""
        top = row * self._row_height - self._top()
        return QRect(0, top, self.viewport().width(), self._row_height)

    def row_at(self, y: float) -> int:
        """The row at that height of the viewport; -1 where there is none."""
        row = int(y + self._top()) // self._row_height
        return row if 0 <= row < self._count else -1

    def side_at(self, x: float) -> str:
        """The pane at that place of the viewport."""
        return next((side for side, _, right in self.pane_edges() if x <= right), "right")

    def pane_edges(self) -> list[tuple[str, int, int]]:
        """(side, left, right) of each pane in the viewport."""
        width = self.viewport().width()
        if self._panes == 1:
            return [("left", 0, width)]
        middle = round(width * self._ratio)
        return [("left", 0, middle - 1), ("right", middle, width)]

    def sizeHint(self) -> QSize:
        return QSize(480 * self._panes, 400)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._update_ranges()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_ranges()
        view = self.viewport().geometry()
        self._ruler.setGeometry(view.right() + 1, view.top(), RULER_WIDTH, view.height())
        self._frame.setGeometry(self.rect())

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self._show_view()
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._repaint_all()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._repaint_all()
        super().focusOutEvent(event)

    def _paint_divide(self, painter: QPainter) -> None:
        for _, left, _ in self.pane_edges()[1:]:
            painter.fillRect(left - 1, 0, 1, self.viewport().height(), theme().color("line"))

    def _on_divide(self, x: float) -> bool:
        return any(abs(x - left) <= _GRAB for _, left, _ in self.pane_edges()[1:])

    def _move_divide(self, x: float) -> None:
        ratio = x / max(1, self.viewport().width())
        self._ratio = min(1 - _NARROWEST_PANE, max(_NARROWEST_PANE, ratio))
        self._update_ranges()
        self.viewport().update()

    def _scroll_to(self, row: int) -> None:
        """Scrolls no further than needed to have the whole row in view."""
        bar, top = self.verticalScrollBar(), row * self._row_height
        lowest = top + self._row_height - self.viewport().height()
        bar.setValue(min(top, max(lowest, bar.value())))

    def _centre_on(self, row: int) -> None:
        """Brings a row to the upper third, unless it is comfortably in view."""
        top, height = row * self._row_height - self._top(), self.viewport().height()
        if not self._row_height <= top <= height - 3 * self._row_height:
            self.verticalScrollBar().setValue(row * self._row_height - height // 3)

    def _jump(self, part: float) -> None:
        """Centres that part of the rows."""
        middle = part * self._count * self._row_height
        self.verticalScrollBar().setValue(round(middle - self.viewport().height() / 2))

    def _update_ranges(self) -> None:
        height, width = self.viewport().height(), self._text_width()
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setRange(0, max(0, self._count * self._row_height - height))
        vertical.setPageStep(max(self._row_height, height - self._row_height))
        vertical.setSingleStep(self._row_height)
        horizontal.setRange(0, max(0, int(self._widest) - width))
        horizontal.setPageStep(max(1, width))
        horizontal.setSingleStep(self._step)
        self._show_view()

    def _show_view(self) -> None:
        total = max(1, self._count * self._row_height)
        end = (self._top() + self.viewport().height()) / total
        self._ruler.set_view(self._top() / total, min(1.0, end))

    def _text_width(self) -> int:
        """The room for text in the narrowest pane."""
        narrowest = min(right - left for _, left, right in self.pane_edges())
        return narrowest - self._margin

    def _top(self) -> int:
        return self.verticalScrollBar().value()

    def _repaint_all(self) -> None:
        self.viewport().update()
        self._frame.update()


class _Frame(QWidget):
    """The rounded border, over the panes whose corners it hides; accented with the keyboard."""

    def __init__(self, view: Panes) -> None:
        super().__init__(view)
        self._view = view
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        corners = QPainterPath()
        corners.addRect(QRectF(self.rect()))
        corners.addRoundedRect(edge, _RADIUS, _RADIUS)
        painter.fillPath(corners, theme().color("window"))
        painter.setPen(QPen(theme().color("accent" if self._view.hasFocus() else "line"), 1))
        painter.drawRoundedRect(edge, _RADIUS, _RADIUS)
