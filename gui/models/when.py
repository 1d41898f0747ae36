"""Moments as people say them, in local time; pure functions of a moment, now and a zone.

A moment is an aware datetime. `zone` is the system's where it is None, with the summer time of
the moment itself. Names of days and months come from `locale`, formats from the translation.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, QTime

NEAR: Final = timedelta(days=7)
"""Days that are shown one by one even when they belong to the month before."""


def clock_text(moment: datetime, zone: tzinfo | None = None, locale: QLocale | None = None) -> str:
    """The time of day: "16:02"."""
    return _format(moment.astimezone(zone), _tr("HH:mm"), locale)


def short_text(
    moment: datetime,
    now: datetime,
    zone: tzinfo | None = None,
    locale: QLocale | None = None,
) -> str:
    """As short as can be told apart: "today, 16:02", "26 Feb, 10:30", "12 Mar 2024, 10:30"."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return _tr("today, {time}").format(time=clock_text(moment, zone, locale))
    this_year = local.year == today.year
    return _format(local, _tr("d MMM, HH:mm") if this_year else _tr("d MMM yyyy, HH:mm"), locale)


def row_text(
    moment: datetime,
    now: datetime,
    zone: tzinfo | None = None,
    locale: QLocale | None = None,
) -> str:
    """The time under a `group_title`: of day below a day, with the date below a month."""
    local = moment.astimezone(zone)
    if by_day(local.date(), now.astimezone(zone).date()):
        return clock_text(moment, zone, locale)
    return _format(local, _tr("d MMM, HH:mm"), locale)


def exact_text(moment: datetime, zone: tzinfo | None = None, locale: QLocale | None = None) -> str:
    """To the second with its zone, and in UTC, for tooltips."""
    local = moment.astimezone(zone)
    text = _format(local, _tr("dddd d MMMM yyyy, HH:mm:ss"), locale)
    return f"{text} {local.tzname()} · {moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def group_title(
    moment: datetime,
    now: datetime,
    zone: tzinfo | None = None,
    locale: QLocale | None = None,
) -> str:
    """The heading it stands under: "Today", "Thursday 12 March", "February", "March 2024"."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    day, this_year = local.date(), local.year == today.year
    if day == today:
        return _tr("Today")
    if day == today - timedelta(days=1):
        return _tr("Yesterday")
    if by_day(day, today):
        return _format(local, _tr("dddd d MMMM") if this_year else _tr("dddd d MMMM yyyy"), locale)
    return _format(local, _tr("MMMM") if this_year else _tr("MMMM yyyy"), locale)


def by_day(day: date, today: date) -> bool:
    """Whether a day has a heading of its own: this month, the last days, and the future."""
    return day > today - NEAR or (day.year, day.month) == (today.year, today.month)


def _format(local: datetime, pattern: str, locale: QLocale | None) -> str:
    """`local`'s wall clock, whatever zone Qt believes in."""
    day = QDate(local.year, local.month, local.day)
    moment = QDateTime(day, QTime(local.hour, local.minute, local.second))
    return (locale or QLocale()).toString(moment, pattern)


def _tr(text: str) -> str:
    return QCoreApplication.translate("when", text)
