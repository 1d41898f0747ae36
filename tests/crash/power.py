"""The power goes while something runs: what was acknowledged must last, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from dbengine import DbEngine, DbException
from tests.crash.disk import LOSSES, Forgetful, killed
from tests.crash.scenario import State, Write, opened, state

ROOT: Final = Path("/data/base")

Ignored = Callable[[Path], bool]
"""Which syncs a disk leaves out."""

Make = Callable[[Forgetful], DbEngine]
"""Brings a database about, up to the moment from which on the power may go."""


class Lost(AssertionError):
    """An acknowledged write is gone, or something is there that nobody wrote."""


class OneSyncLess(Forgetful):
    """A disk that leaves out the n-th sync of what it does."""

    def __init__(self) -> None:
        super().__init__(self._skip)
        self.count = 0
        self.without = 0

    def _skip(self, _path: Path) -> bool:
        self.count += 1
        return self.count == self.without

    def begin(self, without: int = 0) -> None:
        """Count from here on."""
        self.count, self.without = 0, without


def no_sync(_path: Path) -> bool:
    """Leaves out none."""
    return False


def aftermaths(disk: Forgetful) -> Iterator[Forgetful]:
    for loss, times in LOSSES:
        for seed in range(times):
            yield disk.after_power_cut(loss, seed)


def check(disk: Forgetful, allowed: list[State]) -> None:
    """Whatever the power cut leaves is one of these states, is sound, and can be written to."""
    for found in aftermaths(disk):
        try:
            with opened(ROOT, found) as db:
                before, report = state(db), db.verify()
                db.init("later")
                for tenant in db.tenants():
                    db.save(tenant, "eve", "later", {"a": 1})
            with opened(ROOT, found) as db:
                after = state(db)
        except (DbException, OSError) as error:
            raise Lost(str(error)) from error
        for tenant in after:
            assert after[tenant].pop("later") == [(1, "eve", {"a": 1})]
        if before not in allowed or not report.ok or after != before | {"later": {}}:
            raise Lost(str(report.problems))


def cut_the_power(
    make: Make,
    write: Write,
    ignored: Ignored = no_sync,
    *,
    between: list[State] | None = None,
    close: bool = True,
    every: int = 1,
    first: int = 1,
) -> None:
    """Run a write and the close, cut the power at each step and after it, look at what is left.

    `between` are the states that there may be while it runs, besides the old and the new one.
    """
    with make(Forgetful()) as db:
        old = state(db)
        write(db)
        new = state(db)
    for at in range(first, 10_000, every):
        disk, allowed = Forgetful(), [old, *(between or []), new]
        db = make(disk)
        disk.ignored = ignored
        with disk.dying(at):
            write(db)
            allowed = [new]
            if close:
                db.close()
        finished = disk.taken < at
        killed(db)
        check(disk, allowed)
        if finished:
            break
        go_on(disk, write, new)


def go_on(disk: Forgetful, write: Write, new: State) -> None:
    """The killed program is started again and writes; then its write is acknowledged, too."""
    db = opened(ROOT, disk)
    if state(db) != new:
        write(db)
        check(disk, [new])
    killed(db)


def syncs_that_matter(make: Make, write: Write) -> int:
    """How many syncs a write makes; raises `AssertionError` where one could be left out."""
    counting = OneSyncLess()
    db = make(counting)
    counting.begin()
    write(db)
    syncs, new = counting.count, state(db)
    killed(db)
    for number in range(1, syncs + 1):
        disk = OneSyncLess()
        db = make(disk)
        disk.begin(number)
        write(db)
        killed(db)
        assert _is_lost(disk, new), f"sync {number} of {syncs} is one too many"
    return syncs


def _is_lost(disk: Forgetful, new: State) -> bool:
    try:
        check(disk, [new])
    except Lost:
        return True
    return False
