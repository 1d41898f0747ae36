"""A comparison is exact: it leads from left to right and back, and says nothing of equal values."""

from __future__ import annotations

import copy
import json
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from dbengine.diff import diff
from dbengine.errors import Cancelled, InvalidArgument
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


def test_raising_from_progress_stops_the_comparison() -> None:
    numbers = random.Random(1)
    left = [{"a": numbers.random(), "b": at} for at in range(60_000)]
    right = [{"a": numbers.random(), "b": at} for at in range(60_000)]

    def stop(done: int, total: int | None, what: str) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        diff(left, right, stop)


def test_progress_counts_up() -> None:
    seen: list[int] = []
    left = [{"a": at} for at in range(60_000)]
    diff(left, [{"a": at + 1} for at in range(60_000)], lambda done, *_: seen.append(done))
    assert seen
    assert seen == sorted(seen)
