"""What each version tells of itself: what it changed, how big it is, and when it was made."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dbengine import DbEngine, Info, InvalidArgument
from tests.dbengine.helpers import Clock, refused


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


# ---- dates ---------------------------------------------------------------------------------------


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


def test_two_writes_in_one_second_are_no_reason_to_warn(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    with (
        caplog.at_level(logging.WARNING, "dbengine"),
        DbEngine(root, clock=lambda: noon, durability="off") as db,
    ):
        db.init("t")
        db.save("t", "ann", "n", 1)
        db.save("t", "ann", "n", 2)
        assert [info.date for info in db.log("t", "n")] == ["20260131 12:00:00"] * 2
    assert caplog.text == ""


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


@pytest.mark.parametrize("moment", [None, "20260101", 5.0])
def test_a_clock_gives_aware_datetimes(root: Path, moment: Any) -> None:
    with DbEngine(root, clock=lambda: moment) as db:
        db.init("t")
        with refused(db, InvalidArgument, "aware datetime"):
            db.save("t", "ann", "n", 1)


def test_a_clock_without_a_time_zone_is_refused(root: Path) -> None:
    """Its local time was taken for the first version, and a TypeError came for the second."""
    with DbEngine(root, clock=lambda: datetime(2026, 1, 1)) as db:
        db.init("t")
        with refused(db, InvalidArgument, "aware datetime"):
            db.save("t", "ann", "n", 1)
