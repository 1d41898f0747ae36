"""Nothing makes a comparison slow, deep or wrong: each of these ends, and ends right."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from dbengine.diff import diff, rows

N = 20_000
Pair = tuple[Any, Any]


def few_distinct(numbers: random.Random) -> Pair:
    left, right = ([numbers.randrange(2) for _ in range(N)] for _ in "lr")
    return left, right


def all_equal(numbers: random.Random) -> Pair:
    return [0] * N, [0] * (N - 7)


def unrelated_numbers(numbers: random.Random) -> Pair:
    left, right = ([numbers.random() for _ in range(N)] for _ in "lr")
    return left, right


def unrelated_records(numbers: random.Random) -> Pair:
    left, right = ([{"a": numbers.random(), "b": 1} for _ in range(N)] for _ in "lr")
    return left, right


def equal_hashes(numbers: random.Random) -> Pair:
    values = [at * (2**61 - 1) for at in range(5_000)]
    return values, values[::-1]


def anchor_chain(numbers: random.Random) -> Pair:
    left = [value for at in range(N // 2) for value in (at, -1)]
    right = [value for at in range(N // 2) for value in (-1, at)]
    return left, right


def shuffled_records(numbers: random.Random) -> Pair:
    left = [{"id": at, "v": [at]} for at in range(N)]
    return left, numbers.sample(left, N)


def every_record_touched(numbers: random.Random) -> Pair:
    left = [{"a": numbers.random(), "b": at, "c": 1} for at in range(N)]
    return left, [{**item, "c": 2} for item in left]


@pytest.mark.parametrize(
    "case",
    [
        few_distinct,
        all_equal,
        unrelated_numbers,
        unrelated_records,
        equal_hashes,
        anchor_chain,
        shuffled_records,
        every_record_touched,
    ],
)
def test_long_lists_are_compared_to_the_end(case: Callable[[random.Random], Pair]) -> None:
    left, right = case(random.Random(5))
    found = diff(left, right)
    assert found.apply(left) == right
    assert found.invert().apply(right) == left
    assert len(rows(found)) >= len(found.changes)


def nested(leaf: int, wrap: Callable[[Any], Any], depth: int = 50_000) -> Any:
    value: Any = leaf
    for _ in range(depth):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    "wrap",
    [lambda v: [v], lambda v: {"a": v}, lambda v: [v, 1], lambda v: {"a": [v], "b": 1}],
)
def test_fifty_thousand_levels_are_no_obstacle(wrap: Callable[[Any], Any]) -> None:
    left, right = nested(1, wrap), nested(2, wrap)
    found = diff(left, right)
    assert [change.kind for change in found.changes] == ["changed"]
    assert not diff(found.apply(left), right)
    assert not diff(left, nested(1, wrap))
    page = rows(found)
    assert page[page.starts[0]].change == 0


def test_strings_of_megabytes_are_one_change() -> None:
    numbers = random.Random(4)
    left = " ".join(str(numbers.random()) for _ in range(100_000))
    right = left[:1_000_000] + "XX" + left[1_000_003:]
    page = rows(diff({"a": left}, {"a": right}))
    row = page[page.starts[0]]
    assert row.right is not None
    (mark,) = row.right.marks
    assert "XX" in row.right.text[slice(*mark)]
    assert mark[1] - mark[0] < 100


def test_repeated_objects_are_compared_as_if_they_were_copies() -> None:
    shared = {"a": [1, 2, 3]}
    found = diff([shared] * 3, [shared, {"a": [1, 2]}, shared])
    assert [c.left_path for c in found.changes] == [(1, "a", 2)]
