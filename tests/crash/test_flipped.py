"""Another byte anywhere in any file: it is found, or it does no harm."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dbengine import DbEngine, DbException, Shared, canonical
from dbengine.store.files import Files
from tests.crash.disk import killed
from tests.crash.scenario import IN_PARTS, State, keep_in_parts, marks_fit, opened, readable, state


def loose(db: DbEngine) -> None:
    db.save("t", "ann", "users", {"a": 1, "b": [1, 2]})
    db.close()


def packed(db: DbEngine) -> None:
    loose(db)
    db.pack("t")


def everything(db: DbEngine) -> None:
    """Trees and changes, in a pack and loose, and objects that tenants share."""
    for name, write in IN_PARTS.items():
        write(db)
        if name == "put a tree of changes":
            db.close()
            db.pack("t")
    db.put("t", "ann", "users", "a", Shared({"big": [1, 2]}))
    db.close()


@pytest.fixture(params=[loose, packed, everything])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Half of it in its place or in a pack, and half in the journal."""
    if request.param is everything:
        keep_in_parts(monkeypatch)
    root = tmp_path / "db"
    db = opened(root, Files())
    db.init("t")
    db.save("t", "ann", "list", [1, 2, 3])
    request.param(db)
    db.put("t", "ben", "users", "c", {"deep": [3]})
    db.save("t", "ann", "list", [1, 2, 3, 4])
    killed(db)
    return root


def last_write_undone(whole: State) -> State:
    """Of a damaged last line nothing says that it had lasted."""
    return {"t": whole["t"] | {"list": whole["t"]["list"][1:]}}


def flips(root: Path, every: int, masks: Sequence[int]) -> Iterator[Path]:
    """One byte after the other is another one; of the blanks of a journal only some."""
    chance = random.Random(7)
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        data = path.read_bytes()
        written = len(data.rstrip(b"\n")) + 3
        places = range(chance.randrange(every), min(written, len(data)), every)
        for at in [*places, *range(written, len(data), 997 * every)]:
            for mask in masks or [1 << chance.randrange(8)]:
                put_byte(path, at, data[at] ^ mask)
                yield path
            put_byte(path, at, data[at])


def put_byte(path: Path, at: int, byte: int) -> None:
    """In its place: a file that is written anew each time makes some file systems sync it."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(bytes([byte]))


def values(found: State) -> set[tuple[Any, ...]]:
    return {
        (seq, user, canonical(value))
        for entries in found.values()
        for versions in entries.values()
        for seq, user, value in versions
    }


def flip_and_look(root: Path, every: int, masks: Sequence[int] = ()) -> None:
    with opened(root, Files(sync=False)) as db:
        whole = state(db)
    count = 0
    for path in flips(root, every, masks):
        count += 1
        try:
            with opened(root, Files(sync=False)) as db:
                found, is_sound = readable(db), db.verify().ok
                assert not is_sound or all(marks_fit(db, tenant) for tenant in found), path
        except DbException:
            continue
        assert values(found) <= values(whole), path
        if found != whole and path.parent.name == "journal":
            assert found == last_write_undone(whole)
        elif found != whole:
            assert not is_sound, path
    assert count > 50


def test_some_bytes_flipped_one_at_a_time(root: Path) -> None:
    flip_and_look(root, 41)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_byte_flipped_one_at_a_time(root: Path) -> None:
    flip_and_look(root, 1, [0x01, 0x80, 0xFF])
