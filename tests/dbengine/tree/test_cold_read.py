"""Bugs that somebody found who read the code cold, each as a story."""

from __future__ import annotations

import gc
import os
import threading
from datetime import date
from pathlib import Path

import pytest

from dbengine import Corrupt, DbEngine, Shared, codec
from dbengine.collector import collector_paused
from dbengine.model import Json
from dbengine.objects import Objects
from dbengine.snapshot import Kept
from dbengine.store import MemoryStore
from dbengine.tree import patch
from dbengine.tree.nodes import Builder
from tests.dbengine.helpers import object_files, settled


def test_garbage_that_was_made_meanwhile_is_found_by_the_collector() -> None:
    """Freezing counted all young objects as old; a loop of loads kept every cycle for ever."""
    with collector_paused():
        made: list[object] = []
    assert gc.isenabled()
    assert all(thing is not made for thing in gc.get_objects(generation=2))


def test_a_save_that_changed_only_the_order_is_not_what_the_next_is_compared_with() -> None:
    db = DbEngine(store=MemoryStore())
    db.init("t")
    first = {f"k{n}": {"x": n, "y": "v" * 20} for n in range(60)}
    turned = {key: {"y": value["y"], "x": value["x"]} for key, value in first.items()}
    db.save("t", "ann", "n", first)
    db.save("t", "ann", "n", turned)
    db.save("t", "ann", "n", {**turned, "z": 1})
    assert list(db.load("t", "n")["k1"]) == ["y", "x"]


def test_a_dict_that_looks_like_a_shared_tag_hinders_no_maintenance(
    db: DbEngine, tmp_path: Path
) -> None:
    """Cut off from the tag around it, the look-alike was taken for a tag."""
    value = {"r": {"__type__": "shared", "value": "z" * 32_709}, "s": "y" * 70_000}
    db.save("t", "ann", "n", value)
    assert db.verify().ok
    db.pack()
    db.export("t", tmp_path / "t.dbx")
    assert db.load("t", "n") == value


def test_a_long_item_is_not_compared_with_every_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saving a list took minutes where one long item had gone and many short ones had come."""
    compared = 0
    inside = patch._item_change

    def counting(old: Json, new: Json, levels: int) -> patch.Change | None:
        nonlocal compared
        compared += isinstance(new, list)
        return inside(old, new, levels)

    monkeypatch.setattr(patch, "_item_change", counting)
    patch.difference([list(range(10_000))], [[n] * 120 for n in range(500)])
    assert compared == 0
    patch.difference([[n] * 100 for n in range(3)], [[-n] * 120 for n in range(1, 500)])
    assert compared == 3 * patch._TRIES


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_reads_though_a_thread_of_its_parent_was_reading() -> None:
    store = MemoryStore()
    DbEngine(store=store).init("t")
    digest = DbEngine(store=store).save("t", "ann", "n", 1)
    objects = Objects(store)
    guard = objects._snapshots._guard
    with guard:
        child = os.fork()
        if child == 0:
            os._exit(0 if objects.snapshot("t", digest).seq == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def large(value: int) -> dict[str, Json]:
    return {f"k{n}": {"pad": "x" * 500, "value": value} for n in range(100)}


def broken(db: DbEngine, root: Path) -> DbEngine:
    """The same database, one leaf of the head's content damaged."""
    db.save("t", "ann", "n", {"good": "g" * 2000})
    db.save("t", "ann", "n", large(1))
    [leaf, *_rest] = [
        p for p in object_files(settled(db)) if b'"__node__":"keys"' in p.read_bytes()
    ]
    leaf.write_bytes(b"{}")
    return DbEngine(root, durability="off")


@pytest.mark.parametrize("way", ["save", "restore", "delete"])
def test_an_entry_whose_head_is_damaged_can_be_replaced(db: DbEngine, root: Path, way: str) -> None:
    """Each of them compared itself with what could not be read, and there was no way out."""
    again = broken(db, root)
    with pytest.raises(Corrupt):
        again.load("t", "n")
    with pytest.raises(Corrupt):
        again.put("t", "ann", "n", "k1", 5)
    if way == "save":
        again.save("t", "ann", "n", {"new": 1})
        assert again.load("t", "n") == {"new": 1}
    elif way == "restore":
        again.restore("t", "ann", "n", again.at("t", "n", 1))
        assert again.load("t", "n") == {"good": "g" * 2000}
    else:
        again.delete("t", "ann", "n")
        assert not again.exists("t", "n")
    assert again.info("t", "n").seq == 3


