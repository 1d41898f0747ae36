"""Thousands of puts in a row: what they cost in all, the worst of them, and the disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.ground import ENTRY, Ground, check_copies
from benchmarks.measure import Cell, disk_use, say
from benchmarks.peers import Kind, Peer
from benchmarks.scale import Scale
from benchmarks.story import Story
from benchmarks.tables import Results
from benchmarks.workloads.writing import prove_story, put_task, write

PACKED: Final = "disk packed"
_PATIENCE: Final = 5
"""So many times the time of another case."""


def endurance(ground: Ground, scale: Scale, results: Results) -> None:
    """Puts with all their checkpoints and the close, and what is on the disk afterwards."""
    name, story = "endurance", Story(scale.long_records, scale.long_puts + 1)

    def tell(kind: Kind, peer: Peer) -> None:
        check_copies(kind, story.size * story.versions)
        peer.put_many(ENTRY, story.start())

    built = ground.build(name, tell)
    plan = replace(ground.plan(scale.long_puts, batch=250), seconds=ground.seconds * _PATIENCE)
    cells = write(ground, name, built, lambda peer: put_task(peer, story.records), plan)
    for kind in built.kinds.values():
        say(f"  packing {kind.name}")
        _pack(kind, ground.place(name, kind), story, cells[kind.name])
    title = f"{scale.long_puts:,} puts into {story.records:,} records"
    results.add("endurance", scale.long_puts, title, cells)


def _pack(kind: Kind, folder: Path, story: Story, cell: Cell) -> None:
    """Pack what a peer wrote; everything must still read back."""
    peer = kind.open(folder)
    packed = peer.pack()
    peer.close()
    if packed:
        cell.numbers[PACKED] = disk_use(folder)
    peer = kind.open(folder)
    prove_story(peer, replace(story, versions=len(cell.times) + 1))
    peer.close()
