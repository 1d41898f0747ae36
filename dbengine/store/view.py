"""What one handle sees of one tenant: the heads in `head`, and the journal that goes above them."""

from __future__ import annotations

import contextlib
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from dbengine import codec
from dbengine.errors import Corrupt
from dbengine.store.feed import Feed, Moves
from dbengine.store.files import Files, Stamp
from dbengine.store.journal import Line
from dbengine.store.segment import Segment

_DELETED: Final = "deleted"
_MOST_LINES: Final = 256
_MOST_BYTES: Final = 4 * 1024 * 1024


class View:
    """May be used by any thread; `append` and `start_segment` under the tenant's lock only.

    Segments are numbered upwards, and one is begun only when `head` durably holds all that is in
    those before it. So the newest alone counts, whatever a crash left of the others.
    """

    def __init__(self, files: Files, place: Path) -> None:
        self._files = files
        self._head = place / "head"
        self._folder = place / "journal"
        self._guard = threading.RLock()
        self._feed: Feed | None = None
        self._named = -1
        self._load_nothing()

    def _load_nothing(self) -> None:
        self._segment: Segment | None = None
        self._is_whole = False  # else lines were read or written, and an interrupt came in between
        self._number = 0
        self._following = _segment_path(self._folder, 1)
        self._stamp: Stamp | None = None
        self._heads: dict[str, str] = {}
        self._deleted: set[str] = set()
        self._names: list[str] | None = None
        self._places: dict[str, tuple[int, int]] = {}

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        with self._guard:
            if self._segment is not None:
                self._segment.close()

    # ---- reading ----------------------------------------------------------------------------

    def refresh(self) -> None:
        """See what was committed until now; `FileNotFoundError` where the tenant is gone."""
        with self._guard:
            if self._segment is None or not self._is_whole or not self._is_newest():
                self._load()
                return
            self._is_whole = False
            lines = self._segment.read_on()
            if lines:
                self._apply(lines)
                self._note((line.entry, line.head) for line in lines)
            self._is_whole = True

    def heads(self, entries: Collection[str] | None = None) -> dict[str, str]:
        """The heads of `entries`, or of all."""
        with self._guard:
            if entries is None:
                return dict(self._heads)
            return {entry: self._heads[entry] for entry in entries if entry in self._heads}

    def head(self, entry: str) -> str | None:
        """The head of one entry."""
        with self._guard:
            return self._heads.get(entry)

    def entries(self, prefix: str, after: str | None, *, deleted: bool) -> Iterator[str]:
        """The names of entries that begin with `prefix`, sorted, all above `after`."""
        with self._guard:
            if self._names is None:
                self._names = sorted(self._heads)
            names, gone = self._names, set() if deleted else set(self._deleted)
        above = 0 if after is None else bisect_right(names, after)
        for name in islice(names, max(above, bisect_left(names, prefix)), None):
            if not name.startswith(prefix):
                return
            if name not in gone:
                yield name

    def head_bytes(self) -> bytes:
        """The file `head` as it should be now."""
        with self._guard:
            return codec.pretty(
                {
                    entry: {_DELETED: head} if entry in self._deleted else head
                    for entry, head in self._heads.items()
                }
            )

    def read(self, digest: str) -> bytes | None:
        """An object of the journal; None where it is not there, or not whole."""
        with self._guard:
            if self._segment is None or digest not in self._places:
                return None
            try:
                data = self._segment.read(*self._places[digest])
            except FileNotFoundError:  # a checkpoint has brought it to its place
                return None
        return data if codec.digest_of(data) == digest else None

    def recent(self) -> list[str]:
        """The digests of all objects of the journal, the oldest first."""
        with self._guard:
            return list(self._places)

    def changes(self, cursor: str | None, limit: int) -> tuple[Moves, str]:
        """The heads that have moved since the cursor, as of the last `refresh`."""
        with self._guard:
            if self._feed is None:
                self._feed = Feed()
            return self._feed.since(cursor, self._heads, limit)

    def _is_newest(self) -> bool:
        return self._files.stamp(self._head) == self._stamp and not self._files.exists(
            self._following
        )

    def _load(self) -> None:
        """The segment first: a checkpoint in between puts into `head` what it held, not less."""
        before = self._heads
        self._load_nothing()
        segment, lines = self._load_segment()
        self._stamp = self._files.stamp(self._head)
        self._heads, self._deleted = parse_heads(self._head, self._files.read(self._head))
        self._segment = segment
        self._following = _segment_path(self._folder, self._number + 1)
        self._apply(lines)
        self._note(move for move in self._heads.items() if before.get(move[0]) != move[1])
        self._is_whole = True

    def _load_segment(self) -> tuple[Segment, list[Line]]:
        before = -1
        while True:
            self._number = max(segment_numbers(self._files.names(self._folder)), default=0)
            segment = Segment(self._files, _segment_path(self._folder, self._number))
            try:
                return segment, segment.load() if self._number else []
            except FileNotFoundError:  # a checkpoint has removed it, so there is a newer one
                if self._number == before:
                    raise
                before = self._number

    def _apply(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if line.entry not in self._heads:
                self._names = None
            self._heads[line.entry] = line.head
            (self._deleted.add if line.deleted else self._deleted.discard)(line.entry)
            self._places.update(line.places)

    def _note(self, moves: Iterable[tuple[str, str]]) -> None:
        if self._feed is not None:
            for move in moves:
                self._feed.note(*move)

    # ---- writing ----------------------------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        """Whether the journal holds nothing that is not in its place."""
        segment = self._segment
        return segment is None or (segment.lines == 0 and segment.is_sound)

    @property
    def takes_more(self) -> bool:
        """Whether the segment can be appended to; else a checkpoint is due."""
        segment = self._segment
        return (
            segment is not None
            and self._number > 0
            and segment.is_sound
            and segment.lines < _MOST_LINES
            and segment.end < _MOST_BYTES
        )

    def append(
        self, entry: str, head: str, objects: Mapping[str, bytes], *, sync: bool, deleted: bool
    ) -> None:
        """Write one commit, leaving out the objects that the journal has."""
        assert self._segment is not None
        with self._guard:
            self._sync_name()
            new = {digest: data for digest, data in objects.items() if digest not in self._places}
            self._is_whole = False
            line = self._segment.append(entry, head, new, sync=sync, deleted=deleted)
            self._apply([line])
            self._note([(entry, head)])
            self._is_whole = True

    def sync(self) -> None:
        """Make all lines durable, those too that another writer may have left half way."""
        with self._guard:
            if self._segment is not None:
                self._segment.sync()

    def _sync_name(self) -> None:
        """Whoever began the segment, before its first line its name must last."""
        if self._named != self._number:
            self._files.sync_folder(self._folder)
            self._named = self._number

    def start_segment(self) -> None:
        """Go on in a new segment, now that all that the old ones hold is in its place."""
        with self._guard:
            older = segment_numbers(self._files.names(self._folder))
            path = _segment_path(self._folder, max(older, default=0) + 1)
            self._files.write(path, b"", sync=False)
            self._load()
            for number in older:
                with contextlib.suppress(OSError):  # Windows, while another process has it open
                    self._files.remove(_segment_path(self._folder, number))


def segment_numbers(names: Iterable[str]) -> list[int]:
    """The numbers of the segments among the names in a journal's folder."""
    return [int(name) for name in names if len(name) == 8 and name.isascii() and name.isdigit()]


def _segment_path(folder: Path, number: int) -> Path:
    return folder / f"{number:08}"


def parse_heads(path: Path, data: bytes) -> tuple[dict[str, str], set[str]]:
    """The heads in the file `head`, and which are deletions; `Corrupt` where it is damaged."""
    try:
        told = codec.load(data)
        marked = {entry: head for entry, head in told.items() if isinstance(head, dict)}
        heads = {**told, **{entry: mark[_DELETED] for entry, mark in marked.items()}}
        if all(codec.is_digest(head) for head in heads.values()):
            return heads, set(marked)
    except (ValueError, AttributeError) as error:
        raise Corrupt(f"{path} is damaged: it is not JSON.") from error
    except KeyError:
        pass
    raise Corrupt(f"{path} is damaged: a head in it is not a digest.")
