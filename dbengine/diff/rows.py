"""Lays a comparison out as rows for two aligned panes, with what is unchanged folded away."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Final, Literal, NamedTuple, TypeAlias, overload

from dbengine.diff.collector import collector_paused
from dbengine.diff.inline import Marks, hint, word_marks
from dbengine.diff.lines import Part, Printed, Printer, is_open
from dbengine.diff.result import Diff, Node, Path, Side, Step, Visit, aligned, reading
from dbengine.diff.strict import same_kind
from dbengine.model import Json

RowKind: TypeAlias = Literal["equal", "added", "removed", "changed", "moved", "fold"]

FOLDED: Final = 3
"""So many unchanged neighbours, or more lines than this, become one fold."""

LONG: Final = 60
"""A change of more lines than this is folded in its middle, up to its last line."""

HEAD: Final = 40
"""How many of its lines stand before that fold."""

SHORT: Final = 60
"""Strings up to this length are shown beside a change, for context."""


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
    `fold` has no lines but a `label` for what it hides, and how many lines that is. A key that
    only stands elsewhere in its dict is `moved` without being a change.
    """

    kind: RowKind
    left: Line | None
    right: Line | None
    change: int = -1
    label: str = ""
    hidden: int = 0


class _Block(NamedTuple):
    """Rows `start` to `end` of those that show children of both sides, line by line.

    They are so many `children` of the visited step, from its `at`th on. `left` and `right` are
    the numbers of their first lines. `closing`: one row, the last line of a child's two sides.
    """

    kind: RowKind
    change: int
    visit: Visit
    at: int
    children: int
    depth: int
    left: int
    right: int
    left_lines: int
    right_lines: int
    start: int
    end: int
    closing: bool = False
    moved: Literal["", "up", "down"] = ""

    @property
    def size(self) -> int:
        return self.end - self.start

    def left_part(self) -> Part:
        step, node, link = self.visit.step, self.visit.node, self.visit.left
        first = step.left + self.at
        return Part(node.left, node.left_keys, first, self.children, self.left, self.depth, link)

    def right_part(self) -> Part:
        step, node, link = self.visit.step, self.visit.node, self.visit.right
        first = step.right + self.at
        return Part(node.right, node.right_keys, first, self.children, self.right, self.depth, link)


class _Fold(NamedTuple):
    """One row in place of a block."""

    block: _Block
    label: str


_Segment: TypeAlias = _Block | _Fold
_Lines: TypeAlias = tuple[int, int]
_Direction: TypeAlias = Literal["", "up", "down"]


def rows(d: Diff, *, noun: str = "keys", context: int = 2) -> Rows:
    """The rows of both documents, side by side.

    `noun` is what the top level holds, in the plural, for the labels of folds. Beside a change,
    up to `context` unchanged neighbours stay unfolded where they are short.
    """
    printer = Printer()
    with collector_paused():
        segments = tuple(_Layout(printer, noun, context).segments(d))
    return Rows(segments, printer, len(d.changes))


class Rows(Sequence[Row]):
    """An immutable sequence of rows, each made when it is asked for."""

    def __init__(self, segments: tuple[_Segment, ...], printer: Printer, changes: int) -> None:
        self._segments = segments
        self._printer = printer
        self._changes = changes
        self._ends = list(accumulate(_size(segment) for segment in segments))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at, offset = self._find(index)
        segment = self._segments[at]
        if isinstance(segment, _Fold):
            block = segment.block
            return Row("fold", None, None, block.change, segment.label, block.size)
        return _row(segment, segment.start + offset, self._printer)

    def toggle(self, index: int) -> Rows:
        """These rows with the fold at `index` unfolded; the same ones where there is none."""
        at, _ = self._find(index)
        segment = self._segments[at]
        if not isinstance(segment, _Fold):
            return self
        segments = (*self._segments[:at], segment.block, *self._segments[at + 1 :])
        return Rows(segments, self._printer, self._changes)

    def unfold_all(self) -> Rows:
        """These rows without any fold."""
        segments = tuple(s.block if isinstance(s, _Fold) else s for s in self._segments)
        return Rows(segments, self._printer, self._changes)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """For each change the index of its first row."""
        starts = [-1] * self._changes
        for at, segment in self._placed():
            change = _block(segment).change
            if change >= 0 and starts[change] < 0:
                starts[change] = at
        return tuple(starts)

    @cached_property
    def marks(self) -> tuple[tuple[int, RowKind], ...]:
        """Where there are changes, for an overview: the row at which each stretch begins."""
        blocks = ((at, _block(segment)) for at, segment in self._placed())
        return tuple((at, block.kind) for at, block in blocks if block.change >= 0)

    def _placed(self) -> Iterator[tuple[int, _Segment]]:
        return zip((0, *self._ends), self._segments, strict=False)

    def _find(self, index: int) -> tuple[int, int]:
        """The segment that has the row, and the row's offset in it."""
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError("there is no such row")
        at = bisect_right(self._ends, index)
        return at, index - (self._ends[at - 1] if at else 0)


