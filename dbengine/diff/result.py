"""What a comparison found: the aligned tree of both documents, and the changes read off it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from dbengine.diff.strict import Tick
from dbengine.errors import InvalidArgument
from dbengine.model import Json

Kind: TypeAlias = Literal["added", "removed", "changed", "type_changed", "moved"]
Path: TypeAlias = tuple[str | int, ...]
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


class Change:
    """One difference between two documents.

    `left_path` and `right_path` lead to the value in the left and in the right document, each
    as it is when finished, never in between: following them gives `old` and `new`. The side
    that has nothing has path and value None. A `moved` item stands elsewhere in its list; if it
    was also edited, `old` and `new` differ and the changes inside it follow as their own.
    """

    __slots__ = ("_left", "_right", "kind", "new", "old")

    def __init__(
        self, kind: Kind, left: Link | None, right: Link | None, old: Json, new: Json
    ) -> None:
        self.kind: Final = kind
        self.old: Final = old
        self.new: Final = new
        self._left = left  # paths are made when asked for: all of them may be very long together
        self._right = right

    @property
    def left_path(self) -> Path | None:
        return None if self._left is None else path_of(self._left)

    @property
    def right_path(self) -> Path | None:
        return None if self._right is None else path_of(self._right)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.left_path} {self.right_path}: {self.old!r} → {self.new!r}>"


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
    """Two containers of a kind that differ; `steps` cover all children of both.

    It is `coarse` where its items were too many to look for the shortest way.
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
    return Node(left, right, range(len(left)), range(len(right)))


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


def reading(root: Node, *, equal: bool = True, start: Visit | None = None) -> Iterator[Visit]:
    """Every step of the tree in reading order, from top to bottom, or only where it differs.

    It can be taken up again at any visit.
    """
    hidden = _HIDDEN if equal else _HIDDEN_AND_SAME
    place, at = (Place(None, 0, root), 0) if start is None else (start.place, start.at)
    if start is not None and start.what == "end":
        yield start
        at += 1
    while True:
        steps = place.node.steps
        if at < len(steps):
            step = steps[at]
            if step.op in hidden[place.side]:
                at += 1
                continue
            yield Visit("step", step, place, at)
            if step.inner is None:
                at += 1
            else:
                place, at = _inside(place, at, step, step.inner), 0
        elif place.parent is None:
            return
        else:
            place, at = place.parent, place.at
            yield Visit("end", place.node.steps[at], place, at)
            at += 1


_HIDDEN: Final[dict[Side, frozenset[str]]] = {
    "both": frozenset(),
    "left": frozenset(("added", "to")),
    "right": frozenset(("removed", "from")),
}
_HIDDEN_AND_SAME: Final = {side: ops | {"same"} for side, ops in _HIDDEN.items()}


def _inside(place: Place, at: int, step: Step, inner: Node) -> Place:
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


def _shows_change(visit: Visit) -> bool:
    """Whether the step's own change is to be told here, and not at its other place."""
    step, place = visit.step, visit.place
    if not step.how:
        return False
    if step.op in ("removed", "added"):
        return True
    if step.op in ("from", "to") and place.side == "both":
        return step.first
    return place.fresh


def found(left: Json, right: Json, root: Node, tick: Tick = lambda count: None) -> Diff:
    """What the aligned tree says: all changes in reading order; each step is told its ordinal."""
    changes: list[Change] = []
    coarse: dict[int, Path] = {}
    moved: dict[tuple[int, int], int] = {}
    for visit in reading(root, equal=False):
        if visit.what == "end":
            continue
        step = visit.step
        tick(step.count)
        if _shows_change(visit):
            step.change = len(changes)
            changes.extend(_changes(visit, tick))
        if step.op in ("from", "to"):  # they share the ordinal, whichever is told
            step.change = moved.setdefault((id(visit.node), step.left), step.change)
        if step.inner is not None and step.inner.coarse:
            path = path_of(links(visit.place, step.left, step.right)[1])
            coarse.setdefault(id(step.inner), path)
    return Diff(left, right, tuple(changes), root, tuple(coarse.values()))


def _changes(visit: Visit, tick: Tick) -> Iterator[Change]:
    step, place = visit.step, visit.place
    node = place.node
    assert step.how
    if step.op not in ("removed", "added"):
        left, right = links(place, step.left, step.right)
        old, new = node.left_child(step.left), node.right_child(step.right)
        yield Change(step.how, left, right, old, new)
        return
    for at in range(step.count):
        tick(1)
        if step.op == "removed":
            link = Link(place.left, node.left_keys[step.left + at])
            yield Change(step.how, link, None, node.left_child(step.left + at), None)
        else:
            link = Link(place.right, node.right_keys[step.right + at])
            yield Change(step.how, None, link, None, node.right_child(step.right + at))


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
    return Node(node.right, node.left, node.right_keys, node.left_keys, steps, node.coarse)


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
    coarse: tuple[Path, ...] = ()
    """Paths in `right` of the lists with too many items to look for the shortest way.

    The changes are right there too, but there may be more of them than need be. Empty where
    every list was aligned in full.
    """

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
        return found(self.right, self.left, mirrored(self.root))

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
