"""How long a comparison takes and how many changes it tells, beside other tools; as tables.

    python benchmarks/diff.py peers --npm build/npm
    python benchmarks/diff.py awkward
    python benchmarks/diff.py memory
    python benchmarks/diff.py history REPOSITORY FILE

`peers` needs what the extra `bench` installs, and for npm's jsondiffpatch a folder that it was
installed into (`npm install --prefix build/npm jsondiffpatch`), given by `--npm` or in the
variable DBENGINE_BENCH_NPM. What is missing is skipped, with a message. Every run is a process
of its own, in a random order, and has the two documents read before the clock starts.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from diff_inputs import Pair, awkward, config, thirty_changes

sys.path.insert(0, str(Path(__file__).parent.parent))

from dbengine import Cancelled
from dbengine.diff import Diff, diff, rows

HERE = Path(__file__).parent
PEERS = ("dbengine", "deepdiff", "jsonpatch", "dictdiffer", "git")
clock = time.process_time
"""For what runs in this process alone: other work on the machine does not count."""

ONCE = 30
"""What takes so many seconds is not run again."""


@dataclass
class Measured:
    """The runs of one tool on one input; `flaw` says why there is no time, or no more."""

    seconds: list[float] = field(default_factory=list)
    changes: int = 0
    memory: list[int] = field(default_factory=list)
    flaw: str = ""

    @property
    def finished(self) -> bool:
        return bool(self.flaw) or bool(self.seconds and self.seconds[0] > ONCE)


def commands(npm: Path | None) -> dict[str, list[str]]:
    """How to run each tool, before the names of two files."""
    tools = {tool: [sys.executable, str(HERE / "diff_tools.py"), tool] for tool in PEERS}
    if npm is None or not (npm / "node_modules" / "jsondiffpatch").exists():
        print("jsondiffpatch: skipped, it is in no folder that --npm names", file=sys.stderr)
    elif not shutil.which("node"):
        print("jsondiffpatch: skipped, there is no node", file=sys.stderr)
    else:
        tools["jsondiffpatch"] = ["node", str(HERE / "diff_tools.mjs"), str(npm.resolve())]
    return tools


def run(tool: str, command: list[str], cap: float) -> dict[str, Any]:
    """What the process says; `flaw` where it was too slow or failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=cap, check=False)
    except subprocess.TimeoutExpired:
        return {"flaw": f"> {cap:.0f} s"}
    if done.returncode:
        return {"flaw": reason(tool, done.stderr)}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def reason(tool: str, errors: str) -> str:
    """Why there is no result, in a word for the table; the tool's own last line is printed."""
    if "heap out of memory" in errors or "MemoryError" in errors:
        return "out of memory"
    print(f"{tool}: {(errors.strip().splitlines() or ['no reason given'])[-1]}", file=sys.stderr)
    return "skipped" if "ModuleNotFound" in errors else "failed"


def peers(sizes: list[int], repeats: int, cap: float, npm: Path | None) -> None:
    cases: dict[str, Pair] = {"config, 25 KB": config()}
    cases |= {f"{size:,} records": thirty_changes(size) for size in sizes}
    tools = commands(npm)
    found: defaultdict[tuple[str, str], Measured] = defaultdict(Measured)
    with tempfile.TemporaryDirectory() as name:
        files = {case: written(pair, Path(name), case) for case, pair in cases.items()}
        plan = [(case, tool) for case in cases for tool in tools] * repeats
        random.shuffle(plan)
        for case, tool in plan:
            measured = found[case, tool]
            if not measured.finished:
                note(measured, run(tool, [*tools[tool], *files[case]], cap))
    print("| input | tool | median | runs | times dbengine | changes | memory |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for case in cases:
        ours = median(found[case, "dbengine"].seconds)
        for tool in tools:
            print(f"| {case} | {tool} | {shown(found[case, tool], ours)} |")


def note(measured: Measured, answer: dict[str, Any]) -> None:
    measured.flaw = answer.get("flaw", "")
    if not measured.flaw:
        measured.seconds.append(answer["seconds"])
        measured.changes = answer["changes"]
        measured.memory.append(answer["memory"])


def written(pair: Pair, folder: Path, case: str) -> list[str]:
    """The two documents as files, pretty, as git wants them."""
    names = [folder / f"{case}-{side}.json" for side in ("left", "right")]
    for name, value in zip(names, pair, strict=True):
        name.write_text(json.dumps(value, indent=2), encoding="utf-8")
    return [str(name) for name in names]


def shown(measured: Measured, ours: float) -> str:
    if not measured.seconds:
        return f"{measured.flaw} | | | |"
    seconds = median(measured.seconds)
    ratio = f"{seconds / ours:,.1f}"
    memory = mb(median(measured.memory))
    counts = f"{len(measured.seconds)} | {ratio} | {measured.changes:,} | {memory}"
    return f"{milliseconds(seconds)} | {counts}"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.2f} ms" if seconds < 0.1 else f"{seconds * 1000:,.0f} ms"


