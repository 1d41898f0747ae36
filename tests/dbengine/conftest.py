"""What the engine's tests share: a database in a temporary folder, and a clock of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dbengine import DbEngine
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
