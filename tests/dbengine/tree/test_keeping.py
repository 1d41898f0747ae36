"""What a write costs: its change, and how many objects a version is read from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dbengine import DbEngine, RecordChange, Version
from dbengine.store import Change, MemoryStore

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Counting(MemoryStore):
    """Counts objects written and read, and their bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[int] = []
        self.read: list[str] = []

    def commit(self, tenant: str, change: Change, objects: Mapping[str, bytes]) -> str:
        self.written += [len(data) for data in objects.values()]
        return super().commit(tenant, change, objects)

    def get(self, tenant: str, digests: Collection[str]) -> dict[str, bytes]:
        self.read += digests
        return super().get(tenant, digests)


def record(number: int, value: object = 0) -> dict[str, Any]:
    return {"name": f"Person {number}", "mail": f"p{number}@example.org", "value": value}


def collection(count: int) -> dict[str, Any]:
    return {f"r{number:06}": record(number) for number in range(count)}


def opened(store: MemoryStore) -> DbEngine:
    """A handle that has read nothing yet."""
    return DbEngine(store=store)


@pytest.fixture
def store() -> Counting:
    store = Counting()
    opened(store).init("t")
    return store


def test_a_put_into_many_records_writes_its_change(store: Counting) -> None:
    db = opened(store)
    db.put_many("t", "ann", "n", collection(20_000))
    store.written.clear()
    db.put("t", "ann", "n", "r000700", record(700, "new"))
    [size] = store.written
    assert size < 1500


def test_many_puts_write_far_less_than_the_collection_each(store: Counting) -> None:
    db = opened(store)
    db.put_many("t", "ann", "n", collection(1000))
    whole = sum(store.written)
    store.written.clear()
    for number in range(300):
        db.put("t", "ann", "n", f"r{number:06}", record(number, "new"))
    assert sum(store.written) / 300 < whole / 30


def test_a_version_is_read_from_a_few_objects_however_many_came_before(store: Counting) -> None:
    db = opened(store)
    db.put_many("t", "ann", "n", collection(1000))
    for number in range(300):
        db.put("t", "ann", "n", f"r{number:06}", record(number, "new"))
    for seq in (2, 129, 256, 301):
        digest = db.at("t", "n", seq)
        reader = opened(store)
        store.read.clear()
        assert reader.get("t", "n", f"r{seq - 2:06}", digest)["value"] == "new"
        assert reader.get("t", "n", f"r{seq - 1:06}", digest)["value"] == 0
        assert len(store.read) <= 16


def test_a_small_change_to_a_big_document_writes_the_change(store: Counting) -> None:
    db = opened(store)
    document = {"type": "list", "features": [record(n, "calm " * 50) for n in range(300)]}
    db.save("t", "ann", "n", document)
    store.written.clear()
    document["features"][7]["name"] = "changed"
    document["features"].insert(0, record(999))
    db.save("t", "ann", "n", document)
    assert sum(store.written) < 2000
    assert db.load("t", "n") == document


def test_a_big_document_saved_again_and_again_is_never_read(store: Counting) -> None:
    db = opened(store)
    document = {"type": "list", "features": [record(n, "calm " * 50) for n in range(300)]}
    db.save("t", "ann", "n", document)
    store.read.clear()
    for number in range(40):
        document["features"][number * 7]["name"] = f"changed {number}"
        db.save("t", "ann", "n", document)
    assert store.read == []
    reader = opened(store)
    assert reader.load("t", "n") == document
    assert reader.load("t", "n", db.at("t", "n", 8))["features"][49]["name"] == "Person 49"


def test_a_big_list_saved_again_and_again_is_never_read(store: Counting) -> None:
    db = opened(store)
    items = [record(n) for n in range(3000)]
    db.save("t", "ann", "n", items)
    store.read.clear()
    for number in range(40):
        items[number * 70] = record(number, "new")
        db.save("t", "ann", "n", items)
    assert store.read == []
    reader = opened(store)
    assert reader.load("t", "n") == items
    assert reader.load("t", "n", db.at("t", "n", 8))[490] == record(490)


def test_a_small_change_to_a_big_list_writes_the_change(store: Counting) -> None:
    db = opened(store)
    items = [record(n) for n in range(3000)]
    db.save("t", "ann", "n", items)
    store.written.clear()
    db.save("t", "ann", "n", [*items[:50], "new", *items[51:]])
    assert sum(store.written) < 1500
    assert db.load("t", "n")[50] == "new"


def test_a_version_that_is_whole_again_shares_what_did_not_change(store: Counting) -> None:
    db = opened(store)
    db.put_many("t", "ann", "n", collection(5000))
    whole = len(store.written)
    db.delete("t", "ann", "n")
    store.written.clear()
    db.save("t", "ann", "n", collection(5000) | {"r000700": record(700, "new")})
    objects = list(store.objects("t"))
    assert len(store.written) == whole  # it was built again …
    assert len(objects) <= whole + 5  # … and nearly all of it was there


def test_equal_big_contents_of_two_entries_are_kept_once(store: Counting) -> None:
    db = opened(store)
    db.save("t", "ann", "one", collection(2000))
    objects = len(list(store.objects("t")))
    db.save("t", "ann", "two", collection(2000))
    assert len(list(store.objects("t"))) == objects + 1


