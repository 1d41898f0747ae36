"""A damaged database says so, returns nothing false, and can be written to where that is safe."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbengine import Corrupt, DbEngine, DigestNotFound
from dbengine.model import Json
from tests.dbengine.helpers import listing, object_files, refused, settled


@pytest.mark.parametrize("damage", ["cut", "edited", "empty", "gone"])
def test_a_damaged_object_is_reported_and_never_returned(
    db: DbEngine, root: Path, damage: str
) -> None:
    first = db.save("t", "ann", "n", {"a": 1})
    head = db.save("t", "ann", "n", {"a": 2})
    for target in object_files(settled(db)):
        data = target.read_bytes()
        hurt = {"cut": data[:-5], "edited": data.replace(b"a", b"b"), "empty": b"", "gone": b""}
        target.write_bytes(hurt[damage])
        if damage == "gone":
            target.unlink()
        error = DigestNotFound if damage == "gone" and target.name == first else Corrupt
        before = listing(root)
        afresh = DbEngine(root, read_only=True)
        with pytest.raises(error, match=r"missing|damaged|no version"):
            afresh.load("t", "n", first)
            afresh.load("t", "n", head)
        assert not db.verify().ok
        assert listing(root) == before
        target.write_bytes(data)
    assert db.verify().ok


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_a_damaged_head_is_listed_with_what_is_wrong_and_hides_no_other(
    db: DbEngine, root: Path, damage: str
) -> None:
    """Such an entry was left out as if it had never been; then it took its whole tenant along."""
    head = db.save("t", "ann", "n", 1)
    db.save("t", "ann", "sound", 1)
    db.close()
    path = root / "t" / "objects" / head[:2] / head
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"x" + path.read_bytes()[1:])
    assert db.entries("t") == ["n", "sound"]
    hurt, sound = db.heads("t")
    assert (hurt.digest, sound.damage) == (head, "")
    assert head in hurt.damage
    assert damage in hurt.damage
    assert db.load("t", "sound") == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "[1]", '{"n": 5}', '{"n": "../x"}', "\xff"])
def test_a_damaged_head_file_is_reported(db: DbEngine, root: Path, text: str) -> None:
    db.save("t", "ann", "n", 1)
    (root / "t" / "head").write_text(text, encoding="latin-1")
    for call in (lambda: db.load("t", "n"), lambda: db.save("t", "ann", "n", 2)):
        with refused(db, Corrupt, "head is damaged"):
            call()
    assert "head is damaged" in db.verify().problems[0].message


def test_damage_is_healed_by_saving_the_same_content_again(db: DbEngine, root: Path) -> None:
    """An object of the right length counted as stored, whatever was in it."""
    large = {"a": "x" * 20_000}
    head = db.save("t", "ann", "n", large)
    [content] = [path for path in object_files(settled(db)) if path.name != head]
    content.write_bytes(b"\x00" * content.stat().st_size)
    db.save("t", "ann", "copy", large)
    assert db.load("t", "n") == db.load("t", "copy") == large
    assert db.verify().ok


def large(value: int) -> dict[str, Json]:
    return {f"k{n}": {"pad": "x" * 500, "value": value} for n in range(100)}


def broken(db: DbEngine, root: Path) -> DbEngine:
    """The same database, one leaf of the head's content damaged."""
    db.save("t", "ann", "n", {"good": "g" * 2000})
    db.save("t", "ann", "n", large(1))
    [leaf, *_rest] = [
        p for p in object_files(settled(db)) if b'"__node__":"keys"' in p.read_bytes()
    ]
    leaf.write_bytes(b"{}")
    return DbEngine(root, durability="off")


@pytest.mark.parametrize("way", ["save", "restore", "delete"])
def test_an_entry_whose_head_is_damaged_can_be_replaced(db: DbEngine, root: Path, way: str) -> None:
    """Each of them compared itself with what could not be read, and there was no way out."""
    again = broken(db, root)
    with pytest.raises(Corrupt):
        again.load("t", "n")
    with pytest.raises(Corrupt):
        again.put("t", "ann", "n", "k1", 5)
    if way == "save":
        again.save("t", "ann", "n", {"new": 1})
        assert again.load("t", "n") == {"new": 1}
    elif way == "restore":
        again.restore("t", "ann", "n", again.at("t", "n", 1))
        assert again.load("t", "n") == {"good": "g" * 2000}
    else:
        again.delete("t", "ann", "n")
        assert not again.exists("t", "n")
    assert again.info("t", "n").seq == 3


def test_a_damaged_first_version_does_not_stop_all_writing(db: DbEngine, root: Path) -> None:
    """Every write looked up where to skip to."""
    first = db.save("t", "ann", "n", 0)
    for number in range(1, 16):
        db.save("t", "ann", "n", number)
    (settled(db) / "t" / "objects" / first[:2] / first).unlink()
    again = DbEngine(root, durability="off")
    for number in range(16, 40):
        again.save("t", "ann", "n", number)
    assert again.load("t", "n") == 39
    assert again.load("t", "n", again.at("t", "n", 20)) == 19
