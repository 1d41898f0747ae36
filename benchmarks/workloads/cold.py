"""What a program that has just started waits for: the history, and a database of many entries."""

from __future__ import annotations

from typing import Final

from benchmarks import child
from benchmarks.ground import ENTRY, Built, Ground
from benchmarks.measure import Cell, Plan, expect, say
from benchmarks.peers import Kind, Peer
from benchmarks.scale import Scale
from benchmarks.story import Story
from benchmarks.tables import Results

_SMALL: Final = 100
"""Records in a collection whose history is long."""
_FEW: Final = 10
"""Records in each of many entries."""


def history(ground: Ground, scale: Scale, results: Results) -> None:
    """The first page and all of a history, in a fresh process, opening counted."""
    for versions in scale.history_sizes:
        name = f"history {versions}"
        built = ground.story(name, Story(_SMALL, versions))
        plan = ground.plan(scale.cold_times, batch=1)
        page = min(child.PAGE, versions)
        cells = _cold(ground, name, built, "page", ENTRY, page, plan)
        title = f"The first page of {child.PAGE} of {versions:,} versions, in a fresh process"
        results.add("first page", versions, title, cells)
        cells = _cold(ground, name, built, "all", ENTRY, versions, plan)
        title = f"All of a history of {versions:,} versions, in a fresh process"
        results.add("all history", versions, title, cells)


def many_entries(ground: Ground, scale: Scale, results: Results) -> None:
    """Opening a database of many entries: the names of all, and the content of one."""
    name, story = "open", Story(_FEW, scale.entry_versions)
    entries = [f"entry {number:05}" for number in range(scale.entries)]

    def tell(_kind: Kind, peer: Peer) -> None:
        for entry in ground.in_time(entries, len(entries)):
            peer.put_many(entry, story.start())
            for version in range(2, story.versions + 1):
                peer.put(entry, *story.change(version))

    built = ground.build(name, tell)
    plan = ground.plan(scale.cold_times, batch=1)
    middle = entries[len(entries) // 2]
    cells = _cold(ground, name, built, "entries", middle, len(entries), plan)
    title = (
        f"Opening {len(entries):,} entries × {story.versions:,} versions in a fresh process: "
        "all names, and the head of one"
    )
    results.add("open", len(entries), title, cells)


def _cold(
    ground: Ground, name: str, built: Built, question: str, entry: str, wanted: int, plan: Plan
) -> dict[str, Cell]:
    """Ask all peers in turn, each time in a new process and in another order."""
    say(f"  asking {question} of {name}")
    cells = {peer_name: Cell() for peer_name in built.kinds}
    while waiting := [kind for kind in built.kinds.values() if not plan.done(cells[kind.name])]:
        ground.chance.shuffle(waiting)
        for kind in waiting:
            found = child.ask(kind, ground.place(name, kind), question, entry)
            expect(found.found, wanted, f"{question} of {kind.name}")
            cells[kind.name].times.append(found.seconds)
    return {**cells, **built.left}
