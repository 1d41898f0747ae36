"""The feed: another process's write is told of, none is missed, and old cursors are of use."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from dbengine import DbEngine
from dbengine.store import FolderStore, feed
from dbengine.store.feed import Feed
from dbengine.store.files import Files, Stamp

HERE = Path(__file__).parents[3]


def opened(root: Path) -> DbEngine:
    db = DbEngine(root, durability="off")
    db.init("t")
    return db


def told(store: FolderStore, cursor: str) -> tuple[dict[str, str], str]:
    moves, after = store.changes("t", cursor, 0, 1000)
    return dict(moves), after


def test_another_process_s_write_is_told_of(root: Path) -> None:
    opened(root)
    store = FolderStore(root, read_only=True)
    _, cursor = store.changes("t", None, 0, 5)
    code = "import sys; from dbengine import DbEngine; db = DbEngine(sys.argv[1])\n"
    child = subprocess.Popen(
        [sys.executable, "-c", code + "db.save('t', 'ann', 'n', 1)", str(root)], cwd=HERE
    )
    moves, _ = store.changes("t", cursor, 60, 5)
    child.wait()
    assert moves == list(store.heads("t").items())


def test_nothing_is_missed_across_checkpoints(root: Path) -> None:
    """Of an entry that moved several times in between, the last head is told."""
    db, other = opened(root), opened(root)
    store = FolderStore(root, read_only=True)
    _, cursor = store.changes("t", None, 0, 5)
    for number in range(700):
        (db if number % 2 else other).put("t", "ann", f"n{number % 7}", "a", number)
        if number % 50 == 0:
            db.close()
        if number % 13 == 0:
            moves, cursor = told(store, cursor)
            assert moves.items() <= store.heads("t").items()
            assert f"n{number % 7}" in moves
    moves, cursor = told(store, cursor)
    assert moves.items() <= store.heads("t").items()
    assert told(store, cursor) == ({}, cursor)


def test_a_checkpoint_alone_is_no_news(root: Path) -> None:
    db = opened(root)
    db.save("t", "ann", "n", 1)
    store = FolderStore(root, read_only=True)
    _, cursor = store.changes("t", None, 0, 5)
    db.close()
    assert told(store, cursor) == ({}, cursor)


def test_the_cursor_of_a_handle_that_is_gone_is_told_all_heads(root: Path) -> None:
    db = opened(root)
    for name in "abc":
        db.save("t", "ann", name, 1)
    _, cursor = FolderStore(root).changes("t", None, 0, 5)
    store = FolderStore(root)
    moves, after = told(store, cursor)
    assert moves == store.heads("t")
    assert told(store, after) == ({}, after)


def test_what_is_remembered_is_limited_and_then_all_heads_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed, "_MOST", 3)
    one = Feed()
    _, cursor = one.since(None, {}, 5)
    for number in range(3):
        one.note("n", str(number))
    assert one.since(cursor, {}, 5)[0] == [("n", "0"), ("n", "1"), ("n", "2")]
    one.note("n", "3")
    assert one.since(cursor, {"m": "x", "n": "3"}, 5)[0] == [("m", "x"), ("n", "3")]


def test_waiting_looks_at_two_names_and_opens_nothing(root: Path) -> None:
    class Counting(Files):
        calls: list[str] = []  # noqa: RUF012

        def stamp(self, file: Path | int) -> Stamp | None:
            assert isinstance(file, Path)
            self.calls.append(f"look at {file.name}")
            return super().stamp(file)

        def exists(self, path: Path) -> bool:
            self.calls.append(f"look for {path.name}")
            return super().exists(path)

        def names(self, folder: Path) -> list[str]:
            self.calls.append("list a folder")
            return super().names(folder)

        def open(self, path: Path, *, write: bool = False) -> int:
            self.calls.append("open a file")
            return super().open(path, write=write)

    opened(root).save("t", "ann", "n", 1)
    disk = Counting()
    store = FolderStore(root, files=disk)
    _, cursor = store.changes("t", None, 0, 5)
    for _ in range(10):
        disk.calls.clear()
        assert store.changes("t", cursor, 0, 5) == ([], cursor)
        assert disk.calls == ["look at head", "look for 00000002"]


def test_waiting_ends(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(root)
    now, slept = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    store = FolderStore(root)
    _, cursor = store.changes("t", None, 9, 5)
    assert slept == []
    assert store.changes("t", cursor, 0.12, 5) == ([], cursor)
    assert slept == pytest.approx([0.05, 0.05, 0.02])
