"""Packing that is killed, refused, or cut off from power at any step: every version is there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dbengine import DbEngine, StorageError
from dbengine.store import FolderStore, packing
from dbengine.store.files import Files
from tests.crash.disk import Died, Dying, Failing, Forgetful, Steps, killed
from tests.crash.power import ROOT, Ignored, Lost, OneSyncLess, check, no_sync
from tests.crash.scenario import opened, state

QUICK = Files(sync=False)


def pack(db: DbEngine) -> None:
    assert isinstance(db._store, FolderStore)
    entries = db.entries("t")
    db._store.pack("t", [digest for entry in entries for digest in db.history("t", entry)])


def written(db: DbEngine, *numbers: int) -> None:
    for number in numbers:
        db.put("t", "ann", "users", f"k{number % 3}", {"number": number})
    db.close()


def never_packed(db: DbEngine) -> None:
    """Two loose versions, and one in the journal."""
    db.init("t")
    written(db, 1, 2)
    db.put("t", "ann", "users", "last", {"in": "the journal"})


def packed_before(db: DbEngine) -> None:
    """A pack to merge with, a loose copy of something in it, and what is new."""
    never_packed(db)
    pack(db)
    assert isinstance(db._store, FolderStore)
    again = next(iter(db._store.objects("t")))
    db._store.put("t", db._store.get("t", [again]))
    written(db, 3)


Before = Callable[[DbEngine], None]
BEFORE: list[Before] = [never_packed, packed_before]


@pytest.fixture(params=BEFORE)
def before(request: pytest.FixtureRequest) -> Before:
    made: Before = request.param
    return made


# ---- killed and refused ---------------------------------------------------------------------


@pytest.fixture
def fresh(before: Before, tmp_path: Path) -> Callable[[], Path]:
    """Copies of a database that is to be packed."""
    with opened(tmp_path / "0", QUICK) as db:
        before(db)
        killed(db)
    numbers: Iterator[int] = iter(range(1, 10_000))

    def copied() -> Path:
        return Path(shutil.copytree(tmp_path / "0", tmp_path / str(next(numbers))))

    return copied


def steps_of(root: Path) -> int:
    counting = Steps()
    with opened(root, counting) as db:
        pack(db)
        return counting.taken


def test_killed_at_any_step(fresh: Callable[[], Path]) -> None:
    with opened(fresh(), QUICK) as db:
        whole = state(db)
    steps = steps_of(fresh())
    assert steps > 15
    for at in range(1, steps + 1):
        root = fresh()
        db = opened(root, Dying(at))
        with pytest.raises(Died):
            pack(db)
        killed(db)
        assert_whole_and_packs(root, whole)


def test_refused_at_any_step(fresh: Callable[[], Path]) -> None:
    with opened(fresh(), QUICK) as db:
        whole = state(db)
    for at in range(1, steps_of(fresh()) + 1):
        for for_good in (False, True):
            root, disk = fresh(), Failing(at, for_good=for_good)
            db = opened(root, disk)
            try:
                pack(db)
            except StorageError:
                assert db.read_only == disk.failed_sync
            assert state(db) == whole
            killed(db)
            assert not (root / "t" / "packs" / "unfinished").exists()
            assert_whole_and_packs(root, whole)


def assert_whole_and_packs(root: Path, whole: object) -> None:
    """Nothing is amiss, and the next packing takes in what this one left."""
    with opened(root, QUICK) as db:
        assert state(db) == whole
        assert db.verify().ok
        written(db)  # brings the journal to its place
        pack(db)
        assert state(db) == whole
        assert db.verify().ok
    assert not [path for path in (root / "t" / "objects").rglob("*") if path.is_file()]


# ---- without power --------------------------------------------------------------------------


def cut_the_power(before: Before, ignored: Ignored = no_sync, *, every: int = 1) -> None:
    """At each step of packing, and after it."""
    for at in range(1, 1000, every):
        disk = Forgetful()
        db = opened(ROOT, disk)
        before(db)
        whole = state(db)
        disk.ignored = ignored
        with disk.dying(at):
            pack(db)
        finished = disk.taken < at
        killed(db)
        check(disk, [whole])
        if finished:
            break


def test_everything_lasts(before: Before) -> None:
    cut_the_power(before, every=5)


@pytest.mark.slow
def test_everything_lasts_at_every_step(before: Before) -> None:
    cut_the_power(before)


SYNCS: dict[str, Ignored] = {
    "the bytes of the pack": lambda p: p.name == packing.UNFINISHED,
    "the name of the pack": lambda p: p.name == "packs",
    "the folder of packs": lambda p: p == ROOT / "t",
}


@pytest.mark.parametrize("what", SYNCS)
def test_without_any_one_of_the_syncs_something_is_lost(what: str) -> None:
    with pytest.raises(Lost):
        cut_the_power(never_packed, SYNCS[what])


def test_no_sync_is_one_too_many(before: Before) -> None:
    def packed(without: int) -> OneSyncLess:
        disk = OneSyncLess()
        db = opened(ROOT, disk)
        before(db)
        whole.append(state(db))
        disk.begin(without)
        pack(db)
        killed(db)
        return disk

    whole: list[dict[str, object]] = []
    syncs = packed(0).count
    assert syncs >= 2
    for number in range(1, syncs + 1):
        disk = packed(number)
        with pytest.raises(Lost):
            check(disk, [whole[-1]])
