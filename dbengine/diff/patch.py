"""Writes a comparison as RFC 6902 operations, each correct after all those before it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any, NamedTuple

from dbengine.diff.steps import Link, Node, Step, path_of

Operation = dict[str, Any]


class _Place(NamedTuple):
    node: Node
    link: Link | None


def operations(root: Node) -> list[Operation]:
    """The operations for the document that is the only item of `root`.

    A container's own children are put in place before one goes into them, so that every
    pointer is that of the finished document from there on.
    """
    found: list[Operation] = []
    stack = [_Place(root, None)]
    while stack:
        place = stack.pop()
        found += _list_operations(place) if isinstance(place.node.left, list) else ()
        found += _dict_operations(place) if isinstance(place.node.left, dict) else ()
        for step in place.node.steps:
            if step.inner is not None and step.op != "from":
                link = Link(place.link, place.node.right_keys[step.right])
                stack.append(_Place(step.inner, link))
    return found


def _pointer(link: Link | None, key: Any) -> str:
    """The RFC 6901 pointer."""
    keys = path_of(Link(link, key))
    return "".join("/" + str(k).replace("~", "~0").replace("/", "~1") for k in keys)


def _replace(place: _Place, step: Step) -> Operation:
    node = place.node
    pointer = _pointer(place.link, node.right_keys[step.right])
    return {"op": "replace", "path": pointer, "value": node.right_child(step.right)}


def _dict_operations(place: _Place) -> Iterator[Operation]:
    node = place.node
    for step in node.steps:
        if step.op == "removed":
            for at in range(step.left, step.left + step.count):
                yield {"op": "remove", "path": _pointer(place.link, node.left_keys[at])}
        elif step.op == "added":
            for at in range(step.right, step.right + step.count):
                pointer = _pointer(place.link, node.right_keys[at])
                yield {"op": "add", "path": pointer, "value": node.right_child(at)}
        elif step.replaced and step.op != "from":
            yield _replace(place, step)


def _list_operations(place: _Place) -> Iterator[Operation]:
    """Removals from the back, then moves and additions in the order of the finished list."""
    node = place.node
    for step in reversed(node.steps):
        if step.op == "removed":
            for at in reversed(range(step.left, step.left + step.count)):
                yield {"op": "remove", "path": _pointer(place.link, at)}
    yield from _placements(place)
    for step in node.steps:
        if step.replaced and step.op != "from":
            yield _replace(place, step)


def _placements(place: _Place) -> Iterator[Operation]:
    """Moves and additions, each after all that stand before it in the finished list.

    At any time the list holds the staying items, those placed so far, and the movers that still
    stand at their old places; an item's position is the count of these before it.
    """
    node = place.node
    movers = _Movers(node)
    if not movers.present and all(step.op != "added" for step in node.steps):
        return
    stays = _staying_before(node)
    waiting = 0  # movers at their old places before the staying item that was passed last
    for step in node.steps:
        if step.op == "added":
            for at in range(step.right, step.right + step.count):
                pointer = _pointer(place.link, at + waiting)
                yield {"op": "add", "path": pointer, "value": node.right_child(at)}
        elif step.op == "to":
            source, before = movers.take(step, stays)
            waiting -= before < movers.passed
            target = step.right + waiting
            if source != target:
                yield {
                    "op": "move",
                    "from": _pointer(place.link, source),
                    "path": _pointer(place.link, target),
                }
        elif step.op in ("same", "edit"):
            movers.passed = step.left
            waiting = movers.waiting_before(step.left)


def _staying_before(node: Node) -> list[int]:
    """For each position of the right list, how many staying items stand before it."""
    stays = [0] * len(node.right)
    for step in node.steps:
        if step.op in ("same", "edit"):
            stays[step.right : step.right + step.count] = [1] * step.count
    return [0, *accumulate(stays)]


class _Movers:
    """The items that wait at their old places: a Fenwick tree over the left positions."""

    def __init__(self, node: Node) -> None:
        self.passed = 0
        self._tree = [0] * (len(node.left) + 1)
        self._next_stay: dict[int, int] = {}
        stay = len(node.right)
        for step in reversed(node.steps):
            if step.op in ("same", "edit"):
                stay = step.right
            elif step.op == "from":
                self._next_stay[step.left] = stay
                self._add(step.left, 1)
        self.present = bool(self._next_stay)

    def take(self, step: Step, stays: list[int]) -> tuple[int, int]:
        """Where the mover stands now, and where it stood in the left list; it waits no more."""
        following = self._next_stay[step.left]
        placed = min(following, step.right)
        if following > step.right:
            placed = step.right + stays[following] - stays[step.right]
        source = placed + self.waiting_before(step.left)
        self._add(step.left, -1)
        return source, step.left

    def waiting_before(self, position: int) -> int:
        count = 0
        while position > 0:
            count += self._tree[position]
            position &= position - 1
        return count

    def _add(self, position: int, count: int) -> None:
        position += 1
        while position < len(self._tree):
            self._tree[position] += count
            position += position & -position
