"""The databases that the workloads stand on: built once a peer, as far as time and disk allow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final, TypeVar

from benchmarks.measure import Cell, Plan, Wrong, say
from benchmarks.peers import Kind, Peer
from benchmarks.story import Story

ENTRY: Final = "users"
MOST_COPIES: Final = 3_000_000_000
"""So many bytes of whole copies a peer may fill the disk with."""

_Item = TypeVar("_Item")


class TooMuch(Exception):
    """Building it would take more time or disk than there is; says what."""


@dataclass
class Ground:
    """Where a run takes place, and how much it may take.

    `seconds` is the time a peer gets for the calls of a case, `build_seconds` for making what
    the case stands on.
    """

    folder: Path
    kinds: tuple[Kind, ...]
    seconds: float
    build_seconds: float
    chance: Random = field(default_factory=lambda: Random(1))

    def plan(self, repeats: int, batch: int) -> Plan:
        return Plan(repeats, batch, self.seconds)

    def place(self, name: str, kind: Kind) -> Path:
        """The folder of one peer's database."""
        return self.folder / name / kind.slug

    def build(self, name: str, tell: Callable[[Kind, Peer], None]) -> Built:
        """Have `tell` write a database for each peer; the opened ones, and who had to be left."""
        built = Built({}, {})
        for kind in self.kinds:
            say(f"  building {name}: {kind.name}")
            try:
                _make(kind, self.place(name, kind), tell)
            except TooMuch as why:
                built.left[kind.name] = Cell(skipped=str(why))
            else:
                built.kinds[kind.name] = kind
        return built

    def story(self, name: str, story: Story, entry: str = ENTRY) -> Built:
        """The database of a story."""

        def tell(kind: Kind, peer: Peer) -> None:
            check_copies(kind, story.size * story.versions)
            peer.put_many(entry, story.start())
            later = range(2, story.versions + 1)
            for version in self.in_time(later, len(later)):
                peer.put(entry, *story.change(version))

        return self.build(name, tell)

    def in_time(self, items: Iterable[_Item], count: int) -> Iterator[_Item]:
        """The items, as long as it looks as if there will be time for all of them."""
        start = time.perf_counter()
        for done, item in enumerate(items):
            if done:
                self._look_ahead(time.perf_counter() - start, done / count)
            yield item

    def _look_ahead(self, taken: float, part: float) -> None:
        """Raise `TooMuch` if the whole, of which `part` took so long, takes too long."""
        if taken > self.build_seconds / 10 and taken / part > self.build_seconds:
            raise TooMuch(f"building it would take about {taken / part:,.0f} s")


@dataclass
class Built:
    """The peers that have the database, and the cells of those that could not."""

    kinds: dict[str, Kind]
    left: dict[str, Cell]

    @contextmanager
    def opened(self, ground: Ground, name: str) -> Iterator[dict[str, Peer]]:
        """All of them open, to be used in turns; closed in the end."""
        peers = {kind.name: kind.open(ground.place(name, kind)) for kind in self.kinds.values()}
        try:
            yield peers
        finally:
            for peer in peers.values():
                peer.close()


def versions_of(peer: Peer, story: Story, entry: str = ENTRY) -> list[object]:
    """The peer's names of a story's versions, the first at index 1."""
    names = [past.version for past in reversed(peer.history(entry))]
    if len(names) != story.versions:
        raise Wrong(f"{type(peer).__name__} has {len(names)} versions of {story.versions}.")
    return [None, *names]


def check_copies(kind: Kind, size: int) -> None:
    """Raise `TooMuch` where whole copies would fill the disk."""
    if kind.copies_all and size > MOST_COPIES:
        raise TooMuch(f"{size / 1e9:,.0f} GB of whole copies")


def _make(kind: Kind, folder: Path, tell: Callable[[Kind, Peer], None]) -> None:
    peer = kind.open(folder, durable=False)
    try:
        tell(kind, peer)
    finally:
        peer.close()
