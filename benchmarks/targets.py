"""What DbEngine is to reach, and whether a run did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.measure import Cell
from benchmarks.peers import BASE, GIT, OURS
from benchmarks.tables import Results, milliseconds, significant, size, table
from benchmarks.workloads.endurance import PACKED
from benchmarks.workloads.reading import FAR, NEAR, OBJECTS
from benchmarks.workloads.real import AGGRESSIVE, ALL
from benchmarks.workloads.writing import SYNCS, WRITTEN

_SIZES: Final = (1_000, 10_000, 100_000)
_BIG: Final = 100_000
_LONG: Final = 10_000
_WAY: Final = 16
"""Objects: from a version to a whole one, and down its tree."""
_NO_TREE: Final = 8_000
"""Bytes: a put that writes part of the tree writes some 40 KB."""


@dataclass(frozen=True)
class Target:
    """One line of the table; `reached` is None where the run did not measure it."""

    what: str
    limit: str
    reached: tuple[str, bool] | None

    def row(self) -> tuple[str, str, str, str]:
        if self.reached is None:
            return self.what, self.limit, "not in this run", ""
        text, good = self.reached
        return self.what, self.limit, text, "yes" if good else "**no**"


def targets_table(results: Results) -> str:
    """All targets with what this run reached, in markdown."""
    header = ("target", "at least", "reached", "met")
    return table(header, (target.row() for target in all_targets(results)))


def all_targets(results: Results) -> Iterator[Target]:
    for records in _SIZES:
        yield from _puts(results, records)
    yield from _many_puts(results)
    yield from _saves(results)
    yield from _histories(results)
    yield from _changes(results)
    yield from _reads(results)
    yield _times(results, "`put_many` of 100,000 records", "put_many", _BIG, 1.3)
    yield from _real(results)


def _puts(results: Results, records: int) -> Iterator[Target]:
    what = f"durable put into {records:,} records"
    yield _times(results, f"{what}, median", "put", records, 0.8)
    yield _faster(results, what, "put", records, 10, GIT)
    ours = results.cell("put", records, OURS)
    yield _number(f"{what}: syncs, median", ours, SYNCS, 1, _count)
    what = f"{what}: no tree at the median (bytes written)"
    yield _number(what, ours, WRITTEN, _NO_TREE, size)


def _many_puts(results: Results) -> Iterator[Target]:
    ours, base = (results.cell("endurance", _LONG, name) for name in (OURS, BASE))
    what = f"{_LONG:,} puts into 1,000 records"
    whole = f"{what}, checkpoints and close counted"
    if ours and base and len(ours.times) == len(base.times):
        yield Target(whole, "≤ 1.2 × SQLite", _at_most(ours.total / base.total, 1.2, _ratio))
    else:
        yield Target(whole, "≤ 1.2 × SQLite", None)
    worst = _at_most(ours.worst, 0.1, _ms) if ours else None
    yield Target(f"{what}: the worst", "≤ 100 ms", worst)
    yield _smaller(what, ours, base)


def _smaller(what: str, ours: Cell | None, base: Cell | None) -> Target:
    """Packed, against SQLite's file or what VACUUM makes of it."""
    line = f"disk after {what}, packed"
    if not ours or not base or PACKED not in ours.numbers:
        return Target(line, "< SQLite", None)
    found, other = ours.numbers[PACKED], min(base.numbers[PACKED], base.numbers["disk"])
    return Target(line, "< SQLite", (f"{size(found)} against {size(other)}", found < other))


def _saves(results: Results) -> Iterator[Target]:
    what = "save of a 100 KB document with a small change"
    yield _times(results, what, "save", 100_000, 0.5)


def _histories(results: Results) -> Iterator[Target]:
    long, short = (results.cell("first page", count, OURS) for count in (_BIG, 1_000))
    what = "first page of 100 of 100,000 versions, fresh process"
    yield Target(what, "≤ 10 ms", _at_most(long.median, 0.010, _ms) if long else None)
    same = _at_most(long.median / short.median, 1.5, _ratio) if long and short else None
    yield Target(what, "the same as of 1,000 (≤ 1.5 ×)", same)


def _changes(results: Results) -> Iterator[Target]:
    near, far = "changes between neighbours, 100,000 records", "changes 1,000 apart"
    slow = ("ZODB", *GIT)
    yield _faster(results, near, NEAR, _BIG, 100, slow)
    yield _faster(results, far, FAR, _BIG, 10, slow)
    yield _times(results, near, NEAR, _BIG, 3)
    for what, workload, most in ((near, NEAR, _WAY), (far, FAR, 1_000 + _WAY)):
        ours = results.cell(workload, _BIG, OURS)
        yield _number(f"{what}: objects read, O(changes)", ours, OBJECTS, most, _count)


def _reads(results: Results) -> Iterator[Target]:
    for what, workload, limit in (
        ("get at the head, 100,000 records, warm", "get head", 0.02e-3),
        ("get at a random old version, 100,000 records, warm", "get old", 1e-3),
    ):
        ours = results.cell(workload, _BIG, OURS)
        found = _at_most(ours.median, limit, _ms) if ours else None
        yield Target(what, f"≤ {_ms(limit)}", found)
    yield _times(results, "load of a whole old version of 10,000 records", "load old", 10_000, 1)


def _real(results: Results) -> Iterator[Target]:
    what, limit = "real data, packed", "≤ 3 × git gc --aggressive"
    case = results.cases.get(("real", ALL))
    found, other = (
        case.cells[name].numbers.get(PACKED) if case and name in case.cells else None
        for name in (OURS, AGGRESSIVE)
    )
    if found and other:
        text = f"{size(found)} against {size(other)}: {_ratio(found / other)}"
        yield Target(what, limit, (text, found <= 3 * other))
    else:
        yield Target(what, limit, None)
    load = results.cell("real load", ALL, OURS)
    good = _at_most(load.quantile(0.95), 0.010, _ms) if load else None
    yield Target("real data: load of a random version, p95", "≤ 10 ms", good)


def _times(results: Results, what: str, workload: str, case: object, limit: float) -> Target:
    """Our median against SQLite's."""
    ours, base = (results.cell(workload, case, name) for name in (OURS, BASE))
    found = _at_most(ours.median / base.median, limit, _ratio) if ours and base else None
    return Target(what, f"≤ {limit:g} × SQLite", found)


def _faster(
    results: Results, what: str, workload: str, case: object, limit: float, others: tuple[str, ...]
) -> Target:
    """Our median against the fastest of some others."""
    names = " and ".join(others)
    line = f"≥ {limit:g} × faster than {names}"
    ours = results.cell(workload, case, OURS)
    cells = [cell for name in others if (cell := results.cell(workload, case, name))]
    if ours is None or not cells:
        return Target(what, line, None)
    found = min(cell.median for cell in cells) / ours.median
    return Target(what, line, (f"{significant(found)} ×", found >= limit))


def _number(
    what: str, cell: Cell | None, name: str, limit: float, show: Callable[[float], str]
) -> Target:
    found = None
    if cell is not None and name in cell.numbers:
        found = _at_most(cell.numbers[name], limit, show)
    return Target(what, f"≤ {show(limit)}", found)


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _at_most(value: float, limit: float, show: Callable[[float], str]) -> tuple[str, bool]:
    return show(value), value <= limit


def _ratio(value: float) -> str:
    return f"{value:.2f} ×"


def _ms(seconds: float) -> str:
    return f"{milliseconds(seconds)} ms"
