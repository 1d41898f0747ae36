"""What the tour stands on: one window on a demo of its own, a camera, and patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPoint, QRect
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from dbengine import DbEngine

from ..journey import Place
from ..session import Session
from ..settings import Settings
from ..windows.main import MainWindow

SIZE: Final = (1440, 900)
NOW: Final = datetime(2026, 3, 14, 16, 10, tzinfo=UTC)
"""When the tour takes place, so that its pictures stay the same."""

_PATIENCE: Final = 30.0
_SETTLED: Final = 0.05


class StepFailed(Exception):
    """Something was not as the tour expects it."""


class Stage:
    """A window that is driven, looked at and photographed; `folder` takes the pictures."""

    def __init__(
        self, app: QApplication, root: Path, folder: Path, suffix: str, start: datetime = NOW
    ) -> None:
        self._app = app
        self._start = start
        self._folder = folder
        self._suffix = suffix
        self._seconds = 0
        self.root = root
        self.settings = Settings(root.parent / f"settings-{suffix}.ini")
        self.settings.user = "ana"
        self.session = Session(self.settings, clock=self.clock)
        self.window = MainWindow(self.session, now=self.clock)
        self.window.resize(*SIZE)
        self.window.show()
        self.pictures: list[Path] = []

    def clock(self) -> datetime:
        """The tour's time, a second later each time it is asked for."""
        self._seconds += 1
        return self._start + timedelta(seconds=self._seconds)

    def check(self, fact: bool, sentence: str) -> None:
        """Fail the step unless the sentence holds."""
        if not fact:
            raise StepFailed(f"It is not so that {sentence}.")

    def wait(self, fact: Callable[[], object], sentence: str) -> None:
        """Let the window work until the sentence holds; fail where it never does."""
        end = time.monotonic() + _PATIENCE
        while not fact():
            if time.monotonic() > end:
                raise StepFailed(f"It never came to be that {sentence}.")
            self._app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        self.settle()

    def settle(self) -> None:
        """Let everything that is on its way arrive and be painted."""
        end = time.monotonic() + _SETTLED
        while time.monotonic() < end or not self.session.idle:
            self._app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def do(self, name: str) -> None:
        """Trigger an action as its shortcut would."""
        action = self.window.actions_[name]
        self.check(action.isEnabled(), f"“{name}” can be chosen")
        action.trigger()

    def go(self, tenant: str, entry: str, mode: str = "view") -> None:
        """Choose an entry as a click in the tree would, then what to see of it."""
        self.session.go(Place(tenant, entry, None, "view"))
        self.wait(lambda: self.info_is(tenant, entry), f"{tenant} / {entry} is shown")
        if mode != "view":
            self.do(f"{mode}_mode")
            self.settle()

    def info_is(self, tenant: str, entry: str) -> bool:
        """Whether a version of that entry is shown."""
        info = self.window.placing.info
        return info is not None and (info.tenant, info.entry) == (tenant, entry)

    def seq(self) -> int:
        """The number of the version that is shown."""
        info = self.window.placing.info
        return info.seq if info else 0

    def type(self, widget: QWidget, text: str) -> None:
        """Type plain letters."""
        QTest.keyClicks(widget, text)

    def dialog(self) -> QDialog:
        """The dialog that is open."""
        found = [w for w in self._app.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
        self.check(len(found) == 1, "one dialog is open")
        return found[0]

    def somebody_else(self) -> DbEngine:
        """Another process's handle on the same database."""
        return DbEngine(self.root, clock=self.clock, durability="off")

    def picture(self, name: str) -> None:
        """Photograph the window, with whatever lies on top of it."""
        self.settle()
        shot = self.window.grab()
        for over in self._on_top():
            _lay_over(shot, self.window, over)
        path = self._folder / f"{name}-{self._suffix}.png"
        if not shot.save(str(path)):
            raise StepFailed(f"{path} cannot be written.")
        self.pictures.append(path)

    def leave(self) -> None:
        """Close the window as a user would, and wait until the database is let go."""
        self.window.editing.drafts.clear()
        for over in self._on_top():
            over.close()
        self.window.close()
        self.session.join()
        self.window.deleteLater()
        self.settle()

    def _on_top(self) -> list[QWidget]:
        widgets = self._app.topLevelWidgets()
        return [w for w in widgets if isinstance(w, QDialog | QMenu) and w.isVisible()]


def _lay_over(shot: QPixmap, window: QWidget, over: QWidget) -> None:
    """Paint a dialog where it stands, with the window dimmed below and a thin edge."""
    painter = QPainter(shot)
    at = _place(window, over)
    if not isinstance(over, QMenu):
        painter.fillRect(window.rect(), QColor(0, 0, 0, 90))
    painter.drawPixmap(at, over.grab())
    painter.setPen(QColor(128, 128, 128, 120))
    painter.drawRect(QRect(at, over.size()).adjusted(-1, -1, 0, 0))
    painter.end()


def _place(window: QWidget, over: QWidget) -> QPoint:
    if isinstance(over, QMenu) or over.windowType() == over.windowType().Popup:
        return window.mapFromGlobal(over.mapToGlobal(QPoint(0, 0)))
    return QPoint((window.width() - over.width()) // 2, (window.height() - over.height()) // 2)
