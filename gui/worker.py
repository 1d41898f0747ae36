"""The background thread: it owns the database and runs jobs on it, one after the other.

A job is a plain function `(db, ticket, *args) -> frozen result`. What it gives, or raises, crosses
to the main thread by a single queued signal whose receiver, the `Worker`, lives there; everything
after that (`Request` and its signals) belongs to the main thread alone. So whatever is connected to
a request runs in the main thread, and no Qt object is ever in the background thread's hands.

A second thread of the same kind, without a database, does nothing but wait for the child process
that a long job runs in: so a long job is a request like any other, and no read waits for it.
"""

from __future__ import annotations

import atexit
import itertools
import logging
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Final, TypeAlias

from PySide6.QtCore import QObject, Qt, QThread, Signal, SignalInstance

from dbengine import Cancelled, DbEngine, DbException

from . import child
from .jobs import Swap
from .memory import Collector, Kept

log = logging.getLogger(__name__)

SWITCH: Final = 0.0005
"""Seconds after which a thread that works lets another one go on.

Every call into Qt lets go of the interpreter, and to have it back beside a thread that works takes
so long each time: with Python's own 5 ms, painting a page holds the window for a hundred.
"""

PROGRESS_PAUSE: Final = 0.05
"""Seconds between two reports of one job: more often would only flood the event loop."""


class Ticket:
    """A job's way to hear that it is not wanted any more, and to say how far it is."""

    def __init__(self, report: Callable[[Progress], None]) -> None:
        self.cancelled = False
        self._report = report
        self._reported = 0.0

    def check(self) -> None:
        """Raise `Cancelled` if the job should stop; to be called now and then, anywhere."""
        if self.cancelled:
            raise Cancelled("Cancelled.")

    def progress(self, done: int, total: int | None, what: str) -> None:
        """`check`, and say how far the job is; fits every `progress=` of the engine."""
        self.check()
        now = time.monotonic()
        if now - self._reported < PROGRESS_PAUSE:
            return
        self._reported = now
        self._report(Progress(done, total, what))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `done` of `total`, or of nobody knows how much."""

    done: int
    total: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Failure:
    """What a job raised. `known`: the world's fault, for the message bar; else it is our bug."""

    error: BaseException
    trace: str

    @property
    def known(self) -> bool:
        return isinstance(self.error, DbException | OSError | MemoryError)

    @property
    def cancelled(self) -> bool:
        return isinstance(self.error, Cancelled)


@dataclass(frozen=True, slots=True)
class Busy:
    """What the worker is doing now; `progress` is None until the job tells some."""

    title: str
    write: bool
    progress: Progress | None = None


class Request(QObject):
    """A job that was asked for. Exactly one of `done`, `failed` and `dropped` follows, later.

    It lives in the main thread, and so do its signals.
    """

    done = Signal(object)
    failed = Signal(object)
    dropped = Signal()
    progressed = Signal(object)

    def __init__(self, ticket: Ticket, *, title: str, lane: str | None) -> None:
        super().__init__()
        self.title = title
        self.lane = lane
        self._ticket = ticket

    @property
    def write(self) -> bool:
        """Whether it is a write, which cannot be cancelled."""
        return self.lane is None

    @property
    def wanted(self) -> bool:
        return not self._ticket.cancelled

    def cancel(self) -> None:
        """Ask a read to stop; it ends as `dropped`. A write goes on: it may be half way."""
        if not self.write:
            self._ticket.cancelled = True


_Call: TypeAlias = Callable[[DbEngine | None, Ticket], Any]

_LONG: Final = "long"
"""The lane of long jobs."""


@dataclass(frozen=True, slots=True)
class _Task:
    """The thread's half of a request. It must not lead to a Qt object, which would die there."""

    number: int
    call: _Call
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class _Started:
    number: int


@dataclass(frozen=True, slots=True)
class _Told:
    number: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class _Ended:
    number: int
    outcome: Any


class _Thread(QThread):
    """Takes tasks from a queue until it finds None there, then closes the database."""

    crossed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._db: DbEngine | None = None
        self.kept = Kept()

    def run(self) -> None:
        while self._step():
            pass
        self._replace(None)

    def _step(self) -> bool:
        task = self.tasks.get()
        if task is None:
            return False
        self.crossed.emit(_Started(task.number))
        outcome = self._outcome(task)
        self.kept.let_go()
        self.kept.keep(outcome)
        self.crossed.emit(_Ended(task.number, outcome))
        return True

    def _outcome(self, task: _Task) -> Any:
        """The job's result or its `Failure`; nothing that a job raises may end the thread."""
        try:
            task.ticket.check()
            result = task.call(self._db, task.ticket)
        except BaseException as error:  # noqa: BLE001 - it is raised again, so to say, over there
            trace = traceback.format_exc()
            return Failure(error.with_traceback(None), trace)
        if not isinstance(result, Swap):
            return result
        self._replace(result.db)
        return result.result

    def _replace(self, db: DbEngine | None) -> None:
        """Use another database from now on, and close the one before."""
        before, self._db = self._db, db
        if before is None:
            return
        try:
            before.close()
        except Exception:
            log.exception("The database %s could not be closed properly.", before.root)


