"""The garbage collector rests while much is made, and loses sight of nothing."""

from __future__ import annotations

import gc

from dbengine.collector import collector_paused


def test_garbage_that_was_made_meanwhile_is_found_by_the_collector() -> None:
    """Freezing counted all young objects as old; a loop of loads kept every cycle for ever."""
    with collector_paused():
        made: list[object] = []
    assert gc.isenabled()
    assert all(thing is not made for thing in gc.get_objects(generation=2))
