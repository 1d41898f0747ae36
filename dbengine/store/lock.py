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

from dbengine.store.files import Files, Stamp, lock_error, speaking

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
        self._file: Stamp | None = None
        self._depth = 0

    def __del__(self) -> None:
        self._drop()

    @contextmanager
    def held(self, *, wait: bool = True) -> Iterator[bool]:
        """Nobody else writes while this is open; False where one does and we do not `wait`."""
        threads = self._threads
        with threads:
            depth = self._depth
            try:  # around the taking, too: Ctrl+C may come right behind it
                yield self._acquire(wait)
            finally:
                try:
                    self._go_back_to(depth, threads)
                except BaseException:  # Ctrl+C here, too: nobody else would ever give it back
                    self._go_back_to(depth, threads)
                    raise

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

    def _go_back_to(self, depth: int, threads: threading.RLock) -> None:
        if threads is not self._threads:  # we are a child, forked meanwhile, which never had it
            return
        self._depth = depth
        if depth == 0:
            self._give()

    def _drop(self) -> None:
        if self._descriptor is not None:
            self._files.close(self._descriptor)
            self._descriptor = None

    if sys.platform == "win32":
        _lock: FileLock | None = None

        def _take(self, wait: bool) -> bool:
            self._lock = FileLock(self._path)
            try:
                self._lock.acquire(blocking=wait)
            except Timeout:
                return False
            return True

        def _give(self) -> None:
            if self._lock is not None:  # else Ctrl+C came before there was one
                self._lock.release()

    else:

        def _take(self, wait: bool) -> bool:
            while True:
                if self._descriptor is None:
                    self._descriptor = self._files.open_lock(self._path)
                    self._file = self._files.stamp(self._descriptor)
                try:
                    fcntl.flock(self._descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
                except BlockingIOError:
                    return False
                except OSError as error:
                    raise lock_error(self._path, error) from error
                if self._is_in_place():
                    return True
                self._drop()  # deleted and made anew: whoever comes now locks the new file

        def _is_in_place(self) -> bool:
            """Whether the open file is the one that others find; which it is never changes."""
            there = self._files.stamp(self._path)
            return there is not None and self._file is not None and there[:2] == self._file[:2]

        def _give(self) -> None:
            if self._descriptor is not None:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)


_LOCKS: Final[weakref.WeakSet[WriteLock]] = weakref.WeakSet()


def _after_fork() -> None:
    for lock in list(_LOCKS):
        lock.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
