"""What the peers are asked to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks.ground import Ground
from benchmarks.scale import Scale
from benchmarks.tables import Results
from benchmarks.workloads.cold import history, many_entries
from benchmarks.workloads.endurance import endurance
from benchmarks.workloads.reading import read
from benchmarks.workloads.writing import put, put_many, save

Workload = Callable[[Ground, Scale, Results], None]

WORKLOADS: Final[dict[str, Workload]] = {
    "put": put,
    "save": save,
    "put_many": put_many,
    "endurance": endurance,
    "read": read,
    "history": history,
    "open": many_entries,
}
"""Those that need nothing but a folder, by the name that `--only` takes."""

__all__ = ["WORKLOADS", "Workload"]
