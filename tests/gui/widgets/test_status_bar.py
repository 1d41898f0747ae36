"""The line at the bottom."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui.actions import Actions
from gui.widgets.status_bar import StatusBar
from gui.worker import Busy, Progress


@pytest.fixture
def bar(qtbot: QtBot) -> StatusBar:
    owner = QObject()
    bar = StatusBar(Actions(owner))
    bar._owner = owner  # type: ignore[attr-defined]
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_a_job_is_shown_only_while_it_runs(bar: StatusBar) -> None:
    assert not bar._job.isVisible()
    bar.show_busy(Busy("Comparing", False))
    assert bar._job.text() == "Comparing…"
    assert bar._progress.isVisible()
    bar.show_busy(None)
    assert not bar._job.isVisible()


def test_what_is_read_can_be_cancelled_what_is_written_cannot(bar: StatusBar) -> None:
    bar.show_busy(Busy("Reading", False))
    assert bar._cancel.isVisible()
    bar.show_busy(Busy("Writing", True))
    assert not bar._cancel.isVisible()


def test_progress_is_a_part_or_unknown(bar: StatusBar) -> None:
    bar.show_busy(Busy("Reading", False, Progress(3, 10, "")))
    assert (bar._progress.value(), bar._progress.maximum()) == (3, 10)
    assert bar._job.text() == "Reading…"
    bar.show_busy(Busy("Reading", False, Progress(3_000, None, "")))
    assert bar._progress.maximum() == 0
    assert bar._job.text() == "Reading… 3,000"


def test_place_path_size_and_access_are_told(bar: StatusBar) -> None:
    bar.show_place("acme / users")
    bar.show_path("$.john")
    bar.show_size("2 records")
    bar.show_access("Read-only")
    texts = [label.text() for label in (bar._place, bar._path, bar._size, bar._access)]
    assert texts == ["acme / users", "$.john", "2 records", "Read-only"]
