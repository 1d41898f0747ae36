"""What one durable commit costs: the journal, a file an object, and a SQLite history table.

    python benchmarks/commit.py [FOLDER] [COMMITS]

All run side by side on the disk of FOLDER, a batch of each in turn in random order, so that a
slow moment of the disk meets them alike. Each can give back every old version, and each commit is
durable when it returns.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dbengine import codec
from dbengine.store import Change, FolderStore
from dbengine.store.files import Files

Commit = Callable[[int, bytes], None]
BATCH = 50


def journal(folder: Path) -> tuple[Commit, Callable[[], None]]:
    """This store: one line, one sync; checkpoints among the commits."""
    store = FolderStore(folder)
    store.create_tenant("t")
    head: list[str | None] = [None]

    def commit(_number: int, data: bytes) -> None:
        digest = codec.digest_of(data)
        head[0] = store.commit("t", Change("n", head[0], (digest,)), {digest: data})

    return commit, store.close


def file_an_object(folder: Path) -> tuple[Commit, Callable[[], None]]:
    """The store before: the object under its name, then `head` anew, each synced."""
    files = Files()
    for path in (folder, folder / "objects", folder / "tmp"):
        files.make_folder(path)

    def place(source: Path, target: Path, data: bytes) -> None:
        files.write(source, data)
        files.replace(source, target)
        files.sync_folder(target.parent)

    def commit(_number: int, data: bytes) -> None:
        digest = codec.digest_of(data)
        target = folder / "objects" / digest[:2] / digest
        if files.make_folder(target.parent):
            files.sync_folder(folder / "objects")
        place(folder / "tmp" / digest, target, data)
        place(folder / "tmp" / "head", folder / "head", codec.pretty({"n": digest}))

    return commit, lambda: None


def sqlite(folder: Path) -> tuple[Commit, Callable[[], None]]:
    """Objects by digest and a table of heads, compared and set: WAL, synchronous=FULL."""
    folder.mkdir()
    db = sqlite3.connect(folder / "db.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE objects (digest TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID")
    db.execute("CREATE TABLE heads (entry TEXT PRIMARY KEY, digest TEXT) WITHOUT ROWID")
    head: list[str | None] = [None]

    def commit(_number: int, data: bytes) -> None:
        digest = codec.digest_of(data)
        db.execute("BEGIN IMMEDIATE")
        now = db.execute("SELECT digest FROM heads WHERE entry = 'n'").fetchone()
        assert (now[0] if now else None) == head[0]
        db.execute("INSERT OR IGNORE INTO objects VALUES (?, ?)", (digest, data))
        db.execute("INSERT OR REPLACE INTO heads VALUES ('n', ?)", (digest,))
        db.execute("COMMIT")
        head[0] = digest

    return commit, db.close


PEERS = {"journal": journal, "file an object": file_an_object, "SQLite WAL FULL": sqlite}


def measure(folder: Path, commits: int, size: int) -> dict[str, list[float]]:
    """The seconds of every commit, by peer; last the close."""
    opened = {name: make(folder / f"{name} {size}") for name, make in PEERS.items()}
    taken: dict[str, list[float]] = {name: [] for name in PEERS}
    numbers = {name: iter(range(commits)) for name in PEERS}
    for _batch in range(commits // BATCH):
        for name in random.sample(list(PEERS), len(PEERS)):
            for _commit in range(BATCH):
                number = next(numbers[name])
                data = codec.dump({"number": number, "name": name, "pad": "x" * size})
                start = time.perf_counter()
                opened[name][0](number, data)
                taken[name].append(time.perf_counter() - start)
    for name, (_, close) in opened.items():
        start = time.perf_counter()
        close()
        taken[name].append(time.perf_counter() - start)
    return taken


def main() -> None:
    parent = sys.argv[1] if len(sys.argv) > 1 else None
    commits = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    print("| bytes | peer | median ms | × SQLite | p99 ms | worst ms | all with close, × SQLite |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        for size in (500, 20_000, 200_000):
            taken = measure(Path(folder), commits if size < 200_000 else commits // 4, size)
            base = taken["SQLite WAL FULL"]
            for name, times in taken.items():
                middle = statistics.median(times)
                print(
                    f"| {size} | {name} | {middle * 1e3:.2f} "
                    f"| {middle / statistics.median(base):.2f} "
                    f"| {sorted(times)[int(len(times) * 0.99)] * 1e3:.1f} | {max(times) * 1e3:.0f} "
                    f"| {sum(times) / sum(base):.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
