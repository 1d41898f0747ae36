"""Builds the demo database: whole or not at all, and the same for the same moment."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time
from typing import Final

from dbengine import DbEngine, Progress, StorageError

from . import acme, northwind, wide_world
from .pen import Clock, Pen

_FORGOTTEN: Final = 3600
_REVIEW: Final = tuple(
    timedelta(days=days, hours=hours, minutes=minutes)
    for days, hours, minutes in (
        (12, 3, 0), (9, 0, 5), (5, 2, 0), (5, 1, 41), (1, 0, 19), (0, 0, 4),
    )
)  # fmt: skip
"""How long ago the last versions of northwind/suppliers were written."""


@dataclass(frozen=True, slots=True)
class Story:
    """How one entry came to be, in so many versions."""

    tenant: str
    entry: str
    versions: int
    write: Callable[[Pen], None]
    recent: Sequence[timedelta] = ()


_STORIES: Final = (
    Story("northwind", "suppliers", 142, northwind.suppliers, _REVIEW),
    Story("northwind", "config", 38, northwind.config),
    Story("northwind", "customers", 1204, northwind.customers, (timedelta(minutes=31),)),
    Story("northwind", "price_list", 312, northwind.price_list),
    Story("northwind", "tax_rules", 9, northwind.tax_rules),
    Story("acme-eu", "config", 26, northwind.config),
    Story("acme-eu", "currencies", 120, acme.currencies),
    Story("acme-eu", "delivery_routes", 74, acme.delivery_routes),
    Story("acme-eu", "employees", 160, acme.employees),
    Story("acme-eu", "feature_flags", 48, acme.feature_flags),
    Story("acme-eu", "holidays", 7, acme.holidays),
    Story("acme-eu", "invoices", 180, acme.invoices),
    Story("acme-eu", "newsletter", 61, acme.newsletter),
    Story("acme-eu", "on_call", 104, acme.on_call),
    Story("acme-eu", "orders_2024", 40, acme.archived_orders),
    Story("acme-eu", "terms", 12, acme.terms),
    Story("acme-eu", "translations", 90, acme.translations),
    Story("wide-world", "colours", 20, wide_world.colours),
    Story("wide-world", "packaging", 33, wide_world.packaging),
    Story("wide-world", "promises", 8, wide_world.promises),
    Story("wide-world", "stock", 90, wide_world.stock),
    Story("wide-world", "vehicles", 120, wide_world.vehicles),
    *(
        Story("wide-world", f"stock/{city}", 14 + 3 * len(city), wide_world.stock)
        for city in wide_world.WAREHOUSES
    ),
)


def build_demo(
    root: Path, progress: Progress | None = None, *, now: datetime | None = None
) -> None:
    """Make the demo database in the folder `root`, unless it is there already.

    It is built beside `root` and put in place when it is complete, so that a demo that is there
    is a whole one. Its histories end at `now`. `progress` may raise `Cancelled`: nothing remains.
    Raises `NotADatabase` for a folder that holds something else.
    """
    try:
        if root.is_dir() and any(root.iterdir()):
            DbEngine(root, read_only=True).close()
        else:
            _build_beside(root, progress, (now or datetime.now(UTC)).astimezone())
    except OSError as error:
        raise StorageError(f"The demo cannot be made in {root}: {error.strerror}.") from error


def _build_beside(root: Path, progress: Progress | None, now: datetime) -> None:
    root.parent.mkdir(parents=True, exist_ok=True)
    _sweep(root)
    with TemporaryDirectory(prefix=_prefix(root), dir=root.parent) as place:
        _write(Path(place) / "demo", progress, now)
        if root.is_dir():
            root.rmdir()  # Windows replaces no folder, not even an empty one
        (Path(place) / "demo").rename(root)


def _prefix(root: Path) -> str:
    return f".{root.name}-"


def _sweep(root: Path) -> None:
    """Remove what a build that was killed left behind; another may be at work right now."""
    for left in root.parent.glob(f"{_prefix(root)}*"):
        if left.stat().st_mtime < time() - _FORGOTTEN:
            shutil.rmtree(left, ignore_errors=True)


def _write(root: Path, progress: Progress | None, now: datetime) -> None:
    clock = Clock(now)
    counter = _Counter(progress)
    with DbEngine(root, clock=clock, durability="off") as db:
        for tenant in sorted({story.tenant for story in _STORIES}):
            db.init(tenant)
        for story in _STORIES:
            place = story.tenant, story.entry
            story.write(
                Pen(db, clock, place, story.versions, recent=story.recent, wrote=counter.count)
            )


class _Counter:
    """Tells how far the build is."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._done = 0
        self._total = sum(story.versions for story in _STORIES)

    def count(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(min(self._done, self._total), self._total, "versions of the demo")
