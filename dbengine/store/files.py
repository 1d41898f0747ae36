"""The only module that opens, syncs or replaces a database file.

Every change to a disk goes through the few methods of `Files`, so that a test can put a
recording, failing or dying one in its place.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import sys
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final

from dbengine.errors import Locked, StorageError

Stamp = tuple[int, int, int, int]
"""Device, inode, size and time of a file: another one whenever other bytes stand there."""

_BINARY: Final = getattr(os, "O_BINARY", 0)
_NETWORK: Final = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph"}


class SyncFailed(OSError):
    """The disk did not confirm a write: nobody knows what reached it, and a second try may lie."""


class Files:
    """File calls with the order of syncs in the caller's hands; `sync=False` skips them all."""

    def __init__(self, *, sync: bool = True) -> None:
        self._sync = sync

    @property
    def syncs(self) -> bool:
        """Whether what was synced is really durable."""
        return self._sync

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def size(self, path: Path) -> int | None:
        """The file's length in bytes, None where there is no such file."""
        stamp = self.stamp(path)
        return None if stamp is None else stamp[2]

    def stamp(self, file: Path | int) -> Stamp | None:
        """What tells this file from one that replaces it; None where there is no such file.

        `file` is a path or a descriptor; an open file keeps its device and inode.
        """
        try:
            found = os.stat(file)  # noqa: PTH116 - on the path of every read
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def exists(self, path: Path) -> bool:
        """Whether there is a file; cheaper than its size where there is none."""
        return os.access(path, os.F_OK)

    def names(self, folder: Path) -> list[str]:
        """The names in `folder`, sorted; none where there is no such folder."""
        try:
            return sorted(path.name for path in folder.iterdir())
        except FileNotFoundError:
            return []

    def make_folder(self, folder: Path) -> bool:
        """Make one folder; whether it is new. The caller syncs the folder above."""
        try:
            folder.mkdir()
        except FileExistsError:
            return False
        return True

    def write(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        """Write a whole new file, and sync it unless the caller will sync many at once."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o644)
        try:
            _write_all(descriptor, data)
            if sync:
                self.sync(descriptor)
        finally:
            os.close(descriptor)

    def replace(self, source: Path, target: Path) -> None:
        """Put a file in another's place, atomically."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in `folder` durable. Windows has no such call and needs none."""
        if sys.platform == "win32" or not self._sync:
            return
        try:
            descriptor = os.open(folder, os.O_RDONLY)
        except OSError as error:  # as much in doubt as a sync that failed
            raise SyncFailed(error.errno, error.strerror) from error
        try:
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def sync(self, descriptor: int) -> None:
        """Make a file's bytes durable: on macOS down to the platter, as fsync alone does not."""
        if not self._sync:
            return
        try:
            _sync_to_disk(descriptor)
        except OSError as error:
            raise SyncFailed(error.errno, error.strerror) from error

    @property
    def syncs_together(self) -> bool:
        """Whether `sync_system` can be relied on: older kernels keep its errors to themselves."""
        return sys.platform == "linux" and _kernel() >= (5, 8)

    def sync_system(self, descriptor: int) -> None:
        """Make all that was written to the file system of an open folder durable, names too.

        It tells of errors since the folder was opened, so open it before the first write.
        """
        if not self._sync:
            return
        try:
            _sync_file_system(descriptor)
        except OSError as error:
            raise SyncFailed(error.errno, error.strerror) from error

    def open(self, path: Path, *, write: bool = False) -> int:
        """A descriptor for `read_at` and, with `write`, for `write_at`; the file must be there."""
        return os.open(path, (os.O_RDWR if write else os.O_RDONLY) | _BINARY)

    def read_at(self, descriptor: int, offset: int, size: int | None = None) -> bytes:
        """Up to `size` bytes from `offset`, or all to the end of the file."""
        if size is None:
            size = max(os.fstat(descriptor).st_size - offset, 0)
        return _read_at(descriptor, offset, size)

    def write_at(self, descriptor: int, offset: int, data: bytes) -> None:
        """Put bytes into an open file; `sync_data` makes them durable."""
        done = _write_at(descriptor, offset, data)
        while done < len(data):  # seldom: the disk is full, or a signal came in between
            done += _write_at(descriptor, offset + done, memoryview(data)[done:])

    def sync_data(self, descriptor: int) -> None:
        """Like `sync`, but the file's times may be older after a crash."""
        if not self._sync:
            return
        try:
            _sync_data_to_disk(descriptor)
        except OSError as error:
            raise SyncFailed(error.errno, error.strerror) from error

    def open_lock(self, path: Path) -> int:
        """A descriptor of the lock file, which is made if needed and never removed."""
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)

    def close(self, descriptor: int) -> None:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _sync_to_disk(descriptor: int) -> None:
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def _sync_data_to_disk(descriptor: int) -> None:
    if sys.platform in ("darwin", "win32"):
        _sync_to_disk(descriptor)
    else:
        os.fdatasync(descriptor)


def _sync_file_system(descriptor: int) -> None:
    import ctypes  # noqa: PLC0415 - not needed before the first large batch

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syncfs(descriptor):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


@cache
def _kernel() -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])


if sys.platform == "win32":  # not atomic: each open file is used under one lock

    def _read_at(descriptor: int, offset: int, size: int) -> bytes:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size)

    def _write_at(descriptor: int, offset: int, data: bytes | memoryview) -> int:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.write(descriptor, data)

else:

    def _read_at(descriptor: int, offset: int, size: int) -> bytes:
        return os.pread(descriptor, size, offset)

    def _write_at(descriptor: int, offset: int, data: bytes | memoryview) -> int:
        return os.pwrite(descriptor, data, offset)


def _write_all(descriptor: int, data: bytes) -> None:
    done = os.write(descriptor, data)
    while done < len(data):
        done += os.write(descriptor, memoryview(data)[done:])


class speaking:  # noqa: N801 - used like a function
    """Turn the system's errors inside into `StorageError`s that say where and what to do.

    On the path of every read, where a generator would cost as much as a look at a file.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, OSError):
            raise StorageError(_in_words(self._path, error)) from error


def _in_words(path: Path, error: OSError) -> str:
    where = error.filename or path
    if isinstance(error, SyncFailed):
        return (
            f"The disk did not confirm a write below {path} ({error.strerror}); whether it lasts "
            "is not known. The database is read-only until it is opened again."
        )
    if isinstance(error, PermissionError):
        return f"No permission for {where}. Check who owns it, or open it read-only."
    return f"{error.strerror or str(error)}: {where}. Nothing was changed."


def is_network(path: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Whether `path` lies on a network file system, where locks and syncs cannot be relied on."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return False
    target = str(path.resolve())
    best, kind = "", ""
    for line in lines:
        _device, point, file_system, *_ = line.split(" ")
        below = target == point or target.startswith(point.rstrip("/") + "/")
        if below and len(point) >= len(best):
            best, kind = point, file_system
    return kind in _NETWORK


def lock_error(path: Path, error: OSError) -> Locked:
    """The error for a file system that gives no locks."""
    return Locked(f"Cannot lock {path}: {error.strerror}. Does its file system support locks?")
