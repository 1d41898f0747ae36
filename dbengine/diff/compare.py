"""Compares two JSON values: aligns them level by level and looks only into what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from dbengine.diff.align import Run, longest_increasing
from dbengine.diff.collector import collector_paused
from dbengine.diff.describe import describe
from dbengine.diff.pairing import Pairer, Pairs
from dbengine.diff.result import Diff, Node, Step, aligned, found
from dbengine.diff.strict import (
    DEEP,
    PLAIN,
    Contents,
    Tick,
    is_heavy,
    parts,
    same_kind,
    same_leaf,
)
from dbengine.diff.ticker import Ticker
from dbengine.model import Json, Progress

CHUNK: Final = 64
"""So many neighbours are compared at once, and one by one only where these differ."""

BIG: Final = 256
"""Containers with so many children are looked into at once, not first compared as a whole."""

FEW: Final = 16
"""So few neighbours are compared one by one at once."""


def diff(left: Json, right: Json, progress: Progress | None = None) -> Diff:
    """The changes that lead from `left` to `right`.

    Equality is strict: `1`, `1.0` and `True` differ, `0.0` and `-0.0` too, NaN equals NaN; the
    order of a dict's keys does not count. Items of a list are told apart by an id field where
    they have one, else by content and likeness. Neither value is changed, and neither may be
    while the result is in use. `progress` gets the number of values looked at; raise `Cancelled`
    from it to stop.
    """
    with collector_paused():
        tick = Ticker(progress, "Comparing")
        root = _Comparison(tick).run(_unwrapped(left), _unwrapped(right))
        return found(left, right, root, tick)


def _unwrapped(value: Json) -> Json:
    """A subclass of dict as a plain one: it may answer for keys that it does not hold."""
    return dict(value) if isinstance(value, dict) and type(value) is not dict else value


class _Comparison:
    """One comparison at work; `run` may be called once."""

    def __init__(self, tick: Tick) -> None:
        self._tick = tick
        self._contents = Contents(tick)
        self._pairer = Pairer(self._contents, tick)
        self._work: list[tuple[Node, int, bool]] = []
        self._nodes: list[Node] = []
        self._replaced: list[tuple[Node, Step]] = []
        self._heavy = True  # whether the children at hand may be too much to compare in a moment

    def run(self, left: Json, right: Json) -> Node:
        """The aligned tree, its root a list that holds nothing but the document."""
        root = aligned([left], [right])
        self._nodes.append(root)
        self._fill(root, [Run(0, 0, 1)], set(), [], 0)
        while self._work:
            node, depth, heavy = self._work.pop()
            self._heavy = heavy and depth < DEEP and _is_heavy(node)
            self._align(node, depth)
        _prune(self._nodes, self._tick)
        self._describe()
        return root

    def _align(self, node: Node, depth: int) -> None:
        if isinstance(node.left, dict):
            self._align_dicts(node, depth)
        else:
            self._align_items(node, depth)

    def _align_dicts(self, node: Node, depth: int) -> None:
        if node.left_keys is node.right_keys:
            self._stretches(node, Run(0, 0, len(node.left)), depth)
        else:
            runs, moves = _align_keys(node.left_keys, node.right_keys, self._tick)
            self._fill(node, runs, set(), moves, depth)

    def _align_items(self, node: Node, depth: int) -> None:
        """Takes the equal ends off, and pairs what is between them."""
        left, right = node.left, node.right
        start = self._equal_front(left, right, depth)
        end = self._equal_back(left, right, start, depth)
        ends = [Run(0, 0, start), Run(len(left) - end, len(right) - end, end)]
        ends = [run for run in ends if run.size]
        pairing = self._pairer.pair(
            left[start : len(left) - end], right[start : len(right) - end], bool(ends), depth
        )
        node.coarse = pairing.coarse
        runs = [Run(run.left + start, run.right + start, run.size) for run in pairing.runs]
        known = {Run(run.left + start, run.right + start, run.size) for run in pairing.known}
        moves = [(i + start, j + start) for i, j in pairing.moves]
        self._fill(node, sorted([*ends, *runs]), known.union(ends), moves, depth)

    def _equal_front(self, left: list[Json], right: list[Json], depth: int) -> int:
        at, limit = 0, min(len(left), len(right))
        while at < limit and not self._heavy:
            size = min(CHUNK, limit - at)
            self._tick(size)
            if not self._contents.same_all(left[at : at + size], right[at : at + size], depth):
                break
            at += size
        while at < limit and self._same(left[at], right[at], depth):
            at += 1
        return at

    def _equal_back(self, left: list[Json], right: list[Json], start: int, depth: int) -> int:
        count, limit = 0, min(len(left), len(right)) - start
        while count < limit and not self._heavy:
            size = min(CHUNK, limit - count)
            lefts = left[len(left) - count - size : len(left) - count]
            rights = right[len(right) - count - size : len(right) - count]
            self._tick(size)
            if not self._contents.same_all(lefts, rights, depth):
                break
            count += size
        while count < limit and self._same(left[-1 - count], right[-1 - count], depth):
            count += 1
        return count

    def _same(self, left: Json, right: Json, depth: int) -> bool:
        if self._heavy:
            return self._contents.same_heavy(left, right)
        return self._contents.same(left, right, depth)

    def _fill(
        self, node: Node, runs: Sequence[Run], known: set[Run], moves: Pairs, depth: int
    ) -> None:
        """Writes the node's steps from what was aligned."""
        how = "moved" if isinstance(node.left, list) else ""
        places: dict[tuple[int, int], Step] = {}
        sources, targets = dict(moves), {j: i for i, j in moves}

        def place(i: int, j: int, op: Any) -> Step:
            other = places.get((i, j))
            if other:
                inner, replaced = other.inner, other.replaced
            else:
                inner, replaced = self._look(node.left_child(i), node.right_child(j), depth)
            step = Step(op, i, j, 1, inner, replaced, how, first=other is None)  # type: ignore[arg-type]
            places[i, j] = step
            if replaced:
                self._replaced.append((node, step))
            return step

        i = j = 0
        for run in [*runs, Run(len(node.left), len(node.right), 0)]:
            for at in range(i, run.left):
                self._tick(1)
                if at in sources:
                    node.steps.append(place(at, sources[at], "from"))
                else:
                    _lengthen(node.steps, Step("removed", at, run.right, how="removed"))
            for at in range(j, run.right):
                self._tick(1)
                if at in targets:
                    node.steps.append(place(targets[at], at, "to"))
                else:
                    _lengthen(node.steps, Step("added", run.left, at, how="added"))
            if run in known:
                node.steps.append(Step("same", run.left, run.right, run.size))
            elif run.size:
                self._stretches(node, run, depth)
            i, j = run.left + run.size, run.right + run.size

    def _stretches(self, node: Node, run: Run, depth: int) -> None:
        """Steps for aligned children: stretches of equal ones, and those that differ."""
        steps, since = node.steps, 0
        for at, inner, replaced in self._differing(node, run, depth):
            if at > since:
                steps.append(Step("same", run.left + since, run.right + since, at - since))
            step = Step("edit", run.left + at, run.right + at, 1, inner, replaced)
            steps.append(step)
            if replaced:
                self._replaced.append((node, step))
            since = at + 1
        if since < run.size:
            steps.append(Step("same", run.left + since, run.right + since, run.size - since))

    def _differing(
        self, node: Node, run: Run, depth: int
    ) -> Iterator[tuple[int, Node | None, bool]]:
        for start in range(0, run.size, CHUNK):
            size = min(CHUNK, run.size - start)
            lefts = node.left_children(run.left + start, size)
            rights = node.right_children(run.right + start, size)
            self._tick(size)
            if size > FEW and not self._heavy and self._contents.same_all(lefts, rights, depth):
                continue
            for at, left, right in zip(range(start, start + size), lefts, rights, strict=True):
                if left is right:
                    continue
                if type(left) is type(right) and type(left) in PLAIN:
                    if left != right:
                        yield at, None, True
                    continue
                inner, replaced = self._look(left, right, depth)
                if inner or replaced:
                    yield at, inner, replaced

    def _look(self, left: Json, right: Json, depth: int) -> tuple[Node | None, bool]:
        """A node where one must look inside, or whether one replaces the other."""
        if not same_kind(left, right):
            return None, not same_leaf(left, right)
        big = len(left) >= BIG or len(right) >= BIG or (self._heavy and is_heavy([left, right]))
        if left is right or (not big and self._contents.same_inside(left, right, depth)):
            return None, False
        node = aligned(left, right)
        if not big and self._only_reordered(node):
            return None, False
        self._nodes.append(node)
        self._work.append((node, depth + 1, self._heavy))
        return node, False

    def _only_reordered(self, node: Node) -> bool:
        """Spares us to look into dicts that differ in nothing but the order of their keys."""
        if node.left_keys is node.right_keys or len(node.left) != len(node.right):
            return False
        if isinstance(node.left, list):
            return False
        return self._contents.key(node.left) == self._contents.key(node.right)

    def _describe(self) -> None:
        """Asks deepdiff about the leaves that were replaced."""
        for part in parts(self._replaced, self._tick):
            pairs = [(node.left_child(s.left), node.right_child(s.right)) for node, s in part]
            for (_, step), how in zip(part, describe(pairs), strict=True):
                step.how = how


