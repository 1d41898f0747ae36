"""A comparison can be stopped at any moment: no phase does much between two reports."""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import dbengine.diff
from dbengine.diff import align, diff, identity, layout, rows, strict, ticker
from dbengine.errors import Cancelled
from tests.dbengine.diff.test_corpus import record, records

N = 2_000
LIMIT = 1_900
"""Lines of code between two reports: less than one for each record, so that no pass is silent."""

CODE = str(Path(dbengine.diff.__file__).parent)
Pair = tuple[Any, Any]


class Stretches:
    """A trace function that counts the lines run between two calls of `progress`."""

    def __init__(self) -> None:
        self.longest = 0
        self.lines = 0

    def progress(self, done: int, total: int | None, what: str) -> None:
        self.longest = max(self.longest, self.lines)
        self.lines = 0

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(CODE):
            return None
        self.lines += 1
        return self.trace


@pytest.fixture
def stretches(monkeypatch: pytest.MonkeyPatch) -> Stretches:
    """With reports as often as the code allows, whatever the clock says, and small portions."""
    monkeypatch.setattr(ticker, "EVERY", 0)
    monkeypatch.setattr(ticker, "PAUSE", -1)
    monkeypatch.setattr(strict, "MANY", 64)
    monkeypatch.setattr(strict, "HEAVY", 64)
    monkeypatch.setattr(align, "EXACT_CELLS", 10_000)
    monkeypatch.setattr(align, "WINDOW", 100)
    monkeypatch.setattr(layout, "PAGE", 8)
    return Stretches()


def traced(stretches: Stretches, work: Callable[[], object]) -> int:
    before = sys.gettrace()
    sys.settrace(stretches.trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return max(stretches.longest, stretches.lines)


def every_record_touched() -> Pair:
    left = records(N)
    return left, [{**item, "age": -1} for item in left]


def without_ids() -> Pair:
    left = records(N, ids=False)
    return left, [{**item, "age": -1} for item in left]


def keyed() -> Pair:
    left = {str(at): item for at, item in enumerate(records(N))}
    return left, {key: {**item, "age": -1} for key, item in reversed(left.items())}


def shuffled() -> Pair:
    left = records(N)
    return left, random.Random(2).sample(left, N)


def unrelated() -> Pair:
    return records(N, ids=False), records(N, ids=False, seed=8)


def regenerated() -> Pair:
    left = records(N)
    return left, [{**item, "id": item["id"] + N} for item in left]


def duplicates() -> Pair:
    left = [{**item, "id": item["id"] // 2} for item in records(N)]
    return left, [{**item, "age": -1} for item in left]


def numbers() -> Pair:
    left = list(range(N))
    return left, [number + N for number in left]


def two_values() -> Pair:
    chance = random.Random(3)
    return [chance.randrange(2) for _ in range(N)], [chance.randrange(2) for _ in range(N)]


def equal_but_for_one() -> Pair:
    left = {"meta": {"at": 1}, "data": {"items": records(N)}}
    right = copy.deepcopy(left)
    right["meta"]["at"] = 2
    return left, right


def one_more() -> Pair:
    left = records(N)
    return left, [record(random.Random(1), N), *copy.deepcopy(left)]


def nested() -> Pair:
    left: Any = 1
    right: Any = 2
    for _ in range(N):
        left, right = {"a": [left], "b": 1}, {"a": [right], "b": 1}
    return left, right


CASES = [
    every_record_touched,
    without_ids,
    keyed,
    shuffled,
    unrelated,
    regenerated,
    duplicates,
    numbers,
    two_values,
    equal_but_for_one,
    one_more,
    nested,
]


@pytest.mark.parametrize("case", CASES)
def test_no_phase_of_a_comparison_is_silent(case: Callable[[], Pair], stretches: Stretches) -> None:
    left, right = case()
    assert traced(stretches, lambda: diff(left, right, stretches.progress)) < LIMIT


@pytest.mark.parametrize("case", CASES)
def test_laying_out_rows_is_not_silent_either(
    case: Callable[[], Pair], stretches: Stretches
) -> None:
    found = diff(*case())
    page = rows(found, progress=stretches.progress)
    assert traced(stretches, lambda: len(page)) < LIMIT


def test_a_trace_notices_a_silent_pass(stretches: Stretches) -> None:
    """What the tests above rely on: a loop over all records counts as so many lines."""
    field = identity._ids
    items = records(N)
    assert traced(stretches, lambda: field(items, "id", lambda count: None)) > LIMIT


def test_raising_from_progress_stops_the_comparison() -> None:
    left, right = without_ids()

    def stop(done: int, total: int | None, what: str) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        for _ in range(100):  # it is asked after some milliseconds only
            diff(left, right, stop)
    with pytest.raises(Cancelled):
        found = diff(left, right)
        for _ in range(100):
            len(rows(found, progress=stop))


def test_progress_counts_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticker, "PAUSE", -1)
    seen: list[int] = []
    diff(*without_ids(), lambda done, *_: seen.append(done))
    assert seen
    assert seen == sorted(seen)
