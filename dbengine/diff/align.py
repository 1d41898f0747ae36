"""Aligns two sequences of ints: the longest stretches that both have, in the same order."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from math import inf
from operator import itemgetter, lt
from typing import Final, NamedTuple

from dbengine.diff.strict import Tick, parts

EXACT_CELLS: Final = 4_000_000
"""Up to this product of lengths the alignment is the best there is."""

WINDOW: Final = 4_000
"""Longer stretches without anything unique are aligned piece by piece, in pieces of this length."""

LEVELS: Final = 4
"""How often to look again for unique items between the unique items found before."""


class Run(NamedTuple):
    """`size` items from `left` on are aligned with as many from `right` on."""

    left: int
    right: int
    size: int


class Area(NamedTuple):
    """A part of both sequences that is yet to be aligned."""

    left: int
    left_end: int
    right: int
    right_end: int
    level: int

    @property
    def cells(self) -> int:
        return (self.left_end - self.left) * (self.right_end - self.right)


class Alignment(NamedTuple):
    """Runs of equal items, increasing on both sides; `exact` where there are no longer ones."""

    runs: list[Run]
    exact: bool


def longest_increasing(numbers: Sequence[int], tick: Tick) -> list[int]:
    """The positions of a longest strictly increasing subsequence, in order."""
    if all(map(lt, numbers, islice(numbers, 1, None))):
        return list(range(len(numbers)))
    tails: list[float] = [-inf]
    positions: list[int] = [-1]
    before: list[int] = []
    for part in parts(range(len(numbers)), tick):
        for position in part:
            number = numbers[position]
            if number > tails[-1]:
                before.append(positions[-1])
                tails.append(number)
                positions.append(position)
                continue
            at = bisect_left(tails, number)
            before.append(positions[at - 1])
            tails[at], positions[at] = number, position
    found = positions[-1:]
    for part in parts(range(len(tails) - 2), tick):
        for _ in part:
            found.append(before[found[-1]])
    return found[::-1]


def runs_of(pairs: Sequence[tuple[int, int]], tick: Tick) -> list[Run]:
    """Pairs of positions, increasing on both sides, as few runs."""
    runs: list[Run] = []
    left = right = size = 0
    for part in parts(pairs, tick):
        for i, j in part:
            if size and i == left + size and j == right + size:
                size += 1
                continue
            if size:
                runs.append(Run(left, right, size))
            left, right, size = i, j, 1
    return [*runs, Run(left, right, size)] if size else runs


def align(left: Sequence[int], right: Sequence[int], tick: Tick) -> Alignment:
    """Aligns two sequences; never quadratic.

    Exact for short sequences and for those without repetition. Else items that are unique on
    both sides anchor the alignment, and what has none of these is aligned in windows.
    """
    runs: list[Run] = []
    areas = [Area(0, len(left), 0, len(right), 0)]
    exact = True
    while areas:
        area = _trim(areas.pop(), left, right, runs, tick)
        tick(1)
        if not area.cells:
            continue
        if area.cells <= EXACT_CELLS:
            runs.extend(_exact(area, left, right))
            tick(max(area.left_end - area.left, area.right_end - area.right))
            continue
        anchors, certain = _anchors(area, left, right, tick)
        if anchors and area.level < LEVELS:
            exact = exact and certain
            areas.extend(_between(area, anchors, tick))
            runs.extend(runs_of(anchors, tick))
            continue
        windows = list(_windows(area))
        exact = exact and (certain or len(windows) == 1)
        for window in windows:
            runs.extend(_exact(window, left, right))
            tick(WINDOW)
    runs = _joined(sorted(runs), tick)
    return Alignment(runs, exact or _aligns_all(runs, left, right))


def _aligns_all(runs: Sequence[Run], left: Sequence[int], right: Sequence[int]) -> bool:
    """Whether as many are aligned as both sides have at all, in whatever order."""
    aligned: int = sum(map(itemgetter(2), runs))
    return aligned == (Counter(left) & Counter(right)).total()


def _trim(
    area: Area, left: Sequence[int], right: Sequence[int], runs: list[Run], tick: Tick
) -> Area:
    """The area without its equal ends, which go to `runs`."""
    i, i_end, j, j_end, level = area
    front = _common(left[i:i_end], right[j:j_end], tick)
    if front:
        runs.append(Run(i, j, front))
    i, j = i + front, j + front
    back = _common(left[i:i_end][::-1], right[j:j_end][::-1], tick)
    if back:
        runs.append(Run(i_end - back, j_end - back, back))
    return Area(i, i_end - back, j, j_end - back, level)


def _common(left: Sequence[int], right: Sequence[int], tick: Tick) -> int:
    """How many items both begin with."""
    at = 0
    for part in parts(left, tick):
        other = right[at : at + len(part)]
        if part != other:
            pairs = zip(part, other, strict=False)
            same = min(len(part), len(other))
            return at + next((n for n, (a, b) in enumerate(pairs) if a != b), same)
        at += len(part)
    return at


def _anchors(
    area: Area, left: Sequence[int], right: Sequence[int], tick: Tick
) -> tuple[list[tuple[int, int]], bool]:
    """Pairs of positions of items that are unique on both sides, increasing on both.

    The second result says whether no other items are on both sides, so that the best alignment
    has all of the pairs.
    """
    lefts = _places(left, area.left, area.left_end, tick)
    rights = _places(right, area.right, area.right_end, tick)
    pairs, certain = [], True
    for part in parts(list(lefts.items()), tick):
        shared = [(i, rights[item]) for item, i in part if item in rights]
        unique = [(i, j) for i, j in shared if i >= 0 and j >= 0]
        certain = certain and len(unique) == len(shared)
        pairs += unique
    pairs.sort()
    found = longest_increasing(list(map(itemgetter(1), pairs)), tick)
    return list(map(pairs.__getitem__, found)), certain


def _places(items: Sequence[int], start: int, end: int, tick: Tick) -> dict[int, int]:
    """Where each item stands, -1 for those that are repeated."""
    places: dict[int, int] = {}
    for part in parts(range(start, end), tick):
        for at in part:
            item = items[at]
            places[item] = -1 if item in places else at
    return places


def _between(area: Area, anchors: list[tuple[int, int]], tick: Tick) -> list[Area]:
    areas = []
    i, j = area.left, area.right
    for part in parts([*anchors, (area.left_end, area.right_end)], tick):
        for next_i, next_j in part:
            if i < next_i and j < next_j:
                areas.append(Area(i, next_i, j, next_j, area.level + 1))
            i, j = next_i + 1, next_j + 1
    return areas


def _windows(area: Area) -> Iterator[Area]:
    """The area itself, or so many pieces along its diagonal that each is small enough."""
    lefts, rights = area.left_end - area.left, area.right_end - area.right
    pieces = 1 if area.cells <= EXACT_CELLS else max(lefts, rights) // WINDOW + 1
    for piece in range(pieces):
        yield Area(
            area.left + lefts * piece // pieces,
            area.left + lefts * (piece + 1) // pieces,
            area.right + rights * piece // pieces,
            area.right + rights * (piece + 1) // pieces,
            area.level,
        )


def _exact(area: Area, left: Sequence[int], right: Sequence[int]) -> Iterator[Run]:
    """The longest common subsequence."""
    from rapidfuzz.distance import Indel  # noqa: PLC0415 - not needed by most comparisons

    codes = Indel.opcodes(left[area.left : area.left_end], right[area.right : area.right_end])
    for code in codes:
        if code.tag == "equal":
            count = code.src_end - code.src_start
            yield Run(area.left + code.src_start, area.right + code.dest_start, count)


def _joined(runs: list[Run], tick: Tick) -> list[Run]:
    """The same alignment with neighbouring runs made one."""
    joined: list[Run] = []
    for part in parts(runs, tick):
        for run in part:
            last = joined[-1] if joined else None
            if last and last.left + last.size == run.left and last.right + last.size == run.right:
                joined[-1] = Run(last.left, last.right, last.size + run.size)
            else:
                joined.append(run)
    return joined
