"""A store in a folder: the layout that `docs/FORMAT.md` draws.

The order of a commit is its safety: objects are written and synced under their names before
`head` is replaced, so that whatever is interrupted, `head` names only what is whole.
"""

from __future__ import annotations

import logging
import os
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
        with speaking(self._root):
            self._check_root()

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
            return {d for d in digests if self._files.size(self._object(tenant, d)) is None}

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
        except FileNotFoundError:
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
            self._replace_whole(self._head(tenant), codec.pretty(heads))
            return change.snapshots[-1]

    def create_tenant(self, tenant: str) -> None:
        check_tenant(tenant)
        self._check_writable()
        with self._writing(tenant):
            self._create_root()
            place = self._place(tenant)
            for folder in (place, place / "objects", place / "tmp"):
                self._make_folder(folder)
            with self._lock(tenant).held():
                if not self._has_tenant(tenant):
                    self._replace_whole(self._head(tenant), codec.pretty({}))

    def close(self) -> None:
        for lock in self._locks.values():
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
        if self._files.size(self._root / _MARKER) is not None:
            return
        for folder in reversed([self._root, *self._root.parents]):
            if self._files.size(folder) is None:
                self._make_folder(folder)
        self._make_folder(self._root / SHARED)
        self._make_folder(self._root / SHARED / "tmp")
        temporary = self._root / f"{_MARKER}.{os.getpid()}"
        self._replace(temporary, self._root / _MARKER, codec.pretty({"dbengine": FORMAT}))

    def _make_folder(self, folder: Path) -> None:
        if self._files.make_folder(folder):
            self._files.sync_folder(folder.parent)

    def _write_objects(self, tenant: str, objects: Mapping[str, bytes]) -> None:
        """All temporary files first, then all names, then the folders: a batch costs few syncs."""
        self._sweep(tenant)
        new = {d: data for d, data in objects.items() if not self._is_stored(tenant, d, len(data))}
        for digest, data in new.items():
            self._write_file(self._temporary(tenant, digest), data)
        targets = [self._object(tenant, digest) for digest in new]
        for folder in {target.parent for target in targets}:
            self._make_folder(folder)
        for target in targets:
            self._files.replace(self._temporary(tenant, target.name), target)
        for folder in {target.parent for target in targets}:
            self._files.sync_folder(folder)

    def _sweep(self, tenant: str) -> None:
        """Remove what a killed writer left in `tmp`; whoever holds the lock is alone there."""
        if tenant not in self._swept:
            for name in self._files.names(self._place(tenant) / "tmp"):
                self._files.remove(self._place(tenant) / "tmp" / name)
            self._swept.add(tenant)

    def _is_stored(self, tenant: str, digest: str, size: int) -> bool:
        return self._files.size(self._object(tenant, digest)) == size

    def _temporary(self, tenant: str, name: str) -> Path:
        return self._place(tenant) / "tmp" / name

    def _replace_whole(self, target: Path, data: bytes) -> None:
        self._replace(target.parent / "tmp" / target.name, target, data)

    def _replace(self, temporary: Path, target: Path, data: bytes) -> None:
        self._write_file(temporary, data)
        self._files.replace(temporary, target)
        self._files.sync_folder(target.parent)

    def _write_file(self, temporary: Path, data: bytes) -> None:
        try:
            self._files.write(temporary, data)
        except OSError:
            self._discard(temporary)
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

    def _object(self, tenant: str, digest: str) -> Path:
        folder = self._place(tenant) if tenant == SHARED else self._place(tenant) / "objects"
        return folder / digest[:2] / digest

    def _object_files(self, tenant: str) -> Iterator[Path]:
        """Every file where objects are kept, strangers included."""
        place = self._place(tenant)
        folder = place if tenant == SHARED else place / "objects"
        for name in self._files.names(folder):
            if tenant == SHARED and name in ("tmp", "lock"):
                continue
            try:
                yield from (folder / name / inner for inner in self._files.names(folder / name))
            except NotADirectoryError:
                yield folder / name

    def _lock(self, tenant: str) -> WriteLock:
        path = self._place(tenant) / "lock"
        return self._locks.setdefault(tenant, WriteLock(self._files, path))

    def _has_tenant(self, tenant: str) -> bool:
        return self._files.size(self._head(tenant)) is not None

    # ---- checks -----------------------------------------------------------------------------

    def _check_root(self) -> None:
        names = self._files.names(self._root)  # NotADirectoryError where it is a file
        if _MARKER in names:
            _check_format(self._root, self._files.read(self._root / _MARKER))
        elif names or self._read_only:
            raise NotADatabase(
                f"{self._root} is not a DbEngine database: it has no {_MARKER}. "
                "Choose the database's own folder, or an empty one for a new database."
            )
        if not self._read_only and is_network(self._root):
            _log.warning("%s is on a network file system; locks may not hold there.", self._root)

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
    if not isinstance(version, int) or version > FORMAT:
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
