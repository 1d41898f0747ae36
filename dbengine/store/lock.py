"""One writer at a time for a tenant: among the threads of a process and among processes."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbengine.store.files import Files, lock_error

if sys.platform == "win32":
    from filelock import FileLock
else:
    import fcntl


class WriteLock:
    """Blocking, reentrant, and on a file that stays open; a forked child opens its own."""

    def __init__(self, files: Files, path: Path) -> None:
        self._files = files
        self._path = path
        self._forget()

    def _forget(self) -> None:
        self._process = os.getpid()
        self._threads = threading.RLock()
        self._descriptor: int | None = None
        self._depth = 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes while this is open."""
        self._after_fork()
        with self._threads:
            self._acquire()
            try:
                yield
            finally:
                self._release()

    def _after_fork(self) -> None:
        # An inherited descriptor shares the parent's lock: it would let both in at once.
        if self._process != os.getpid():
            self.close()
            self._forget()

    def _acquire(self) -> None:
        if self._depth == 0:
            try:
                self._take()
            except OSError as error:
                raise lock_error(self._path, error) from error
        self._depth += 1

    def _release(self) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._give()

    if sys.platform == "win32":

        def _take(self) -> None:
            self._lock = FileLock(self._path)
            self._lock.acquire()

        def _give(self) -> None:
            self._lock.release()

    else:

        def _take(self) -> None:
            if self._descriptor is None:
                self._descriptor = self._files.open_lock(self._path)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

        def _give(self) -> None:
            if self._descriptor is not None:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        if self._descriptor is not None:
            self._files.close(self._descriptor)
            self._descriptor = None
