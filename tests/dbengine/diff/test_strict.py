"""Content keys are equal for strictly equal values and only for these, however they are made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from dbengine.diff import strict as module
from dbengine.diff.strict import Contents
from tests.dbengine.diff.helpers import DOCUMENTS, PAIRS, strict

WITH_LIMITS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def silent(count: int) -> None:
    return None


@pytest.fixture(params=["as they are", "low"])
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The limits as they are, and so low that small values are read as large ones."""
    if request.param == "low":
        for name, limit in {"MANY": 2, "HEAVY": 4, "HEAVY_PART": 2, "DEEP": 2, "NEAR": 3}.items():
            monkeypatch.setattr(module, name, limit)
        monkeypatch.setattr(module, "_LARGE", (3, 5))
    yield


@pytest.mark.usefixtures("limits")
@WITH_LIMITS
@given(PAIRS)
def test_a_key_tells_values_apart_exactly(pair: tuple[Any, Any]) -> None:
    left, right = pair
    contents = Contents(silent)
    equal = strict(left) == strict(right)
    assert (contents.key(left) == contents.key(right)) == equal
    assert (contents.weighed(left) == contents.weighed(right)) == equal
    assert contents.weighed(left) == Contents(silent).weighed(left)


@pytest.mark.usefixtures("limits")
@WITH_LIMITS
@given(DOCUMENTS)
def test_a_copy_with_another_order_of_keys_has_the_same_key(value: Any) -> None:
    contents = Contents(silent)
    copy = json.loads(json.dumps(value, sort_keys=True))
    assert contents.key(copy) == contents.key(value)
    assert contents.weighed(copy) == contents.weighed(value)


@pytest.mark.usefixtures("limits")
@WITH_LIMITS
@given(PAIRS)
def test_the_quick_answers_are_never_wrong(pair: tuple[Any, Any]) -> None:
    """They may miss what differs in nothing but the order of keys, or what takes a closer look."""
    left, right = pair
    equal = strict(left) == strict(right)
    contents = Contents(silent)
    for _ in range(2):
        assert equal or not contents.same(left, right)
        assert equal or not contents.same_heavy(left, right)
    assert not (equal and contents.surely_differ(left, right))
    copy = json.loads(json.dumps(left))
    assert contents.same(left, copy)
    assert contents.same_heavy(left, copy)


def test_a_quick_look_sees_an_edit_but_trusts_no_nan() -> None:
    contents = Contents(silent)
    assert contents.surely_differ({"a": [1, 2]}, {"a": [1, 3]})
    assert not contents.surely_differ({"a": 1}, {"a": 1.0})
    assert not contents.surely_differ([float("nan")], [-float("nan")])


def test_what_holds_much_is_read_once_however_often_one_asks() -> None:
    looked: list[int] = []
    contents = Contents(looked.append)
    value: Any = [{"a": at} for at in range(5_000)]
    inner = value
    for _ in range(20):
        value = [value]
    contents.weighed(value)
    once = sum(looked)
    for _ in range(50):
        contents.weighed(value)
        contents.weighed(inner)
    assert sum(looked) == once


def test_two_heavy_values_that_differ_are_compared_once() -> None:
    looked: list[int] = []
    contents = Contents(looked.append)
    left: Any = [{"a": at} for at in range(5_000)]
    right: Any = [*left[:-1], {"a": -1}]
    inner = left, right
    for _ in range(10):
        left, right = [left], [right]
    assert not contents.same_heavy(left, right)
    once = sum(looked)
    assert not contents.same_heavy(*inner)
    assert sum(looked) - once <= 1
