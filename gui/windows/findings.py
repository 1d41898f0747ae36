"""What a long job found, line by line, to be read, copied, and where it can be, mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from ..theme import ui_font
from .dialog import Dialog


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found where, and what follows from it ("" for nothing)."""

    where: str
    what: str
    so: str = ""

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.where, self.what, self.so)))


class Findings(Dialog):
    """A calm list; `mend` offers a button for it, and `mend_wanted` says that it was clicked."""

    mend_wanted = Signal()

    def __init__(
        self,
        title: str,
        text: str,
        findings: Sequence[Finding],
        *,
        mend: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, text, parent)
        self._list = QPlainTextEdit("\n\n".join(map(str, findings)))
        self._list.setReadOnly(True)
        self._list.setFont(ui_font())
        self._list.setAccessibleName(title)
        self.body.addWidget(self._list, 1)
        self.add_button(self.tr("Copy")).clicked.connect(self._copy)
        self.mend_button: QPushButton | None = None
        if mend:
            self.mend_button = self.add_button(mend)
            self.mend_button.clicked.connect(self._mend)
        self.add_ok(self.tr("Close"))
        self.resize(760, 460)

    def text(self) -> str:
        """All that is listed."""
        return self._list.toPlainText()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())

    def _mend(self) -> None:
        self.accept()
        self.mend_wanted.emit()
