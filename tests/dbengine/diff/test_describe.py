"""deepdiff is asked how leaves of two types differ; where the answer is certain it is not."""

from __future__ import annotations

from typing import Any

import deepdiff
import pytest

from dbengine.diff import describe as module
from dbengine.diff import diff
from dbengine.diff.describe import describe

LEAVES = [None, True, 1, 1.5, "text", {}, []]


class Asked:
    """Stands in for deepdiff and counts what it is asked."""

    def __init__(self) -> None:
        self.pairs: list[tuple[Any, Any]] = []
        self.answer: dict[str, list[Any]] = {"type_changes": [object()]}

    def __call__(self, left: Any, right: Any, **options: Any) -> dict[str, list[Any]]:
        self.pairs.append((left["value"], right["value"]))
        return self.answer


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked()
    monkeypatch.setattr(deepdiff, "DeepDiff", asked)
    monkeypatch.setattr(module, "_KNOWN", {})
    return asked


def test_deepdiff_calls_each_two_types_a_change_of_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KNOWN", {})
    for old in LEAVES:
        for new in LEAVES:
            expected = "changed" if type(old) is type(new) else "type_changed"
            assert describe(old, new) == expected


def test_it_is_asked_once_for_each_two_types(asked: Asked) -> None:
    left = [{"id": at, "v": at} for at in range(50)]
    right = [{"id": at, "v": str(at) if at % 2 else at / 7} for at in range(50)]
    assert {change.kind for change in diff(left, right).changes} == {"type_changed"}
    assert sorted(type(new).__name__ for _, new in asked.pairs) == ["float", "str"]


def test_it_is_not_asked_about_leaves_of_one_type(asked: Asked) -> None:
    left = [{"id": at, "v": at, "w": "a", "x": 0.0, "y": True} for at in range(50)]
    right = [{"id": at, "v": -9, "w": "b", "x": -0.0, "y": False} for at in range(50)]
    assert {change.kind for change in diff(left, right).changes} == {"changed"}
    assert asked.pairs == []


def test_where_it_is_silent_the_value_has_changed(asked: Asked) -> None:
    """Some leaves that the strict comparison tells apart are all the same to it."""
    asked.answer = {}
    assert [change.kind for change in diff({"a": 1}, {"a": 1.0}).changes] == ["changed"]


def test_what_it_gets_to_see_is_never_long(asked: Asked) -> None:
    diff({"a": "x" * 10_000, "b": 1}, {"a": list(range(10_000)), "b": "y" * 10_000})
    assert all(len(str(value)) <= module.LONG for pair in asked.pairs for value in pair)
