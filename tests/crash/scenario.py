"""A short life of a database, write by write, and the states that it may be found in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from dbengine import DbEngine, Shared, Version
from dbengine.store import FolderStore
from dbengine.store.files import Files
from dbengine.tree import keeping, nodes

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

TEN: Final = {f"k{n}": {"n": n, "text": "0123456789" * 3, "list": [*range(n)]} for n in range(10)}
IN_PARTS: Final[dict[str, Write]] = {
    "init": lambda db: db.init("t"),
    "save a tree": lambda db: db.save("t", "ann", "doc", TEN),
    "put a change": lambda db: db.put("t", "ben", "doc", "k3", {"n": "new"}),
    "put a tree of changes": lambda db: db.put_many(
        "t", "ann", "doc", {f"k{n}": {"n": -n, "text": "x" * 40} for n in (1, 2, 4, 9)}
    ),
    "save a change inside": lambda db: db.save(
        "t", "ann", "doc", {**db.load("t", "doc"), "k7": {**TEN["k7"], "list": [1, 2, "new", 3]}}
    ),
    "delete a record of a tree": lambda db: db.delete("t", "ann", "doc", "k5"),
    "restore a tree": lambda db: db.restore("t", "cat", "doc", db.at("t", "doc", 1)),
}
"""Another life, for a database that `keep_in_parts` made: trees, and changes of every kind."""


def keep_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Next to nothing is small enough to be kept whole, or in one part."""
    monkeypatch.setattr(nodes, "PART", 112)
    monkeypatch.setattr(keeping, "_SHORT", 16)
    monkeypatch.setattr(keeping, "_INLINE", 32)
    monkeypatch.setattr(keeping, "_TOLD", 64)


def opened(root: Path, files: Files) -> DbEngine:
    return DbEngine(root, clock=lambda: NOON, store=FolderStore(root, files=files))


def state(db: DbEngine) -> State:
    """Everything that can be read; and the store tells the same as the heads of what is deleted."""
    assert all(marks_fit(db, tenant) for tenant in db.tenants())
    return readable(db)


def marks_fit(db: DbEngine, tenant: str) -> bool:
    """Whether the entries that the store lists are those whose heads are no deletion."""
    return db.entries(tenant) == [info.entry for info in db.heads(tenant) if not info.deleted]


def readable(db: DbEngine) -> State:
    """Every version of every entry, deleted ones too."""
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


def lived(root: Path, files: Files, until: str, writes: dict[str, Write] = WRITES) -> DbEngine:
    """A database in which every write before `until` has been done."""
    db = opened(root, files)
    for name, write in writes.items():
        if name == until:
            break
        write(db)
    return db
