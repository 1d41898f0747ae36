"""Opening, saving, loading, and what counts as unchanged."""

from __future__ import annotations

import gc
import logging
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dbengine import DbEngine, Info, InvalidValue, NotADatabase, ReadOnly, Snapshot
from dbengine.store import MemoryStore
from tests.dbengine.helpers import Clock, listing, nested, object_files

VALUES: list[Any] = [
    {},
    [],
    "",
    None,
    True,
    0,
    0.0,
    -0.0,
    {"": 1},
    {"a": {"": {}}},
    [[], {}, [None]],
    2**64 - 1,
    -(2**63),
    1e308,
    5e-324,
    "\x00 \u2028 é 🔥",
    {"__type__": "datetime", "value": "x"},
    {"a": {"__type__": "shared", "value": "x"}},
    {"__parent__": "mine", "__user__": None, "__date__": 3},
    {"__entry__": "x", "__content__": None},
    {"__type__": 5},
]


def test_opening_creates_nothing(root: Path) -> None:
    DbEngine(root).close()
    assert not root.exists()


def test_init_makes_a_tenant_and_doing_it_twice_changes_nothing(root: Path) -> None:
    with DbEngine(root) as db:
        db.init("t")
        db.save("t", "ann", "n", 1)
        before = listing(root)
        db.init("t")
        assert listing(root) == before
        assert db.tenants() == ["t"]


def test_a_database_is_made_below_folders_that_do_not_exist(tmp_path: Path) -> None:
    with DbEngine(tmp_path / "a" / "b" / "c") as db:
        db.init("t")
        db.save("t", "ann", "n", 1)
    assert DbEngine(str(tmp_path / "a" / "b" / "c")).load("t", "n") == 1


def test_a_relative_root_stays_where_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    db = DbEngine("here")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    db.init("t")
    assert db.root == tmp_path / "here"
    assert (tmp_path / "here" / "t").is_dir()


def test_a_root_may_be_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with DbEngine(tmp_path / "link") as db:
        db.init("t")
        db.save("t", "ann", "n", 1)
    assert DbEngine(tmp_path / "real").load("t", "n") == 1


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_load_gives_what_was_saved_with_its_types(db: DbEngine, value: Any) -> None:
    digest = db.save("t", "ann", "thing", value)
    for loaded in (db.load("t", "thing"), db.load("t", "thing", digest)):
        assert loaded == value
        assert repr(dict(loaded) if isinstance(loaded, dict) else loaded) == repr(value)
    assert db.save("t", "ben", "thing", value) == digest


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_raw_value_saved_back_changes_nothing(db: DbEngine, value: Any) -> None:
    digest = db.save("t", "ann", "thing", value)
    raw = db.load("t", "thing", raw=True)
    assert db.save("t", "ben", "thing", raw, raw=True) == digest
    db.save("t", "ben", "copy", raw, raw=True)
    assert db.load("t", "copy") == value


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_record_comes_back_as_it_was_put(db: DbEngine, value: Any) -> None:
    assert db.put("t", "ann", "things", "k", value)
    assert repr(db.get("t", "things", "k")) == repr(value)
    assert not db.put("t", "ben", "things", "k", value)


def test_a_saved_tuple_and_a_dict_that_looks_like_its_tag_stay_apart_when_raw(
    db: DbEngine,
) -> None:
    """Once both were the same raw JSON, and editing the tuple made it a collection."""
    db.save("t", "ann", "tuple", (1, 2))
    db.save("t", "ann", "dict", {"__type__": "tuple", "value": [1, 2]})
    for name in ("tuple", "dict"):
        raw = db.load("t", name, raw=True)
        db.save("t", "ann", f"{name} again", raw, raw=True)
        assert db.load("t", f"{name} again") == db.load("t", name)
        assert type(db.load("t", f"{name} again")) is type(db.load("t", name))


def test_a_record_called_type_is_a_record_in_raw_puts_too(db: DbEngine) -> None:
    db.put_many("t", "ann", "r", {"__type__": "dict", "value": {"a": 1}}, raw=True)
    assert db.keys("t", "r") == ["__type__", "value"]
    db.put("t", "ann", "r", "__type__", "tuple", raw=True)
    assert db.get("t", "r", "__type__") == "tuple"


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0, False), (1.0, True)])
def test_one_and_one_point_nought_and_true_are_three_values(
    db: DbEngine, one: Any, other: Any
) -> None:
    for before, after in ((one, other), ([one], [other]), ({"a": one}, {"a": other})):
        first = db.save("t", "ann", "n", before)
        assert db.save("t", "ann", "n", after) != first
        assert repr(db.load("t", "n", first)) == repr(before)


