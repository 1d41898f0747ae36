"""What the engine's tests share: a database in a temporary folder, and a clock of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dbengine import DbEngine
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
