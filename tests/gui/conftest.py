"""What the tests of the browser share: no display, nothing left behind, a small database."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QStandardPaths
from PySide6.QtWidgets import QApplication

from dbengine import DbEngine
from gui.session import Session
from gui.settings import Settings

START = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)


@pytest.fixture(autouse=True)
def nothing_is_left_behind(qapp: QApplication) -> Iterator[None]:
    """Fails a test after which a thread still runs or a top-level widget still lives."""
    QStandardPaths.setTestModeEnabled(True)
    threads = set(sys._current_frames())
    widgets = set(map(id, QApplication.topLevelWidgets()))
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [widget for widget in QApplication.topLevelWidgets() if id(widget) not in widgets]
    assert left == []
    assert set(sys._current_frames()) <= threads


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "settings.ini")
    settings.user = "ana"
    return settings


@pytest.fixture
def root(tmp_path: Path, clock: Clock) -> Path:
    """A database of two tenants: "acme" with a collection, a document and a list; "globex"."""
    root = tmp_path / "orders.db"
    with DbEngine(root, clock=clock, durability="off") as db:
        db.init("acme")
        db.init("globex")
        for year in range(3):
            db.put("acme", "ana", "users", "john", {"name": "John", "age": 30 + year})
            clock.advance(minutes=1)
        db.put("acme", "marco", "users", "jane", {"name": "Jane", "age": 25}, note="New here")
        db.save("acme", "marco", "config", {"theme": "dark", "size": {"w": 1, "h": 2}})
        db.save("acme", "marco", "list", [1, 2, 3])
        db.save("globex", "lena", "users", {"hank": {"age": 50}})
    return root


@pytest.fixture
def new_session(qtbot: object, tmp_path: Path, clock: Clock) -> Iterator[Callable[[], Session]]:
    """Makes sessions that look at what others wrote only when a test says so."""
    made: list[Session] = []

    def make() -> Session:
        settings = Settings(tmp_path / f"settings-{len(made)}.ini")
        settings.user = ("ana", "marco", "lena")[len(made)]
        made.append(Session(settings, clock=clock, poll_pause=3_600_000))
        return made[-1]

    yield make
    for session in made:
        session.join()


@pytest.fixture
def session(new_session: Callable[[], Session], root: Path, qtbot: object) -> Session:
    """A session with the small database open."""
    session = new_session()
    with qtbot.waitSignal(session.opened):  # type: ignore[attr-defined]
        session.open(root)
    return session
