"""The garbage collector rests while much is made, and loses sight of nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from dbengine import DbEngine
from dbengine.collector import collector_paused
from dbengine.store import MemoryStore


def test_garbage_that_was_made_meanwhile_is_found_by_the_collector() -> None:
    """Freezing counted all young objects as old; a loop of loads kept every cycle for ever."""
    with collector_paused():
        made: list[object] = []
    assert gc.isenabled()
    assert all(thing is not made for thing in gc.get_objects(generation=2))


@contextmanager
def collections() -> Iterator[list[str]]:
    """What the collector does meanwhile."""
    seen: list[str] = []

    def note(phase: str, _info: dict[str, int]) -> None:
        seen.append(phase)

    gc.callbacks.append(note)
    try:
        yield seen
    finally:
        gc.callbacks.remove(note)


def test_many_records_are_put_without_a_collection() -> None:
    db = DbEngine(store=MemoryStore())
    db.init("t")
    records = {f"r{n:05}": {"number": n, "tags": ["a", {"b": n}]} for n in range(20_000)}
    gc.collect()
    with collections() as seen:
        db.put_many("t", "ann", "n", records)
        assert seen == []
    assert gc.isenabled()


def test_a_pause_inside_a_pause_ends_with_the_outer_one() -> None:
    with collector_paused():
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
