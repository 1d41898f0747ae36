"""What a comparison found: the changes, read off the aligned tree of both documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dbengine.diff.steps import (
    HIDDEN_AND_SAME,
    Kind,
    Link,
    Node,
    Path,
    Place,
    Step,
    inside,
    links,
    mirrored,
    nodes_of,
    path_of,
)
from dbengine.diff.strict import Tick
from dbengine.errors import InvalidArgument
from dbengine.model import Json


class Change:
    """One difference between two documents.

    `left_path` and `right_path` lead to the value in the left and in the right document, each
    as it is when finished, never in between: following them gives `old` and `new`. The side
    that has nothing has path and value None. A `moved` item stands elsewhere in its list; if it
    was also edited, `old` and `new` differ and the changes inside it follow as their own.
    """

    __slots__ = ("_at", "_left", "_node", "_right", "_step")

    def __init__(
        self, node: Node, step: Step, at: int, left: Link | None, right: Link | None
    ) -> None:
        """Child `at` of a step of `node`, to whose containers `left` and `right` lead."""
        self._node = node  # all is looked up when asked for: there may be very many changes
        self._step = step
        self._at = at
        self._left = left
        self._right = right

    @property
    def kind(self) -> Kind:
        assert self._step.how
        return self._step.how

    @property
    def old(self) -> Json:
        added = self._step.op == "added"
        return None if added else self._node.left_child(self._step.left + self._at)

    @property
    def new(self) -> Json:
        removed = self._step.op == "removed"
        return None if removed else self._node.right_child(self._step.right + self._at)

    @property
    def left_path(self) -> Path | None:
        if self._step.op == "added":
            return None
        return path_of(Link(self._left, self._node.left_keys[self._step.left + self._at]))

    @property
    def right_path(self) -> Path | None:
        if self._step.op == "removed":
            return None
        return path_of(Link(self._right, self._node.right_keys[self._step.right + self._at]))

    def __repr__(self) -> str:
        return f"<{self.kind} {self.left_path} {self.right_path}: {self.old!r} → {self.new!r}>"


class _Finder:
    """Reads the changes off a tree; each step is told the ordinal of its change."""

    def __init__(self, tick: Tick) -> None:
        self.changes: list[Change] = []
        self.coarse: dict[int, Path] = {}
        self._moved: dict[tuple[int, int], int] = {}
        self._tick = tick

    def read(self, root: Node) -> None:
        """All that `reading` visits and that differs, without the cost of a visit for each."""
        above: list[tuple[Place, Iterator[Step]]] = []
        place, steps = Place(None, 0, root), iter(root.steps)
        while True:
            hidden = HIDDEN_AND_SAME[place.side]
            for step in steps:
                if step.op in hidden:
                    continue
                if step.op == "edit":
                    self._see_edit(step, place)
                else:
                    self._see(step, place)
                if step.inner is not None:
                    above.append((place, steps))
                    place, steps = inside(place, 0, step, step.inner), iter(step.inner.steps)
                    break
            else:
                if not above:
                    return
                place, steps = above.pop()
                self._tick(1)

    def _see_edit(self, step: Any, place: Place) -> None:
        self._tick(1)
        if not step.how:
            self._note_coarse(step, place)
        elif place.fresh:
            step.change = len(self.changes)
            self.changes.append(Change(place.node, step, 0, place.left, place.right))

    def _see(self, step: Any, place: Place) -> None:
        self._tick(step.count)
        if step.how and _shows_change(step, place):
            step.change = len(self.changes)
            for at in range(step.count):
                self.changes.append(Change(place.node, step, at, place.left, place.right))
        if step.op in ("from", "to"):  # they share the ordinal, whichever is told
            step.change = self._moved.setdefault((id(place.node), step.left), step.change)
            self._note_coarse(step, place)

    def _note_coarse(self, step: Step, place: Place) -> None:
        if step.inner is not None and step.inner.coarse:
            path = path_of(links(place, step.left, step.right)[1])
            self.coarse.setdefault(id(step.inner), path)


def _shows_change(step: Step, place: Place) -> bool:
    """Whether the own change of a step that is no edit is told here, not at its other place."""
    if step.op in ("removed", "added"):
        return True
    return step.first if place.side == "both" else place.fresh


def found(left: Json, right: Json, root: Node, tick: Tick = lambda count: None) -> Diff:
    """What the aligned tree says: all changes in reading order."""
    finder = _Finder(tick)
    finder.read(root)
    return Diff(left, right, tuple(finder.changes), root, tuple(finder.coarse.values()))


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
    """Paths in `right` of the lists and dicts in which too much differs for the shortest way.

    The changes are right there too, but there may be more of them than need be, or one that tells
    a whole child as changed, whatever is equal in it. Empty where all was compared in full.
    """

    def __bool__(self) -> bool:
        return bool(self.changes)

    def apply(self, left: Json) -> Json:
        """`left` with all changes made: strictly equal to `right`.

        Unchanged parts are shared with the argument, in its order of keys, and new ones with
        `right`; what holds a change has the right order. Nothing is modified.
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
