from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.merge import MISSING, merge, same

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_a_draft_that_changed_nothing_gives_theirs(base: Any, theirs: Any) -> None:
    merged = merge(base, theirs, base)
    assert same(merged.value, theirs)
    assert merged.overlaps == ()


@given(VALUES, VALUES)
def test_where_they_changed_nothing_the_draft_wins(base: Any, mine: Any) -> None:
    merged = merge(base, base, mine)
    assert same(merged.value, mine)
    assert merged.overlaps == ()


@given(VALUES, VALUES)
def test_equal_changes_do_not_overlap(base: Any, both: Any) -> None:
    merged = merge(base, both, both)
    assert same(merged.value, both)
    assert merged.overlaps == ()


@given(VALUES, VALUES, VALUES)
def test_the_overlaps_are_the_same_from_either_side(base: Any, left: Any, right: Any) -> None:
    here, there = merge(base, left, right), merge(base, right, left)
    assert set(here.overlaps) == set(there.overlaps)
    if not here.overlaps:
        assert same(here.value, there.value)


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "value"),
    [
        ({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 2}),
        ({"a": {"x": 1, "y": 1}}, {"a": {"x": 1}}, {"a": {"x": 2, "y": 1}}, {"a": {"x": 2}}),
        ({}, {"a": 1}, {"b": 1}, {"a": 1, "b": 1}),
        ([1, 2, 3], [9, 2, 3], [1, 2, 4], [9, 2, 4]),
        ({"a": 1}, {"a": 1.0}, {"a": 1, "b": 1}, {"a": 1.0, "b": 1}),
    ],
)
def test_changes_of_different_places_are_put_together(
    base: Any, theirs: Any, mine: Any, value: Any
) -> None:
    merged = merge(base, theirs, mine)
    assert same(merged.value, value)
    assert merged.overlaps == ()


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "overlap"),
    [
        ({"a": 1}, {"a": 2}, {"a": 3}, ("a",)),
        ({"a": 1}, {}, {"a": 3}, ("a",)),
        ({"a": {"x": [1]}}, {"a": {"x": [2]}}, {"a": {"x": [3]}}, ("a", "x", 0)),
        ([1], [1, 2], [1, 3, 4], ()),
        (1, 2, 3, ()),
        (MISSING, {"a": 1}, {"b": 1}, ()),
    ],
)
def test_two_changes_of_one_place_overlap(base: Any, theirs: Any, mine: Any, overlap: Any) -> None:
    assert merge(base, theirs, mine).overlaps == (overlap,)


def test_their_order_of_keys_is_kept_and_mine_follow() -> None:
    merged = merge({"b": 1}, {"z": 1, "b": 1}, {"m": 1, "b": 1})
    assert list(merged.value) == ["z", "b", "m"]


def test_missing_is_the_same_as_nothing_else() -> None:
    assert same(MISSING, MISSING)
    assert not same(MISSING, None)
