"""Which entries are deleted stands beside their heads: telling the names of the others is cheap."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from dbengine import Corrupt, DbEngine, codec
from dbengine.engine import _PAGE
from dbengine.store import FolderStore, MemoryStore
from dbengine.store.journal import decode, encode
from tests.crash.disk import killed
from tests.dbengine.helpers import settled


class Counting(MemoryStore):
    """Counts the objects that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def get(self, tenant: str, digests: Collection[str]) -> dict[str, bytes]:
        self.read += len(digests)
        return super().get(tenant, digests)


def test_the_names_of_many_entries_are_told_without_reading_one_object() -> None:
    store = Counting()
    db = DbEngine(store=store)
    db.init("t")
    names = [f"n{number:04}" for number in range(_PAGE + 20)]
    for name in names:
        db.save("t", "ann", name, 1)
    db.delete("t", "ann", names[7])
    fresh = DbEngine(store=store)
    store.read = 0
    assert fresh.entries("t") == [name for name in names if name != names[7]]
    assert fresh.entries("t", deleted=True) == names
    assert store.read == 0


def test_nor_does_a_folder_read_one(
    db: DbEngine, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        db.save("t", "ann", f"n{number}", 1)
    db.delete("t", "ann", "n7")
    settled(db)

    def refuse(*_: Any) -> dict[str, bytes]:
        raise AssertionError("an object was read")

    monkeypatch.setattr(FolderStore, "get", refuse)
    fresh = DbEngine(root, read_only=True)
    assert len(fresh.entries("t")) == 19
    assert len(fresh.entries("t", deleted=True)) == 20


def test_a_deletion_is_marked_in_head_and_only_as_long_as_it_is_the_newest(
    db: DbEngine, root: Path
) -> None:
    first = db.save("t", "ann", "n", 1)
    db.delete("t", "ann", "n")
    gone = db.get_digest("t", "n")
    head = settled(db) / "t" / "head"
    assert codec.load(head.read_bytes()) == {"n": {"deleted": gone}}
    assert DbEngine(root).entries("t") == []
    assert DbEngine(root).get_digest("t", "n") == gone
    again = db.restore("t", "ann", "n", first)
    assert db.entries("t") == ["n"]
    settled(db)
    assert codec.load(head.read_bytes()) == {"n": again}
    assert db.verify().problems == ()


def test_a_deletion_that_only_the_journal_holds_is_known(root: Path) -> None:
    db = DbEngine(root)
    db.init("t")
    db.save("t", "ann", "n", 1)
    reader = DbEngine(root, read_only=True)
    assert reader.entries("t") == ["n"]
    db.delete("t", "ann", "n")
    assert reader.entries("t") == []
    killed(db)
    with DbEngine(root) as again:
        assert again.entries("t") == []
        again.save("t", "ann", "n", 2)
        assert reader.entries("t") == again.entries("t") == ["n"]


def test_a_line_tells_of_a_deletion_and_no_other_line_is_longer_for_it() -> None:
    plain, _line = encode(0, 0, "n", "0" * 64, {})
    assert b"deleted" not in plain
    raw, line = encode(0, 0, "n", "0" * 64, {}, deleted=True)
    assert line.deleted
    assert decode(0, raw) == line


def test_a_head_file_without_marks_is_read_and_verify_tells_what_it_lacks(
    db: DbEngine, root: Path
) -> None:
    """A person who put the file together may not know of them."""
    db.save("t", "ann", "n", 1)
    db.delete("t", "ann", "n")
    digest = db.get_digest("t", "n")
    head = settled(db) / "t" / "head"
    head.write_bytes(codec.dump({"n": digest}))
    again = DbEngine(root, durability="off")
    assert not again.exists("t", "n")
    [problem] = again.verify().problems
    assert (problem.entry, problem.digest) == ("n", digest)
    assert "is listed as there, but its newest version is its deletion" in problem.message
    again.restore("t", "ann", "n", again.at("t", "n", 1))
    assert again.verify().problems == ()


def test_a_mark_on_an_entry_that_is_not_deleted_is_told(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", 1)
    (settled(db) / "t" / "head").write_bytes(codec.dump({"n": {"deleted": digest}}))
    [problem] = DbEngine(root).verify().problems
    assert "is listed as deleted, but its newest version is no deletion" in problem.message


@pytest.mark.parametrize("mark", [{}, {"deleted": 1}, {"gone": "0" * 64}, {"deleted": None}])
def test_a_mark_that_we_do_not_write_is_damage(
    db: DbEngine, root: Path, mark: dict[str, Any]
) -> None:
    (settled(db) / "t" / "head").write_bytes(codec.dump({"n": mark}))
    with pytest.raises(Corrupt, match="head is damaged"):
        DbEngine(root).entries("t")


def test_an_import_brings_the_mark_along(db: DbEngine, root: Path, tmp_path: Path) -> None:
    db.save("t", "ann", "n", 1)
    db.save("t", "ann", "m", 1)
    db.delete("t", "ann", "n")
    db.export("t", tmp_path / "file")
    with DbEngine(tmp_path / "other") as other:
        other.import_(None, tmp_path / "file")
        assert other.entries("t") == ["m"]
        assert other.verify().problems == ()
