"""The aligned tree of two documents: which children are equal, differ, or stand elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from dbengine.model import Json

Kind: TypeAlias = Literal["added", "removed", "changed", "type_changed", "moved"]
Path: TypeAlias = tuple[str | int, ...]
How: TypeAlias = Kind | Literal[""]
Op: TypeAlias = Literal["same", "removed", "added", "edit", "from", "to"]
Side: TypeAlias = Literal["both", "left", "right"]


class Link(NamedTuple):
    """A path as a linked list, so that deep ones share what they have in common."""

    parent: Link | None
    key: Any


def path_of(link: Link | None) -> Path:
    """The path in the document, which is itself the only item of the root."""
    keys = []
    while link is not None and link.parent is not None:
        keys.append(link.key)
        link = link.parent
    return tuple(reversed(keys))


class Step:
    """One stretch of two aligned containers, in reading order.

    `same`: `count` children from positions `left` and `right` on are equal. `removed`, `added`:
    `count` children of one side. `edit`: one child on both sides, with `inner` where one can
    look inside, else replaced. `from`, `to`: the place of a child that stands elsewhere on the
    other side; the two share `left`, `right`, `inner` and `change`, and `first` is the one that
    one reads first. Positions in a dict are those of its keys.

    `how` is the kind of change, "" where it is none: a key of a dict that only stands elsewhere
    is none. `change` is the ordinal of the (first) change, -1 without one.

    Most steps are of equal children: these have no room for what only `Differing` ones need.
    """

    __slots__ = ("count", "left", "op", "right")
    inner: Node | None = None
    replaced: bool = False
    how: How = ""
    first: bool = True
    change: int = -1

    def __init__(self, op: Op, left: int, right: int, count: int = 1) -> None:
        self.op = op
        self.left = left
        self.right = right
        self.count = count


class Differing(Step):
    """A step of children that are not equal on both sides, or not at the same place."""

    __slots__ = ("change", "first", "how", "inner", "replaced")

    def __init__(
        self,
        op: Op,
        left: int,
        right: int,
        how: How = "",
        inner: Node | None = None,
        *,
        count: int = 1,
        replaced: bool = False,
        first: bool = True,
    ) -> None:
        self.op = op
        self.left = left
        self.right = right
        self.count = count
        self.how = how
        self.inner = inner
        self.replaced = replaced
        self.first = first
        self.change = -1


@dataclass(slots=True, eq=False)
class Node:
    """Two containers of a kind that differ; `steps` cover all children of both.

    It is `coarse` where too much differs to look for the shortest way, or into each child.
    """

    left: Any
    right: Any
    left_keys: Sequence[Any]
    right_keys: Sequence[Any]
    steps: list[Step] = field(default_factory=list)
    coarse: bool = False

    def left_child(self, position: int) -> Json:
        return self.left[self.left_keys[position]]

    def right_child(self, position: int) -> Json:
        return self.right[self.right_keys[position]]

    def left_children(self, position: int, count: int) -> list[Json]:
        return _children(self.left, self.left_keys, position, count)

    def right_children(self, position: int, count: int) -> list[Json]:
        return _children(self.right, self.right_keys, position, count)


def _children(container: Any, keys: Sequence[Any], position: int, count: int) -> list[Json]:
    if isinstance(container, list):
        return container[position : position + count]
    if count == len(keys):
        return list(container.values())
    return [container[key] for key in keys[position : position + count]]


def aligned(left: Any, right: Any) -> Node:
    """A node without its steps."""
    if isinstance(left, dict):
        keys = list(left)
        others = list(right)
        return Node(left, right, keys, keys if keys == others else others)
    positions = range(len(left))
    return Node(left, right, positions, positions if len(right) == len(left) else range(len(right)))


class Place(NamedTuple):
    """Where one is while reading: between the steps of `node`.

    `parent` is the place one came from, by its step number `at`. `side` says which side is read
    here: inside a moved item one reads each side at its own place. `fresh` is False where the
    changes met were read before, at the item's other place. `left` and `right` lead to the
    node's containers; `move` is the innermost moved step that one is inside of.
    """

    parent: Place | None
    at: int
    node: Node
    side: Side = "both"
    fresh: bool = True
    left: Link | None = None
    right: Link | None = None
    depth: int = 0
    move: Step | None = None


class Visit(NamedTuple):
    """A moment of reading: a step begins ("step"), or the container that it opened ends ("end")."""

    what: Literal["step", "end"]
    step: Step
    place: Place
    at: int

    @property
    def node(self) -> Node:
        return self.place.node


def reading(root: Node, start: Visit | None = None) -> Iterator[Visit]:
    """Every step of the tree in reading order, from top to bottom.

    It can be taken up again at any visit.
    """
    place, begin = (Place(None, 0, root), 0) if start is None else (start.place, start.at)
    if start is not None and start.what == "end":
        yield start
        begin += 1
    while True:
        steps, skipped = place.node.steps, _HIDDEN[place.side]
        for at in range(begin, len(steps)):
            step = steps[at]
            if step.op in skipped:
                continue
            yield Visit("step", step, place, at)
            if step.inner is not None:
                place, begin = inside(place, at, step, step.inner), 0
                break
        else:
            if place.parent is None:
                return
            place, begin = place.parent, place.at
            yield Visit("end", place.node.steps[begin], place, begin)
            begin += 1


_HIDDEN: Final[dict[Side, frozenset[str]]] = {
    "both": frozenset(),
    "left": frozenset(("added", "to")),
    "right": frozenset(("removed", "from")),
}
HIDDEN_AND_SAME: Final = {side: ops | {"same"} for side, ops in _HIDDEN.items()}


def inside(place: Place, at: int, step: Step, inner: Node) -> Place:
    """The place before the first step inside an edited or moved child."""
    side, fresh, move = place.side, place.fresh, place.move
    if step.op in ("from", "to"):
        move = step
        if side == "both":
            side, fresh = ("left" if step.op == "from" else "right"), step.first
    left, right = links(place, step.left, step.right)
    return Place(place, at, inner, side, fresh, left, right, place.depth + 1, move)


def links(place: Place, left: int, right: int) -> tuple[Link, Link]:
    """The ways to two children at these positions; one and the same where nothing was moved."""
    left_key, right_key = place.node.left_keys[left], place.node.right_keys[right]
    link = Link(place.left, left_key)
    same = place.left is place.right and left_key == right_key
    return link, link if same else Link(place.right, right_key)


def nodes_of(root: Node) -> Iterator[Node]:
    """Every node once, parents before their children."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(s.inner for s in node.steps if s.inner is not None and s.op != "to")


def mirrored(root: Node) -> Node:
    """The tree as seen from the other side."""
    twins = {id(node): _mirror(node) for node in nodes_of(root)}
    for twin in twins.values():
        for step in twin.steps:
            if isinstance(step, Differing) and step.inner is not None:
                step.inner = twins[id(step.inner)]
    return twins[id(root)]


_OPPOSITE: dict[str, Any] = {"removed": "added", "added": "removed", "from": "to", "to": "from"}


def _mirror(node: Node) -> Node:
    steps = list(map(_mirrored_step, node.steps))
    return Node(node.right, node.left, node.right_keys, node.left_keys, steps, node.coarse)


def _mirrored_step(step: Step) -> Step:
    if step.op == "same":
        return Step("same", step.right, step.left, step.count)
    return Differing(
        _OPPOSITE.get(step.op, step.op),
        step.right,
        step.left,
        _OPPOSITE.get(step.how, step.how),
        step.inner,
        count=step.count,
        replaced=step.replaced,
        first=step.first,
    )
