"""Reading objects, which never change: what was read lately is not read again."""

from __future__ import annotations

import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar

from dbengine.codec import digest_of
from dbengine.snapshot import SnapshotObject
from dbengine.store import Store
from dbengine.store.base import read_object

_MOST_BYTES: Final = 64 * 1024 * 1024
_MOST_SNAPSHOTS: Final = 16 * 1024 * 1024
_T = TypeVar("_T")


class Source(Protocol):
    """Where the objects of one tenant come from; all raise `Corrupt` for what is not there."""

    def data(self, digest: str) -> bytes:
        """The bytes of an object."""

    def snapshot(self, digest: str) -> SnapshotObject:
        """The version that an object describes."""

    def steps(self, version: SnapshotObject) -> Iterator[SnapshotObject]:
        """From a version over those that it says its changes against, to a whole one."""


class Objects:
    """Reads one store; may be used by any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._data: _Recent[bytes] = _Recent(_MOST_BYTES)
        self._snapshots: _Recent[SnapshotObject] = _Recent(_MOST_SNAPSHOTS)

    def of(self, tenant: str) -> Source:
        """The objects of one tenant."""
        return _Tenant(self, tenant)

    def data(self, tenant: str, digest: str) -> bytes:
        """The bytes of an object; `Corrupt` where it is missing or damaged."""
        found = self._data.get((tenant, digest))
        if found is None:
            found = read_object(self._store, tenant, digest)
            self._data.keep((tenant, digest), found, len(found))
        return found

    def snapshot(self, tenant: str, digest: str) -> SnapshotObject:
        """The version that an object describes."""
        found = self._snapshots.get((tenant, digest))
        return found or self.parsed(tenant, digest, read_object(self._store, tenant, digest))

    def steps(self, tenant: str, version: SnapshotObject) -> Iterator[SnapshotObject]:
        """From a version over those that it says its changes against, to a whole one."""
        step: SnapshotObject | None = version
        while step is not None:
            yield step
            step = step.known_base() or self._base(tenant, step)

    def _base(self, tenant: str, version: SnapshotObject) -> SnapshotObject | None:
        digest = version.base
        if digest is None:
            return None
        found = self.snapshot(tenant, digest)
        version.know_base(found)
        return found

    def known(self, tenant: str, digest: object) -> SnapshotObject | None:
        """A version that was read or written lately."""
        return self._snapshots.get((tenant, digest)) if isinstance(digest, str) else None

    def adopt(self, tenant: str, version: SnapshotObject, size: int) -> None:
        """Know a version that was just written, of about so many bytes."""
        self._snapshots.keep((tenant, version.digest), version, size)

    def parsed(self, tenant: str, digest: str, data: bytes) -> SnapshotObject:
        """The same for an object whose bytes are at hand."""
        found = self._snapshots.get((tenant, digest))
        if found is None:
            found = SnapshotObject.from_bytes(digest, data)
            self._snapshots.keep((tenant, digest), found, len(data))
        return found


@dataclass(frozen=True, slots=True)
class _Tenant:
    _objects: Objects
    _tenant: str

    def data(self, digest: str) -> bytes:
        return self._objects.data(self._tenant, digest)

    def snapshot(self, digest: str) -> SnapshotObject:
        return self._objects.snapshot(self._tenant, digest)

    def steps(self, version: SnapshotObject) -> Iterator[SnapshotObject]:
        return self._objects.steps(self._tenant, version)


@dataclass(slots=True)
class Pending:
    """The objects of a source, and above them those that are still to be committed."""

    _below: Source
    new: dict[str, bytes] = field(default_factory=dict)
    _snapshots: dict[str, SnapshotObject] = field(default_factory=dict)

    def data(self, digest: str) -> bytes:
        return self.new[digest] if digest in self.new else self._below.data(digest)

    def snapshot(self, digest: str) -> SnapshotObject:
        found = self._snapshots.get(digest)
        return found or self._below.snapshot(digest)

    def steps(self, version: SnapshotObject) -> Iterator[SnapshotObject]:
        while version.digest in self._snapshots:
            yield version
            if version.base is None:
                return
            version = self.snapshot(version.base)
        yield from self._below.steps(version)

    def add(self, snapshot: SnapshotObject) -> SnapshotObject:
        """One more version; as it would be read back."""
        data = snapshot.to_bytes()
        digest = digest_of(data)
        self.new[digest] = data
        snapshot.name(digest, data)
        self._snapshots[digest] = snapshot
        return snapshot


class _Recent(Generic[_T]):
    """The values that were asked for last, as many as a number of bytes allows."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.start()
        _CACHES.add(self)

    def start(self) -> None:
        """Know nothing; in a forked child the lock may be held by a thread that is not there."""
        self._size = 0
        self._guard = threading.Lock()
        self._values: OrderedDict[tuple[str, str], tuple[_T, int]] = OrderedDict()

    def get(self, key: tuple[str, str]) -> _T | None:
        with self._guard:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def keep(self, key: tuple[str, str], value: _T, size: int) -> None:
        """Know a value of so many bytes, unless it would put too much else out."""
        if size * 8 <= self._most:
            self._keep(key, value, size)

    def _keep(self, key: tuple[str, str], value: _T, size: int) -> None:
        with self._guard:
            if key in self._values:
                return
            self._size += size
            self._values[key] = value, size
            while self._size > self._most:
                _key, (_value, gone) = self._values.popitem(last=False)
                self._size -= gone


_CACHES: Final[weakref.WeakSet[_Recent[Any]]] = weakref.WeakSet()


def _after_fork() -> None:
    for cache in list(_CACHES):
        cache.start()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
