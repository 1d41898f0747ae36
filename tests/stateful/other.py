"""Another process at the same databases: calls, and what they return, go line by line."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from dbengine import DbEngine

HERE = Path(__file__).parents[2]


class Other:
    """A process that has had the same databases open all the time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.stateful.other"],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, root: Path, name: str, *args: Any) -> Any:
        """What a method of its engine returns there."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([str(root), name, args]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        assert self._process.wait(20) == 0
        self._process.stdout.close()


@cache
def other() -> Other:
    return Other()


def main() -> None:
    """Each line is `[root, method, arguments]`; a database that is closed is let go of."""
    handles: dict[str, DbEngine] = {}
    for line in sys.stdin:
        root, name, args = json.loads(line)
        if root not in handles:
            handles[root] = DbEngine(root, durability="off")
        found = getattr(handles[root], name)(*args)
        if name == "close":
            del handles[root]
        told = found if isinstance(found, str | bool | int | float | list | dict) else None
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
