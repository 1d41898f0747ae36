"""The seam below the engine: what a folder, memory or a network database must be able to do.

Objects are bytes under the SHA-256 of themselves; a head is the digest of an entry's newest
snapshot object, whose JSON names its parent as `__parent__`. Every operation is bounded and may
be repeated without harm, and none says how the bytes are kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from dbengine import codec
from dbengine.errors import Conflict, Corrupt, TenantNotFound
from dbengine.model import Packed, Progress

SHARED: Final = "refs"
"""The place of objects that all tenants share, given where a tenant is asked for."""
_PAGE: Final = 1000


class Change(NamedTuple):
    """One entry's head moves from `expected` (None: there is none) through `snapshots`.

    `snapshots` are digests, oldest first, each the parent of the next; the last becomes the head.
    `deleted` is whether that one says that the entry is no more.
    """

    entry: str
    expected: str | None
    snapshots: tuple[str, ...]
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with what is stored; `digest` names the object that is hurt, if one is."""

    message: str
    digest: str | None = None


class Store(Protocol):
    """Raises `TenantNotFound` for a tenant that was never created, `StorageError` for the disk."""

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written."""

    def get(self, tenant: str, digests: Collection[str]) -> dict[str, bytes]:
        """The objects that are there, by digest; `Corrupt` where bytes do not fit their name."""

    def missing(self, tenant: str, digests: Collection[str]) -> set[str]:
        """Those of `digests` that are not stored."""

    def put(self, tenant: str, objects: Mapping[str, bytes]) -> None:
        """Store objects durably; those already there are left as they are."""

    def heads(self, tenant: str, entries: Collection[str] | None = None) -> dict[str, str]:
        """The heads of `entries`, or of all; an entry that was never written is left out."""

    def entries(
        self, tenant: str, prefix: str, after: str | None, limit: int, *, deleted: bool = True
    ) -> list[str]:
        """Up to `limit` names of entries that begin with `prefix`, sorted, all above `after`.

        Those whose head is a deletion are left out unless `deleted`; no object is read for that.
        """

    def turn(self, tenant: str) -> AbstractContextManager[None]:
        """Wait for one's turn to write, so that reading and committing seldom has to be redone.

        Only a courtesy: `commit` checks for itself. May be entered again inside itself.
        """

    def commit(self, tenant: str, change: Change, objects: Mapping[str, bytes]) -> str:
        """Store `objects` and move one head, both or neither, durably; the new head.

        Raises `Conflict` with the current head where it is not `change.expected`. A commit
        repeated after it succeeded gives its first result.
        """

    def history(
        self, tenant: str, entry: str, before: str | None, limit: int
    ) -> list[tuple[str, bytes]]:
        """Up to `limit` snapshot objects, newest first, from the head or from below `before`."""

    def tenants(self) -> list[str]:
        """All tenants, sorted."""

    def create_tenant(self, tenant: str) -> None:
        """Make room for a tenant; nothing happens where it exists."""

    def objects(self, tenant: str) -> Iterator[str]:
        """The digest of every stored object."""

    def named(self, tenant: str, prefix: str, limit: int) -> list[str]:
        """Up to `limit` digests of stored objects that begin with `prefix`, sorted.

        `prefix` is two hex digits at least, in lower case; for anything else there are none.
        """

    def changes(
        self, tenant: str, cursor: str | None, wait: float, limit: int
    ) -> tuple[list[tuple[str, str]], str]:
        """Entries whose heads have moved since `cursor`, with their heads, and the next cursor.

        At least once each: a head may be told again, and of one that moved several times only
        the last is sure to be told. Waits up to `wait` seconds for the first. Without a cursor it
        gives one that means "from now on", at once. A cursor of any age is good: with one that is
        too old, or of another handle, all heads are told.
        """

    def pack(self, tenant: str, order: Iterable[str], progress: Progress | None = None) -> Packed:
        """Keep a tenant's objects in less space, while others read and write.

        Objects that are alike should follow each other in `order`; those that it leaves out come
        after it. May be interrupted at any time. Raises `Locked` while another does it.
        """

    def loose(self, tenant: str) -> int:
        """About how many objects `pack` would take in; cheap."""

    def check(self, tenant: str) -> Iterator[Flaw | None]:
        """Read everything kept for a tenant: a flaw, or None for each object that is sound."""

    def close(self) -> None:
        """Let go of files and locks; nothing that was committed depends on it."""


def walk(
    store: Store, tenant: str, entry: str, before: str | None, limit: int
) -> list[tuple[str, bytes]]:
    """`Store.history` for stores without an index: one parent after the other."""
    digest = _parent(store, tenant, before) if before else store.heads(tenant, [entry]).get(entry)
    page: list[tuple[str, bytes]] = []
    while digest and len(page) < limit:
        data = read_object(store, tenant, digest)
        page.append((digest, data))
        digest = _parent_in(digest, data)
    return page


def _parent(store: Store, tenant: str, digest: str) -> str | None:
    return _parent_in(digest, read_object(store, tenant, digest))


def all_entries(store: Store, tenant: str, *, deleted: bool) -> list[str]:
    """The names of a tenant's entries, sorted, page by page; no object is read."""
    names: list[str] = []
    while page := store.entries(tenant, "", names[-1] if names else None, _PAGE, deleted=deleted):
        names += page
        if len(page) < _PAGE:
            break
    return names


def read_object(store: Store, tenant: str, digest: str) -> bytes:
    """An object that something names, so that its absence is damage: `Corrupt`."""
    try:
        return store.get(tenant, [digest])[digest]
    except KeyError:
        message = f"The object {digest} is missing. Run `dbengine verify` to see what it hurts."
        raise Corrupt(message, tenant=tenant, digest=digest) from None


def _parent_in(digest: str, data: bytes) -> str | None:
    try:
        parent = codec.load(data)["__parent__"]
    except (ValueError, KeyError, TypeError) as error:
        raise Corrupt(f"The object {digest} is not a snapshot.", digest=digest) from error
    return parent if codec.is_digest(parent) else None


def is_prefix(text: str) -> bool:
    """Whether `Store.named` may be asked for this: at least two hex digits, in lower case."""
    return re.fullmatch("[0-9a-f]{2,64}", text) is not None


def no_tenant(tenant: str) -> TenantNotFound:
    """The error for a tenant that was never created."""
    message = f"There is no tenant {tenant!r}; call init({tenant!r}) first."
    return TenantNotFound(message, tenant=tenant)


def conflict(tenant: str, entry: str, current: str | None) -> Conflict:
    """The error for a head that is not the expected one."""
    there = f"it is at {current[:12]} now" if current else "it has no version now"
    message = f"{entry!r} was changed by someone else: {there}. Nothing was written."
    return Conflict(message, tenant=tenant, entry=entry, current=current)
