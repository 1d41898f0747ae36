from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from dbengine import Cancelled, DbException
from gui import big
from gui.jobs import Swap
from gui.worker import Busy, Failure, Progress, Request, Worker

from . import test_child


class Gate:
    """A job that waits until the test opens it, or until it is cancelled."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def __call__(self, _db, ticket, result="through"):
        self.entered.set()
        while not self.opened.wait(0.001):
            ticket.check()
        return result

    def deaf(self, _db, _ticket, result="through"):
        """Does not listen to its ticket."""
        self.entered.set()
        self.opened.wait()
        return result


class FakeDb:
    def __init__(self, error: Exception | None = None) -> None:
        self.root = "fake"
        self.error = error
        self.closed_on: QThread | None = None

    def close(self) -> None:
        self.closed_on = QThread.currentThread()
        if self.error:
            raise self.error


class Listener(QObject):
    """Remembers what a request told it, and where."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.heard: list[object] = []
        self.threads: set[QThread] = set()
        request.done.connect(self._done)
        request.failed.connect(self._done)
        request.dropped.connect(self._dropped)

    def _done(self, result: object) -> None:
        self.threads.add(QThread.currentThread())
        self.heard.append(result)

    def _dropped(self) -> None:
        self.threads.add(QThread.currentThread())
        self.heard.append("dropped")


def echo(_db, _ticket, value):
    return value


def fail(_db, _ticket, error):
    raise error


@pytest.fixture
def worker(qtbot: QtBot) -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.join()


def settle(qtbot: QtBot, worker: Worker) -> None:
    """Wait until a read that is asked for now is answered, and so all before it are."""
    with qtbot.waitSignal(worker.read("settle", echo, None).done):
        pass


def test_a_job_runs_in_the_background_and_is_heard_in_the_main_thread(
    qtbot: QtBot, worker: Worker
) -> None:
    def where(_db, _ticket):
        return QThread.currentThread()

    listener = Listener(worker.read("lane", where))
    settle(qtbot, worker)
    assert listener.heard[0] is not QThread.currentThread()
    assert listener.threads == {QThread.currentThread()}


def test_even_a_lambda_hears_a_result_in_the_main_thread(qtbot: QtBot, worker: Worker) -> None:
    heard = []
    worker.read("lane", echo, 1).done.connect(lambda _: heard.append(QThread.currentThread()))
    settle(qtbot, worker)
    assert heard == [QThread.currentThread()]


def test_arguments_and_options_reach_the_job(qtbot: QtBot, worker: Worker) -> None:
    def collect(_db, _ticket, *args, **options):
        return args, options

    listener = Listener(worker.read("lane", collect, 1, 2, title="Collecting", limit=3))
    settle(qtbot, worker)
    assert listener.heard == [((1, 2), {"limit": 3})]


def test_a_newer_read_stops_the_running_one_of_its_lane(qtbot: QtBot, worker: Worker) -> None:
    gate = Gate()
    older = Listener(worker.read("lane", gate))
    gate.entered.wait()
    newer = Listener(worker.read("lane", echo, "new"))
    settle(qtbot, worker)
    assert older.heard == ["dropped"]
    assert newer.heard == ["new"]


def test_a_read_still_in_the_queue_is_superseded_without_being_run(
    qtbot: QtBot, worker: Worker
) -> None:
    first, second = Gate(), Gate()
    blocker = worker.read("elsewhere", first)
    first.entered.wait()
    older = Listener(worker.read("lane", second))
    newer = Listener(worker.read("lane", echo, "new"))
    first.opened.set()
    settle(qtbot, worker)
    assert not second.entered.is_set()
    assert older.heard == ["dropped"]
    assert newer.heard == ["new"]
    assert blocker.wanted


def test_a_result_that_comes_too_late_is_dropped(qtbot: QtBot, worker: Worker) -> None:
    gate = Gate()
    older = Listener(worker.read("lane", gate.deaf))
    gate.entered.wait()
    newer = Listener(worker.read("lane", echo, "new"))
    gate.opened.set()
    settle(qtbot, worker)
    assert older.heard == ["dropped"]
    assert newer.heard == ["new"]


def test_a_result_that_waits_to_be_heard_is_dropped_when_it_is_superseded(
    qtbot: QtBot, worker: Worker
) -> None:
    done = threading.Event()

    def finish(_db, _ticket):
        done.set()
        return "old"

    older = Listener(worker.read("lane", finish))
    done.wait()
    newer = Listener(worker.read("lane", echo, "new"))
    settle(qtbot, worker)
    assert older.heard == ["dropped"]
    assert newer.heard == ["new"]


