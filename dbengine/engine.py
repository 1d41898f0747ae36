"""DbEngine: the database as a Python program sees it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

from dbengine import tree, values
from dbengine.arguments import check_expect, check_keys, check_note, check_root
from dbengine.collector import collector_paused
from dbengine.errors import (
    EntryNotFound,
    InvalidArgument,
    InvalidName,
    TenantNotFound,
)
from dbengine.history import History
from dbengine.items import keyed_items
from dbengine.maintenance import Maintenance
from dbengine.model import (
    ANY,
    Action,
    Appended,
    Expect,
    Info,
    Json,
    Progress,
    RecordChange,
    RecordVersion,
    Snapshot,
    Version,
)
from dbengine.names import check_name, check_tenant
from dbengine.objects import Objects
from dbengine.pack import suggest
from dbengine.records import (
    check_records,
    distinct_values,
    no_record,
    records_of,
    with_records,
)
from dbengine.snapshot import SnapshotObject
from dbengine.store import FolderStore, Store
from dbengine.store.base import all_entries
from dbengine.store.files import Files
from dbengine.tree import MISSING, Content, Edited, Whole
from dbengine.values import Values
from dbengine.writer import Request, Step, Writer

DEFAULT_ROOT: Final = ".mytools_db"
_PAGE: Final = 500
_MANY: Final = 1000


class DbEngine(Maintenance):
    """A versioned JSON database: every change is an immutable snapshot, and nothing is lost.

    `root` is the database's folder; opening it creates nothing, `init` does. `clock` gives the
    time of writes as an aware datetime. `types` are the dataclasses and Enums that come back as
    themselves. With `durability="full"` a write lasts when it returns, with `"normal"` from the
    next checkpoint or `close` on, all before it or none; `"off"` leaves syncing to the operating
    system: fast, for data that can be made again. A handle may be shared by threads, and any
    number of processes may have the same database open.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] = DEFAULT_ROOT,
        *,
        read_only: bool = False,
        clock: Callable[[], datetime] | None = None,
        types: Iterable[type] = (),
        durability: Literal["full", "normal", "off"] = "full",
        store: Store | None = None,
    ) -> None:
        self._root = check_root(root)
        if durability not in ("full", "normal", "off"):
            raise InvalidArgument(f"durability is 'full', 'normal' or 'off', not {durability!r}.")
        self._store = store or FolderStore(
            self._root,
            read_only=read_only,
            files=Files(sync=durability != "off"),
            sync_commits=durability != "normal",
        )
        objects = Objects(self._store)
        self._history = History(self._store, objects)
        self._writer = Writer(self._store, objects, self._history, clock)
        self._values = Values(self._store, types)

    @property
    def root(self) -> Path:
        """The database's folder."""
        return self._root

    @property
    def read_only(self) -> bool:
        """Whether writes are refused: asked for at opening, or since a sync failed."""
        return self._store.read_only

    def close(self) -> None:
        """Let go of the files. A program that never closes loses nothing that was durable."""
        suggest(self._store)
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ---- the user's own API -----------------------------------------------------------------

    def init(self, tenant_id: str) -> None:
        """Initialize database structure for a tenant. Doing it twice is fine."""
        self._store.create_tenant(check_tenant(tenant_id))

    def save(
        self,
        tenant_id: str,
        user_id: str,
        entry: str,
        obj: object,
        *,
        note: str = "",
        expect: Expect = ANY,
        raw: bool = False,
    ) -> str:
        """Save a complete snapshot; the digest of the head, the old one if nothing differs.

        `note` says why. `expect` is the digest that the head must still have (None: the entry
        must not exist), else `Conflict`. With `raw`, `obj` is as `load(raw=True)` gives it.
        """
        request = self._request(tenant_id, user_id, entry, "save", note, expect)
        content = self._values.content(obj, raw, self._writer.known(tenant_id, entry))
        return self._writer.write(request, lambda _head, old: self._values.settle(old, content))[0]

    def load(
        self, tenant_id: str, entry: str, digest: str | None = None, *, raw: bool = False
    ) -> Any:
        """What was saved: the latest version, or the one that `digest` names.

        A dict comes as a `Snapshot`, which also knows its version. With `raw`, plain JSON, in
        which Python's own types are tagged as `{"__type__": …, "value": …}`.
        """
        version, content = self._read(tenant_id, entry, digest)
        if raw:
            return values.raw(content)
        value = self._values.value(content)
        if content.form == "records" or type(value) is dict:
            return Snapshot(value, version.info(tenant_id))
        return value

    def put(
        self,
        tenant_id: str,
        user_id: str,
        entry: str,
        key: str,
        value: object,
        *,
        note: str = "",
        expect: Expect = ANY,
        raw: bool = False,
    ) -> bool:
        """Add or update a single record; True if a new snapshot was created."""
        items = {check_name("key", key): value}
        return self._put(self._request(tenant_id, user_id, entry, "put", note, expect), items, raw)

    def put_many(
        self,
        tenant_id: str,
        user_id: str,
        entry: str,
        items: Iterable[Any] | Mapping[str, Any],
        *,
        note: str = "",
        expect: Expect = ANY,
        raw: bool = False,
    ) -> bool:
        """Add or update records in one snapshot; True if a new one was created.

        `items` is a dict, or a list of `(key, value)` pairs or of records that carry their key
        (`get_key()`, else an attribute or item `key`, else `id`).
        """
        request = self._request(tenant_id, user_id, entry, "put", note, expect)
        keyed = keyed_items(items)
        with collector_paused(len(keyed) > _MANY):  # until what was made of them is gone again
            return self._put(request, keyed, raw)

    def _put(self, request: Request, items: dict[str, Any], raw: bool) -> bool:
        given = self._values.records(items, raw)

        def build(_head: SnapshotObject | None, old: Content | None) -> Content | None:
            check_records(old, request.tenant, request.entry)
            if not given.json:
                return old
            return given if old is None else self._values.edited(old, given)

        return self._writer.write(request, build)[1]

    def get(
        self,
        tenant_id: str,
        entry: str,
        key: str | None = None,
        digest: str | None = None,
        *,
        raw: bool = False,
    ) -> Any:
        """The record `key`, or without a key the list of all records in their order."""
        if key is not None:
            check_name("key", key)
        _version, content = self._read(tenant_id, entry, digest)
        check_records(content, tenant_id, entry)
        chosen = list(content.json.values()) if key is None else content.record(key)
        if chosen is MISSING:
            raise no_record(tenant_id, entry, key or "")
        return chosen if raw or not content.tagged else self._values.decode(chosen)

    def exists(self, tenant_id: str, entry: str) -> bool:
        """Check if an entry exists. A deleted one does not."""
        check_name("entry", entry)
        check_name("tenant", tenant_id)
        try:
            head = self._history.head(check_tenant(tenant_id), entry)
        except (InvalidName, TenantNotFound):
            return False
        return head is not None and not head.deleted

    def history(
        self, tenant_id: str, entry: str, digest: str | None = None, max_items: int = 1000
    ) -> list[str]:
        """Digests newest first, from the head or from `digest`, at most `max_items`."""
        if not isinstance(max_items, int) or max_items < 1:
            raise InvalidArgument(f"max_items must be at least 1, not {max_items!r}.")
        self._names(tenant_id, entry)
        start = self._history.chosen(tenant_id, entry, digest)
        if max_items == 1:
            return [start.digest]
        older = self._history.page(tenant_id, entry, start.digest, max_items - 1)
        return [start.digest, *(version.digest for version in older)]

    def get_digest(self, tenant_id: str, entry: str) -> str:
        """The digest of the head, also where that says that the entry was deleted."""
        self._names(tenant_id, entry)
        return self._history.newest(tenant_id, entry).digest

    # ---- what is there ----------------------------------------------------------------------

    def tenants(self) -> list[str]:
        """The names of all tenants, sorted."""
        return self._store.tenants()

    def entries(self, tenant_id: str, *, deleted: bool = False) -> list[str]:
        """The names of a tenant's entries, sorted; with `deleted`, the deleted ones too."""
        return all_entries(self._store, check_tenant(tenant_id), deleted=deleted)

    def heads(
        self,
        tenant_id: str,
        *,
        contains: str = "",
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Info]:
        """The newest version of each entry, by name, deleted entries too.

        One whose object is damaged comes with what is wrong as its `damage`, and little else.
        `contains` filters names, ignoring case; `after` and `limit` page through them.
        """
        self._store.heads(check_tenant(tenant_id), ())
        found: list[Info] = []
        while limit is None or len(found) < limit:
            names = self._store.entries(tenant_id, "", after, _PAGE)
            wanted = [name for name in names if contains.casefold() in name.casefold()]
            found += self._history.head_infos(tenant_id, wanted)
            if len(names) < _PAGE:
                break
            after = names[-1]
        return found[:limit]

    def keys(self, tenant_id: str, entry: str, digest: str | None = None) -> list[str]:
        """The keys of an entry's records, in their order."""
        _version, content = self._read(tenant_id, entry, digest)
        return list(records_of(content, tenant_id, entry))

    def info(self, tenant_id: str, entry: str, digest: str | None = None) -> Info:
        """The metadata of a version, or of the head; that of a deletion too."""
        self._names(tenant_id, entry)
        return self._history.chosen(tenant_id, entry, digest).info(tenant_id)

    def log(
        self, tenant_id: str, entry: str, *, before: str | None = None, limit: int = 100
    ) -> list[Info]:
        """A page of metadata, newest first: from the head, or strictly before a version."""
        self._names(tenant_id, entry)
        page = self._history.page(tenant_id, entry, before, limit)
        return [version.info(tenant_id) for version in page]

    def at(self, tenant_id: str, entry: str, when: int | datetime | str) -> str:
        """The digest of version number `when`, or of the newest version at that moment.

        A moment is an aware datetime, or `YYYYMMDD HH:MM:SS` in UTC, and includes itself.
        """
        self._names(tenant_id, entry)
        if isinstance(when, int):
            return self._history.nth(tenant_id, entry, when).digest
        return self._history.as_of(tenant_id, entry, when).digest

    def resolve(self, tenant_id: str, entry: str, short: str) -> str:
        """The digest of the one version that begins with `short` (at least 4 characters)."""
        self._names(tenant_id, entry)
        return self._history.resolve(tenant_id, entry, short).digest

    def changes(
        self, tenant_id: str, entry: str, old: str, new: str, *, raw: bool = False
    ) -> list[RecordChange]:
        """Which records differ between two versions of a collection, added and changed first."""
        before = self._read_or_empty(tenant_id, entry, old)
        after = self._read_or_empty(tenant_id, entry, new)
        added, changed, removed = tree.differing(before, after, self._values.same)
        tagged = before.tagged or after.tagged
        decode = self._values.decode if tagged and not raw else _as_it_is
        return [
            *(RecordChange(key, "added", None, decode(value)) for key, value in added.items()),
            *(
                RecordChange(key, "changed", decode(then), decode(now))
                for key, (then, now) in changed.items()
            ),
            *(RecordChange(key, "removed", decode(value), None) for key, value in removed.items()),
        ]

    def record_history(
        self,
        tenant_id: str,
        entry: str,
        key: str,
        *,
        path: Sequence[str | int] = (),
        raw: bool = False,
        progress: Progress | None = None,
    ) -> list[RecordVersion]:
        """Each distinct value that a record had, newest first, and the version that gave it.

        With a `path` of keys and indexes, as in the raw form, those of the value there in it.
        """
        self._names(tenant_id, entry)
        check_name("key", key)
        tick = progress or (lambda _done, _total, _what: None)
        touched = list(self._touching(tenant_id, entry, key, tick))
        contents = self._contents(tenant_id, touched[::-1], tick)
        distinct: list[RecordVersion] = []
        for version, value in distinct_values(contents, key, path, self._values.same):
            present = value is not MISSING
            shown = value if raw or not present else self._values.decode(value)
            distinct.append(
                RecordVersion(version.info(tenant_id), shown if present else None, present)
            )
        if not distinct:
            raise no_record(tenant_id, entry, key)
        return distinct[::-1]

    def _touching(
        self, tenant: str, entry: str, key: str, tick: Progress
    ) -> Iterator[SnapshotObject]:
        """The versions in which a record may have changed, newest first."""
        for done, version in enumerate(self._history.walk(tenant, entry)):
            tick(done, None, "versions")
            if version.deleted or version.form != "records" or version.delta.touches(key):
                yield version

    def _contents(
        self, tenant: str, versions: list[SnapshotObject], tick: Progress
    ) -> Iterator[tuple[SnapshotObject, Content | None]]:
        for done, version in enumerate(versions):
            tick(done, len(versions), "versions")
            yield version, self._writer.content(tenant, version)

    # ---- changing what is there -------------------------------------------------------------

    def delete(
        self,
        tenant_id: str,
        user_id: str,
        entry: str,
        key: str | None = None,
        *,
        note: str = "",
        expect: Expect = ANY,
    ) -> bool:
        """Delete a record, or without a key the entry. Its history stays, `restore` undoes it."""
        action: Action = "drop" if key is None else "delete"
        request = self._request(tenant_id, user_id, entry, action, note, expect)
        if key is not None:
            check_name("key", key)

        def build(head: SnapshotObject | None, old: Content | None) -> Content | None:
            if old is None:
                raise _no_entry(tenant_id, entry, head)
            if key is None:
                return None
            check_records(old, tenant_id, entry)
            edited = Edited(old, {}, frozenset([key]))
            if edited.before[key] is MISSING:
                raise no_record(tenant_id, entry, key)
            return edited

        return self._writer.write(request, build)[1]

    def restore(
        self,
        tenant_id: str,
        user_id: str,
        entry: str,
        digest: str,
        *,
        keys: Iterable[str] | None = None,
        note: str = "",
        expect: Expect = ANY,
    ) -> str:
        """Bring back an old version, or only the records `keys` of it, as a new snapshot on top.

        A record that the old version does not have is removed. Returns the head's digest, the
        present one if nothing differs. A deletion cannot be restored: `delete` repeats it.
        """
        self._names(tenant_id, entry)
        chosen = check_keys(keys)
        version = self._history.version(tenant_id, entry, digest)
        then = self._writer.content(tenant_id, version)
        if then is None:
            raise InvalidArgument(
                f"Version {version.seq} is the deletion of {entry!r}; use delete() for that.",
                tenant=tenant_id,
                entry=entry,
                digest=digest,
            )
        note = note or _restore_note(version, chosen)
        request = self._request(tenant_id, user_id, entry, "restore", note, expect)

        def build(head: SnapshotObject | None, old: Content | None) -> Content | None:
            if chosen is None:
                return self._values.settle(old, then)
            if not chosen:
                return old
            return with_records(old, then, chosen, tenant_id, entry)

        return self._writer.write(request, build)[0]

    def append_history(self, tenant_id: str, entry: str, versions: Iterable[Version]) -> Appended:
        """Add versions from elsewhere, oldest first, in one durable commit: all or none."""
        self._names(tenant_id, entry)
        steps = [self._step(version) for version in versions]
        written = self._writer.append(tenant_id, entry, steps, self._values.settle)
        return Appended(written, len(steps) - written)

    # ---- inside -----------------------------------------------------------------------------

    def _names(self, tenant: str, entry: str) -> None:
        check_tenant(tenant)
        check_name("entry", entry)

    def _request(
        self, tenant: str, user: str, entry: str, action: Action, note: str, expect: Expect
    ) -> Request:
        self._names(tenant, entry)
        user, note = check_name("user", user), check_note(note)
        return Request(tenant, user, entry, action, note, check_expect(expect))

    def _step(self, version: Version) -> Step:
        user, note = check_name("user", version.user), check_note(version.note)
        return Step(
            self._values.content(version.value, raw=False), user, version.date, note, "save"
        )

    def _read(self, tenant: str, entry: str, digest: str | None) -> tuple[SnapshotObject, Content]:
        self._names(tenant, entry)
        version = self._history.chosen(tenant, entry, digest)
        content = self._writer.content(tenant, version)
        if content is None:
            raise _no_entry(tenant, entry, version)
        return version, content

    def _read_or_empty(self, tenant: str, entry: str, digest: str) -> Content:
        self._names(tenant, entry)
        version = self._history.version(tenant, entry, digest)
        content = self._writer.content(tenant, version)
        check_records(content, tenant, entry)
        return content or Whole("records", {})


def _as_it_is(value: Json) -> Json:
    return value


def _restore_note(version: SnapshotObject, keys: list[str] | None) -> str:
    if keys is None:
        return f"Restored version {version.seq}"
    what = "1 record" if len(keys) == 1 else f"{len(keys)} records"
    return f"Restored {what} from version {version.seq}"


def _no_entry(tenant: str, entry: str, head: SnapshotObject | None) -> EntryNotFound:
    if head is None:
        message = f"There is no entry {entry!r} in tenant {tenant!r}."
    else:
        message = (
            f"{entry!r} is deleted, by {head.user} at {head.date} UTC. Its history is kept: "
            "restore() brings it back."
        )
    return EntryNotFound(message, tenant=tenant, entry=entry)
