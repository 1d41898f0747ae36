"""Compares two JSON values: aligns them level by level and looks only into what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import Any, Final

from dbengine.diff.align import Run, longest_increasing
from dbengine.diff.collector import collector_paused
from dbengine.diff.describe import describe
from dbengine.diff.pairing import Pairer, Pairs
from dbengine.diff.result import Diff, Node, Step, aligned, gather, nodes_of
from dbengine.diff.strict import Contents, same_kind
from dbengine.model import Json, Progress

CHUNK: Final = 64
"""So many neighbours are compared at once, and one by one only where these differ."""

BIG: Final = 256
"""Containers with so many children are looked into at once, not first compared as a whole."""

FEW: Final = 16
"""So few neighbours are compared one by one at once."""

PLAIN: Final = frozenset((str, int, bool, type(None)))
"""Types of leaves for which `==` is strict among themselves."""

REPORT_EVERY: Final = 0.02
"""Seconds between two calls of `progress`."""


def diff(left: Json, right: Json, progress: Progress | None = None) -> Diff:
    """The changes that lead from `left` to `right`.

    Equality is strict: `1`, `1.0` and `True` differ, `0.0` and `-0.0` too, NaN equals NaN; the
    order of a dict's keys does not count. Items of a list are told apart by an id field where
    they have one, else by content and likeness. Neither value is changed, and neither may be
    while the result is in use. `progress` gets the number of values looked at; raise `Cancelled`
    from it to stop.
    """
    with collector_paused():
        tick = _Ticker(progress)
        root = _Comparison(tick).run(_unwrapped(left), _unwrapped(right))
        return Diff(left, right, gather(root, tick), root)


def _unwrapped(value: Json) -> Json:
    """A subclass of dict as a plain one: it may answer for keys that it does not hold."""
    return dict(value) if isinstance(value, dict) and type(value) is not dict else value


class _Ticker:
    """Counts what was done and reports it now and then."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._done = 0
        self._next = 0  # the clock is not asked before so much is done
        self._last = monotonic()

    def __call__(self, count: int) -> None:
        self._done += count
        if self._progress is None or self._done < self._next:
            return
        self._next = self._done + CHUNK
        now = monotonic()
        if now - self._last >= REPORT_EVERY:
            self._progress(self._done, None, "Comparing")
            self._last = monotonic()


