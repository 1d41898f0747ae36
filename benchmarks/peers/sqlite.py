"""A history table in SQLite, as a competent person would write it by hand.

Each question has its index: a record at a version is one step in the primary key of `records`,
what changed between versions is one range of `records_by_version`, a page of history is one
range of `versions`, and the head is its last row: a head kept elsewhere too would cost every put
one more page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.peers.base import USER, Changed, Json, Past, Version, now

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS versions (
    entry INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    user TEXT NOT NULL,
    date TEXT NOT NULL,
    PRIMARY KEY (entry, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    entry INTEGER NOT NULL,
    key TEXT NOT NULL,
    seq INTEGER NOT NULL,
    value BLOB,
    PRIMARY KEY (entry, key, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_by_version ON records (entry, seq);
CREATE TABLE IF NOT EXISTS documents (
    entry INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (entry, seq)
);
"""

HEAD: Final = """
SELECT entries.id, (SELECT max(seq) FROM versions WHERE entry = entries.id)
FROM entries WHERE name = ?
"""
RECORD: Final = """
SELECT value FROM records WHERE entry = ? AND key = ? AND seq <= ? ORDER BY seq DESC LIMIT 1
"""
RECORDS: Final = """
SELECT key, value, max(seq) FROM records WHERE entry = ? AND seq <= ?
GROUP BY key HAVING value IS NOT NULL
"""
CHANGES: Final = """
SELECT touched.key,
    (SELECT value FROM records WHERE entry = :entry AND key = touched.key AND seq <= :old
        ORDER BY seq DESC LIMIT 1),
    (SELECT value FROM records WHERE entry = :entry AND key = touched.key AND seq <= :new
        ORDER BY seq DESC LIMIT 1)
FROM (SELECT DISTINCT key FROM records INDEXED BY records_by_version
    WHERE entry = :entry AND seq > :old AND seq <= :new) AS touched
"""


class SqlitePeer:
    """One connection; its versions are numbers from 1 on."""

    def __init__(self, path: Path, synchronous: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(f"PRAGMA synchronous={synchronous}")
        self._db.executescript(SCHEMA)

    def put(self, entry: str, key: str, value: Json) -> None:
        data = orjson.dumps(value)
        with self._version(entry) as (number, seq):
            self._db.execute("INSERT INTO records VALUES (?, ?, ?, ?)", (number, key, seq, data))

    def put_many(self, entry: str, records: Mapping[str, Json]) -> None:
        with self._version(entry) as (number, seq):
            rows = ((number, key, seq, orjson.dumps(value)) for key, value in records.items())
            self._db.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", rows)

    def save(self, entry: str, document: Json) -> None:
        data = orjson.dumps(document)
        with self._version(entry) as (number, seq):
            self._db.execute("INSERT INTO documents VALUES (?, ?, ?)", (number, seq, data))

    def load(self, entry: str, version: Version = None) -> Json:
        at = self._at(entry, version)
        document = self._db.execute(
            "SELECT value FROM documents WHERE entry = ? AND seq = ?", at
        ).fetchone()
        if document:
            return orjson.loads(document[0])
        return {key: orjson.loads(value) for key, value, _seq in self._db.execute(RECORDS, at)}

    def get(self, entry: str, key: str, version: Version = None) -> Json:
        number, seq = self._at(entry, version)
        return orjson.loads(self._db.execute(RECORD, (number, key, seq)).fetchone()[0])

    def history(self, entry: str, limit: int | None = None) -> list[Past]:
        number = self._number(entry)
        rows: Iterable[Any] = self._db.execute(
            "SELECT seq, user, date FROM versions WHERE entry = ? ORDER BY seq DESC LIMIT ?",
            (number, -1 if limit is None else limit),
        )
        return list(map(Past._make, rows))

    def changes(self, entry: str, old: Version, new: Version) -> list[Changed]:
        number = self._number(entry)
        rows = self._db.execute(CHANGES, {"entry": number, "old": old, "new": new})
        return [Changed(key, _parse(before), _parse(after)) for key, before, after in rows]

    def entries(self) -> list[str]:
        return [name for (name,) in self._db.execute("SELECT name FROM entries ORDER BY name")]

    def pack(self) -> bool:
        self._db.execute("VACUUM")
        return True

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _version(self, entry: str) -> Iterator[tuple[int, int]]:
        """A transaction that writes the next version: under the lock, on top of the head."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            number, head = self._head(entry) or self._new_entry(entry)
            seq = head + 1
            self._db.execute("INSERT INTO versions VALUES (?, ?, ?, ?)", (number, seq, USER, now()))
            yield number, seq
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _new_entry(self, entry: str) -> tuple[int, int]:
        made = self._db.execute("INSERT INTO entries (name) VALUES (?)", (entry,))
        assert made.lastrowid is not None
        return made.lastrowid, 0

    def _head(self, entry: str) -> Any:
        return self._db.execute(HEAD, (entry,)).fetchone()

    def _at(self, entry: str, version: Version) -> tuple[int, int]:
        if version is not None:
            return self._number(entry), version
        number, head = self._head(entry)
        return number, head

    def _number(self, entry: str) -> int:
        found = self._db.execute("SELECT id FROM entries WHERE name = ?", (entry,))
        number: int = found.fetchone()[0]
        return number


def _parse(data: bytes | None) -> Json:
    return None if data is None else orjson.loads(data)


def open_full(folder: Path, durable: bool) -> SqlitePeer:
    return SqlitePeer(folder / "history.sqlite", "FULL" if durable else "OFF")


def open_normal(folder: Path, durable: bool) -> SqlitePeer:
    return SqlitePeer(folder / "history.sqlite", "NORMAL" if durable else "OFF")
