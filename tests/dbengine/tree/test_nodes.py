"""A value cut into parts: it comes back exactly, and what is equal is kept once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbengine import Corrupt, codec
from dbengine.model import Json
from dbengine.tree import nodes
from dbengine.tree.nodes import Builder
from dbengine.tree.patch import exact
from tests.dbengine.strategies import json_values, texts


def build(value: Json) -> tuple[str, dict[str, bytes]]:
    builder = Builder()
    return builder.add(value), builder.objects


def records(count: int, **changed: str) -> dict[str, Any]:
    return {
        f"r{n:06}": {"n": n, "pad": "x" * 80, "v": changed.get(f"r{n:06}")} for n in range(count)
    }


@pytest.fixture(autouse=True)
def _small_parts(small_parts: None) -> None:
    """All in this file."""


@given(json_values)
def test_a_tree_holds_its_value_exactly(value: Json) -> None:
    root, objects = build(value)
    assert exact(nodes.whole(root, objects.__getitem__)) == exact(value)


@given(st.dictionaries(texts, json_values, max_size=40), st.booleans())
def test_each_key_is_found_and_no_other(value: dict[str, Json], in_vain: bool) -> None:
    root, objects = build(value)
    get = objects.__getitem__
    for key, item in value.items():
        assert nodes.find(root, key, get, mostly_in_vain=in_vain) == codec.dump(item)
    for key in ("", "zz", "value", "\t", '"'):
        if key not in value:
            assert nodes.find(root, key, get, mostly_in_vain=in_vain) is None


@given(json_values)
def test_each_object_names_what_it_needs_and_nothing_else(value: Json) -> None:
    root, objects = build(value)
    reached, todo = set[str](), [root]
    while todo:
        digest = todo.pop()
        if digest not in reached:
            reached.add(digest)
            todo += nodes.links(codec.load(objects[digest]))
    assert reached == objects.keys()


def test_records_in_any_order_come_back_in_it() -> None:
    value = records(50)
    backwards = dict(reversed(value.items()))
    root, objects = build(backwards)
    assert list(nodes.whole(root, objects.__getitem__)) == list(backwards)


def test_a_changed_record_costs_its_part_and_the_way_to_it() -> None:
    _root, before = build(records(2000))
    _root, after = build(records(2000, r000700="new"))
    assert len(after.keys() - before.keys()) <= 6 < len(after) / 50


def test_an_insert_into_a_list_moves_no_other_cut() -> None:
    items = list(records(2000).values())
    _root, before = build(items)
    _root, after = build([*items[:700], "new", *items[700:]])
    assert len(after.keys() - before.keys()) <= 6


def test_a_big_value_inside_is_a_tree_of_its_own() -> None:
    big = list(records(100).values())
    _root, before = build({"kind": "a", "features": big})
    _root, after = build({"kind": "b", "features": big})
    assert len(after.keys() - before.keys()) == 1


def test_one_record_is_read_from_one_leaf() -> None:
    root, objects = build(records(5000))
    read: list[str] = []

    def get(digest: str) -> bytes:
        read.append(digest)
        return objects[digest]

    assert b'"n":3210,' in (nodes.find(root, "r003210", get) or b"")
    leaves = [digest for digest in read if b'"__node__":"keys"' in objects[digest]]
    assert len(leaves) == 1
    assert len(set(read)) <= 8


def test_an_object_that_is_no_node_is_damage() -> None:
    with pytest.raises(Corrupt, match="not a part of a content"):
        nodes.whole("d", lambda _digest: b'{"a":1}')


def test_every_node_can_be_read_as_json_in_one_line() -> None:
    _root, objects = build({**records(30), "text": "tab\tand\nnewline"})
    assert all(b"\n" not in data and codec.load(data)["__node__"] for data in objects.values())


@given(st.sets(texts, min_size=30, max_size=80))
def test_each_key_is_found_in_the_middle_of_a_long_leaf(keys: set[str]) -> None:
    """Where keys have quotes, colons and backslashes in them."""
    value = {key: {"pad": "x" * 60, '":': key} for key in [*keys, '":', 'a":b', "\\", '\\":']}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "_NEAR", 100)
        patch.setattr(nodes, "PART", 2000)
        root, objects = build(value)
        patch.setattr(nodes, "_CHEAP", 1)
        for key, item in value.items():
            assert nodes.find(root, key, objects.__getitem__) == codec.dump(item)
            assert nodes.find(root, key, objects.__getitem__, mostly_in_vain=True)
        some = [*sorted(value)[::3], "\\\\", "a", "zz"]
        found = nodes.find_many(root, sorted(some), objects.__getitem__)
        assert found == {key: codec.dump(value[key]) for key in sorted(some) if key in value}


def test_a_key_that_is_not_there_costs_no_search_where_most_are_not() -> None:
    root, objects = build(records(2))
    nodes.find(root, "r000007", objects.__getitem__, mostly_in_vain=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(nodes, "_find_line")
        assert nodes.find(root, "r000008", objects.__getitem__, mostly_in_vain=True) is None


def test_a_dict_that_turns_out_to_be_one_part_writes_one_object(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()  # parts as large as they are
    for size in range(60, 200, 7):
        builder = Builder()
        builder.add({f"k{n * 7919 % 1009:04}": "x" * size for n in range(700)})
        named = {d for data in builder.objects.values() for d in _named(data)}
        assert len(builder.objects.keys() - named) == 1


def _named(data: bytes) -> list[str]:
    node = codec.load(data)
    order = [node["order"]] if "order" in node else []
    return [*(part[2] for part in node.get("parts", ())), *order]
