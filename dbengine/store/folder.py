"""A store in a folder: the layout that `docs/FORMAT.md` draws.

The order of a commit is its safety: objects are written and synced under their names before
`head` is replaced, so that whatever is interrupted, `head` names only what is whole.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from dbengine import codec
from dbengine.errors import Corrupt, NewerFormat, NotADatabase, ReadOnly
from dbengine.names import check_tenant, tenant_folder, tenant_of_folder
from dbengine.store.base import SHARED, Change, Flaw, conflict, no_tenant, walk
from dbengine.store.files import Files, SyncFailed, is_network, speaking
from dbengine.store.lock import WriteLock

FORMAT: Final = 1
_MARKER: Final = "format.json"
_log = logging.getLogger("dbengine")


class FolderStore:
    """Speaks `Store` over the folder `root`, which `create_tenant` makes."""

    def __init__(self, root: Path, *, read_only: bool = False, files: Files | None = None) -> None:
        self._root = root.absolute()
        self._files = files or Files()
        self._read_only = read_only
        self._failed = False
        self._locks: dict[str, WriteLock] = {}
        self._swept: set[str] = set()
        self._durable: set[Path] = set()
        with speaking(self._root):
            self._check_root()
        if not read_only and is_network(self._root):
            _log.warning("%s is on a network file system; locks may not hold there.", self._root)

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
        if len(found) < len(digests):
            self._check_tenant(tenant)
        return found

    def missing(self, tenant: str, digests: Collection[str]) -> set[str]:
        with speaking(self._root):
            gone = {d for d in digests if self._files.size(self._object(tenant, d)) is None}
        if gone:
            self._check_tenant(tenant)
        return gone

    def heads(self, tenant: str, entries: Collection[str] | None = None) -> dict[str, str]:
        with speaking(self._root):
            heads = self._read_heads(tenant)
        return {e: heads[e] for e in (heads if entries is None else entries) if e in heads}

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
            return sorted(name for name in names if name and self._has_tenant(name))

    def objects(self, tenant: str) -> Iterator[str]:
        self._check_tenant(tenant)
        with speaking(self._root):
            for path in self._object_files(tenant):
                if codec.is_digest(path.name):
                    yield path.name

    def _read_object(self, tenant: str, digest: str) -> bytes | None:
        path = self._object(tenant, digest)
        try:
            data = self._files.read(path)
        except FileNotFoundError:
            return None
        if codec.digest_of(data) != digest:
            message = f"{path} is damaged: its bytes do not match its name. Run `dbengine verify`."
            raise Corrupt(message, tenant=tenant, digest=digest)
        return data

    def _read_heads(self, tenant: str) -> dict[str, str]:
        path = self._head(tenant)
        try:
            return _parse_heads(path, self._files.read(path))
        except (FileNotFoundError, NotADirectoryError):
            raise no_tenant(tenant) from None

    # ---- writing ----------------------------------------------------------------------------

    @contextmanager
    def turn(self, tenant: str) -> Iterator[None]:
        self._check_writable()
        self._check_tenant(tenant)
        with self._lock(tenant).held():
            yield

    def put(self, tenant: str, objects: Mapping[str, bytes]) -> None:
        with self.turn(tenant), self._writing(tenant):
            self._write_objects(tenant, objects)

    def commit(self, tenant: str, change: Change, objects: Mapping[str, bytes]) -> str:
        with self.turn(tenant), self._writing(tenant):
            heads = self._read_heads(tenant)
            current = heads.get(change.entry)
            if current == change.snapshots[-1]:
                return current
            if current != change.expected:
                raise conflict(tenant, change.entry, current)
            self._write_objects(tenant, objects)
            heads[change.entry] = change.snapshots[-1]
            self._replace(self._head(tenant), codec.pretty(heads), tenant)
            return change.snapshots[-1]

    def create_tenant(self, tenant: str) -> None:
        check_tenant(tenant)
        self._check_writable()
        with self._writing(tenant):
            self._create_root()
            place = self._place(tenant)
            self._make_folders(place, place / "objects", place / "tmp")
            with self._lock(tenant).held():
                if self._has_tenant(tenant):
                    self._files.sync_folder(place)  # its maker may have been killed before that
                else:
                    self._replace(self._head(tenant), codec.pretty({}), tenant)

    def close(self) -> None:
        for lock in list(self._locks.values()):
            lock.close()

    @contextmanager
    def _writing(self, tenant: str) -> Iterator[None]:
        """A failed sync inside ends all writing through this handle."""
        with speaking(self._place(tenant)):
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
        self._make_folders(*reversed(above), self._root, shared, shared / "tmp")
        with self._lock(SHARED).held():
            self._replace(self._root / _MARKER, codec.pretty({"dbengine": FORMAT}), SHARED)

    def _make_folders(self, *folders: Path) -> None:
        """Make folders durably; one that is there may be by a writer killed before its sync."""
        new = [f for f in folders if self._files.make_folder(f) or f not in self._durable]
        for parent in sorted({folder.parent for folder in new}):
            self._files.sync_folder(parent)
        self._durable.update(new)

    def _write_objects(self, tenant: str, objects: Mapping[str, bytes]) -> None:
        """All temporary files first, then all names, then the folders: a batch costs few syncs.

        The folders of objects that are there already too: their writer may have been killed
        before it synced their names.
        """
        self._sweep(tenant)
        new = {d: data for d, data in objects.items() if not self._is_stored(tenant, d, data)}
        folders = sorted({self._object(tenant, digest).parent for digest in objects})
        with self._discarding([self._temporary(tenant, digest) for digest in new]):
            for digest, data in new.items():
                self._files.write(self._temporary(tenant, digest), data)
            self._make_folders(*folders)
            for digest in new:
                self._files.replace(self._temporary(tenant, digest), self._object(tenant, digest))
        for folder in folders:
            self._files.sync_folder(folder)

    def _sweep(self, tenant: str) -> None:
        """Remove what a killed writer left in `tmp`; whoever holds the lock is alone there.

        The folders themselves may be gone: not every way to copy a database keeps empty ones.
        """
        if tenant not in self._swept:
            self._make_folders(self._objects(tenant), self._place(tenant) / "tmp")
            for name in self._files.names(self._place(tenant) / "tmp"):
                self._files.remove(self._place(tenant) / "tmp" / name)
            self._swept.add(tenant)

    def _is_stored(self, tenant: str, digest: str, data: bytes) -> bool:
        """Whether the object is there and whole: a damaged one is written again."""
        path = self._object(tenant, digest)
        return self._files.size(path) == len(data) and self._files.read(path) == data

    def _temporary(self, tenant: str, name: str) -> Path:
        return self._place(tenant) / "tmp" / name

    def _replace(self, target: Path, data: bytes, tenant: str) -> None:
        """Put a whole file in another's place, by way of the tenant's `tmp`, whose lock is held."""
        temporary = self._temporary(tenant, target.name)
        with self._discarding([temporary]):
            self._files.write(temporary, data)
            self._files.replace(temporary, target)
        self._files.sync_folder(target.parent)

    @contextmanager
    def _discarding(self, temporaries: Iterable[Path]) -> Iterator[None]:
        """If the disk refuses inside, leave nothing behind that fills it further."""
        try:
            yield
        except OSError:
            for path in temporaries:
                self._discard(path)
            raise

    def _discard(self, temporary: Path) -> None:
        try:
            self._files.remove(temporary)
        except OSError as error:
            _log.warning("A temporary file stays behind: %s (%s)", temporary, error)

    # ---- places -----------------------------------------------------------------------------

    def _place(self, tenant: str) -> Path:
        return self._root / (SHARED if tenant == SHARED else tenant_folder(tenant))

    def _head(self, tenant: str) -> Path:
        return self._place(tenant) / "head"

    def _objects(self, tenant: str) -> Path:
        return self._place(tenant) if tenant == SHARED else self._place(tenant) / "objects"

    def _object(self, tenant: str, digest: str) -> Path:
        return self._objects(tenant) / digest[:2] / digest

    def _object_files(self, tenant: str) -> Iterator[Path]:
        """Every file where objects are kept, strangers included."""
        folder = self._objects(tenant)
        for name in self._files.names(folder):
            if tenant == SHARED and name in ("tmp", "lock"):
                continue
            try:
                yield from (folder / name / inner for inner in self._files.names(folder / name))
            except NotADirectoryError:
                yield folder / name

    def _lock(self, tenant: str) -> WriteLock:
        if tenant not in self._locks:
            path = self._place(tenant) / "lock"
            self._locks.setdefault(tenant, WriteLock(self._files, path))
        return self._locks[tenant]

    def _has_tenant(self, tenant: str) -> bool:
        return self._files.size(self._head(tenant)) is not None

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
            if tenant != SHARED and not self._has_tenant(tenant):
                raise no_tenant(tenant)

    def check(self, tenant: str) -> Iterator[Flaw | None]:
        self._check_tenant(tenant)
        with speaking(self._root):
            for path in self._object_files(tenant):
                yield self._check_object(path)
            if tenant != SHARED:
                yield from self._strangers(self._place(tenant), {"head", "lock", "objects", "tmp"})

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


def _parse_heads(path: Path, data: bytes) -> dict[str, str]:
    try:
        heads = codec.load(data)
        if all(codec.is_digest(head) for head in heads.values()):
            return dict(heads)
    except (ValueError, AttributeError) as error:
        raise Corrupt(f"{path} is damaged: it is not JSON.") from error
    raise Corrupt(f"{path} is damaged: a head in it is not a digest.")
