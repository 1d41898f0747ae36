"""Compares two JSON values: aligns them level by level and looks only into what differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import itemgetter
from traceback import clear_frames
from typing import Any, Final, Literal

from dbengine.collector import collector_paused
from dbengine.diff.align import Run, longest_increasing, runs_of
from dbengine.diff.describe import describe
from dbengine.diff.pairing import Pairer, Pairs
from dbengine.diff.result import Diff, found
from dbengine.diff.steps import Differing, How, Node, Op, Step, aligned
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

CHUNK: Final = 16
"""So many neighbours are compared at once, and one by one only where these differ."""

GROUP: Final = 4
"""Before that, so many of them are."""

BIG: Final = 32
"""Containers with so many children are looked into at once, not first compared as a whole."""

SOME: Final = 256
"""Among so many children, one is not taken for small without a look."""

FEW: Final = 12
"""So few neighbours are compared one by one at once."""

WORK: Final = 540_000
"""After so many containers, steps in them and looks for likeness, the rest is told as wholes.

That is a hundred megabytes of them, and two seconds.
"""


def diff(left: Json, right: Json, progress: Progress | None = None) -> Diff:
    """The changes that lead from `left` to `right`.

    Equality is strict: `1`, `1.0` and `True` differ, `0.0` and `-0.0` too, NaN equals NaN; the
    order of a dict's keys does not count. Items of a list are told apart by an id field where
    they have one, else by content and likeness. Neither value is changed, and neither may be
    while the result is in use. `progress` gets the number of values looked at; raise `Cancelled`
    from it to stop.
    """
    with collector_paused():
        try:
            return _compared(left, right, Ticker(progress, "Comparing"))
        except BaseException as error:
            # Free the half-made tree now: the collector, allowed again, would first walk all of it.
            clear_frames(error.__traceback__)
            raise


def _compared(left: Json, right: Json, tick: Tick) -> Diff:
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
        self._keys: Sequence[Any] = ()
        self._whole: set[int] = set()  # nodes of which it is only known that their sides differ
        self._spent = 0
        self._heavy = False  # whether the children at hand are too much to compare in a moment

    def run(self, left: Json, right: Json) -> Node:
        """The aligned tree, its root a list that holds nothing but the document."""
        root = aligned([left], [right])
        self._nodes.append(root)
        self._heavy = True
        self._fill(root, [Run(0, 0, 1)], set(), [], 0)
        while self._work:
            waiting = len(self._work) - 1
            node, depth, heavy = self._work.pop()
            self._heavy = heavy and depth < DEEP and _is_heavy(node)
            if self._spent + self._pairer.spent < WORK:
                self._align(node, depth)
                self._spent += 1 + len(node.steps)
                self._work[waiting:] = self._work[waiting:][::-1]  # the first child comes next
            elif self._differ(node.left, node.right, depth):
                self._whole.add(id(node))
        _prune(self._nodes, self._whole, self._tick)
        return root

    def _differ(self, left: Json, right: Json, depth: int) -> bool:
        """Whether more than the order of keys is different."""
        self._tick(1)
        if self._heavy or depth >= DEEP:
            return self._contents.weighed(left) != self._contents.weighed(right)
        if self._contents.surely_differ(left, right):
            return True
        return self._contents.key(left) != self._contents.key(right)

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
        if start + end == min(len(left), len(right)):
            self._fill(node, ends, set(ends), [], depth)
            return
        pairing = self._pairer.pair(
            left[start : len(left) - end],
            right[start : len(right) - end],
            known_outside=bool(ends),
            heavy=self._heavy,
            deep=depth >= DEEP,
        )
        node.coarse = pairing.coarse
        known = set(ends)
        runs = ends
        moves: Pairs = []
        for part in parts(pairing.runs, self._tick):
            shifted = [Run(run.left + start, run.right + start, run.size) for run in part]
            known.update(
                new for new, run in zip(shifted, part, strict=True) if run in pairing.known
            )
            runs += shifted
        for moved in parts(pairing.moves, self._tick):
            moves += [(i + start, j + start) for i, j in moved]
        self._fill(node, sorted(runs), known, moves, depth)

    def _equal_front(self, left: list[Json], right: list[Json], depth: int) -> int:
        at, limit = 0, min(len(left), len(right))
        while limit - at > FEW and not self._heavy:
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
        while limit - count > FEW and not self._heavy:
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
        """Whether two items at an end of their lists are equal, and need not be paired."""
        if self._heavy:
            return self._contents.same_heavy(left, right)
        if self._contents.same(left, right, depth):
            return True
        reordered = depth < DEEP and same_kind(left, right)
        return reordered and not self._differ(left, right, depth)

    def _fill(
        self, node: Node, runs: Sequence[Run], known: set[Run], moves: Pairs, depth: int
    ) -> None:
        """Writes the node's steps from what was aligned."""
        movers = _Movers(moves) if moves else None
        i = j = 0
        for run in [*runs, Run(len(node.left), len(node.right), 0)]:
            lefts, rights = range(i, run.left), range(j, run.right)
            if movers is None:
                _add_loose(node, lefts, rights)
            else:
                self._add_moved(node, lefts, rights, movers, depth)
            if run in known:
                node.steps.append(Step("same", run.left, run.right, run.size))
            elif run.size:
                self._stretches(node, run, depth)
            i, j = run.left + run.size, run.right + run.size

    def _add_moved(
        self, node: Node, lefts: range, rights: range, movers: _Movers, depth: int
    ) -> None:
        """Steps for neighbours that only one side has, here or at all."""
        for at in lefts:
            self._tick(1)
            if at in movers.sources:
                self._place(node, "from", at, movers.sources[at], movers, depth)
            else:
                _lengthen(node.steps, "removed", at, rights.stop)
        for at in rights:
            self._tick(1)
            if at in movers.targets:
                self._place(node, "to", movers.targets[at], at, movers, depth)
            else:
                _lengthen(node.steps, "added", lefts.stop, at)

    def _place(self, node: Node, op: Op, i: int, j: int, movers: _Movers, depth: int) -> None:
        """One of the two places of a child that stands elsewhere on the other side."""
        moved: How = "moved" if isinstance(node.left, list) else ""
        other = movers.met.pop(i, None)
        if other is None:
            inner, how = self._look(node.left_child(i), node.right_child(j), depth)
            step = Differing(op, i, j, how or moved, inner, replaced=bool(how))
            movers.met[i] = step
        else:
            inner, replaced = other.inner, other.replaced
            step = Differing(op, i, j, other.how, inner, replaced=replaced, first=False)
        node.steps.append(step)

    def _stretches(self, node: Node, run: Run, depth: int) -> None:
        """Steps for aligned children: stretches of equal ones, and those that differ."""
        since = 0
        crowded = False
        for start in range(0, run.size, CHUNK):
            size = min(CHUNK, run.size - start)
            lefts = node.left_children(run.left + start, size)
            rights = node.right_children(run.right + start, size)
            self._tick(size)
            suspects = range(size) if crowded else self._suspects(lefts, rights, depth)
            before = len(node.steps)
            for at in suspects:
                left, right = lefts[at], rights[at]
                if left is right:
                    continue
                how: How = ""
                inner = None
                if type(left) is type(right) and type(left) in PLAIN:
                    if left == right:
                        continue
                    how = "changed"
                else:
                    inner, how = self._look(left, right, depth)
                if inner or how:
                    _add_edit(node, run, since, start + at, inner, how)
                    since = start + at + 1
            crowded = len(node.steps) - before >= size  # then most of the next ones differ too
        if since < run.size:
            _append_same(node, run, since, run.size)

    def _suspects(self, lefts: list[Json], rights: list[Json], depth: int) -> Iterable[int]:
        """Which of the neighbours may differ; far most of them, where they are many, do not."""
        count = len(lefts)
        if count <= FEW or self._heavy:
            return range(count)
        if self._contents.same_all(lefts, rights, depth):
            return ()
        groups = [slice(at, at + GROUP) for at in range(0, count, GROUP)]
        differ = [g for g in groups if not self._contents.same_all(lefts[g], rights[g], depth)]
        return chain.from_iterable(range(count)[group] for group in differ)

    def _look(self, left: Json, right: Json, depth: int) -> tuple[Node | None, How]:
        """A node where one must look inside, or how one replaces the other; neither if equal."""
        if not same_kind(left, right):
            return None, "" if same_leaf(left, right) else describe(left, right)
        big = len(left) >= BIG or len(right) >= BIG or (self._heavy and is_heavy([left, right]))
        if left is right or (not big and self._contents.same_inside(left, right, depth)):
            return None, ""
        node = aligned(left, right)
        if not big and depth < DEEP and self._only_reordered(node):
            return None, ""
        self._share_keys(node)
        self._nodes.append(node)
        self._work.append((node, depth + 1, self._heavy))
        return node, ""

    def _share_keys(self, node: Node) -> None:
        """Records mostly have the keys of the one before: these are kept once."""
        if node.left_keys is node.right_keys:
            if node.left_keys == self._keys:
                node.left_keys = node.right_keys = self._keys
            self._keys = node.left_keys

    def _only_reordered(self, node: Node) -> bool:
        """Spares us to look into dicts that differ in nothing but the order of their keys."""
        if node.left_keys is node.right_keys or len(node.left) != len(node.right):
            return False
        if isinstance(node.left, list):
            return False
        return self._contents.key(node.left) == self._contents.key(node.right)