def test_saving_what_is_there_writes_nothing_and_returns_the_head(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", {"a": 1, "b": {"c": 1, "d": 2}})
    before = listing(root)
    assert db.save("t", "ben", "n", {"b": {"d": 2, "c": 1}, "a": 1}, note="!") == digest
    assert listing(root) == before


def test_the_order_of_a_list_is_a_change(db: DbEngine) -> None:
    first = db.save("t", "ann", "n", [1, 2])
    assert db.save("t", "ann", "n", [2, 1]) != first


def test_an_empty_list_is_another_value_than_an_empty_dict(db: DbEngine) -> None:
    """Neither adds, changes or removes anything, so it passed as unchanged."""
    for value in ({}, [], {}, (), set(), ""):
        db.save("t", "ann", "n", value)
        assert db.load("t", "n") == value
    assert db.info("t", "n").seq == 6


def test_saving_a_snapshot_back_saves_only_the_users_data(db: DbEngine) -> None:
    digest = db.save("t", "ann", "users", {"a": 1})
    snap = db.load("t", "users")
    assert db.save("t", "ben", "users", snap) == digest
    snap["b"] = 2
    db.save("t", "ben", "users", snap)
    assert dict(db.load("t", "users")) == {"a": 1, "b": 2}


def test_a_snapshot_of_one_entry_saved_into_another_is_plain_data(db: DbEngine) -> None:
    db.save("t", "ann", "one", {"a": 1})
    db.save("t", "ben", "two", {"inner": db.load("t", "one"), "a": 1})
    two = db.load("t", "two")
    assert two == {"inner": {"a": 1}, "a": 1}
    assert (two["__user__"], two.parent) == ("ben", None)
    assert type(two["inner"]) is dict


def test_what_load_returns_belongs_to_the_caller(db: DbEngine) -> None:
    db.save("t", "ann", "n", {"a": [1]})
    for raw in (False, True):
        db.load("t", "n", raw=raw)["a"].append(2)
        assert db.load("t", "n") == {"a": [1]}


def test_what_was_saved_may_be_changed_afterwards(db: DbEngine) -> None:
    value = {"a": [1]}
    db.save("t", "ann", "n", value)
    value["a"].append(2)
    assert db.load("t", "n") == {"a": [1]}


def test_two_hundred_levels_are_stored_and_one_more_is_not(db: DbEngine) -> None:
    for leaf in (None, {}, ()):  # an empty dict is a level, an empty tuple is two
        levels = 200 - {None: 0, "{}": 1, "()": 2}[None if leaf is None else repr(leaf)]
        db.save("t", "ann", "deep", nested(levels, leaf))
        assert db.load("t", "deep") == nested(levels, leaf)
        db.put("t", "ann", "deep records", "k", nested(levels - 1, leaf))
        with pytest.raises(InvalidValue, match="More than 200 levels"):
            db.save("t", "ann", "deep", nested(levels + 1, leaf))
        with pytest.raises(InvalidValue, match="More than 200 levels"):
            db.put("t", "ann", "deep records", "k", nested(levels, leaf))


def test_a_deep_value_with_a_date_in_it_does_not_exhaust_the_stack(db: DbEngine) -> None:
    """The careful way through a value took five calls a level, and Python allows a thousand."""
    value: Any = datetime(2026, 1, 1)
    for _ in range(199):
        value = {"k": value}
    db.save("t", "ann", "deep", value)
    assert db.load("t", "deep") == value


def test_a_hundred_nested_tuples_are_two_hundred_levels_of_json(db: DbEngine) -> None:
    """They were accepted up to 200, and then the JSON library refused with its own error."""
    value: Any = 1
    for _ in range(100):
        value = (value,)
    db.save("t", "ann", "deep", value)
    assert db.load("t", "deep") == value
    with pytest.raises(InvalidValue, match="More than 200 levels"):
        db.save("t", "ann", "deep", (value,))


def test_a_huge_value_comes_back(db: DbEngine) -> None:
    value = {"text": "é" * 5_000_000, "list": list(range(200_000))}
    db.save("t", "ann", "huge", value)
    assert db.load("t", "huge") == value
    assert db.info("t", "huge").size > 10_000_000


def test_exists_is_false_for_whatever_is_not_there(root: Path) -> None:
    with DbEngine(root) as db:
        assert not db.exists("t", "n")
        db.init("t")
        assert not db.exists("t", "n")
        assert not db.exists("../t", "n")
        assert not db.exists("refs", "n")
        db.save("t", "ann", "n", None)
        assert db.exists("t", "n")
        db.delete("t", "ann", "n")
        assert not db.exists("t", "n")


def test_entries_and_tenants_are_sorted_and_leave_out_what_is_deleted(db: DbEngine) -> None:
    for tenant in ("b", "Acme", "acme", "a b"):
        db.init(tenant)
    for entry in ("z", "a/b", "é", "..", "head"):
        db.save("t", "ann", entry, 1)
    db.delete("t", "ann", "z")
    assert db.tenants() == ["Acme", "a b", "acme", "b", "t"]
    assert db.entries("t") == ["..", "a/b", "head", "é"]
    assert db.entries("t", deleted=True) == ["..", "a/b", "head", "z", "é"]


def test_heads_are_filtered_by_name_and_paged(db: DbEngine) -> None:
    for number in range(12):
        db.save("t", "ann", f"Entry {number:02}", number)
    db.save("t", "ann", "other", 1)
    assert [head.entry for head in db.heads("t", contains="eNTRY 0", limit=3)] == [
        "Entry 00",
        "Entry 01",
        "Entry 02",
    ]
    page = db.heads("t", contains="entry", after="Entry 09", limit=99)
    assert [head.entry for head in page] == ["Entry 10", "Entry 11"]
    assert db.heads("t", limit=0) == []
    assert len(db.heads("t")) == 13


def test_info_counts_what_a_version_changed(db: DbEngine) -> None:
    db.save("t", "ann", "n", {"a": 1, "b": 2, "c": 3}, note="first")
    digest = db.save("t", "ben", "n", {"a": 1, "b": 5, "d": 4, "e": 5})
    info = db.info("t", "n")
    assert isinstance(info, Info)
    assert (info.digest, info.seq, info.user, info.note) == (digest, 2, "ben", "")
    assert (info.added, info.changed, info.removed, info.count) == (2, 1, 1, 4)
    assert info.keys == ("b", "d", "e", "c")
    assert (info.form, info.action, info.deleted) == ("records", "save", False)
    assert info.size == len('{"a":1,"b":5,"d":4,"e":5}')
    first = db.info("t", "n", info.parent)
    assert (first.parent, first.seq, first.note) == (None, 1, "first")


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ([1, 2], [1, 2, 3], (1, 0, 0)),
        ([1, 2, 3], [1, 3], (0, 0, 1)),
        ([1, 2], [1, 3], (0, 1, 0)),
        ([1, 2], [2, 1], (0, 2, 0)),
        ("a", "b", (0, 1, 0)),
        ("a", [1, 2], (0, 1, 0)),
        ([1, 2], {"a": 1}, (1, 0, 2)),
        ({"a": 1}, 5, (1, 0, 1)),
    ],
)
def test_info_counts_items_of_lists_too(
    db: DbEngine, old: Any, new: Any, counts: tuple[int, int, int]
) -> None:
    db.save("t", "ann", "n", old)
    db.save("t", "ann", "n", new)
    info = db.info("t", "n")
    assert (info.added, info.changed, info.removed) == counts