class Worker(QObject):
    """The main thread's side of the background threads.

    `busy_changed` carries a `Busy`, the long job's if one runs, or None when there is nothing to
    do. `closing` says how many writes a shutdown still waits for. `closed` comes last, when the
    threads are gone.
    """

    busy_changed = Signal(object)
    closing = Signal(int)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        sys.setswitchinterval(SWITCH)
        self._numbers = itertools.count(1)
        self._requests: dict[int, Request] = {}
        self._lanes: dict[str, Request] = {}
        self._stopping = False
        self._ended = 0
        self._busy: dict[int, Busy] = {}
        self._thread, self._long_thread = self._threads = _Thread(), _Thread()
        self._collector = Collector(self, self._thread.kept)
        # A running QThread that is dropped aborts the process: this keeps them, and ends them.
        atexit.register(self.join)
        for thread in self._threads:
            thread.crossed.connect(self._receive, Qt.ConnectionType.QueuedConnection)
            thread.finished.connect(self._finish, Qt.ConnectionType.QueuedConnection)
            thread.start()

    @property
    def idle(self) -> bool:
        """Whether nothing is being read or written; a long job is not asked about."""
        return all(request.lane == _LONG for request in self._requests.values())

    @property
    def long_job(self) -> Request | None:
        """The long job that is running, also while it is being cancelled."""
        return next((r for r in self._requests.values() if r.lane == _LONG), None)

    @property
    def pending_writes(self) -> int:
        return sum(request.write for request in self._requests.values())

    def read(
        self, lane: str, job: Callable[..., Any], *args: Any, title: str = "", **options: Any
    ) -> Request:
        """Run a job that changes nothing. It supersedes the read before it in the same lane."""
        self.cancel(lane)
        request = self._submit(lane, title, lambda db, ticket: job(db, ticket, *args, **options))
        self._lanes[lane] = request
        return request

    def write(self, job: Callable[..., Any], *args: Any, title: str = "") -> Request:
        """Run a job that changes something: never dropped, never cancelled, in order."""
        return self._submit(None, title, lambda db, ticket: job(db, ticket, *args))

    def long(self, job: Callable[..., Any], *args: Any, title: str = "") -> Request:
        """Run `job(progress, *args)` in a child process. It can be cancelled; one at a time."""
        assert self.long_job is None, "a long job is offered only while there is none"
        request = self._submit(_LONG, title, lambda _db, ticket: child.run(ticket, job, *args))
        self.busy_changed.emit(Busy(title, write=False))
        return request

    def cancel(self, lane: str) -> None:
        """Cancel the read in this lane, if there is one."""
        if lane in self._lanes:
            self._lanes[lane].cancel()

    def reading(self, lane: str) -> bool:
        """Whether there is a read in this lane that was not cancelled."""
        return lane in self._lanes and self._lanes[lane].wanted

    def cancel_reads(self) -> None:
        """Cancel every read, and the long job."""
        for request in self._requests.values():
            request.cancel()

    def shutdown(self) -> None:
        """Cancel reads, let the writes finish, close the database; `closed` follows."""
        if self._stopping:
            return
        self._stopping = True
        self.cancel_reads()
        self.closing.emit(self.pending_writes)
        for thread in self._threads:
            thread.tasks.put(None)

    def join(self) -> None:
        """`shutdown`, and block until the threads are gone."""
        self.shutdown()
        for thread in self._threads:
            thread.wait()

    def _submit(self, lane: str | None, title: str, call: _Call) -> Request:
        number = next(self._numbers)
        thread = self._long_thread if lane == _LONG else self._thread
        crossed = thread.crossed
        ticket = Ticket(_Reporter(crossed, number))
        request = Request(ticket, title=title, lane=lane)
        self._requests[number] = request
        if self._stopping:
            error = DbException("The program is closing: nothing was done.")
            crossed.emit(_Ended(number, Failure(error, "")))
        else:
            thread.tasks.put(_Task(number, call, ticket))
        return request

    def _receive(self, message: _Started | _Told | _Ended) -> None:
        """Main thread: what the background thread had to say, in its order."""
        request = self._requests[message.number]
        match message:
            case _Started():
                self._show_busy(message.number, Busy(request.title, request.write))
            case _Told():
                busy = Busy(request.title, request.write, message.progress)
                self._show_busy(message.number, busy)
                request.progressed.emit(message.progress)
            case _Ended():
                self._end(message.number, message.outcome)

    def _end(self, number: int, outcome: Any) -> None:
        request = self._requests.pop(number)
        if request.lane is not None and self._lanes.get(request.lane) is request:
            del self._lanes[request.lane]
        self._show_busy(number, None)
        if self._stopping:
            self.closing.emit(self.pending_writes)
        _deliver(request, outcome)

    def _show_busy(self, number: int, busy: Busy | None) -> None:
        """Remember what a request does; tell of the long job if one runs, else of what is read."""
        self._busy.pop(number, None)
        if busy is not None:
            self._busy[number] = busy
        long = self.long_job
        shown = [b for n, b in self._busy.items() if long and self._requests[n] is long]
        shown = shown or list(self._busy.values())
        if shown or not self._requests:
            self.busy_changed.emit(shown[-1] if shown else None)

    def _finish(self) -> None:
        """One of the threads is at its end; all is over when both are."""
        self._ended += 1
        if self._ended < len(self._threads):
            return
        for thread in self._threads:
            thread.wait()
        self._collector.stop()
        atexit.unregister(self.join)
        self.closed.emit()


def _deliver(request: Request, outcome: Any) -> None:
    if not request.wanted or (isinstance(outcome, Failure) and outcome.cancelled):
        request.dropped.emit()
    elif isinstance(outcome, Failure):
        request.failed.emit(outcome)
    else:
        request.done.emit(outcome)


@dataclass(frozen=True, slots=True)
class _Reporter:
    """Sends one job's progress across."""

    crossed: SignalInstance
    number: int

    def __call__(self, progress: Progress) -> None:
        self.crossed.emit(_Told(self.number, progress))
