"""The lines of a document's pretty print, counted and found without printing all of it."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, compress
from operator import not_
from typing import Any, Final, NamedTuple

import orjson

from dbengine.diff.steps import Link, Path, path_of
from dbengine.diff.strict import MANY, Tick, children_of, is_container, is_heavy, parts
from dbengine.model import Json

CHUNK: Final = 256
"""Lines are counted for so many neighbours at once, and for each only where one looks."""

FEW: Final = 16
"""Only among so few can one value hold very much that is not seen from outside."""

REMEMBERED: Final = 64
"""Containers with more lines keep their index; shorter ones are quickly counted again."""

COUNTED: Final = (
    orjson.OPT_INDENT_2
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def is_open(value: Json) -> bool:
    """Whether it is printed over several lines: a container that is not empty."""
    return is_container(value) and len(value) > 0


def scalar_text(value: Json) -> str:
    """A value of one line, as orjson prints it, or as near as can be for what it refuses."""
    if isinstance(value, float) and value - value != 0:
        return json.dumps(value)  # orjson would say null
    try:
        return orjson.dumps(value).decode()
    except (TypeError, UnicodeError):
        return json.dumps(value, ensure_ascii=False, default=repr)


def key_text(key: Any) -> str:
    return scalar_text(key if isinstance(key, str) else str(key))


class Printed(NamedTuple):
    """One line without its indentation: `text[value:end]` is the value or the bracket."""

    depth: int
    text: str
    value: int
    end: int
    path: Path


class Printer:
    """Counts and finds lines; remembers what was counted for as long as it lives.

    It goes by the identity of containers, which therefore must outlive it.
    """

    def __init__(self, tick: Tick = lambda count: None) -> None:
        self._tick = tick
        self._counts: dict[int, int] = {}
        self._indexes: dict[int, _Index] = {}

    def count(self, values: Sequence[Json]) -> int:
        """How many lines the values take, one below the other."""
        if len(values) <= FEW and not any(map(is_container, values)):
            return len(values)
        lines = 0
        stack = [values]
        while stack:
            for part in parts(stack.pop(), self._tick):
                large = [_is_large(value, len(part)) for value in part]
                if any(large):
                    stack.extend(map(children_of, compress(part, large)))
                    lines += 2 * sum(large)
                    lines += self._lines(list(compress(part, map(not_, large))))
                else:
                    lines += self._lines(part)
        return lines

    def _lines(self, values: Sequence[Json]) -> int:
        if not values:
            return 0
        try:
            return orjson.dumps(values, option=COUNTED).count(b"\n") - 1
        except (TypeError, UnicodeError):  # too deep for orjson, or nothing that it knows
            return sum(self._count(value) for value in values)

    def _count(self, root: Json) -> int:
        stack = [root]
        while stack:
            value = stack[-1]
            inside = [c for c in children(value) if is_open(c) and id(c) not in self._counts]
            if inside and id(value) not in self._counts:
                stack.extend(inside)
                continue
            stack.pop()
            if is_open(value):
                lines = (self._counts[id(c)] if is_open(c) else 1 for c in children(value))
                self._counts[id(value)] = 2 + sum(lines)
        return self._counts.get(id(root), 1)

    def index(self, container: Json) -> _Index:
        """Where the lines of each child begin."""
        known = self._indexes.get(id(container))
        if known is None:
            known = _Index(container, self)
            if known.total > REMEMBERED:
                self._indexes[id(container)] = known
        return known


def _is_large(value: Json, among: int) -> bool:
    """Whether the value's lines are too many to be counted at once, with those of `among`."""
    if not isinstance(value, dict | list):
        return False
    return len(value) > MANY or (among <= FEW and is_heavy([value]))


def children(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class _Index:
    """Finds the child of a container in which a line is; line 0 is the first child's first."""

    def __init__(self, container: Any, printer: Printer) -> None:
        self.keys = list(container) if isinstance(container, dict) else range(len(container))
        self._values = list(children(container))
        self._printer = printer
        chunks = range(0, len(self._values), CHUNK)
        counts = (printer.count(self._values[at : at + CHUNK]) for at in chunks)
        self._starts = [0, *accumulate(counts)]
        self._chunks: dict[int, list[int]] = {}

    @property
    def total(self) -> int:
        return self._starts[-1]

    def find(self, line: int) -> tuple[int, int]:
        """The child's position, and the line within the child."""
        chunk = bisect_right(self._starts, line) - 1
        rest = line - self._starts[chunk]
        starts = self._within(chunk)
        child = bisect_right(starts, rest) - 1
        return chunk * CHUNK + child, rest - starts[child]

    def start(self, child: int) -> int:
        """The child's first line."""
        chunk = child // CHUNK
        return self._starts[chunk] + self._within(chunk)[child % CHUNK]

    def _within(self, chunk: int) -> list[int]:
        if chunk not in self._chunks:
            values = self._values[chunk * CHUNK : (chunk + 1) * CHUNK]
            counts = (self._printer.count([value]) for value in values)
            self._chunks[chunk] = [0, *accumulate(counts)]
        return self._chunks[chunk]


class Part(NamedTuple):
    """`size` neighbouring children of a container, as lines from `number` on."""

    parent: Any
    keys: Sequence[Any]
    first: int
    size: int
    number: int
    depth: int
    link: Link | None

    def value(self, at: int) -> Json:
        return self.parent[self.keys[self.first + at]]

    def values(self) -> list[Json]:
        if isinstance(self.parent, list):
            return self.parent[self.first : self.first + self.size]
        return [self.value(at) for at in range(self.size)]

    def closing(self) -> Printed:
        """The last line of the first child, which is a container."""
        return self._printed(self.first, _brackets(self.value(0))[1])

    def line(self, line: int, printer: Printer) -> Printed:
        """Any line of all these children, from 0 on."""
        if self.size == 1 or line == 0:
            return self._within(printer, self.first, line)
        index = printer.index(self.parent)
        return self._within(printer, *index.find(index.start(self.first) + line))

    def _within(self, printer: Printer, child: int, line: int) -> Printed:
        """A line of one child: from container to container down to the one that has it."""
        part = self
        while True:
            value = part.parent[part.keys[child]]
            if not is_open(value):
                return part._printed(child, scalar_text(value))
            if line == 0:
                return part._printed(child, _brackets(value)[0])
            index = printer.index(value)
            if line == index.total + 1:
                return part._printed(child, _brackets(value)[1])
            link = Link(part.link, part.keys[child])
            part = Part(value, index.keys, 0, len(value), 0, part.depth + 1, link)
            child, line = index.find(line - 1)

    def _printed(self, child: int, text: str) -> Printed:
        key = self.keys[child]
        named = isinstance(self.parent, dict) and text not in ("}", "]")
        prefix = f"{key_text(key)}: " if named else ""
        more = child < len(self.parent) - 1 and text not in ("{", "[")
        line = f"{prefix}{text}{',' if more else ''}"
        path = path_of(Link(self.link, key))
        return Printed(self.depth, line, len(prefix), len(prefix) + len(text), path)


def _brackets(container: Json) -> tuple[str, str]:
    return ("{", "}") if isinstance(container, dict) else ("[", "]")