@pytest.mark.parametrize(("value", "count"), [((1, 2, 3), 3), ({4}, 1), (b"123", 1), ([], 0)])
def test_a_tagged_value_counts_its_items_and_not_the_parts_of_its_tag(
    db: DbEngine, value: Any, count: int
) -> None:
    db.save("t", "ann", "n", value)
    assert db.info("t", "n").count == count


def test_a_change_of_thousands_of_records_is_counted_and_named_in_part(db: DbEngine) -> None:
    db.put_many("t", "ann", "n", {f"k{i}": i for i in range(3000)})
    info = db.info("t", "n")
    assert (info.added, len(info.keys)) == (3000, 20)
    assert db.record_history("t", "n", "k2999")[0].value == 2999


def test_dates_never_go_back_when_the_clock_does(
    db: DbEngine, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    db.save("t", "ann", "n", 1)
    clock.now -= timedelta(days=400)
    with caplog.at_level(logging.WARNING, "dbengine"):
        db.save("t", "ann", "n", 2)
    first, second = db.log("t", "n")[::-1]
    assert second.date == first.date
    assert (first.seq, second.seq) == (1, 2)
    assert "before version 1" in caplog.text


def test_a_date_has_four_digits_of_year_in_any_century(root: Path) -> None:
    with DbEngine(root, clock=lambda: datetime(987, 1, 2, tzinfo=UTC)) as db:
        db.init("t")
        db.save("t", "ann", "n", 1)
        assert db.info("t", "n").date == "09870102 00:00:00"
        assert db.info("t", "n").when == datetime(987, 1, 2, tzinfo=UTC)


def test_the_clock_may_be_in_any_time_zone(root: Path) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    with DbEngine(root, clock=lambda: datetime(2026, 1, 1, 3, tzinfo=zone)) as db:
        db.init("t")
        db.save("t", "ann", "n", 1)
        assert db.load("t", "n") == 1
        assert db.info("t", "n").date == "20251231 21:30:00"


def test_without_a_clock_the_date_is_now_in_utc(root: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    with DbEngine(root) as db:
        db.init("t")
        db.save("t", "ann", "n", 1)
        assert before <= db.info("t", "n").when <= datetime.now(UTC)


def test_a_read_only_handle_reads_and_changes_nothing(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", {"a": 1})
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    with DbEngine(root, read_only=True) as reader:
        assert reader.read_only
        assert reader.load("t", "n") == {"a": 1}
        assert reader.verify().ok
        writes = [
            lambda: reader.init("t"),
            lambda: reader.init("new"),
            lambda: reader.save("t", "ann", "n", {"a": 1}),
            lambda: reader.put("t", "ann", "n", "a", 2),
            lambda: reader.put_many("t", "ann", "n", {}),
            lambda: reader.delete("t", "ann", "n"),
            lambda: reader.restore("t", "ann", "n", digest),
            lambda: reader.append_history("t", "n", []),
        ]
        for write in writes:
            with pytest.raises(ReadOnly, match="for reading only"):
                write()
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_a_read_only_handle_sees_what_others_write(db: DbEngine, root: Path) -> None:
    with DbEngine(root, read_only=True) as reader:
        db.save("t", "ann", "n", 1)
        assert reader.load("t", "n") == 1
        db.save("t", "ann", "n", 2)
        assert reader.load("t", "n") == 2


def test_reading_only_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotADatabase):
        DbEngine(tmp_path / "nothing", read_only=True)


def test_a_closed_handle_opens_its_files_again_when_it_is_used(db: DbEngine) -> None:
    db.save("t", "ann", "n", 1)
    db.close()
    db.close()
    db.save("t", "ann", "n", 2)
    assert db.load("t", "n") == 2


def test_handles_that_are_dropped_without_closing_leave_no_file_open(root: Path) -> None:
    """The descriptor of the lock was left open for good."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("counts open files through /proc")
    DbEngine(root).init("t")
    gc.collect()
    before = len(list(descriptors.iterdir()))
    for number in range(5):
        DbEngine(root).save("t", "ann", "n", number)
    gc.collect()
    assert len(list(descriptors.iterdir())) == before


def test_an_engine_runs_on_a_store_in_memory(tmp_path: Path) -> None:
    with DbEngine(tmp_path / "none", store=MemoryStore()) as db:
        db.init("t")
        db.put("t", "ann", "n", "a", 1)
        assert type(db.load("t", "n")) is Snapshot
        assert db.verify().ok
    assert not (tmp_path / "none").exists()


def test_durability_off_keeps_the_same_files(tmp_path: Path) -> None:
    roots = [tmp_path / "full", tmp_path / "off"]
    for root, durability in zip(roots, ("full", "off"), strict=True):
        with DbEngine(root, clock=Clock(), durability=durability) as db:  # type: ignore[arg-type]
            db.init("t")
            db.put("t", "ann", "n", "a", 1)
    assert listing(roots[0]) == listing(roots[1])
    assert len(object_files(roots[0])) == 1


def test_folders_that_a_copy_left_out_are_made_again(db: DbEngine, root: Path) -> None:
    """Archives and version control do not keep empty folders; writing failed in such a copy."""
    for empty in (root / "t" / "tmp", root / "t" / "objects", root / "refs" / "tmp"):
        empty.rmdir()
    with DbEngine(root) as copy:
        copy.save("t", "ann", "n", 1)
        assert copy.load("t", "n") == 1
