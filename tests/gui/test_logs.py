"""The log on disk: what goes there, how large it gets, and what a crash leaves."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gui import logs
from gui.logs import Logs, crash_file, last_crash, log_file

HERE = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state" / "logs"
    monkeypatch.setattr(logs, "folder", lambda: folder)
    return folder


@pytest.fixture
def started() -> Iterator[Logs]:
    logs = Logs()
    yield logs
    logs.close()


def test_the_folder_is_the_platforms_own_for_what_a_program_notes_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    assert logs.folder().name == "logs"
    assert logs.folder().is_absolute()


def test_what_is_logged_is_in_the_file(started: Logs) -> None:
    logging.getLogger("gui.session").error("The disk is full.")
    assert "ERROR gui.session: The disk is full." in log_file().read_text(encoding="utf-8")


def test_what_qt_says_is_there_too(place: Path) -> None:
    script = (
        "from pathlib import Path\nfrom PySide6.QtCore import qWarning\nfrom gui import logs\n"
        f"logs.folder = lambda: Path({str(place)!r})\n"
        "running = logs.Logs()\nqWarning('A signal is lost.')\nrunning.close()\n"
    )
    _run(script)
    assert "WARNING default: A signal is lost." in log_file().read_text(encoding="utf-8")


def test_a_log_never_grows_without_end(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setattr(logs, "_SIZE", 2_000)
    running = Logs()
    for number in range(400):
        logging.getLogger("gui").warning("Line %d, and some more words to fill it up.", number)
    running.close()
    written = sorted(place.glob("dbengine-browser.log*"))
    assert len(written) == 4
    assert max(path.stat().st_size for path in written) <= 2_000
    assert "Line 399" in log_file().read_text(encoding="utf-8")


def test_nothing_is_logged_after_the_end(place: Path) -> None:
    Logs().close()
    logging.getLogger("gui").error("Too late.")
    assert "Too late" not in log_file().read_text(encoding="utf-8")


def test_without_a_place_for_logs_the_program_goes_on(
    place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place.parent.parent.mkdir(exist_ok=True)
    place.parent.write_text("a file where a folder should be")
    Logs().close()
    assert "There will be no log file" in caplog.text


def test_a_crash_below_python_is_told_once_at_the_next_start(place: Path) -> None:
    script = (
        "import os, signal\nfrom pathlib import Path\nfrom gui import logs\n"
        f"logs.folder = lambda: Path({str(place)!r})\n"
        "def deep_down():\n    os.kill(os.getpid(), signal.SIGSEGV)\n"
        "running = logs.Logs()\ndeep_down()\n"
    )
    assert _run(script) == -signal.SIGSEGV
    told = last_crash()
    assert "Segmentation fault" in told
    assert "deep_down" in told
    assert last_crash() == ""
    assert crash_file().stat().st_size == 0


def test_without_a_crash_there_is_nothing_to_tell(started: Logs) -> None:
    assert last_crash() == ""


def _run(script: str) -> int:
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    return subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode
