"""Entries with their whole history, out of a database into one file, and into another database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from dbengine import codec
from dbengine.errors import Conflict, Corrupt, DigestNotFound, EntryNotFound, ReadOnly
from dbengine.exchange import DEEPEST, ExportFile, Header, ImportFile, Item, Kind
from dbengine.history import History
from dbengine.model import Exported, Imported, ImportedEntry, Json, Progress
from dbengine.names import check_tenant
from dbengine.objects import Objects
from dbengine.reach import needs, objects_of
from dbengine.snapshot import SnapshotObject
from dbengine.store import SHARED, Change, Store
from dbengine.store.files import Files

_EVERY: Final = 50
_MOST_OBJECTS: Final = 512
_MOST_BYTES: Final = 8 * 1024 * 1024

Was = Literal["missing", "older", "same", "newer"]


def export(
    store: Store,
    tenant: str,
    path: Path,
    entry: str | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write the history of an entry, or of all of a tenant's, to the file `path`.

    A file that is there is replaced once the new one is whole. Deleted entries go with the others.
    Raises `EntryNotFound`, and `Corrupt` for what cannot be read.
    """
    heads = store.heads(tenant, None if entry is None else [entry])
    if entry is not None and not heads:
        message = f"There is no entry {entry!r} in tenant {tenant!r}."
        raise EntryNotFound(message, tenant=tenant, entry=entry)
    header = Header(tenant, dict(sorted(heads.items())))
    told = _Telling(progress)
    objects = 0
    with ExportFile(Files(), path, header) as target:
        for name, head in header.heads.items():
            target.begin(name)
            for found in objects_of(store, tenant, name, head):
                kind: Kind = "shared" if found.place == SHARED else "object"
                target.add("version" if found.is_version else kind, found.digest, found.data)
                objects += 1
                if found.is_version:
                    told.version(f"versions of {tenant} / {name}")
    return Exported(tenant, len(heads), told.done, objects, target.size)


