"""ZODB with a FileStorage: a BTree of records an entry, and the storage's own history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import transaction  # type: ignore[import-untyped]
from BTrees.OOBTree import OOBTree, OOBucket  # type: ignore[import-untyped]
from persistent import Persistent  # type: ignore[import-untyped]
from ZODB.DB import DB  # type: ignore[import-untyped]
from ZODB.FileStorage import FileStorage  # type: ignore[import-untyped]
from ZODB.utils import p64, u64  # type: ignore[import-untyped]

from benchmarks.peers.base import USER, Changed, Json, Past, Version, date_of, differing

CACHED_OBJECTS: Final = 20_000
_ALL: Final = 10_000_000
_NOTHING: Final[Mapping[str, Json]] = {}


class Entry(Persistent):  # type: ignore[misc]  # the library has no types
    """One entry; it is written with every version, so its revisions are the entry's history."""

    def __init__(self) -> None:
        self.seq = 0
        self.records = OOBTree()
        self.document: Json = None


class ZodbPeer:
    """One connection; its versions are transaction ids. The storage belongs to one process."""

    def __init__(self, path: Path) -> None:
        self._db = DB(
            FileStorage(str(path)),
            cache_size=CACHED_OBJECTS,
            historical_cache_size=CACHED_OBJECTS,
        )
        self._manager = transaction.TransactionManager()
        self._connection = self._db.open(self._manager)

    def put(self, entry: str, key: str, value: Json) -> None:
        with self._version(entry) as home:
            home.records[key] = value

    def put_many(self, entry: str, records: Mapping[str, Json]) -> None:
        with self._version(entry) as home:
            home.records.update(records)

    def save(self, entry: str, document: Json) -> None:
        with self._version(entry) as home:
            home.document = document

    def load(self, entry: str, version: Version = None) -> Json:
        return self._read(entry, version, _content)

    def get(self, entry: str, key: str, version: Version = None) -> Json:
        return self._read(entry, version, lambda home: home.records[key])

    def history(self, entry: str, limit: int | None = None) -> list[Past]:
        oid = self._read(entry, None, lambda home: home._p_oid)
        revisions = self._db.history(oid, size=_ALL if limit is None else limit)
        return [
            Past(found["tid"], found["user_name"], date_of(found["time"])) for found in revisions
        ]

    def changes(self, entry: str, old: Version, new: Version) -> list[Changed]:
        touched = self._touched(entry, old, new)
        return differing(self._records_in(touched, old), self._records_in(touched, new))

    def entries(self) -> list[str]:
        self._manager.begin()
        return list(self._connection.root())

    def pack(self) -> bool:
        return False  # its pack() drops the history

    def close(self) -> None:
        self._manager.abort()
        self._connection.close()
        self._db.close()

    @contextmanager
    def _version(self, entry: str) -> Iterator[Entry]:
        current = self._manager.begin()
        current.user, current.description = USER, entry
        try:
            root = self._connection.root()
            if entry not in root:
                root[entry] = Entry()
            home = root[entry]
            home.seq += 1
            yield home
            self._manager.commit()
        except BaseException:
            self._manager.abort()
            raise

    def _read(self, entry: str, version: Version, ask: Callable[[Any], Any]) -> Any:
        if version is None:
            self._manager.begin()
            return ask(self._connection.root()[entry])
        with self._at(version) as connection:
            return ask(connection.root()[entry])

    @contextmanager
    def _at(self, version: Version) -> Iterator[Any]:
        connection = self._db.open(transaction.TransactionManager(), at=version)
        try:
            yield connection
        finally:
            connection.close()

    def _touched(self, entry: str, old: Version, new: Version) -> set[bytes]:
        """The objects that the transactions after `old`, up to `new`, wrote for the entry."""
        steps = self._db.storage.iterator(p64(u64(old) + 1), new)
        try:
            ours = (step for step in steps if step.description.decode() == entry)
            return {found.oid for step in ours for found in step}
        finally:
            steps.close()

    def _records_in(self, touched: set[bytes], version: Version) -> dict[str, Json]:
        """The records in those objects: one that moved between buckets touched both."""
        records: dict[str, Json] = {}
        with self._at(version) as connection:
            for oid in touched:
                records.update(_own_records(_found(connection, oid)))
        return records


def _content(home: Any) -> Json:
    return dict(home.records) if home.document is None else home.document


def _found(connection: Any, oid: bytes) -> Any:
    try:
        return connection.get(oid)
    except KeyError:  # made later
        return None


def _own_records(found: Any) -> Mapping[str, Json]:
    """What stands in this object itself; a small tree holds its one bucket inside."""
    if isinstance(found, OOBucket):
        return dict(found)
    if isinstance(found, OOBTree) and len(found.__getstate__() or (0, 0)) == 1:
        return dict(found)
    return _NOTHING


def open_peer(folder: Path, durable: bool) -> ZodbPeer:
    """Open the storage, which syncs every transaction: it cannot be told not to."""
    return ZodbPeer(folder / "history.fs")