def test_lanes_do_not_disturb_each_other(qtbot: QtBot, worker: Worker) -> None:
    listeners = [Listener(worker.read(f"lane {n}", echo, n)) for n in range(3)]
    settle(qtbot, worker)
    assert [listener.heard for listener in listeners] == [[0], [1], [2]]


def test_a_cancelled_read_ends_as_dropped(qtbot: QtBot, worker: Worker) -> None:
    gate = Gate()
    request = worker.read("lane", gate)
    listener = Listener(request)
    gate.entered.wait()
    request.cancel()
    assert not worker.reading("lane")
    settle(qtbot, worker)
    assert listener.heard == ["dropped"]


def test_a_job_that_cancels_itself_is_dropped_and_not_an_error(
    qtbot: QtBot, worker: Worker
) -> None:
    listener = Listener(worker.read("lane", fail, Cancelled("Cancelled.")))
    settle(qtbot, worker)
    assert listener.heard == ["dropped"]


def test_a_write_cannot_be_cancelled(qtbot: QtBot, worker: Worker) -> None:
    gate = Gate()
    request = worker.write(gate)
    listener = Listener(request)
    gate.entered.wait()
    request.cancel()
    worker.cancel_reads()
    gate.opened.set()
    settle(qtbot, worker)
    assert listener.heard == ["through"]


def test_writes_keep_their_order_and_none_is_dropped(qtbot: QtBot, worker: Worker) -> None:
    written: list[int] = []

    def write(_db, _ticket, number):
        written.append(number)

    for number in range(50):
        worker.write(write, number)
        worker.read("lane", echo, number)
    settle(qtbot, worker)
    assert written == list(range(50))


def test_a_known_error_crosses_with_its_trace(qtbot: QtBot, worker: Worker) -> None:
    error = DbException("No.", tenant="acme")
    listener = Listener(worker.read("lane", fail, error))
    settle(qtbot, worker)
    (failure,) = listener.heard
    assert isinstance(failure, Failure)
    assert failure.error is error
    assert failure.known
    assert "in fail" in failure.trace
    assert error.__traceback__ is None


def test_a_bug_crosses_as_such_and_the_thread_lives_on(qtbot: QtBot, worker: Worker) -> None:
    listener = Listener(worker.read("lane", fail, ZeroDivisionError("oh")))
    after = Listener(worker.read("other", echo, 1))
    settle(qtbot, worker)
    (failure,) = listener.heard
    assert isinstance(failure, Failure)
    assert not failure.known
    assert after.heard == [1]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
def test_not_even_an_exit_ends_the_thread(
    qtbot: QtBot, worker: Worker, error: BaseException
) -> None:
    listener = Listener(worker.read("lane", fail, error))
    settle(qtbot, worker)
    (failure,) = listener.heard
    assert isinstance(failure, Failure)
    assert not failure.known


def test_progress_is_told_and_stops_a_cancelled_job(qtbot: QtBot, worker: Worker) -> None:
    def count(_db, ticket):
        ticket.progress(1, 10, "Counting")
        while True:
            ticket.progress(2, 10, "Counting")

    request = worker.read("lane", count)
    listener = Listener(request)
    with qtbot.waitSignal(request.progressed) as told:
        pass
    assert told.args == [Progress(1, 10, "Counting")]
    request.cancel()
    settle(qtbot, worker)
    assert listener.heard == ["dropped"]


def test_busy_says_what_runs_and_when_nothing_does(qtbot: QtBot, worker: Worker) -> None:
    told: list[Busy | None] = []
    worker.busy_changed.connect(told.append)
    worker.write(echo, 1, title="Writing")
    assert not worker.idle
    with qtbot.waitSignal(worker.busy_changed, check_params_cb=lambda busy: busy is None):
        pass
    assert told == [Busy("Writing", write=True), None]
    assert worker.idle


def test_shutdown_waits_for_the_writes_and_drops_the_reads(qtbot: QtBot) -> None:
    worker, gate = Worker(), Gate()
    waited: list[int] = []
    worker.closing.connect(waited.append)
    write = Listener(worker.write(gate))
    read = Listener(worker.read("lane", echo, 1))
    last = Listener(worker.write(echo, "last"))
    gate.entered.wait()
    worker.shutdown()
    gate.opened.set()
    with qtbot.waitSignal(worker.closed):
        pass
    assert write.heard == ["through"]
    assert read.heard == ["dropped"]
    assert last.heard == ["last"]
    assert waited == [2, 1, 1, 0]


