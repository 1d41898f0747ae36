"""Durable writes: a record, a document, many records at once."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.ground import ENTRY, Built, Ground, versions_of
from benchmarks.measure import (
    Cell,
    Plan,
    Task,
    bytes_moved,
    counted_syncs,
    disk_use,
    expect,
    interleave,
    seconds,
)
from benchmarks.peers import Kind, Peer
from benchmarks.scale import Scale
from benchmarks.story import Papers, Story, collection
from benchmarks.tables import Results

Proof = Callable[[Peer, Cell], None]
SYNCS: Final = "syncs a put"
WRITTEN: Final = "written a put"
_COUNTED_PUTS: Final = 25
_MOST_SAVED: Final = 1_000_000_000
"""So many bytes of documents are saved at most."""


def put(ground: Ground, scale: Scale, results: Results) -> None:
    """One changed record put into a collection, as one version."""
    for records in scale.put_sizes:
        cells = _put_into(ground, scale, records)
        title = f"One changed record put into {records:,} records"
        results.add("put", records, title, cells)


def _put_into(ground: Ground, scale: Scale, records: int) -> dict[str, Cell]:
    name = f"put {records}"
    built = ground.story(name, Story(records, 1))
    plan = ground.plan(scale.puts, batch=20)
    cells = write(ground, name, built, lambda peer: put_task(peer, records), plan)
    for kind in built.kinds.values():
        _prove_puts(kind, ground.place(name, kind), records, cells[kind.name])
    return cells


def put_task(peer: Peer, records: int) -> Task:
    """Putting the versions of a story whose first is there."""
    story = Story(records, 1)

    def prepare(number: int) -> Callable[[], None]:
        key, value = story.change(number + 2)
        return lambda: peer.put(ENTRY, key, value)

    return Task(prepare)


def save(ground: Ground, scale: Scale, results: Results) -> None:
    """A document saved again with one of its items changed."""
    for size in scale.save_sizes:
        cells = _save_again(ground, min(scale.saves, _MOST_SAVED // size), size)
        title = f"A document of about {size:,} bytes saved with a small change"
        results.add("save", size, title, cells)


def _save_again(ground: Ground, repeats: int, size: int) -> dict[str, Cell]:
    name, papers = f"save {size}", Papers(size)
    built = ground.build(name, lambda _kind, peer: peer.save(ENTRY, papers.first()))
    plan = ground.plan(repeats, batch=5)
    cells = write(ground, name, built, lambda peer: _save_task(peer, papers), plan)
    for kind in built.kinds.values():
        _prove_saves(kind, ground.place(name, kind), papers, cells[kind.name])
    return cells


def put_many(ground: Ground, scale: Scale, results: Results) -> None:
    """Many records put at once, each time into an entry of their own and with other values."""
    records, name = scale.many_records, "put_many"
    built = ground.build(name, lambda _kind, _peer: None)

    def task(peer: Peer) -> Task:
        def prepare(number: int) -> Callable[[], None]:
            given = collection(records, number + 1)
            return lambda: peer.put_many(f"{ENTRY} {number}", given)

        def check(number: int, _result: Any) -> None:
            wanted = collection(records, number + 1)
            expect(peer.load(f"{ENTRY} {number}"), wanted, f"{name} {number}")

        return Task(prepare, check)

    cells = write(ground, name, built, task, ground.plan(scale.many_times, batch=1))
    results.add("put_many", records, f"`put_many` of {records:,} records", cells)


def write(
    ground: Ground, name: str, built: Built, task: Callable[[Peer], Task], plan: Plan
) -> dict[str, Cell]:
    """Time the writes of all peers and their close; with what they take on the disk after it."""
    places = {kind.name: ground.place(name, kind) for kind in built.kinds.values()}
    peers = {kind.name: kind.open(places[kind.name]) for kind in built.kinds.values()}
    tasks = {peer_name: task(peer) for peer_name, peer in peers.items()}
    cells = interleave(tasks, plan, ground.chance)
    for peer_name, peer in peers.items():
        cells[peer_name].close = seconds(peer.close)
        cells[peer_name].numbers["disk"] = disk_use(places[peer_name])
    return {**cells, **built.left}


def _prove_puts(kind: Kind, folder: Path, records: int, cell: Cell) -> None:
    """Read back what was put, from a fresh handle; and count what a put costs the disk."""
    peer = kind.open(folder)
    story = Story(records, len(cell.times) + 1)
    prove_story(peer, story)
    _count_puts(peer, story, cell)
    peer.close()


def prove_story(peer: Peer, story: Story) -> None:
    """Check that the head and one old version of a story read back as they were."""
    names, middle = versions_of(peer, story), story.versions // 2 + 1
    expect(peer.load(ENTRY), story.at(story.versions), "the head")
    expect(peer.load(ENTRY, names[middle]), story.at(middle), f"version {middle}")


def _count_puts(peer: Peer, story: Story, cell: Cell) -> None:
    synced, written = [], []
    for version in range(story.versions + 1, story.versions + 1 + _COUNTED_PUTS):
        key, value = story.change(version)
        before = bytes_moved("wchar")
        with counted_syncs() as count:
            peer.put(ENTRY, key, value)
        synced.append(count[0])
        after = bytes_moved("wchar")
        written.append(0 if before is None or after is None else after - before)
    cell.numbers[WRITTEN] = statistics.median(written)
    if any(synced):  # a library in C syncs where this cannot see it
        cell.numbers[SYNCS] = statistics.median(synced)


def _save_task(peer: Peer, papers: Papers) -> Task:
    document = papers.first()

    def prepare(number: int) -> Callable[[], None]:
        nonlocal document
        document = given = papers.after(document, number + 2)
        return lambda: peer.save(ENTRY, given)

    return Task(prepare)


def _prove_saves(kind: Kind, folder: Path, papers: Papers, cell: Cell) -> None:
    peer = kind.open(folder)
    last = len(cell.times) + 1
    names = [past.version for past in reversed(peer.history(ENTRY))]
    expect(len(names), last, f"versions of {kind.name}")
    expect(peer.load(ENTRY), papers.at(last), "the head")
    expect(peer.load(ENTRY, names[last // 2]), papers.at(last // 2 + 1), "an old version")
    peer.close()
