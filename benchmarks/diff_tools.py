"""Times one tool on one pair of JSON files, in a process of its own, and prints what it took.

    python benchmarks/diff_tools.py TOOL LEFT RIGHT

Reading the files is not counted, nor is a first run on something small, which imports. What is
done in milliseconds is done again for a fifth of a second, and the median is printed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

LONG_ENOUGH = 0.2


def dbengine(left: Any, right: Any) -> int:
    from dbengine.diff import diff  # noqa: PLC0415 - each tool runs without the others installed

    return len(diff(left, right).changes)


def dbengine_and_first_rows(left: Any, right: Any) -> int:
    from dbengine.diff import diff, rows  # noqa: PLC0415

    found = diff(left, right)
    rows(found)[:100]
    return len(found.changes)


def deepdiff(left: Any, right: Any) -> int:
    from deepdiff import DeepDiff  # noqa: PLC0415

    return sum(len(levels) for levels in DeepDiff(left, right, view="tree").values())


def jsonpatch(left: Any, right: Any) -> int:
    from jsonpatch import make_patch  # noqa: PLC0415

    return len(list(make_patch(left, right)))


def dictdiffer(left: Any, right: Any) -> int:
    import dictdiffer as module  # noqa: PLC0415

    return len(list(module.diff(left, right)))


def git(left: Path, right: Path) -> int:
    """Hunks, on files that were printed with one value on a line."""
    command = ["git", "diff", "--no-index", "--histogram", "-U0", str(left), str(right)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return sum(line.startswith("@@") for line in told.stdout.splitlines())


TOOLS: dict[str, Callable[[Any, Any], int]] = {
    "dbengine": dbengine,
    "dbengine, first rows": dbengine_and_first_rows,
    "deepdiff": deepdiff,
    "jsonpatch": jsonpatch,
    "dictdiffer": dictdiffer,
}


def measure(work: Callable[[], int]) -> tuple[float, int]:
    times: list[float] = []
    count = 0
    while sum(times) < LONG_ENOUGH:
        started = time.perf_counter()
        count = work()
        times.append(time.perf_counter() - started)
    return median(times), count


def main(tool: str, left: str, right: str) -> None:
    if tool == "git":
        seconds, count = measure(lambda: git(Path(left), Path(right)))
    else:
        work = TOOLS[tool]
        work({"a": [1, 2]}, {"a": ["1", 2, 3]})
        pair = [json.loads(Path(name).read_bytes()) for name in (left, right)]
        seconds, count = measure(lambda: work(*pair))
    print(json.dumps({"seconds": seconds, "changes": count}))


if __name__ == "__main__":
    main(*sys.argv[1:])
