"""Saving and loading, and what counts as unchanged."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from dbengine import DbEngine, InvalidValue
from dbengine.store import MemoryStore
from tests.dbengine.helpers import listing, nested

VALUES: list[Any] = [
    {},
    [],
    "",
    None,
    True,
    0,
    0.0,
    -0.0,
    {"": 1},
    {"a": {"": {}}},
    [[], {}, [None]],
    2**64 - 1,
    -(2**63),
    1e308,
    5e-324,
    "\x00 \u2028 é 🔥",
    {"__type__": "datetime", "value": "x"},
    {"a": {"__type__": "shared", "value": "x"}},
    {"__parent__": "mine", "__user__": None, "__date__": 3},
    {"__entry__": "x", "__content__": None},
    {"__type__": 5},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_load_gives_what_was_saved_with_its_types(db: DbEngine, value: Any) -> None:
    digest = db.save("t", "ann", "thing", value)
    for loaded in (db.load("t", "thing"), db.load("t", "thing", digest)):
        assert loaded == value
        assert repr(dict(loaded) if isinstance(loaded, dict) else loaded) == repr(value)
    assert db.save("t", "ben", "thing", value) == digest


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_raw_value_saved_back_changes_nothing(db: DbEngine, value: Any) -> None:
    digest = db.save("t", "ann", "thing", value)
    raw = db.load("t", "thing", raw=True)
    assert db.save("t", "ben", "thing", raw, raw=True) == digest
    db.save("t", "ben", "copy", raw, raw=True)
    assert db.load("t", "copy") == value


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_record_comes_back_as_it_was_put(db: DbEngine, value: Any) -> None:
    assert db.put("t", "ann", "things", "k", value)
    assert repr(db.get("t", "things", "k")) == repr(value)
    assert not db.put("t", "ben", "things", "k", value)


def test_a_saved_tuple_and_a_dict_that_looks_like_its_tag_stay_apart_when_raw(
    db: DbEngine,
) -> None:
    """Once both were the same raw JSON, and editing the tuple made it a collection."""
    db.save("t", "ann", "tuple", (1, 2))
    db.save("t", "ann", "dict", {"__type__": "tuple", "value": [1, 2]})
    for name in ("tuple", "dict"):
        raw = db.load("t", name, raw=True)
        db.save("t", "ann", f"{name} again", raw, raw=True)
        assert db.load("t", f"{name} again") == db.load("t", name)
        assert type(db.load("t", f"{name} again")) is type(db.load("t", name))


def test_a_record_called_type_is_a_record_in_raw_puts_too(db: DbEngine) -> None:
    db.put_many("t", "ann", "r", {"__type__": "dict", "value": {"a": 1}}, raw=True)
    assert db.keys("t", "r") == ["__type__", "value"]
    db.put("t", "ann", "r", "__type__", "tuple", raw=True)
    assert db.get("t", "r", "__type__") == "tuple"


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0, False), (1.0, True)])
def test_one_and_one_point_nought_and_true_are_three_values(
    db: DbEngine, one: Any, other: Any
) -> None:
    for before, after in ((one, other), ([one], [other]), ({"a": one}, {"a": other})):
        first = db.save("t", "ann", "n", before)
        assert db.save("t", "ann", "n", after) != first
        assert repr(db.load("t", "n", first)) == repr(before)


def test_saving_what_is_there_writes_nothing_and_returns_the_head(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", {"a": 1, "b": {"c": 1, "d": 2}})
    before = listing(root)
    assert db.save("t", "ben", "n", {"b": {"d": 2, "c": 1}, "a": 1}, note="!") == digest
    assert listing(root) == before


def test_the_order_of_a_list_is_a_change(db: DbEngine) -> None:
    first = db.save("t", "ann", "n", [1, 2])
    assert db.save("t", "ann", "n", [2, 1]) != first


def test_an_empty_list_is_another_value_than_an_empty_dict(db: DbEngine) -> None:
    """Neither adds, changes or removes anything, so it passed as unchanged."""
    for value in ({}, [], {}, (), set(), ""):
        db.save("t", "ann", "n", value)
        assert db.load("t", "n") == value
    assert db.info("t", "n").seq == 6


def test_a_save_that_changed_only_the_order_is_not_what_the_next_is_compared_with() -> None:
    db = DbEngine(store=MemoryStore())
    db.init("t")
    first = {f"k{n}": {"x": n, "y": "v" * 20} for n in range(60)}
    turned = {key: {"y": value["y"], "x": value["x"]} for key, value in first.items()}
    db.save("t", "ann", "n", first)
    db.save("t", "ann", "n", turned)
    db.save("t", "ann", "n", {**turned, "z": 1})
    assert list(db.load("t", "n")["k1"]) == ["y", "x"]


def test_nested_order_is_kept_though_there_is_a_tag_somewhere(db: DbEngine) -> None:
    db.save("t", "ann", "n", {"r": {"x": 1, "y": 2}, "t": date(2026, 1, 1)})
    db.save("t", "ann", "n", {"r": {"y": 2, "x": 1}, "t": date(2026, 1, 1), "z": 1})
    assert list(db.load("t", "n")["r"]) == ["y", "x"]


def test_saving_a_snapshot_back_saves_only_the_users_data(db: DbEngine) -> None:
    digest = db.save("t", "ann", "users", {"a": 1})
    snap = db.load("t", "users")
    assert db.save("t", "ben", "users", snap) == digest
    snap["b"] = 2
    db.save("t", "ben", "users", snap)
    assert dict(db.load("t", "users")) == {"a": 1, "b": 2}


def test_a_snapshot_of_one_entry_saved_into_another_is_plain_data(db: DbEngine) -> None:
    db.save("t", "ann", "one", {"a": 1})
    db.save("t", "ben", "two", {"inner": db.load("t", "one"), "a": 1})
    two = db.load("t", "two")
    assert two == {"inner": {"a": 1}, "a": 1}
    assert (two["__user__"], two.parent) == ("ben", None)
    assert type(two["inner"]) is dict


def test_what_load_returns_belongs_to_the_caller(db: DbEngine) -> None:
    db.save("t", "ann", "n", {"a": [1]})
    for raw in (False, True):
        db.load("t", "n", raw=raw)["a"].append(2)
        assert db.load("t", "n") == {"a": [1]}


def test_what_was_saved_may_be_changed_afterwards(db: DbEngine) -> None:
    value = {"a": [1]}
    db.save("t", "ann", "n", value)
    value["a"].append(2)
    assert db.load("t", "n") == {"a": [1]}


def test_two_hundred_levels_are_stored_and_one_more_is_not(db: DbEngine) -> None:
    for leaf in (None, {}, ()):  # an empty dict is a level, an empty tuple is two
        levels = 200 - {None: 0, "{}": 1, "()": 2}[None if leaf is None else repr(leaf)]
        db.save("t", "ann", "deep", nested(levels, leaf))
        assert db.load("t", "deep") == nested(levels, leaf)
        db.put("t", "ann", "deep records", "k", nested(levels - 1, leaf))
        with pytest.raises(InvalidValue, match="More than 200 levels"):
            db.save("t", "ann", "deep", nested(levels + 1, leaf))
        with pytest.raises(InvalidValue, match="More than 200 levels"):
            db.put("t", "ann", "deep records", "k", nested(levels, leaf))


def test_a_deep_value_with_a_date_in_it_does_not_exhaust_the_stack(db: DbEngine) -> None:
    """The careful way through a value took five calls a level, and Python allows a thousand."""
    value: Any = datetime(2026, 1, 1)
    for _ in range(199):
        value = {"k": value}
    db.save("t", "ann", "deep", value)
    assert db.load("t", "deep") == value


def test_a_hundred_nested_tuples_are_two_hundred_levels_of_json(db: DbEngine) -> None:
    """They were accepted up to 200, and then the JSON library refused with its own error."""
    value: Any = 1
    for _ in range(100):
        value = (value,)
    db.save("t", "ann", "deep", value)
    assert db.load("t", "deep") == value
    with pytest.raises(InvalidValue, match="More than 200 levels"):
        db.save("t", "ann", "deep", (value,))


def test_a_huge_value_comes_back(db: DbEngine) -> None:
    value = {"text": "é" * 5_000_000, "list": list(range(200_000))}
    db.save("t", "ann", "huge", value)
    assert db.load("t", "huge") == value
    assert db.info("t", "huge").size > 10_000_000


def test_exists_is_false_for_whatever_is_not_there(root: Path) -> None:
    with DbEngine(root) as db:
        assert not db.exists("t", "n")
        db.init("t")
        assert not db.exists("t", "n")
        assert not db.exists("../t", "n")
        assert not db.exists("refs", "n")
        db.save("t", "ann", "n", None)
        assert db.exists("t", "n")
        db.delete("t", "ann", "n")
        assert not db.exists("t", "n")


def test_entries_and_tenants_are_sorted_and_leave_out_what_is_deleted(db: DbEngine) -> None:
    for tenant in ("b", "Acme", "acme", "a b"):
        db.init(tenant)
    for entry in ("z", "a/b", "é", "..", "head"):
        db.save("t", "ann", entry, 1)
    db.delete("t", "ann", "z")
    assert db.tenants() == ["Acme", "a b", "acme", "b", "t"]
    assert db.entries("t") == ["..", "a/b", "head", "é"]
    assert db.entries("t", deleted=True) == ["..", "a/b", "head", "z", "é"]


def test_heads_are_filtered_by_name_and_paged(db: DbEngine) -> None:
    for number in range(12):
        db.save("t", "ann", f"Entry {number:02}", number)
    db.save("t", "ann", "other", 1)
    assert [head.entry for head in db.heads("t", contains="eNTRY 0", limit=3)] == [
        "Entry 00",
        "Entry 01",
        "Entry 02",
    ]
    page = db.heads("t", contains="entry", after="Entry 09", limit=99)
    assert [head.entry for head in page] == ["Entry 10", "Entry 11"]
    assert db.heads("t", limit=0) == []
    assert len(db.heads("t")) == 13
