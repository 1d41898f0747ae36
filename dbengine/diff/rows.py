"""The rows for two aligned panes, made when they are looked at; what is unchanged is folded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Literal, overload

from dbengine.collector import collector_paused
from dbengine.diff.inline import Marks, hint, word_marks
from dbengine.diff.layout import (
    KINDS,
    Block,
    Fold,
    Layout,
    Outline,
    RowKind,
    Segment,
    block_of,
    outline,
)
from dbengine.diff.lines import Part, Printed, Printer
from dbengine.diff.result import Diff
from dbengine.diff.steps import Path
from dbengine.lazy import lazy
from dbengine.model import Json, Progress

READY: Final = 16
"""So many pages are kept with the places of their rows."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one document.

    `number` counts from 1 in the document's own pretty print, `depth` its levels of two spaces,
    which `text` leaves out. `marks` are the ranges of characters in `text` that changed, `hint`
    is a short note for the right side, `path` leads to the value. `moved` says that the item
    stands further "up" or "down" here than in the other document.
    """

    number: int
    depth: int
    text: str
    marks: Marks
    path: Path
    hint: str = ""
    moved: Literal["", "up", "down"] = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of both panes; a side that has nothing there is None.

    `change` is the position in `Diff.changes` of the change that the row belongs to, or -1. A
    `fold` has no lines but a `label` for what it hides, and how many lines that is; `count` and
    `noun` ("records", "keys", "items", "lines", whatever `rows` was given) are the parts of the
    label. A key that only stands elsewhere in its dict is `moved` without being a change.
    """

    kind: RowKind
    left: Line | None
    right: Line | None
    change: int = -1
    label: str = ""
    hidden: int = 0
    count: int = 0
    noun: str = ""


def rows(
    d: Diff, *, noun: str = "keys", context: int = 2, progress: Progress | None = None
) -> Rows:
    """The rows of both documents, side by side.

    `noun` is what the top level holds, in the plural, for the labels of folds. Beside a change,
    up to `context` unchanged neighbours stay unfolded where they are short. The first rows are
    laid out at once and the others when they are first needed: `len` needs all. `progress` is
    called meanwhile, then too; raise `Cancelled` from it to stop.
    """
    layout = Layout(d, noun, context, progress)
    layout.grow()
    return Rows(layout)


class Rows(Sequence[Row]):
    """An immutable sequence of rows, each made when it is asked for."""

    def __init__(
        self,
        layout: Layout,
        *,
        unfolded: bool = False,
        opened: frozenset[tuple[int, int]] = frozenset(),
        pages: int | None = None,
    ) -> None:
        """With folds all `unfolded`, or those `opened` by page and segment, and so many pages."""
        self._layout = layout
        self._unfolded = unfolded
        self._opened = opened
        self._pages = pages
        self._ends = [0]  # of the pages so far: where the next one starts
        self._ready: dict[int, tuple[tuple[Segment, ...], list[int]]] = {}

    def __len__(self) -> int:
        return self._reach(None)

    def first(self, count: int) -> Rows:
        """The first rows, at least so many where there are: to be shown while others are made."""
        self._reach(count)
        pages = bisect_right(self._ends, count - 1)
        return Rows(self._layout, unfolded=self._unfolded, opened=self._opened, pages=pages)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(self._reach(_last(index))))]
        page, at, offset = self._find(index)
        segment = self._segments(page)[0][at]
        if isinstance(segment, Fold):
            return _fold_row(segment)
        return _row(segment, segment.start + offset, self._layout.printer)

    def toggle(self, index: int) -> Rows:
        """These rows with the fold at `index` unfolded; the same ones where there is none."""
        page, at, _ = self._find(index)
        if not isinstance(self._segments(page)[0][at], Fold):
            return self
        return Rows(self._layout, opened=self._opened | {(page, at)}, pages=self._pages)

    def unfold_all(self) -> Rows:
        """These rows without any fold."""
        return Rows(self._layout, unfolded=True, pages=self._pages)

    @lazy
    def starts(self) -> tuple[int, ...]:
        """For each change the index of its first row."""
        starts: list[int] = []
        for page, base in self._placed():
            for row, change in zip(page.rows, page.changes, strict=True):
                if change == len(starts):  # changes are numbered as one meets them
                    starts.append(base + row)
        return tuple(starts)

    def places(self, change: int) -> tuple[int, ...]:
        """The rows at which each stretch of that change begins; what was moved stands twice."""
        return tuple(
            base + row
            for page, base in self._placed()
            if page.may_have(change)
            for row, one in zip(page.rows, page.changes, strict=True)
            if one == change
        )

    @lazy
    def marks(self) -> tuple[tuple[int, RowKind], ...]:
        """Where there are changes, for an overview: the row at which each stretch begins."""
        return tuple(
            (base + row, KINDS[kind])
            for page, base in self._placed()
            for row, kind in zip(page.rows, page.kinds, strict=True)
        )

    def _placed(self) -> list[tuple[Outline, int]]:
        """Each page, and the index of its first row."""
        self._reach(None)
        pages = range(len(self._ends) - 1)
        return [(self._outline(page), self._ends[page]) for page in pages]

    def _reach(self, count: int | None) -> int:
        """Lays out pages until there are so many rows, or all; how many there are then."""
        with collector_paused():
            while (count is None or self._ends[-1] < count) and self._has(len(self._ends) - 1):
                self._ends.append(self._ends[-1] + self._outline(len(self._ends) - 1).size)
        return self._ends[-1]

    def _has(self, page: int) -> bool:
        """Whether there is such a page; lays it out."""
        return page != self._pages and (page < len(self._layout.pages) or self._layout.grow())

    def _outline(self, page: int) -> Outline:
        if self._unfolded:
            return self._layout.pages[page].unfolded
        if any(opened == page for opened, _ in self._opened):
            return outline(self._segments(page)[0])
        return self._layout.pages[page].folded

    def _segments(self, page: int) -> tuple[tuple[Segment, ...], list[int]]:
        """The segments of a page with the row at which each ends."""
        if page not in self._ready:
            if len(self._ready) >= READY:
                self._ready.clear()
            segments = tuple(
                block_of(segment) if self._unfolded or (page, at) in self._opened else segment
                for at, segment in enumerate(self._layout.segments(page))
            )
            self._ready[page] = segments, list(accumulate(s.size for s in segments))
        return self._ready[page]

    def _find(self, index: int) -> tuple[int, int, int]:
        """The page and the segment that have the row, and the row's offset in the segment."""
        if index < 0:
            index += len(self)
        if not 0 <= index < self._reach(index + 1):
            raise IndexError("there is no such row")
        page = bisect_right(self._ends, index) - 1
        rest = index - self._ends[page]
        _, ends = self._segments(page)
        at = bisect_right(ends, rest)
        return page, at, rest - (ends[at - 1] if at else 0)


