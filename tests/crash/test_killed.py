"""Real processes, really killed: nothing acknowledged is lost, and nothing half done is seen."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dbengine import DbEngine

HERE = Path(__file__).parents[2]
CHILD = """
import sys
from dbengine import DbEngine, Version

root, start = sys.argv[1], int(sys.argv[2])
db = DbEngine(root)
db.init("t")
for number in range(start, start + 100_000):
    db.put("t", "child", "records", f"k{number % 7}", {"number": number, "pad": "x" * 3000})
    db.save("t", "child", "whole", [number] * 50)
    print(number, flush=True)
"""


def killed_after(root: Path, start: int, pause: float) -> int:
    """Let a child write for a while, kill it, and return the last number that it acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(root), str(start)], cwd=HERE, stdout=subprocess.PIPE
    )
    assert child.stdout
    acknowledged = [int(child.stdout.readline())]
    time.sleep(pause)
    child.send_signal(signal.SIGKILL)
    acknowledged += map(int, child.stdout.read().split())
    child.wait()
    child.stdout.close()
    return acknowledged[-1]


def kill_and_look(root: Path, times: int) -> None:
    chance, start = random.Random(5), 1
    for _ in range(times):
        last = killed_after(root, start, chance.random() / 20)
        with DbEngine(root) as db:
            whole = db.load("t", "whole")[0]
            records = max(record["number"] for record in db.get("t", "records"))
            assert last <= whole <= records <= last + 1
            assert db.load("t", "whole") == [whole] * 50
            db.put("t", "parent", "records", "own", {"number": 0, "after": last})  # locks are free
            assert list((root / "t" / "tmp").iterdir()) == []
            start = records + 1
    report = DbEngine(root).verify()
    assert report.ok, report.problems


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_a_writer_killed_again_and_again_loses_nothing(root: Path) -> None:
    kill_and_look(root, 6)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
@pytest.mark.timeout(1200)
def test_a_writer_killed_two_hundred_times_loses_nothing(root: Path) -> None:
    kill_and_look(root, 200)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "db"
