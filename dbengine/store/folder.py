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
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

from dbengine import codec
from dbengine.errors import Corrupt, DbException, NewerFormat, NotADatabase, ReadOnly
from dbengine.model import Packed, Progress
from dbengine.names import check_tenant, tenant_folder, tenant_of_folder
from dbengine.store.base import (
    SHARED,
    Change,
    Flaw,
    is_prefix,
    no_tenant,
    walk,
)
from dbengine.store.check import Check
from dbengine.store.feed import Moves, poll
from dbengine.store.files import Files, SyncFailed, is_network, speaking
from dbengine.store.packing import Packing
from dbengine.store.place import Folders, Place
from dbengine.store.tenant import Tenant

FORMAT: Final = 1
_MARKER: Final = "format.json"
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
        self._tenants: dict[str, Tenant] = {}
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
                data = self._tenant(tenant).read(digest)
                if data is not None:
                    found[digest] = data
        return found

    def missing(self, tenant: str, digests: Collection[str]) -> set[str]:
        with speaking(self._root):
            return self._tenant(tenant).missing(digests)

    def heads(self, tenant: str, entries: Collection[str] | None = None) -> dict[str, str]:
        with speaking(self._root):
            return self._tenant(tenant).fresh_view().heads(entries)

    def entries(
        self, tenant: str, prefix: str, after: str | None, limit: int, *, deleted: bool = True
    ) -> list[str]:
        with speaking(self._root):
            names = self._tenant(tenant).fresh_view().entries(prefix, after, deleted=deleted)
            return list(islice(names, limit))

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
            yield from self._tenant(tenant).digests()

    def named(self, tenant: str, prefix: str, limit: int) -> list[str]:
        if not is_prefix(prefix):
            return []
        with speaking(self._root):
            return sorted(self._tenant(tenant).named(prefix))[:limit]

    def changes(
        self, tenant: str, cursor: str | None, wait: float, limit: int
    ) -> tuple[Moves, str]:
        def look() -> tuple[Moves, str]:
            return self._tenant(tenant).fresh_view().changes(cursor, limit)

        with speaking(self._root):
            return look() if cursor is None else poll(look, wait)

    def loose(self, tenant: str) -> int:
        self._check_tenant(tenant)
        with speaking(self._root):
            return 0 if tenant == SHARED else self._place(tenant).estimate()

    def check(self, tenant: str) -> Iterator[Flaw | None]:
        self._check_tenant(tenant)
        check = Check(self._files, self._tenant(tenant))
        with speaking(self._root):
            if tenant == SHARED:
                yield from check.objects()
                yield from self._check_headless()
            else:
                yield from check.everything()

    def _check_headless(self) -> Iterator[Flaw]:
        """A tenant that has lost its `head` is not among the tenants, but it should be."""
        for name in filter(None, map(tenant_of_folder, self._files.names(self._root))):
            if self._place(name).is_headless():
                yield Flaw(str(_no_head(self._place(name))))

    # ---- writing ----------------------------------------------------------------------------

    @contextmanager
    def turn(self, tenant: str) -> Iterator[None]:
        self._check_writable()
        if self._tenant(tenant).is_ours:
            yield
            return
        self._check_tenant(tenant)
        with self._tenant(tenant).turn():
            self._check_writable()  # a sync may have failed while we waited
            yield

    def put(self, tenant: str, objects: Mapping[str, bytes]) -> None:
        with self.turn(tenant), self._writing(tenant):
            self._place(tenant).put_objects(objects)

    def commit(self, tenant: str, change: Change, objects: Mapping[str, bytes]) -> str:
        with self.turn(tenant), self._writing(tenant):
            return self._tenant(tenant).commit(change, objects, sync=self._sync_commits)

    def pack(self, tenant: str, order: Iterable[str], progress: Progress | None = None) -> Packed:
        self._check_writable()
        self._check_tenant(tenant)
        if tenant == SHARED:
            return Packed(0, 0, 0)
        with self._writing(tenant):
            return Packing(self._files, self._folders, self._tenant(tenant), progress).run(order)

    def create_tenant(self, tenant: str) -> None:
        check_tenant(tenant)
        self._check_writable()
        with self._writing(tenant):
            self._create_root()
            place = self._place(tenant)
            self._folders.make(place.folder, place.objects, place.tmp, place.journal)
            with self._tenant(tenant).lock.held():
                if place.is_headless():  # a new one would hide what is there
                    raise _no_head(place)
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
            for tenant in list(self._tenants.values()):
                tenant.close()

    def after_fork(self) -> None:
        """Forget what the parent process had open and had written: it is for the parent to do."""
        for tenant in self._tenants.values():
            tenant.after_fork()

    def __del__(self) -> None:
        """A handle that is dropped without `close` settles, too, but never waits for a lock."""
        with contextlib.suppress(DbException):
            self._settle(wait=False)

    def _settle(self, *, wait: bool = True) -> None:
        for name, tenant in sorted(self._tenants.items()):
            if not tenant.is_unsettled:
                continue
            with tenant.lock.held(wait=wait) as is_held:
                if is_held and not self.read_only:
                    with self._writing(name):
                        tenant.settle()

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
        with self._tenant(SHARED).lock.held():
            shared.replace(self._root / _MARKER, codec.pretty({"dbengine": FORMAT}))

    # ---- parts ------------------------------------------------------------------------------

    def _tenant(self, name: str) -> Tenant:
        if name not in self._tenants:
            folder = self._root / (SHARED if name == SHARED else tenant_folder(name))
            self._tenants.setdefault(name, Tenant(self._files, self._folders, name, folder))
        return self._tenants[name]

    def _place(self, tenant: str) -> Place:
        return self._tenant(tenant).place

    # ---- checks -----------------------------------------------------------------------------

    def _check_root(self) -> None:
        try:
            names = self._files.names(self._root)
        except NotADirectoryError:
            raise NotADatabase(f"{self._root} is a file; a database is a folder.") from None
        if _MARKER in names:
            _check_format(self._root, self._files.read(self._root / _MARKER))
        elif self._read_only and not self._root.exists():
            raise NotADatabase(f"There is no folder {self._root}.")
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


def _no_head(place: Place) -> Corrupt:
    return Corrupt(
        f"{place.head} is missing, so nothing of what is in its folder can be found. Put back a "
        "copy of it; one that is older will do, and `dbengine verify` tells what it misses."
    )


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
