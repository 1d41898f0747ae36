"""The alignment rises on both sides, joins only equals, and is longest where it is exact."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dbengine.diff import align as module
from dbengine.diff.align import Run, align, longest_increasing

NUMBERS = st.lists(st.integers(0, 6), max_size=40)


def silent(count: int) -> None:
    return None


def longest_common(left: list[int], right: list[int]) -> int:
    """The textbook table."""
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            table[i + 1][j + 1] = (
                table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
            )
    return table[-1][-1]


@given(NUMBERS, NUMBERS)
def test_as_many_items_are_aligned_as_can_be(left: list[int], right: list[int]) -> None:
    runs, exact = align(left, right, silent)
    assert exact
    assert sum(run.size for run in runs) == longest_common(left, right)


@given(NUMBERS, NUMBERS)
def test_long_sequences_are_aligned_in_order_too(left: list[int], right: list[int]) -> None:
    limits: Any = (module.EXACT_CELLS, module.WINDOW)
    try:
        module.EXACT_CELLS, module.WINDOW = 4, 3  # type: ignore[misc]
        runs, exact = align(left, right, silent)
    finally:
        module.EXACT_CELLS, module.WINDOW = limits
    i = j = 0
    for run in runs:
        assert run.left >= i
        assert run.right >= j
        i, j = run.left + run.size, run.right + run.size
        assert left[run.left : i] == right[run.right : j]
    assert i <= len(left)
    assert j <= len(right)
    if exact:
        assert sum(run.size for run in runs) == longest_common(left, right)


@given(st.lists(st.integers(0, 30), max_size=30))
def test_the_longest_increasing_subsequence_is_as_long_as_the_table_says(
    numbers: list[int],
) -> None:
    found = longest_increasing(numbers, silent)
    assert found == sorted(found)
    chosen = [numbers[at] for at in found]
    assert chosen == sorted(set(chosen))
    assert len(found) == longest_common(numbers, sorted(set(numbers)))


def test_runs_that_touch_are_one_run() -> None:
    touching = [Run(0, 0, 2), Run(2, 2, 3), Run(5, 6, 1), Run(7, 7, 4)]
    assert module._joined(touching, silent) == [Run(0, 0, 5), Run(5, 6, 1), Run(7, 7, 4)]
