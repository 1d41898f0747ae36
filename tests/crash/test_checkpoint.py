"""A checkpoint writes objects straight to their place: whatever it leaves there does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbengine import DbEngine, codec
from dbengine.store import FolderStore
from tests.crash.disk import Forgetful, killed
from tests.crash.power import ROOT, Ignored, Lost, check, no_sync
from tests.crash.scenario import NOON, State, opened, state
from tests.dbengine.helpers import object_files


def unsynced(disk: Forgetful) -> DbEngine:
    """A database whose commits last from the next checkpoint on."""
    store = FolderStore(ROOT, files=disk, sync_commits=False)
    return DbEngine(ROOT, clock=lambda: NOON, store=store)


def settle_without_power(ignored: Ignored = no_sync, *, every: int = 1) -> None:
    """The checkpoint of a journal that was never synced, cut off at each step."""
    for at in range(1, 1000, every):
        disk = Forgetful()
        db = unsynced(disk)
        db.init("t")
        allowed: list[State] = [state(db)]
        for number in range(12):
            db.put("t", "ann", "n", f"k{number % 3}", number)
            allowed.append(state(db))
        disk.ignored = ignored
        with disk.dying(at):
            db.close()
            allowed = allowed[-1:]
        finished = disk.taken < at
        killed(db)
        check(disk, allowed)
        if finished:
            break


def test_a_journal_that_was_never_synced_leaves_no_part_of_an_object() -> None:
    """Objects that were in their place in part, and in no journal, counted as damaged for good."""
    settle_without_power(every=7)


@pytest.mark.slow
def test_a_journal_that_was_never_synced_leaves_none_at_any_step() -> None:
    settle_without_power()


def test_without_the_sync_of_the_journal_parts_of_objects_stay() -> None:
    with pytest.raises(Lost):
        settle_without_power(lambda path: path.parent.name == "journal")


@pytest.mark.parametrize("left", [b"", b'{"__entry__"', b"\x00" * 400])
def test_what_a_killed_checkpoint_left_is_read_from_the_journal_and_mended(
    tmp_path: Path, left: bytes
) -> None:
    root = tmp_path / "db"
    with DbEngine(root) as db:
        db.init("t")
        for number in range(20):
            db.put("t", "ann", "n", "a", number)
        journaled = db._store.objects("t")
        for digest in journaled:
            path = root / "t" / "objects" / digest[:2] / digest
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(left)
        whole = state(db)
        killed(db)
    with DbEngine(root, read_only=True) as reader:
        assert state(reader) == whole
        assert reader.verify().ok
    with DbEngine(root) as writer:
        writer.put("t", "ann", "n", "b", 1)
        assert all(codec.digest_of(p.read_bytes()) == p.name for p in object_files(root))
        assert writer.verify().ok


@pytest.mark.parametrize("at", range(1, 60, 6))
def test_what_a_power_cut_left_of_an_object_is_mended_by_the_next_checkpoint(at: int) -> None:
    disk = Forgetful()
    db = opened(ROOT, disk)
    db.init("t")
    db.save("t", "ann", "n", {"same": 1})
    with disk.dying(at):
        db.close()
    killed(db)
    for seed in range(5):
        found = disk.after_power_cut(lambda chance: chance.random() < 0.5, seed)
        db = opened(ROOT, found)
        db.save("t", "ann", "m", {"same": 1})
        db.close()
        check(found, [state(db)])
