from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from gui import memory
from gui.big import MANY
from gui.memory import Collector, Kept


class Leaf:
    """Something of which one can see that it is gone."""


class Heap:
    """A result that holds a big document."""

    def __init__(self) -> None:
        leaf = Leaf()
        self.document = [[leaf] for _ in range(MANY + 1)]

    @property
    def leaf(self) -> weakref.ref[Leaf]:
        return weakref.ref(self.document[0][0])

    def documents(self) -> tuple[object, ...]:
        return (self.document,)


class Ring:
    """Only the collector can free it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def collector(qapp: QApplication, kept: Kept) -> Iterator[Collector]:
    owner = QObject()
    collector = Collector(owner, kept)
    yield collector
    collector.stop()


@pytest.fixture
def nobody_works(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the user is in another program; a test may say so."""
    said = [True]
    monkeypatch.setattr(memory, "_nobody_works", lambda: said[0])
    return said


# ---- big documents ------------------------------------------------------------------------------


def test_a_document_is_held_until_nobody_else_needs_it(kept: Kept) -> None:
    heap = Heap()
    leaf = heap.leaf
    kept.keep(heap)
    kept.let_go()
    assert kept
    del heap
    assert leaf() is not None
    kept.let_go()
    assert leaf() is None
    assert not kept


def test_a_document_of_two_results_is_freed_when_neither_is_needed(kept: Kept) -> None:
    """As of the first rows of a comparison, and of all of them."""
    first, second = Heap(), Heap()
    second.document = first.document
    leaf = first.leaf
    kept.keep(first)
    kept.keep(second)
    del first
    kept.let_go()
    assert leaf() is not None
    del second
    kept.let_go()
    assert leaf() is None


def test_only_the_newest_documents_are_held(kept: Kept) -> None:
    oldest = Heap()
    leaf = oldest.leaf
    kept.keep(oldest)
    others = [Heap() for _ in range(Kept.MOST)]
    for heap in others:
        kept.keep(heap)
    del oldest
    assert leaf() is None


def test_a_result_without_documents_is_not_held(kept: Kept) -> None:
    kept.keep([Leaf()])
    assert not kept


# ---- garbage ------------------------------------------------------------------------------------


def test_a_collector_goes_on_when_another_stops(collector: Collector, kept: Kept) -> None:
    owner = QObject()
    second = Collector(owner, kept)
    second.stop()
    assert not gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_without_a_collector_python_collects_as_always(qapp: QApplication, kept: Kept) -> None:
    owner = QObject()
    Collector(owner, kept).stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_flood_of_objects_is_put_aside(collector: Collector) -> None:
    flood = [[] for _ in range(collector.FLOOD + 1)]
    collector.collect()
    assert gc.get_freeze_count() > len(flood)


def test_what_was_put_aside_is_walked_where_that_holds_nobody_up(
    collector: Collector, kept: Kept, nobody_works: list[bool]
) -> None:
    heap, ring = Heap(), Ring()
    kept.keep(heap)
    gone = weakref.ref(ring)
    gc.freeze()
    del ring
    collector.collect_all()
    assert gone() is not None, "it walked the big document"
    del heap
    kept.let_go()
    nobody_works[0] = False
    collector.collect_all()
    assert gone() is not None, "it held somebody who works"
    nobody_works[0] = True
    collector.collect_all()
    assert gone() is None


def test_a_flood_is_seen_though_as_many_old_objects_went(collector: Collector) -> None:
    """Python's own count is of both: a history that took the place of another was walked."""
    old = [[] for _ in range(2 * collector.FLOOD)]
    gc.freeze()
    flood = [[] for _ in range(collector.FLOOD + 1)]
    del old
    before = gc.get_freeze_count()
    collector.collect()
    assert gc.get_freeze_count() - before >= len(flood)


def test_what_was_walked_once_is_not_walked_again(
    collector: Collector, nobody_works: list[bool]
) -> None:
    """To walk the program itself once a minute held the window for 50 ms each time."""
    nobody_works[0] = False
    assert gc.get_freeze_count() > 0
    program = [[] for _ in range(1000)]
    collector.collect_all()
    assert len(gc.get_objects()) < len(program)


def test_a_working_program_has_its_new_cycles_freed(
    collector: Collector, nobody_works: list[bool]
) -> None:
    nobody_works[0] = False
    ring = Ring()
    gone = weakref.ref(ring)
    del ring
    collector.collect_all()
    assert gone() is None
