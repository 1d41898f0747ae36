from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QLocale

from gui.models import when

ROME = ZoneInfo("Europe/Rome")
ENGLISH = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
NOW = datetime(2026, 3, 14, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 14, 15, 2, tzinfo=UTC), "today, 16:02"),
        (datetime(2026, 3, 13, 23, 30, tzinfo=UTC), "today, 00:30"),
        (datetime(2026, 2, 26, 9, 30, tzinfo=UTC), "26 Feb, 10:30"),
        (datetime(2024, 3, 12, 9, 30, tzinfo=UTC), "12 Mar 2024, 10:30"),
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "1 Jan, 00:30"),
    ],
)
def test_a_moment_is_as_short_as_it_can_be(moment: datetime, text: str) -> None:
    assert when.short_text(moment, NOW, ROME, ENGLISH) == text


def test_summer_time_is_that_of_the_moment() -> None:
    july = datetime(2025, 7, 1, 12, 0, tzinfo=UTC)
    january = datetime(2025, 1, 1, 12, 0, tzinfo=UTC)
    assert when.clock_text(july, ROME) == "14:00"
    assert when.clock_text(january, ROME) == "13:00"


def test_the_exact_time_names_the_zone_and_utc() -> None:
    moment = datetime(2026, 3, 12, 23, 14, 5, tzinfo=UTC)
    assert (
        when.exact_text(moment, ROME, ENGLISH)
        == "Friday 13 March 2026, 00:14:05 CET · 2026-03-12 23:14:05 UTC"
    )


@pytest.mark.parametrize(
    ("moment", "title"),
    [
        (datetime(2026, 3, 14, 1, 0, tzinfo=UTC), "Today"),
        (datetime(2026, 3, 13, 12, 0, tzinfo=UTC), "Yesterday"),
        (datetime(2026, 3, 12, 8, 14, tzinfo=UTC), "Thursday 12 March"),
        (datetime(2026, 3, 1, 12, 0, tzinfo=UTC), "Sunday 1 March"),
        (datetime(2026, 2, 28, 12, 0, tzinfo=UTC), "February"),
        (datetime(2025, 3, 14, 12, 0, tzinfo=UTC), "March 2025"),
        (datetime(2026, 3, 15, 12, 0, tzinfo=UTC), "Sunday 15 March"),
        (datetime(2027, 1, 1, 12, 0, tzinfo=UTC), "Friday 1 January 2027"),
    ],
)
def test_versions_stand_under_days_and_older_ones_under_months(
    moment: datetime, title: str
) -> None:
    assert when.group_title(moment, NOW, ROME, ENGLISH) == title


def test_the_last_days_have_their_own_heading_across_a_month() -> None:
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    titles = [
        when.group_title(datetime(2026, 2, day, 12, 0, tzinfo=UTC), now, ROME, ENGLISH)
        for day in (28, 24, 23, 22)
    ]
    assert titles == ["Saturday 28 February", "Tuesday 24 February", "February", "February"]


def test_below_a_day_stands_the_time_and_below_a_month_the_date_too() -> None:
    day = datetime(2026, 3, 12, 8, 14, tzinfo=UTC)
    month = datetime(2024, 2, 26, 9, 30, tzinfo=UTC)
    assert when.row_text(day, NOW, ROME, ENGLISH) == "09:14"
    assert when.row_text(month, NOW, ROME, ENGLISH) == "26 Feb, 10:30"


def test_names_are_those_of_the_locale() -> None:
    german = QLocale(QLocale.Language.German)
    moment = datetime(2026, 3, 12, 8, 14, tzinfo=UTC)
    assert when.group_title(moment, NOW, ROME, german) == "Donnerstag 12 März"