def _is_heavy(node: Node) -> bool:
    """Whether few children hold very much; where they are many, each is taken for small."""
    few = max(len(node.left), len(node.right)) <= BIG
    return few and is_heavy([node.left, node.right])


def _align_keys(left: Sequence[Any], right: Sequence[Any], tick: Tick) -> tuple[list[Run], Pairs]:
    """Runs of keys in the same order, and the common keys that stand elsewhere."""
    places = {key: at for at, key in enumerate(right)}
    common = [
        (at, places[key])
        for part in parts(range(len(left)), tick)
        for at in part
        for key in (left[at],)
        if key in places
    ]
    staying = longest_increasing([j for _, j in common], tick)
    runs: list[Run] = []
    for at in staying:
        i, j = common[at]
        last = runs[-1] if runs else Run(-1, -1, 0)
        if (last.left + last.size, last.right + last.size) == (i, j):
            runs[-1] = last._replace(size=last.size + 1)
        else:
            runs.append(Run(i, j, 1))
    kept = set(staying)
    return runs, [pair for at, pair in enumerate(common) if at not in kept]


def _lengthen(steps: list[Step], step: Step) -> None:
    """Appends the step, or makes the last one longer where it goes on there."""
    last = steps[-1] if steps else None
    if last is None or last.op != step.op:
        steps.append(step)
    else:
        last.count += 1


def _prune(nodes: Sequence[Node], tick: Tick) -> None:
    """Makes equal again what differs only in the order of keys, or in nothing that counts.

    `nodes` are all there are, parents before their children.
    """
    equal: set[int] = set()
    for part in parts(nodes[::-1], tick):
        for node in part:
            if all(_is_same(step, equal) for step in node.steps):
                equal.add(id(node))
    for part in parts(nodes if equal else (), tick):
        for node in part:
            for step in node.steps:
                if id(step.inner) in equal:
                    step.inner = None
                    step.op = "same" if step.op == "edit" else step.op


def _is_same(step: Step, equal: set[int]) -> bool:
    if step.how or step.replaced:
        return False
    return step.inner is None or id(step.inner) in equal
