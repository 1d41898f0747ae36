"""The power goes at any step: what was acknowledged lasts, whatever of the rest survives."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dbengine import DbEngine, DbException
from dbengine.store import place, tenant
from tests.crash.disk import LOSSES, Forgetful, killed
from tests.crash.scenario import WRITES, State, Write, lived, opened, state

ROOT = Path("/data/base")
Ignored = Callable[[Path], bool]


class Lost(AssertionError):
    """An acknowledged write is gone, or something is there that nobody wrote."""


def same_handle(disk: Forgetful, until: str) -> DbEngine:
    return lived(ROOT, disk, until)


def settled(disk: Forgetful, until: str) -> DbEngine:
    lived(ROOT, disk, until).close()
    return opened(ROOT, disk)


def in_the_journal(disk: Forgetful, until: str) -> DbEngine:
    killed(lived(ROOT, disk, until))
    return opened(ROOT, disk)


Before = Callable[[Forgetful, str], DbEngine]
BEFORE: list[Before] = [same_handle, settled, in_the_journal]
"""How the writes before came to be: all that differs is where they are."""


def aftermaths(disk: Forgetful) -> Iterator[Forgetful]:
    for loss, times in LOSSES:
        for seed in range(times):
            yield disk.after_power_cut(loss, seed)


def check(disk: Forgetful, allowed: list[State]) -> None:
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
    name: str,
    before: Before,
    ignored: Ignored = lambda _path: False,
    *,
    close: bool = True,
    every: int = 1,
) -> None:
    """Run a write and the close, cut the power at each step and after it, look at what is left."""
    write = WRITES[name]
    with before(Forgetful(), name) as db:
        old = state(db)
        write(db)
        new = state(db)
    for at in range(len(name) % every + 1, 1000, every):
        disk, allowed = Forgetful(), [old, new]
        db = before(disk, name)
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
        go_on(disk, write, old, new)


def go_on(disk: Forgetful, write: Write, old: State, new: State) -> None:
    """The killed program is started again and writes; then its write is acknowledged, too."""
    db = opened(ROOT, disk)
    if state(db) == old:
        write(db)
        check(disk, [new])
    killed(db)


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", WRITES)
def test_what_was_acknowledged_lasts(name: str, before: Before) -> None:
    cut_the_power(name, before, every=6)


@pytest.mark.slow
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", WRITES)
def test_what_was_acknowledged_lasts_at_every_step(name: str, before: Before) -> None:
    cut_the_power(name, before)


JOURNAL = ROOT / "t" / "journal"
SYNCS: dict[str, tuple[str, Before, Ignored]] = {
    "the line": ("put", same_handle, lambda p: p.parent == JOURNAL),
    "the name of a segment": ("put", settled, lambda p: p == JOURNAL),
    "the bytes of objects": ("put", settled, lambda p: len(p.name) == 64),
    "the names of objects": ("put", settled, lambda p: len(p.name) == 2),
    "many objects at once": ("append", in_the_journal, lambda p: p == ROOT / "t" / "tmp"),
    "the bytes of the head": ("put", settled, lambda p: p.name == "head"),
    "the name of the head": ("put", settled, lambda p: p == ROOT / "t"),
    "the tenant's folder": ("init another", settled, lambda p: p == ROOT),
    "the bytes of the marker": ("init", settled, lambda p: p.name == "format.json"),
    "the root": ("init", settled, lambda p: p == ROOT.parent),
    "the folders of shared objects": ("share", settled, lambda p: p == ROOT / "refs"),
}


@pytest.mark.parametrize("what", SYNCS)
def test_without_any_one_of_the_syncs_something_is_lost(what: str) -> None:
    name, before, ignored = SYNCS[what]
    with pytest.raises(Lost):
        cut_the_power(name, before, ignored)


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


def put(db: DbEngine) -> None:
    WRITES["put"](db)


@pytest.mark.parametrize(
    ("before", "first", "then"),
    [
        (same_handle, lambda _db: None, put),
        (same_handle, lambda db: (db.close(), put(db)), DbEngine.close),
        (same_handle, put, DbEngine.close),
    ],
    ids=["a put", "a small close", "a large close"],
)
def test_no_sync_is_one_too_many(
    before: Before, first: Callable[[DbEngine], Any], then: Callable[[DbEngine], Any]
) -> None:
    counting = OneSyncLess()
    db = before(counting, "put")
    first(db)
    counting.begin()
    then(db)
    syncs = counting.count
    new = state(db)
    killed(db)
    assert syncs >= 1
    for number in range(1, syncs + 1):
        disk = OneSyncLess()
        db = before(disk, "put")
        first(db)
        disk.begin(number)
        then(db)
        killed(db)
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


def write_after_a_killed_init(ignored: Ignored = lambda _path: False) -> None:
    for at in range(1, 60):
        disk = Forgetful()
        db = opened(ROOT, disk)
        with disk.dying(at):
            db.init("t")
        killed(db)
        disk.ignored = ignored
        db = opened(ROOT, disk)
        if db.tenants():
            db.save("t", "ann", "n", 1)
            check(disk, [state(db)])
        killed(db)


def test_a_tenant_whose_maker_was_killed_lasts_from_its_first_write_on() -> None:
    write_after_a_killed_init()
    with pytest.raises(Lost):
        write_after_a_killed_init(lambda p: p == ROOT / "t")


@pytest.mark.parametrize("at", range(1, 30))
def test_objects_that_a_killed_writer_left_are_not_trusted_to_last(at: int) -> None:
    """Their names had never been synced; a head that used them lost them with the power."""
    disk = Forgetful()
    lived(ROOT, disk, "restore").close()
    db = opened(ROOT, disk)
    with disk.dying(at):
        db.save("t", "ann", "other", {"fresh": 1})
        db.close()
    killed(db)
    db = opened(ROOT, disk)
    db.save("t", "ann", "third", {"fresh": 1})
    check(disk, [state(db)])
    db.close()
    check(disk, [state(db)])


def test_an_import_too_large_for_a_line_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant, "_MOST_IN_A_LINE", 100)
    cut_the_power("append", settled)
    for ignored in (lambda p: len(p.name) == 64, lambda p: len(p.name) == 2):
        with pytest.raises(Lost):
            cut_the_power("append", settled, ignored, close=False)


def test_an_import_of_many_objects_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant, "_MOST_IN_A_LINE", 100)
    monkeypatch.setattr(place, "_FEW", 3)
    cut_the_power("append", settled)
    for turns in (itertools.cycle([True, False]), itertools.cycle([False, True])):
        every_other: Ignored = lambda p, turns=turns: p.name == "tmp" and next(turns)  # noqa: E731
        with pytest.raises(Lost):
            cut_the_power("append", settled, every_other)
