"""The bar above the middle that says what was done, what went wrong and what can be undone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAction, QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ..theme import theme, ui_font
from .controls import IconButton

Kind = Literal["success", "info", "warning", "error"]

_LONGEST: Final = 600
"""Characters shown; the tooltip has the rest."""

_LONG_WORD: Final = re.compile(r"\S{30}(?=\S)")
_LOOKS: Final = {
    "success": ("check", "added"),
    "info": ("info", "accent"),
    "warning": ("warning", "changed"),
    "error": ("error", "removed"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """What the bar says; an action's button closes it."""

    kind: Kind
    text: str
    actions: tuple[QAction, ...] = ()

    @property
    def stays(self) -> bool:
        """Whether it waits for the user to close it, even when a newer message covers it."""
        return self.kind in ("warning", "error")


class MessageBar(QFrame):
    """Shows the newest message.

    A newer message replaces a success or an info. It covers a warning or an error, which comes
    back when the newer one is closed.
    """

    closed = Signal()
    """Nothing is left to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._messages: list[Message] = []
        self._buttons: list[QPushButton] = []
        self._sign = QLabel()
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setFont(ui_font(weight=QFont.Weight.Medium))
        self._close = IconButton("close", self.tr("Close this message"))
        self._close.clicked.connect(self.close_message)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._lay_out()
        theme().changed.connect(self._recolour)
        self.hide()

    def post(self, kind: Kind, text: str, *actions: QAction) -> None:
        """Shows a message, with a button for each action."""
        message = Message(kind, text, actions)
        self._messages = [one for one in self._messages if one.stays and one != message]
        self._messages.append(message)
        self._show(message)

    def message(self) -> Message | None:
        """The message that is shown."""
        return self._messages[-1] if self._messages else None

    def close_message(self) -> None:
        """Closes the message that is shown, and shows the one that it covered."""
        if self._messages:
            self._messages.pop()
        if self._messages:
            self._show(self._messages[-1])
        else:
            self._vanish()

    def clear(self) -> None:
        """Closes all messages."""
        self._messages.clear()
        self._vanish()

    def _vanish(self) -> None:
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def _show(self, message: Message) -> None:
        self.setProperty("kind", message.kind)
        self._text.setText(_wrappable(message.text))
        self._text.setToolTip(escape(message.text) if len(message.text) > _LONGEST else "")
        self._replace_buttons(message.actions)
        self.setAccessibleName(f"{self._kind_name(message.kind)}: {message.text}")
        self._repolish()
        self._recolour()
        self.show()
        event = QAccessibleEvent(self, QAccessible.Event.Alert)
        QAccessible.updateAccessibility(event)

    def _kind_name(self, kind: Kind) -> str:
        return {
            "success": self.tr("Done"),
            "info": self.tr("Information"),
            "warning": self.tr("Warning"),
            "error": self.tr("Error"),
        }[kind]

    def _replace_buttons(self, actions: tuple[QAction, ...]) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(action) for action in actions]
        for place, button in enumerate(self._buttons, start=2):
            self._row.insertWidget(place, button)

    def _button(self, action: QAction) -> QPushButton:
        button = QPushButton(action.text())
        button.setToolTip(action.toolTip())
        button.setEnabled(action.isEnabled())
        button.clicked.connect(self.close_message)
        button.clicked.connect(action.trigger)
        return button

    def _repolish(self) -> None:
        for widget in (self, self._text, *self._buttons):
            widget.style().unpolish(widget)
            widget.style().polish(widget)

    def _recolour(self) -> None:
        message = self.message()
        if message is None:
            return
        icon, role = _LOOKS[message.kind]
        self._sign.setPixmap(
            theme().icon(icon, role).pixmap(QSize(16, 16), self.devicePixelRatioF())
        )
        self._close.set_icon("close", role)

    def _lay_out(self) -> None:
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(11, 3, 5, 3)
        self._row.setSpacing(8)
        self._row.addWidget(self._sign)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._close)
        self._close.setFixedSize(24, 24)
        self.setMinimumHeight(34)


def _wrappable(text: str) -> str:
    """Cut to what is shown, with places to break in words that are longer than a line."""
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return _LONG_WORD.sub("\\g<0>\u200b", shown)
