"""What a long job found, line by line, to be read, copied, and where it can be, mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QGuiApplication, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from ..theme import theme, ui_font
from .dialog import Dialog


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found where, what follows from it ("" for nothing), and details for an expert."""

    where: str
    what: str
    so: str = ""
    detail: str = ""


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
        self._list = QPlainTextEdit()
        self._list.setReadOnly(True)
        self._list.setFont(ui_font())
        self._list.setAccessibleName(title)
        self._fill(findings)
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

    def _fill(self, findings: Sequence[Finding]) -> None:
        """Where it is stands out, what is for experts stays behind."""
        place, plain, faint = QTextCharFormat(), QTextCharFormat(), QTextCharFormat()
        place.setFontWeight(QFont.Weight.DemiBold)
        faint.setForeground(theme().color("dim"))
        cursor = QTextCursor(self._list.document())
        for number, found in enumerate(findings):
            cursor.insertText("\n\n" if number else "", plain)
            texts = found.where, found.what, found.so, found.detail
            looks = place, plain, plain, faint
            lines = [(text, look) for text, look in zip(texts, looks, strict=True) if text]
            for at, (text, look) in enumerate(lines):
                cursor.insertText(("\n" if at else "") + text, look)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())

    def _mend(self) -> None:
        self.accept()
        self.mend_wanted.emit()
