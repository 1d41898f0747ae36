"""The difference of two values: it says little, and makes the one into the other exactly."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbengine import codec
from dbengine.model import Json
from dbengine.tree import patch
from dbengine.tree.patch import (
    UNCLEAR,
    apply,
    apply_keys,
    copy,
    difference,
    exact,
    keys_between,
    stack,
)
from tests.dbengine.strategies import json_values

KEYS = st.sampled_from("abcdef")
NUMBERS = st.sampled_from([0, 1, 1.0, True, None, "x"])
RECORDS = st.dictionaries(KEYS, NUMBERS | st.lists(NUMBERS, max_size=6), max_size=6)


def changed(old: Json, new: Json) -> Json:
    """What a reader makes of the change as it is stored."""
    change = codec.load(codec.dump(difference(copy(old), copy(new))))
    return apply(copy(old), change)


@given(json_values, json_values)
def test_applying_a_difference_gives_exactly_the_new_value(old: Json, new: Json) -> None:
    assert exact(changed(old, new)) == exact(new)


@given(st.lists(NUMBERS | RECORDS, max_size=12), st.lists(NUMBERS | RECORDS, max_size=12))
def test_lists_with_repeated_items_too(old: Json, new: Json) -> None:
    assert exact(changed(old, new)) == exact(new)


@given(RECORDS, RECORDS)
def test_the_order_of_keys_comes_back(old: Json, new: Json) -> None:
    assert list(apply_keys(dict(old), keys_between(old, new))) == list(new)


@given(st.lists(RECORDS, min_size=2, max_size=6))
def test_stacked_changes_are_the_changes_one_after_the_other(states: list[Any]) -> None:
    first, *later = states
    merged: dict[str, Any] = {}
    before = first
    for after in later:
        for key in stack(merged, keys_between(before, after)):
            if merged[key][0] not in ("is", "last", "gone"):
                merged[key] = difference(first[key], after[key])
        before = after
    assert exact(apply_keys(copy(first), copy(merged))) == exact(states[-1])


LONG = st.fixed_dictionaries(
    {"id": st.integers(0, 5), "pad": st.sampled_from(["calm " * 60, "storm " * 60])},
    optional={"more": NUMBERS, "in": st.lists(NUMBERS, max_size=3)},
)
LONG_LISTS = st.lists(LONG | NUMBERS, max_size=12)


@given(st.lists(LONG_LISTS | st.dictionaries(KEYS, LONG_LISTS), min_size=3, max_size=5))
def test_changes_inside_are_stacked_without_the_values(states: list[Any]) -> None:
    first, *later = [{"v": state, "pad": "calm " * 60} for state in states]
    merged: dict[str, Any] = {}
    before = first
    for after in later:
        stack(merged, keys_between(before, after))
        before = after
    if merged.get("v") is not UNCLEAR:
        assert exact(apply_keys(copy(first), copy(merged))) == exact(before)


def test_runs_on_top_of_runs_are_runs_of_the_first_list() -> None:
    old = incidents(300)
    new = [{"id": "new"}, *old[:100], *old[101:]]
    newer = [*new[:50], {"id": "newer"}, *new[51:]]
    changes = keys_between({"v": old}, {"v": new})
    assert stack(changes, keys_between({"v": new}, {"v": newer})) == []
    runs = [["new", {"id": "new"}], [0, 49], ["new", {"id": "newer"}], [50, 50], [101, 199]]
    assert changes == {"v": ["items", runs]}


def test_what_was_changed_inside_twice_is_changed_inside_once() -> None:
    old, new, newer = incidents(300), incidents(300), incidents(300)
    new[7]["name"] = newer[7]["name"] = "out"
    newer[7]["id"] = "x"
    changes = keys_between({"v": old}, {"v": new})
    assert stack(changes, keys_between({"v": new}, {"v": newer})) == []
    inner = ["keys", {"name": ["is", "out"], "id": ["is", "x"]}]
    assert changes == {"v": ["items", [[0, 7], ["at", 7, inner], [8, 292]]]}


def test_a_new_item_that_was_changed_afterwards_is_new_as_it_is_then() -> None:
    old, fresh = incidents(300), incidents(1)[0] | {"id": "new"}
    new, newer = [fresh, *old], [fresh | {"name": "out"}, *old]
    changes = keys_between({"v": old}, {"v": new})
    before = copy(changes)
    assert stack(changes, keys_between({"v": new}, {"v": newer})) == []
    assert changes == {"v": ["items", [["new", newer[0]], [0, 300]]]}
    assert before["v"][1][0] == ["new", fresh]


def test_a_text_that_was_changed_twice_is_to_be_compared_anew() -> None:
    states = [{"v": "calm " * 100}, {"v": "calm " * 100 + "x"}, {"v": "y" + "calm " * 100 + "x"}]
    changes = keys_between(states[0], states[1])
    assert stack(changes, keys_between(states[1], states[2])) == ["v"]
    assert changes == {"v": UNCLEAR}
    assert stack(changes, {"v": ["is", 1]}) == []
    assert changes == {"v": ["is", 1]}


@given(json_values, json_values)
def test_neither_side_is_altered(old: Json, new: Json) -> None:
    before = exact(old), exact(new)
    difference(old, new)
    assert (exact(old), exact(new)) == before


def incidents(count: int) -> list[dict[str, Any]]:
    return [{"id": f"{n:03}", "name": f"fire {n}", "notes": "calm " * 60} for n in range(count)]


def test_an_insert_at_the_front_of_a_list_copies_all_the_rest() -> None:
    old = incidents(300)
    assert difference(old, [{"id": "new"}, *old]) == ["items", [["new", {"id": "new"}], [0, 300]]]


def test_an_edited_item_is_changed_inside() -> None:
    old, new = incidents(300), incidents(300)
    new[7]["name"] = "out"
    inner = ["keys", {"name": ["is", "out"]}]
    assert difference(old, new) == ["items", [[0, 7], ["at", 7, inner], [8, 292]]]


def test_a_moved_item_is_copied_from_where_it_was() -> None:
    old = incidents(5)
    new = [old[4], *old[:4]]
    assert difference(old, new) == ["items", [[4, 1], [0, 4]]]


def test_an_edit_behind_an_insert_is_still_found() -> None:
    old, new = incidents(10), incidents(10)
    new[3]["name"] = "out"
    change = difference(old, [{"id": "new"}, *new])
    assert [run[0] for run in change[1]] == ["new", 0, "at", 4]


def test_an_item_met_twice_is_two_items_afterwards() -> None:
    item = {"notes": "calm " * 60}
    result = changed([item, 1, 2, 3], [item, item, 1, 2, 3])
    assert result[0] is not result[1]


def test_a_word_in_a_long_text_costs_the_word() -> None:
    old = "all is calm " * 1000
    new = old[:6000] + "STORM" + old[6000:]
    assert difference(old, new) == ["text", 6000, 6000, "STORM"]


@pytest.mark.parametrize("new", ["a" * 300, "a" * 900, "a" * 600 + "b", ""])
def test_texts_that_repeat_themselves_come_back(new: str) -> None:
    assert changed("a" * 600, new) == new


def test_a_tag_is_changed_as_a_whole() -> None:
    old = {"__type__": "shared", "value": "0" * 64}
    new = {"__type__": "shared", "value": "1" * 64}
    assert difference(old, new) == ["is", new]


def test_types_count() -> None:
    pad = "x" * 300
    change = difference({"a": 1, "pad": pad}, {"a": 1.0, "pad": pad})
    assert change == ["keys", {"a": ["is", 1.0]}]


def test_what_is_short_is_told_as_a_whole() -> None:
    assert difference({"a": 1, "b": 2}, {"a": 1, "b": 3}) == ["is", {"a": 1, "b": 3}]


def nested(levels: int, value: Json, pad: str) -> Json:
    for _level in range(levels):
        value = {"pad": pad, "in": [value]}
    return value


def test_the_deepest_value_can_be_changed_and_stored() -> None:
    old, new = nested(99, [1], "x" * 50), nested(99, [2], "x" * 50)
    assert changed(old, new) == new


def test_a_long_item_is_not_compared_with_every_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saving a list took minutes where one long item had gone and many short ones had come."""
    compared = 0
    inside = patch._item_change

    def counting(old: Json, new: Json, levels: int) -> patch.Change | None:
        nonlocal compared
        compared += isinstance(new, list)
        return inside(old, new, levels)

    monkeypatch.setattr(patch, "_item_change", counting)
    patch.difference([list(range(10_000))], [[n] * 120 for n in range(500)])
    assert compared == 0
    patch.difference([[n] * 100 for n in range(3)], [[-n] * 120 for n in range(1, 500)])
    assert compared == 3 * patch._TRIES
