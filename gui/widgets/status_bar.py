"""The line at the bottom: where one is, what it holds, and what is running."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ..actions import Actions
from ..theme import ui_font
from ..worker import Busy
from .controls import ElidedLabel


class StatusBar(QFrame):
    """Shows a job only while one runs; Cancel is offered for what can be cancelled."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("bar", "status")
        self.setFixedHeight(28)
        self._place = ElidedLabel(role="dim")
        self._path = ElidedLabel(role="dim", mono=True)
        self._job = ElidedLabel(role="dim")
        self._progress = QProgressBar()
        self._progress.setFixedSize(120, 6)
        self._progress.setTextVisible(False)
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cancel.setFlat(True)
        self._cancel.clicked.connect(actions["cancel_job"].trigger)
        self._size = _small()
        self._access = _small()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(16)
        row.addWidget(self._place)
        row.addWidget(self._path)
        row.addStretch(1)
        for widget in (self._job, self._progress, self._cancel, self._size, self._access):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self.show_busy(None)

    def show_place(self, text: str) -> None:
        self._place.setText(text)

    def show_path(self, text: str) -> None:
        self._path.setText(text)

    def show_size(self, text: str) -> None:
        self._size.setText(text)

    def show_access(self, text: str) -> None:
        self._access.setText(text)

    def show_busy(self, busy: Busy | None) -> None:
        """What runs now, and how far it is; None: nothing does."""
        for widget in (self._job, self._progress, self._cancel):
            widget.setVisible(busy is not None)
        if busy is None:
            return
        self._cancel.setVisible(not busy.write)
        progress = busy.progress
        count = f" {progress.done:,}" if progress and not progress.total and progress.done else ""
        self._job.setText(f"{busy.title}…{count}")
        self._progress.setRange(0, progress.total if progress and progress.total else 0)
        self._progress.setValue(progress.done if progress and progress.total else 0)


def _small() -> QLabel:
    label = QLabel()
    label.setFont(ui_font(11.5))
    label.setProperty("tone", "dim")
    return label
