"""Somebody at the window: goes to entries, triggers actions, reads what is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from dbengine import DbEngine
from gui.journey import Place
from gui.session import Session
from gui.windows.main import MainWindow
from gui.windows.review import Review

Kind = TypeVar("Kind", bound=QDialog)


class User:
    """Drives one window. Whatever takes time is waited for, never slept for."""

    def __init__(self, qtbot: QtBot, window: MainWindow, root: Path) -> None:
        self.qtbot = qtbot
        self.window = window
        self.root = root

    @property
    def session(self) -> Session:
        return self.window.session

    def waits(self, fact: Callable[[], object]) -> None:
        """Until it is so."""
        self.qtbot.waitUntil(lambda: bool(fact()))

    def settles(self) -> None:
        """Until nothing is being read or written."""
        self.waits(lambda: self.session.idle)

    def opens(self, root: Path, *, read_only: bool = False) -> None:
        with self.qtbot.waitSignal(self.session.opened):
            self.session.open(root, read_only=read_only)
        self.settles()

    def goes(self, tenant: str, entry: str | None, mode: str = "view") -> None:
        """To an entry, as a click in the tree and on a mode would lead there."""
        self.session.go(Place(tenant, entry, None, mode))  # type: ignore[arg-type]
        self.settles()

    def does(self, name: str) -> None:
        """Triggers an action, as its shortcut would."""
        action = self.window.actions_[name]
        assert action.isEnabled(), name
        action.trigger()
        self.settles()

    def can(self, name: str) -> bool:
        return self.window.actions_[name].isEnabled()

    def types(self, text: str) -> None:
        """Another text in the editor."""
        self.window.center.edit.editor.replace_text(text)

    def dialog(self, kind: type[Kind]) -> Kind:
        """The dialog that is open."""
        found = [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]
        assert len(found) == 1
        return found[0]

    def reviews(self) -> Review:
        """The review that is open, when it shows what changes."""
        self.settles()
        review = self.dialog(Review)
        self.waits(review.ready)
        return review

    def accepts_the_review(self) -> None:
        self.reviews().accept()
        self.settles()

    def polls(self) -> None:
        """Looks now at what others wrote."""
        self.session._following.look()
        self.settles()

    def another(self) -> DbEngine:
        """Another process's handle on the same database."""
        return DbEngine(self.root, durability="off")

    def message(self) -> str:
        message = self.window.center.messages.message()
        return message.text if message else ""

    def seq(self) -> int:
        """The number of the version that is shown; 0 if none is."""
        info = self.window.placing.info
        return info.seq if info else 0

    def shown(self) -> str:
        """The document that is shown, as text."""
        view = self.window.center.view.view
        return "\n".join(view.row_text(row) for row in range(view.row_count()))
