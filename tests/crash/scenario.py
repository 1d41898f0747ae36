"""A short life of a database, write by write, and the states that it may be found in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from dbengine import DbEngine, Shared, Version
from dbengine.store import FolderStore
from dbengine.store.files import Files

NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
State = dict[str, Any]

Write = Callable[[DbEngine], object]

WRITES: Final[dict[str, Write]] = {
    "init": lambda db: db.init("t"),
    "save": lambda db: db.save("t", "ann", "users", {"a": 1, "b": [1, 2]}),
    "put": lambda db: db.put("t", "ben", "users", "c", {"deep": [3]}),
    "save a list": lambda db: db.save("t", "ann", "list", [1, 2, 3]),
    "delete a record": lambda db: db.delete("t", "ann", "users", "a"),
    "share": lambda db: db.put("t", "ann", "users", "s", Shared({"big": 1})),
    "delete an entry": lambda db: db.delete("t", "ann", "list"),
    "restore": lambda db: db.restore("t", "cat", "users", db.at("t", "users", 1)),
    "restore an entry": lambda db: db.restore("t", "cat", "list", db.at("t", "list", 1)),
    "append": lambda db: db.append_history("t", "list", [Version("dan", NOON, n) for n in MANY]),
    "init another": lambda db: db.init("u"),
}
MANY = "rstuvwxyz"
"""So many versions that their objects are synced together."""


def opened(root: Path, files: Files) -> DbEngine:
    return DbEngine(root, clock=lambda: NOON, store=FolderStore(root, files=files))


def state(db: DbEngine) -> State:
    """Everything that can be read: every version of every entry, deleted ones too."""
    return {
        tenant: {
            entry: [
                (info.seq, info.user, None if info.deleted else db.load(tenant, entry, info.digest))
                for info in db.log(tenant, entry, limit=1000)
            ]
            for entry in db.entries(tenant, deleted=True)
        }
        for tenant in db.tenants()
    }


def lived(root: Path, files: Files, until: str) -> DbEngine:
    """A database in which every write before `until` has been done."""
    db = opened(root, files)
    for name, write in WRITES.items():
        if name == until:
            break
        write(db)
    return db