def test_shutdown_twice_is_one_shutdown(qtbot: QtBot) -> None:
    worker = Worker()
    ends: list[bool] = []
    worker.closed.connect(lambda: ends.append(True))
    worker.shutdown()
    worker.shutdown()
    worker.join()
    worker.join()
    qtbot.waitUntil(lambda: bool(ends))
    assert ends == [True]


def test_a_write_in_flight_is_finished_by_join() -> None:
    worker, gate = Worker(), Gate()
    written: list[bool] = []
    worker.write(gate)
    worker.write(lambda _db, _ticket: written.append(True))
    gate.entered.wait()
    gate.opened.set()
    worker.join()
    assert written == [True]


def test_what_is_asked_for_after_the_shutdown_fails(qtbot: QtBot, worker: Worker) -> None:
    worker.shutdown()
    listener = Listener(worker.write(echo, 1))
    qtbot.waitUntil(lambda: bool(listener.heard))
    (failure,) = listener.heard
    assert isinstance(failure, Failure)
    assert failure.known


def test_the_database_is_closed_on_its_own_thread(worker: Worker) -> None:
    db = FakeDb()
    worker.write(echo, Swap(db))
    worker.join()
    assert db.closed_on is not None
    assert db.closed_on is not QThread.currentThread()


def test_a_swap_closes_the_database_before(qtbot: QtBot, worker: Worker) -> None:
    def current(db, _ticket):
        return db

    first, second = FakeDb(DbException("The disk is full.")), FakeDb()
    worker.write(echo, Swap(first))
    swap = Listener(worker.write(echo, Swap(second, "opened")))
    now = Listener(worker.read("lane", current))
    settle(qtbot, worker)
    assert swap.heard == ["opened"]
    assert now.heard == [second]
    assert first.closed_on is not None
    assert second.closed_on is None


def test_garbage_is_collected_in_the_main_thread_only(qtbot: QtBot, worker: Worker) -> None:
    assert not gc.isenabled()
    worker.join()
    with qtbot.waitSignal(worker.closed):
        pass
    assert gc.isenabled()


class Heap:
    """A result that holds a big document."""

    def __init__(self) -> None:
        self.leaf = Leaf()
        self.document = [[self.leaf] for _ in range(big.MANY + 1)]

    def documents(self) -> tuple[object, ...]:
        return (self.document,)


class Leaf:
    """Something of which one can see where it goes."""

    gone_on: ClassVar[list[int]] = []

    def __del__(self) -> None:
        self.gone_on.append(threading.get_ident())


def test_a_big_document_is_freed_in_the_background_and_only_when_nobody_needs_it(
    qtbot: QtBot, worker: Worker
) -> None:
    Leaf.gone_on.clear()

    def read(_db, _ticket):
        return Heap()

    listener = Listener(worker.read("lane", read))
    settle(qtbot, worker)
    settle(qtbot, worker)
    assert Leaf.gone_on == []
    listener.heard.clear()
    assert Leaf.gone_on == []
    settle(qtbot, worker)
    (thread,) = Leaf.gone_on
    assert thread != threading.get_ident()


def test_a_long_job_runs_beside_the_reads_and_is_told_first(qtbot: QtBot, worker: Worker) -> None:
    told: list[Busy | None] = []
    worker.busy_changed.connect(told.append)
    long = worker.long(test_child.add, 1, 2, title="Adding")
    listener = Listener(long)
    assert worker.long_job is long
    assert worker.idle
    settle(qtbot, worker)  # meanwhile the long one may be done
    qtbot.waitUntil(lambda: worker.long_job is None)
    assert next(busy.title for busy in told if busy) == "Adding"
    assert listener.heard == [3]
    assert listener.threads == {QThread.currentThread()}
    assert told[-1] is None


def test_a_shutdown_stops_the_long_job(qtbot: QtBot, tmp_path: Path) -> None:
    worker = Worker()
    long = worker.long(test_child.go_on, tmp_path, title="Going on")
    listener = Listener(long)
    with qtbot.waitSignal(long.progressed):
        pass
    with qtbot.waitSignal(worker.closed):
        worker.shutdown()
    assert listener.heard == ["dropped"]
    assert (tmp_path / "stopped").exists()


def test_a_listener_that_is_gone_is_not_called(qtbot: QtBot, worker: Worker) -> None:
    gate = Gate()
    listener = Listener(worker.read("lane", gate))
    heard = listener.heard
    listener.deleteLater()
    qtbot.wait(0)
    gate.opened.set()
    settle(qtbot, worker)
    assert heard == []