class _Comparison:
    """One comparison at work; `run` may be called once."""

    def __init__(self, tick: Callable[[int], None]) -> None:
        self._tick = tick
        self._contents = Contents(tick)
        self._pairer = Pairer(self._contents, tick)

    def run(self, left: Json, right: Json) -> Node:
        """The aligned tree, its root a list that holds nothing but the document."""
        root = aligned([left], [right])
        self._fill(root, [Run(0, 0, 1)], set(), [], 0)
        work = [(step.inner, 1) for step in root.steps if step.inner]
        while work:
            node, depth = work.pop()
            self._align(node, depth)
            inner = {id(step.inner): step.inner for step in node.steps if step.inner}
            work.extend((child, depth + 1) for child in inner.values())
        _prune(root, self._tick)
        self._describe(root)
        return root

    def _align(self, node: Node, depth: int) -> None:
        if isinstance(node.left, dict):
            self._align_dicts(node, depth)
        else:
            self._align_items(node, depth)

    def _align_dicts(self, node: Node, depth: int) -> None:
        if len(node.left) <= FEW and node.left_keys == node.right_keys:
            node.steps += self._stretches(node, Run(0, 0, len(node.left)), depth)
        else:
            runs, moves = _align_keys(node.left_keys, node.right_keys)
            self._fill(node, runs, set(), moves, depth)

    def _align_items(self, node: Node, depth: int) -> None:
        """Takes the equal ends off, and pairs what is between them."""
        left, right = node.left, node.right
        start = self._equal_front(left, right, depth)
        end = self._equal_back(left, right, start, depth)
        ends = [Run(0, 0, start), Run(len(left) - end, len(right) - end, end)]
        ends = [run for run in ends if run.size]
        pairing = self._pairer.pair(
            left[start : len(left) - end], right[start : len(right) - end], bool(ends)
        )
        runs = [Run(run.left + start, run.right + start, run.size) for run in pairing.runs]
        known = {Run(run.left + start, run.right + start, run.size) for run in pairing.known}
        moves = [(i + start, j + start) for i, j in pairing.moves]
        self._fill(node, sorted([*ends, *runs]), known.union(ends), moves, depth)

    def _equal_front(self, left: list[Json], right: list[Json], depth: int) -> int:
        at, limit = 0, min(len(left), len(right))
        while at < limit:
            size = min(CHUNK, limit - at)
            if not self._contents.same_all(left[at : at + size], right[at : at + size], depth):
                break
            at += size
            self._tick(size)
        while at < limit and self._contents.same(left[at], right[at], depth):
            at += 1
        return at

    def _equal_back(self, left: list[Json], right: list[Json], start: int, depth: int) -> int:
        count, limit = 0, min(len(left), len(right)) - start
        while count < limit:
            size = min(CHUNK, limit - count)
            lefts = left[len(left) - count - size : len(left) - count]
            rights = right[len(right) - count - size : len(right) - count]
            if not self._contents.same_all(lefts, rights, depth):
                break
            count += size
            self._tick(size)
        while count < limit and self._contents.same(left[-1 - count], right[-1 - count], depth):
            count += 1
        return count

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
            places[i, j] = Step(op, i, j, 1, inner, replaced, how, first=other is None)  # type: ignore[arg-type]
            return places[i, j]

        i = j = 0
        for run in [*runs, Run(len(node.left), len(node.right), 0)]:
            for at in range(i, run.left):
                if at in sources:
                    node.steps.append(place(at, sources[at], "from"))
                else:
                    _lengthen(node.steps, Step("removed", at, run.right, how="removed"))
            for at in range(j, run.right):
                if at in targets:
                    node.steps.append(place(targets[at], at, "to"))
                else:
                    _lengthen(node.steps, Step("added", run.left, at, how="added"))
            node.steps += self._pairs(node, run, run in known, depth)
            i, j = run.left + run.size, run.right + run.size

    def _pairs(self, node: Node, run: Run, known: bool, depth: int) -> Iterator[Step]:
        """The steps of aligned children: stretches of equal ones, and those that differ."""
        if not run.size:
            return
        if known:
            yield Step("same", run.left, run.right, run.size)
        else:
            yield from self._stretches(node, run, depth)

    def _stretches(self, node: Node, run: Run, depth: int) -> Iterator[Step]:
        since = 0
        for at, inner, replaced in self._differing(node, run, depth):
            if at > since:
                yield Step("same", run.left + since, run.right + since, at - since)
            yield Step("edit", run.left + at, run.right + at, 1, inner, replaced)
            since = at + 1
        if since < run.size:
            yield Step("same", run.left + since, run.right + since, run.size - since)

    def _differing(
        self, node: Node, run: Run, depth: int
    ) -> Iterator[tuple[int, Node | None, bool]]:
        for start in range(0, run.size, CHUNK):
            span = range(start, min(start + CHUNK, run.size))
            lefts = node.left_children(run.left + start, len(span))
            rights = node.right_children(run.right + start, len(span))
            self._tick(len(span))
            if len(span) > FEW and self._contents.same_all(lefts, rights, depth):
                continue
            for at, left, right in zip(span, lefts, rights, strict=True):
                if type(left) in PLAIN and type(left) is type(right) and left == right:
                    continue
                inner, replaced = self._look(left, right, depth)
                if inner or replaced:
                    yield at, inner, replaced

    def _look(self, left: Json, right: Json, depth: int) -> tuple[Node | None, bool]:
        """A node where one must look inside, or whether one replaces the other."""
        self._tick(1)
        alike = same_kind(left, right)
        big = alike and max(len(left), len(right)) >= BIG and left is not right
        if not big and self._contents.same(left, right, depth):
            return None, False
        if not big and alike and self._only_reordered(left, right):
            return None, False
        return (aligned(left, right), False) if alike else (None, True)

    def _only_reordered(self, left: Any, right: Any) -> bool:
        """Spares us to look into dicts that differ in nothing but the order of their keys."""
        if not isinstance(left, dict) or len(left) != len(right) or list(left) == list(right):
            return False
        return self._contents.key(left) == self._contents.key(right)

    def _describe(self, root: Node) -> None:
        """Asks deepdiff about the leaves that were replaced."""
        replaced = []
        for node in nodes_of(root):
            self._tick(1)
            replaced += [(node, step) for step in node.steps if step.replaced]
        pairs = [(node.left_child(s.left), node.right_child(s.right)) for node, s in replaced]
        for (_, step), how in zip(replaced, describe(pairs, self._tick), strict=True):
            step.how = how


def _align_keys(left: Sequence[Any], right: Sequence[Any]) -> tuple[list[Run], Pairs]:
    """Runs of keys in the same order, and the common keys that stand elsewhere."""
    if left == right:
        return [Run(0, 0, len(left))], []
    places = {key: at for at, key in enumerate(right)}
    common = [(at, places[key]) for at, key in enumerate(left) if key in places]
    staying = set(longest_increasing([j for _, j in common]))
    runs: list[Run] = []
    for at in sorted(staying):
        i, j = common[at]
        last = runs[-1] if runs else Run(-1, -1, 0)
        if (last.left + last.size, last.right + last.size) == (i, j):
            runs[-1] = last._replace(size=last.size + 1)
        else:
            runs.append(Run(i, j, 1))
    return runs, [pair for at, pair in enumerate(common) if at not in staying]


def _lengthen(steps: list[Step], step: Step) -> None:
    """Appends the step, or makes the last one longer where it goes on there."""
    last = steps[-1] if steps else None
    if last is None or last.op != step.op:
        steps.append(step)
    else:
        last.count += 1


def _prune(root: Node, tick: Callable[[int], None]) -> None:
    """Makes equal again what differs only in the order of keys, or in nothing that counts."""
    equal: set[int] = set()
    for node in reversed(list(nodes_of(root))):
        tick(1)
        for step in node.steps:
            if id(step.inner) in equal:
                step.inner = None
                step.op = "same" if step.op == "edit" else step.op
        if all(not s.how and not s.inner and not s.replaced for s in node.steps):
            equal.add(id(node))
