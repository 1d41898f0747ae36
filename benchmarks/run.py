"""The command line of the comparison: which workloads, how big, where; and its report."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.ground import Ground
from benchmarks.measure import say
from benchmarks.peers import KINDS, Kind
from benchmarks.scale import FULL, QUICK, Scale
from benchmarks.tables import Results, table
from benchmarks.targets import targets_table
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.real import real

REAL: Final = "real"
Keep = Callable[[Results, Sequence[str]], None]

_INTRODUCTION: Final = """\
# DbEngine beside what one would pick instead

Written by `python benchmarks/engine.py{flags}` on {date}. Every peer keeps every version and can
read it back, and what it reads is checked against what was written, in this very run. The peers
take turns in a new random order each round, in one process, so that a slow moment of the machine
meets them alike; what an earlier turn left to the operating system is on the disk before the
next begins. “× SQLite” compares medians with {base}. Fresh processes count from opening the
database to the answer, not the start of Python and its imports; the files are in the memory of
the operating system. Disk use is in whole blocks, as `du` counts.

{machine}
"""
_UNFINISHED: Final = """\
**This run has not come to its end.** Not measured yet, or never if it was interrupted: {waiting}.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    scale, flags = (QUICK, " --quick") if options.quick else (FULL, "")
    if options.seconds:
        scale = replace(scale, seconds=options.seconds)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="bench-") as folder:
        kinds = tuple(_chosen_kinds(options.peers))
        ground = Ground(Path(folder), kinds, scale.seconds, scale.build_seconds)

        def keep(results: Results, waiting: Sequence[str]) -> None:
            if options.out:
                _write(options.out, report(results, kinds, flags, waiting))

        results = run(ground, scale, options.only, options.real, options.real_file, keep)
    print(report(results, kinds, flags))


def run(
    ground: Ground,
    scale: Scale,
    only: Collection[str],
    repo: Path | None,
    file: str,
    keep: Keep = lambda _results, _waiting: None,
) -> Results:
    """Go through the workloads; `repo` has the real data, in `file`.

    After each, `keep` is given all that is measured so far, and which workloads are still to come.
    """
    results = Results()
    waiting = _chosen_workloads(only, repo)
    while waiting:
        name = waiting.pop(0)
        say(name)
        if name in WORKLOADS:
            WORKLOADS[name](ground, scale, results)
        elif repo:
            real(ground, scale, results, repo, file)
        keep(results, waiting)
    return results


def report(
    results: Results, kinds: Iterable[Kind], flags: str = "", waiting: Sequence[str] = ()
) -> str:
    """Everything that was measured, in markdown; with `waiting`, it says that the run goes on."""
    date = datetime.now(UTC).strftime("%Y-%m-%d")
    introduction = _INTRODUCTION.format(
        flags=flags, date=date, base="SQLite FULL", machine=_machine()
    )
    peers = table(("peer", "as what"), ((kind.name, kind.about) for kind in kinds))
    unfinished = [_UNFINISHED.format(waiting=", ".join(waiting))] if waiting else []
    targets = ["## Targets\n", targets_table(results) + "\n"]
    parts = [introduction, *unfinished, peers + "\n", *targets]
    return "\n".join([*parts, "## Measured\n", *map(str, results.cases.values())])


def _write(path: Path, text: str) -> None:
    """Whoever looks, and whenever the run ends, there is a whole report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def _machine() -> str:
    return "\n".join(f"- {line}" for line in _machine_lines())


def _machine_lines() -> Iterator[str]:
    yield f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    packages = ("orjson", "ZODB", "pygit2", "dulwich", "tinydb")
    installed = {kind.needs for kind in KINDS if kind.installed}
    yield ", ".join(f"{name} {version(name)}" for name in packages if name in installed)


def _chosen_workloads(only: Collection[str], repo: Path | None) -> list[str]:
    names = [*WORKLOADS, REAL] if repo else [*WORKLOADS]
    return [name for name in names if not only or name in only]


def _chosen_kinds(names: Sequence[str]) -> Iterator[Kind]:
    for kind in KINDS:
        if names and kind.name not in names:
            continue
        if kind.installed:
            yield kind
        else:
            say(f"{kind.name} is left out: {kind.needs} is not installed (extra `bench`).")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/engine.py", description=__doc__)
    names = [*WORKLOADS, REAL]
    parser.add_argument("--quick", action="store_true", help="small sizes, a few minutes")
    parser.add_argument("--only", nargs="+", default=[], choices=names, help="these workloads")
    parser.add_argument(
        "--peers", nargs="+", default=[], choices=[kind.name for kind in KINDS], help="these peers"
    )
    parser.add_argument("--folder", type=Path, help="on whose disk it takes place")
    parser.add_argument("--seconds", type=float, help="for each peer in each case")
    parser.add_argument("--real", type=Path, help="a git repository or bundle with real data")
    parser.add_argument("--real-file", default="incidents.json", help="the JSON file in it")
    parser.add_argument("--out", type=Path, help="where the report goes, beside the terminal")
    return parser.parse_args(arguments)
