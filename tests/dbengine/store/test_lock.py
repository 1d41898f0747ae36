"""The write lock: among threads, handles and processes, after a fork, and when it is deleted."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from dbengine import StorageError
from dbengine.store.files import Files
from dbengine.store.lock import WriteLock

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="forks, and looks at flock"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
FORK = multiprocessing.get_context("fork" if sys.platform != "win32" else "spawn")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def lock_at(path: Path) -> WriteLock:
    return WriteLock(Files(), path)


def taken_by_another(path: Path) -> bool:
    """Whether a handle of its own would have to wait for the lock."""
    with lock_at(path).held(wait=False) as is_held:
        return not is_held


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_one_handle_keeps_another_waiting(path: Path) -> None:
    lock = lock_at(path)
    with lock.held(), lock.held():
        assert taken_by_another(path)
    assert not taken_by_another(path)


def test_a_turn_inside_a_turn_does_not_give_the_lock_back(path: Path) -> None:
    lock = lock_at(path)
    with lock.held():
        with lock.held():
            pass
        assert taken_by_another(path)
    assert not taken_by_another(path)


def test_an_error_inside_gives_the_lock_back(path: Path) -> None:
    lock = lock_at(path)
    with pytest.raises(KeyboardInterrupt), lock.held():
        raise KeyboardInterrupt
    assert not taken_by_another(path)


def test_closing_waits_for_the_thread_that_writes(path: Path) -> None:
    """It closed the file, and with it gave the lock to the next process in mid-write."""
    lock = lock_at(path)
    closer = threading.Thread(target=lock.close)
    with lock.held():
        closer.start()
        closer.join(0.05)
        assert closer.is_alive()
        assert taken_by_another(path)
    closer.join()
    with lock.held():
        assert taken_by_another(path)


def test_closing_inside_ones_own_turn_keeps_the_lock(path: Path) -> None:
    lock = lock_at(path)
    with lock.held():
        lock.close()
        assert taken_by_another(path)
    assert not taken_by_another(path)


def test_a_lock_file_that_was_deleted_and_made_anew_is_found_again(path: Path) -> None:
    """Two handles held the lock at once, each on its own file."""
    lock = lock_at(path)
    with lock.held():
        pass
    path.unlink()
    with lock_at(path).held():
        assert_waits(lock)
    with lock.held():
        assert taken_by_another(path)


def assert_waits(lock: WriteLock) -> None:
    got = threading.Event()

    def take() -> None:
        with lock.held():
            got.set()

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    assert not got.wait(0.1)


def test_a_lock_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    class Forbidden(Files):
        def open_lock(self, path: Path) -> int:
            raise PermissionError(13, "Permission denied", str(path))

    with (
        pytest.raises(StorageError, match=f"No permission for {tmp_path / 'lock'}"),
        WriteLock(Forbidden(), tmp_path / "lock").held(),
    ):
        raise AssertionError


def child_takes(lock: WriteLock, got: Event) -> None:
    with lock.held():
        got.set()


def test_a_forked_child_waits_for_its_parent(path: Path) -> None:
    lock, got = lock_at(path), FORK.Event()
    with lock.held():
        child = FORK.Process(target=child_takes, args=(lock, got))
        child.start()
        assert not got.wait(0.2)
    assert got.wait(20)
    child.join()
    assert child.exitcode == 0


def test_a_child_forked_while_another_thread_writes_can_write_later(path: Path) -> None:
    lock, got, leave = lock_at(path), FORK.Event(), threading.Event()
    inside = threading.Event()

    def write() -> None:
        with lock.held():
            inside.set()
            leave.wait()

    thread = threading.Thread(target=write)
    thread.start()
    inside.wait()
    child = FORK.Process(target=child_takes, args=(lock, got))
    child.start()
    assert not got.wait(0.2)
    leave.set()
    assert got.wait(20)
    child.join()
    thread.join()


def test_a_child_forked_while_we_have_the_lock_leaves_without_it(path: Path) -> None:
    """It gave back what it never had, and from then on wrote without waiting for anybody."""
    lock = lock_at(path)
    with lock.held():
        child = os.fork()
        if child:
            _pid, status = os.waitpid(child, 0)
    if not child:
        with lock.held(wait=False) as is_held:
            os._exit(1 if is_held else 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_child_does_not_keep_the_lock_of_a_parent_that_was_killed(path: Path) -> None:
    """A child that never wrote kept the file open, and nobody could write until it ended."""
    ready, done = FORK.Event(), FORK.Event()

    def parent() -> None:
        lock = lock_at(path)
        with lock.held():
            if os.fork() == 0:
                ready.set()
                done.wait(60)
                os._exit(0)
            time.sleep(60)

    process = FORK.Process(target=parent)
    process.start()
    assert ready.wait(20)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    try:
        until(lambda: not taken_by_another(path))
    finally:
        done.set()


def test_a_process_that_is_killed_gives_the_lock_back(path: Path) -> None:
    inside = FORK.Event()

    def hold() -> None:
        with lock_at(path).held():
            inside.set()
            time.sleep(60)

    process = FORK.Process(target=hold)
    process.start()
    assert inside.wait(20)
    assert taken_by_another(path)
    process.kill()
    process.join()
    assert not taken_by_another(path)
