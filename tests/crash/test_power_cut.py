"""The power goes at any step: what was acknowledged lasts, whatever of the rest survives."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dbengine import DbEngine
from dbengine.store import place, tenant
from tests.crash.disk import Forgetful, killed
from tests.crash.power import (
    ROOT,
    Ignored,
    Lost,
    aftermaths,
    check,
    cut_the_power,
    no_sync,
    syncs_that_matter,
)
from tests.crash.scenario import WRITES, lived, opened, state


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


def cut(
    name: str, before: Before, ignored: Ignored = no_sync, *, close: bool = True, every: int = 1
) -> None:
    cut_the_power(
        lambda disk: before(disk, name),
        WRITES[name],
        ignored,
        close=close,
        every=every,
        first=len(name) % every + 1,
    )


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", WRITES)
def test_what_was_acknowledged_lasts(name: str, before: Before) -> None:
    cut(name, before, every=9)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", WRITES)
def test_what_was_acknowledged_lasts_at_every_step(name: str, before: Before) -> None:
    cut(name, before)


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
        cut(name, before, ignored, every=5 if name == "append" else 1)


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
    def make(disk: Forgetful) -> DbEngine:
        db = before(disk, "put")
        first(db)
        return db

    assert syncs_that_matter(make, then) >= 1


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
    cut("append", settled, every=9)
    for ignored in (lambda p: len(p.name) == 64, lambda p: len(p.name) == 2):
        with pytest.raises(Lost):
            cut("append", settled, ignored, close=False, every=5)


def test_an_import_of_many_objects_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant, "_MOST_IN_A_LINE", 100)
    monkeypatch.setattr(place, "_FEW", 3)
    cut("append", settled, every=9)
    for turns in (itertools.cycle([True, False]), itertools.cycle([False, True])):
        every_other: Ignored = lambda p, turns=turns: p.name == "tmp" and next(turns)  # noqa: E731
        with pytest.raises(Lost):
            cut("append", settled, every_other, every=5)
