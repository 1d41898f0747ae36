"""How long a comparison takes and how many changes it tells, beside plain deepdiff and git.

    python benchmarks/diff.py [--peers] [--sizes 1000 10000 100000]

Peers that are not installed are left out. The last table holds the awkward inputs.
"""

from __future__ import annotations

import argparse
import copy
import importlib
import json
import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbengine.diff import diff, rows

Pair = tuple[Any, Any]


def record(numbers: random.Random, at: int) -> dict[str, Any]:
    return {
        "id": at,
        "email": f"u{numbers.randrange(10**9)}@example.org",
        "age": numbers.randrange(90),
        "score": numbers.random(),
        "active": at % 2 == 0,
        "tags": ["a", str(numbers.randrange(5))],
        "address": {"city": numbers.choice("ABC"), "zip": str(numbers.randrange(10**5))},
        "note": None,
    }


def thirty_changes(count: int) -> Pair:
    """Records, and the same after 15 edits, 5 inserts, 5 deletions and 5 moves."""
    numbers = random.Random(7)
    left = [record(numbers, at) for at in range(count)]
    right = copy.deepcopy(left)
    places = sorted(numbers.sample(range(5, count - 10, 5), 35), reverse=True)
    kinds = ["edit"] * 15 + ["insert"] * 5 + ["delete"] * 5 + ["take"] * 5 + ["give"] * 5
    numbers.shuffle(kinds)
    plan = list(zip(places, kinds, strict=True))
    hand = [copy.deepcopy(left[at]) for at, kind in plan if kind == "take"]
    for at, kind in plan:
        if kind == "edit":
            right[at]["age"] += 1000
        elif kind == "insert":
            right.insert(at, record(numbers, count + at))
        elif kind == "give":
            right.insert(at, hand.pop())
        else:
            del right[at]
    return left, right


def config() -> Pair:
    """A configuration of about 25 KB with five edits."""
    numbers = random.Random(3)
    left = {
        f"section_{at}": {f"option_{n}": numbers.choice([n, str(n), n / 7]) for n in range(20)}
        for at in range(50)
    }
    right = copy.deepcopy(left)
    for at in range(5):
        right[f"section_{at * 9}"][f"option_{at}"] = "edited"
    return left, right


def awkward(count: int) -> dict[str, Callable[[], Pair]]:
    numbers = random.Random(5)

    def shuffled() -> Pair:
        left = [record(numbers, at) for at in range(count)]
        return left, numbers.sample(left, count)

    def touched() -> Pair:
        left = [record(numbers, at) for at in range(count)]
        return left, [{**item, "age": -1} for item in left]

    return {
        "shuffled": shuffled,
        "every record touched": touched,
        "unrelated numbers": lambda: tuple([numbers.random() for _ in range(count)] for _ in "lr"),
        "two distinct values": lambda: tuple(
            [numbers.randrange(2) for _ in range(count)] for _ in "lr"
        ),
    }


def timed(work: Callable[[], int]) -> tuple[float, int]:
    started = time.perf_counter()
    count = work()
    return time.perf_counter() - started, count


def ours(left: Any, right: Any) -> int:
    return len(diff(left, right).changes)


def with_rows(left: Any, right: Any) -> int:
    return len(rows(diff(left, right)))


def deepdiff(left: Any, right: Any) -> int:
    found = importlib.import_module("deepdiff").DeepDiff(left, right, view="tree")
    return sum(len(levels) for levels in found.values())


def jsonpatch(left: Any, right: Any) -> int:
    return len(list(importlib.import_module("jsonpatch").make_patch(left, right)))


def dictdiffer(left: Any, right: Any) -> int:
    return len(list(importlib.import_module("dictdiffer").diff(left, right)))


def git(left: Any, right: Any) -> int:
    """Lines told, on the pretty text."""
    with tempfile.TemporaryDirectory() as folder:
        for name, value in (("a", left), ("b", right)):
            (Path(folder) / name).write_text(json.dumps(value, indent=2), encoding="utf-8")
        command = ["git", "diff", "--no-index", "--histogram", "-U0", "a", "b"]
        told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return sum(line[:1] in ("+", "-") for line in told.stdout.splitlines())


def show(name: str, tool: str, work: Callable[[Any, Any], int], pair: Pair) -> None:
    try:
        seconds, count = timed(lambda: work(*pair))
    except (ImportError, FileNotFoundError):
        return
    print(f"| {name} | {tool} | {seconds * 1000:,.1f} | {count:,} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", action="store_true", help="run the others too: minutes")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    options = parser.parse_args()
    ours({"a": 1}, {"a": 2})  # what is imported late is imported now
    print("| input | tool | ms | changes |\n| --- | --- | ---: | ---: |")
    cases = {"config": config()} | {f"{n:,} records": thirty_changes(n) for n in options.sizes}
    peers = {"deepdiff": deepdiff, "jsonpatch": jsonpatch, "dictdiffer": dictdiffer, "git": git}
    for name, pair in cases.items():
        tools = {"dbengine": ours, "dbengine, with rows": with_rows}
        for tool, work in (tools | peers if options.peers else tools).items():
            show(name, tool, work, pair)
    for name, make in awkward(max(options.sizes)).items():
        show(name, "dbengine", ours, make())


if __name__ == "__main__":
    main()
