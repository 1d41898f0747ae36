"""The patch is correct as a sequence: an independent applier ends at the right document."""

from __future__ import annotations

from typing import Any

import jsonpatch
from hypothesis import given
from hypothesis import strategies as st

from dbengine.diff import diff
from tests.dbengine.diff.helpers import PAIRS, apply_patch, strict


@given(PAIRS)
def test_the_patch_leads_from_left_to_right(pair: tuple[Any, Any]) -> None:
    left, right = pair
    assert strict(apply_patch(left, diff(left, right).patch())) == strict(right)


@given(PAIRS)
def test_the_jsonpatch_library_applies_it(pair: tuple[Any, Any]) -> None:
    left, right = pair
    assert strict(jsonpatch.apply_patch(left, diff(left, right).patch())) == strict(right)


@given(st.lists(st.integers(0, 12), max_size=12), st.lists(st.integers(0, 12), max_size=12))
def test_moves_among_removals_and_additions_end_at_their_places(
    left: list[int], right: list[int]
) -> None:
    for old, new in ((left, right), ([{"id": n} for n in left], [{"id": n} for n in right])):
        assert apply_patch(old, diff(old, new).patch()) == new


@given(st.permutations(range(9)))
def test_a_shuffle_needs_only_moves(order: list[int]) -> None:
    left = [{"id": n, "x": [n]} for n in range(9)]
    right = [left[n] for n in order]
    patch = diff(left, right).patch()
    assert {operation["op"] for operation in patch} <= {"move"}
    assert apply_patch(left, patch) == right


def test_pointers_are_escaped() -> None:
    assert diff({"a/b": {"~": 1}}, {"a/b": {"~": 2}}).patch() == [
        {"op": "replace", "path": "/a~1b/~0", "value": 2}
    ]


def test_a_replaced_document_is_one_operation() -> None:
    assert diff([1], {"a": 1}).patch() == [{"op": "replace", "path": "", "value": {"a": 1}}]


def test_equal_documents_need_no_operation() -> None:
    assert diff({"a": [1]}, {"a": [1]}).patch() == []