class _Movers:
    """Children that stand elsewhere on the other side; those `met` were seen at one place only."""

    def __init__(self, moves: Pairs) -> None:
        self.sources = dict(moves)
        self.targets = dict(map(itemgetter(1, 0), moves))
        self.met: dict[int, Differing] = {}


def _is_heavy(node: Node) -> bool:
    """Whether few children hold very much; where they are many, each is taken for small."""
    few = max(len(node.left), len(node.right)) <= SOME
    return few and is_heavy([node.left, node.right])


def _align_keys(left: Sequence[Any], right: Sequence[Any], tick: Tick) -> tuple[list[Run], Pairs]:
    """Runs of keys in the same order, and the common keys that stand elsewhere."""
    places = dict(zip(right, range(len(right)), strict=True))
    common: Pairs = []
    for part in parts(range(len(left)), tick):
        common += [(at, places[left[at]]) for at in part if left[at] in places]
    staying = longest_increasing(list(map(itemgetter(1), common)), tick)
    runs = runs_of(list(map(common.__getitem__, staying)), tick)
    kept = set(staying)
    moves: Pairs = []
    for part in parts(range(len(common)), tick):
        moves += [common[at] for at in part if at not in kept]
    return runs, moves


def _append_same(node: Node, run: Run, since: int, end: int) -> None:
    node.steps.append(Step("same", run.left + since, run.right + since, end - since))


