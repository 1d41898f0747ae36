"""What every part of the main window works with: session, actions, messages, and the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from ..actions import Actions
from ..session import Session
from ..widgets.message_bar import MessageBar


@dataclass(frozen=True, slots=True, eq=False)
class Shell:
    """One window's common ground; `now` gives the time by which people's dates are worded."""

    window: QWidget
    session: Session
    actions: Actions
    messages: MessageBar
    now: Callable[[], datetime]

    def offer(self, text: str, does: Callable[[], object]) -> QAction:
        """A button for a message; `does` is a bound method of a main-thread object."""
        action = QAction(text, self.window)
        action.triggered.connect(does)
        return action