def test_a_damaged_first_version_does_not_stop_all_writing(db: DbEngine, root: Path) -> None:
    """Every write looked up where to skip to."""
    first = db.save("t", "ann", "n", 0)
    for number in range(1, 16):
        db.save("t", "ann", "n", number)
    (settled(db) / "t" / "objects" / first[:2] / first).unlink()
    again = DbEngine(root, durability="off")
    for number in range(16, 40):
        again.save("t", "ann", "n", number)
    assert again.load("t", "n") == 39
    assert again.load("t", "n", again.at("t", "n", 20)) == 19


def test_restoring_what_is_there_already_is_no_version_for_a_handle_that_read_nothing(
    db: DbEngine, root: Path
) -> None:
    digest = db.save("t", "ann", "n", {"a": Shared([1, 2])})
    db.save("t", "ann", "n", {"a": [3]})
    db.save("t", "ann", "n", {"b": 1})
    head = db.save("t", "ann", "n", {"a": [1, 2]})
    db.close()
    assert DbEngine(root, durability="off").restore("t", "ann", "n", digest) == head


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"json": 1, "tree": "0" * 64},
        {"tree": "x"},
        {"base": "0" * 64, "step": 1},
        {"base": "0" * 64, "step": True, "change": ["is", 1]},
        {"base": "0" * 64, "step": 0, "change": ["is", 1]},
        {"base": "0" * 64, "step": 1, "change": ["is", 1], "tree": "0" * 64},
        {"base": "0" * 64, "step": 1, "change": ["keys", []]},
        {"base": "0" * 64, "step": 1, "change": ["never"]},
        {"base": "0" * 64, "step": 1, "change": {}},
    ],
    ids=str,
)
def test_a_content_that_we_do_not_write_is_no_content(content: dict[str, Json]) -> None:
    with pytest.raises(TypeError):
        Kept.from_json(content)


def test_a_dict_that_turns_out_to_be_one_part_writes_one_object() -> None:
    for size in range(60, 200, 7):
        builder = Builder()
        builder.add({f"k{n * 7919 % 1009:04}": "x" * size for n in range(700)})
        named = {d for data in builder.objects.values() for d in _named(data)}
        assert len(builder.objects.keys() - named) == 1


def _named(data: bytes) -> list[str]:
    node = codec.load(data)
    order = [node["order"]] if "order" in node else []
    return [*(part[2] for part in node.get("parts", ())), *order]


def test_the_way_to_a_whole_version_is_found_once() -> None:
    store = MemoryStore()
    db = DbEngine(store=store)
    db.init("t")
    db.put_many("t", "ann", "n", {f"r{n}": "calm " * 9 for n in range(100)})
    for number in range(6):
        db.put("t", "ann", "n", "r1", number)
    objects = Objects(store)
    head = objects.snapshot("t", db.get_digest("t", "n"))
    path = objects.path("t", head)
    assert [version.seq for version in path] == [7, 5, 1]
    assert objects.path("t", head) is path


def test_one_cached_value_counts_once() -> None:
    objects = Objects(MemoryStore())
    cache = objects._data
    cache._keep(("t", "a"), b"x", 1000)
    cache._keep(("t", "a"), b"x", 1)
    assert cache._size == 1000


def test_nested_order_is_kept_though_there_is_a_tag_somewhere(db: DbEngine) -> None:
    db.save("t", "ann", "n", {"r": {"x": 1, "y": 2}, "t": date(2026, 1, 1)})
    db.save("t", "ann", "n", {"r": {"y": 2, "x": 1}, "t": date(2026, 1, 1), "z": 1})
    assert list(db.load("t", "n")["r"]) == ["y", "x"]


def test_a_plain_value_put_over_an_equal_shared_one_is_no_change(db: DbEngine) -> None:
    db.put("t", "ann", "n", "a", Shared([1, 2]))
    assert not db.put("t", "ann", "n", "a", [1, 2])


def test_threads_may_save_to_more_entries_than_are_remembered() -> None:
    store = MemoryStore()
    DbEngine(store=store).init("t")
    db = DbEngine(store=store)

    def work(name: str) -> None:
        for number in range(40):
            db.save("t", "ann", name, {"value": number})

    threads = [threading.Thread(target=work, args=(f"n{n}",)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [info.seq for info in db.heads("t")] == [40] * 12
