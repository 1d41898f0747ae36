"""The rows of a view as assistive technology reads them: a list of items with text.

Where Qt's virtual methods may answer nothing, its stubs do not say so; hence the ignores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QWindow
from PySide6.QtWidgets import QAccessibleWidget

from dbengine.diff import Line, Row

from ..texts import fold_text

if TYPE_CHECKING:
    from .rows_view import RowsView

_ALL: Final = QAccessible.RelationFlag.AllRelations

_installed = False


def install() -> None:
    """Makes Qt ask here for the interface of a RowsView; once is enough."""
    global _installed  # noqa: PLW0603 - Qt's list of factories is global
    if not _installed:
        QAccessible.installFactory(_make)
        _installed = True


def announce(view: RowsView, row: int) -> None:
    """Tells who listens that the keyboard is on another row."""
    if QAccessible.isActive():
        event = QAccessibleEvent(view, QAccessible.Event.Focus)
        event.setChild(row)
        QAccessible.updateAccessibility(event)


def row_text(row: Row, panes: int) -> str:
    """A row in words: what happened, where, and the text of each side."""
    if row.kind == "fold":
        return _tr("Folded: {}").format(fold_text(row))
    parts = [_line_text(line) for line in (row.left, row.right) if line is not None]
    if panes == 1 or row.kind == "equal":
        return parts[0] if parts else ""
    return f"{_kind_text(row.kind)}: " + _tr(", now ").join(parts)


def _line_text(line: Line) -> str:
    text = _tr("line {number} {text}").format(number=line.number, text=line.text)
    return f"{text} {line.hint}".rstrip()


def _kind_text(kind: str) -> str:
    return {
        "added": _tr("Added"),
        "removed": _tr("Removed"),
        "changed": _tr("Changed"),
        "moved": _tr("Moved"),
    }.get(kind, kind)


def _tr(text: str) -> str:
    return QCoreApplication.translate("RowsView", text)


def _make(_name: str, thing: QObject) -> QAccessibleInterface | None:
    from .rows_view import RowsView  # noqa: PLC0415 - the view imports this module

    return RowsAccess(thing) if isinstance(thing, RowsView) else None


class RowsAccess(QAccessibleWidget):
    """The view: a list whose value is the current row."""

    def __init__(self, view: RowsView) -> None:
        super().__init__(view, QAccessible.Role.List)
        self._view = view
        self._rows: dict[int, RowAccess] = {}

    def childCount(self) -> int:
        return self._view.row_count()

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        if not 0 <= index < self._view.row_count():
            return None
        return self._rows.setdefault(index, RowAccess(self, self._view, index))

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        place = self._view.viewport().mapFromGlobal(QPoint(x, y))
        return self.child(self._view.row_at(place.y()))

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return child.index if isinstance(child, RowAccess) else -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return self.child(self._view.current_row())

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Name:
            return self._view.accessibleName()
        row = self._view.current_row()
        if kind == QAccessible.Text.Value and row >= 0:
            return self._view.row_text(row)
        return str(super().text(kind))


class RowAccess(QAccessibleInterface):
    """One row: a list item whose name is its text."""

    def __init__(self, parent: RowsAccess, view: RowsView, index: int) -> None:
        super().__init__()
        self._parent, self._view, self.index = parent, view, index

    def isValid(self) -> bool:
        return 0 <= self.index < self._view.row_count()

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        return self._view.window().windowHandle()

    def relations(
        self, _match: QAccessible.RelationFlag = _ALL
    ) -> list[tuple[QAccessibleInterface, QAccessible.RelationFlag]]:
        return []

    def parent(self) -> QAccessibleInterface:
        return self._parent

    def childCount(self) -> int:
        return 0

    def child(self, _index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childAt(self, _x: int, _y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def rect(self) -> QRect:
        rect = self._view.row_rect(self.index)
        return QRect(self._view.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.focusable = state.selectable = True
        state.focused = self.index == self._view.current_row() and self._view.hasFocus()
        state.selected = self.index in self._view.selected_rows()
        state.offscreen = self.index not in self._view.visible_rows()
        return state

    def text(self, kind: QAccessible.Text) -> str:
        named = kind == QAccessible.Text.Name and self.isValid()
        return self._view.row_text(self.index) if named else ""

    def setText(self, _kind: QAccessible.Text, _text: str) -> None:
        """Rows are read only."""
