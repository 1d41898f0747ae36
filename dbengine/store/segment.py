"""One file of a journal: lines, then blank space into which the next ones are written.

Its end is made of newlines, written ahead: they are blank lines, and a line that is put over them
makes the disk commit no metadata. Only whoever holds the tenant's lock writes here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dbengine.errors import Corrupt
from dbengine.store import journal
from dbengine.store.files import Files, SyncFailed
from dbengine.store.journal import NEWLINE, Line

_LOOK: Final = 4096
_ROOM: Final = 64 * 1024
_MOST_ROOM: Final = 1024 * 1024
_SPOILT: Final = b"!"


class Segment:
    """`end` is behind the last whole line, `lines` counts them.

    `is_sound` is False where something that is no whole line follows: half a line of a writer
    that was killed, of one that is at work, or after a failed sync. Nothing is appended there.
    """

    def __init__(self, files: Files, path: Path) -> None:
        self._files = files
        self._path = path
        self._descriptor: int | None = None
        self._is_writable = False
        self._size = 0
        self._synced = 0
        self.end = 0
        self.lines = 0
        self.is_sound = True

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        if self._descriptor is not None:
            self._files.close(self._descriptor)
        self._descriptor, self._is_writable = None, False

    def load(self) -> list[Line]:
        """All whole lines; `Corrupt` where one is damaged that was durable once.

        Raises `FileNotFoundError` where a checkpoint has removed the segment meanwhile.
        """
        size = self._files.size(self._path)
        if size is None:
            raise FileNotFoundError(self._path)
        return self._take(self._files.read_at(self._opened(), 0)) if size else []

    def read_on(self) -> list[Line]:
        """The lines that were added since the last look."""
        if self._descriptor is None and not self._files.size(self._path):
            return []
        if self._files.read_at(self._opened(), self.end, 1) in (b"", NEWLINE):
            self.is_sound = True
            return []
        return self._take(self._look())

    def read(self, start: int, size: int) -> bytes:
        """The bytes of an object that a line told of."""
        return self._files.read_at(self._opened(), start, size)

    def append(
        self,
        entry: str,
        head: str,
        objects: Mapping[str, bytes],
        *,
        sync: bool,
        deleted: bool = False,
    ) -> Line:
        """Write a line and, with `sync`, make it durable: the one moment that counts."""
        raw, line = journal.encode(self.end, self._synced, entry, head, objects, deleted=deleted)
        descriptor = self._opened(write=True)
        self._make_room(descriptor, line.end)
        self._files.write_at(descriptor, self.end, raw)
        if sync:
            self._sync(descriptor, line.end)
        self._count(line)
        return line

    def sync(self) -> None:
        """Make the lines durable that may not be."""
        if self._synced < self.end:
            self._sync(self._opened(write=True), self.end)

    def _opened(self, *, write: bool = False) -> int:
        if self._descriptor is None or write > self._is_writable:
            self.close()
            self._descriptor = self._files.open(self._path, write=write)
            self._is_writable = write
        return self._descriptor

    def _make_room(self, descriptor: int, end: int) -> None:
        """Blanks for the line and behind it, so that a line that is whole needs nothing more."""
        if end < self._size:
            return
        size = self._files.size(self._path) or 0
        if end >= size:
            blank = end - size + max(_ROOM, min(size, _MOST_ROOM))
            self._files.write_at(descriptor, size, NEWLINE * blank)
            size += blank
        self._size = size

    def _sync(self, descriptor: int, end: int) -> None:
        """After a failed sync, what is at the end now keeps every writer from going on here."""
        try:
            self._files.sync_data(descriptor)
        except SyncFailed:
            with contextlib.suppress(OSError):
                self._files.write_at(descriptor, end, _SPOILT)
            raise
        if self._files.syncs:
            self._synced = end

    def _look(self) -> bytes:
        """What follows the end, at least up to the next blank line."""
        size = _LOOK
        while True:
            data = self._files.read_at(self._opened(), self.end, size)
            if len(data) < size or data[:1] == NEWLINE or NEWLINE * 2 in data:
                return data
            size *= 4

    def _take(self, data: bytes) -> list[Line]:
        start = self.end
        lines = list(journal.whole_lines(start, data))
        for line in lines:
            self._synced = max(self._synced, line.synced)
            self._count(line)
        self.is_sound = not data[self.end - start :].strip(NEWLINE)
        if not self.is_sound and self._is_damaged() and self._is_damaged():
            raise Corrupt(
                f"{self._path} is damaged at byte {self.end}, and what stood there had been "
                "written for good. Nothing of it is used. Put back a copy of this file; without "
                "one, move it away to go on with what is older."
            )
        return lines

    def _is_damaged(self) -> bool:
        """Whether a later line proves that the bytes behind the end were durable.

        Asked twice, since a reader beside a writer may see a new line before the one ahead of it.
        """
        rest = self._files.read_at(self._opened(), self.end)
        begun = (
            bool(rest.strip(NEWLINE)) and next(journal.whole_lines(self.end, rest), None) is None
        )
        return begun and journal.proven(self.end, rest) > self.end

    def _count(self, line: Line) -> None:
        self.end = line.end
        self.lines += 1