def _size(segment: _Segment) -> int:
    return 1 if isinstance(segment, _Fold) else segment.size


def _block(segment: _Segment) -> _Block:
    return segment.block if isinstance(segment, _Fold) else segment


def _row(block: _Block, at: int, printer: Printer) -> Row:
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


def _printed(block: _Block, part: Part, at: int, printer: Printer) -> Printed:
    return part.closing() if block.closing else part.line(at, printer)


def _line(
    block: _Block, printed: Printed | None, number: int, marks: Marks, note: str
) -> Line | None:
    if printed is None:
        return None
    return Line(number, printed.depth, printed.text, marks, printed.path, note, block.moved)


def _edit_values(block: _Block) -> tuple[Json, Json]:
    step, node = block.visit.step, block.visit.node
    return node.left_child(step.left), node.right_child(step.right)


def _edit_hint(block: _Block) -> str:
    return hint(*_edit_values(block))


def _edit_marks(block: _Block, left: Printed | None, right: Printed | None) -> tuple[Marks, Marks]:
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


class _Layout:
    """Reads the tree of a comparison from top to bottom and writes its segments."""

    def __init__(self, printer: Printer, noun: str, context: int) -> None:
        self._printer = printer
        self._noun = noun
        self._context = context
        self._left = 1  # the number of the next line on either side
        self._right = 1
        self._depth = 0
        self._moves: list[Step] = []  # the moved items that we are inside of, outermost first

    def segments(self, d: Diff) -> Iterator[_Segment]:
        for visit in reading(d.root if d else _unchanged(d.root)):
            if visit.what == "end":
                yield from self._end(visit)
            elif visit.step.op == "same":
                yield from self._same(visit)
            elif visit.step.inner is not None:
                yield from self._open(visit)
            else:
                yield from self._change(visit)

    def _blocked(self, visit: Visit, kind: RowKind, at: int, count: int, lines: _Lines) -> _Block:
        """A block of children of the visited step, which takes the next line numbers."""
        step = visit.step
        left, right = self._left, self._right
        self._left += lines[0]
        self._right += lines[1]
        change = step.change + at if step.change >= 0 else -1
        end = max(lines)
        moved: _Direction = _direction(step) if kind == "moved" else ""
        return _Block(
            kind, change, visit, at, count, self._depth, left, right, *lines, 0, end, False, moved
        )  # fmt: skip

    def _open(self, visit: Visit) -> Iterator[_Segment]:
        """The line that opens a container that is looked into."""
        step = visit.step
        if step.op in ("from", "to"):
            self._moves.append(step)
        block = self._blocked(visit, "equal", 0, 1, (_shown(visit, "left"), _shown(visit, "right")))
        yield self._in_move(block)
        self._depth += 1

    def _end(self, visit: Visit) -> Iterator[_Segment]:
        """The line that closes it, unless it is empty there: then the first line did."""
        step, node = visit.step, visit.node
        self._depth -= 1
        left = _shown(visit, "left") and is_open(node.left_child(step.left))
        right = _shown(visit, "right") and is_open(node.right_child(step.right))
        block = self._blocked(visit, "equal", 0, 1, (left, right))
        if block.size:
            yield self._in_move(block._replace(closing=True))
        if step.op in ("from", "to"):
            self._moves.pop()

    def _in_move(self, block: _Block) -> _Block:
        """The block, or, inside a moved item, the same as a part of that."""
        if not self._moves:
            return block
        move = self._moves[-1]
        return block._replace(kind="moved", change=move.change, moved=_direction(move))

    def _change(self, visit: Visit) -> Iterator[_Segment]:
        """Children that one side lacks or has elsewhere, or that were replaced."""
        step, node = visit.step, visit.node
        for at in range(step.count):
            left = right = 0
            if _shown(visit, "left"):
                left = self._printer.count([node.left_child(step.left + at)])
            if _shown(visit, "right"):
                right = self._printer.count([node.right_child(step.right + at)])
            block = self._blocked(visit, _row_kind(step), at, 1, (left, right))
            yield from _shortened(block)

    def _same(self, visit: Visit) -> Iterator[_Segment]:
        """Unchanged neighbours: a fold, and around it what is short and near a change."""
        step = visit.step
        lead, tail = self._near(visit)
        middle = step.count - lead - tail
        if lead:
            yield self._equal(visit, 0, lead)
        if middle:
            block = self._equal(visit, lead, middle)
            folded = middle >= FOLDED or block.size > FOLDED
            yield _Fold(block, self._label(visit, middle)) if folded else block
        if tail:
            yield self._equal(visit, lead + middle, tail)

    def _equal(self, visit: Visit, at: int, count: int) -> _Block:
        lines = self._printer.count(_children(visit, at, count))
        shown = lines * _shown(visit, "left"), lines * _shown(visit, "right")
        return self._in_move(self._blocked(visit, "equal", at, count, shown))

    def _near(self, visit: Visit) -> tuple[int, int]:
        """How many of the children, from the front and from the back, stay unfolded."""
        step, steps = visit.step, visit.node.steps
        spare = max(step.count - FOLDED, 0)
        limit = min(self._context, spare)
        tail = 0 if step is steps[-1] else _short_ones(visit, limit, backwards=True)
        limit = min(self._context, spare - tail)
        lead = 0 if step is steps[0] else _short_ones(visit, limit, backwards=False)
        return lead, tail

    def _label(self, visit: Visit, count: int) -> str:
        noun = "keys" if isinstance(visit.node.left, dict) else "items"
        if self._depth == 1 and not (noun == "items" and self._noun == "keys"):
            noun = self._noun
        return f"{count:,} {noun if count != 1 else _singular(noun)} unchanged"


