"""Reads a comparison from top to bottom and lays it out in pages of blocks and folds."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final, Literal, NamedTuple, TypeAlias

from dbengine.diff.lines import Part, Printer, is_open
from dbengine.diff.result import Diff
from dbengine.diff.steps import Differing, Node, Op, Side, Step, Visit, aligned, reading
from dbengine.diff.strict import same_kind
from dbengine.diff.ticker import Ticker
from dbengine.model import Json, Progress

RowKind: TypeAlias = Literal["equal", "added", "removed", "changed", "moved", "fold"]
Direction: TypeAlias = Literal["", "up", "down"]

KINDS: Final[tuple[RowKind, ...]] = ("equal", "added", "removed", "changed", "moved", "fold")

PAGE: Final = 512
"""So many blocks and folds make a page, or a few more."""

KEPT: Final = 32
"""So many pages are kept; the others are laid out again when they are looked at."""

FOLDED: Final = 3
"""So many unchanged neighbours, or more lines than this, become one fold."""

LONG: Final = 60
"""A change of more lines than this is folded in its middle, up to its last line."""

HEAD: Final = 40
"""How many of its lines stand before that fold."""

SHORT: Final = 60
"""Strings up to this length are shown beside a change, for context."""


class Block(NamedTuple):
    """Rows `start` to `end` of those that show children of both sides, line by line.

    They are so many `children` of the visited step, from its `at`th on. `left` and `right` are
    the numbers of their first lines. `closing`: one row, the last line of a child's two sides.
    """

    kind: RowKind
    change: int
    visit: Visit
    at: int
    children: int
    left: int
    right: int
    left_lines: int
    right_lines: int
    start: int
    end: int
    closing: bool = False
    moved: Direction = ""

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def depth(self) -> int:
        return self.visit.place.depth

    def left_part(self) -> Part:
        step, node, link = self.visit.step, self.visit.node, self.visit.place.left
        first = step.left + self.at
        return Part(node.left, node.left_keys, first, self.children, self.left, self.depth, link)

    def right_part(self) -> Part:
        step, node, link = self.visit.step, self.visit.node, self.visit.place.right
        first = step.right + self.at
        return Part(node.right, node.right_keys, first, self.children, self.right, self.depth, link)


class Fold(NamedTuple):
    """One row in place of a block, for so many `things`, which `noun` names in the plural."""

    block: Block
    things: int
    noun: str

    @property
    def size(self) -> int:
        return 1


Segment: TypeAlias = Block | Fold


class Start(NamedTuple):
    """Where a page begins: at which visit and child of its step, and at which line numbers."""

    visit: Visit | None
    child: int
    left: int
    right: int


class Outline(NamedTuple):
    """How many rows a page has, and for each of its changed stretches row, change and kind."""

    size: int
    rows: array[int]
    changes: array[int]
    kinds: bytes

    def may_have(self, change: int) -> bool:
        """False where no stretch is of that change: bytes are searched faster than numbers."""
        return array("i", [change]).tobytes() in self.changes.tobytes()


class Page(NamedTuple):
    """What is kept of every page, so that its rows are found, and made when looked at."""

    start: Start
    folded: Outline
    unfolded: Outline


def block_of(segment: Segment) -> Block:
    return segment.block if isinstance(segment, Fold) else segment


_NUMBERS: Final = {kind: number for number, kind in enumerate(KINDS)}


def outline(segments: Iterable[Segment], *, unfolded: bool = False) -> Outline:
    """The outline of a page, as it is or with all its folds unfolded."""
    rows, changes, kinds = array("I"), array("i"), bytearray()
    at = 0
    for segment in segments:
        block = segment.block if isinstance(segment, Fold) else segment
        if block.change >= 0:
            rows.append(at)
            changes.append(block.change)
            kinds.append(_NUMBERS[block.kind])
        at += 1 if block is not segment and not unfolded else block.end - block.start
    return Outline(at, rows, changes, bytes(kinds))


class Layout:
    """The pages of one comparison, laid out one after the other as they are asked for."""

    def __init__(self, d: Diff, noun: str, context: int, progress: Progress | None) -> None:
        self.pages: list[Page] = []
        self._tick = Ticker(progress, "Laying out")
        self.printer = Printer(self._tick)
        self._reader = _Reader(d, self.printer, noun, context)
        self._next: Start | None = Start(None, 0, 1, 1)
        self._kept: dict[int, tuple[Segment, ...]] = {}

    def grow(self) -> bool:
        """Lays out one more page; False where there is none."""
        start = self._next
        if start is None:
            return False
        segments, self._next = self._reader.page(start)
        self._tick(len(segments))
        self._keep(len(self.pages), segments)
        folded = outline(segments)
        folds = any(isinstance(segment, Fold) for segment in segments)
        self.pages.append(
            Page(start, folded, outline(segments, unfolded=True) if folds else folded)
        )
        return True

    def segments(self, page: int) -> tuple[Segment, ...]:
        """What is on a page that was laid out."""
        known = self._kept.get(page)
        if known is None:
            known, _ = self._reader.page(self.pages[page].start)
            self._keep(page, known)
        return known

    def _keep(self, page: int, segments: tuple[Segment, ...]) -> None:
        if len(self._kept) >= KEPT:
            for old in list(islice(self._kept, KEPT // 2)):
                self._kept.pop(old, None)
        self._kept[page] = segments


class _Reader:
    """Writes the segments of a page."""

    def __init__(self, d: Diff, printer: Printer, noun: str, context: int) -> None:
        self._root = d.root if d else _unchanged(d.root)
        self._printer = printer
        self._noun = noun
        self._context = context
        self._left = 1  # the number of the next line on either side
        self._right = 1

    def page(self, start: Start) -> tuple[tuple[Segment, ...], Start | None]:
        """The segments of the page that starts there, and where the next one does."""
        segments: list[Segment] = []
        child, self._left, self._right = start.child, start.left, start.right
        for visit in reading(self._root, start=start.visit):
            if len(segments) >= PAGE:
                return tuple(segments), Start(visit, 0, self._left, self._right)
            if visit.what == "end":
                segments.extend(self._end(visit))
            elif visit.step.op == "same":
                segments.extend(self._same(visit))
            elif visit.step.inner is not None:
                segments.append(self._open(visit))
            else:
                for at in range(child, visit.step.count):
                    if len(segments) >= PAGE:
                        return tuple(segments), Start(visit, at, self._left, self._right)
                    segments.extend(self._change(visit, at))
                child = 0
        return tuple(segments), None

    def _blocked(
        self,
        visit: Visit,
        kind: RowKind,
        at: int,
        count: int,
        lines: _Lines,
        change: int = -1,
        moved: Direction = "",
        *,
        closing: bool = False,
    ) -> Block:
        """A block of children of the visited step, which takes the next line numbers."""
        left, right = self._left, self._right
        self._left += lines[0]
        self._right += lines[1]
        return Block(
            kind, change, visit, at, count, left, right, *lines, 0, max(lines), closing, moved
        )

    def _equal_block(
        self,
        visit: Visit,
        move: Step | None,
        at: int,
        count: int,
        lines: _Lines,
        *,
        closing: bool = False,
    ) -> Block:
        """A block of what did not change, or, inside a moved item, of a part of that."""
        if move is None:
            change = visit.step.change
            return self._blocked(visit, "equal", at, count, lines, change, closing=closing)
        direction = _direction(move)
        return self._blocked(
            visit, "moved", at, count, lines, move.change, direction, closing=closing
        )

    def _open(self, visit: Visit) -> Block:
        """The line that opens a container that is looked into."""
        return self._equal_block(visit, _move_at(visit), 0, 1, _shown(visit))

    def _end(self, visit: Visit) -> Iterator[Block]:
        """The line that closes it, unless it is empty there: then the first line did."""
        step, node = visit.step, visit.node
        left, right = _shown(visit)
        left = left and is_open(node.left_child(step.left))
        right = right and is_open(node.right_child(step.right))
        if left or right:
            yield self._equal_block(visit, _move_at(visit), 0, 1, (left, right), closing=True)

    def _change(self, visit: Visit, at: int) -> Iterator[Segment]:
        """A child that one side lacks or has elsewhere, or that was replaced."""
        step, node = visit.step, visit.node
        on_left, on_right = _shown(visit)
        left = self._printer.count([node.left_child(step.left + at)]) if on_left else 0
        right = self._printer.count([node.right_child(step.right + at)]) if on_right else 0
        kind, change = _row_kind(step), step.change + at if step.change >= 0 else -1
        moved: Direction = _direction(step) if kind == "moved" else ""
        return _shortened(self._blocked(visit, kind, at, 1, (left, right), change, moved))

    def _same(self, visit: Visit) -> Iterator[Segment]:
        """Unchanged neighbours: a fold, and around it what is short and near a change."""
        step = visit.step
        lead, tail = self._near(visit)
        middle = step.count - lead - tail
        if lead:
            yield self._equal(visit, 0, lead)
        if middle:
            block = self._equal(visit, lead, middle)
            folded = middle >= FOLDED or block.size > FOLDED
            yield Fold(block, middle, self._things(visit)) if folded else block
        if tail:
            yield self._equal(visit, lead + middle, tail)

    def _equal(self, visit: Visit, at: int, count: int) -> Block:
        lines = self._printer.count(_children(visit, at, count))
        left, right = _shown(visit)
        return self._equal_block(visit, visit.place.move, at, count, (lines * left, lines * right))

    def _near(self, visit: Visit) -> tuple[int, int]:
        """How many of the children, from the front and from the back, stay unfolded."""
        step, steps = visit.step, visit.node.steps
        spare = max(step.count - FOLDED, 0)
        limit = min(self._context, spare)
        tail = 0 if step is steps[-1] else _short_ones(visit, limit, backwards=True)
        limit = min(self._context, spare - tail)
        lead = 0 if step is steps[0] else _short_ones(visit, limit, backwards=False)
        return lead, tail

    def _things(self, visit: Visit) -> str:
        """What the node holds, in the plural."""
        noun = "keys" if isinstance(visit.node.left, dict) else "items"
        top = visit.place.depth == 1 and not (noun == "items" and self._noun == "keys")
        return self._noun if top else noun


_Lines: TypeAlias = tuple[int, int]


def _move_at(visit: Visit) -> Step | None:
    """The move that the visited step is, or is inside of."""
    return visit.step if visit.step.op in ("from", "to") else visit.place.move


def _unchanged(root: Node) -> Node:
    """The root of equal documents, opened so that what is in them can be folded."""
    left, right = root.left_child(0), root.right_child(0)
    if not is_open(left) or not same_kind(left, right):
        return root
    inner = aligned(left, right)
    inner.steps.append(Step("same", 0, 0, len(left)))
    return replace(root, steps=[Differing("edit", 0, 0, inner=inner)])


def _shown(visit: Visit) -> tuple[bool, bool]:
    """Whether the visited step has lines on the left and on the right, at this place."""
    return _SHOWN[visit.place.side, visit.step.op]


_SIDES: Final[tuple[Side, ...]] = ("both", "left", "right")
_OPS: Final[tuple[Op, ...]] = ("same", "removed", "added", "edit", "from", "to")
_SHOWN: Final = {
    (side, op): (
        side != "right" and op not in ("added", "to"),
        side != "left" and op not in ("removed", "from"),
    )
    for side in _SIDES
    for op in _OPS
}


def _row_kind(step: Step) -> RowKind:
    if step.replaced:
        return "changed"
    kinds: dict[str, RowKind] = {"removed": "removed", "added": "added"}
    return kinds.get(step.op, "moved")


def _direction(step: Step) -> Direction:
    """Read first on the right, an item stands further up there; likewise on the left."""
    return "up" if step.first else "down"


def _shortened(block: Block) -> Iterator[Segment]:
    """The block with its middle folded, if it is long."""
    if block.size <= LONG:
        yield block
        return
    tail = block.end - 1
    yield block._replace(end=HEAD)
    yield Fold(block._replace(start=HEAD, end=tail), tail - HEAD, "lines")
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
