"""What the engine's tests share: databases in a temporary folder, and a clock of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dbengine import DbEngine, Shared
from dbengine.tree import keeping
from tests.dbengine.helpers import Clock


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "db"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def db(root: Path, clock: Clock) -> Iterator[DbEngine]:
    """A database with one tenant, `t`, in which every write is a second later."""
    with DbEngine(root, clock=clock, durability="off") as engine:
        engine.init("t")
        yield engine


@pytest.fixture
def contents_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """However short, each content is an object of its own, unless it is told as a change."""
    monkeypatch.setattr(keeping, "_SHORT", 0)
    monkeypatch.setattr(keeping, "_INLINE", 0)
    monkeypatch.setattr(keeping, "_TOLD", 0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where an export goes."""
    return tmp_path / "t.dbx"


@pytest.fixture
def other(tmp_path: Path, clock: Clock) -> Iterator[DbEngine]:
    """Another database, in which nothing is yet."""
    with DbEngine(tmp_path / "other", clock=clock, durability="off") as engine:
        yield engine


@pytest.fixture
def full(db: DbEngine) -> DbEngine:
    """Two entries with what all share, one of them deleted."""
    db.put_many("t", "ann", "fruit", {"apple": 1, "pear": Shared({"big": Shared([1, 2])})})
    db.put("t", "bob", "fruit", "plum", {"a": [1.0, 1, True]}, note="why")
    db.save("t", "ann", "list", [1, 2, 3])
    db.delete("t", "ann", "list")
    return db
