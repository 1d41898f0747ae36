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
