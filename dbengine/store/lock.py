"""One writer at a time for a tenant: among the threads of a process and among processes."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dbengine.store.files import Files, lock_error, speaking

if sys.platform == "win32":
    from filelock import FileLock, Timeout
else:
    import fcntl


class WriteLock:
    """Blocking, reentrant, and on a file that stays open; a forked child opens its own."""

    def __init__(self, files: Files, path: Path) -> None:
        self._files = files
        self._path = path
        self._start()
        _LOCKS.add(self)

    def _start(self) -> None:
        self._threads = threading.RLock()
        self._descriptor: int | None = None
        self._depth = 0

    def __del__(self) -> None:
        self._drop()

    @contextmanager
    def held(self, *, wait: bool = True) -> Iterator[bool]:
        """Nobody else writes while this is open; False where one does and we do not `wait`."""
        with self._threads:
            if not self._acquire(wait):
                yield False
                return
            try:
                yield True
            finally:
                self._release()

    def after_fork(self) -> None:
        """Start afresh in a child process, which may have been forked while another thread wrote.

        An inherited descriptor shares the parent's lock: it would let both in at once, and keep
        the lock for as long as the child lives when the parent is killed.
        """
        self._drop()
        self._start()

    def close(self) -> None:
        """Let go of the file once nobody writes; the next use opens it again."""
        with self._threads:
            if self._depth == 0:
                self._drop()

    def _acquire(self, wait: bool) -> bool:
        if self._depth == 0:
            with speaking(self._path):
                if not self._take(wait):
                    return False
        self._depth += 1
        return True

    def _release(self) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._give()

    def _drop(self) -> None:
        if self._descriptor is not None:
            self._files.close(self._descriptor)
            self._descriptor = None

    if sys.platform == "win32":

        def _take(self, wait: bool) -> bool:
            self._lock = FileLock(self._path)
            try:
                self._lock.acquire(blocking=wait)
            except Timeout:
                return False
            return True

        def _give(self) -> None:
            self._lock.release()

    else:

        def _take(self, wait: bool) -> bool:
            while True:
                if self._descriptor is None:
                    self._descriptor = self._files.open_lock(self._path)
                try:
                    fcntl.flock(self._descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
                except BlockingIOError:
                    return False
                except OSError as error:
                    raise lock_error(self._path, error) from error
                if self._files.is_at(self._descriptor, self._path):
                    return True
                self._drop()  # deleted and made anew: whoever comes now locks the new file

        def _give(self) -> None:
            if self._descriptor is not None:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)


_LOCKS: Final[weakref.WeakSet[WriteLock]] = weakref.WeakSet()


def _after_fork() -> None:
    for lock in list(_LOCKS):
        lock.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
