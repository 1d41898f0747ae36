"""Content: what a version holds, whole in memory, kept in the store, or kept and edited."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Final, Literal

from dbengine import codec
from dbengine.collector import BIG, collector_paused
from dbengine.errors import Corrupt
from dbengine.lazy import lazy
from dbengine.model import Json
from dbengine.objects import Source
from dbengine.snapshot import Kept, SnapshotObject
from dbengine.tags import IN_JSON
from dbengine.tree import nodes, patch
from dbengine.tree.patch import Change

Form = Literal["records", "value"]

_FEW: Final = 16
_SCATTERED: Final = 4
"""One record in so many, and looking for each takes as long as reading all."""

_NONSENSE: Final = (LookupError, TypeError, ValueError, AttributeError, AssertionError)
"""What applying a forged change may raise."""

MISSING: Final = object()
"""Where a record would be, that it is not there."""


class Content(ABC):
    """JSON and its form: a collection of records, or any other value.

    `shared` are the objects in `refs/` that it refers to and that may not be stored yet.
    """

    form: Form
    shared: Mapping[str, bytes]

    @property
    @abstractmethod
    def json(self) -> Json:
        """All of it. Not to be altered while the content is in use."""

    @property
    @abstractmethod
    def tagged(self) -> bool:
        """False only where what was read until now is known to hold no type tag."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many records or items, those of a tuple or set too; 1 for anything else."""

    @property
    @abstractmethod
    def size(self) -> int:
        """The length of its JSON in bytes."""

    @abstractmethod
    def record(self, key: str) -> Json:
        """One record, or `MISSING`."""

    def records(self, keys: Iterable[str]) -> dict[str, Json]:
        """Those of the records that are there."""
        found = {key: self.record(key) for key in keys}
        return {key: value for key, value in found.items() if value is not MISSING}


class Whole(Content):
    """A content that is in memory."""

    def __init__(
        self,
        form: Form,
        json: Json,
        tagged: bool = True,
        shared: Mapping[str, bytes] | None = None,
    ) -> None:
        self.form = form
        self.shared = shared or {}
        self._json = json
        self._tagged = tagged

    @property
    def json(self) -> Json:
        return self._json

    @property
    def tagged(self) -> bool:
        return self._tagged

    @property
    def count(self) -> int:
        tag = self.form == "value" and isinstance(self._json, dict)
        items = self._json["value"] if tag else self._json
        return len(items) if isinstance(items, list) or self.form == "records" else 1

    @lazy
    def size(self) -> int:
        return len(codec.dump(self._json))

    def record(self, key: str) -> Json:
        return self._json.get(key, MISSING)


