"""Two versions side by side: which they are, how many changes, and the way through them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from dbengine import Info

from ..actions import Actions
from ..edits import Comparison
from ..jobs import Side
from ..models.noted import Noted
from ..models.when import short_text
from ..texts import changes_text, version_name
from .controls import ElidedLabel, FittingRow, IconButton, VersionChip
from .rows_view import RowsView
from .states import StateStack

_COUNT_WIDTH: Final = 100
"""What the number of changes keeps, where room is short."""


class ComparePanel(QWidget):
    """Keeps the comparison that it shows until the next one is there."""

    path_selected = Signal(object)
    side_clicked = Signal(str)
    """"a" or "b": choose another version for that side."""
    compared = Signal(object, object)
    """The `Info`s of both sides, None where a side is no version."""
    moved = Signal()
    """Another change is the current one."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparison: Comparison | None = None
        self._current = -1
        self._fold = True
        self._view = RowsView(panes=2)
        self._view.setAccessibleName(self.tr("Comparison"))
        self._view.path_selected.connect(self.path_selected)
        self._a = VersionChip("A", "removed")
        self._b = VersionChip("B", "added")
        self._a.clicked.connect(self._click_a)
        self._b.clicked.connect(self._click_b)
        self._count = ElidedLabel(bold=True)
        self._count.setMinimumWidth(_COUNT_WIDTH)
        self._where = QLabel()
        self._where.setProperty("tone", "dim")
        self.bar = self._make_bar(actions)
        self.stack = StateStack(self._view)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 12, 12)
        column.setSpacing(8)
        column.addLayout(self._make_sides(actions))
        column.addWidget(self.stack, 1)

    @property
    def view(self) -> RowsView:
        return self._view

    @property
    def comparison(self) -> Comparison | None:
        """What is shown."""
        return self._comparison

    @property
    def current(self) -> int:
        """The current change, from 0; -1 if there is none."""
        return self._current

    def show_comparison(self, comparison: Comparison, now: datetime, *, fold: bool) -> None:
        """Another comparison; its first change is the current one."""
        self._comparison = comparison
        self._name_side(self._a, comparison.a, comparison.a_info, now)
        self._name_side(self._b, comparison.b, comparison.b_info, now)
        self._count.setText(changes_text(comparison.counts))
        self._fold = fold
        self._show_rows()
        self.stack.show_content()
        self._go(0 if comparison.changes else -1)
        self.compared.emit(comparison.a_info, comparison.b_info)

    def show_rest(self, comparison: Comparison) -> None:
        """All rows of the comparison of which the first are shown; one stays where one is."""
        shown = self._comparison
        if shown is None or shown.diff is not comparison.diff:
            return
        self._comparison = comparison
        self._show_rows(keep_position=True)
        self._tell_where()

    def chip(self, side: str) -> VersionChip:
        """The chip of "a" or "b"."""
        return self._a if side == "a" else self._b

    def clear(self) -> None:
        """Nothing is compared."""
        self._comparison = None
        self._current = -1
        self._count.setText("")
        self._where.setText("")

    def set_folded(self, fold: bool) -> None:
        """Fold what is equal, or show all of it."""
        self._fold = fold
        if self._comparison is not None:
            self._show_rows()
            self._go(self._current)

    def next(self) -> None:
        """To the next change; after the last comes the first."""
        self._step(1)

    def previous(self) -> None:
        self._step(-1)

    def _show_rows(self, *, keep_position: bool = False) -> None:
        shown = self._comparison
        assert shown is not None, "there is something to show"
        source = Noted(shown.rows if self._fold else shown.unfolded, shown.diff)
        self._view.set_source(source, keep_position=keep_position)

    def _step(self, by: int) -> None:
        reached = self._reached()
        if reached:
            self._go((self._current + by) % reached)

    def _reached(self) -> int:
        """How many changes there are rows for; of a large comparison others may follow."""
        source = self._view.source()
        return len(source.starts) if source is not None else 0

    def _tell_where(self) -> None:
        total = len(self._comparison.changes) if self._comparison else 0
        number, total_text = f"{self._current + 1:,}", f"{total:,}"
        text = self.tr("{number} of {total}").format(number=number, total=total_text)
        self._where.setText(text if total else "")

    def _go(self, change: int) -> None:
        self._current = min(change, self._reached() - 1)
        self._tell_where()
        if self._current >= 0:
            self._view.set_current_change(self._current)
        else:
            self.path_selected.emit(None)
        self.moved.emit()

    def _name_side(
        self, chip: VersionChip, side: Side | None, info: Info | None, now: datetime
    ) -> None:
        if info is not None:
            detail = f"{info.user} · {short_text(info.when, now)}"
            chip.set_version(version_name(info), detail, info.digest)
        elif side is None:
            chip.set_version(self.tr("Nothing"), self.tr("before the first version"))
        else:
            chip.set_version(str(getattr(side, "name", side)), self.tr("a file"))

    def _make_bar(self, actions: Actions) -> QWidget:
        bar = FittingRow()
        bar.add(self._count, stretch=1)
        bar.add(self._where)
        bar.add(IconButton("up", action=actions["previous_change"]))
        bar.add(IconButton("down", action=actions["next_change"]))
        only = QPushButton(self.tr("Only changes"))
        only.setCheckable(True)
        only.setChecked(actions["only_changes"].isChecked())
        only.setToolTip(actions["only_changes"].toolTip())
        only.clicked.connect(actions["only_changes"].trigger)
        actions["only_changes"].toggled.connect(only.setChecked)
        patch = QPushButton(self.tr("Copy patch"))
        patch.setToolTip(actions["copy_patch"].toolTip())
        patch.clicked.connect(actions["copy_patch"].trigger)
        actions["copy_patch"].enabledChanged.connect(patch.setEnabled)
        bar.add(only, dispensable=True)
        bar.add(patch, dispensable=True)
        return bar

    def _make_sides(self, actions: Actions) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._a, 1)
        row.addWidget(IconButton("swap", action=actions["swap"]))
        row.addWidget(self._b, 1)
        return row

    def _click_a(self) -> None:
        self.side_clicked.emit("a")

    def _click_b(self) -> None:
        self.side_clicked.emit("b")
