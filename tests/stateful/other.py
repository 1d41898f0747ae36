"""The other process of `test_engine`: calls that come in line by line, and what they return."""

from __future__ import annotations

import json
import sys

from dbengine import DbEngine


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
