"""Four processes of four threads write and are killed, while others pack, read and watch."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from dbengine import DbEngine, Info, Locked
from tests.crash.killing import Child

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills with a signal"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]

PROCESSES: Final = 4
THREADS: Final = 4
SILENCE: Final = 3.0
"""Seconds after which whoever watches takes it that nothing more comes."""


class Told:
    """A file of lines that outlive whoever wrote them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def writer(self) -> Callable[[str], None]:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        return lambda line: _write(descriptor, line)

    def lines(self) -> list[str]:
        return self._path.read_text().splitlines()


def _write(descriptor: int, line: str) -> None:
    os.write(descriptor, f"{line}\n".encode())


def value(token: str) -> dict[str, Any]:
    return {"token": token, "pad": token * 20}


class Storm:
    """All who are at work on one database, and what they told."""

    def __init__(self, folder: Path) -> None:
        self._root = folder / "db"
        self._chance = random.Random(3)
        self._names = count()
        self._done = folder / "done"
        self.acknowledged = Told(folder / "acknowledged")
        self.watched = Told(folder / "watched")
        with DbEngine(self._root) as db:
            db.init("t")
        self._watcher = self._start(self._watch)
        while "ready" not in self.watched.lines():
            time.sleep(0.01)
        self._reader = self._start(self._read)
        self._packer = self._start(self._pack)
        self._writers = [self._start(self._write(next(self._names))) for _ in range(PROCESSES)]
        self.kills = 0

    def _start(self, work: Callable[[], None]) -> Child:
        child = Child(lambda _tell: work())
        child.go()
        return child

    # ---- what children do -------------------------------------------------------------------

    def _write(self, name: int) -> Callable[[], None]:
        def run() -> None:
            db, told = DbEngine(self._root), self.acknowledged.writer()
            threads = [
                threading.Thread(target=self._write_on, args=(db, told, f"{name}.{number}"))
                for number in range(THREADS)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            db.close()

        return run

    def _write_on(self, db: DbEngine, told: Callable[[str], None], name: str) -> None:
        for number in count():
            if self._done.exists():
                return
            token = f"{name}.{number}"
            entry = "all" if number % 2 else f"by {name[0]}"
            db.put("t", name, entry, name, value(token), note=token)
            told(f"{entry}/{token}")

    def _pack(self) -> None:
        db = DbEngine(self._root)
        while not self._done.exists():
            try:
                db.pack("t")
            except Locked:  # by one that is being killed
                continue

    def _read(self) -> None:
        """Each version is whole, and is the one that its note tells of; none goes away."""
        newest: dict[str, int] = {}
        db = DbEngine(self._root, read_only=True)
        while not self._done.exists():
            for entry in db.entries("t"):
                found = db.load("t", entry)
                info = db.info("t", entry, found.digest)
                assert found[info.user] == value(info.note)
                assert all(record == value(record["token"]) for record in found.values())
                assert info.seq >= newest.get(entry, 0)
                newest[entry] = info.seq

    def _watch(self) -> None:
        told = self.watched.writer()
        versions = DbEngine(self._root, read_only=True).watch("t", timeout=SILENCE)
        told("ready")
        for info in versions:
            told(info.digest)

    # ---- the storm --------------------------------------------------------------------------

    def rage(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(self._chance.random() / 4)
            self._kill_one()
        self._done.touch()
        codes = [child.end()[1] for child in [*self._writers, self._packer, self._reader]]
        assert codes == [0] * len(codes)
        assert self._watcher.end()[1] == 0

    def _kill_one(self) -> None:
        """And start another in its stead."""
        self.kills += 1
        if self._chance.random() < 0.2:
            self._packer.kill()
            self._packer.end()
            self._packer = self._start(self._pack)
            return
        number = self._chance.randrange(PROCESSES)
        self._writers[number].kill()
        self._writers[number].end()
        self._writers[number] = self._start(self._write(next(self._names)))

    # ---- afterwards -------------------------------------------------------------------------

    def history(self, db: DbEngine, entry: str) -> list[Info]:
        """Oldest first, its chain unbroken."""
        log = db.log("t", entry, limit=1_000_000)[::-1]
        assert [info.seq for info in log] == list(range(1, len(log) + 1))
        assert [info.parent for info in log] == [None, *(info.digest for info in log[:-1])]
        return log

    def check(self) -> None:
        with DbEngine(self._root) as db:
            logs = {entry: self.history(db, entry) for entry in db.entries("t")}
            written = [f"{entry}/{info.note}" for entry, log in logs.items() for info in log]
            assert len(set(written)) == len(written)
            acknowledged = self.acknowledged.lines()
            assert set(acknowledged) <= set(written)
            under_way = len(written) - len(acknowledged)
            assert under_way <= self.kills * THREADS
            watched = self.watched.lines()[1:]
            for log in logs.values():
                digests = {info.digest for info in log}
                assert [d for d in watched if d in digests] == [info.digest for info in log]
            assert len(watched) == len(written)
            assert db.verify().problems == ()


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    made = Storm(tmp_path)
    yield made
    made._done.touch()


def test_a_storm_of_a_few_seconds_loses_nothing(storm: Storm) -> None:
    storm.rage(2)
    storm.check()
    assert storm.kills > 5


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_storm_of_a_minute_loses_nothing(storm: Storm) -> None:
    storm.rage(60)
    storm.check()
    assert storm.kills > 200
