"""What a comparison found: the aligned tree of both documents, and the changes read off it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from dbengine.errors import InvalidArgument
from dbengine.model import Json

Kind: TypeAlias = Literal["added", "removed", "changed", "type_changed", "moved"]
Path: TypeAlias = tuple[str | int, ...]
Side: TypeAlias = Literal["both", "left", "right"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two documents.

    `left_path` and `right_path` lead to the value in the left and in the right document, each
    as it is when finished, never in between: following them gives `old` and `new`. The side
    that has nothing has path and value None. A `moved` item stands elsewhere in its list; if it
    was also edited, `old` and `new` differ and the changes inside it follow as their own.
    """

    kind: Kind
    left_path: Path | None
    right_path: Path | None
    old: Json
    new: Json


@dataclass(slots=True, eq=False)
class Step:
    """One stretch of two aligned containers, in reading order.

    `same`: `count` children from positions `left` and `right` on are equal. `removed`, `added`:
    `count` children of one side. `edit`: one child on both sides, with `inner` where one can
    look inside, else replaced. `from`, `to`: the place of a child that stands elsewhere on the
    other side; the two share `left`, `right`, `inner` and `change`, and `first` is the one that
    one reads first. Positions in a dict are those of its keys.

    `how` is the kind of change, "" where it is none: a key of a dict that only stands elsewhere
    is none. `change` is the ordinal of the (first) change, -1 without one.
    """

    op: Literal["same", "removed", "added", "edit", "from", "to"]
    left: int
    right: int
    count: int = 1
    inner: Node | None = None
    replaced: bool = False
    how: Kind | Literal[""] = ""
    first: bool = True
    change: int = -1


@dataclass(slots=True, eq=False)
class Node:
    """Two containers of a kind that differ; `steps` cover all children of both."""

    left: Any
    right: Any
    left_keys: Sequence[Any]
    right_keys: Sequence[Any]
    steps: list[Step] = field(default_factory=list)

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
        return Node(left, right, list(left), list(right))
    return Node(left, right, range(len(left)), range(len(right)))


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


class Visit(NamedTuple):
    """A moment of reading: a step begins ("step"), or the container that it opened ends ("end").

    `side` says which side is read here: inside a moved item one reads each side at its own
    place. `fresh` is False where the changes met were read before, at the item's other place.
    """

    what: Literal["step", "end"]
    step: Step
    node: Node
    side: Side
    fresh: bool
    left: Link | None
    right: Link | None


def reading(root: Node, *, equal: bool = True) -> Iterator[Visit]:
    """Every step of the tree in reading order, from top to bottom, or only where it differs."""
    skipped = () if equal else ("same",)
    stack = [_visits(root, skipped, "both", True, None, None)]
    while stack:
        visit = next(stack[-1], None)
        if visit is None:
            stack.pop()
            continue
        yield visit
        if visit.what == "step" and visit.step.inner is not None:
            stack.append(_inside(visit, skipped))


def _visits(
    node: Node,
    skipped: Sequence[str],
    side: Side,
    fresh: bool,
    left: Link | None,
    right: Link | None,
) -> Iterator[Visit]:
    hidden = (*skipped, *_HIDDEN[side])
    for step in node.steps:
        if step.op not in hidden:
            yield Visit("step", step, node, side, fresh, left, right)


_HIDDEN: dict[Side, tuple[str, ...]] = {
    "both": (),
    "left": ("added", "to"),
    "right": ("removed", "from"),
}


def _inside(visit: Visit, skipped: Sequence[str]) -> Iterator[Visit]:
    """The steps inside an edited or moved child, and then its end."""
    step, node, side, fresh = visit.step, visit.node, visit.side, visit.fresh
    assert step.inner is not None
    if step.op in ("from", "to") and side == "both":
        side, fresh = ("left" if step.op == "from" else "right"), step.first
    left = Link(visit.left, node.left_keys[step.left])
    right = Link(visit.right, node.right_keys[step.right])
    yield from _visits(step.inner, skipped, side, fresh, left, right)
    yield visit._replace(what="end")


def shows_change(visit: Visit) -> bool:
    """Whether the step's own change is to be told here, and not at its other place."""
    step = visit.step
    if not step.how:
        return False
    if step.op in ("removed", "added"):
        return True
    if step.op in ("from", "to") and visit.side == "both":
        return step.first
    return visit.fresh


