"""Bringing loose objects together in one pack, while others read and write.

Nothing is ever only where it may be lost: the pack is written beside the others, made durable,
read back as a whole, and given its name durably; only then do the loose copies go, and the packs
that it holds all of. Interrupted anywhere, it is begun anew, and an object kept twice is no harm.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from dbengine import codec
from dbengine.errors import Corrupt, Locked
from dbengine.model import Packed, Progress
from dbengine.store.files import Files
from dbengine.store.lock import WriteLock
from dbengine.store.pack import Pack, PackWriter
from dbengine.store.packs import LOCK, UNFINISHED
from dbengine.store.place import Folders
from dbengine.store.tenant import Tenant

_EVERY: Final = 50
_TIMES: Final = 2
_SMALL: Final = 4 * 1024 * 1024
"""A pack is merged if it is small, or with what is at least half of it: so few remain, and
what is in them is seldom written again."""


class Packing:
    """One run over the loose objects of one tenant."""

    def __init__(
        self, files: Files, folders: Folders, tenant: Tenant, progress: Progress | None
    ) -> None:
        self._files = files
        self._folders = folders
        self._place = tenant.place
        self._packs = tenant.packs
        self._progress = progress or (lambda _done, _total, _what: None)
        self._path = tenant.packs.folder / UNFINISHED
        self._written: Path | None = None

    def run(self, order: Iterable[str]) -> Packed:
        """Pack what is loose, in this order and then sorted. `Locked` while another packs."""
        self._folders.make(self._packs.folder)
        lock = WriteLock(self._files, self._packs.folder / LOCK)
        try:
            with lock.held(wait=False) as is_held:
                if not is_held:
                    raise Locked(f"{self._place.folder} is being packed by someone else.")
                return self._run(order)
        finally:
            lock.close()

    def _run(self, order: Iterable[str]) -> Packed:
        self._files.remove(self._path)  # of one that was killed
        self._packs.refresh()
        loose = dict(self._loose())
        merged = self._to_merge(sum(loose.values()))
        wanted = self._wanted(loose, merged)
        added, size = self._write(order, wanted, merged) if wanted else (set(), 0)
        before = sum(loose.values()) + self._remove_merged(merged, added)
        self._remove_loose([d for d in loose if d in added or d not in wanted])
        return Packed(len(added), before, size)

    def _loose(self) -> Iterator[tuple[str, int]]:
        """The digest and size of every loose object."""
        for path in self._place.object_files():
            if codec.is_digest(path.name) and path == self._place.path(path.name):
                size = self._files.size(path)
                if size is not None:
                    yield path.name, size

    def _to_merge(self, size: int) -> list[Pack]:
        """The packs that are not much larger than what comes, each counted to it."""
        merged = []
        for pack in sorted(self._packs.all(), key=lambda pack: pack.raw_size):
            if size > 0 and pack.raw_size <= max(size * _TIMES, _SMALL):
                merged.append(pack)
                size += pack.raw_size
        return merged

    def _wanted(self, loose: Iterable[str], merged: list[Pack]) -> set[str]:
        """What is to be in the new pack: all but what another that stays holds whole."""
        kept = [pack for pack in self._packs.all() if pack not in merged]
        held = {digest for digest in loose if any(p.has(digest) for p in kept)}
        sound = {digest for digest in held if any(p.read(digest) is not None for p in kept)}
        return (set(loose) - sound).union(*(pack.digests() for pack in merged))

    # ---- writing ----------------------------------------------------------------------------

    def _write(
        self, order: Iterable[str], wanted: set[str], merged: list[Pack]
    ) -> tuple[set[str], int]:
        """A new pack of all that is wanted and sound: what is in it now, and its size."""
        try:
            name, added = self._write_unfinished(order, wanted, merged)
            if not added:
                self._files.remove(self._path)
                return added, 0
            size = self._read_back(name, added)
            self._written = self._packs.path(name)
            self._insist(partial(self._files.replace, self._path, self._written))
        except BaseException:
            with contextlib.suppress(OSError):
                self._files.remove(self._path)
            raise
        self._files.sync_folder(self._packs.folder)
        self._packs.refresh()
        return added, size

    def _write_unfinished(
        self, order: Iterable[str], wanted: set[str], merged: list[Pack]
    ) -> tuple[str, set[str]]:
        added: set[str] = set()
        writer = PackWriter(self._files, self._path)
        try:
            for done, digest in enumerate(_arranged(order, wanted)):
                self._tick(done, len(wanted), "objects packed")
                data = self._read(digest, merged)
                if data is not None:
                    writer.add(digest, data)
                    added.add(digest)
            return writer.finish(), added
        finally:
            writer.close()

    def _read(self, digest: str, merged: list[Pack]) -> bytes | None:
        """None for one that is damaged: it stays where it is, and is for `verify` to tell of."""
        data = self._place.read(digest)
        if data is not None and codec.digest_of(data) == digest:
            return data
        return next((d for pack in merged if (d := pack.read(digest)) is not None), None)

    def _read_back(self, name: str, added: set[str]) -> int:
        """Every object and every byte must be there; the size of the pack."""
        pack = Pack(self._files, self._path)
        try:
            found = set()
            for done, (digest, data) in enumerate(pack.in_order()):
                self._tick(done, len(added), "objects read back")
                if data is not None:
                    found.add(digest)
            if found != added or pack.name() != name:
                raise Corrupt(
                    f"{self._path} could not be read back as it was written. Nothing was "
                    "removed. Check the disk, then pack again."
                )
            return pack.size
        finally:
            pack.close()

    # ---- removing ---------------------------------------------------------------------------

    def _remove_merged(self, merged: list[Pack], added: set[str]) -> int:
        """The packs of which the new one holds everything; how many bytes they had."""
        whole = [pack for pack in merged if added.issuperset(pack.digests())]
        for pack in whole:
            if pack.path == self._written:  # the same objects once more, and so the same name
                continue
            with contextlib.suppress(PermissionError):  # somebody else has it open: the next run
                self._insist(partial(self._files.remove, pack.path))
        self._packs.refresh()
        return sum(pack.size for pack in whole)

    def _insist(self, change: Callable[[], None]) -> None:
        """On Windows no file goes while it is open, and we may have it open ourselves."""
        try:
            change()
        except PermissionError:
            self._packs.close()
            change()

    def _remove_loose(self, digests: list[str]) -> None:
        for done, digest in enumerate(digests):
            self._tick(done, len(digests), "loose copies removed")
            with contextlib.suppress(PermissionError):  # Windows, while somebody reads it
                self._files.remove(self._place.path(digest))

    def _tick(self, done: int, total: int, what: str) -> None:
        if done % _EVERY == 0:
            self._progress(done, total, what)


def _arranged(order: Iterable[str], wanted: set[str]) -> Iterator[str]:
    """Each of `wanted` once: those in `order` as it says, the others sorted."""
    left = set(wanted)
    for digest in order:
        if digest in left:
            left.discard(digest)
            yield digest
    yield from sorted(left)
