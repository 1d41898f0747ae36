"""Nothing makes a comparison slow, deep or wrong: each of these ends, and ends right."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from dbengine.diff import diff, rows

N = 3_000
LARGE = 100_000
DEPTH = 50_000
Pair = tuple[Any, Any]


def few_distinct(numbers: random.Random, size: int) -> Pair:
    left, right = ([numbers.randrange(2) for _ in range(size)] for _ in "lr")
    return left, right


def all_equal(numbers: random.Random, size: int) -> Pair:
    return [0] * size, [0] * (size - 7)


def unrelated_numbers(numbers: random.Random, size: int) -> Pair:
    left, right = ([numbers.random() for _ in range(size)] for _ in "lr")
    return left, right


def unrelated_records(numbers: random.Random, size: int) -> Pair:
    left, right = ([{"a": numbers.random(), "b": 1} for _ in range(size)] for _ in "lr")
    return left, right


def equal_hashes(numbers: random.Random, size: int) -> Pair:
    values = [at * (2**61 - 1) for at in range(5_000)]
    return values, values[::-1]


def anchor_chain(numbers: random.Random, size: int) -> Pair:
    left = [value for at in range(size // 2) for value in (at, -1)]
    right = [value for at in range(size // 2) for value in (-1, at)]
    return left, right


def shuffled_records(numbers: random.Random, size: int) -> Pair:
    left = [{"id": at, "v": [at]} for at in range(size)]
    return left, numbers.sample(left, size)


def every_record_touched(numbers: random.Random, size: int) -> Pair:
    left = [{"a": numbers.random(), "b": at, "c": 1} for at in range(size)]
    return left, [{**item, "c": 2} for item in left]


def unrelated_lists(numbers: random.Random, size: int) -> Pair:
    left, right = ([[numbers.random()] * 3 for _ in range(size)] for _ in "lr")
    return left, right


def regenerated_ids(numbers: random.Random, size: int) -> Pair:
    left = [{"id": at, "v": numbers.random(), "w": at, "x": "x"} for at in range(size)]
    return left, [{**item, "id": item["id"] + size} for item in left]


def duplicate_and_missing_ids(numbers: random.Random, size: int) -> Pair:
    left = [{"id": at // 2, "v": numbers.random()} if at % 3 else {"v": at} for at in range(size)]
    return left, [{**item, "v": 1} if at % 5 else item for at, item in enumerate(left)]


def reversed_keys(numbers: random.Random, size: int) -> Pair:
    left = {str(at): {"a": at, "b": [at], "c": 1} for at in range(size)}
    return left, {key: dict(reversed(item.items())) for key, item in reversed(left.items())}


CASES = [
    few_distinct,
    all_equal,
    unrelated_numbers,
    unrelated_records,
    unrelated_lists,
    equal_hashes,
    anchor_chain,
    shuffled_records,
    every_record_touched,
    regenerated_ids,
    duplicate_and_missing_ids,
    reversed_keys,
]


@pytest.mark.parametrize("size", [N, pytest.param(LARGE, marks=pytest.mark.slow)])
@pytest.mark.parametrize("case", CASES)
def test_long_lists_are_compared_to_the_end(
    case: Callable[[random.Random, int], Pair], size: int
) -> None:
    left, right = case(random.Random(5), size)
    found = diff(left, right)
    assert found.apply(left) == right
    assert found.invert().apply(right) == left
    assert len(rows(found)) >= len(found.changes)


def nested(leaf: int, wrap: Callable[[Any], Any], depth: int) -> Any:
    value: Any = leaf
    for _ in range(depth):
        value = wrap(value)
    return value


WRAPS: list[Callable[[Any], Any]] = [
    lambda v: [v],
    lambda v: {"a": v},
    lambda v: [v, 1],
    lambda v: {"a": [v], "b": 1},
]


@pytest.mark.parametrize("depth", [5_000, pytest.param(DEPTH, marks=pytest.mark.slow)])
@pytest.mark.parametrize("wrap", WRAPS)
def test_thousands_of_levels_are_no_obstacle(wrap: Callable[[Any], Any], depth: int) -> None:
    left, right = nested(1, wrap, depth), nested(2, wrap, depth)
    found = diff(left, right)
    assert [change.kind for change in found.changes] == ["changed"]
    assert not diff(found.apply(left), right)
    assert not diff(left, nested(1, wrap, depth))
    page = rows(found)
    assert page[page.starts[0]].change == 0


def test_a_change_at_every_level_is_told_with_paths_made_when_asked_for() -> None:
    """All paths together would be as long as the square of the depth."""
    left, right = (
        nested(1, lambda v: [v, 1], DEPTH // 5),
        nested(1, lambda v: [0, v, 1], DEPTH // 5),
    )
    found = diff(left, right)
    assert {change.kind for change in found.changes} == {"added"}
    assert len(found.changes) == DEPTH // 5
    assert found.changes[0].right_path == (0,)


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
