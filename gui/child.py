"""Runs a long job in a process of its own, so that neither the window nor its reads wait for it.

`run` itself waits, and so belongs in a background thread: there a child's progress, result and
error come the same way as any other job's, and cancelling is the same ticket. (Qt's notifiers could
watch the pipe from the main loop instead; they cannot on Windows, and would be a second way.)

The job is a plain function `(progress, *args) -> frozen result` that the child finds by its name.
This module knows neither Qt nor threads, and the child never imports them.
"""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final

from dbengine import Cancelled, DbException

from .jobs import Ticket

PATIENCE: Final = 3.0
"""Seconds that a child gets to end by itself; then it is killed, which harms no database."""

PAUSE: Final = 0.05
"""Seconds between two reports, and between two looks at whether the job is still wanted."""

_SPAWN: Final = get_context("spawn")  # a fork would take Qt and the locks of other threads along


class ChildDied(DbException):
    """The process ended without a word: somebody killed it, or the memory ran out."""


@dataclass(frozen=True, slots=True)
class _Told:
    done: int
    total: int | None
    what: str


@dataclass(frozen=True, slots=True)
class _Done:
    result: Any


@dataclass(frozen=True, slots=True)
class _Raised:
    """An error in parts, since many a class takes more to be made than pickle knows of."""

    kind: type[BaseException]
    args: tuple[Any, ...]
    fields: dict[str, Any]
    trace: str

    def error(self) -> BaseException:
        error = self.kind.__new__(self.kind, *self.args)
        error.__dict__.update(self.fields)
        error.__cause__ = _There(f"\n{self.trace}")
        return error


class _There(Exception):
    """Stands as the cause of an error from a child, and shows the trace of there."""


def run(ticket: Ticket, job: Callable[..., Any], *args: Any) -> Any:
    """The job's result, or what it raised; `Cancelled`, or `ChildDied` if it never came to that."""
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_serve, args=(theirs, job, args), daemon=True)
    process.start()
    theirs.close()
    try:
        return _listen(process, ours, ticket)
    finally:
        with suppress(OSError):
            ours.send(None)
        _end(process)
        ours.close()


def _listen(process: BaseProcess, pipe: Connection, ticket: Ticket) -> Any:
    while True:
        ticket.check()
        if not pipe.poll(PAUSE):
            continue
        try:
            word = pipe.recv()
        except (EOFError, OSError):
            raise _died(process) from None
        match word:
            case _Told(done, total, what):
                ticket.progress(done, total, what)
            case _Raised():
                raise word.error()
            case _Done(result):
                return result


def _died(process: BaseProcess) -> ChildDied:
    process.join(PATIENCE)
    code = process.exitcode
    how = f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"
    return ChildDied(
        f"The process that did the work ended before it was done ({how}). "
        "The database is not harmed by that; please try again."
    )


def _end(process: BaseProcess) -> None:
    process.join(PATIENCE)
    for end in (process.terminate, process.kill):
        if process.exitcode is None:
            end()
            process.join(PATIENCE)
    process.close()


# ---- in the child -------------------------------------------------------------------------------


def _serve(pipe: Connection, job: Callable[..., Any], args: tuple[Any, ...]) -> None:
    # Ctrl+C in a terminal is meant for the window; with it goes the pipe, and then this ends too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    word: _Done | _Raised
    try:
        word = _Done(job(_Voice(pipe), *args))
    except BaseException as error:  # noqa: BLE001 - it is raised again over there
        word = _raised(error)
    with suppress(OSError):
        pipe.send(word)


class _Voice:
    """The `progress` of the job. Any word from over there, and its end, means: stop."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._told = 0.0

    def __call__(self, done: int, total: int | None, what: str) -> None:
        now = time.monotonic()
        if now - self._told < PAUSE:
            return
        self._told = now
        if self._pipe.poll():
            raise Cancelled("Cancelled.")
        self._pipe.send(_Told(done, total, what))


def _raised(error: BaseException) -> _Raised:
    trace = traceback.format_exc()
    if not isinstance(error, DbException | OSError | MemoryError):
        return _Raised(RuntimeError, (f"{type(error).__name__}: {error}",), {}, trace)
    parts = error.__reduce__()
    assert isinstance(parts, tuple), "errors are made of their class and its arguments"
    return _Raised(type(error), parts[1], dict(vars(error)), trace)
