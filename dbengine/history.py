"""The chain of versions of an entry: find one, walk, page, count, look back in time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from dbengine import codec
from dbengine.errors import Corrupt, DigestNotFound, EntryNotFound, InvalidArgument
from dbengine.model import Info, format_date, parse_date
from dbengine.objects import Objects
from dbengine.snapshot import SnapshotObject, damaged_info
from dbengine.store import Store
from dbengine.store.base import read_object

_PAGE = 256
_SHORTEST = 4
_MOST_ALIKE = 1000


class History:
    """Reads the versions that one store holds."""

    def __init__(self, store: Store, objects: Objects) -> None:
        self._store = store
        self._objects = objects

    def head(self, tenant: str, entry: str) -> SnapshotObject | None:
        """The newest version, a deletion too; None where the entry was never written."""
        digest = self._store.heads(tenant, [entry]).get(entry)
        return self._objects.snapshot(tenant, digest) if digest else None

    def newest(self, tenant: str, entry: str) -> SnapshotObject:
        """Like `head`, but raises `EntryNotFound` where there is none."""
        head = self.head(tenant, entry)
        if head is None:
            message = f"There is no entry {entry!r} in tenant {tenant!r}."
            raise EntryNotFound(message, tenant=tenant, entry=entry)
        return head

    def head_infos(self, tenant: str, entries: Collection[str]) -> list[Info]:
        """The metadata of these entries' heads; damage to one does not hide the others."""
        heads = self._store.heads(tenant, entries)
        try:
            found = self._store.get(tenant, heads.values())
        except Corrupt:
            found = {}
        return [self._head_info(tenant, *head, found) for head in heads.items()]

    def _head_info(self, tenant: str, entry: str, digest: str, found: dict[str, bytes]) -> Info:
        try:
            data = found[digest] if digest in found else read_object(self._store, tenant, digest)
            return self._objects.parsed(tenant, digest, data).info(tenant)
        except Corrupt as error:
            return damaged_info(tenant, entry, digest, str(error))

    def version(self, tenant: str, entry: str, digest: str) -> SnapshotObject:
        """The version of `entry` that `digest` names; else `DigestNotFound`."""
        found = self._objects.known(tenant, digest) or self._looked_up(tenant, entry, digest)
        if found.entry != entry:
            self.newest(tenant, entry)
            raise _unknown(tenant, entry, digest, f" It is a version of {found.entry!r}.")
        return found

    def _looked_up(self, tenant: str, entry: str, digest: str) -> SnapshotObject:
        """The version that a digest from outside names, which may be anything."""
        if not codec.is_digest(digest):
            raise _unknown(tenant, entry, digest)
        head = self.newest(tenant, entry)
        if digest == head.digest:
            return head
        data = self._store.get(tenant, [digest]).get(digest)
        if data is None:
            raise _unknown(tenant, entry, digest)
        try:
            return self._objects.parsed(tenant, digest, data)
        except Corrupt:
            raise _unknown(tenant, entry, digest) from None

    def chosen(self, tenant: str, entry: str, digest: str | None) -> SnapshotObject:
        """The version that `digest` names, or the newest."""
        if digest is None:
            return self.newest(tenant, entry)
        return self.version(tenant, entry, digest)

    def walk(self, tenant: str, entry: str, start: str | None = None) -> Iterator[SnapshotObject]:
        """Versions newest first, from `start` (itself included) or from the head."""
        version = self.chosen(tenant, entry, start)
        yield version
        yield from self.older(tenant, entry, version.digest)

    def older(self, tenant: str, entry: str, digest: str) -> Iterator[SnapshotObject]:
        """Versions before `digest`, newest first."""
        before: str | None = digest
        while before:
            page = self._store.history(tenant, entry, before, _PAGE)
            yield from (self._objects.parsed(tenant, *item) for item in page)
            before = page[-1][0] if len(page) == _PAGE else None

    def page(self, tenant: str, entry: str, before: str | None, limit: int) -> list[SnapshotObject]:
        """Up to `limit` versions, newest first, from the head or strictly before a version."""
        if not isinstance(limit, int) or limit < 1:
            raise InvalidArgument(f"A page has at least 1 version, not {limit!r}.")
        if before is None:
            self.newest(tenant, entry)
        else:
            self.version(tenant, entry, before)
        page = self._store.history(tenant, entry, before, limit)
        return [self._objects.parsed(tenant, *item) for item in page]

    def nth(self, tenant: str, entry: str, seq: int) -> SnapshotObject:
        """Version number `seq`, counted from 1; in O(log n) reads."""
        head = self.newest(tenant, entry)
        if 1 <= seq <= head.seq:
            found = self._back(tenant, head, lambda version: version.seq >= seq)
            if found.seq == seq:
                return found
        raise DigestNotFound(f"{entry!r} has no version {seq}.", tenant=tenant, entry=entry)

    def as_of(self, tenant: str, entry: str, when: datetime | str) -> SnapshotObject:
        """The newest version at that moment or before it; in O(log n) reads."""
        date = _date(when)
        head = self.newest(tenant, entry)
        if head.date <= date:
            return head
        after = self._back(tenant, head, lambda version: version.date > date)
        if after.parent is not None:
            return self._objects.snapshot(tenant, after.parent)
        message = f"{entry!r} had no version yet at {date} UTC."
        raise DigestNotFound(message, tenant=tenant, entry=entry)

    def _back(
        self, tenant: str, start: SnapshotObject, fits: Callable[[SnapshotObject], bool]
    ) -> SnapshotObject:
        """The oldest version that `fits`; `start` does, and none before one that does not."""
        found = start
        while True:
            links = (self._objects.snapshot(tenant, d) for d in (found.skip, found.parent) if d)
            older = next(filter(fits, links), None)
            if older is None:
                return found
            found = older

    def resolve(self, tenant: str, entry: str, short: str) -> SnapshotObject:
        """The one version whose digest begins with `short`, at least 4 characters."""
        if codec.is_digest(short):
            return self.version(tenant, entry, short)
        if not isinstance(short, str) or len(short) < _SHORTEST:
            raise InvalidArgument(f"A short digest has at least {_SHORTEST} characters: {short!r}.")
        self.newest(tenant, entry)
        digests = self._store.named(tenant, short.lower(), _MOST_ALIKE)
        found = [version for digest in digests for version in self._of(tenant, entry, digest)]
        if len(found) > 1:
            raise InvalidArgument(f"{len(found)} versions of {entry!r} begin with {short!r}.")
        if not found:
            raise _unknown(tenant, entry, short)
        return found[0]

    def _of(self, tenant: str, entry: str, digest: str) -> Iterator[SnapshotObject]:
        """The version under a digest, if that is one, and of this entry."""
        with contextlib.suppress(Corrupt):
            version = self._objects.snapshot(tenant, digest)
            if version.entry == entry:
                yield version


def _date(when: datetime | str) -> str:
    if isinstance(when, datetime) and when.tzinfo is None:
        raise InvalidArgument("A date needs a time zone: use datetime(..., tzinfo=UTC).")
    try:
        return format_date(when if isinstance(when, datetime) else parse_date(when))
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidArgument(f"A date looks like '20261123 16:02:00', not {when!r}.") from error


def _unknown(tenant: str, entry: str, digest: object, hint: str = "") -> DigestNotFound:
    message = f"{entry!r} has no version {str(digest)[:64]!r}.{hint}"
    return DigestNotFound(message, tenant=tenant, entry=entry, digest=str(digest))
