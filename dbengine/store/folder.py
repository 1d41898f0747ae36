"""A store in a folder: the layout that `docs/FORMAT.md` draws.

A commit is one line in the tenant's journal, and one sync. A checkpoint brings what the journal
holds to its place, in an order in which nothing is ever only where it may be lost: the objects,
then `head`, which names only what is whole, then a new segment, then away with the old one.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import weakref
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from dbengine import codec
from dbengine.errors import Corrupt, DbException, NewerFormat, NotADatabase, ReadOnly
from dbengine.names import check_tenant, tenant_folder, tenant_of_folder
from dbengine.store.base import SHARED, Change, Flaw, conflict, no_tenant, walk
from dbengine.store.files import Files, SyncFailed, is_network, speaking
from dbengine.store.journal import NEWLINE
from dbengine.store.lock import WriteLock
from dbengine.store.place import Folders, Place
from dbengine.store.view import View, segment_numbers

FORMAT: Final = 1
_MARKER: Final = "format.json"
_MOST_IN_A_LINE: Final = 1024 * 1024
_log = logging.getLogger("dbengine")


class FolderStore:
    """Speaks `Store` over the folder `root`, which `create_tenant` makes.

    Without `sync_commits` a commit lasts from the next checkpoint or `close` on, not at once.
    """

    def __init__(
        self,
        root: Path,
        *,
        read_only: bool = False,
        files: Files | None = None,
        sync_commits: bool = True,
    ) -> None:
        self._root = root.absolute()
        self._files = files or Files()
        self._folders = Folders(self._files)
        self._read_only = read_only
        self._sync_commits = sync_commits
        self._failed = False
        self._places: dict[str, Place] = {}
        self._locks: dict[str, WriteLock] = {}
        self._views: dict[str, View] = {}
        self._adopted: set[str] = set()
        self._unsettled: set[str] = set()
        with speaking(self._root):
            self._check_root()
        if not read_only and is_network(self._root):
            _log.warning("%s is on a network file system; locks may not hold there.", self._root)
        _STORES.add(self)

    @property
    def read_only(self) -> bool:
        return self._read_only or self._failed

    # ---- reading ----------------------------------------------------------------------------

    def get(self, tenant: str, digests: Collection[str]) -> dict[str, bytes]:
        found = {}
        with speaking(self._root):
            for digest in digests:
                data = self._read_object(tenant, digest)
                if data is not None:
                    found[digest] = data
        return found

    def missing(self, tenant: str, digests: Collection[str]) -> set[str]:
        with speaking(self._root):
            gone = {digest for digest in digests if not self._place(tenant).has(digest)}
            if gone and tenant != SHARED:
                gone -= set(self._fresh_view(tenant).recent())
        return gone

    def heads(self, tenant: str, entries: Collection[str] | None = None) -> dict[str, str]:
        with speaking(self._root):
            return self._fresh_view(tenant).heads(entries)

    def entries(self, tenant: str, prefix: str, after: str | None, limit: int) -> list[str]:
        names = sorted(self.heads(tenant))
        return [n for n in names if n.startswith(prefix) and (after is None or n > after)][:limit]

    def history(
        self, tenant: str, entry: str, before: str | None, limit: int
    ) -> list[tuple[str, bytes]]:
        return walk(self, tenant, entry, before, limit)

    def tenants(self) -> list[str]:
        with speaking(self._root):
            names = map(tenant_of_folder, self._files.names(self._root))
            return sorted(name for name in names if name and self._place(name).exists())

    def objects(self, tenant: str) -> Iterator[str]:
        with speaking(self._root):
            recent = self._recent(tenant)
            yield from recent
            for path in self._place(tenant).object_files():
                if codec.is_digest(path.name) and path.name not in recent:
                    yield path.name

    def _read_object(self, tenant: str, digest: str) -> bytes | None:
        """From the journal or from its place, whichever holds it whole.

        Not found may mean moved: a checkpoint may have brought it to its place meanwhile.
        """
        data = self._find_object(tenant, digest)
        if data is None and tenant != SHARED:
            self._fresh_view(tenant)
            data = self._find_object(tenant, digest)
        if data is None and self._place(tenant).has(digest):
            path = self._place(tenant).path(digest)
            message = f"{path} is damaged: its bytes do not match its name. Run `dbengine verify`."
            raise Corrupt(message, tenant=tenant, digest=digest)
        return data

    def _find_object(self, tenant: str, digest: str) -> bytes | None:
        data = self._view(tenant).read(digest) if tenant != SHARED else None
        if data is None:
            data = self._place(tenant).read(digest)
        return data if data is not None and codec.digest_of(data) == digest else None

    def _recent(self, tenant: str) -> set[str]:
        return set() if tenant == SHARED else set(self._fresh_view(tenant).recent())

    def _fresh_view(self, tenant: str) -> View:
        view = self._view(tenant)
        try:
            view.refresh()
        except (FileNotFoundError, NotADirectoryError):
            raise no_tenant(tenant) from None
        return view

    # ---- writing ----------------------------------------------------------------------------

    @contextmanager
    def turn(self, tenant: str) -> Iterator[None]:
        self._check_writable()
        self._check_tenant(tenant)
        with self._lock(tenant).held():
            self._check_writable()  # a sync may have failed while we waited
            yield

    def put(self, tenant: str, objects: Mapping[str, bytes]) -> None:
        with self.turn(tenant), self._writing(tenant):
            self._place(tenant).write_objects(objects)

    def commit(self, tenant: str, change: Change, objects: Mapping[str, bytes]) -> str:
        with self.turn(tenant), self._writing(tenant):
            view = self._fresh_view(tenant)
            current = view.heads([change.entry]).get(change.entry)
            if current == change.snapshots[-1]:
                return current
            if current != change.expected:
                raise conflict(tenant, change.entry, current)
            self._make_ready(tenant, view)
            self._append(tenant, view, change, objects)
            return change.snapshots[-1]

    def create_tenant(self, tenant: str) -> None:
        check_tenant(tenant)
        self._check_writable()
        with self._writing(tenant):
            self._create_root()
            place = self._place(tenant)
            self._folders.make(place.folder, place.objects, place.tmp, place.journal)
            with self._lock(tenant).held():
                if place.exists():
                    self._files.sync_folder(place.folder)  # its maker may have been killed before
                else:
                    place.replace(place.head, codec.pretty({}))

    def close(self) -> None:
        """Bring what this handle wrote to its place; where that fails it stays in the journal."""
        try:
            self._settle()
        except DbException as error:
            if not self._sync_commits:  # then it may not last
                raise
            _log.warning("What was written stays in the journal for now: %s", error)
        finally:
            for view in list(self._views.values()):
                view.close()
            for lock in list(self._locks.values()):
                lock.close()

    def after_fork(self) -> None:
        """Forget what the parent process had open and had written: it is for the parent to do."""
        self._views = {}
        self._adopted = set()
        self._unsettled = set()

    def __del__(self) -> None:
        """A handle that is dropped without `close` settles, too, but never waits for a lock."""
        with contextlib.suppress(DbException):
            self._settle(wait=False)

    def _make_ready(self, tenant: str, view: View) -> None:
        """Nothing is added to what another writer may have left before it was durable.

        Nor to a tenant whose `head` may have no lasting name: making the folder syncs that, too.
        """
        is_first = tenant not in self._adopted
        if is_first:
            self._folders.make(self._place(tenant).journal)
        if not view.takes_more or (is_first and not view.is_empty):
            self._checkpoint(tenant, view)
        self._adopted.add(tenant)

    def _append(
        self, tenant: str, view: View, change: Change, objects: Mapping[str, bytes]
    ) -> None:
        """What is too much for a line, or would break it, goes to its place first."""
        if sum(map(len, objects.values())) > _MOST_IN_A_LINE or _break_a_line(objects):
            self._place(tenant).write_objects(objects)
            objects = {}
        self._unsettled.add(tenant)
        view.append(change.entry, change.snapshots[-1], objects, sync=self._sync_commits)

    def _checkpoint(self, tenant: str, view: View) -> None:
        """Interrupted anywhere, the journal still holds all: doing it again is no harm."""
        place = self._place(tenant)
        if not view.is_empty:
            place.write_objects({d: self._certain(tenant, d) for d in view.recent()})
            place.replace(place.head, codec.pretty(view.heads()))
        view.start_segment()
        self._unsettled.discard(tenant)

    def _certain(self, tenant: str, digest: str) -> bytes:
        """An object of the journal; without it the segment is not to be dropped: `Corrupt`."""
        data = self._read_object(tenant, digest)
        if data is None:
            message = f"The journal's object {digest} is damaged. Run `dbengine verify`."
            raise Corrupt(message, tenant=tenant, digest=digest)
        return data

    def _settle(self, *, wait: bool = True) -> None:
        for tenant in sorted(self._unsettled):
            with self._lock(tenant).held(wait=wait) as is_held:
                if is_held and not self.read_only:
                    self._settle_one(tenant)

    def _settle_one(self, tenant: str) -> None:
        with self._writing(tenant):
            view = self._fresh_view(tenant)
            if not view.is_empty:
                self._checkpoint(tenant, view)
        self._unsettled.discard(tenant)

    @contextmanager
    def _writing(self, tenant: str) -> Iterator[None]:
        """A failed sync inside ends all writing through this handle."""
        with speaking(self._place(tenant).folder):
            try:
                yield
            except SyncFailed:
                self._failed = True
                raise

    def _create_root(self) -> None:
        """The marker last: until it is there, the folder counts as empty."""
        self._check_root()
        if self._files.size(self._root / _MARKER) is not None:
            return
        above = [folder for folder in self._root.parents if self._files.size(folder) is None]
        shared = self._place(SHARED)
        self._folders.make(*reversed(above), self._root, shared.folder, shared.tmp)
        with self._lock(SHARED).held():
            shared.replace(self._root / _MARKER, codec.pretty({"dbengine": FORMAT}))

    # ---- parts ------------------------------------------------------------------------------

    def _place(self, tenant: str) -> Place:
        if tenant not in self._places:
            folder = self._root / (SHARED if tenant == SHARED else tenant_folder(tenant))
            objects = folder if tenant == SHARED else folder / "objects"
            self._places[tenant] = Place(self._files, self._folders, folder, objects)
        return self._places[tenant]

    def _view(self, tenant: str) -> View:
        if tenant not in self._views:
            self._views.setdefault(tenant, View(self._files, self._place(tenant).folder))
        return self._views[tenant]

    def _lock(self, tenant: str) -> WriteLock:
        if tenant not in self._locks:
            path = self._place(tenant).folder / "lock"
            self._locks.setdefault(tenant, WriteLock(self._files, path))
        return self._locks[tenant]

    # ---- checks -----------------------------------------------------------------------------

    def _check_root(self) -> None:
        try:
            names = self._files.names(self._root)
        except NotADirectoryError:
            raise NotADatabase(f"{self._root} is a file; a database is a folder.") from None
        if _MARKER in names:
            _check_format(self._root, self._files.read(self._root / _MARKER))
        elif self._read_only or not {SHARED}.issuperset(names):  # an interrupted init leaves that
            raise NotADatabase(
                f"{self._root} is not a DbEngine database: it has no {_MARKER}. "
                "Choose the database's own folder, or an empty one for a new database."
            )

    def _check_writable(self) -> None:
        if self._read_only:
            raise ReadOnly(f"{self._root} is open for reading only.")
        if self._failed:
            raise ReadOnly(
                f"Writing to {self._root} failed earlier, so it is read-only now. Free some "
                "space or check the disk, then open the database again."
            )

    def _check_tenant(self, tenant: str) -> None:
        with speaking(self._root):
            if tenant != SHARED and not self._place(tenant).exists():
                raise no_tenant(tenant)

    def check(self, tenant: str) -> Iterator[Flaw | None]:
        self._check_tenant(tenant)
        place, recent = self._place(tenant), set[str]()
        with speaking(self._root):
            if tenant != SHARED:
                recent = yield from self._check_journal(tenant)
                known = {"head", "journal", "lock", "objects", "tmp"}
                yield from self._strangers(place.folder, known)
            for path in place.object_files():
                if path.name not in recent:
                    yield self._check_object(path)

    def _check_journal(self, tenant: str) -> Generator[Flaw | None, None, set[str]]:
        """What is wrong with the journal; the objects in it that are sound."""
        folder = self._place(tenant).journal
        names = self._files.names(folder)
        known = {name for name in names if segment_numbers([name])}
        yield from self._strangers(folder, known)
        try:
            view = self._fresh_view(tenant)
        except Corrupt as error:
            yield Flaw(str(error))
            return set()
        sound = {digest for digest in view.recent() if view.read(digest) is not None}
        yield from (None for _digest in sound)
        return sound

    def _check_object(self, path: Path) -> Flaw | None:
        if not codec.is_digest(path.name) or path.parent.name != path.name[:2]:
            return Flaw(f"{path} is not an object of this database.")
        try:
            data = self._files.read(path)
        except OSError as error:
            return Flaw(f"{path} cannot be read: {error.strerror}.", path.name)
        if codec.digest_of(data) != path.name:
            return Flaw(f"{path} is damaged: its bytes do not match its name.", path.name)
        return None

    def _strangers(self, folder: Path, known: Iterable[str]) -> Iterator[Flaw]:
        for name in self._files.names(folder):
            if name not in known:
                yield Flaw(f"{folder / name} is not a file of this database.")


def _check_format(root: Path, data: bytes) -> None:
    try:
        version: Any = codec.load(data)["dbengine"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotADatabase(f"{root / _MARKER} does not describe a DbEngine database.") from error
    if version != FORMAT:
        raise NewerFormat(
            f"{root} has format {version}; this program reads up to {FORMAT}. "
            "Install a newer version of dbengine-browser."
        )


def _break_a_line(objects: Mapping[str, bytes]) -> bool:
    return any(NEWLINE in data for data in objects.values())


_STORES: Final[weakref.WeakSet[FolderStore]] = weakref.WeakSet()


@atexit.register
def _at_exit() -> None:
    for store in list(_STORES):
        store.close()


def _after_fork() -> None:
    for store in list(_STORES):
        store.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
