"""Objects that were read lately: what is remembered of them, in threads and in forked children."""

from __future__ import annotations

import os

import pytest

from dbengine import DbEngine
from dbengine.objects import Objects
from dbengine.store import MemoryStore


def test_one_cached_value_counts_once() -> None:
    objects = Objects(MemoryStore())
    cache = objects._data
    cache._keep(("t", "a"), b"x", 1000)
    cache._keep(("t", "a"), b"x", 1)
    assert cache._size == 1000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_reads_though_a_thread_of_its_parent_was_reading() -> None:
    store = MemoryStore()
    DbEngine(store=store).init("t")
    digest = DbEngine(store=store).save("t", "ann", "n", 1)
    objects = Objects(store)
    guard = objects._snapshots._guard
    with guard:
        child = os.fork()
        if child == 0:
            os._exit(0 if objects.snapshot("t", digest).seq == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.fixture
def store() -> MemoryStore:
    """A collection of seven versions, the last of them two steps from the first."""
    store = MemoryStore()
    db = DbEngine(store=store)
    db.init("t")
    db.put_many("t", "ann", "n", {f"r{n}": "calm " * 9 for n in range(100)})
    for number in range(6):
        db.put("t", "ann", "n", "r1", number)
    return store


def test_a_version_leads_to_a_whole_one_in_a_few_steps(store: MemoryStore) -> None:
    objects = Objects(store)
    head = objects.snapshot("t", DbEngine(store=store).get_digest("t", "n"))
    assert [version.seq for version in objects.steps("t", head)] == [7, 5, 1]


def test_what_a_version_says_its_changes_against_is_looked_up_once(store: MemoryStore) -> None:
    objects = Objects(store)
    head = objects.snapshot("t", DbEngine(store=store).get_digest("t", "n"))
    first = list(objects.steps("t", head))
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(Objects, "snapshot")
        again = list(objects.steps("t", head))
    assert all(one is other for one, other in zip(first, again, strict=True))


def test_a_version_does_not_keep_in_memory_what_it_says_its_changes_against(
    store: MemoryStore,
) -> None:
    objects = Objects(store)
    head = objects.snapshot("t", DbEngine(store=store).get_digest("t", "n"))
    assert len(list(objects.steps("t", head))) == 3
    objects._snapshots.start()
    assert head.known_base() is None
    assert [version.seq for version in objects.steps("t", head)] == [7, 5, 1]
