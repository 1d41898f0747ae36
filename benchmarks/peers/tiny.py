"""TinyDB with a file a version: each is a TinyDB of its own, written whole and synced."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

import orjson
from tinydb import TinyDB, where
from tinydb.storages import Storage
from tinydb.table import Document, Table

from benchmarks.peers.base import (
    USER,
    Changed,
    Json,
    Past,
    Version,
    differing,
    make_folder,
    now,
    write_file,
)

DOCUMENT: Final = "document"


class _Step(Storage):  # type: ignore[misc,unused-ignore]
    """Reads the file of one version and writes that of the next."""

    def __init__(self, old: Path | None, new: Path | None, durable: bool) -> None:
        self._old, self._new, self._durable = old, new, durable

    def read(self) -> dict[str, dict[str, Any]] | None:
        return None if self._old is None else orjson.loads(self._old.read_bytes())

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        assert self._new is not None
        write_file(self._new, orjson.dumps(data), self._durable)


class TinyPeer:
    """A folder an entry; its versions are the names of files, which sort by their number."""

    def __init__(self, folder: Path, durable: bool) -> None:
        self._folder = folder
        self._durable = durable

    def put(self, entry: str, key: str, value: Json) -> None:
        self._next(entry).upsert({"key": key, "value": value}, where("key") == key)

    def put_many(self, entry: str, records: Mapping[str, Json]) -> None:
        old = self._files(entry)
        merged = {**(self.load(entry) if old else {}), **records}
        rows = ({"key": key, "value": value} for key, value in merged.items())
        self._next(entry, fresh=True).insert_multiple(rows)

    def save(self, entry: str, document: Json) -> None:
        self._next(entry, fresh=True).insert({DOCUMENT: document})

    def load(self, entry: str, version: Version = None) -> Json:
        rows = self._table(entry, version).all()
        if rows and DOCUMENT in rows[0]:
            return rows[0][DOCUMENT]
        return {row["key"]: row["value"] for row in rows}

    def get(self, entry: str, key: str, version: Version = None) -> Json:
        row = self._table(entry, version).get(where("key") == key)
        assert isinstance(row, Document)
        return row["value"]

    def history(self, entry: str, limit: int | None = None) -> list[Past]:
        return [_past(name) for name in self._files(entry)[: -limit - 1 if limit else None : -1]]

    def changes(self, entry: str, old: Version, new: Version) -> list[Changed]:
        return differing(self.load(entry, old), self.load(entry, new))

    def entries(self) -> list[str]:
        return sorted(unquote(path.name) for path in self._folder.iterdir())

    def pack(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing stays open between calls."""

    def _home(self, entry: str) -> Path:
        return self._folder / quote(entry, safe="")

    def _files(self, entry: str) -> list[str]:
        home = self._home(entry)
        return sorted(path.name for path in home.iterdir()) if home.exists() else []

    def _table(self, entry: str, version: Version) -> Table:
        old = self._home(entry) / (version or self._files(entry)[-1])
        return _open(_Step(old, None, self._durable))

    def _next(self, entry: str, *, fresh: bool = False) -> Table:
        home = self._home(entry)
        make_folder(home, self._durable)
        files = self._files(entry)
        new = home / f"{len(files) + 1:08} {now().replace(':', '')} {USER}"
        old = None if fresh or not files else home / files[-1]
        return _open(_Step(old, new, self._durable))


def _open(step: _Step) -> Table:
    return TinyDB(storage=lambda: step).table(TinyDB.default_table_name)


def _past(name: str) -> Past:
    _seq, day, time, user = name.split(" ", 3)
    return Past(name, user, f"{day} {time[:2]}:{time[2:4]}:{time[4:]}")


def open_peer(folder: Path, durable: bool) -> TinyPeer:
    return TinyPeer(folder, durable)
