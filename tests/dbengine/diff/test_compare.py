"""A comparison is exact: it leads from left to right and back, and says nothing of equal values."""

from __future__ import annotations

import copy
import json
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from dbengine.diff import align, diff
from dbengine.errors import InvalidArgument
from tests.dbengine.diff.helpers import DOCUMENTS, PAIRS, at_path, strict


def kinds(left: Any, right: Any) -> list[str]:
    return [change.kind for change in diff(left, right).changes]


@given(PAIRS)
def test_applied_to_left_it_gives_right_and_inverted_the_way_back(pair: tuple[Any, Any]) -> None:
    left, right = pair
    found = diff(left, right)
    assert strict(found.apply(left)) == strict(right)
    assert strict(found.invert().apply(right)) == strict(left)
    assert json.dumps(found.apply(copy.deepcopy(left))) == json.dumps(found.apply(left))


@given(PAIRS)
def test_it_is_empty_exactly_where_both_are_strictly_equal(pair: tuple[Any, Any]) -> None:
    left, right = pair
    assert bool(diff(left, right)) == (strict(left) != strict(right))


@given(DOCUMENTS)
def test_a_copy_with_another_order_of_keys_is_no_change(left: Any) -> None:
    assert diff(left, json.loads(json.dumps(left, sort_keys=True))).changes == ()


@given(PAIRS)
def test_paths_lead_to_the_values_in_the_finished_documents(pair: tuple[Any, Any]) -> None:
    left, right = pair
    for change in diff(left, right).changes:
        assert (change.left_path is None) == (change.kind == "added")
        assert (change.right_path is None) == (change.kind == "removed")
        if change.left_path is not None:
            assert at_path(left, change.left_path) is change.old
        if change.right_path is not None:
            assert at_path(right, change.right_path) is change.new


@given(PAIRS)
def test_the_documents_are_not_touched(pair: tuple[Any, Any]) -> None:
    before = json.dumps(pair)
    found = diff(*pair)
    found.apply(pair[0])
    found.patch()
    assert json.dumps(pair) == before


@given(PAIRS)
def test_the_inverse_tells_the_same_changes_the_other_way(pair: tuple[Any, Any]) -> None:
    opposite = {"added": "removed", "removed": "added"}
    found = diff(*pair)
    there = [(opposite.get(c.kind, c.kind), c.right_path, c.left_path) for c in found.changes]
    back = [(c.kind, c.left_path, c.right_path) for c in found.invert().changes]
    assert sorted(there, key=repr) == sorted(back, key=repr)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (1, 2, "changed"),
        ("a", "b", "changed"),
        (0.0, -0.0, "changed"),
        (1, 1.0, "type_changed"),
        (1, True, "type_changed"),
        (0, False, "type_changed"),
        (None, "", "type_changed"),
        ({}, [], "type_changed"),
        ("x" * 5000, "x" * 5001, "changed"),
        ("\u00e9", "e\u0301", "changed"),
        (Decimal("1.0"), Decimal("1"), "changed"),
    ],
)
def test_leaves_that_differ_do_so_in_value_or_in_type(old: Any, new: Any, kind: str) -> None:
    assert kinds(old, new) == [kind]
    assert kinds({"a": [old]}, {"a": [new]}) == [kind]
    assert kinds([0, old, 5], [0, new, 5]) == [kind]


def test_nan_equals_nan_whatever_its_sign() -> None:
    nan = float("nan")
    assert not diff({"a": [nan, {"b": nan}]}, {"a": [-nan, {"b": -nan}]})


@pytest.mark.parametrize("key", ["", "a.b", "a['b']", 'q"', "__private", "~/", "\u0000", "root"])
def test_no_key_is_special(key: str) -> None:
    (change,) = diff({key: 1, "other": 2}, {key: 5, "other": 2}).changes
    assert (change.kind, change.left_path, change.old, change.new) == ("changed", (key,), 1, 5)


def test_a_key_that_looks_like_a_removed_metadata_name_is_compared() -> None:
    assert kinds({"__parent__": 1}, {}) == ["removed"]


def test_a_dict_subclass_is_compared_by_what_it_holds() -> None:
    class Generous(dict[str, int]):
        def __contains__(self, key: object) -> bool:
            return True

        def __missing__(self, key: str) -> int:
            return 7

    assert kinds(Generous(a=1), {"a": 1, "b": 7}) == ["added"]


def test_many_leaves_are_described_as_few_are() -> None:
    left = {str(at): at for at in range(3000)}
    right = {key: (value + 1 if value % 2 else str(value)) for key, value in left.items()}
    found = kinds(left, right)
    assert found == ["changed" if at % 2 else "type_changed" for at in range(3000)]


def test_changes_made_for_another_document_are_refused() -> None:
    found = diff({"a": [1, 2]}, {"a": [1, 3]})
    for other in ({"b": 1}, {"a": [1]}, {"a": {"x": 1, "y": 2}}, [1], 5):
        with pytest.raises(InvalidArgument):
            found.apply(other)


def test_an_answer_says_where_it_is_coarse() -> None:
    numbers = random.Random(1)
    left = {"meta": [1, 2], "data": [{"a": numbers.random(), "b": 1, "c": 1} for _ in range(3000)]}
    right = {"meta": [2, 1], "data": [{"a": numbers.random(), "x": 1, "c": 1} for _ in range(3000)]}
    found = diff(left, right)
    assert found.coarse == (("data",),)
    assert found.invert().coarse == (("data",),)


def test_where_it_is_coarse_is_told_by_the_path_on_the_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(align, "EXACT_CELLS", 10)
    monkeypatch.setattr(align, "WINDOW", 4)
    left = [{"id": 1, "v": 0}, {"id": 2, "v": [0, 1] * 6}]
    right = [{"id": 2, "v": [1, 1, 0] * 4}, {"id": 1, "v": 0}]
    found = diff(left, right)
    assert found.coarse == ((0, "v"),)
    assert found.invert().coarse == ((1, "v"),)
    assert found.apply(left) == right


def test_records_with_other_ids_are_coarse_only_where_one_got_a_new_id() -> None:
    left = [{"id": at, "v": at, "w": at} for at in range(50)]
    right = [{"id": at, "v": at, "w": at} for at in range(100, 150)]
    assert diff(left, right).coarse == ()
    assert diff(left, [*right, {**left[30], "id": 200}]).coarse == ((),)


def test_long_lists_with_few_changes_are_not_coarse() -> None:
    left: list[Any] = [at % 10 for at in range(9000)]
    assert diff(left, [*left[:4000], -1, *left[4001:]]).coarse == ()
    left = [{"id": at, "v": at} for at in range(9000)]
    assert diff(left, left[::-1]).coarse == ()
    assert diff(left, [{**item, "v": -1} for item in left]).coarse == ()


@given(PAIRS)
def test_what_is_small_is_never_coarse(pair: tuple[Any, Any]) -> None:
    assert diff(*pair).coarse == ()