class Stored(Content):
    """The content of a version, read when it is asked for and as far as it is."""

    shared: Mapping[str, bytes] = {}

    def __init__(self, version: SnapshotObject, source: Source) -> None:
        self.form = "records" if version.form == "records" else "value"
        self.version = version
        self.source = source
        self._seen_tag = False
        self._parsed: dict[str, Mapping[str, Change]] = {}

    @lazy
    def json(self) -> Json:
        with collector_paused(self.size > BIG):
            return self._assembled()

    def _assembled(self) -> Json:
        try:
            return self._put_together()
        except _NONSENSE as error:
            raise self._damaged() from error

    def _put_together(self) -> Json:
        *changed, whole = self.path
        self._seen_tag = any(version.tagged for version in self.path)
        kept = whole.content
        assert kept is not None
        value = nodes.whole(kept.tree, self._data) if kept.tree else patch.copy(kept.json)
        for version in reversed(changed):
            value = patch.apply(value, self._change(version))
        return value

    @property
    def tagged(self) -> bool:
        return self._seen_tag

    @property
    def count(self) -> int:
        return self.version.count

    @property
    def size(self) -> int:
        return self.version.size

    def record(self, key: str) -> Json:
        """Reads what changed since the last whole version, and one part of that."""
        try:
            return self._record(key)
        except _NONSENSE as error:
            raise self._damaged() from error

    def _record(self, key: str) -> Json:
        inner: list[Change] = []
        for version in self.source.steps(self.version):
            kept = version.content
            assert kept is not None
            told = self._told(kept, key)
            if told is None:
                continue
            self._seen_tag = self._seen_tag or IN_JSON in told
            value = codec.load(told)
            if kept.base is None:
                return _applied(value, inner)
            if value[0] in ("is", "last", "gone"):
                return MISSING if value[0] == "gone" else _applied(value[1], inner)
            inner.append(value)
        return MISSING

    def _told(self, kept: Kept, key: str) -> bytes | None:
        """The JSON of the record, or of the change to it, that one version tells of."""
        if kept.tree is not None:
            return nodes.find(kept.tree, key, self.source.data, mostly_in_vain=bool(kept.base))
        told = kept.json if kept.change is None else kept.change[1]
        return codec.dump(told[key]) if key in told else None

    def records(self, keys: Iterable[str]) -> dict[str, Json]:
        """Like `record` for each, but every version on the path is looked at once."""
        wanted = set(keys)
        if len(wanted) <= _FEW:
            return super().records(wanted)
        try:
            if self.version.base is None:
                return self._records_of_whole(wanted)
            return _together([self], self.path[-1], wanted)[0]
        except _NONSENSE as error:
            raise self._damaged() from error

    def records_and(self, other: Stored, keys: set[str]) -> list[dict[str, Json]]:
        """The `records` of this version and of another; what both rest on is looked at once."""
        common = _common(self, other) if len(keys) > _FEW else None
        if common is not None:
            with contextlib.suppress(*_NONSENSE):  # each by itself says which of them is damaged
                return _together([self, other], common, keys)
        return [self.records(keys), other.records(keys)]

    def told_above(self, base: SnapshotObject, keys: set[str]) -> _Told:
        """What the versions on the path tell of these records, up to one that is not asked."""
        told = _Told(set(keys))
        for version in takewhile(lambda version: version.digest != base.digest, self.path):
            self._seen_tag |= version.tagged
            told.add(self._own_edits(version, told.open))
        return told

    def _own_edits(self, version: SnapshotObject, keys: set[str]) -> dict[str, Change]:
        """Those of a version's edits that are of these keys, and that nobody else holds."""
        edits = self.edits(version)
        chosen = {key: edits[key] for key in keys & edits.keys()}
        return patch.copy(chosen) if self._parsed.pop(version.digest, None) is None else chosen

    def _records_of_whole(self, keys: set[str]) -> dict[str, Json]:
        if len(keys) * _SCATTERED < self.count:
            return self.scattered(keys)
        return {key: value for key, value in self.json.items() if key in keys}

    @lazy
    def path(self) -> tuple[SnapshotObject, ...]:
        """From the version over those that it says its changes against, to a whole one."""
        return tuple(self.source.steps(self.version))

    def edits(self, version: SnapshotObject) -> Mapping[str, Change]:
        """What a version on the path changed by key; not to be altered."""
        kept = version.content
        assert kept is not None
        if kept.change is not None:
            changes: Mapping[str, Change] = kept.change[1]
            return changes
        if version.digest not in self._parsed:
            self._parsed[version.digest] = nodes.whole(kept.tree or "", self._data)
        return self._parsed[version.digest]

    def scattered(self, keys: Iterable[str]) -> dict[str, Json]:
        """Those of the records that are there, of a version that is whole: few of many."""
        kept = self.version.content
        if kept is None or kept.tree is None:
            return Content.records(self, keys)
        told = nodes.find_many(kept.tree, sorted(keys), self.source.data)
        data = b"[" + b",".join(told.values()) + b"]"
        self._seen_tag = self._seen_tag or IN_JSON in data
        return dict(zip(told, codec.load(data), strict=True))

    def leaves(self) -> set[str] | None:
        """The parts of the whole version that this one is based on; None if it has none."""
        kept = self.path[-1].content
        assert kept is not None
        return set(nodes.leaves_of(kept.tree, self._data)) if kept.tree else None

    def leaf_keys(self, digest: str) -> list[str]:
        """The keys in one of these parts."""
        return list(nodes.leaf(digest, self._data))

    def _change(self, version: SnapshotObject) -> Change:
        kept = version.content
        assert kept is not None
        if kept.tree is not None:
            return ["keys", nodes.whole(kept.tree, self._data)]
        change: Change = patch.copy(kept.change)
        return change

    def _damaged(self) -> Corrupt:
        digest = self.version.digest
        message = f"The content of version {digest} makes no sense, though its objects are whole."
        return Corrupt(f"{message} Run `dbengine verify` to see where.", digest=digest)

    def _data(self, digest: str) -> bytes:
        data = self.source.data(digest)
        self._seen_tag = self._seen_tag or IN_JSON in data
        return data

    def note_tags(self, below: Stored) -> None:
        """What was read of this version's base was read of this version."""
        self._seen_tag |= below.tagged


