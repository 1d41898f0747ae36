"""Aligns two sequences of ints: the longest stretches that both have, in the same order."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

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


def longest_increasing(numbers: Sequence[int]) -> list[int]:
    """The positions of a longest strictly increasing subsequence, in order."""
    tails: list[int] = []
    positions: list[int] = []
    before: list[int] = []
    for position, number in enumerate(numbers):
        at = bisect_left(tails, number)
        before.append(positions[at - 1] if at else -1)
        if at == len(tails):
            tails.append(number)
            positions.append(position)
        else:
            tails[at], positions[at] = number, position
    found: list[int] = []
    position = positions[-1] if positions else -1
    while position >= 0:
        found.append(position)
        position = before[position]
    return found[::-1]


def align(left: Sequence[int], right: Sequence[int], tick: Callable[[int], None]) -> list[Run]:
    """Runs of equal items, increasing on both sides; never quadratic.

    Exact for short sequences and for those without repetition. Else items that are unique on
    both sides anchor the alignment, and what has none of these is aligned in windows.
    """
    runs: list[Run] = []
    areas = [Area(0, len(left), 0, len(right), 0)]
    while areas:
        area = _trim(areas.pop(), left, right, runs)
        tick(area.left_end - area.left + area.right_end - area.right)
        if not area.cells:
            continue
        anchors = [] if area.cells <= EXACT_CELLS else _anchors(area, left, right)
        tick(area.left_end - area.left)
        if anchors and area.level < LEVELS:
            areas.extend(_between(area, anchors))
            runs.extend(Run(i, j, 1) for i, j in anchors)
        else:
            for window in _windows(area):
                runs.extend(_exact(window, left, right))
                tick(WINDOW)
    return _joined(sorted(runs))


def _trim(area: Area, left: Sequence[int], right: Sequence[int], runs: list[Run]) -> Area:
    """The area without its equal ends, which go to `runs`."""
    i, i_end, j, j_end, level = area
    while i < i_end and j < j_end and left[i] == right[j]:
        i, j = i + 1, j + 1
    if i > area.left:
        runs.append(Run(area.left, area.right, i - area.left))
    while i < i_end and j < j_end and left[i_end - 1] == right[j_end - 1]:
        i_end, j_end = i_end - 1, j_end - 1
    if i_end < area.left_end:
        runs.append(Run(i_end, j_end, area.left_end - i_end))
    return Area(i, i_end, j, j_end, level)


def _anchors(area: Area, left: Sequence[int], right: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of positions of items that are unique on both sides, increasing on both."""
    lefts = Counter(left[area.left : area.left_end])
    rights = Counter(right[area.right : area.right_end])
    places = {right[j]: j for j in range(area.right, area.right_end) if rights[right[j]] == 1}
    pairs = [
        (i, places[left[i]])
        for i in range(area.left, area.left_end)
        if lefts[left[i]] == 1 and left[i] in places
    ]
    return [pairs[at] for at in longest_increasing([j for _, j in pairs])]


def _between(area: Area, anchors: list[tuple[int, int]]) -> Iterator[Area]:
    i, j = area.left, area.right
    for next_i, next_j in [*anchors, (area.left_end, area.right_end)]:
        if i < next_i and j < next_j:
            yield Area(i, next_i, j, next_j, area.level + 1)
        i, j = next_i + 1, next_j + 1


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


def _joined(runs: list[Run]) -> list[Run]:
    """The same alignment with neighbouring runs made one."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last and last.left + last.size == run.left and last.right + last.size == run.right:
            joined[-1] = Run(last.left, last.right, last.size + run.size)
        else:
            joined.append(run)
    return joined
