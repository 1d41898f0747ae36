"""Arriving where the command line says, and telling what nobody caught."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dbengine import DbEngine
from gui.__main__ import parse
from gui.app import Arrival, Reporter, tell_last_crash
from gui.logs import log_file
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
    Reporter(visitor.window)(RuntimeError, error, None)
    [report] = [w for w in QApplication.topLevelWidgets() if isinstance(w, BugReport)]
    assert "RuntimeError: odd" in report._report.toPlainText()
    assert "RuntimeError: odd" in caplog.text
    report.reject()


def test_a_crash_of_the_last_run_is_told_at_the_next_start(
    visitor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.app.last_crash", lambda: "Fatal Python error: Segmentation fault")
    tell_last_crash(visitor.window)
    [report] = [w for w in QApplication.topLevelWidgets() if isinstance(w, BugReport)]
    assert "Segmentation fault" in report._report.toPlainText()
    assert str(log_file()) in report._text.text()
    report.reject()


def test_without_a_crash_nothing_is_told(visitor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.app.last_crash", lambda: "")
    tell_last_crash(visitor.window)
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, BugReport)]


def test_what_fails_before_there_is_a_window_is_told_all_the_same(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def looked_at(report: BugReport) -> int:
        told.append(report._report.toPlainText())
        report.deleteLater()
        return 0

    monkeypatch.setattr(BugReport, "exec", looked_at)
    Reporter()(RuntimeError, RuntimeError("no window yet"), None)
    assert "no window yet" in told[0]


def test_a_bug_leaves_the_database_as_it_was_and_open(visitor: User) -> None:
    arrives(visitor, "--tenant", "acme", "--entry", "users")
    error = RuntimeError("in the middle of things")
    Reporter(visitor.window)(RuntimeError, error, None)
    [report] = [w for w in QApplication.topLevelWidgets() if isinstance(w, BugReport)]
    report.reject()
    assert visitor.session.writable
    with DbEngine(visitor.root, read_only=True) as db:
        assert db.verify().problems == ()


def test_a_database_may_be_named_by_the_file_that_marks_it(visitor: User) -> None:
    arrival = Arrival(visitor.window, parse([str(visitor.root / "format.json")]))
    with visitor.qtbot.waitSignal(visitor.session.opened):
        arrival.start()
    visitor.settles()
    assert visitor.session.writable


def test_an_interrupt_is_no_bug(visitor: User) -> None:
    Reporter(visitor.window)(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, BugReport)]


def test_what_the_finder_opens_arrives_as_a_path() -> None:
    script = (
        "from PySide6.QtCore import QCoreApplication\nfrom PySide6.QtGui import QFileOpenEvent\n"
        "from gui.app import make_application\n"
        "app = make_application()\napp.asked_to_open.connect(print)\n"
        "QCoreApplication.sendEvent(app, QFileOpenEvent('/data/my.db'))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "/data/my.db\n"


def test_a_database_that_is_asked_for_later_is_opened(visitor: User) -> None:
    arrival = Arrival(visitor.window, parse([]))
    with visitor.qtbot.waitSignal(visitor.session.opened):
        arrival.open(str(visitor.root / "format.json"))
    visitor.settles()
    assert visitor.session.writable
