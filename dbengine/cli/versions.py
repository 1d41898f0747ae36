"""How a version is named on the command line: by digest, number or date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from dbengine import DbEngine, parse_date

_NUMBER: Final = re.compile(r"#(\d{1,18})|(\d{1,6})")
_DIGEST: Final = re.compile(r"[0-9a-fA-F]{4,64}")
_DATE: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)? ?(Z|UTC|[+-]\d\d:\d\d)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a date names, both ends included: a day, a minute or a second."""

    start: datetime
    end: datetime


def digest_of(db: DbEngine, tenant: str, entry: str, version: str) -> str:
    """The digest of the version that the user means; of a date, what was there at its end."""
    if version.casefold() == "head":
        return db.get_digest(tenant, entry)
    number = _NUMBER.fullmatch(version)
    if number:
        return db.at(tenant, entry, int(number[1] or number[2]))
    if _DIGEST.fullmatch(version):
        return db.resolve(tenant, entry, version)
    return db.at(tenant, entry, span(version).end)


def is_whole(version: str) -> bool:
    """Whether the user gave a digest in full."""
    return re.fullmatch(r"[0-9a-f]{64}", version) is not None


def is_date(version: str) -> bool:
    """Whether the user named a time and not a version."""
    named = version.casefold() == "head" or _NUMBER.fullmatch(version) or _DIGEST.fullmatch(version)
    return not named


def span(text: str) -> Span:
    """The time that `text` names; a usage error where it names none."""
    try:
        return _parse(text.strip())
    except (ValueError, OverflowError) as error:
        raise click.UsageError(
            f"{text!r} names no version: give a digest (4 characters or more), a number, or a "
            "date such as 2026-03-12 or '2026-03-12 09:14'."
        ) from error


def _parse(text: str) -> Span:
    days_ago = {"today": 0, "yesterday": 1}.get(text.casefold())
    if days_ago is not None:
        day = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return _span(day - timedelta(days=days_ago), timedelta(days=1), "")
    match = _DATE.fullmatch(text)
    if not match:
        moment = parse_date(text)
        return Span(moment, moment)
    date, minutes, seconds, zone = match.groups(default="")
    if not minutes:
        return _span(datetime.fromisoformat(date), timedelta(days=1), zone)
    moment = datetime.fromisoformat(f"{date}T{minutes}{seconds}")
    return _span(moment, timedelta(seconds=1 if seconds else 60), zone)


def _span(start: datetime, length: timedelta, zone: str) -> Span:
    return Span(_aware(start, zone), _aware(start + length - timedelta(seconds=1), zone))


def _aware(moment: datetime, zone: str) -> datetime:
    """A time as the clock on the wall says it, in `zone` or, if that is empty, here."""
    if not zone:
        return moment.astimezone()
    if zone in ("Z", "UTC"):
        return moment.replace(tzinfo=UTC)
    return datetime.fromisoformat(f"{moment.isoformat()}{zone}")
