"""Whether objects are as this program writes them: each by its bytes, and beside those it names.

An object whose bytes fit its name may still be forged, or written by a faulty program. Where a
tree is cut is not asked: other cuts are read as well. What is asked is all that reading relies on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Final, get_args

from dbengine import codec
from dbengine.errors import Corrupt
from dbengine.model import Action, Json, parse_date
from dbengine.snapshot import SnapshotObject
from dbengine.tree import nodes
from dbengine.tree.form import is_node

Read = Callable[[str], bytes | None]
_ACTIONS: Final = get_args(Action)
_BITS: Final = 2**64


class Fault(Exception):
    """What is wrong with an object; `str()` goes on behind a colon."""


@dataclass(frozen=True, slots=True)
class Part:
    """As much of a node as those that name it say of it, or rely on.

    `level` is 0 for a leaf, `first` and `last` are keys. `names` is the same for two nodes that
    hold the same keys or texts in any order; None where an item is no text. `tells` is whether
    each value is a change of a key.
    """

    kind: str
    level: int
    count: int
    first: str | None = None
    last: str | None = None
    is_sorted: bool = True
    names: int | None = None
    tells: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """As much of a version as depends on other objects; `step` is None for a deletion."""

    entry: str
    form: str
    count: int
    step: int | None
    base: str | None
    tree: str | None


class Shapes:
    """Takes the objects of one place in any order; `faults` says by digest what is wrong."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}
        self._parts: dict[str, Part] = {}
        self._versions: dict[str, Told] = {}
        self._inner: dict[str, tuple[str, ...]] = {}

    def add(self, digest: str, data: bytes) -> None:
        """One more object, whose bytes fit its digest."""
        try:
            value = codec.load(data)
            if isinstance(value, dict) and "__node__" in value:
                self._parts[digest] = part_of(value, data)
                if "trees" in value:
                    self._inner[digest] = tuple(value["trees"].values())
            else:
                self._versions[digest] = told_by(digest, data)
        except (Fault, ValueError, RecursionError) as fault:
            self.faults[digest] = str(fault) if isinstance(fault, Fault) else "it is not JSON"

    def compare(self, read: Read) -> None:
        """Now that all were taken: whether they are what others say of them.

        What is not there, or at fault itself, is not told again by those that name it. Nodes of
        parts are read once more, since keeping what they say would be as much as they are.
        """
        branches = [digest for digest, part in self._parts.items() if part.level]
        for digest in sorted(branches, key=lambda digest: self._parts[digest].level):
            joined = self._ask(digest, partial(self._joined, digest, read))
            if joined:
                self._parts[digest] = joined
            else:
                del self._parts[digest]
        for digest in self._inner:
            self._ask(digest, partial(self._check_inner, digest))
        for digest, version in self._versions.items():
            self._ask(digest, partial(self._check_version, version))

    def _ask(self, digest: str, question: Callable[[], Part | None]) -> Part | None:
        try:
            return question()
        except Fault as fault:
            self.faults.setdefault(digest, str(fault))
            return None

    def _joined(self, digest: str, read: Read) -> Part | None:
        """What a node of parts is with all that is below it; None where some of that is unknown."""
        data = read(digest)
        if data is None:
            return None
        node: dict[str, Json] = codec.load(data)
        found = [self._checked(node, *part) for part in node["parts"]]
        parts = [part for part in found if part]
        if len(parts) < len(found):
            return None
        joined = _join(node, parts)
        if "order" in node:
            self._check_order(node["order"], joined)
        return joined

    def _checked(self, node: dict[str, Json], first: str, count: int, digest: str) -> Part | None:
        """The part of that digest, which is as the node says."""
        if digest in self._versions:
            raise Fault(f"its part {digest} is a version")
        part = self._parts.get(digest)
        if part is None:
            return None
        if (part.kind, part.level) != (node["of"], node["level"] - 1):
            raise Fault(f"its part {digest} is of {part.kind} on level {part.level}")
        if part.count != count:
            raise Fault(f"its part {digest} holds {part.count}, not {count}")
        if part.first != first:
            raise Fault(f"its part {digest} begins with {part.first!r}, not {first!r}")
        if not part.is_sorted:
            raise Fault(f"the keys in its part {digest} are not sorted")
        return part

    def _check_order(self, digest: str, whole: Part) -> None:
        if digest in self._versions:
            raise Fault(f"its order {digest} is a version")
        order = self._parts.get(digest)
        if order and (order.kind, order.count, order.names) != ("items", whole.count, whole.names):
            raise Fault(f"its order {digest} does not list its keys")

    def _check_inner(self, digest: str) -> None:
        for tree in self._inner[digest]:
            if tree in self._versions:
                raise Fault(f"{tree}, which it names as a tree, is a version")

    def _check_version(self, version: Told) -> None:
        if version.base is not None:
            self._check_base(version, version.base)
        if version.tree is None:
            return
        if version.tree in self._versions:
            raise Fault(f"its tree {version.tree} is a version")
        tree = self._parts.get(version.tree)
        if tree and version.base is not None and not tree.tells:
            raise Fault(f"its tree {version.tree} does not hold changes")
        if tree and version.base is None and version.form == "records":
            _check_records(version, tree)

    def _check_base(self, version: Told, digest: str) -> None:
        if digest in self._parts:
            raise Fault(f"its base {digest} is no version")
        base = self._versions.get(digest)
        if base is None:
            return
        if (base.entry, base.form) != (version.entry, version.form):
            raise Fault(f"its base {digest} is of another entry or form")
        step = version.step or 0
        if base.step != step & (step - 1):
            raise Fault(f"its base {digest} is at step {base.step}, not {step & (step - 1)}")


