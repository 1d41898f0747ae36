"""A real window on the small database, and somebody who uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from gui.session import Session
from gui.windows.main import MainWindow

from .user import User


@pytest.fixture
def closed_window(
    qtbot: QtBot, new_session: Callable[[], Session], clock: Callable[[], datetime]
) -> Iterator[MainWindow]:
    """A window without a database."""
    session = new_session()
    window = MainWindow(session, now=clock)
    window.show()
    yield window
    window.editing.drafts.clear()
    window.close()
    session.join()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def visitor(qtbot: QtBot, closed_window: MainWindow, root: Path) -> User:
    """Somebody before the welcome page."""
    return User(qtbot, closed_window, root)


@pytest.fixture
def user(visitor: User, root: Path) -> User:
    """Somebody with the small database open."""
    visitor.opens(root)
    return visitor
