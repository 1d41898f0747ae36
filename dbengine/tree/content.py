"""Content: what a version holds, whole in memory, kept in the store, or kept and edited."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final, Literal

from dbengine import codec
from dbengine.collector import BIG, collector_paused
from dbengine.errors import Corrupt
from dbengine.model import Json
from dbengine.objects import Source
from dbengine.snapshot import Kept, SnapshotObject
from dbengine.tags import IN_JSON
from dbengine.tree import nodes, patch
from dbengine.tree.patch import Change

Form = Literal["records", "value"]

_FEW: Final = 16
_SCATTERED: Final = 10
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

    @cached_property
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

    @cached_property
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
        for version in self.path:
            kept = version.content
            assert kept is not None
            if kept.tree is None:
                told = _told(kept, key)
            else:
                told = nodes.find(kept.tree, key, self.source.data)
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

    def records(self, keys: Iterable[str]) -> dict[str, Json]:
        """Like `record` for each, but every version on the path is looked at once."""
        open_keys = set(keys)
        if len(open_keys) <= _FEW:
            return super().records(open_keys)
        try:
            return self._records(open_keys)
        except _NONSENSE as error:
            raise self._damaged() from error

    def _records(self, open_keys: set[str]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        fresh: dict[str, Json] = {}
        inner: dict[str, list[Change]] = {}
        *changed, whole = self.path
        for version in changed:
            edits = self.edits(version)
            values = found if self._parsed.pop(version.digest, None) is None else fresh
            for key in open_keys & edits.keys():
                change = edits[key]
                if change[0] not in ("is", "last", "gone"):
                    inner.setdefault(key, []).append(change)
                    continue
                open_keys.discard(key)
                if change[0] != "gone":
                    values[key] = change[1]
        found = {**patch.copy(found), **fresh}
        below = Stored(whole, self.source)
        if len(open_keys) * _SCATTERED < whole.count:
            found.update(below.scattered(open_keys))
        else:
            found.update({k: v for k, v in below.json.items() if k in open_keys})
        for key, changes in inner.items():
            found[key] = _applied(found[key], patch.copy(changes))
        self._seen_tag |= below.tagged or any(version.tagged for version in changed)
        return found

    @cached_property
    def path(self) -> tuple[SnapshotObject, ...]:
        """From the version over those that it says its changes against, to a whole one."""
        return self.source.path(self.version)

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

    @cached_property
    def json(self) -> Json:
        kept = {key: value for key, value in self.old.json.items() if key not in self.gone}
        return {**kept, **self.put}

    @property
    def tagged(self) -> bool:
        return True

    @cached_property
    def before(self) -> dict[str, Json]:
        """The records that are edited, as they were; `MISSING` where there were none."""
        found = self.old.records([*self.put, *self.gone])
        return {key: found.get(key, MISSING) for key in (*self.put, *self.gone)}

    @cached_property
    def count(self) -> int:
        new = sum(self.before[key] is MISSING for key in self.put)
        return self.old.count + new - len(self.gone)

    @cached_property
    def size(self) -> int:
        more = sum(line_size(key, value) for key, value in self.put.items())
        less = sum(line_size(key, value) for key, value in self.before.items())
        return body_size(self.old.size, self.old.count) + more - less + 2 - (self.count > 0)

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


def _told(kept: Kept, key: str) -> bytes | None:
    """The JSON of the record, or of the change to it, that a version's own object tells of."""
    told = kept.json if kept.change is None else kept.change[1]
    return codec.dump(told[key]) if key in told else None


def _applied(value: Json, inner: list[Change]) -> Json:
    """With the changes inside it, newest first."""
    for change in reversed(inner):
        value = patch.apply(value, change)
    return value
