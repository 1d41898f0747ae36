"""What the tests of the command line share: a way to run it, in this process."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dbengine import DbEngine
from dbengine.cli import main


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Terminal:
    """Runs commands on the database of the test."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        self._capsys.readouterr()
        status = main(["--root", str(self.root), *arguments])
        out, err = self._capsys.readouterr()
        return Ran(status, out, err)


@pytest.fixture
def dbengine(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("LOGNAME", "ana")
    return Terminal(root, capsys)


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gives the command something to read."""

    def give(text: str) -> None:
        stream = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
        monkeypatch.setattr("sys.stdin", stream)

    return give


@pytest.fixture
def fruit(db: DbEngine) -> DbEngine:
    """A collection `fruit` of four versions, with a note and two users."""
    db.put("t", "ana", "fruit", "apple", {"price": 1}, note="First\n\nand more of it")
    db.put_many("t", "marco", "fruit", {"apple": {"price": 2}, "pear": {"price": 3}})
    db.put("t", "ana", "fruit", "plum", [1, 2])
    db.delete("t", "marco", "fruit", "pear")
    return db
