"""Timing the same calls of several peers side by side, so that a slow moment meets them alike."""

from __future__ import annotations

import gc
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

LEAST: Final = 3
"""So many repetitions a slow peer is given, whatever they take."""


@dataclass
class Cell:
    """What one peer took for one case.

    `times` are the seconds of each call, `close` those of closing afterwards. `numbers` holds
    what else was measured, by its column. `skipped` says why there is nothing, `note` what is
    to be known.
    """

    times: list[float] = field(default_factory=list)
    close: float = 0.0
    numbers: dict[str, float] = field(default_factory=dict)
    skipped: str = ""
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def worst(self) -> float:
        return max(self.times)

    @property
    def total(self) -> float:
        """All calls and the close, in seconds."""
        return sum(self.times) + self.close

    def quantile(self, part: float) -> float:
        """The time that `part` (0 to 1) of the calls took at most."""
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * part))]


@dataclass(frozen=True)
class Task:
    """One peer's calls of a case: `prepare(n)` gives call n, `check(n, result)` judges it."""

    prepare: Callable[[int], Callable[[], Any]]
    check: Callable[[int, Any], None] = lambda _number, _result: None


@dataclass(frozen=True)
class Plan:
    """How often: `repeats` calls, or what fits into `seconds`, in turns of `batch`."""

    repeats: int
    batch: int
    seconds: float

    def done(self, cell: Cell) -> bool:
        """Whether a peer has had its calls, or its time."""
        count = len(cell.times)
        return count >= self.repeats or (count >= LEAST and sum(cell.times) >= self.seconds)


class Wrong(Exception):
    """A peer gave something else than what was written: there is nothing to compare."""


def expect(found: object, wanted: object, what: str) -> None:
    """Raise `Wrong` unless both are equal."""
    if found != wanted:
        raise Wrong(f"{what}: {str(found)[:200]} where {str(wanted)[:200]} was written.")


def interleave(tasks: Mapping[str, Task], plan: Plan, chance: random.Random) -> dict[str, Cell]:
    """Time the tasks in turns, whose order is another in every round.

    What an earlier turn left to the operating system is on the disk before the next begins, and
    what it keeps in memory is not walked through by the collector in the next one's time.
    """
    cells = {name: Cell() for name in tasks}
    while waiting := [name for name, cell in cells.items() if not plan.done(cell)]:
        chance.shuffle(waiting)
        for name in waiting:
            os.sync()
            gc.freeze()
            _take_turn(tasks[name], cells[name], plan)
    gc.unfreeze()
    for cell in cells.values():
        if len(cell.times) < plan.repeats:
            cell.note = f"stopped after {len(cell.times):,} of {plan.repeats:,}"
    return cells


def _take_turn(task: Task, cell: Cell, plan: Plan) -> None:
    for _call in range(plan.batch):
        if plan.done(cell):
            return
        number = len(cell.times)
        call = task.prepare(number)
        result = _timed(call, cell.times)
        task.check(number, result)


def _timed(call: Callable[[], Any], times: list[float]) -> Any:
    start = time.perf_counter()
    result = call()
    times.append(time.perf_counter() - start)
    return result


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    times: list[float] = []
    _timed(call, times)
    return times[0]


def disk_use(folder: Path) -> int:
    """The bytes that a folder's files take on the disk, in whole blocks as `du` counts them."""
    found = 0
    for parent, _folders, files in os.walk(folder):
        found += sum((Path(parent) / name).lstat().st_blocks * 512 for name in files)
    return found


def bytes_moved(direction: str) -> int | None:
    """What this process has read (`rchar`) or written (`wchar`); None where nobody counts it."""
    try:
        lines = Path("/proc/self/io").read_text().splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) for line in lines if line.startswith(direction))


@contextmanager
def counted_syncs() -> Iterator[list[int]]:
    """Count the syncs that Python code makes meanwhile; libraries in C are not seen."""
    count = [0]

    def counting(sync: Callable[..., None]) -> Callable[..., None]:
        def counted(*given: Any) -> None:
            count[0] += 1
            sync(*given)

        return counted

    with patch("os.fsync", counting(os.fsync)), patch("os.fdatasync", counting(os.fdatasync)):
        yield count


def say(message: str) -> None:
    """Tell whoever waits what is being done."""
    print(message, file=sys.stderr, flush=True)
