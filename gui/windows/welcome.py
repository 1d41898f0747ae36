"""The page without a database: open one, make one, or look at the demo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from .. import assets
from ..actions import Actions
from ..theme import ui_font
from ..widgets.controls import ElidedLabel, IconButton

_WIDTH = 460


class Welcome(QWidget):
    """What to do first; `recent_chosen` and `recent_forgotten` carry a path."""

    recent_chosen = Signal(object)
    recent_forgotten = Signal(object)
    demo_wanted = Signal()

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        picture = QLabel()
        picture.setPixmap(assets.app_icon().pixmap(96, 96))
        title = QLabel(self.tr("Walk through the history of your data"))
        title.setFont(ui_font(20, QFont.Weight.DemiBold))
        text = QLabel(self.tr("Open the folder of a DbEngine database, or drop it here."))
        text.setProperty("tone", "dim")
        self._problem = QLabel()
        self._problem.setProperty("tone", "error")
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setWordWrap(True)
        self._problem.setFixedWidth(_WIDTH)
        self._problem.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._problem.hide()
        self._recents = QVBoxLayout()
        self._recents.setSpacing(2)
        column = QVBoxLayout()
        column.setSpacing(10)
        for widget in (picture, title, text, self._problem):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(6)
        column.addLayout(self._make_buttons(actions))
        column.addSpacing(18)
        column.addLayout(self._recents)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addLayout(column)
        outer.addStretch(3)

    def problem(self) -> str:
        """What is wrong, as it is shown."""
        return self._problem.text()

    def show_problem(self, text: str) -> None:
        """Why what was asked for could not be opened; empty: nothing is wrong."""
        self._problem.setText(text)
        self._problem.setMinimumHeight(self._problem.heightForWidth(_WIDTH))
        self._problem.setVisible(bool(text))

    def show_recents(self, paths: Sequence[Path]) -> None:
        """The databases that were open before; one that is gone says so."""
        while item := self._recents.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        if paths:
            heading = QLabel(self.tr("RECENT"))
            heading.setFont(ui_font(11, QFont.Weight.DemiBold))
            heading.setProperty("tone", "faint")
            heading.setFixedWidth(_WIDTH)
            self._recents.addWidget(heading, 0, Qt.AlignmentFlag.AlignHCenter)
        for path in paths:
            row = _Recent(path)
            row.chosen.connect(self.recent_chosen)
            row.forgotten.connect(self.recent_forgotten)
            self._recents.addWidget(row, 0, Qt.AlignmentFlag.AlignHCenter)

    def _make_buttons(self, actions: Actions) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        for name, text in (("open", self.tr("Open…")), ("new_database", self.tr("New Database…"))):
            button = QPushButton(text)
            button.clicked.connect(actions[name].trigger)
            button.setDefault(name == "open")
            row.addWidget(button)
        demo = QPushButton(self.tr("Look at the Demo"))
        demo.clicked.connect(self.demo_wanted)
        row.addWidget(demo)
        row.addStretch(1)
        return row


class _Recent(QWidget):
    chosen = Signal(object)
    forgotten = Signal(object)

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        there = path.is_dir()
        self.setFixedWidth(_WIDTH)
        name = QPushButton((path.name or str(path)).replace("&", "&&"))
        name.setFlat(True)
        name.setEnabled(there)
        name.clicked.connect(self._choose)
        place = str(path.parent) if there else self.tr("{folder} — not there").format(folder=path)
        where = ElidedLabel(place, role="faint", elide=Qt.TextElideMode.ElideMiddle)
        forget = IconButton("close", self.tr("Forget this one"))
        forget.clicked.connect(self._forget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(name)
        row.addWidget(where, 1)
        row.addWidget(forget)

    def _choose(self) -> None:
        self.chosen.emit(self._path)

    def _forget(self) -> None:
        self.forgotten.emit(self._path)