def _check_records(version: Told, tree: Part) -> None:
    if tree.kind != "keys":
        raise Fault(f"its tree {version.tree} does not hold records")
    if tree.count != version.count:
        raise Fault(f"its tree {version.tree} holds {tree.count} records, not {version.count}")


# ---- nodes ----------------------------------------------------------------------------------


def part_of(node: dict[str, Json], data: bytes) -> Part:
    """What a node is, by itself; `Fault` where its bytes are not those that it would be given."""
    if not is_node(node):
        raise Fault("it is not a part of a content")
    if node["__node__"] == "parts":
        return _branch(node, data)
    if nodes.leaf_bytes(node) != data:
        raise Fault("its bytes are not those of what it holds")
    value, trees = node[node["__node__"]], node.get("trees", {})
    if any(value[at if isinstance(value, dict) else int(at)] is not None for at in trees):
        raise Fault("it holds a value that it names a tree for")
    return _leaf(value, trees)


def _leaf(value: Json, trees: dict[str, str]) -> Part:
    if isinstance(value, dict):
        keys = list(value)
        ordered = all(one < other for one, other in pairwise(keys))
        tells = all(key in trees or is_change(change) for key, change in value.items())
        first, last = (keys[0], keys[-1]) if keys else (None, None)
        return Part("keys", 0, len(keys), first, last, ordered, _names(keys), tells)
    if isinstance(value, list):
        names = _names(value) if all(isinstance(item, str) for item in value) else None
        return Part("items", 0, len(value), names=names)
    return Part("value", 0, 1)


def _branch(node: dict[str, Json], data: bytes) -> Part:
    """A node of parts, before it is known what those are."""
    if codec.dump(node) != data:
        raise Fault("its bytes are not those of what it holds")
    firsts = [part[0] for part in node["parts"]]
    if node["of"] == "keys" and any(one >= other for one, other in pairwise(firsts)):
        raise Fault("its parts are not in order")
    return Part(node["of"], node["level"], sum(part[1] for part in node["parts"]), firsts[0])


def _join(node: dict[str, Json], parts: list[Part]) -> Part:
    for part, (first, _count, digest) in zip(parts, node["parts"][1:], strict=False):
        if part.last is not None and part.last >= first:
            raise Fault(f"its part {digest} begins before the one in front of it ends")
    known = [part.names for part in parts if part.names is not None]
    names = sum(known) % _BITS if len(known) == len(parts) else None
    count = sum(part.count for part in parts)
    joined = Part(node["of"], node["level"], count, parts[0].first, parts[-1].last, names=names)
    return replace(joined, tells=all(part.tells for part in parts))


def _names(texts: list[str]) -> int:
    return sum(map(hash, texts)) % _BITS


# ---- changes --------------------------------------------------------------------------------


def is_change(change: Json, of_key: bool = True) -> bool:
    """Whether this is a change, of a dict's key or of a value elsewhere."""
    match change:
        case ["is", _]:
            return True
        case ["last", _] | ["gone"]:
            return of_key
        case ["keys", dict() as inner]:
            return all(map(is_change, inner.values()))
        case ["items", list() as runs]:
            return all(map(_is_run, runs))
        case ["text", start, end, str()]:
            return _is_number(start) and _is_number(end)
    return False


def _is_run(run: Json) -> bool:
    match run:
        case ["new", _, *_]:
            return True
        case ["at", place, change]:
            return _is_number(place) and is_change(change, of_key=False)
        case [start, count]:
            return _is_number(start) and _is_number(count)
    return False


def _is_number(value: Json) -> bool:
    return type(value) is int and value >= 0


# ---- versions -------------------------------------------------------------------------------


def told_by(digest: str, data: bytes) -> Told:
    """What a snapshot object says; `Fault` where that makes no sense by itself."""
    try:
        version = SnapshotObject.from_bytes(digest, data)
    except Corrupt:
        raise Fault("it is not a snapshot") from None
    for what in _wrong(version):
        raise Fault(f"it is not a snapshot that makes sense: its {what}")
    kept = version.content
    step = kept.step if kept else None
    base, tree = (kept.base, kept.tree) if kept else (None, None)
    entry, form = sys.intern(version.entry), sys.intern(version.form)
    return Told(entry, form, version.count, step, base, tree)


def _wrong(version: SnapshotObject) -> Iterator[str]:
    """What of a version's metadata or content nobody can have meant."""
    if type(version.seq) is not int or version.seq < 1:
        yield f"number is {version.seq}"
    if version.action not in _ACTIONS:
        yield f"action is {version.action!r}"
    if version.form not in ("records", "value"):
        yield f"form is {version.form!r}"
    if not _is_date(version.date):
        yield f"date is {version.date!r}"
    if not all(map(_is_number, (*version.delta.counts, version.size, version.count))):
        yield "counts are no numbers"
    if not all(isinstance(key, str) for keys in version.delta.keys for key in keys):
        yield "keys are no texts"
    if not isinstance(version.delta.complete, bool):
        yield "list of keys does not say whether it is complete"
    if (version.content is None) != (version.action == "drop"):
        yield f"content is {'missing' if version.content is None else 'that of a deletion'}"
    yield from _wrong_content(version)


def _wrong_content(version: SnapshotObject) -> Iterator[str]:
    kept = version.content
    if kept is None or kept.tree is not None:
        return
    if kept.change is not None:
        if not is_change(kept.change, of_key=False):
            yield "content is no change"
        elif version.form == "records" and kept.change[0] != "keys":
            yield "content is no change of records"
    elif version.form == "records" and not isinstance(kept.json, dict):
        yield "content is no collection of records"
    elif version.form == "records" and len(kept.json) != version.count:
        yield f"content has {len(kept.json)} records, not {version.count}"


def _is_date(text: str) -> bool:
    try:
        parse_date(text)
    except ValueError:
        return False
    return True
