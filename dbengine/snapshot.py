"""The snapshot object: one version as JSON, with its metadata, its links and what it holds."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from dbengine import codec
from dbengine.errors import Corrupt
from dbengine.model import Action, Info, Json
from dbengine.tags import IN_JSON

MOST_KEYS: Final = 1000
_TITLE_KEYS: Final = 20
_NO_DATE: Final = "19700101 00:00:00"


class Delta(NamedTuple):
    """Which top-level records a version changed against its parent.

    Lists and scalars have no keys: there `counts` speaks alone. `complete` is False where the
    keys were too many to be written down.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    counts: tuple[int, int, int] = (0, 0, 0)
    complete: bool = True

    def __bool__(self) -> bool:
        return any(self.counts)

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """The keys by kind: added, changed, removed."""
        return self.added, self.changed, self.removed

    def touches(self, key: str) -> bool:
        """Whether the record may differ from the parent's."""
        return not self.complete or key in self.added + self.changed + self.removed

    @classmethod
    def of_keys(cls, added: list[str], changed: list[str], removed: list[str]) -> Delta:
        """The delta of a collection, with its keys where they are few enough to keep."""
        counts = len(added), len(changed), len(removed)
        if sum(counts) > MOST_KEYS:
            first = added[:_TITLE_KEYS], changed[:_TITLE_KEYS], removed[:_TITLE_KEYS]
            return cls(tuple(first[0]), tuple(first[1]), tuple(first[2]), counts, complete=False)
        return cls(tuple(added), tuple(changed), tuple(removed), counts)


class Kept(NamedTuple):
    """How a version keeps its content: whole, or as what changed since the version `base`.

    Whole, it is `json` here or the `tree` under a digest. Changed, it is a `change`, or the tree
    of a dict's changes by key. `step` counts the versions since the whole one, which is 0; the
    base of step n is step n & (n - 1), so that any version is a few steps from a whole one (the
    skip-deltas of Subversion). Never to be altered: whoever hands out JSON copies it.
    """

    json: Json = None
    tree: str | None = None
    base: str | None = None
    step: int = 0
    change: list[Any] | None = None

    def to_json(self) -> dict[str, Json]:
        if self.base is None:
            return {"json": self.json} if self.tree is None else {"tree": self.tree}
        what = {"change": self.change} if self.tree is None else {"tree": self.tree}
        return {"base": self.base, "step": self.step, **what}

    @classmethod
    def from_json(cls, value: dict[str, Json]) -> Kept:
        """Raises `TypeError` for what we do not write."""
        tree, step, change = value.get("tree"), value.get("step", 0), value.get("change")
        if value.keys() == {"json"} or value.keys() == {"tree"}:
            is_ours = "json" in value or codec.is_digest(tree)
        elif type(step) is int and step > 0 and codec.is_digest(value.get("base")):
            is_told = value.keys() == {"base", "step", "change"} and _is_change(change)
            is_ours = is_told or (
                value.keys() == {"base", "step", "tree"} and codec.is_digest(tree)
            )
        else:
            is_ours = False
        if not is_ours:
            raise TypeError("content")
        return cls(value.get("json"), tree, value.get("base"), step, change)


