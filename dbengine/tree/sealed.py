"""A content as the exact bytes of its parts, so that one much like it costs what differs.

What is saved again is mostly what was saved before. Writing a part with `exact` and comparing the
bytes runs in C; only where they differ is a value checked, copied and compared. Equal bytes prove
more than equal values: the same types, the same order of keys, and that all of it can be stored.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, chain, groupby, pairwise
from typing import Any, Final, TypeAlias

from dbengine import codec
from dbengine.model import Json, Snapshot
from dbengine.snapshot import Delta
from dbengine.tags import NOT_PLAIN, plain
from dbengine.tree import patch
from dbengine.tree.compare import compare, same
from dbengine.tree.content import MISSING, Content, Form, Whole, body_size, line_size
from dbengine.tree.patch import Change, exact

_PART: Final = 2048
"""About how many bytes are written and compared at once."""


@dataclass(frozen=True, slots=True)
class Keys:
    """A big dict, by key."""

    parts: dict[str, Part]


@dataclass(frozen=True, slots=True)
class Items:
    """A big list, a few items at a time, and how many each time."""

    chunks: list[bytes]
    counts: list[int]


Part: TypeAlias = bytes | Keys | Items


class Sealed(Content):
    """A collection or a list, without tags; what is asked of it is made anew, for whoever asks."""

    shared: Mapping[str, bytes] = {}
    tagged = False
    size = 0

    def __init__(self, part: Keys | Items, size: int) -> None:
        self.form: Form = "records" if isinstance(part, Keys) else "value"
        self.part = part
        self.size = size

    @property
    def json(self) -> Json:
        return _unsealed(self.part)

    @property
    def count(self) -> int:
        part = self.part
        return len(part.parts) if isinstance(part, Keys) else sum(part.counts)

    def record(self, key: str) -> Json:
        part = self.part.parts.get(key) if isinstance(self.part, Keys) else None
        return MISSING if part is None else _unsealed(part)


class Following(Sealed):
    """What came of a sealed one: its `delta`, as `compare` would find it, and its change."""

    def __init__(self, old: Sealed, step: _Step, delta: Delta) -> None:
        if isinstance(step.part, bytes):
            raise _Otherwise
        super().__init__(step.part, old.size + step.grown)
        self.old = old
        self.delta = delta
        self.change = step.change


def seal(content: Content) -> Sealed | None:
    """The same content sealed, if it is a collection or list without tags that is worth it."""
    if isinstance(content, Sealed):
        return Sealed(content.part, content.size)
    if not isinstance(content, Whole) or content.tagged:
        return None
    part = _part(content.json, _room(1))
    return None if isinstance(part, bytes) else Sealed(part, content.size)


def follow(old: Sealed, value: object) -> Following | None:
    """The content that `value` is, checked and taken over by comparing it with an older one.

    None where it is to be looked at as a whole: it has tags or another order of keys, is no plain
    JSON, or is wrong; nothing is said about what.
    """
    walk: _Keys | _Items
    if isinstance(old.part, Keys) and (type(value) is dict or isinstance(value, Snapshot)):
        walk = _Keys(old.part, dict(value), level=1)
    elif isinstance(old.part, Items) and type(value) is list:
        walk = _Items(old.part, list(value), level=1)
    else:
        return None
    try:
        return Following(old, walk.step(), walk.delta)
    except (_Otherwise, ValueError):  # what marshal cannot write is a ValueError
        return None


class _Otherwise(Exception):
    """The value is to be taken another way."""


@dataclass(slots=True)
class _Step:
    """From one part to the next: its change, None where it is exactly the same.

    `same` where only the order of keys differs. `grown` is by how much its JSON is longer.
    """

    part: Part
    change: Change | None = None
    same: bool = True
    grown: int = 0


def _step(old: Part, value: Json, level: int) -> _Step:
    """`level` counts the levels of JSON down to the value, as `MAX_DEPTH` does."""
    if type(old) is Keys and type(value) is dict:
        return _Keys(old, dict(value), level).step()
    if type(old) is Items and type(value) is list:
        return _Items(old, list(value), level).step()
    if exact(value) == old:
        return _Step(old)
    before, after = _unsealed(old), _checked(value, level)
    change = patch.difference(before, after, _room(level))
    grown = len(codec.dump(after)) - len(codec.dump(before))
    return _Step(_part(after, _room(level)), change, same(before, after), grown)


def _room(level: int) -> int:
    """How many levels of changes the change of a value may still have: so deep there are parts."""
    return max(patch.LEVELS + 2 - level, 0)


@dataclass
class _Keys:
    """One dict on the way to the next."""

    old: Keys
    value: dict[str, Json]
    level: int
    parts: dict[str, Part] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    grown: int = 0

    def step(self) -> _Step:
        exact(list(self.value))  # refuses keys that are equal to strings, but none
        if not patch.keeps_order(self.old.parts, self.value):
            raise _Otherwise
        self.parts |= self.old.parts
        for key in [key for key in self.parts if key not in self.value]:
            self._remove(key)
        for key, item in self.value.items():
            part = self.parts.get(key)
            if part is None:
                self._add(key, item)
            elif type(part) is not bytes or exact(item) != part:
                self._change(key, part, item)
        if not self.changes:
            return _Step(self.old)
        is_same = not (self.added or self.changed or self.removed)
        return _Step(Keys(self.parts), ["keys", self.changes], is_same, self._growth())

    @property
    def delta(self) -> Delta:
        return Delta.of_keys(self.added, self.changed, self.removed)

    def _growth(self) -> int:
        """Of all that it has, the last has no comma."""
        return self.grown + (not self.value) - (not self.old.parts)

    def _remove(self, key: str) -> None:
        self.grown -= line_size(key, _unsealed(self.parts.pop(key)))
        self.changes[key] = patch.GONE
        self.removed.append(key)

    def _add(self, key: str, item: Json) -> None:
        after = _checked({key: item}, self.level)[key]
        self.grown += line_size(key, after)
        self.parts[key] = _part(after, _room(self.level + 1))
        self.changes[key] = ["last", after]
        self.added.append(key)

    def _change(self, key: str, part: Part, item: Json) -> None:
        step = _step(part, item, self.level + 1)
        if step.change is None:
            return
        self.grown += step.grown
        self.parts[key] = step.part
        self.changes[key] = step.change
        if not step.same:
            self.changed.append(key)


@dataclass
class _Items:
    """One list on the way to the next."""

    old: Items
    value: list[Json]
    level: int
    before: list[Json] = field(default_factory=list)
    after: list[Json] = field(default_factory=list)
    same: bool = True
    grown: int = 0

    @property
    def delta(self) -> Delta:
        """What is in both counts for nothing, so that the rest is to be counted."""
        return compare(Whole("value", self.before), Whole("value", self.after))[0]

    def step(self) -> _Step:
        starts = list(accumulate(self.old.counts, initial=0))
        self.same = starts[-1] == len(self.value)
        runs: list[list[Any]] = []
        parts: list[Items] = []
        done = 0
        differing = self._in_place(starts) if self.same else [self._between_ends(starts)]
        for first, last, items in differing:
            _copy(runs, starts[done], starts[first])
            parts += [_some(self.old, done, first), self._taken(runs, starts, first, last, items)]
            done = last
        if not parts:
            return _Step(self.old)
        _copy(runs, starts[done], starts[-1])
        part = _together([*parts, _some(self.old, done, len(self.old.counts))])
        change = ["items", runs]
        if not self.value:
            return _Step(exact([]), change, self.same, self.grown + 1)
        return _Step(part, change, self.same, self.grown)

    def _in_place(self, starts: list[int]) -> Iterator[tuple[int, int, list[Json]]]:
        """Of a list as long as before, from which chunk to which there is something else."""
        slices = (self.value[start:stop] for start, stop in pairwise(starts))
        pairs = zip(slices, self.old.chunks, strict=True)
        for first, last in _stretches([exact(items) != chunk for items, chunk in pairs]):
            yield first, last, self.value[starts[first] : starts[last]]

    def _between_ends(self, starts: list[int]) -> tuple[int, int, list[Json]]:
        """The same of one that is longer or shorter, for all between the equal ends.

        One chunk beside is made to grow: else each new item would be a chunk for ever.
        """
        chunks, value = self.old.chunks, self.value
        first, last, more = 0, len(chunks), len(value) - starts[-1]
        while first < last and exact(value[starts[first] : starts[first + 1]]) == chunks[first]:
            first += 1
        while last > first and starts[last - 1] + more >= starts[first]:
            if exact(value[starts[last - 1] + more : starts[last] + more]) != chunks[last - 1]:
                break
            last -= 1
        if first == last:
            first, last = max(first - 1, 0), max(last, 1)
        return first, last, value[starts[first] : starts[last] + more]

    def _taken(
        self, runs: list[list[Any]], starts: list[int], first: int, last: int, items: list[Json]
    ) -> Items:
        before = _items_of(self.old.chunks[first:last])
        after = _checked(items, self.level)
        for run in patch.runs(before, after, _room(self.level) - 1):
            patch.add_run(runs, _shifted(run, starts[first]))
        self.before += before
        self.after += after
        self.same = self.same and same(before, after)
        self.grown += body_size(len(codec.dump(after)), len(after))
        self.grown -= body_size(len(codec.dump(before)), len(before))
        return _cut(after)


def _stretches(flags: list[bool]) -> Iterator[tuple[int, int]]:
    """From where to where they are true."""
    at = 0
    for flag, stretch in groupby(flags):
        start, at = at, at + len(list(stretch))
        if flag:
            yield start, at


def _copy(runs: list[list[Any]], start: int, stop: int) -> None:
    if stop > start:
        patch.add_run(runs, [start, stop - start])


def _shifted(run: list[Any], by: int) -> list[Any]:
    if run[0] == "new":
        return run
    return ["at", run[1] + by, run[2]] if run[0] == "at" else [run[0] + by, run[1]]


def _checked(value: Json, level: int) -> Json:
    copy = plain(value, codec.MAX_DEPTH + 1 - level)
    if copy is NOT_PLAIN:
        raise _Otherwise
    return copy


# ---- sealing --------------------------------------------------------------------------------


def _part(value: Json, room: int) -> Part:
    """Of plain JSON without tags, in parts so many levels deep."""
    data = exact(value)
    if len(data) <= _PART or room == 0:
        return data
    if type(value) is dict:
        return Keys({key: _part(item, room - 1) for key, item in value.items()})
    return _cut(value) if type(value) is list else data


def _cut(items: list[Json]) -> Items:
    size = len(exact(items))
    count = max(1, len(items) * _PART // size) if size > 2 * _PART else len(items)
    slices = [items[at : at + count] for at in range(0, len(items), count or 1)]
    return Items([exact(part) for part in slices], [len(part) for part in slices])


def _some(items: Items, start: int, stop: int) -> Items:
    return Items(items.chunks[start:stop], items.counts[start:stop])


def _together(parts: list[Items]) -> Items:
    return Items(
        list(chain.from_iterable(part.chunks for part in parts)),
        list(chain.from_iterable(part.counts for part in parts)),
    )


def _unsealed(part: Part) -> Json:
    if type(part) is Keys:
        return {key: _unsealed(inner) for key, inner in part.parts.items()}
    return _items_of(part.chunks) if type(part) is Items else marshal.loads(part)  # type: ignore[arg-type]


def _items_of(chunks: list[bytes]) -> list[Json]:
    """Of what we wrote ourselves, and in this process."""
    return [item for chunk in chunks for item in marshal.loads(chunk)]
