"""Reading with a warm handle: records and whole versions, new and old, and what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Any, Final

from benchmarks import child
from benchmarks.ground import ENTRY, Built, Ground, versions_of
from benchmarks.measure import Cell, Task, expect, interleave, say
from benchmarks.peers import OURS, Changed, Peer
from benchmarks.scale import Scale
from benchmarks.story import Story, key_of
from benchmarks.tables import Results

READ_COLD: Final = "read in a fresh process"
OBJECTS: Final = "objects read in a fresh process"
NEAR: Final = "changes near"
FAR: Final = "changes far"
_WARM_UP: Final = 3
_LOOKED_AT: Final = 50
"""So many records of a whole version are compared after each load, and all after the first."""


@dataclass(frozen=True)
class Reader:
    """One peer with a story in it, and the calls that read it back."""

    peer: Peer
    story: Story
    far: int
    ask_changes: Callable[[str, object, object], list[Changed]] | None = None

    @cached_property
    def names(self) -> list[object]:
        return versions_of(self.peer, self.story)

    def get_head(self) -> Task:
        return self._get(lambda _chance: None)

    def get_old(self) -> Task:
        return self._get(self._old)

    def load_head(self) -> Task:
        return self._load(lambda _chance: None)

    def load_old(self) -> Task:
        return self._load(self._old)

    def changes_near(self) -> Task:
        return self._changes(1)

    def changes_far(self) -> Task:
        return self._changes(self.far)

    @property
    def by_hand(self) -> Reader | None:
        """This peer where its user compares subtrees instead of asking the library to."""
        changes = getattr(self.peer, "changes_by_hand", None)
        return replace(self, ask_changes=changes) if changes else None

    def _old(self, chance: Random) -> int:
        return chance.randrange(1, self.story.versions)

    def _name(self, version: int | None) -> object:
        return None if version is None else self.names[version]

    def _get(self, choose: Callable[[Random], int | None]) -> Task:
        def chosen(number: int) -> tuple[int, int | None]:
            chance = Random(number)
            return chance.randrange(self.story.records), choose(chance)

        def prepare(number: int) -> Callable[[], Any]:
            place, version = chosen(number)
            key, name = key_of(place), self._name(version)
            return lambda: self.peer.get(ENTRY, key, name)

        def check(number: int, found: Any) -> None:
            place, version = chosen(number)
            wanted = self.story.value(place, version or self.story.versions)
            expect(found, wanted, f"record {place} at {version}")

        return Task(prepare, check)

    def _load(self, choose: Callable[[Random], int | None]) -> Task:
        def prepare(number: int) -> Callable[[], Any]:
            name = self._name(choose(Random(number)))
            return lambda: self.peer.load(ENTRY, name)

        def check(number: int, found: Any) -> None:
            self._check_whole(found, choose(Random(number)) or self.story.versions, number)

        return Task(prepare, check)

    def _check_whole(self, found: Any, version: int, number: int) -> None:
        if number == 0:
            expect(found, self.story.at(version), f"version {version}")
        expect(len(found), self.story.records, f"records of version {version}")
        for place in Random(number).choices(range(self.story.records), k=_LOOKED_AT):
            expect(found[key_of(place)], self.story.value(place, version), f"record {place}")

    def _changes(self, distance: int) -> Task:
        ask = self.ask_changes or self.peer.changes

        def old(number: int) -> int:
            return Random(number).randrange(1, self.story.versions - distance)

        def prepare(number: int) -> Callable[[], Any]:
            before, after = self.names[old(number)], self.names[old(number) + distance]
            return lambda: ask(ENTRY, before, after)

        def check(number: int, found: Any) -> None:
            wanted = self.story.changed(old(number), old(number) + distance)
            expect(sorted(found), wanted, f"changes after {old(number)}")

        return Task(prepare, check)


@dataclass(frozen=True)
class Question:
    """One kind of reading: the workload's name, its words, how often, and a reader's calls."""

    workload: str
    title: str
    repeats: int
    task: Callable[[Reader], Task]
    by_hand: bool = False


def questions(scale: Scale) -> Iterator[Question]:
    """Everything that is asked of a warm handle."""
    gets, loads, changes = scale.gets, scale.loads, scale.changes
    yield Question("get head", "get of a record at the head", gets, Reader.get_head)
    yield Question("get old", "get of a record at a random old version", gets, Reader.get_old)
    yield Question("load head", "load of the head", loads, Reader.load_head)
    yield Question("load old", "load of a random old version", loads, Reader.load_old)
    near, far = "changes between neighbours", f"changes between versions {scale.far:,} apart"
    yield Question(NEAR, near, changes, Reader.changes_near, by_hand=True)
    yield Question(FAR, far, changes // 3, Reader.changes_far, by_hand=True)


def read(ground: Ground, scale: Scale, results: Results) -> None:
    """Every kind of reading, in collections of several sizes."""
    for records in scale.read_sizes:
        name, story = f"read {records}", Story(records, scale.read_versions)
        built = ground.story(name, story)
        with built.opened(ground, name) as peers:
            readers = {who: Reader(peer, story, scale.far) for who, peer in peers.items()}
            for question in questions(scale):
                cells = _asked(ground, question, readers)
                title = f"{question.title} of {records:,} records, {story.versions:,} versions"
                results.add(question.workload, records, title, {**cells, **built.left})
        for workload, distance in ((NEAR, 1), (FAR, scale.far)):
            _count_reads(ground, name, built, distance, results.cases[workload, records].cells)


def _asked(ground: Ground, question: Question, readers: dict[str, Reader]) -> dict[str, Cell]:
    say(f"  {question.title}")
    tasks = {name: question.task(reader) for name, reader in readers.items()}
    for name, reader in readers.items():
        if question.by_hand and reader.by_hand:
            tasks[f"{name} by hand"] = question.task(reader.by_hand)
    return _warm(ground, tasks, question.repeats)


def _warm(ground: Ground, tasks: dict[str, Task], repeats: int) -> dict[str, Cell]:
    for task in tasks.values():
        for number in range(_WARM_UP):
            task.prepare(number)()
    return interleave(tasks, ground.plan(repeats, batch=50), ground.chance)


def _count_reads(
    ground: Ground, name: str, built: Built, distance: int, cells: dict[str, Cell]
) -> None:
    """What the files give for one call of `changes` in the middle of the history."""
    for kind in built.kinds.values():
        found = child.ask(kind, ground.place(name, kind), "changes", ENTRY, distance)
        if found.read is not None:
            cells[kind.name].numbers[READ_COLD] = found.read
        if kind.name == OURS:  # each object is a file
            cells[kind.name].numbers[OBJECTS] = found.opened