def _last(index: slice) -> int | None:
    """How many rows a slice needs at most; None for all."""
    ends = (index.start or 0, index.stop)
    return None if index.stop is None or min(ends) < 0 else max(ends)


def _fold_row(fold: Fold) -> Row:
    count, noun, block = fold.things, fold.noun, fold.block
    label = f"{count:,} more lines"
    if noun != "lines":
        label = f"{count:,} {noun if count != 1 else _singular(noun)} unchanged"
    return Row("fold", None, None, block.change, label, block.size, count, noun)


def _singular(noun: str) -> str:
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    return noun.removesuffix("s")


def _row(block: Block, at: int, printer: Printer) -> Row:
    """Row `at` of the whole block."""
    left = right = None
    if at < block.left_lines:
        left = _printed(block, block.left_part(), at, printer)
    if at < block.right_lines:
        right = _printed(block, block.right_part(), at, printer)
    marks: tuple[Marks, Marks] = ((), ())
    note = ""
    if block.visit.step.replaced and at == 0:
        marks, note = _edit_marks(block, left, right), _edit_hint(block)
    return Row(
        block.kind,
        _line(block, left, block.left + at, marks[0], ""),
        _line(block, right, block.right + at, marks[1], note),
        block.change,
    )


def _printed(block: Block, part: Part, at: int, printer: Printer) -> Printed:
    return part.closing() if block.closing else part.line(at, printer)


def _line(
    block: Block, printed: Printed | None, number: int, marks: Marks, note: str
) -> Line | None:
    if printed is None:
        return None
    return Line(number, printed.depth, printed.text, marks, printed.path, note, block.moved)


def _edit_values(block: Block) -> tuple[Json, Json]:
    step, node = block.visit.step, block.visit.node
    return node.left_child(step.left), node.right_child(step.right)


def _edit_hint(block: Block) -> str:
    return hint(*_edit_values(block))


def _edit_marks(block: Block, left: Printed | None, right: Printed | None) -> tuple[Marks, Marks]:
    """The words that differ between two strings, else all of both values."""
    old, new = _edit_values(block)
    if left is None or right is None or not isinstance(old, str) or not isinstance(new, str):
        return _whole(left), _whole(right)
    lefts, rights = word_marks(_quoted(left), _quoted(right))
    return _shifted(lefts, left.value + 1), _shifted(rights, right.value + 1)


def _whole(printed: Printed | None) -> Marks:
    return ((printed.value, printed.end),) if printed else ()


def _quoted(printed: Printed) -> str:
    """What stands between the quotes."""
    return printed.text[printed.value + 1 : printed.end - 1]


def _shifted(marks: Marks, by: int) -> Marks:
    return tuple((start + by, end + by) for start, end in marks)
