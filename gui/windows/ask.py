"""Small questions: a name, a moment, a version, who you are, and yes or no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtWidgets import QDateTimeEdit, QFormLayout, QLineEdit, QWidget

from .dialog import Dialog, flaw_label, tr

Check = Callable[[str], str]
"""What is wrong with a text, as a sentence; empty if nothing is."""


class AskText(Dialog):
    """Asks for one line; `answered` carries it, trimmed, when it passes the check."""

    answered = Signal(str)

    def __init__(
        self,
        title: str,
        text: str,
        label: str,
        ok: str,
        *,
        value: str = "",
        check: Check | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, text, parent)
        self._check = check or _not_empty
        self._field = QLineEdit(value)
        self._field.setMinimumWidth(360)
        self._field.textChanged.connect(self._judge)
        self._flaw = flaw_label()
        form = QFormLayout()
        form.addRow(label, self._field)
        form.addRow("", self._flaw)
        self.body.addLayout(form)
        self.add_cancel()
        self._ok = self.add_ok(ok)
        self.accepted.connect(self._answer)
        self._judge(value)

    def field(self) -> QLineEdit:
        """Where the answer is typed."""
        return self._field

    def _judge(self, text: str) -> None:
        flaw = self._check(text)
        self._flaw.setText(flaw if text else "")
        self._ok.setEnabled(not flaw)

    def _answer(self) -> None:
        self.answered.emit(self._field.text().strip())


class AskMoment(Dialog):
    """Asks for a moment in local time; `answered` carries it as an aware datetime."""

    answered = Signal(object)

    def __init__(self, start: datetime, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("As of…"),
            tr("Show every entry as it was at this moment, in your local time."),
            parent,
        )
        self._field = QDateTimeEdit(QDateTime.fromSecsSinceEpoch(int(start.timestamp())))
        self._field.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
        self._field.setCalendarPopup(True)
        self._field.setAccessibleName(self.tr("Moment"))
        self.body.addWidget(self._field)
        self.add_cancel()
        self.add_ok(self.tr("Look Back"))
        self.accepted.connect(self._answer)

    def field(self) -> QDateTimeEdit:
        """Where the moment is chosen."""
        return self._field

    def _answer(self) -> None:
        seconds = self._field.dateTime().toSecsSinceEpoch()
        self.answered.emit(datetime.fromtimestamp(seconds, UTC))


class Confirm(Dialog):
    """Asks before something is lost; `accepted` means yes."""

    def __init__(self, title: str, text: str, ok: str, parent: QWidget | None = None) -> None:
        super().__init__(title, text, parent)
        self.add_cancel().setFocus(Qt.FocusReason.OtherFocusReason)
        self.add_ok(ok)


def _not_empty(text: str) -> str:
    return "" if text.strip() else tr("Please type something.")
