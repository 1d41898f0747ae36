"""Writes histories that look lived in: working hours, several users, two years up to now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final

from dbengine import DbEngine

DAYS: Final = 730
_WEEKEND_WORK: Final = 0.06
_PEOPLE: Final = ("ana", "marco", "lena")
_SHARES: Final = (5, 3, 2)


class Clock:
    """The database's clock, which stands where the pen put it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def working_moments(random: Random, now: datetime, count: int) -> list[datetime]:
    """`count` moments before the day of `now`, in order: denser lately, seldom at weekends."""
    chosen: set[datetime] = set()
    today = now.date()
    while len(chosen) < count:
        day = today - timedelta(days=1 + int(DAYS * random.random() ** 1.3))
        if day.weekday() >= 5 and random.random() > _WEEKEND_WORK:
            continue
        second = int(random.triangular(8, 18.5, 10.5) * 3600)
        midnight = datetime.combine(day, time(0), tzinfo=now.tzinfo)
        chosen.add(midnight + timedelta(seconds=second))
    return sorted(chosen)


def _on_a_weekday(now: datetime, ago: timedelta) -> datetime:
    """The moment so long ago; on the Friday before, if that was days ago and at a weekend."""
    moment = now - ago
    days_of_weekend = moment.weekday() - 4
    return moment - timedelta(days=days_of_weekend) if ago.days and days_of_weekend > 0 else moment


class Pen:
    """Writes the versions of one entry, one moment each; a write of nothing new takes none.

    `recent` says how long before now the last versions are made; the others come before these.
    """

    def __init__(
        self,
        db: DbEngine,
        clock: Clock,
        place: tuple[str, str],
        versions: int,
        *,
        recent: Sequence[timedelta] = (),
        wrote: Callable[[], None] = lambda: None,
    ) -> None:
        now = clock.now
        self.random = Random(f"{place[0]}/{place[1]}")
        self._db = db
        self._clock = clock
        self._place = place
        self._wrote = wrote
        last = [_on_a_weekday(now, ago) for ago in recent]
        older = working_moments(self.random, min(last, default=now), versions - len(last))
        self._moments = [*older, *last]
        self._done = 0
        self._now = now

    @property
    def left(self) -> int:
        """How many versions are still to be written."""
        return len(self._moments) - self._done

    def someone(self) -> str:
        """One of the people who work here."""
        return self.random.choices(_PEOPLE, _SHARES)[0]

    def save(self, value: Any, user: str = "", note: str = "") -> None:
        tenant, entry = self._place
        self._write(lambda by: self._db.save(tenant, by, entry, value, note=note), user)

    def put(self, key: str, value: Any, user: str = "", note: str = "") -> None:
        self.put_many({key: value}, user, note)

    def put_many(self, items: Mapping[str, Any], user: str = "", note: str = "") -> None:
        tenant, entry = self._place
        self._write(lambda by: self._db.put_many(tenant, by, entry, items, note=note), user)

    def delete(self, key: str | None = None, user: str = "", note: str = "") -> None:
        tenant, entry = self._place
        self._write(lambda by: self._db.delete(tenant, by, entry, key, note=note), user)

    def restore(self, back: int, keys: Sequence[str] | None = None, user: str = "") -> None:
        """Bring back what stood `back` versions ago, or only some records of it."""
        tenant, entry = self._place
        digest = self._db.at(tenant, entry, self._done - back)
        self._write(lambda by: self._db.restore(tenant, by, entry, digest, keys=keys), user)

    def records(self) -> dict[str, Any]:
        """What the entry holds now."""
        return dict(self._db.load(*self._place))

    def _write(self, write: Callable[[str], object], user: str) -> None:
        tenant, entry = self._place
        self._clock.now = self._moments[self._done]
        write(user or self.someone())
        self._clock.now = self._now
        self._done = self._db.info(tenant, entry).seq
        self._wrote()