def gather(root: Node, tick: Callable[[int], None] | None = None) -> tuple[Change, ...]:
    """All changes in reading order; each step is told its ordinal."""
    changes: list[Change] = []
    for visit in reading(root, equal=False):
        if tick:
            tick(visit.step.count)
        if visit.what == "step" and shows_change(visit):
            visit.step.change = len(changes)
            changes.extend(_changes(visit))
    for node in nodes_of(root):
        _share_ordinals(node)
    return tuple(changes)


def _changes(visit: Visit) -> Iterator[Change]:
    step, node = visit.step, visit.node
    assert step.how
    for at in range(step.count):
        old = new = left = right = None
        if step.op != "added":
            left = path_of(Link(visit.left, node.left_keys[step.left + at]))
            old = node.left_child(step.left + at)
        if step.op != "removed":
            right = path_of(Link(visit.right, node.right_keys[step.right + at]))
            new = node.right_child(step.right + at)
        yield Change(step.how, left, right, old, new)


def _share_ordinals(node: Node) -> None:
    """`from` and `to` of one child carry the same ordinal."""
    moves = [step for step in node.steps if step.op in ("from", "to")]
    ordinals = {step.left: step.change for step in moves if step.change >= 0}
    for step in moves:
        step.change = ordinals.get(step.left, -1)


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
            if step.inner is not None:
                step.inner = twins[id(step.inner)]
    return twins[id(root)]


_OPPOSITE: dict[str, Any] = {"removed": "added", "added": "removed", "from": "to", "to": "from"}


def _mirror(node: Node) -> Node:
    steps = [
        Step(
            _OPPOSITE.get(step.op, step.op),
            step.right,
            step.left,
            step.count,
            step.inner,
            step.replaced,
            _OPPOSITE.get(step.how, step.how),
            step.first,
        )
        for step in node.steps
    ]
    return Node(node.right, node.left, node.right_keys, node.left_keys, steps)


@dataclass(frozen=True, slots=True, eq=False)
class Diff:
    """How `right` differs from `left`; false where they are strictly equal.

    `changes` stand in reading order, from the top of the documents to the bottom. It shares
    the two documents that it was made from and never changes them.
    """

    left: Json
    right: Json
    changes: tuple[Change, ...]
    root: Node
    """The aligned tree, for `rows` and `patch`: both documents as the only item of a list."""

    def __bool__(self) -> bool:
        return bool(self.changes)

    def apply(self, left: Json) -> Json:
        """`left` with all changes made: equal to `right`, with its order of keys.

        Unchanged parts are shared with the argument, new ones with `right`; nothing is modified.
        Raises InvalidArgument where the argument does not have what was changed.
        """
        return _apply(self.root, [left])[0]

    def invert(self) -> Diff:
        """The way back, from `right` to `left`."""
        root = mirrored(self.root)
        return Diff(self.right, self.left, gather(root), root)

    def patch(self) -> list[dict[str, Any]]:
        """The changes as the operations of RFC 6902, to be applied one after the other."""
        from dbengine.diff.patch import operations  # noqa: PLC0415 - it needs this module

        return operations(self.root)


def _apply(root: Node, base: list[Json]) -> Json:
    nodes = list(nodes_of(root))
    bases = {id(root): base}
    for node in nodes:
        _check(node, bases[id(node)])
        for step in node.steps:
            if step.inner is not None and step.op != "to":
                bases[id(step.inner)] = bases[id(node)][node.left_keys[step.left]]
    built: dict[int, Any] = {}
    for node in reversed(nodes):
        built[id(node)] = _build(node, bases[id(node)], built)
    return built[id(root)]


def _check(node: Node, base: Json) -> None:
    fits = isinstance(base, dict) == isinstance(node.left, dict) and isinstance(base, dict | list)
    if not fits or len(base) != len(node.left):
        raise InvalidArgument("these changes were made for another document")
    if isinstance(base, dict) and base.keys() != node.left.keys():
        raise InvalidArgument("these changes were made for another document")


def _build(node: Node, base: Any, built: dict[int, Any]) -> Any:
    """The right container, made of children of the left one and of what is new."""
    children: list[Any] = []
    for step in node.steps:
        if step.op == "added" or (step.replaced and step.op != "from"):
            children += [node.right_child(step.right + at) for at in range(step.count)]
        elif step.inner is not None and step.op != "from":
            children.append(built[id(step.inner)])
        elif step.op in ("same", "to"):
            children += [base[node.left_keys[step.left + at]] for at in range(step.count)]
    if isinstance(node.right, dict):
        return dict(zip(node.right_keys, children, strict=True))
    return children
