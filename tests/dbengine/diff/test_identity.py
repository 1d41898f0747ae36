"""The field that tells items apart is found in little time, whatever the items hold."""

from __future__ import annotations

from typing import Any

import pytest

from dbengine.diff import identity as module
from dbengine.diff.identity import LARGE, MOST, identity


def silent(count: int) -> None:
    return None


def test_ids_that_share_one_hash_are_told_apart_by_something_that_does_not() -> None:
    """A set of 20,000 such ints took twenty seconds."""
    items: list[Any] = [{"id": at * LARGE} for at in range(300)]
    assert len({hash(item["id"]) for item in items}) == 1
    found = identity(items, items[::-1], known_outside=False, tick=silent)
    assert found.field == "id"
    assert len(set(map(hash, found.left))) == len(set(found.left)) == 300
    assert found.left == found.right[::-1]


@pytest.mark.parametrize("large", [LARGE, -LARGE, 2**5000])
def test_a_large_id_is_no_other_one(large: int) -> None:
    items: list[Any] = [{"id": name} for name in (large, str(large % 2**80), hex(large), 5, None)]
    found = identity(items, items, known_outside=False, tick=silent)
    assert len(set(found.left)) == len(items)


def test_few_of_many_fields_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """An item with thousands of fields that could be an id made it read all items for each."""
    tried: list[str] = []
    read = module._ids

    def counted(items: Any, field: str, tick: Any) -> Any:
        tried.append(field)
        return read(items, field, tick)

    monkeypatch.setattr(module, "_ids", counted)
    first = {f"x{at}id": at for at in range(500)}
    identity([first, {"v": 1}, {"v": 2}], [{"v": 1}], known_outside=False, tick=silent)
    assert len(set(tried)) == MOST


def test_a_field_is_an_id_only_where_it_tells_the_items_of_both_lists_apart() -> None:
    different: list[Any] = [{"id": at} for at in range(10)]
    repeated: list[Any] = [{"id": at // 2} for at in range(10)]
    for left, right in ((different, repeated), (repeated, different), (repeated, repeated)):
        assert identity(left, right, known_outside=False, tick=silent).field == ""
    assert identity(different, different, known_outside=False, tick=silent).field == "id"
