"""Small stand-ins and questions that many engine tests need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dbengine import DbEngine, DbException
from dbengine.store import MemoryStore


class Clock:
    """A clock that is a second later at each look; `now` may be set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def listing(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder, with its bytes; None for a folder."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.name != "lock"
    }


@contextmanager
def refused(db: DbEngine, error: type[DbException], match: str) -> Iterator[None]:
    """What happens inside raises `error` and leaves every file as it was."""
    before = listing(db.root)
    with pytest.raises(error, match=match) as caught:
        yield
    assert type(caught.value) is error
    assert listing(db.root) == before


def nested(levels: int, leaf: Any = None) -> list[Any]:
    """A list of that many levels around `leaf`."""
    value = [leaf]
    for _ in range(levels - 1):
        value = [value]
    return value


def settled(db: DbEngine) -> Path:
    """The database's folder, after all that was written has come to its place."""
    db.close()
    return db.root


def object_files(root: Path, tenant: str = "t") -> list[Path]:
    return sorted(path for path in (root / tenant / "objects").rglob("*") if path.is_file())


def everything(db: DbEngine, tenant: str = "t") -> dict[str, list[Any]]:
    """Each version's metadata and value."""
    return {
        entry: [
            (info, None if info.deleted else db.load(tenant, entry, info.digest))
            for info in db.log(tenant, entry, limit=1000)
        ]
        for entry in db.entries(tenant, deleted=True)
    }


def in_memory() -> DbEngine:
    return DbEngine(store=MemoryStore(), clock=Clock())
