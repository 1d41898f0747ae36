"""What differs between two versions is found by reading what changed, and no more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbengine import Corrupt, DbEngine, codec
from dbengine.objects import Objects
from dbengine.store import MemoryStore
from dbengine.tree import content, differing, nodes
from tests.dbengine.tree.test_nodes import build, records

RECORDS = 3000


@pytest.fixture(autouse=True)
def _small_parts(small_parts: None) -> None:
    """All in this file."""


class Counting(MemoryStore):
    """Notes the objects that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def get(self, tenant: str, digests: Collection[str]) -> dict[str, bytes]:
        self.read += digests
        return super().get(tenant, digests)

    def nodes_read(self) -> int:
        """How many of them are parts of trees."""
        objects = self._place("t").objects
        return sum(b'"__node__"' in objects[digest] for digest in self.read)


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def history(store: Counting) -> list[str]:
    """A big collection, and 300 versions that change 20 of its records over and over."""
    db = DbEngine(store=store)
    db.init("t")
    db.put_many("t", "ann", "n", {f"r{n:04}": record(n, 0) for n in range(RECORDS)})
    digests = [db.get_digest("t", "n")]
    for version in range(1, 301):
        number = version % 20 * 140
        db.put("t", "ann", "n", f"r{number:04}", record(number, version))
        digests.append(db.get_digest("t", "n"))
    return digests


def record(number: int, version: int) -> dict[str, Any]:
    return {"number": number, "version": version, "pad": "x" * 40}


@pytest.mark.parametrize(("old", "new"), [(0, 300), (1, 300), (30, 200), (200, 30), (127, 128)])
def test_versions_far_apart_are_compared_by_reading_what_changed(
    store: Counting, history: list[str], old: int, new: int
) -> None:
    fresh = DbEngine(store=store)
    store.read.clear()
    found = fresh.changes("t", "n", history[old], history[new])
    touched = {version % 20 * 140 for version in range(min(old, new) + 1, max(old, new) + 1)}
    assert sorted(change.key for change in found) == [f"r{n:04}" for n in sorted(touched)]
    whole = fresh.load("t", "n", history[old])
    assert {change.key: change.old for change in found} == {c.key: whole[c.key] for c in found}
    assert len(store.read) == len(set(store.read))


@pytest.mark.parametrize(("old", "new"), [(0, 300), (30, 200), (127, 128)])
def test_what_is_read_grows_with_the_changes_and_not_with_the_collection(
    store: Counting, history: list[str], old: int, new: int
) -> None:
    """A leaf for each record that changed, the way to it, and what the changes are told in."""
    fresh = DbEngine(store=store)
    store.read.clear()
    found = fresh.changes("t", "n", history[old], history[new])
    parts = sum(b'"__node__":"keys"' in data for data in store._place("t").objects.values())
    assert store.nodes_read() <= 4 * len(found) + 10 < parts / 3


def test_what_both_versions_rest_on_is_looked_up_once(
    store: Counting, history: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first version has what the 20 records were before they changed."""
    monkeypatch.setattr(content, "_FEW", 2)
    looked_up: list[str] = []
    find = nodes.find_many

    def watched(root: str, keys: Sequence[str], get: nodes.Get) -> dict[str, bytes]:
        looked_up.extend(keys)
        return find(root, keys, get)

    monkeypatch.setattr(nodes, "find_many", watched)
    DbEngine(store=store).changes("t", "n", history[3], history[300])
    assert len(looked_up) == len(set(looked_up)) == 17


def test_what_is_damaged_is_named_and_not_what_it_is_compared_with() -> None:
    """It was the older one of the two, whichever of them could not be read."""
    db = DbEngine(store=MemoryStore())
    db.init("t")
    value = {f"r{n:02}": record(n, 0) for n in range(60)}
    one = db.save("t", "ann", "n", value)
    two = db.save("t", "ann", "n", {**value, **{f"r{n:02}": record(n, 1) for n in range(20)}})
    source = Objects(db._store).of("t")
    sound, version = source.snapshot(one), source.snapshot(two)
    assert version.content and version.base == one
    edits = nodes.whole(version.content.tree or "", source.data)
    forged = version.content._replace(tree=None, change=["keys", {**edits, "r00": ["items", 0]}])
    damaged = replace(version, content=forged)
    for pair in ((sound, damaged), (damaged, sound)):
        with pytest.raises(Corrupt) as error:
            differing(*(content.Stored(one, source) for one in pair))
        assert error.value.digest == two


def test_a_record_that_the_head_tells_is_read_from_the_head(
    store: Counting, history: list[str]
) -> None:
    fresh = DbEngine(store=store)
    store.read.clear()
    assert fresh.get("t", "n", f"r{300 % 20 * 140:04}")["version"] == 300
    assert set(store.read) & set(history) == {history[300]}


_EDITS = st.lists(
    st.tuples(st.sampled_from(["put", "inside", "delete"]), st.integers(0, 29)),
    min_size=1,
    max_size=8,
)


@given(edits=st.lists(_EDITS, min_size=2, max_size=20), choice=st.randoms())
def test_two_versions_read_together_are_what_each_is_by_itself(
    edits: list[list[tuple[str, int]]], choice: Random
) -> None:
    db = DbEngine(store=MemoryStore())
    db.init("t")
    value = {f"r{n:02}": {"pad": "x" * 300, "n": 0} for n in range(20)}
    db.save("t", "ann", "n", value)
    for number, version in enumerate(edits, 1):
        for kind, place in version:
            key = f"r{place:02}"
            if kind == "put":
                value[key] = {"n": number}
            elif kind == "delete":
                value.pop(key, None)
            elif key in value:
                value[key] = {**value[key], "n": number}
        db.save("t", "ann", "n", dict(value))
    digests = db.history("t", "n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content, "_FEW", 2)
        old, new = choice.choice(digests), choice.choice(digests)
        found = {one.key: (one.old, one.new) for one in db.changes("t", "n", old, new)}
    before, after = db.load("t", "n", old), db.load("t", "n", new)
    keys = before.keys() | after.keys()
    pairs = {key: (before.get(key), after.get(key)) for key in keys}
    assert found == {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def test_many_keys_are_found_as_each_by_itself() -> None:
    value = {**records(2000), "big": ["x" * 200] * 20, 'quo"te': 1, "back\\slash": 2, "é": None}
    root, objects = build(value)
    for keys in (
        sorted(value),
        sorted(value)[::97],
        ["", "big", "r000700x", "zz"],
        ["back\\slash", 'quo"te', "é"],
        [],
    ):
        found = nodes.find_many(root, keys, objects.__getitem__)
        assert found == {key: codec.dump(value[key]) for key in keys if key in value}


def test_many_keys_are_found_by_reading_each_leaf_once() -> None:
    root, objects = build(records(2000))
    read: list[str] = []

    def get(digest: str) -> bytes:
        read.append(digest)
        return objects[digest]

    keys = sorted(records(2000))[::7]
    assert len(nodes.find_many(root, keys, get)) == len(keys)
    assert len(read) == len(set(read))
