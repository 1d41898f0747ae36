"""Every keyboard shortcut on one page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ..actions import cheat_sheet
from ..theme import ui_font
from .dialog import Dialog, tr

_COLUMNS = 3


class CheatSheet(Dialog):
    """The shortcuts by menu, in columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Keyboard shortcuts"), parent=parent)
        page = QWidget()
        columns = QHBoxLayout(page)
        columns.setContentsMargins(0, 0, 8, 0)
        columns.setSpacing(36)
        for part in _balanced(cheat_sheet()):
            columns.addLayout(self._column(part))
        area = QScrollArea()
        area.setWidget(page)
        area.setWidgetResizable(True)
        self.body.addWidget(area)
        self.add_cancel(self.tr("Close"))
        self.resize(1040, 700)

    def _column(self, menus: list[tuple[str, list[tuple[str, str]]]]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        for title, rows in menus:
            heading = QLabel(title)
            heading.setFont(ui_font(12, QFont.Weight.DemiBold))
            heading.setProperty("tone", "faint")
            column.addWidget(heading)
            column.addLayout(_grid(rows))
            column.addSpacing(12)
        column.addStretch(1)
        return column


def _grid(rows: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(0, 1)
    for number, (name, keys) in enumerate(rows):
        cap = QLabel(keys)
        cap.setProperty("role", "keycap")
        cap.setFont(ui_font(11.5))
        grid.addWidget(QLabel(name), number, 0)
        grid.addWidget(cap, number, 1, Qt.AlignmentFlag.AlignRight)
    return grid


def _balanced(
    menus: list[tuple[str, list[tuple[str, str]]]],
) -> list[list[tuple[str, list[tuple[str, str]]]]]:
    """The menus in their order, dealt into columns of about the same height."""
    height = sum(len(rows) + 2 for _title, rows in menus) / _COLUMNS
    columns: list[list[tuple[str, list[tuple[str, str]]]]] = [[]]
    filled = 0
    for menu in menus:
        if filled >= height and len(columns) < _COLUMNS:
            columns.append([])
            filled = 0
        columns[-1].append(menu)
        filled += len(menu[1]) + 2
    return columns
