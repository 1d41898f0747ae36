"""What one handle has of one tenant, or of what all share: its files, its journal and its packs.

Objects move from the journal to their place, and from there into a pack. Whatever looks for them
looks in this direction, so that it misses none.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dbengine import codec
from dbengine.errors import Corrupt
from dbengine.store.base import SHARED, Change, conflict, no_tenant
from dbengine.store.files import Files
from dbengine.store.journal import NEWLINE
from dbengine.store.lock import WriteLock
from dbengine.store.packs import Packs
from dbengine.store.place import Folders, Place
from dbengine.store.view import View

_LARGE: Final = 1024 * 1024
_MOST_IN_A_LINE: Final = 16 * 1024 * 1024


class Tenant:
    """Raises the system's errors as they are; those who commit hold the turn.

    `is_unsettled` tells that this handle wrote what may be in the journal still. Shared objects
    have no journal, and are never packed.
    """

    def __init__(self, files: Files, folders: Folders, name: str, folder: Path) -> None:
        self._files = files
        self._folders = folders
        self._name = name
        objects = folder if name == SHARED else folder / "objects"
        self.place = Place(files, folders, folder, objects)
        self.lock = WriteLock(files, folder / "lock")
        self._start()

    def _start(self) -> None:
        self.view = View(self._files, self.place.folder)
        self.packs = Packs(self._files, self.place.folder / "packs")
        self.is_unsettled = False
        self._is_adopted = False
        self._holder: int | None = None
        self._is_seen = False

    def after_fork(self) -> None:
        """Forget what the parent process had open and had written: it is for the parent to do."""
        self._start()

    def close(self) -> None:
        """Let go of all files; the next use opens them again."""
        self.view.close()
        self.packs.close()
        self.lock.close()

    # ---- reading ----------------------------------------------------------------------------

    def fresh_view(self) -> View:
        """The heads and the journal as of now; nobody else can change them while it is our turn."""
        is_ours = self.is_ours
        if is_ours and self._is_seen:
            return self.view
        try:
            self.view.refresh()
        except (FileNotFoundError, NotADirectoryError):
            raise no_tenant(self._name) from None
        self._is_seen = is_ours
        return self.view

    def read(self, digest: str) -> bytes | None:
        """An object; `Corrupt` where it is there and no copy of it is whole.

        Not found may mean moved: a checkpoint may have brought it to its place meanwhile, or
        somebody may have packed it.
        """
        data = self.find(digest)
        if data is None and self._name != SHARED:
            self.fresh_view()
            self.packs.refresh()
            data = self.find(digest)
        if data is None and self.place.has(digest):
            raise self._damaged(digest, str(self.place.path(digest)))
        if data is None and self.packs.has(digest):
            raise self._damaged(digest, f"A pack in {self.packs.folder}")
        return data

    def find(self, digest: str) -> bytes | None:
        """From the journal, its place or a pack, as last seen: whichever holds it whole."""
        data = self.view.read(digest) if self._name != SHARED else None
        if data is not None:
            return data
        data = self.place.read(digest)
        if data is not None and codec.digest_of(data) == digest:
            return data
        return self.packs.read(digest)

    def missing(self, digests: Collection[str]) -> set[str]:
        gone = {digest for digest in digests if not self.place.has(digest)}
        if gone and self._name != SHARED:
            gone -= set(self.fresh_view().recent())
            self.packs.refresh()
        return {digest for digest in gone if not self.packs.has(digest)}

    def digests(self) -> Iterator[str]:
        """Of every stored object, once."""
        told = self._recent()
        yield from list(told)
        for digest in self._settled():
            if digest not in told:
                told.add(digest)
                yield digest

    def named(self, prefix: str) -> set[str]:
        """The digests that begin with this, which is two digits at least."""
        found = self._recent().union(self.place.names_of(prefix[:2]))
        self.packs.refresh()
        return {name for name in found if name.startswith(prefix)}.union(self.packs.digests(prefix))

    def _recent(self) -> set[str]:
        return set() if self._name == SHARED else set(self.fresh_view().recent())

    def _settled(self) -> Iterator[str]:
        for path in self.place.object_files():
            if codec.is_digest(path.name):
                yield path.name
        self.packs.refresh()
        yield from self.packs.digests()

    def _damaged(self, digest: str, where: str) -> Corrupt:
        message = f"{where} is damaged: its bytes do not match its name. Run `dbengine verify`."
        return Corrupt(message, tenant=self._name, digest=digest)

    # ---- writing ----------------------------------------------------------------------------

    @property
    def is_ours(self) -> bool:
        """Whether this thread has the turn to write."""
        return self._holder == threading.get_ident()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else writes meanwhile. What we have seen since it began stays true."""
        with self.lock.held():
            before = self._holder
            self._holder = threading.get_ident()
            try:
                yield
            finally:
                self._holder = before
                self._is_seen = self._is_seen and before is not None

    def commit(self, change: Change, objects: Mapping[str, bytes], *, sync: bool) -> str:
        """`Store.commit`; with `sync` it lasts when this returns."""
        view = self.fresh_view()
        current = view.head(change.entry)
        if current == change.snapshots[-1]:
            return current
        if current != change.expected:
            raise conflict(self._name, change.entry, current)
        self._is_seen = False  # should we fail, half a write may be there
        self._make_ready(view)
        self._append(view, change, objects, sync=sync)
        self._is_seen = self.is_ours
        return change.snapshots[-1]

    def settle(self) -> None:
        """Bring what the journal holds to its place."""
        view = self.fresh_view()
        if not view.is_empty:
            self._checkpoint(view)
        self.is_unsettled = False

    def _make_ready(self, view: View) -> None:
        """Nothing is added to what another writer may have left before it was durable.

        Nor to a tenant whose `head` may have no lasting name: making the folder syncs that, too.
        """
        if not self._is_adopted:
            self._folders.make(self.place.journal)
        if not view.takes_more or (not self._is_adopted and not view.is_empty):
            self._checkpoint(view)
        self._is_adopted = True

    def _append(
        self, view: View, change: Change, objects: Mapping[str, bytes], *, sync: bool
    ) -> None:
        """What is too large for a line, or would break it, goes to its place first."""
        first = _what_is_no_part_of_a_line(objects)
        if first:
            self.place.put_objects(first)
            objects = {d: data for d, data in objects.items() if d not in first}
        self.is_unsettled = True
        view.append(change.entry, change.snapshots[-1], objects, sync=sync, deleted=change.deleted)

    def _checkpoint(self, view: View) -> None:
        """Interrupted anywhere, the journal still holds all: doing it again is no harm."""
        if not view.is_empty:
            view.sync()
            objects = {digest: self._certain(digest) for digest in view.recent()}
            self.place.settle(objects, view.head_bytes())
        view.start_segment()
        self.is_unsettled = False

    def _certain(self, digest: str) -> bytes:
        """An object of the journal; without it the segment is not to be dropped: `Corrupt`."""
        data = self.read(digest)
        if data is None:
            message = f"The journal's object {digest} is damaged. Run `dbengine verify`."
            raise Corrupt(message, tenant=self._name, digest=digest)
        return data


def _what_is_no_part_of_a_line(objects: Mapping[str, bytes]) -> Mapping[str, bytes]:
    if sum(map(len, objects.values())) > _MOST_IN_A_LINE:
        return objects
    return {d: data for d, data in objects.items() if len(data) > _LARGE or NEWLINE in data}