def _unknown() -> None:
    """What is known of a version's base at first."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class SnapshotObject:
    """One version as it is stored; `content` is None for a deletion.

    `skip` is an earlier version, the parent or one further back, chosen so that any version can
    be found in O(log n) steps (Myers's skew-binary jump pointers). What `name` and `know_base` set
    is no part of what it says.
    """

    entry: str
    parent: str | None
    user: str
    date: str
    seq: int
    note: str
    action: Action
    form: str
    delta: Delta
    size: int
    count: int
    content: Kept | None
    skip: str | None = None
    digest: str = field(default="", compare=False)
    tagged: bool = field(default=True, compare=False)
    _base: Callable[[], SnapshotObject | None] = field(
        default=_unknown, init=False, compare=False, repr=False
    )

    @property
    def deleted(self) -> bool:
        return self.action == "drop"

    @property
    def base(self) -> str | None:
        """The version that this one says its changes against; None where its content is whole."""
        return self.content.base if self.content else None

    def known_base(self) -> SnapshotObject | None:
        """The same as an object, while somebody else holds that."""
        return self._base()

    def know_base(self, base: SnapshotObject) -> None:
        """Be told of it, so that it need not be looked up by its name again."""
        object.__setattr__(self, "_base", weakref.ref(base))

    def info(self, tenant: str) -> Info:
        """The metadata as the engine hands it out."""
        added, changed, removed = self.delta.counts
        keys = self.delta.changed + self.delta.added + self.delta.removed
        return Info(
            tenant=tenant,
            entry=self.entry,
            digest=self.digest,
            parent=self.parent,
            user=self.user,
            date=self.date,
            seq=self.seq,
            note=self.note,
            action=self.action,
            form="records" if self.form == "records" else "value",
            added=added,
            changed=changed,
            removed=removed,
            keys=keys[:_TITLE_KEYS],
            size=self.size,
            count=self.count,
        )

    def to_bytes(self) -> bytes:
        """The bytes whose SHA-256 is the version's digest."""
        return codec.dump(
            {
                "__entry__": self.entry,
                "__parent__": self.parent,
                "__skip__": self.skip,
                "__user__": self.user,
                "__date__": self.date,
                "__seq__": self.seq,
                "__note__": self.note,
                "__action__": self.action,
                "__form__": self.form,
                "__counts__": self.delta.counts,
                "__keys__": _keys_to_json(self.delta),
                "__size__": self.size,
                "__count__": self.count,
                "__content__": self.content.to_json() if self.content else None,
            }
        )

    def name(self, digest: str, data: bytes) -> None:
        """Make a new one what it is when read back from its bytes."""
        object.__setattr__(self, "digest", digest)
        object.__setattr__(self, "tagged", IN_JSON in data)

    @classmethod
    def from_bytes(cls, digest: str, data: bytes) -> SnapshotObject:
        """The version that `data` describes; raises `Corrupt` where it describes none."""
        try:
            value = codec.load(data)
            _check_types(value)
            return cls._from_json(digest, value, IN_JSON in data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Corrupt(f"The object {digest[:12]} is not a snapshot.", digest=digest) from error

    @classmethod
    def _from_json(cls, digest: str, value: Any, tagged: bool) -> SnapshotObject:
        content = value["__content__"]
        return cls(
            entry=value["__entry__"],
            parent=value["__parent__"],
            user=value["__user__"],
            date=value["__date__"],
            seq=value["__seq__"],
            note=value["__note__"],
            action=value["__action__"],
            form=value["__form__"],
            delta=_delta_from_json(value["__counts__"], value["__keys__"]),
            size=value["__size__"],
            count=value["__count__"],
            content=None if content is None else Kept.from_json(content),
            skip=value["__skip__"],
            digest=digest,
            tagged=tagged,
        )


class Numbered(Protocol):
    """A version, as far as skips depend on it."""

    @property
    def seq(self) -> int: ...
    @property
    def digest(self) -> str: ...


def skip_of(parent: Numbered, near: Numbered, far: Numbered) -> str:
    """The skip of the version after `parent`, whose own leads to `near`, and that one's to `far`.

    The first version's skip counts as leading to itself.
    """
    even = parent.seq - near.seq == near.seq - far.seq
    return far.digest if even else parent.digest


def _is_change(change: Json) -> bool:
    if not isinstance(change, list) or not change:
        return False
    if change[0] == "keys":
        return len(change) == 2 and isinstance(change[1], dict)
    return change[0] in ("is", "items", "text")


def _check_types(value: Any) -> None:
    """Raises `TypeError` where links and metadata are not what we write."""
    texts = [value[f"__{name}__"] for name in ("entry", "user", "date", "note", "action", "form")]
    links = value["__parent__"], value["__skip__"]
    if not all(isinstance(text, str) for text in texts) or not isinstance(value["__seq__"], int):
        raise TypeError("metadata")
    if not all(link is None or codec.is_digest(link) for link in links):
        raise TypeError("links")


def damaged_info(tenant: str, entry: str, digest: str, damage: str) -> Info:
    """What is known of a version whose object cannot be read."""
    return Info(
        tenant=tenant,
        entry=entry,
        digest=digest,
        parent=None,
        user="",
        date=_NO_DATE,
        seq=0,
        note="",
        action="save",
        form="value",
        added=0,
        changed=0,
        removed=0,
        keys=(),
        size=0,
        count=0,
        damage=damage,
    )


def _keys_to_json(delta: Delta) -> dict[str, Any]:
    return {
        "added": delta.added,
        "changed": delta.changed,
        "removed": delta.removed,
        "complete": delta.complete,
    }


def _delta_from_json(counts: list[int], keys: dict[str, Any]) -> Delta:
    added, changed, removed = counts
    return Delta(
        tuple(keys["added"]),
        tuple(keys["changed"]),
        tuple(keys["removed"]),
        (added, changed, removed),
        keys["complete"],
    )
