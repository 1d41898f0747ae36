"""The power goes at any step: what was acknowledged lasts, whatever of the rest survives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from dbengine import DbException
from tests.crash.disk import LOSSES, Forgetful
from tests.crash.scenario import WRITES, State, Write, lived, opened, state

ROOT = Path("/data/base")
Ignored = Callable[[Path], bool]


class Lost(AssertionError):
    """An acknowledged write is gone, or something is there that nobody wrote."""


def disk_before(name: str, ignored: Ignored) -> Forgetful:
    disk = Forgetful()
    lived(ROOT, disk, until=name).close()
    disk.ignored = ignored
    return disk


def aftermaths(disk: Forgetful) -> Iterator[Forgetful]:
    for loss in LOSSES.values():
        for seed in range(2):
            yield disk.after_power_cut(loss, seed)


def check(disk: Forgetful, allowed: list[State]) -> None:
    for found in aftermaths(disk):
        try:
            with opened(ROOT, found) as db:
                is_allowed, report = state(db) in allowed, db.verify()
                db.init("later")
                db.save("later", "eve", "n", {"a": 1})
        except (DbException, OSError) as error:
            raise Lost(str(error)) from error
        if not is_allowed or not report.ok:
            raise Lost(str(report.problems))


def cut_the_power(name: str, ignored: Ignored = lambda _path: False) -> None:
    """Run the write, cut the power at each of its steps and after it, and look at what is left."""
    write = WRITES[name]
    before = disk_before(name, ignored)
    with opened(ROOT, deepcopy(before)) as db:
        old = state(db)
        write(db)
        new = state(db)
    for at in range(1, 1000):
        disk = deepcopy(before)
        with opened(ROOT, disk) as db, disk.dying(at):
            write(db)
        if disk.taken < at:
            check(disk, [new])
            break
        check(disk, [old, new])
        go_on(disk, write, old, new)


def go_on(disk: Forgetful, write: Write, old: State, new: State) -> None:
    """The killed program is started again and writes; then its write is acknowledged, too."""
    with opened(ROOT, disk) as db:
        if state(db) == old:
            write(db)
            check(disk, [new])


@pytest.mark.parametrize("name", WRITES)
def test_what_was_acknowledged_lasts(name: str) -> None:
    cut_the_power(name)


SYNCS: dict[str, tuple[str, Ignored]] = {
    "the bytes of objects": ("put", lambda p: len(p.name) == 64),
    "the names of objects": ("put", lambda p: len(p.name) == 2),
    "the folders of objects": ("save", lambda p: p.name == "objects"),
    "the bytes of the head": ("put", lambda p: p.name == "head"),
    "the name of the head": ("put", lambda p: p == ROOT / "t"),
    "the tenant's folder": ("init another", lambda p: p == ROOT),
    "the bytes of the marker": ("init", lambda p: p.name == "format.json"),
    "the root": ("init", lambda p: p == ROOT.parent),
    "the folders of shared objects": ("share", lambda p: p == ROOT / "refs"),
}


@pytest.mark.parametrize("what", SYNCS)
def test_without_any_one_of_the_syncs_something_is_lost(what: str) -> None:
    name, ignored = SYNCS[what]
    with pytest.raises(Lost):
        cut_the_power(name, ignored)


class OneSyncLess(Forgetful):
    """A disk that leaves out the n-th sync of what it does."""

    def __init__(self) -> None:
        super().__init__(self._skip)
        self.syncs = 0
        self.without = 0

    def _skip(self, _path: Path) -> bool:
        self.syncs += 1
        return self.syncs == self.without


def test_no_sync_of_a_put_is_one_too_many() -> None:
    name = "put"
    counting = OneSyncLess()
    with lived(ROOT, counting, until=name) as db:
        counting.syncs = 0
        WRITES[name](db)
        new = state(db)
    assert counting.syncs >= 5
    for number in range(1, counting.syncs + 1):
        disk = OneSyncLess()
        with lived(ROOT, disk, until=name) as db:
            disk.syncs, disk.without = 0, number
            WRITES[name](db)
        with pytest.raises(Lost):
            check(disk, [new])


def test_a_root_below_folders_that_were_not_there_lasts() -> None:
    root = Path("/data/new/newer/base")
    disk = Forgetful()
    with opened(root, disk) as db:
        db.init("t")
    for found in aftermaths(disk):
        with opened(root, found) as db:
            assert db.tenants() == ["t"]


def test_objects_that_a_killed_writer_left_are_not_trusted_to_last() -> None:
    """Their names had never been synced; a head that used them lost them with the power."""
    disk = disk_before("restore", lambda _path: False)
    with opened(ROOT, disk) as db, disk.dying(15):
        db.save("t", "ann", "other", {"fresh": 1})
    with opened(ROOT, disk) as db:
        db.save("t", "ann", "third", {"fresh": 1})
        check(disk, [state(db)])
