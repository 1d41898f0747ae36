"""Walking a chain: pages, the nth version, a moment in time, short digests, imported histories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dbengine import (
    DbEngine,
    DigestNotFound,
    EntryNotFound,
    InvalidArgument,
    InvalidName,
    InvalidValue,
    Shared,
    TenantNotFound,
    Version,
)
from tests.dbengine.helpers import Clock, object_files, refused, settled

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def digests(db: DbEngine) -> list[str]:
    """Ten versions of `n`, oldest first, a second apart."""
    return [db.save("t", "ann", "n", number) for number in range(1, 11)]


def test_each_version_names_the_one_before(db: DbEngine, digests: list[str]) -> None:
    log = db.log("t", "n")
    assert [info.parent for info in log] == [*digests[-2::-1], None]
    assert [info.seq for info in log] == list(range(10, 0, -1))


def test_the_log_comes_in_pages(db: DbEngine, digests: list[str]) -> None:
    pages, before = [], None
    while page := db.log("t", "n", before=before, limit=4):
        pages.append([info.digest for info in page])
        before = page[-1].digest
    assert pages == [digests[:5:-1], digests[5:1:-1], digests[1::-1]]


def test_a_long_history_is_walked_to_its_end(root: Path) -> None:
    with DbEngine(root, clock=Clock(), durability="off") as db:
        db.init("t")
        versions = [Version("ann", NOON + timedelta(hours=i), i) for i in range(700)]
        db.append_history("t", "n", versions)
        assert len(db.history("t", "n")) == 700
        assert len(db.history("t", "n", max_items=600)) == 600
        assert db.load("t", "n", db.at("t", "n", 1)) == 0
        assert db.resolve("t", "n", db.at("t", "n", 2)[:20]) == db.at("t", "n", 2)


def test_at_counts_versions_from_one(db: DbEngine, digests: list[str]) -> None:
    assert [db.at("t", "n", seq) for seq in range(1, 11)] == digests
    for seq in (0, -1, 11):
        with pytest.raises(DigestNotFound, match=f"no version {seq}"):
            db.at("t", "n", seq)


def test_at_a_moment_is_the_newest_version_up_to_and_including_it(
    db: DbEngine, digests: list[str]
) -> None:
    assert db.at("t", "n", "20260131 12:00:03") == digests[2]
    assert db.at("t", "n", datetime(2026, 1, 31, 12, 0, 3, 999_999, UTC)) == digests[2]
    assert db.at("t", "n", "20300101 00:00:00") == digests[-1]
    zone = timezone(timedelta(hours=-8))
    assert db.at("t", "n", datetime(2026, 1, 31, 4, 0, 1, tzinfo=zone)) == digests[0]
    with pytest.raises(DigestNotFound, match="no version yet at 20260131 12:00:00 UTC"):
        db.at("t", "n", "20260131 12:00:00")


@pytest.mark.parametrize(
    "when",
    [
        "yesterday",
        "2026-01-31",
        "",
        None,
        1.5,
        datetime(2026, 1, 1),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=5))),
    ],
    ids=str,
)
def test_at_refuses_what_is_no_moment(db: DbEngine, digests: list[str], when: Any) -> None:
    with pytest.raises(InvalidArgument, match="date"):
        db.at("t", "n", when)


def test_versions_of_one_second_are_told_apart_by_their_order(root: Path) -> None:
    with DbEngine(root, clock=lambda: NOON) as db:
        db.init("t")
        digests = [db.save("t", "ann", "n", number) for number in range(3)]
        assert db.at("t", "n", NOON) == digests[2]
        assert len(set(digests)) == 3


def test_going_back_to_a_value_is_a_new_version_with_its_own_digest(root: Path) -> None:
    with DbEngine(root, clock=lambda: NOON) as db:
        db.init("t")
        digests = [db.save("t", "ann", "n", value) for value in (1, 2, 1, 2)]
        assert len(set(digests)) == 4
        assert db.history("t", "n") == digests[::-1]


def test_a_short_digest_is_resolved(db: DbEngine, digests: list[str]) -> None:
    for digest in digests:
        assert db.resolve("t", "n", digest[:16]) == digest
        assert db.resolve("t", "n", digest[:16].upper()) == digest
        assert db.resolve("t", "n", digest) == digest


@pytest.mark.parametrize("short", ["", "abc", 5, None])
def test_a_short_digest_has_at_least_four_characters(
    db: DbEngine, digests: list[str], short: Any
) -> None:
    with pytest.raises(InvalidArgument, match="at least 4"):
        db.resolve("t", "n", short)


def test_a_short_digest_that_fits_none_or_several_is_an_error(root: Path) -> None:
    with DbEngine(root, clock=Clock(), durability="off") as db:
        db.init("t")
        versions = [Version("ann", NOON, i) for i in range(1200)]
        db.append_history("t", "n", versions)
        starts = [digest[:4] for digest in db.history("t", "n", max_items=1200)]
        twice = next(start for start in starts if starts.count(start) > 1)
        with pytest.raises(InvalidArgument, match="2 versions of 'n' begin with"):
            db.resolve("t", "n", twice)
        absent = next(f"{i:04x}" for i in range(2**16) if f"{i:04x}" not in starts)
        with pytest.raises(DigestNotFound):
            db.resolve("t", "n", absent)


@pytest.mark.parametrize("limit", [0, -1, "5", None, 1.5])
def test_pages_and_histories_have_at_least_one_item(
    db: DbEngine, digests: list[str], limit: Any
) -> None:
    with pytest.raises(InvalidArgument, match="at least 1"):
        db.history("t", "n", max_items=limit)
    with pytest.raises(InvalidArgument, match="at least 1"):
        db.log("t", "n", limit=limit)


def test_the_history_of_what_is_not_there_is_an_error(db: DbEngine) -> None:
    for call in (db.history, db.log, db.info, db.get_digest, db.load, db.keys):
        with pytest.raises(EntryNotFound, match="no entry 'n' in tenant 't'"):
            call("t", "n")
        with pytest.raises(TenantNotFound, match=r"call init\('u'\) first"):
            call("u", "n")


def test_an_imported_history_keeps_users_dates_and_notes(db: DbEngine) -> None:
    versions = [
        Version("ann", NOON, {"a": 1}, "first"),
        Version("ben", NOON + timedelta(days=1), {"a": 1}, "the same"),
        Version("cat", NOON + timedelta(days=2), [1]),
        Version("dan", NOON + timedelta(days=1), {"a": 2}, "back in time"),
    ]
    appended = db.append_history("t", "n", iter(versions))
    assert (appended.written, appended.unchanged) == (3, 1)
    assert [(i.user, i.date, i.note, i.seq) for i in db.log("t", "n")] == [
        ("dan", "20260503 12:00:00", "back in time", 3),
        ("cat", "20260503 12:00:00", "", 2),
        ("ann", "20260501 12:00:00", "first", 1),
    ]
    assert db.verify().ok


def test_an_imported_history_goes_on_from_the_head(db: DbEngine) -> None:
    db.append_history("t", "n", [Version("ann", NOON, 1)])
    again = [Version("ann", NOON, 1), Version("ann", NOON, 2)]
    assert db.append_history("t", "n", again).written == 1
    assert db.append_history("t", "n", []).written == 0
    assert [db.load("t", "n", digest) for digest in db.history("t", "n")] == [2, 1]


def test_an_import_without_versions_makes_no_entry(db: DbEngine) -> None:
    assert db.append_history("t", "n", []).unchanged == 0
    assert not db.exists("t", "n")


@pytest.mark.parametrize(
    ("bad", "error", "match"),
    [
        (Version("", NOON, 1), InvalidName, "user must not be empty"),
        (Version("ann", NOON, float("nan")), InvalidValue, "nan"),
        (Version("ann", NOON.replace(tzinfo=None), 1), InvalidArgument, "aware"),
        (Version("ann", "20260101", 1), InvalidArgument, "aware"),  # type: ignore[arg-type]
        (Version("ann", NOON, 1, "\ud800"), InvalidArgument, "surrogate"),
        (Version("ann", NOON, 1, None), InvalidArgument, "note"),  # type: ignore[arg-type]
    ],
)
def test_one_bad_version_refuses_the_whole_import(
    db: DbEngine, bad: Version, error: Any, match: str
) -> None:
    with refused(db, error, match):
        db.append_history("t", "n", [Version("ann", NOON, 0), bad])
    assert not db.exists("t", "n")


def test_shared_values_of_an_import_are_stored_with_it(db: DbEngine, root: Path) -> None:
    db.append_history("t", "n", [Version("ann", NOON, {"a": Shared([1, 2])})])
    assert db.load("t", "n") == {"a": [1, 2]}
    assert len(object_files(settled(db))) == 1
