"""A new entry or record: its name and its first JSON."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from dbengine import InvalidJson, parse_json

from ..widgets.json_editor import JsonEditor
from ..widgets.view_panel import framed
from .dialog import Dialog, flaw_label


class NewItem(Dialog):
    """`made` carries the name and the text, once both are fine.

    It stays until its owner says `end`, or `refuse` with the reason.
    """

    made = Signal(str, str)

    def __init__(
        self, title: str, text: str, name_hint: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, text, parent)
        self._name = QLineEdit()
        self._name.setPlaceholderText(name_hint)
        self._name.setAccessibleName(name_hint)
        self._editor = JsonEditor()
        self._editor.setProperty("bare", True)
        self._editor.set_text("{\n  \n}")
        self._flaw = flaw_label()
        self.body.addWidget(self._name)
        self.body.addWidget(framed(self._editor), 1)
        self.body.addWidget(self._flaw)
        self.add_cancel()
        self._ok = self.add_ok(self.tr("Create"))
        self._name.textChanged.connect(self._judge)
        self._editor.edited.connect(self._judge)
        self._waiting = False
        self.resize(560, 420)
        self._judge()

    def accept(self) -> None:
        """Offer it to the owner, once at a time."""
        if self._ok.isEnabled() and not self._waiting:
            self._waiting = True
            self.made.emit(self._name.text(), self._editor.text())

    def end(self) -> None:
        """It is written."""
        super().accept()

    def refuse(self, why: str) -> None:
        """It cannot be written so: what was typed stays."""
        self._waiting = False
        self._flaw.setText(why)

    @property
    def name_field(self) -> QLineEdit:
        return self._name

    @property
    def editor(self) -> JsonEditor:
        return self._editor

    def _judge(self) -> None:
        flaw = "" if self._name.text() else self.tr("It needs a name.")
        self._editor.clear_error()
        try:
            parse_json(self._editor.text())
        except InvalidJson as error:
            self._editor.show_error(error.line, error.column)
            flaw = self.tr("Line {line}, column {column}: {message}").format(
                line=error.line, column=error.column, message=error
            )
        self._flaw.setText(flaw if self._name.text() else "")
        self._ok.setEnabled(not flaw)
