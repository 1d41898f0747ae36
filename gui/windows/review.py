"""Review: what a write will change, shown before it is written."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ..edits import Comparison
from ..models.noted import Noted
from ..texts import changes_text
from ..widgets.rows_view import RowsView
from ..widgets.states import StateStack
from ..widgets.view_panel import framed
from .dialog import Dialog

_KEY = Qt.ItemDataRole.UserRole
_SIGNS = {"added": "+", "changed": "~", "removed": "−"}


class Review(Dialog):
    """Now → after, a note, and one button that writes.

    With `records` one can tick which of them to take; `keys_changed` then carries the ticked
    keys (None: all) and the owner answers with `show_comparison`.
    """

    keys_changed = Signal(object)

    def __init__(self, title: str, text: str, ok: str, parent: QWidget | None = None) -> None:
        super().__init__(title, text, parent)
        self._view = RowsView(panes=2)
        self._pages = StateStack(self._view)
        self._pages.show_loading(self.tr("Working out what changes…"))
        self._records = QListWidget()
        self._records.setAccessibleName(self.tr("Records to bring back"))
        self._records.itemChanged.connect(self._report_ticks)
        self._side = self._make_side()
        self._summary = QLabel()
        self._note = QLineEdit()
        self._note.setPlaceholderText(self.tr("Note: why (optional)"))
        self._note.setAccessibleName(self.tr("Note"))
        self._lay_out()
        self.add_cancel()
        self._ok = self.add_ok(ok)
        self._ok.setEnabled(False)
        self.resize(QSize(1080, 700))

    @property
    def note(self) -> str:
        return self._note.text().strip()

    @property
    def view(self) -> RowsView:
        """The two panes."""
        return self._view

    def keys(self) -> tuple[str, ...] | None:
        """The ticked records; None if all are ticked, or none are offered."""
        ticked = [item for item in self._items() if item.checkState() == Qt.CheckState.Checked]
        if len(ticked) == self._records.count():
            return None
        return tuple(item.data(_KEY) for item in ticked)

    def offered(self) -> list[str]:
        """The records that can be ticked."""
        return [item.data(_KEY) for item in self._items()]

    def ready(self) -> bool:
        """Whether there is something to write."""
        return self._ok.isEnabled()

    def offer_records(self, records: Sequence[tuple[str, str]]) -> None:
        """Let the user tick (key, kind of change); all are ticked at first."""
        if self._records.count() or len(records) < 2:
            return
        self._records.blockSignals(True)
        for key, kind in records:
            item = QListWidgetItem(f"{_SIGNS.get(kind, '~')}  {key}")
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            item.setData(_KEY, key)
            self._records.addItem(item)
        self._records.blockSignals(False)
        self._side.show()

    def tick(self, keys: Sequence[str]) -> None:
        """Tick exactly these records."""
        self._records.blockSignals(True)
        for item in self._items():
            on = item.data(_KEY) in keys
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self._records.blockSignals(False)
        self._report_ticks()

    def show_comparison(self, comparison: Comparison) -> None:
        """Now on the left, after on the right."""
        any_change = bool(comparison.changes)
        self._summary.setText(changes_text(comparison.counts))
        self._ok.setEnabled(any_change)
        if any_change:
            self._view.set_source(Noted(comparison.rows, comparison.diff))
            self._view.set_current_change(0)
            self._pages.show_content()
        else:
            self._pages.show_empty(
                "check", self.tr("Nothing would change"), self.tr("It is already as you want it.")
            )

    def show_problem(self, text: str) -> None:
        """It cannot be written, and why."""
        self._ok.setEnabled(False)
        self._summary.clear()
        self._pages.show_error(self.tr("This cannot be written"), text)

    def _lay_out(self) -> None:
        heads = QHBoxLayout()
        for text in (self.tr("Now"), self.tr("After")):
            head = QLabel(text)
            head.setProperty("tone", "dim")
            heads.addWidget(head, 1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        heads.setContentsMargins(2, 0, 0, 0)
        column.addLayout(heads)
        column.addWidget(self._pages, 1)
        splitter = QSplitter()
        splitter.addWidget(self._side)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([240, 780])
        self.body.addWidget(self._summary)
        self.body.addWidget(splitter, 1)
        self.body.addWidget(self._note)

    def _make_side(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 8, 0)
        title = QLabel(self.tr("Bring back"))
        title.setProperty("tone", "dim")
        column.addWidget(title)
        column.addWidget(framed(self._records), 1)
        side.hide()
        return side

    def _items(self) -> list[QListWidgetItem]:
        return [self._records.item(row) for row in range(self._records.count())]

    def _report_ticks(self) -> None:
        self._ok.setEnabled(False)
        self.keys_changed.emit(self.keys())
