"""How big a run is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Scale:
    """The sizes that each workload goes through, and how often it repeats its calls."""

    put_sizes: tuple[int, ...] = (100, 1_000, 10_000, 100_000)
    puts: int = 2_000
    save_sizes: tuple[int, ...] = (1_000, 100_000, 10_000_000)
    saves: int = 300
    many_records: int = 100_000
    many_times: int = 7
    long_records: int = 1_000
    long_puts: int = 10_000
    history_sizes: tuple[int, ...] = (1_000, 10_000, 100_000)
    cold_times: int = 15
    entries: int = 1_000
    entry_versions: int = 100
    read_sizes: tuple[int, ...] = (10_000, 100_000)
    read_versions: int = 1_200
    far: int = 1_000
    gets: int = 2_000
    loads: int = 40
    changes: int = 300
    real_versions: int | None = None
    real_loads: int = 300
    seconds: float = 20
    build_seconds: float = 120


FULL: Final = Scale()

QUICK: Final = Scale(
    put_sizes=(100, 1_000),
    puts=200,
    save_sizes=(1_000, 100_000),
    saves=40,
    many_records=5_000,
    many_times=3,
    long_puts=1_000,
    history_sizes=(200, 2_000),
    cold_times=5,
    entries=50,
    entry_versions=20,
    read_sizes=(1_000,),
    read_versions=300,
    far=200,
    gets=200,
    loads=10,
    changes=50,
    real_versions=150,
    real_loads=40,
    seconds=3,
    build_seconds=15,
)
