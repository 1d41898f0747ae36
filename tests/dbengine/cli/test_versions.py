"""How a version is named on the command line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click
import pytest

from dbengine import DbEngine, DigestNotFound
from dbengine.cli.versions import digest_of, is_date, span


@pytest.fixture
def in_lisbon_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An hour ahead of UTC in summer, which begins on 29 March 2026 at one."""
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone of a process cannot be set here")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "WET0WEST,M3.5.0/1,M10.5.0")
        time.tzset()
        yield
    time.tzset()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.usefixtures("in_lisbon_time")
@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-01-31", utc(2026, 1, 31), utc(2026, 1, 31, 23, 59, 59)),
        ("2026-07-31", utc(2026, 7, 30, 23), utc(2026, 7, 31, 22, 59, 59)),
        ("2026-03-29", utc(2026, 3, 29), utc(2026, 3, 29, 22, 59, 59)),
        ("2026-07-31 09:14", utc(2026, 7, 31, 8, 14), utc(2026, 7, 31, 8, 14, 59)),
        ("2026-07-31T09:14:05", utc(2026, 7, 31, 8, 14, 5), utc(2026, 7, 31, 8, 14, 5)),
        ("2026-07-31T09:14:05Z", utc(2026, 7, 31, 9, 14, 5), utc(2026, 7, 31, 9, 14, 5)),
        ("2026-07-31 09:14 UTC", utc(2026, 7, 31, 9, 14), utc(2026, 7, 31, 9, 14, 59)),
        ("2026-07-31 09:14+05:30", utc(2026, 7, 31, 3, 44), utc(2026, 7, 31, 3, 44, 59)),
        ("20260731 09:14:05", utc(2026, 7, 31, 9, 14, 5), utc(2026, 7, 31, 9, 14, 5)),
    ],
)
def test_a_date_covers_what_it_leaves_out(text: str, start: datetime, end: datetime) -> None:
    found = span(text)
    assert (found.start, found.end) == (start, end)


def test_today_and_yesterday_are_days() -> None:
    today, yesterday = span("today"), span("Yesterday")
    assert today.start <= datetime.now(UTC) <= today.end + timedelta(seconds=1)
    assert yesterday.end + timedelta(seconds=1) == today.start


@pytest.mark.parametrize("text", ["", "banana", "2026-13-01", "2026-02-31", "12:00", "2026-1-1"])
def test_what_names_nothing_is_a_usage_error(text: str) -> None:
    with pytest.raises(click.UsageError, match="names no version"):
        span(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", True),
        ("today", True),
        ("12", False),
        ("#12", False),
        ("8c1f0e2", False),
        ("12345678", False),
        ("head", False),
    ],
)
def test_a_date_is_told_from_the_name_of_a_version(text: str, expected: bool) -> None:
    assert is_date(text) is expected


def test_head_is_the_newest_version(db: DbEngine) -> None:
    db.save("t", "ana", "e", 1)
    newest = db.save("t", "ana", "e", 2)
    assert digest_of(db, "t", "e", "HEAD") == newest


def test_a_date_names_what_was_there_at_its_end(db: DbEngine) -> None:
    digests = [db.save("t", "ana", "e", number) for number in range(3)]
    assert digest_of(db, "t", "e", "2026-01-31 12:00Z") == digests[2]
    assert digest_of(db, "t", "e", "2026-01-31 12:00:02Z") == digests[1]


def test_up_to_six_digits_are_a_number_and_more_a_digest(db: DbEngine) -> None:
    db.save("t", "ana", "e", 1)
    with pytest.raises(DigestNotFound, match="no version 999999"):
        digest_of(db, "t", "e", "999999")
    with pytest.raises(DigestNotFound, match="no version '9999999'"):
        digest_of(db, "t", "e", "9999999")
