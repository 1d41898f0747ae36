"""Verify finds what is forged under its true digest, and reading that is never a bare error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbengine import Corrupt, DbEngine, codec
from dbengine.model import HurtVersion
from dbengine.store import SHARED, MemoryStore
from dbengine.tree import keeping, nodes
from tests.dbengine.helpers import settled
from tests.dbengine.strategies import json_values, texts

Node = dict[str, Any]


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "PART", 512)
    monkeypatch.setattr(keeping, "_INLINE", 128)


def place(root: Path, digest: str) -> Path:
    return root / "t" / "objects" / digest[:2] / digest


def write(root: Path, value: Any) -> str:
    """Store an object under its true digest."""
    data = value if isinstance(value, bytes) else codec.dump(value)
    digest = codec.digest_of(data)
    place(root, digest).parent.mkdir(exist_ok=True)
    place(root, digest).write_bytes(data)
    return digest


def forge(db: DbEngine, change: Callable[[Node], object]) -> tuple[str, str]:
    """A head of `n` whose tree has another root: the digests of both."""
    head = db.get_digest("t", "n")
    root = settled(db)
    version = codec.load(place(root, head).read_bytes())
    node = codec.load(place(root, version["__content__"]["tree"]).read_bytes())
    change(node)
    forged = write(root, node)
    version["__content__"]["tree"] = forged
    newest = write(root, version)
    heads = codec.load((root / "t" / "head").read_bytes())
    (root / "t" / "head").write_bytes(codec.dump(heads | {"n": newest}))
    return newest, forged


@pytest.fixture
def records() -> dict[str, Any]:
    return {f"r{n:03}": {"n": n, "pad": "x" * 60} for n in range(40)}


def test_a_forged_node_is_told_with_what_it_hurts_and_what_to_do(
    db: DbEngine, root: Path, records: dict[str, Any]
) -> None:
    db.save("t", "ann", "n", records)
    db.save("t", "ann", "other", 1)
    head, forged = forge(db, lambda node: node["parts"][0].__setitem__(1, 1))
    again = DbEngine(root, durability="off")
    [problem] = [p for p in again.verify().problems if p.certain]
    assert problem.object == forged
    assert problem.hurts == (HurtVersion("t", "n", 1, head),)
    assert f"{forged} is whole, but not as this program writes it: its part" in problem.message
    assert "restore an older one" in problem.message


@pytest.mark.parametrize(
    "change",
    [
        lambda node: node.update(level=0),
        lambda node: node.update(parts=None),
        lambda node: node.pop("parts"),
        lambda node: node["parts"].append([]),
        lambda node: node["parts"][0].pop(),
        lambda node: node["parts"][0].__setitem__(0, 7),
        lambda node: node["parts"].append(node["parts"][0]),
        lambda node: node.update(order=node["parts"][0][2]),
        lambda node: node.update(level=3),
        lambda node: node.update(of="items"),
        lambda node: node.update(__node__=["parts"]),
    ],
)
def test_what_is_forged_is_told_by_verify_and_no_bare_error_for_who_reads_it(
    db: DbEngine, root: Path, records: dict[str, Any], change: Callable[[Node], object]
) -> None:
    db.save("t", "ann", "n", records)
    _head, forged = forge(db, change)
    again = DbEngine(root, durability="off")
    assert forged in {problem.object for problem in again.verify().problems}
    assert whole_or_damaged(lambda: again.load("t", "n")) in (records, Corrupt)
    for key, value in records.items():
        read = partial(again.get, "t", "n", key)
        assert whole_or_damaged(read) in (value, Corrupt)
    for carry in (again.pack, lambda: again.export("t", root.parent / "file")):
        with contextlib.suppress(Corrupt):
            carry()


def whole_or_damaged(read: Callable[[], Any]) -> Any:
    """What is read; or `Corrupt`, where that names an object and nothing else was raised."""
    try:
        return read()
    except Corrupt as error:
        assert codec.is_digest(error.digest)
        return Corrupt


def test_a_version_that_makes_no_sense_is_told_with_the_chain(db: DbEngine, root: Path) -> None:
    first = db.save("t", "ann", "n", {"a": 1})
    version = codec.load(place(settled(db), first).read_bytes())
    forged = write(root, version | {"__counts__": ["1", 0, 0]})
    (root / "t" / "head").write_bytes(codec.dump({"n": forged}))
    [problem] = [p for p in DbEngine(root).verify().problems if p.object]
    assert problem.object == forged
    assert problem.hurts == (HurtVersion("t", "n", 1, forged),)
    assert "its counts are no numbers" in problem.message


@pytest.mark.parametrize(
    "change",
    [["items", [[0]]], ["text", "a"], [], ["keys", {"a": 1}], ["text", 1, "2", "x"], ["at"]],
    ids=str,
)
def test_a_change_that_cannot_be_applied_is_told_and_reading_it_is_damage(
    db: DbEngine, root: Path, change: Any
) -> None:
    text = {"text": "x" * 4000}
    first = db.save("t", "ann", "n", text)
    digest = db.save("t", "ann", "n", text | {"text": "y" + "x" * 4000})
    version = codec.load(place(settled(db), digest).read_bytes())
    version["__content__"]["change"] = ["keys", {"text": change}]
    forged = write(root, version)
    (root / "t" / "head").write_bytes(codec.dump({"n": forged}))
    again = DbEngine(root, durability="off")
    [problem] = [p for p in again.verify().problems if p.object]
    assert problem.hurts == (HurtVersion("t", "n", 2, forged),)
    assert "its content is no change" in problem.message
    for read in (
        lambda: again.load("t", "n"),
        lambda: again.get("t", "n", "text"),
        lambda: again.changes("t", "n", first, forged),
    ):
        with pytest.raises(Corrupt, match="makes no sense") as caught:
            read()
        assert caught.value.digest == forged
    again.restore("t", "ann", "n", first)
    assert again.load("t", "n") == text


def test_a_shared_object_that_is_no_json_is_told(db: DbEngine, root: Path) -> None:
    data = b"{no"
    digest = codec.digest_of(data)
    target = root / SHARED / digest[:2] / digest
    target.parent.mkdir()
    target.write_bytes(data)
    [problem] = db.verify().problems
    assert (problem.tenant, problem.object) == (SHARED, digest)
    assert "not as this program writes it" in problem.message


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(json_values, st.dictionaries(texts, json_values)), max_size=8))
def test_whatever_is_saved_has_no_fault(values: list[Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "PART", 64)
        for name in ("_SHORT", "_INLINE", "_TOLD"):
            patch.setattr(keeping, name, 32)
        db = DbEngine(store=MemoryStore())
        db.init("t")
        for value in values:
            db.save("t", "ann", "n", value)
            db.save("t", "ann", "all", values[: values.index(value)])
        assert db.verify().problems == ()


def test_each_node_of_parts_is_read_twice_and_all_else_once(
    db: DbEngine, records: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    db.save("t", "ann", "n", records)
    settled(db)
    read: list[str] = []
    get = db._store.get

    def counting(tenant: str, digests: Any) -> dict[str, bytes]:
        read.extend(digests)
        return get(tenant, digests)

    monkeypatch.setattr(db._store, "get", counting)
    assert db.verify().ok
    assert len(read) == len(set(read)) + 1