def _add_edit(node: Node, run: Run, since: int, at: int, inner: Node | None, how: How) -> None:
    """Steps for children of the run that are equal from `since` on, and for the next one."""
    if at > since:
        _append_same(node, run, since, at)
    left = run.left + at
    right = left if run.left == run.right else run.right + at
    node.steps.append(Differing("edit", left, right, how, inner, replaced=bool(how)))


def _add_loose(node: Node, lefts: range, rights: range) -> None:
    """Steps for neighbours that only one side has."""
    if lefts:
        step = Differing("removed", lefts.start, rights.stop, "removed", count=len(lefts))
        node.steps.append(step)
    if rights:
        step = Differing("added", lefts.stop, rights.start, "added", count=len(rights))
        node.steps.append(step)


def _lengthen(steps: list[Step], op: Literal["removed", "added"], left: int, right: int) -> None:
    """Appends a step, or makes the last one longer where it goes on there."""
    last = steps[-1] if steps else None
    if last is None or last.op != op:
        steps.append(Differing(op, left, right, op))
    else:
        last.count += 1


def _prune(nodes: Sequence[Node], whole: set[int], tick: Tick) -> None:
    """Makes equal again what differs only in the order of keys, or in nothing that counts.

    What is `whole` becomes one change. `nodes` are all there are, parents before their children.
    """
    equal: set[int] = set()
    for part in parts(nodes[::-1], tick):
        for node in part:
            if id(node) not in whole and all(_is_same(step, equal) for step in node.steps):
                equal.add(id(node))
    for part in parts(nodes if equal or whole else (), tick):
        for node in part:
            for step in node.steps:
                if not isinstance(step, Differing):
                    continue
                if id(step.inner) in equal:
                    step.inner = None
                    step.op = "same" if step.op == "edit" else step.op
                elif id(step.inner) in whole:
                    step.inner, step.how, step.replaced = None, "changed", True
                    node.coarse = True


def _is_same(step: Step, equal: set[int]) -> bool:
    if step.how or step.replaced:
        return False
    return step.inner is None or id(step.inner) in equal
