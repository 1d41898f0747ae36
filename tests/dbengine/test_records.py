"""Entries as collections of records: put, put_many, get, keys, and mixing with save."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

from dbengine import Cancelled, DbEngine, InvalidArgument, PatternError, RecordNotFound
from tests.dbengine.helpers import refused


def test_an_update_keeps_the_place_and_a_new_key_goes_last(db: DbEngine) -> None:
    db.put_many("t", "ann", "users", {"z": 1, "a": 2, "m": 3})
    db.put("t", "ann", "users", "a", 20)
    db.put_many("t", "ann", "users", {"b": 5, "z": 10})
    assert db.keys("t", "users") == ["z", "a", "m", "b"]
    assert db.get("t", "users") == [10, 20, 3, 5]
    assert list(db.load("t", "users").items()) == [("z", 10), ("a", 20), ("m", 3), ("b", 5)]


def test_put_many_is_one_snapshot_for_all(db: DbEngine) -> None:
    db.put_many("t", "ann", "users", {f"k{i}": i for i in range(50)})
    assert len(db.history("t", "users")) == 1
    assert db.info("t", "users").added == 50


@pytest.mark.parametrize("nothing", [{}, [], ()])
def test_put_many_of_nothing_is_false_and_makes_no_entry(db: DbEngine, nothing: Any) -> None:
    assert db.put_many("t", "ann", "users", nothing) is False
    assert not db.exists("t", "users")
    db.put("t", "ann", "users", "a", 1)
    assert db.put_many("t", "ann", "users", nothing) is False


def test_records_of_an_older_version_are_read_by_its_digest(db: DbEngine) -> None:
    db.put("t", "ann", "users", "a", 1)
    old = db.get_digest("t", "users")
    db.put("t", "ann", "users", "b", 2)
    assert db.get("t", "users", digest=old) == [1]
    assert db.get("t", "users", "a", old) == 1
    assert db.keys("t", "users", old) == ["a"]
    with pytest.raises(RecordNotFound, match="no record 'b'"):
        db.get("t", "users", "b", old)


def test_a_value_of_none_is_a_record(db: DbEngine) -> None:
    assert db.put("t", "ann", "users", "a", None)
    assert db.get("t", "users", "a") is None
    assert db.get("t", "users") == [None]


def test_a_saved_dict_is_a_collection_of_its_keys(db: DbEngine) -> None:
    db.save("t", "ann", "users", {"name": "John"})
    db.put("t", "ann", "users", "age", 30)
    assert db.load("t", "users") == {"name": "John", "age": 30}
    assert db.get("t", "users", "name") == "John"
    assert [info.action for info in db.log("t", "users")] == ["put", "save"]


@pytest.mark.parametrize(
    ("value", "kind"),
    [([1], "list"), ("x", "str"), (5, "int"), (None, "NoneType"), ((1,), "tuple")],
)
def test_record_calls_on_anything_else_say_what_to_do(db: DbEngine, value: Any, kind: str) -> None:
    digest = db.save("t", "ann", "n", value)
    calls = [
        lambda: db.put("t", "ann", "n", "a", 1),
        lambda: db.put_many("t", "ann", "n", {"a": 1}),
        lambda: db.get("t", "n"),
        lambda: db.get("t", "n", "a"),
        lambda: db.keys("t", "n"),
        lambda: db.delete("t", "ann", "n", "a"),
        lambda: db.changes("t", "n", digest, digest),
    ]
    for call in calls:
        with refused(db, PatternError, f"'n' holds a {kind}, which has no records. Use load"):
            call()
    assert db.load("t", "n") == value


def test_save_turns_a_list_into_a_collection_and_back(db: DbEngine) -> None:
    db.save("t", "ann", "n", [1])
    db.save("t", "ann", "n", {"a": 1})
    assert db.put("t", "ann", "n", "b", 2)
    db.save("t", "ann", "n", [1])
    assert db.load("t", "n") == [1]


def test_put_brings_a_deleted_entry_back_with_that_record_alone(db: DbEngine) -> None:
    db.put_many("t", "ann", "n", {"a": 1, "b": 2})
    db.delete("t", "ann", "n")
    assert db.put("t", "ann", "n", "c", 3)
    assert db.load("t", "n") == {"c": 3}
    assert db.info("t", "n").seq == 3


@dataclass
class WithKey:
    key: str
    age: int = 0


@dataclass
class WithId:
    id: int


class WithMethod:
    key = "not this one"

    def get_key(self) -> str:
        return "by method"


def test_records_may_carry_their_key(db: DbEngine) -> None:
    db.put_many("t", "ann", "n", [WithKey("k", 5), WithId(7), {"id": "d"}, {"key": "e", "id": 1}])
    assert db.keys("t", "n") == ["k", "7", "d", "e"]
    assert db.get("t", "n", "k") == {"key": "k", "age": 5}
    assert db.get("t", "n", "e") == {"key": "e", "id": 1}


def test_pairs_and_generators_of_them_are_records(db: DbEngine) -> None:
    assert db.put_many("t", "ann", "n", [("a", 1), ["b", [2]]])
    assert db.put_many("t", "ann", "n", ((k, 0) for k in "cd"))
    assert db.load("t", "n") == {"a": 1, "b": [2], "c": 0, "d": 0}


def test_a_loaded_snapshot_is_a_dict_of_records(db: DbEngine) -> None:
    db.put_many("t", "ann", "n", {"a": 1, "b": 2})
    assert db.put_many("t", "ann", "copy", db.load("t", "n"))
    assert db.load("t", "copy") == {"a": 1, "b": 2}


def test_two_records_with_one_key_are_an_error(db: DbEngine) -> None:
    with refused(db, InvalidArgument, "Two of the records have the key '7'"):
        db.put_many("t", "ann", "n", [{"id": 7}, {"id": "7"}])


class Colour(str, Enum):  # noqa: UP042 - a StrEnum has another str()
    RED = "red"


def test_a_key_that_is_a_string_enum_is_its_text_in_every_call(db: DbEngine) -> None:
    """`put` made "Colour.RED" of it, and `save` "red"."""
    db.put("t", "ann", "n", Colour.RED, 1)
    db.put_many("t", "ann", "n", [(Colour.RED, 2)])
    assert db.keys("t", "n") == ["red"]
    assert db.get("t", "n", Colour.RED) == 2
    db.save("t", "ann", "n", {Colour.RED: 3})
    assert db.load("t", "n") == {"red": 3}


@pytest.mark.parametrize("key", ["__type__", "__parent__", "a/b", " ", "\x00", "é" * 5000, ".."])
def test_any_string_with_something_in_it_is_a_key(db: DbEngine, key: str) -> None:
    db.put("t", "ann", "n", key, {"v": 1})
    db.put("t", "ann", "n", "other", 1)
    assert db.get("t", "n", key) == {"v": 1}
    assert db.delete("t", "ann", "n", key)
    assert db.keys("t", "n") == ["other"]


def test_changes_lists_the_records_that_differ(db: DbEngine) -> None:
    old = db.save("t", "ann", "n", {"a": 1, "b": (1,), "c": 3})
    new = db.save("t", "ann", "n", {"b": (2,), "c": 3, "d": 4})
    assert [(c.key, c.kind, c.old, c.new) for c in db.changes("t", "n", old, new)] == [
        ("d", "added", None, 4),
        ("b", "changed", (1,), (2,)),
        ("a", "removed", 1, None),
    ]
    assert db.changes("t", "n", old, new, raw=True)[1].new == {"__type__": "tuple", "value": [2]}
    assert db.changes("t", "n", new, new) == []


def test_changes_against_a_deletion_are_all_records(db: DbEngine) -> None:
    old = db.save("t", "ann", "n", {"a": 1})
    db.delete("t", "ann", "n")
    [change] = db.changes("t", "n", old, db.get_digest("t", "n"))
    assert (change.key, change.kind, change.old) == ("a", "removed", 1)


def test_record_history_is_each_distinct_value_newest_first(db: DbEngine) -> None:
    for value in (1, 2, 2.0):
        db.put("t", "ann", "n", "a", value)
        db.put("t", "ben", "n", "other", value)
    db.delete("t", "cat", "n", "a")
    db.put("t", "ann", "n", "a", None)
    found = db.record_history("t", "n", "a")
    assert [(v.value, v.present, v.info.user) for v in found] == [
        (None, True, "ann"),
        (None, False, "cat"),
        (2.0, True, "ann"),
        (2, True, "ann"),
        (1, True, "ann"),
    ]
    with pytest.raises(RecordNotFound):
        db.record_history("t", "n", "never")


def test_record_history_follows_a_value_inside_the_record(db: DbEngine) -> None:
    for value in ({"a": [1, "x"]}, {"a": [2, "x"]}, {"a": "xy"}, {"a": [2, "x"], "b": 0}, {"b": 1}):
        db.put("t", "ann", "n", "r", value)
    found = db.record_history("t", "n", "r", path=("a", 1))
    assert [(v.value, v.present, v.info.seq) for v in found] == [
        (None, False, 5),
        ("x", True, 4),
        (None, False, 3),
        ("x", True, 1),
    ]
    with pytest.raises(RecordNotFound):
        db.record_history("t", "n", "r", path=("never",))


def test_record_history_can_be_cancelled(db: DbEngine) -> None:
    def stop(_done: int, _total: int | None, _what: str) -> None:
        raise Cancelled("stop")

    db.put("t", "ann", "n", "r", 1)
    with pytest.raises(Cancelled):
        db.record_history("t", "n", "r", progress=stop)


def test_record_history_survives_deletion_and_restoring_of_the_entry(db: DbEngine) -> None:
    first = db.save("t", "ann", "n", {"a": 1, "b": 1})
    db.delete("t", "ben", "n")
    db.restore("t", "cat", "n", first)
    found = db.record_history("t", "n", "a")
    assert [(v.present, v.info.user) for v in found] == [
        (True, "cat"),
        (False, "ben"),
        (True, "ann"),
    ]


def test_record_history_sees_records_that_came_where_a_list_was(db: DbEngine) -> None:
    """Such a version names no keys, and its records were passed over."""
    db.save("t", "ann", "n", {"a": 1})
    db.save("t", "ben", "n", [1])
    db.save("t", "cat", "n", {"a": 1})
    found = db.record_history("t", "n", "a")
    assert [(v.present, v.info.user) for v in found] == [
        (True, "cat"),
        (False, "ben"),
        (True, "ann"),
    ]
