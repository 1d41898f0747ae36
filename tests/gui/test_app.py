"""Arriving where the command line says, and telling what nobody caught."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.__main__ import parse
from gui.app import Arrival, _Reporter
from gui.session import Session
from gui.windows.bug_report import BugReport
from gui.windows.main import MainWindow

from .windows.user import User


@pytest.fixture
def visitor(
    qtbot: QtBot, new_session: Callable[[], Session], clock: Callable[[], datetime], root: Path
) -> Iterator[User]:
    session = new_session()
    window = MainWindow(session, now=clock)
    yield User(qtbot, window, root)
    window.close()
    session.join()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def arrives(user: User, *options: str) -> None:
    arrival = Arrival(user.window, parse([str(user.root), *options]))
    with user.qtbot.waitSignal(user.session.opened):
        arrival.start()
    user.settles()


def test_a_database_is_opened(visitor: User) -> None:
    arrives(visitor)
    assert visitor.session.writable
    assert visitor.session.place.tenant is None


def test_a_database_is_opened_read_only(visitor: User) -> None:
    arrives(visitor, "--read-only")
    assert not visitor.session.writable


def test_a_tenant_or_an_entry_is_where_one_begins(visitor: User) -> None:
    arrives(visitor, "--tenant", "acme", "--entry", "users")
    assert visitor.seq() == 4


@pytest.mark.parametrize("at", ["2", "20260309 08:01:00"])
def test_a_version_is_found_by_number_and_moment(visitor: User, at: str) -> None:
    arrives(visitor, "--tenant", "acme", "--entry", "users", "--at", at)
    visitor.waits(lambda: visitor.seq() == 2)


def test_a_version_that_is_not_there_is_told_and_the_entry_is_shown(visitor: User) -> None:
    arrives(visitor, "--tenant", "acme", "--entry", "users", "--at", "nonsense")
    assert visitor.message() != ""
    assert visitor.seq() == 4


def test_two_versions_are_compared(visitor: User) -> None:
    arrives(visitor, "--tenant", "acme", "--entry", "users", "--compare", "1", "4")
    visitor.waits(lambda: visitor.window.center.compare.comparison)
    found = visitor.window.center.compare.comparison
    assert found is not None
    assert found.a_info is not None
    assert found.b_info is not None
    assert (found.a_info.seq, found.b_info.seq) == (1, 4)


def test_an_entry_that_is_not_there_is_told(visitor: User) -> None:
    arrives(visitor, "--tenant", "nobody", "--entry", "nothing")
    assert visitor.window.center.view.stack.state.title() == "This is not there"


def test_a_database_opened_later_is_not_the_one_that_was_meant(
    visitor: User, tmp_path: Path
) -> None:
    line = [str(tmp_path / "nowhere"), "--tenant", "acme", "--entry", "users"]
    arrival = Arrival(visitor.window, parse(line))
    with visitor.qtbot.waitSignal(visitor.session.failed):
        arrival.start()
    visitor.opens(visitor.root)
    assert visitor.session.place.entry is None


def test_what_nobody_caught_is_told(visitor: User, caplog: pytest.LogCaptureFixture) -> None:
    error = RuntimeError("odd")
    _Reporter(visitor.window)(RuntimeError, error, None)
    [report] = [w for w in QApplication.topLevelWidgets() if isinstance(w, BugReport)]
    assert "RuntimeError: odd" in report._report.toPlainText()
    assert "RuntimeError: odd" in caplog.text
    report.reject()


def test_an_interrupt_is_no_bug(visitor: User) -> None:
    _Reporter(visitor.window)(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, BugReport)]