class _Told:
    """What the versions above a base tell of some records, newest first.

    `open` are the keys of those of which the base is to be asked.
    """

    def __init__(self, keys: set[str]) -> None:
        self.open = keys
        self._found: dict[str, Json] = {}
        self._inner: dict[str, list[Change]] = {}

    def add(self, edits: Mapping[str, Change]) -> None:
        """What the next older version changed."""
        for key, change in edits.items():
            if change[0] not in ("is", "last", "gone"):
                self._inner.setdefault(key, []).append(change)
                continue
            self.open.discard(key)
            if change[0] != "gone":
                self._found[key] = change[1]

    def on(self, base: Mapping[str, Json]) -> dict[str, Json]:
        """The records that are there, given those of the base."""
        found = {**self._found, **{key: base[key] for key in self.open if key in base}}
        for key, changes in self._inner.items():
            found[key] = _applied(patch.copy(found[key]), changes)
        return found


def _common(one: Stored, other: Stored) -> SnapshotObject | None:
    """The newest version that both rest on."""
    digests = {version.digest for version in other.path}
    return next((version for version in one.path if version.digest in digests), None)


def _together(
    contents: Sequence[Stored], base: SnapshotObject, keys: set[str]
) -> list[dict[str, Json]]:
    """The records of each; those of the version that all rest on are looked up once."""
    told = [content.told_above(base, keys) for content in contents]
    below = Stored(base, contents[0].source)
    values = below.records(set[str]().union(*(one.open for one in told)))
    for content in contents:
        content.note_tags(below)
    return [one.on(values) for one in told]


class Unreadable(Content):
    """The content of a version of which something is damaged: it can only be replaced."""

    shared: Mapping[str, bytes] = {}
    tagged = True

    def __init__(self, version: SnapshotObject, error: Corrupt) -> None:
        self.form = "records" if version.form == "records" else "value"
        self._version = version
        self._error = error

    @property
    def count(self) -> int:
        return self._version.count

    @property
    def size(self) -> int:
        return self._version.size

    @property
    def json(self) -> Json:
        raise self._error

    def record(self, key: str) -> Json:
        raise self._error


class Edited(Content):
    """A collection as it was, but for some records."""

    form: Form = "records"

    def __init__(
        self,
        old: Content,
        put: Mapping[str, Json],
        gone: frozenset[str] = frozenset(),
        shared: Mapping[str, bytes] | None = None,
    ) -> None:
        self.old = old
        self.put = put
        self.gone = gone
        self.shared = shared or {}

    @lazy
    def json(self) -> Json:
        kept = {key: value for key, value in self.old.json.items() if key not in self.gone}
        return {**kept, **self.put}

    @property
    def tagged(self) -> bool:
        return True

    @lazy
    def before(self) -> dict[str, Json]:
        """The records that are edited, as they were; `MISSING` where there were none."""
        keys = [*self.put, *self.gone]
        found = self.old.records(keys)
        return {key: found.get(key, MISSING) for key in keys}

    @lazy
    def count(self) -> int:
        new = sum(self.before[key] is MISSING for key in self.put)
        return self.old.count + new - len(self.gone)

    @lazy
    def size(self) -> int:
        size = body_size(self.old.size, self.old.count) + 2 - (self.count > 0)
        for key, value in self.put.items():
            size += line_size(key, value)
        for key, value in self.before.items():
            size -= line_size(key, value)
        return size

    def record(self, key: str) -> Json:
        if key in self.gone:
            return MISSING
        return self.put[key] if key in self.put else self.old.record(key)


def body_size(size: int, count: int) -> int:
    """The length of a dict's or list's JSON without braces, with a comma behind each item."""
    return size - 2 + (count > 0)


def line_size(key: str, value: Json) -> int:
    """What a record adds to the JSON, its comma included."""
    return 0 if value is MISSING else len(codec.dump(key)) + len(codec.dump(value)) + 2


def _applied(value: Json, inner: list[Change]) -> Json:
    """With the changes inside it, newest first."""
    for change in reversed(inner):
        value = patch.apply(value, change)
    return value
