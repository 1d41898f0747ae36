"""Real child processes, few and small; the jobs stand here so that the child can find them."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from dbengine import Cancelled, Conflict, DbException, InvalidJson
from gui import child

Told = tuple[int, int | None, str]


class Ticket:
    """Hears progress, and may have had enough of it."""

    def __init__(self, *, patience: int | None = None) -> None:
        self.told: list[Told] = []
        self.patience = patience

    def check(self) -> None:
        if self.patience is not None and len(self.told) >= self.patience:
            raise Cancelled("Cancelled.")

    def progress(self, done: int, total: int | None, what: str) -> None:
        self.told.append((done, total, what))


def add(progress, a, b):
    progress(1, 2, "Adding")
    return a + b


def names_of_modules(_progress):
    return sorted(sys.modules)


def conflict(_progress):
    raise Conflict("Too late.", tenant="acme", entry="users", current="f00d")


def no_file(_progress):
    Path("/nowhere/at/all").read_bytes()


def bad_json(_progress):
    raise InvalidJson("Odd.", 3, 4)


def stumble(_progress):
    return 1 // 0


def die(_progress):
    os.kill(os.getpid(), signal.SIGKILL)


def go_on(progress, folder):
    """Until it is told to stop; then it says so in the folder."""
    try:
        while True:
            progress(1, None, "Going on")
            time.sleep(0.005)
    finally:
        (folder / "stopped").touch()


def never_listen(progress):
    progress(1, None, "Once")
    while True:
        time.sleep(1)


def test_a_job_runs_elsewhere_and_its_result_and_progress_come_here() -> None:
    ticket = Ticket()
    assert child.run(ticket, add, 1, 2) == 3
    assert ticket.told == [(1, 2, "Adding")]


def test_a_child_never_loads_qt() -> None:
    loaded = child.run(Ticket(), names_of_modules)
    assert "gui.child" in loaded
    assert [name for name in loaded if name.startswith("PySide6")] == []


def test_an_error_comes_with_its_fields_and_the_trace_of_there() -> None:
    with pytest.raises(Conflict, match=r"Too late\.") as caught:
        child.run(Ticket(), conflict)
    assert (caught.value.entry, caught.value.current) == ("users", "f00d")
    assert "in conflict" in str(caught.value.__cause__)
    with pytest.raises(InvalidJson) as odd:
        child.run(Ticket(), bad_json)
    assert (odd.value.line, odd.value.column) == (3, 4)


def test_an_error_of_the_system_keeps_its_file() -> None:
    with pytest.raises(FileNotFoundError, match="nowhere") as caught:
        child.run(Ticket(), no_file)
    assert caught.value.filename == "/nowhere/at/all"


def test_a_bug_comes_as_one() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError") as caught:
        child.run(Ticket(), stumble)
    assert not isinstance(caught.value, DbException)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_child_that_is_killed_is_told_and_not_waited_for() -> None:
    with pytest.raises(child.ChildDied, match="signal 9"):
        child.run(Ticket(), die)


def test_a_cancelled_child_ends_by_itself(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        child.run(Ticket(patience=1), go_on, tmp_path)
    assert (tmp_path / "stopped").exists()


def test_a_child_that_does_not_listen_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "PATIENCE", 0.1)
    with pytest.raises(Cancelled):
        child.run(Ticket(patience=1), never_listen)
