"""Real processes, really killed: nothing acknowledged is lost, and nothing half done is seen."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from dbengine import DbEngine, StorageError
from tests.crash.killing import Child, Life, State, found

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills with a signal"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]

Act = Callable[[DbEngine], object]

# ---- at random ------------------------------------------------------------------------------

MOST = 25
"""So often one database is gone on with after a kill."""


def kill_at_random(folder: Path, times: int) -> None:
    chance, life = random.Random(5), Life(folder)
    for begun in range(0, times, MOST):
        root, after, state = folder / f"db{begun}", 0, State()
        DbEngine(root).init("t")
        for _ in range(min(MOST, times - begun)):
            last = last_told(root, life, after + 1, chance.random() ** 2 / 25)
            for number in range(after + 1, last + 1):
                state = life.follow(state, number)
            after, state = survived(root, life, last, state)


def last_told(root: Path, life: Life, first: int, pause: float) -> int:
    """Let a child write for a while, kill it, and return the last number that it acknowledged."""

    def work(tell: Callable[[int], None]) -> None:
        db = DbEngine(root)
        for number in range(first, first + 5000):
            life.write(db, number)
            tell(number)

    child = Child(work)
    child.go()
    time.sleep(pause)
    child.kill()
    told, _code = child.end()
    assert told == list(range(first, first + len(told)))
    return first + len(told) - 1


def survived(root: Path, life: Life, last: int, state: State) -> tuple[int, State]:
    """What was acknowledged is there, and of the rest the write under way, or nothing."""
    following = life.follow(state, last + 1)
    with DbEngine(root) as db:
        now = found(db)
        assert now in (state, following)
        assert db.verify().ok
        db.init("free")
        db.save("t", "parent", "locks are free", last)
        db.delete("t", "parent", "locks are free")
    assert list((root / "t" / "tmp").iterdir()) == []
    return (last + 1, following) if now == following else (last, state)


def test_a_writer_killed_again_and_again_loses_nothing(tmp_path: Path) -> None:
    kill_at_random(tmp_path, 25)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_writer_killed_a_thousand_times_loses_nothing(tmp_path: Path) -> None:
    kill_at_random(tmp_path, 1000)


# ---- at every call of the system ------------------------------------------------------------

CALLS: Final = "%file,%desc"


def run_traced(work: Callable[[Callable[[int], None]], object], *tracing: str) -> list[int]:
    """Run a child under `strace`, attached before it begins, and return what it told."""
    child = Child(work)
    command = ["strace", "-p", str(child.pid), "-o", "/dev/null", *tracing]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as strace:
        assert strace.stderr
        if b"attached" not in strace.stderr.readline():
            child.kill()
            child.end()
            pytest.skip("strace cannot attach to a process here")
        child.go()
        told, _code = child.end()
    return told


@cache
def can_trace() -> bool:
    return shutil.which("strace") is not None


needs_strace = pytest.mark.skipif(not can_trace(), reason="strace is not installed")

ACTS: Final[dict[str, Act]] = {
    "save": lambda db: db.save("t", "ann", "whole", [2] * 50),
    "put": lambda db: db.put("t", "ann", "records", "k1", {"new": 1}),
    "put_many": lambda db: db.put_many("t", "ann", "records", {f"n{n}": n for n in range(99)}),
    "checkpoint": lambda db: (db.put("t", "ann", "records", "k2", 2), db.close()),
    "pack": lambda db: db.pack("t"),
    "import": lambda db: db.import_("t", db.root.parent / "9.export"),
}


class Start:
    """A database in its place, in a pack and in the journal, from which each run begins."""

    def __init__(self, folder: Path, act: Act) -> None:
        self._folder = folder
        self._act = act
        self._life = Life(folder)
        self._count = 0
        self._make()
        with DbEngine(self.fresh()) as db:
            self.old = found(db)
            act(db)
            self.new = found(db)

    def _make(self) -> None:
        def work(_tell: Callable[[int], None]) -> None:
            db = DbEngine(self._folder / "before")
            db.init("t")
            for number in range(19):
                self._life.write(db, number)

        child = Child(work)  # it ends without closing
        child.go()
        assert child.end() == ([], 0)

    def fresh(self) -> Path:
        self._count += 1
        return Path(shutil.copytree(self._folder / "before", self._folder / str(self._count)))

    def work(self, root: Path) -> Callable[[Callable[[int], None]], object]:
        """The act, and then a word of how it went: 1 done, 2 refused, 3 and read-only since."""

        def run(tell: Callable[[int], None]) -> None:
            db = DbEngine(root)
            try:
                self._act(db)
            except StorageError:
                tell(3 if db.read_only else 2)
            else:
                tell(1)

        return run

    def count(self, calls: str) -> int:
        """How many of these calls the act makes."""
        log = self._folder / "calls"
        assert run_traced(self.work(self.fresh()), f"-e{calls}", "-o", str(log)) == [1]
        return sum("(" in line for line in log.read_text().splitlines())

    def check(self, root: Path, told: list[int]) -> None:
        with DbEngine(root) as db:
            now = found(db)
            assert now == self.new if told == [1] else now in (self.old, self.new)
            assert db.verify().ok
            self._act(db)  # the locks are free
            assert found(db) == self.new
            assert db.verify().ok
        shutil.rmtree(root)


@pytest.fixture(params=ACTS)
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Start:
    return Start(tmp_path, ACTS[request.param])


def kill_at_calls(start: Start, every: int) -> None:
    calls = start.count(CALLS)
    assert calls > 10
    for at in range(2, calls + 1, every):
        root = start.fresh()
        told = run_traced(start.work(root), f"-e{CALLS}", f"-einject={CALLS}:signal=KILL:when={at}")
        start.check(root, told)


@needs_strace
def test_killed_at_some_calls_of_the_system(start: Start) -> None:
    kill_at_calls(start, start.count(CALLS) // 4)


@needs_strace
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_at_every_call_of_the_system(start: Start) -> None:
    kill_at_calls(start, 1)


REFUSALS: Final = {
    "the disk is full": ("write,pwrite64,mkdir,?renameat2,rename", "ENOSPC"),
    "the disk is broken": ("fsync,fdatasync,syncfs", "EIO"),
    "not allowed": ("openat,rename,unlink,mkdir", "EACCES"),
}


def refuse_calls(start: Start, what: str, most: int) -> None:
    """Once, and for good."""
    calls, error = REFUSALS[what]
    count = start.count(calls)
    for at in range(1, count + 1, max(1, count // most)):
        for times in ("", "+"):
            root = start.fresh()
            inject = f"-einject={calls}:error={error}:when={at}{times}"
            told = run_traced(start.work(root), f"-e{calls}", inject)
            assert told != [2] or error != "EIO"  # read-only since, whatever was in doubt
            start.check(root, told)


@needs_strace
@pytest.mark.parametrize("what", REFUSALS)
def test_refused_by_the_system_at_some_calls(start: Start, what: str) -> None:
    refuse_calls(start, what, 1)


@needs_strace
@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("what", REFUSALS)
def test_refused_by_the_system_at_every_call(start: Start, what: str) -> None:
    refuse_calls(start, what, 1000)
