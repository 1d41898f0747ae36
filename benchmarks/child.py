"""One question asked in a fresh process: what starting Python and importing cost is not counted.

python -m benchmarks.child PEER FOLDER QUESTION ENTRY NUMBER
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.measure import bytes_moved
from benchmarks.peers import KINDS, Kind, Peer

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = 100


class Answer(NamedTuple):
    """Seconds from opening to the answer, the bytes read from files, and how much was found.

    `opened` counts the files that Python opened; what a library in C opens is not seen.
    """

    seconds: float
    read: int | None
    found: int
    opened: int


Step = Callable[[], int]
Question = Callable[[Peer, str, int], Step]
"""What must be known before it is asked, and then the asking: a count of what was found."""


def ask(kind: Kind, folder: Path, question: str, entry: str, number: int = 0) -> Answer:
    """Ask a peer in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.child", kind.name, str(folder), question, entry]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [*command, str(number)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        check=True,
    )
    return Answer(*json.loads(done.stdout))


def _page(peer: Peer, entry: str, _number: int) -> Step:
    return lambda: len(peer.history(entry, PAGE))


def _all(peer: Peer, entry: str, _number: int) -> Step:
    return lambda: len(peer.history(entry))


def _entries(peer: Peer, entry: str, _number: int) -> Step:
    """Everything that is there, by name, and one of them."""
    return lambda: len(peer.entries()) if peer.load(entry) else 0


def _changes(peer: Peer, entry: str, distance: int) -> Step:
    """Between two versions in the middle of the history, `distance` apart."""
    names = [past.version for past in reversed(peer.history(entry))]
    old = (len(names) - distance) // 2
    return lambda: len(peer.changes(entry, names[old], names[old + distance]))


QUESTIONS: Final[dict[str, Question]] = {
    "page": _page,
    "all": _all,
    "entries": _entries,
    "changes": _changes,
}


def main() -> None:
    name, folder, question, entry, number = sys.argv[1:]
    kind = next(kind for kind in KINDS if kind.name == name)
    kind.prepare()
    start = time.perf_counter()
    peer = kind.open(Path(folder))
    step = QUESTIONS[question](peer, entry, int(number))
    opened: list[str] = []
    sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" else None)
    before = bytes_moved("rchar")
    found = step()
    after = bytes_moved("rchar")
    taken = time.perf_counter() - start
    peer.close()
    read = None if before is None or after is None else after - before
    print(json.dumps([taken, read, found, len(opened)]))


if __name__ == "__main__":
    main()
