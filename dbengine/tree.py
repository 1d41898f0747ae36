"""Content: what a version holds, how it is kept as objects, and how two contents differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from dbengine import codec
from dbengine.errors import Corrupt
from dbengine.model import Json
from dbengine.snapshot import Delta, SnapshotObject
from dbengine.tags import TYPE, shared_in

Form = Literal["records", "value"]


@dataclass(frozen=True, slots=True)
class Content:
    """JSON and its form: a collection of records, or any other value. Never changed.

    `tagged` is False only where the JSON is known to hold no type tag. `shared` are the objects
    that it refers to and that may not be stored yet.
    """

    form: Form
    json: Json
    tagged: bool = True
    shared: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many records or items, those of a tuple or set too; 1 for anything else."""
        tag = self.form == "value" and isinstance(self.json, dict)
        items = self.json["value"] if tag else self.json
        return len(items) if isinstance(items, list) or self.form == "records" else 1


def to_objects(content: Content) -> tuple[str, dict[str, bytes]]:
    """The digest by which the content is read back, and every object that it needs."""
    data = codec.dump(content.json)
    digest = codec.digest_of(data)
    return digest, {digest: data}


def from_objects(form: str, root: str, get: Callable[[str], bytes]) -> Content:
    """The content kept under `root`; `get` reads an object by its digest."""
    data = get(root)
    kind: Form = "records" if form == "records" else "value"
    return Content(kind, codec.load(data), tagged=b'"__type__"' in data)


def needs(data: bytes) -> list[str]:
    """The objects of the same tenant without which the content that `data` tells cannot be read."""
    try:
        content = SnapshotObject.from_bytes("", data).content
    except Corrupt:
        return []
    return [content] if content else []


def shares(data: bytes) -> list[str]:
    """The shared objects that the values in an object refer to."""
    if b'"shared"' not in data:
        return []
    value = codec.load(data)
    if isinstance(value, dict) and value.keys() != {TYPE, "value"}:  # records, which are no tag
        value = list(value.values())
    try:
        return [digest for digest in shared_in(value) if codec.is_digest(digest)]
    except (KeyError, TypeError, AttributeError):  # records that look like a tag and are none
        return []


def compare(old: Content | None, new: Content | None) -> Delta:
    """What differs at the top level; empty exactly when two contents of one form are the same.

    The order of a collection's records does not count; the order of a list's items does.
    """
    if old is not None and new is not None and old.form != new.form:
        return Delta(counts=(new.count, 0, old.count), complete=False)
    form = (new or old or Content("records", {})).form
    if form == "records":
        return Delta.of_keys(*differing_keys(old.json if old else {}, new.json if new else {}))
    if old is None or new is None:
        return Delta(counts=(new.count if new else 0, 0, old.count if old else 0))
    return _compare_values(old.json, new.json)


def differing_keys(
    old: dict[str, Json], new: dict[str, Json]
) -> tuple[list[str], list[str], list[str]]:
    """The keys of records that were added, changed and removed, each in its own side's order."""
    added = [key for key in new if key not in old]
    changed = [key for key in new if key in old and not same(old[key], new[key])]
    return added, changed, [key for key in old if key not in new]


def _compare_values(old: Json, new: Json) -> Delta:
    if same(old, new):
        return Delta()
    if not (isinstance(old, list) and isinstance(new, list)):
        return Delta(counts=(0, 1, 0))
    before = Counter(map(codec.canonical, old))
    after = Counter(map(codec.canonical, new))
    gone, come = (before - after).total(), (after - before).total()
    moved = 0 if gone or come else sum(not same(a, b) for a, b in zip(old, new, strict=True))
    changed = min(gone, come)
    return Delta(counts=(come - changed, changed + moved, gone - changed))


def same(old: Json, new: Json) -> bool:
    """Whether two JSON values are the same: types count, the order of keys does not."""
    return old is new or codec.canonical(old) == codec.canonical(new)