def test_the_order_of_records_survives_changes_and_whole_versions(small_parts: None) -> None:
    db = opened(MemoryStore())
    db.init("t")
    keys = [f"k{number * 7 % 40}" for number in range(40)]
    for key in keys:
        db.put("t", "ann", "n", key, {"pad": "x" * 30})
    db.delete("t", "ann", "n", keys[3])
    db.put("t", "ann", "n", keys[5], {"pad": "y"})
    db.put("t", "ann", "n", keys[3], {"pad": "again"})
    assert db.keys("t", "n") == [*keys[:3], *keys[4:], keys[3]]
    assert list(db.load("t", "n", db.at("t", "n", 20))) == keys[:20]


def test_neighbours_are_compared_by_what_they_say_they_changed(store: Counting) -> None:
    db = opened(store)
    db.put_many("t", "ann", "n", collection(20_000))
    for number in range(64):
        db.put("t", "ann", "n", f"r{number:06}", record(number, "new"))
    old, new = db.at("t", "n", 63), db.at("t", "n", 64)
    reader = opened(store)
    store.read.clear()
    [change] = reader.changes("t", "n", old, new)
    assert change == RecordChange("r000062", "changed", record(62), record(62, "new"))
    assert len(store.read) < 30


def test_far_versions_are_compared_without_reading_what_they_share(store: Counting) -> None:
    db = opened(store)
    db.put_many("t", "ann", "n", collection(20_000))
    whole = len(list(store.objects("t")))
    for number in range(100):
        db.put("t", "ann", "n", f"r{number:06}", record(number, "new"))
    reader = opened(store)
    store.read.clear()
    changes = reader.changes("t", "n", db.at("t", "n", 1), db.get_digest("t", "n"))
    assert [change.key for change in changes] == [f"r{number:06}" for number in range(100)]
    assert len(set(store.read)) < whole / 2


def test_whole_versions_are_compared_by_their_parts(store: Counting) -> None:
    db = opened(store)
    db.save("t", "ann", "n", collection(20_000))
    whole = len(list(store.objects("t")))
    db.delete("t", "ann", "n")
    db.save("t", "ann", "n", collection(20_000) | {"r000700": record(700, "new")})
    reader = opened(store)
    store.read.clear()
    [change] = reader.changes("t", "n", db.at("t", "n", 1), db.get_digest("t", "n"))
    assert change.key == "r000700"
    assert len(set(store.read)) < whole / 2


def test_any_version_is_found_in_a_few_reads_by_number_and_by_date(store: Counting) -> None:
    versions = [Version("ann", NOON + timedelta(minutes=n), n) for n in range(5000)]
    opened(store).append_history("t", "n", versions)
    for seq in (1, 2, 2500, 4095, 4096, 4999, 5000):
        for when in (seq, NOON + timedelta(minutes=seq - 1, seconds=30)):
            reader = opened(store)
            store.read.clear()
            assert reader.load("t", "n", reader.at("t", "n", when)) == seq - 1
            assert len(store.read) < 70


def test_a_page_costs_the_same_in_a_long_history(store: Counting) -> None:
    costs = []
    for count in (200, 5000):
        entry = f"n{count}"
        versions = [Version("ann", NOON, number) for number in range(count)]
        opened(store).append_history("t", entry, versions)
        store.read.clear()
        assert len(opened(store).log("t", entry, limit=100)) == 100
        costs.append(len(store.read))
    assert costs[0] == costs[1] <= 101


def test_the_history_of_a_record_opens_only_what_changed_it(store: Counting) -> None:
    db = opened(store)
    db.put_many("t", "ann", "n", collection(5000))
    for number in range(200):
        db.put("t", "ann", "n", f"r{number % 50:06}", record(number, number))
    reader = opened(store)
    store.read.clear()
    assert len(reader.record_history("t", "n", "r000007")) == 5
    assert len(store.read) < 201 + 5 * 12


def test_what_is_handed_out_may_be_altered(store: Counting) -> None:
    db = opened(store)
    db.save("t", "ann", "n", {"a": {"list": [1]}, "pad": "x" * 2000})
    db.put("t", "ann", "n", "b", {"list": [2]})
    for _turn in range(2):
        db.load("t", "n")["a"]["list"].append(9)
        db.get("t", "n", "b")["list"].append(9)
        db.get("t", "n")[0]["list"].append(9)
    assert db.get("t", "n", "a") == {"list": [1]}
    assert db.load("t", "n")["b"] == {"list": [2]}


def test_what_was_given_may_be_altered_afterwards(store: Counting) -> None:
    db = opened(store)
    given = {"a": [1], "pad": "x" * 2000}
    db.save("t", "ann", "n", given)
    given["a"] = [1, 2]
    db.save("t", "ann", "n", given)
    assert [db.get("t", "n", "a", digest) for digest in db.history("t", "n")] == [[1, 2], [1]]


def test_a_save_after_a_save_reads_nothing_again(store: Counting) -> None:
    db = opened(store)
    document = {"pad": "x" * 2000, "value": 0}
    for value in range(4):
        db.save("t", "ann", "n", document | {"value": value})
    store.read.clear()
    db.save("t", "ann", "n", document | {"value": 5})
    assert store.read == []
    assert [db.load("t", "n", digest)["value"] for digest in db.history("t", "n")] == [
        5,
        3,
        2,
        1,
        0,
    ]


def test_a_save_after_somebody_elses_write_is_compared_with_that(store: Counting) -> None:
    mine, other = opened(store), opened(store)
    mine.save("t", "ann", "n", {"pad": "x" * 2000, "value": 0})
    other.put("t", "ben", "n", "value", 1)
    mine.save("t", "ann", "n", {"pad": "x" * 2000, "value": 0})
    assert mine.info("t", "n").keys == ("value",)
    assert [info.seq for info in mine.log("t", "n")] == [3, 2, 1]
