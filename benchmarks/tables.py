"""The results of a run: cells by workload, case and peer, and their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from benchmarks.measure import Cell
from benchmarks.peers import BASE

Column = Callable[[Cell, Cell | None], str]
_EMPTY: Final = "–"


@dataclass
class Case:
    """One question asked of all peers, as `title` words it."""

    title: str
    cells: dict[str, Cell]

    def __str__(self) -> str:
        """A table in markdown."""
        cells = self.cells.values()
        totals = _TOTALS if any(cell.close for cell in cells) else {}
        columns = {**_TIMES, **totals, **_number_columns(cells)}
        lines = [_row(["", *columns]), _row(["---", *("---:" for _column in columns)])]
        base = self.cells.get(BASE)
        lines += [_cell_row(name, cell, base, columns) for name, cell in self.cells.items()]
        return f"### {self.title}\n\n" + "\n".join(lines) + "\n"


@dataclass
class Results:
    """All cases of a run, by workload and case."""

    cases: dict[tuple[str, object], Case] = field(default_factory=dict)

    def add(self, workload: str, case: object, title: str, cells: Mapping[str, Cell]) -> Case:
        made = Case(title, dict(cells))
        self.cases[workload, case] = made
        return made

    def cell(self, workload: str, case: object, peer: str) -> Cell | None:
        """What was measured there, or None."""
        found = self.cases.get((workload, case))
        cell = found.cells.get(peer) if found else None
        return cell if cell and cell.times else None


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in markdown."""
    names = list(header)
    return "\n".join([_row(names), _row("---" for _name in names), *map(_row, rows)])


def milliseconds(seconds: float) -> str:
    """A duration with three figures, in ms."""
    return significant(seconds * 1e3)


def significant(value: float) -> str:
    """A number with three figures, however small or big."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.1g}"


def size(count: float) -> str:
    """A number of bytes for people."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= factor:
            return f"{significant(count / factor)} {unit}"
    return f"{count:.0f} B"


def _row(texts: Iterable[str]) -> str:
    return "| " + " | ".join(texts) + " |"


def _cell_row(name: str, cell: Cell, base: Cell | None, columns: Mapping[str, Column]) -> str:
    if cell.skipped:
        return _row([name, f"skipped: {cell.skipped}", *([""] * (len(columns) - 1))])
    shown = f"{name} ({cell.note})" if cell.note else name
    usable = base if base and base.times else None
    return _row([shown, *(show(cell, usable) for show in columns.values())])


def _ratio(cell: Cell, base: Cell | None) -> str:
    return f"{cell.median / base.median:.2f}" if base else _EMPTY


def _total_ratio(cell: Cell, base: Cell | None) -> str:
    if base is None or len(cell.times) != len(base.times):
        return _EMPTY
    return f"{cell.total / base.total:.2f}"


def _of_times(show: Column) -> Column:
    """A column for cells that have times."""
    return lambda cell, base: show(cell, base) if cell.times else _EMPTY


_TIMES: Final[Mapping[str, Column]] = {
    "calls": _of_times(lambda cell, _base: f"{len(cell.times):,}"),
    "median ms": _of_times(lambda cell, _base: milliseconds(cell.median)),
    "× SQLite": _of_times(_ratio),
    "p95 ms": _of_times(lambda cell, _base: milliseconds(cell.quantile(0.95))),
    "p99 ms": _of_times(lambda cell, _base: milliseconds(cell.quantile(0.99))),
    "worst ms": _of_times(lambda cell, _base: milliseconds(cell.worst)),
}
_TOTALS: Final[Mapping[str, Column]] = {
    "total with close s": _of_times(lambda cell, _base: significant(cell.total)),
    "total × SQLite": _of_times(_total_ratio),
}


def _number_columns(cells: Iterable[Cell]) -> dict[str, Column]:
    """A column for each number that any cell has."""
    return {name: _number_column(name) for name in _names(cells)}


def _names(cells: Iterable[Cell]) -> Iterator[str]:
    yield from dict.fromkeys(name for cell in cells for name in cell.numbers)


def _number_column(name: str) -> Column:
    def show(cell: Cell, _base: Cell | None) -> str:
        if name not in cell.numbers:
            return _EMPTY
        value = cell.numbers[name]
        return f"{value:,.0f}" if name.startswith(("syncs", "objects")) else size(value)

    return show