def _unchanged(root: Node) -> Node:
    """The root of equal documents, opened so that what is in them can be folded."""
    left, right = root.left_child(0), root.right_child(0)
    if not is_open(left) or not same_kind(left, right):
        return root
    inner = aligned(left, right)
    inner.steps.append(Step("same", 0, 0, len(left)))
    return replace(root, steps=[Step("edit", 0, 0, inner=inner)])


def _shown(visit: Visit, side: Side) -> bool:
    """Whether the visited step has lines on that side, at this place."""
    return visit.side in ("both", side) and _MISSING.get(visit.step.op) != side


_MISSING: Final = {"removed": "right", "from": "right", "added": "left", "to": "left"}


def _row_kind(step: Step) -> RowKind:
    if step.replaced:
        return "changed"
    kinds: dict[str, RowKind] = {"removed": "removed", "added": "added"}
    return kinds.get(step.op, "moved")


def _direction(step: Step) -> Literal["up", "down"]:
    """Read first on the right, an item stands further up there; likewise on the left."""
    return "up" if step.first else "down"


def _shortened(block: _Block) -> Iterator[_Segment]:
    """The block with its middle folded, if it is long."""
    if block.size <= LONG:
        yield block
        return
    tail = block.end - 1
    yield block._replace(end=HEAD)
    yield _Fold(block._replace(start=HEAD, end=tail), f"{tail - HEAD:,} more lines")
    yield block._replace(start=tail)


def _children(visit: Visit, at: int, count: int) -> list[Json]:
    return visit.node.left_children(visit.step.left + at, count)


def _short_ones(visit: Visit, limit: int, *, backwards: bool) -> int:
    step = visit.step
    for count in range(limit):
        at = step.count - 1 - count if backwards else count
        if not _is_short(visit.node.left_child(step.left + at)):
            return count
    return limit


def _is_short(value: Json) -> bool:
    if isinstance(value, str):
        return len(value) <= SHORT
    return not is_open(value)


def _singular(noun: str) -> str:
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    return noun.removesuffix("s")
