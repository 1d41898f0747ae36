"""DbEngine itself, through its public API only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.peers.base import USER, Changed, Json, Past, Version
from dbengine import DbEngine

TENANT: Final = "bench"
_ALL: Final = 10_000_000


class OwnPeer:
    """One tenant of a database."""

    def __init__(self, db: DbEngine) -> None:
        self._db = db

    def put(self, entry: str, key: str, value: Json) -> None:
        self._db.put(TENANT, USER, entry, key, value)

    def put_many(self, entry: str, records: Mapping[str, Json]) -> None:
        self._db.put_many(TENANT, USER, entry, records)

    def save(self, entry: str, document: Json) -> None:
        self._db.save(TENANT, USER, entry, document)

    def load(self, entry: str, version: Version = None) -> Json:
        return self._db.load(TENANT, entry, version)

    def get(self, entry: str, key: str, version: Version = None) -> Json:
        return self._db.get(TENANT, entry, key, version)

    def history(self, entry: str, limit: int | None = None) -> list[Past]:
        page = self._db.log(TENANT, entry, limit=limit or _ALL)
        return [Past(info.digest, info.user, info.date) for info in page]

    def changes(self, entry: str, old: Version, new: Version) -> list[Changed]:
        found = self._db.changes(TENANT, entry, old, new)
        return [Changed(change.key, change.old, change.new) for change in found]

    def entries(self) -> list[str]:
        return self._db.entries(TENANT)

    def pack(self) -> bool:
        pack = getattr(self._db, "pack", None)
        if pack is None:
            return False
        pack()
        return True

    def close(self) -> None:
        self._db.close()


def open_peer(folder: Path, durable: bool) -> OwnPeer:
    root = folder / "db"
    fresh = not root.exists()
    db = DbEngine(root, durability="full" if durable else "off")
    if fresh:
        db.init(TENANT)
    return OwnPeer(db)