def import_(
    store: Store,
    tenant: str | None,
    path: Path,
    entry: str | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Bring in what `export` wrote: into `tenant`, or the one that it came from; both are made.

    The whole file is checked before anything is written. An entry that is not there comes with
    its digests and history as they are; one that is older is brought forward; one that is the
    same or newer is left alone. Where the two have gone different ways: `Conflict`, and nothing
    is imported. Interrupted, or overtaken by a writer, it may be run again: heads move last.
    """
    if store.read_only:
        raise ReadOnly("The database is open for reading only, so nothing can be imported.")
    files = Files()
    with ImportFile(files, path) as source:
        plan = _Check(store, tenant, entry, progress).run(source, path)
    store.create_tenant(plan.tenant)
    with ImportFile(files, path) as source:
        _bring(store, plan, source, _Telling(progress, plan.versions))
    return Imported(plan.tenant, tuple(_move_head(store, plan.tenant, e) for e in plan.entries))


@dataclass(slots=True)
class _Entry:
    """What an import will do to an entry: `versions` are those that it lacks, oldest first.

    `present` is the head that it has here, `last` and `seq` tell the file's newest version.
    """

    name: str
    head: str
    present: str | None
    was: Was = "missing"
    versions: list[str] = field(default_factory=list)
    last: str | None = None
    seq: int = 0
    is_deleted: bool = False

    def take(self, version: SnapshotObject) -> None:
        """The file's next version; what follows the present head is new."""
        self.last, self.seq, self.is_deleted = version.digest, version.seq, version.deleted
        if version.digest == self.present:
            self.was, self.versions = "older", []
        else:
            self.versions.append(version.digest)


@dataclass(frozen=True, slots=True)
class _Plan:
    tenant: str
    entries: list[_Entry]
    checksum: str

    @property
    def versions(self) -> int:
        return sum(len(entry.versions) for entry in self.entries)


class _Check:
    """Reads a file from end to end and changes nothing: is it whole, and does it fit in here?"""

    def __init__(
        self, store: Store, tenant: str | None, entry: str | None, progress: Progress | None
    ) -> None:
        self._store = store
        self._tenant = tenant
        self._entry = entry
        self._told = _Telling(progress)

    def run(self, source: ImportFile, path: Path) -> _Plan:
        header = source.header()
        tenant = check_tenant(self._tenant or header.tenant)
        if self._entry is not None and self._entry not in header.heads:
            message = f"There is no entry {self._entry!r} in {path}."
            raise EntryNotFound(message, tenant=tenant, entry=self._entry)
        entries = self._entries(tenant, header)
        self._read(source, header, entries)
        chosen = [each for name, each in entries.items() if self._entry in (None, name)]
        for each in chosen:
            self._settle(tenant, each)
        return _Plan(tenant, chosen, source.checksum)

    def _entries(self, tenant: str, header: Header) -> dict[str, _Entry]:
        exists = tenant in self._store.tenants()
        heads = self._store.heads(tenant, list(header.heads)) if exists else {}
        return {name: _Entry(name, head, heads.get(name)) for name, head in header.heads.items()}

    def _read(self, source: ImportFile, header: Header, entries: dict[str, _Entry]) -> None:
        section = _Section("", source)
        for item in source.items(header):
            if item.entry != section.entry:
                section = _Section(item.entry, source)
            version = section.take(item)
            if version:
                entries[item.entry].take(version)
                self._told.version("versions checked")
        for entry in entries.values():
            if entry.last != entry.head:
                raise source.damaged(f"the versions of {entry.name!r} do not end with its head")

    def _settle(self, tenant: str, entry: _Entry) -> None:
        """What is to be done, now that the file's whole chain was seen."""
        if entry.present is None:
            return
        if entry.was == "older":
            entry.was = "older" if entry.versions else "same"
        elif self._holds(tenant, entry):
            entry.was, entry.versions = "newer", []
        else:
            raise _diverged(tenant, entry)

    def _holds(self, tenant: str, entry: _Entry) -> bool:
        """Whether the file's head is in the history of the present one."""
        try:
            return (
                History(self._store, Objects(self._store)).nth(tenant, entry.name, entry.seq).digest
                == entry.head
            )
        except DigestNotFound:
            return False


class _Section:
    """One entry's part of a file: each object comes after what it needs, each version after its
    parent."""

    def __init__(self, entry: str, source: ImportFile) -> None:
        self.entry = entry
        self._source = source
        self._seen: set[tuple[bool, bytes]] = set()
        self._newest: SnapshotObject | None = None

    def take(self, item: Item) -> SnapshotObject | None:
        """The version that an item is, or None; `Corrupt` where it does not belong here."""
        for is_shared, digest in self._needs(item):
            if (is_shared, bytes.fromhex(digest)) not in self._seen:
                raise self._source.damaged(f"the object {digest} is missing before it is needed")
        self._seen.add((item.kind == "shared", bytes.fromhex(item.digest)))
        if item.kind != "version":
            return None
        self._newest = self._checked(SnapshotObject.from_bytes(item.digest, item.data))
        return self._newest

    def _needs(self, item: Item) -> Iterator[tuple[bool, str]]:
        try:
            if _is_too_deep(item.data):
                raise ValueError("levels")
            place = SHARED if item.kind == "shared" else ""
            found = needs(place, item.data)
        except (ValueError, KeyError, TypeError, AttributeError, Corrupt) as error:
            message = f"the object {item.digest} is not as this program writes it"
            raise self._source.damaged(message) from error
        return ((where == SHARED, digest) for where, digest in found)

    def _checked(self, version: SnapshotObject) -> SnapshotObject:
        before = self._newest
        follows = (version.parent, version.seq) == (
            (before.digest, before.seq + 1) if before else (None, 1)
        )
        if version.entry != self.entry or not follows or (before and version.date < before.date):
            raise self._source.damaged(f"version {version.seq} does not follow the one before")
        return version


def _bring(store: Store, plan: _Plan, source: ImportFile, told: _Telling) -> None:
    """Store all objects that are not there yet; nothing refers to them before the heads move."""
    lacking = {entry.name for entry in plan.entries if entry.versions}
    batch = _Batch(store, plan.tenant)
    for item in source.items(source.header()):
        if item.entry in lacking:
            batch.add(item)
            if item.kind == "version":
                told.version("versions written")
    batch.flush()
    if source.checksum != plan.checksum:
        raise source.damaged("it was changed while it was read")


class _Batch:
    """Objects on their way into the store, so many at once as cost few syncs and little memory."""

    def __init__(self, store: Store, tenant: str) -> None:
        self._store = store
        self._tenant = tenant
        self._objects: dict[str, dict[str, bytes]] = {SHARED: {}, tenant: {}}
        self._count = self._bytes = 0

    def add(self, item: Item) -> None:
        place = SHARED if item.kind == "shared" else self._tenant
        self._objects[place][item.digest] = item.data
        self._count += 1
        self._bytes += len(item.data)
        if self._count >= _MOST_OBJECTS or self._bytes >= _MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """The shared ones first, since the others need them.

        Those that are there as well: they may be what an import left that was killed before they
        were sure to last, and only `put` sees to that.
        """
        for place, objects in self._objects.items():
            if objects:
                self._store.put(place, objects)
            objects.clear()
        self._count = self._bytes = 0


def _move_head(store: Store, tenant: str, entry: _Entry) -> ImportedEntry:
    if not entry.versions:
        return ImportedEntry(entry.name, entry.was, entry.present or entry.head, 0)
    try:
        versions = tuple(entry.versions)
        store.commit(tenant, Change(entry.name, entry.present, versions, entry.is_deleted), {})
    except Conflict as error:
        raise _overtaken(tenant, entry, error.current) from error
    return ImportedEntry(entry.name, entry.was, entry.head, len(entry.versions))


class _Telling:
    """Counts versions for a progress bar."""

    def __init__(self, progress: Progress | None, total: int | None = None) -> None:
        self._progress = progress or (lambda _done, _total, _what: None)
        self._total = total
        self.done = 0

    def version(self, what: str) -> None:
        self.done += 1
        if self.done % _EVERY == 0 or self.done == self._total:
            self._progress(self.done, self._total, what)


def _is_too_deep(data: bytes) -> bool:
    """Whether anything that reads it level by level could run out of stack."""
    if data.count(b"[") + data.count(b"{") <= DEEPEST:
        return False
    level: list[Json] = [codec.load(data)]
    for _depth in range(DEEPEST + 1):
        inner = (item.values() if type(item) is dict else item for item in level)
        level = [item for items in inner for item in items if type(item) in (dict, list)]
        if not level:
            return False
    return True


def _diverged(tenant: str, entry: _Entry) -> Conflict:
    message = (
        f"{entry.name!r} has gone two ways: it is at {entry.present} here and at {entry.head} in "
        "the file, and neither is in the other's history. Nothing was imported. A digest names "
        "its entry, so it cannot come in by another name; import it into another tenant."
    )
    return Conflict(message, tenant=tenant, entry=entry.name, current=entry.present)


def _overtaken(tenant: str, entry: _Entry, current: str | None) -> Conflict:
    message = (
        f"{entry.name!r} was changed while it was imported, and is left as it is. Import the file "
        "once more: what has come in stays."
    )
    return Conflict(message, tenant=tenant, entry=entry.name, current=current)
