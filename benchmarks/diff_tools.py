"""Times one tool on one pair of JSON files, in a process of its own, and prints what it took.

    python benchmarks/diff_tools.py TOOL LEFT RIGHT

Counted is processor time, its own and that of what it starts, so that other work on the machine
does not matter. Reading the files is not counted, nor is a first run on something small, which
imports. What is done in milliseconds is done again for a fifth of a second, and the median is
printed. Memory is how far the process grows in a first run, in bytes, and for git all that its
process had.
"""

from __future__ import annotations

import json
import os
import resource
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
    "deepdiff": deepdiff,
    "jsonpatch": jsonpatch,
    "dictdiffer": dictdiffer,
}


def measure(work: Callable[[], int]) -> dict[str, float]:
    times: list[float] = []
    changes = 0
    while sum(times) < LONG_ENOUGH:
        started = processor_time()
        changes = work()
        times.append(processor_time() - started)
    return {"seconds": median(times), "changes": changes}


def processor_time() -> float:
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + started.ru_utime + started.ru_stime


def peak(who: int) -> int:
    """The most memory that the process (or any that it started) ever had; Linux counts in KB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(who).ru_maxrss * unit


def growth(work: Callable[[], int]) -> int:
    """How far a copy of this process, whose peak counts from now on, grows while it works."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        before = peak(resource.RUSAGE_SELF)
        work()
        os.write(writer, str(peak(resource.RUSAGE_SELF) - before).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return int(os.read(reader, 32))


def main(tool: str, left: str, right: str) -> None:
    if tool == "git":
        answer = measure(lambda: git(Path(left), Path(right)))
        answer["memory"] = peak(resource.RUSAGE_CHILDREN)
    else:
        work = TOOLS[tool]
        work({"a": [1, 2]}, {"a": ["1", 2, 3]})
        pair = [json.loads(Path(name).read_bytes()) for name in (left, right)]
        memory = growth(lambda: work(*pair))
        answer = measure(lambda: work(*pair)) | {"memory": memory}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