def stuck(count: int) -> None:
    """The awkward inputs: time to compare, to show rows and to cancel, changes."""
    diff({"a": 1}, {"a": "1"})
    print("| input | diff | first rows | to cancel | changes | coarse |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    for name, make in awkward(count).items():
        left, right = make()
        gc.collect()
        started = clock()
        found = diff(left, right)
        compared = clock()
        rows(found)[:100]
        laid = clock()
        changes, coarse = len(found.changes), "yes" if found.coarse else ""
        del found
        waited = max(to_cancel(left, right, (compared - started) * at / 6) for at in range(1, 5))
        print(
            f"| {name} | {milliseconds(compared - started)} | {milliseconds(laid - compared)} "
            f"| {milliseconds(waited)} | {changes:,} | {coarse} |",
            flush=True,
        )
        del left, right


def to_cancel(left: Any, right: Any, after: float) -> float:
    """How long a comparison goes on when it is cancelled so many seconds after its start."""
    asked = clock() + after

    def progress(*_: object) -> None:
        if clock() >= asked:
            raise Cancelled("enough")

    with suppress(Cancelled):
        diff(left, right, progress)
    return max(clock() - asked, 0)


def memory(count: int) -> None:
    """What a comparison needs above the two documents, as Python's allocator counts it."""
    edited = (
        "every record edited",
        "every record edited in a list and a dict of its own",
        "every field of every record",
    )
    cases: dict[str, Callable[[], Pair]] = {"30 changes": lambda: thirty_changes(count)}
    cases |= {name: awkward(count)[name] for name in edited}
    print("| input | peak | kept | with first rows |\n| --- | ---: | ---: | ---: |")
    for name, make in cases.items():
        left, right = make()
        diff({"a": 1}, {"a": "1"})
        tracemalloc.start()
        found = diff(left, right)
        kept, peak = tracemalloc.get_traced_memory()
        page = rows(found)
        page[:100]
        after, peak_after = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        sizes = " | ".join(map(mb, (max(peak, peak_after), kept, after)))
        print(f"| {count:,} records, {name} | {sizes} |")


def mb(count: float) -> str:
    return f"{count / 1e6:.0f} MB"


def history(repository: Path, path: str) -> None:
    """All neighbours in a git repository's history of one JSON file."""
    times, counts, widest = [], [], []
    for (_, left), (commit, right) in neighbours(repository, path):
        started = clock()
        found = diff(left, right)
        times.append(clock() - started)
        counts.append(len(found.changes))
        widest.append((len(found.changes), touched(found), commit, bool(found.coarse)))
        if found.apply(left) != right or found.invert().apply(right) != left:
            raise SystemExit(f"{commit}: the changes do not lead from one to the other")
    print(f"{len(times):,} neighbours, {sum(times):.2f} s in all, each applied and inverted\n")
    print("| | least | median | 95 % | most |\n| --- | ---: | ---: | ---: | ---: |")
    print(f"| time | {' | '.join(milliseconds(value) for value in spread(times))} |")
    print(f"| changes | {' | '.join(f'{value:,.0f}' for value in spread(counts))} |")
    print("\n| widest | changes | items of lists | coarse |\n| --- | ---: | ---: | --- |")
    for count, items, commit, coarse in sorted(widest, reverse=True)[:10]:
        print(f"| {commit[:10]} | {count:,} | {items:,} | {'yes' if coarse else ''} |")


def touched(found: Diff) -> int:
    """How many items of lists were added, removed or moved, or have a change within."""
    gone = {item(c.left_path) for c in found.changes if c.left_path and not c.right_path}
    here = {item(c.right_path) for c in found.changes if c.right_path}
    return len(gone - {()}) + len(here - {()})


def item(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The path up to the first position in a list; empty where it leads into none."""
    until = next((at + 1 for at, key in enumerate(path) if type(key) is int), 0)
    return path[:until]


def spread(values: list[float] | list[int]) -> list[float]:
    return [min(values), median(values), quantiles(values, n=100)[94], max(values)]


def neighbours(repository: Path, path: str) -> Iterator[tuple[tuple[str, Any], tuple[str, Any]]]:
    """Readable versions that follow each other, oldest first, each with its commit."""
    git = ["git", "-C", str(repository)]
    log = [*git, "log", "--reverse", "--format=%H", "--", path]
    last: tuple[str, Any] | None = None
    for commit in subprocess.run(log, capture_output=True, text=True, check=True).stdout.split():
        text = subprocess.run([*git, "show", f"{commit}:{path}"], capture_output=True, check=False)
        try:
            version = commit, json.loads(text.stdout)
        except ValueError:
            continue
        if last is not None:
            yield last, version
        last = version


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    beside = kinds.add_parser("peers", help="beside other tools: minutes")
    beside.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    beside.add_argument("--repeats", type=int, default=5)
    beside.add_argument("--cap", type=float, default=60, help="seconds after which a run is ended")
    beside.add_argument("--npm", type=Path, default=os.environ.get("DBENGINE_BENCH_NPM"))
    for kind in ("awkward", "memory"):
        kinds.add_parser(kind).add_argument("--count", type=int, default=100_000)
    past = kinds.add_parser("history", help="the history of a JSON file in a git repository")
    past.add_argument("repository", type=Path)
    past.add_argument("file")
    options = parser.parse_args()
    if options.kind == "peers":
        peers(options.sizes, options.repeats, options.cap, options.npm)
    elif options.kind == "history":
        history(options.repository, options.file)
    else:
        {"awkward": stuck, "memory": memory}[options.kind](options.count)


if __name__ == "__main__":
    main()
