"""A store in memory: for tests, and for histories that need not outlive the process."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from dbengine import codec
from dbengine.model import Packed, Progress
from dbengine.store.base import (
    SHARED,
    Change,
    Flaw,
    conflict,
    is_prefix,
    no_tenant,
    walk,
)
from dbengine.store.feed import Feed, Moves, poll


@dataclass
class _Tenant:
    objects: dict[str, bytes] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    feed: Feed = field(default_factory=Feed)


class MemoryStore:
    """Speaks `Store`; one lock for everything."""

    read_only = False

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._places = {SHARED: _Tenant()}

    def _place(self, tenant: str) -> _Tenant:
        try:
            return self._places[tenant]
        except KeyError:
            raise no_tenant(tenant) from None

    def get(self, tenant: str, digests: Collection[str]) -> dict[str, bytes]:
        objects = self._place(tenant).objects
        return {digest: objects[digest] for digest in digests if digest in objects}

    def missing(self, tenant: str, digests: Collection[str]) -> set[str]:
        return set(digests) - self._place(tenant).objects.keys()

    def put(self, tenant: str, objects: Mapping[str, bytes]) -> None:
        with self._lock:
            self._place(tenant).objects.update(objects)

    def heads(self, tenant: str, entries: Collection[str] | None = None) -> dict[str, str]:
        with self._lock:
            heads = dict(self._place(tenant).heads)
        return {e: heads[e] for e in (heads if entries is None else entries) if e in heads}

    def entries(
        self, tenant: str, prefix: str, after: str | None, limit: int, *, deleted: bool = True
    ) -> list[str]:
        with self._lock:
            place = self._place(tenant)
            names = sorted(place.heads if deleted else place.heads.keys() - place.deleted)
        return [n for n in names if n.startswith(prefix) and (after is None or n > after)][:limit]

    @contextmanager
    def turn(self, tenant: str) -> Iterator[None]:
        self._place(tenant)
        with self._lock:
            yield

    def commit(self, tenant: str, change: Change, objects: Mapping[str, bytes]) -> str:
        with self._lock:
            place = self._place(tenant)
            current = place.heads.get(change.entry)
            if current == change.snapshots[-1]:
                return current
            if current != change.expected:
                raise conflict(tenant, change.entry, current)
            place.objects.update(objects)
            place.heads[change.entry] = change.snapshots[-1]
            (place.deleted.add if change.deleted else place.deleted.discard)(change.entry)
            place.feed.note(change.entry, change.snapshots[-1])
            return change.snapshots[-1]

    def history(
        self, tenant: str, entry: str, before: str | None, limit: int
    ) -> list[tuple[str, bytes]]:
        return walk(self, tenant, entry, before, limit)

    def tenants(self) -> list[str]:
        return sorted(self._places.keys() - {SHARED})

    def create_tenant(self, tenant: str) -> None:
        self._places.setdefault(tenant, _Tenant())

    def objects(self, tenant: str) -> Iterator[str]:
        return iter(list(self._place(tenant).objects))

    def named(self, tenant: str, prefix: str, limit: int) -> list[str]:
        if not is_prefix(prefix):
            return []
        return sorted(name for name in self.objects(tenant) if name.startswith(prefix))[:limit]

    def changes(
        self, tenant: str, cursor: str | None, wait: float, limit: int
    ) -> tuple[Moves, str]:
        place = self._place(tenant)

        def look() -> tuple[Moves, str]:
            with self._lock:
                return place.feed.since(cursor, place.heads, limit)

        return poll(look, wait if cursor is not None else 0)

    def pack(self, tenant: str, order: Iterable[str], progress: Progress | None = None) -> Packed:
        """What is in memory only is not packed."""
        self._place(tenant)
        return Packed(0, 0, 0)

    def loose(self, tenant: str) -> int:
        self._place(tenant)
        return 0

    def check(self, tenant: str) -> Iterator[Flaw | None]:
        for digest, data in list(self._place(tenant).objects.items()):
            sound = codec.digest_of(data) == digest
            yield None if sound else Flaw("The object's bytes do not match its name.", digest)

    def close(self) -> None:
        """Nothing to let go of."""
