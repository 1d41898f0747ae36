"""The one background thread: it owns the database and runs jobs on it, one after the other.

A job is a plain function `(db, ticket, *args) -> frozen result`. What it gives, or raises, crosses
to the main thread by a single queued signal whose receiver, the `Worker`, lives there; everything
after that (`Request` and its signals) belongs to the main thread alone. So whatever is connected to
a request runs in the main thread, and no Qt object is ever in the background thread's hands.
"""

from __future__ import annotations

import atexit
import gc
import itertools
import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, ClassVar, Final, TypeAlias

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, SignalInstance

from dbengine import Cancelled, DbEngine, DbException

from .jobs import Swap

log = logging.getLogger(__name__)

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

    def run(self) -> None:
        while self._step():
            pass
        self._replace(None)

    def _step(self) -> bool:
        task = self.tasks.get()
        if task is None:
            return False
        self.crossed.emit(_Started(task.number))
        self.crossed.emit(_Ended(task.number, self._outcome(task)))
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
    """The main thread's side of the background thread.

    `busy_changed` carries a `Busy`, or None when there is nothing to do. `closing` says how many
    writes a shutdown still waits for. `closed` comes last, when the thread is gone.
    """

    busy_changed = Signal(object)
    closing = Signal(int)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)
        self._requests: dict[int, Request] = {}
        self._lanes: dict[str, Request] = {}
        self._stopping = False
        self._collector = _Collector(self)
        self._thread = _Thread()
        self._thread.crossed.connect(self._receive, Qt.ConnectionType.QueuedConnection)
        self._thread.finished.connect(self._finish, Qt.ConnectionType.QueuedConnection)
        # A running QThread that is dropped aborts the process: this keeps it, and ends it.
        atexit.register(self.join)
        self._thread.start()

    @property
    def idle(self) -> bool:
        return not self._requests

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

    def cancel(self, lane: str) -> None:
        """Cancel the read in this lane, if there is one."""
        if lane in self._lanes:
            self._lanes[lane].cancel()

    def reading(self, lane: str) -> bool:
        """Whether there is a read in this lane that was not cancelled."""
        return lane in self._lanes and self._lanes[lane].wanted

    def cancel_reads(self) -> None:
        """Cancel every read."""
        for request in self._requests.values():
            request.cancel()

    def shutdown(self) -> None:
        """Cancel reads, let the writes finish, close the database; `closed` follows."""
        if self._stopping:
            return
        self._stopping = True
        self.cancel_reads()
        self.closing.emit(self.pending_writes)
        self._thread.tasks.put(None)

    def join(self) -> None:
        """`shutdown`, and block until the thread is gone."""
        self.shutdown()
        self._thread.wait()

    def _submit(self, lane: str | None, title: str, call: _Call) -> Request:
        number = next(self._numbers)
        crossed = self._thread.crossed
        ticket = Ticket(_Reporter(crossed, number))
        request = Request(ticket, title=title, lane=lane)
        self._requests[number] = request
        if self._stopping:
            error = DbException("The program is closing: nothing was done.")
            crossed.emit(_Ended(number, Failure(error, "")))
        else:
            self._thread.tasks.put(_Task(number, call, ticket))
        return request

    def _receive(self, message: _Started | _Told | _Ended) -> None:
        """Main thread: what the background thread had to say, in its order."""
        request = self._requests[message.number]
        match message:
            case _Started():
                self.busy_changed.emit(Busy(request.title, request.write))
            case _Told():
                self.busy_changed.emit(Busy(request.title, request.write, message.progress))
                request.progressed.emit(message.progress)
            case _Ended():
                self._end(message.number, message.outcome)

    def _end(self, number: int, outcome: Any) -> None:
        request = self._requests.pop(number)
        if request.lane is not None and self._lanes.get(request.lane) is request:
            del self._lanes[request.lane]
        if self.idle:
            self.busy_changed.emit(None)
        if self._stopping:
            self.closing.emit(self.pending_writes)
        _deliver(request, outcome)

    def _finish(self) -> None:
        self._thread.wait()
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


class _Collector(QObject):
    """Collects garbage in the main thread only, as long as a worker lives.

    Python collects in whichever thread happens to allocate, and a cycle that is freed in the
    background thread deletes its Qt objects there, which crashes. It also keeps the collector from
    walking a document again and again while a job parses it.
    """

    PAUSE: ClassVar = 1_000
    YOUNG: ClassVar = 700
    FULL_EVERY: ClassVar = 60
    _living: ClassVar = 0

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rounds = 0
        self._timer = QTimer(self, interval=self.PAUSE)
        self._timer.timeout.connect(self.collect)
        self._timer.start()
        _Collector._living += 1
        gc.disable()

    def collect(self) -> None:
        """The young objects each time, all of them once a minute."""
        self._rounds += 1
        if self._rounds % self.FULL_EVERY == 0:
            gc.collect()
        elif gc.get_count()[0] > self.YOUNG:
            gc.collect(1)

    def stop(self) -> None:
        self._timer.stop()
        _Collector._living -= 1
        if not _Collector._living:
            gc.enable()
