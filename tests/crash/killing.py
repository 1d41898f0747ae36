"""A life of numbered writes in a child process that is killed, and what must be there then."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

from dbengine import DbEngine, RecordNotFound

State = dict[str, list[Any]]
"""For each entry what every version of it holds, oldest first."""

BROUGHT: Final = 12
"""So many versions are there to be imported."""


class Life:
    """What write number n does is a matter of n alone, so that a plain model can follow it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._make_exports()

    def _make_exports(self) -> None:
        with DbEngine(self._folder / "elsewhere", durability="off") as db:
            db.init("t")
            for number in range(1, BROUGHT + 1):
                db.save("t", "eve", "brought", _brought(number))
                db.export("t", self._file(number))

    def _file(self, number: int) -> Path:
        return self._folder / f"{number}.export"

    def write(self, db: DbEngine, number: int) -> None:
        """May be done again after it was interrupted."""
        turn = number % 8
        if turn == 0:
            db.save("t", "ann", "whole", [number] * 50)
        elif turn in (1, 2):
            db.put("t", "ben", "records", f"k{number % 7}", _record(number))
        elif turn == 3:
            db.put_many("t", "ann", "records", {f"m{n}": [number, n] for n in range(30)})
        elif turn == 4:
            self._delete(db)
        elif turn == 5:
            db.close()
        elif turn == 6:
            db.pack("t")
        else:
            db.import_("t", self._file(_turns(number)))

    def _delete(self, db: DbEngine) -> None:
        try:
            db.delete("t", "cat", "records", "m7")
        except RecordNotFound:  # done before it was interrupted
            return

    def follow(self, state: State, number: int) -> State:
        """The state after write number n."""
        after = {entry: list(versions) for entry, versions in state.items()}
        records = after.setdefault("records", [])
        last = records[-1] if records else {}
        turn = number % 8
        if turn == 0:
            after.setdefault("whole", []).append([number] * 50)
        elif turn in (1, 2):
            records.append({**last, f"k{number % 7}": _record(number)})
        elif turn == 3:
            records.append({**last, **{f"m{n}": [number, n] for n in range(30)}})
        elif turn == 4 and "m7" in last:
            records.append({key: value for key, value in last.items() if key != "m7"})
        elif turn == 7:
            after["brought"] = [_brought(n) for n in range(1, _turns(number) + 1)]
        return {entry: versions for entry, versions in after.items() if versions}


def _record(number: int) -> dict[str, Any]:
    return {"number": number, "pad": "x" * (number * 97 % 3000)}


def _turns(number: int) -> int:
    return min(number // 8 + 1, BROUGHT)


def _brought(number: int) -> dict[str, Any]:
    return {"n": number, "text": "y" * 3000}


def found(db: DbEngine) -> State:
    return {
        entry: [db.load("t", entry, digest) for digest in reversed(db.history("t", entry))]
        for entry in db.entries("t")
    }


class Child:
    """A forked process that does something, and tells by a pipe what is done."""

    def __init__(self, work: Callable[[Callable[[int], None]], object]) -> None:
        self._told, telling = os.pipe()
        self._go, going = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._told)
            os.close(going)
            self._work(work, telling)
        os.close(telling)
        os.close(self._go)
        self._going = going

    def _work(self, work: Callable[[Callable[[int], None]], object], telling: int) -> NoReturn:
        code = 1
        try:
            os.read(self._go, 1)
            work(lambda number: _tell(telling, number))
            code = 0
        except BaseException:  # noqa: BLE001 - it is told, and then the process ends
            traceback.print_exc()
        finally:
            os._exit(code)

    def go(self) -> None:
        """It begins."""
        os.write(self._going, b"g")

    def first(self) -> int:
        """Wait for the first number that it tells."""
        return int(os.read(self._told, 7))

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> tuple[list[int], int]:
        """The other numbers that it told, and how it ended, once it has."""
        with os.fdopen(self._told, "rb") as pipe:
            told = pipe.read()
        os.close(self._going)
        status = os.waitpid(self.pid, 0)[1]
        return list(map(int, told.split())), os.waitstatus_to_exitcode(status)


def _tell(pipe: int, number: int) -> None:
    os.write(pipe, b"%6d\n" % number)
