"""A moved item stands at two places of a comparison: finds both, and joins them by a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from dbengine.diff import Row

from ..theme import theme

_REACH: Final = 10
"""Pixels that the line goes into each pane."""

_BEND: Final = 5
_HEAD: Final = 4


@runtime_checkable
class Places(Protocol):
    """A source of rows that knows where a change stands, as those of a comparison do."""

    def __getitem__(self, index: int, /) -> Row: ...

    def places(self, change: int, /) -> Sequence[int]: ...


def ends_of(source: object, row: Row) -> tuple[int, int] | None:
    """The rows, left and right, at which the item begins that the row is of, if it was moved."""
    if row.kind != "moved" or row.change < 0 or not isinstance(source, Places):
        return None
    found: dict[bool, int] = {}
    for place in source.places(row.change):
        other = source[place]
        if other.kind == "moved":
            found.setdefault(other.right is None, place)
    return (found[True], found[False]) if len(found) == 2 else None


def paint_join(painter: QPainter, x: float, left: float, right: float) -> None:
    """A line from the left pane at the height `left` along the divide at `x` to the right pane."""
    down = 1 if right > left else -1
    path = QPainterPath(QPointF(x - _REACH, left))
    path.lineTo(x - _BEND, left)
    path.quadTo(x, left, x, left + down * _BEND)
    path.lineTo(x, right - down * _BEND)
    path.quadTo(x, right, x + _BEND, right)
    path.lineTo(x + _REACH - _HEAD, right)
    tip = QPointF(x + _REACH, right)
    head = [tip, tip + QPointF(-_HEAD, -_HEAD), tip + QPointF(-_HEAD, _HEAD)]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().color("moved"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("moved"))
    painter.drawPolygon(QPolygonF(head))
    painter.restore()
