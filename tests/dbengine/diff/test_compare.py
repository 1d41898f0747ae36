"""A comparison is exact: it leads from left to right and back, and says nothing of equal values."""

from __future__ import annotations

import copy
import gc
import json
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from dbengine.diff import align, compare, diff, pairing, rows
from dbengine.diff.steps import Node
from dbengine.errors import Cancelled, InvalidArgument
from tests.dbengine.diff.helpers import DOCUMENTS, PAIRS, apply_patch, at_path, pretty, strict


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
def test_the_answer_does_not_depend_on_the_order_of_keys(pair: tuple[Any, Any]) -> None:
    left, right = pair
    told = {(c.kind, c.left_path, c.right_path) for c in diff(left, right).changes}
    ordered = json.loads(json.dumps(left, sort_keys=True))
    assert told == {(c.kind, c.left_path, c.right_path) for c in diff(ordered, right).changes}


def test_items_that_differ_in_the_order_of_keys_are_known_at_the_ends_of_a_list() -> None:
    """The first item left decides which field is the id, so what was taken off matters."""
    plain = {"a": 1, "b": 2}
    left = [plain, *({"id": at, "v": at, "w": at} for at in range(3))]
    right = [plain, *({"id": at, "v": -1, "w": -1} for at in range(3))]
    assert kinds(left, right) == ["changed"] * 6
    assert kinds([{"b": 2, "a": 1}, *left[1:]], right) == ["changed"] * 6


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


@pytest.mark.parametrize(("lefts", "rights"), [(2_100, 40), (40, 2_100), (2_100, 2_100)])
def test_where_too_many_got_another_id_to_look_for_equal_ones_it_is_coarse(
    lefts: int, rights: int
) -> None:
    left = [{"id": at, "v": at} for at in range(lefts)]
    right = [{"id": at, "v": at} for at in range(5_000, 5_000 + rights)]
    assert diff(left, right).coarse == ((),)
    assert diff(left[:40], right[:40]).coarse == ()


def test_long_lists_with_few_changes_are_not_coarse() -> None:
    left: list[Any] = [at % 10 for at in range(9000)]
    assert diff(left, [*left[:4000], -1, *left[4001:]]).coarse == ()
    left = [{"id": at, "v": at} for at in range(9000)]
    assert diff(left, left[::-1]).coarse == ()
    assert diff(left, [{**item, "v": -1} for item in left]).coarse == ()


@given(PAIRS)
def test_what_is_small_is_never_coarse(pair: tuple[Any, Any]) -> None:
    assert diff(*pair).coarse == ()


@pytest.mark.parametrize("limit", [0, 3, 12])
@given(PAIRS)
def test_a_comparison_that_has_done_enough_is_exact_all_the_same(
    limit: int, pair: tuple[Any, Any]
) -> None:
    left, right = pair
    before, compare.WORK = compare.WORK, limit  # type: ignore[misc]
    try:
        found = diff(left, right)
    finally:
        compare.WORK = before  # type: ignore[misc]
    assert bool(found) == (strict(left) != strict(right))
    assert strict(found.apply(left)) == strict(right)
    assert strict(found.invert().apply(right)) == strict(left)
    assert strict(apply_patch(left, found.patch())) == strict(right)
    for side, document in zip(("left", "right"), pair, strict=True):
        lines = (getattr(row, side) for row in rows(found).unfold_all())
        assert ["  " * line.depth + line.text for line in lines if line] == pretty(document)


def test_after_enough_work_the_rest_is_told_record_by_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the top on, so that what one reads first is told in full."""
    left = [{"id": at, "v": [at, 0], "w": 1} for at in range(100)]
    right = [{**item, "v": [at, 1], "w": 2} for at, item in enumerate(left)]
    assert (len(diff(left, right).changes), diff(left, right).coarse) == (200, ())
    monkeypatch.setattr(compare, "WORK", 500)
    found = diff(left, right)
    told = [len(change.left_path or ()) for change in found.changes]
    first = told.index(1)
    assert set(told[:first]) == {2, 3}
    assert set(told[first:]) == {1}
    assert 100 < len(told) < 200
    assert found.coarse[0] == ()
    whole = found.changes[-1]
    assert (whole.kind, whole.old, whole.new) == ("changed", left[-1], right[-1])


def test_what_is_left_after_enough_work_may_be_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    nan = float("nan")
    left = {str(at): {"a": [at, nan], "b": {"c": at}} for at in range(50)}
    right: Any = {key: dict(reversed(item.items())) for key, item in copy.deepcopy(left).items()}
    monkeypatch.setattr(compare, "WORK", 1)
    monkeypatch.setattr(compare, "BIG", 1)
    assert diff([left], [right]).changes == ()
    right["7"]["b"]["c"] = 7.0
    assert [change.left_path for change in diff([left], [right]).changes] == [(0,)]


def test_an_item_that_moved_and_is_told_as_a_whole_is_replaced_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = [{"id": at, "v": 0} for at in range(6)]
    right = [{"id": 5, "v": 1}, *left[:5]]
    monkeypatch.setattr(compare, "WORK", 3)
    found = diff(left, right)
    assert [(c.kind, c.left_path, c.right_path) for c in found.changes] == [("changed", (5,), (0,))]
    assert [operation["op"] for operation in found.patch()] == ["move", "replace"]


def test_likeness_is_looked_for_within_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts in many short gaps were each held against each, for seconds."""
    numbers = random.Random(6)
    left, right = ([str(numbers.random()) if at % 8 else at for at in range(400)] for _ in range(2))
    assert diff(left, right).coarse == ()
    monkeypatch.setattr(pairing, "COMPARISONS", 200)
    found = diff(left, right)
    assert found.coarse == ((),)
    assert found.apply(left) == right
    assert {change.kind for change in found.changes} == {"changed"}


def test_wide_items_use_more_of_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "COMPARISONS", 300)
    numbers = random.Random(6)

    def items(width: int) -> list[Any]:
        return [{str(at): numbers.random() for at in range(width)} for _ in range(10)]

    assert diff(items(3), items(3)).coarse == ()
    assert diff(items(300), items(300)).coarse == ((),)


def test_items_of_very_many_fields_are_not_looked_for_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = [{"a": at, "b": at, "c": at, "d": 0} for at in range(10)]
    right = [{**item, "d": 1} for item in [*left[5:], *left[:5]]]
    kinds_found = set(kinds(left, right))
    assert "moved" in kinds_found
    monkeypatch.setattr(pairing, "FIELDS", 5)
    found = diff(left, right)
    assert "moved" not in {change.kind for change in found.changes}
    assert found.coarse == ((),)


def test_a_cancelled_comparison_is_freed_at_once() -> None:
    """Else the collector, allowed again, walks all that was made, and cancelling takes longer."""
    left = [{"id": at, "v": at} for at in range(3_000)]

    def stop(done: int, total: int | None, what: str) -> None:
        if done > 2_000 and any(isinstance(thing, Node) for thing in gc.get_objects()):
            raise Cancelled("enough")

    gc.collect()
    with pytest.raises(Cancelled) as caught:
        for _ in range(100):  # it is asked after some milliseconds only
            diff(left, [{**item, "v": -1} for item in left], stop)
    assert caught.value.__traceback__
    assert not any(isinstance(thing, Node) for thing in gc.get_objects())
