"""One flipped bit in any byte of any file: it is found, or it does no harm."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dbengine import DbException, canonical
from dbengine.store import FolderStore
from dbengine.store.files import Files
from tests.crash.disk import killed
from tests.crash.scenario import State, opened, state


@pytest.fixture(params=["loose", "packed"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Half of it in its place or in a pack, and half in the journal."""
    root = tmp_path / "db"
    db = opened(root, Files())
    db.init("t")
    db.save("t", "ann", "users", {"a": 1, "b": [1, 2]})
    db.save("t", "ann", "list", [1, 2, 3])
    db.close()
    if request.param == "packed":
        FolderStore(root).pack("t", [])
    db.put("t", "ben", "users", "c", {"deep": [3]})
    db.save("t", "ann", "list", [1, 2, 3, 4])
    killed(db)
    return root


def last_write_undone(whole: State) -> State:
    return {"t": whole["t"] | {"list": whole["t"]["list"][1:]}}


def flips(root: Path, every: int) -> Iterator[Path]:
    """One byte after the other is another one; of the blanks of a journal only some."""
    chance = random.Random(7)
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        data = path.read_bytes()
        written = len(data.rstrip(b"\n")) + 3
        places = range(chance.randrange(every), min(written, len(data)), every)
        for at in [*places, *range(written, len(data), 997 * every)]:
            path.write_bytes(
                data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
            )
            yield path
        path.write_bytes(data)


def values(found: State) -> set[tuple[Any, ...]]:
    return {
        (seq, user, canonical(value))
        for entries in found.values()
        for versions in entries.values()
        for seq, user, value in versions
    }


def flip_and_look(root: Path, every: int) -> None:
    with opened(root, Files(sync=False)) as db:
        whole = state(db)
    count = 0
    for path in flips(root, every):
        count += 1
        try:
            with opened(root, Files(sync=False)) as db:
                found, is_sound = state(db), db.verify().ok
        except DbException:
            continue
        assert values(found) <= values(whole), path
        if found != whole and path.parent.name == "journal":
            assert found == last_write_undone(whole)
        elif found != whole:
            assert not is_sound, path
    assert count > 50


def test_some_bytes_flipped_one_at_a_time(root: Path) -> None:
    flip_and_look(root, 13)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_byte_flipped_one_at_a_time(root: Path) -> None:
    flip_and_look(root, 1)
