"""Deleting records and entries, and bringing old versions back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dbengine import (
    DbEngine,
    DigestNotFound,
    EntryNotFound,
    InvalidArgument,
    PatternError,
    RecordNotFound,
    Shared,
)
from tests.dbengine.helpers import refused


def test_a_deleted_record_is_gone_and_its_history_stays(db: DbEngine) -> None:
    db.put_many("t", "ann", "n", {"a": 1, "b": 2})
    old = db.get_digest("t", "n")
    assert db.delete("t", "ben", "n", "a", note="wrong") is True
    assert db.load("t", "n") == {"b": 2}
    assert db.load("t", "n", old) == {"a": 1, "b": 2}
    info = db.info("t", "n")
    assert (info.action, info.removed, info.note, info.user) == ("delete", 1, "wrong", "ben")


def test_deleting_the_last_record_leaves_an_empty_entry(db: DbEngine) -> None:
    db.put("t", "ann", "n", "a", 1)
    db.delete("t", "ann", "n", "a")
    assert db.exists("t", "n")
    assert db.load("t", "n") == {}
    assert db.get("t", "n") == []


@pytest.mark.parametrize("value", [{"a": 1}, {}, [1, 2], "x", None, (1,)])
def test_a_deleted_entry_is_a_last_version_that_says_so(db: DbEngine, value: Any) -> None:
    old = db.save("t", "ann", "n", value)
    assert db.delete("t", "ben", "n") is True
    assert not db.exists("t", "n")
    info = db.info("t", "n")
    assert (info.deleted, info.action, info.parent, info.seq) == (True, "drop", old, 2)
    assert (info.size, info.count) == (0, 0)
    assert db.history("t", "n") == [info.digest, old]
    assert db.get_digest("t", "n") == info.digest
    assert db.load("t", "n", old) == value
    for call in (db.load, db.get, db.keys):
        with pytest.raises(EntryNotFound, match="'n' is deleted, by ben at 20260131 12:00:02 UTC"):
            call("t", "n")
        with pytest.raises(EntryNotFound, match=r"restore\(\) brings it back"):
            call("t", "n", digest=info.digest)


def test_what_is_not_there_cannot_be_deleted(db: DbEngine) -> None:
    with refused(db, EntryNotFound, "no entry 'n'"):
        db.delete("t", "ann", "n")
    db.put("t", "ann", "n", "a", 1)
    with refused(db, RecordNotFound, "'n' has no record 'b'"):
        db.delete("t", "ann", "n", "b")
    db.delete("t", "ann", "n")
    for key in (None, "a"):
        with refused(db, EntryNotFound, "is deleted"):
            db.delete("t", "ann", "n", key)


@pytest.mark.parametrize("value", [{"a": 1}, {}, [1, 2], "x", None])
def test_restore_brings_a_deleted_entry_back(db: DbEngine, value: Any) -> None:
    old = db.save("t", "ann", "n", value)
    db.delete("t", "ben", "n")
    digest = db.restore("t", "cat", "n", old)
    assert db.load("t", "n") == value
    info = db.info("t", "n")
    assert (info.digest, info.action, info.seq, info.note) == (
        digest,
        "restore",
        3,
        "Restored version 1",
    )
    assert len(db.history("t", "n")) == 3


def test_restore_appends_and_never_rewrites(db: DbEngine) -> None:
    digests = [db.save("t", "ann", "n", number) for number in range(3)]
    top = db.restore("t", "ben", "n", digests[0], note="mine")
    assert db.history("t", "n") == [top, *digests[::-1]]
    assert db.load("t", "n") == 0
    assert db.info("t", "n").note == "mine"


def test_restoring_what_is_there_writes_nothing(db: DbEngine) -> None:
    first = db.save("t", "ann", "n", {"a": 1, "b": 2})
    db.save("t", "ann", "n", {})
    third = db.save("t", "ann", "n", {"b": 2, "a": 1})
    assert db.restore("t", "ann", "n", third) == third
    assert db.restore("t", "ann", "n", first) == third


def test_restoring_a_value_that_was_shared_meanwhile_writes_nothing(db: DbEngine) -> None:
    plain = db.save("t", "ann", "n", {"a": [1]})
    db.save("t", "ann", "n", {})
    shared = db.save("t", "ann", "n", {"a": Shared([1])})
    assert db.restore("t", "ann", "n", plain) == shared


def test_restore_brings_only_the_chosen_records_back(db: DbEngine) -> None:
    old = db.save("t", "ann", "n", {"a": 1, "b": 2, "c": 3})
    db.save("t", "ann", "n", {"a": 10, "b": 20, "d": 4})
    db.restore("t", "ben", "n", old, keys=["a", "c", "d"])
    assert list(db.load("t", "n").items()) == [("a", 1), ("b", 20), ("c", 3)]
    assert db.info("t", "n").note == "Restored 3 records from version 1"
    db.restore("t", "ben", "n", old, keys=(key for key in ["b"]))
    assert db.info("t", "n").note == "Restored 1 record from version 1"


def test_records_are_brought_back_into_a_deleted_entry(db: DbEngine) -> None:
    old = db.save("t", "ann", "n", {"a": 1, "b": 2})
    db.delete("t", "ann", "n")
    db.restore("t", "ben", "n", old, keys=["b"])
    assert db.load("t", "n") == {"b": 2}


def test_restoring_no_records_does_nothing_even_to_a_deleted_entry(db: DbEngine) -> None:
    """It brought the entry back, empty."""
    old = db.save("t", "ann", "n", {"a": 1})
    db.delete("t", "ann", "n")
    assert db.restore("t", "ben", "n", old, keys=[]) == db.get_digest("t", "n")
    assert not db.exists("t", "n")


def test_a_string_is_not_taken_for_a_list_of_keys(db: DbEngine) -> None:
    """`keys="ab"` restored the records `a` and `b`."""
    old = db.save("t", "ann", "n", {"a": 1, "b": 2, "ab": 3})
    db.save("t", "ann", "n", {})
    for keys in ("ab", 5):
        with refused(db, InvalidArgument, "keys is a list of keys"):
            db.restore("t", "ann", "n", old, keys=keys)  # type: ignore[arg-type]


def test_restore_refuses_what_it_cannot_bring_back(db: DbEngine) -> None:
    old = db.save("t", "ann", "n", {"a": 1})
    db.delete("t", "ann", "n")
    gone = db.get_digest("t", "n")
    with refused(db, InvalidArgument, r"Version 2 is the deletion of 'n'; use delete\(\)"):
        db.restore("t", "ann", "n", gone)
    with refused(db, RecordNotFound, "no record 'x'"):
        db.restore("t", "ann", "n", old, keys=["a", "x"])
    other = db.save("t", "ann", "other", 5)
    with refused(db, DigestNotFound, "It is a version of 'other'"):
        db.restore("t", "ann", "n", other)
    with refused(db, EntryNotFound, "no entry 'never'"):
        db.restore("t", "ann", "never", old)
    last = db.save("t", "ann", "n", [1])
    with refused(db, PatternError, "holds a list"):
        db.restore("t", "ann", "n", old, keys=["a"])
    db.save("t", "ann", "n", {})
    with refused(db, PatternError, "holds a list"):
        db.restore("t", "ann", "n", last, keys=["a"])


def test_restoring_what_is_there_already_is_no_version_for_a_handle_that_read_nothing(
    db: DbEngine, root: Path
) -> None:
    digest = db.save("t", "ann", "n", {"a": Shared([1, 2])})
    db.save("t", "ann", "n", {"a": [3]})
    db.save("t", "ann", "n", {"b": 1})
    head = db.save("t", "ann", "n", {"a": [1, 2]})
    db.close()
    assert DbEngine(root, durability="off").restore("t", "ann", "n", digest) == head
