"""Follow what is written, by this process or any other, version by version."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Final

from dbengine.model import Info
from dbengine.snapshot import SnapshotObject
from dbengine.store import Store
from dbengine.store.base import read_object

_SLICE: Final = 5.0
_PAGE: Final = 256


def watch(
    store: Store, tenant: str, entry: str | None = None, timeout: float | None = None
) -> Iterator[Info]:
    """Every version that is written from now on, as soon as it is; each entry's oldest first.

    Ends when nothing came for `timeout` seconds; without one, never. It watches from this call
    on, not from the first `next`.
    """
    _now, cursor = store.changes(tenant, None, 0, 1)
    heads = store.heads(tenant, None if entry is None else [entry])
    return _Watcher(store, tenant, entry, heads).run(cursor, timeout)


class _Watcher:
    """Knows for each entry up to where its chain was told."""

    def __init__(self, store: Store, tenant: str, entry: str | None, heads: dict[str, str]) -> None:
        self._store = store
        self._tenant = tenant
        self._entry = entry
        self._heads = heads
        self._seqs: dict[str, int] = {}

    def run(self, cursor: str, timeout: float | None) -> Iterator[Info]:
        end = _after(timeout)
        while True:
            wait = min(max(end - time.monotonic(), 0), _SLICE)
            changes, cursor = self._store.changes(self._tenant, cursor, wait, _PAGE)
            ours = [change for change in changes if self._entry in (None, change[0])]
            if not ours and time.monotonic() >= end:
                return
            for entry, head in ours:
                yield from self._new(entry, head)
                end = _after(timeout)

    def _new(self, entry: str, head: str) -> Iterator[Info]:
        """The versions between the last one told and a head; none for one told before."""
        if self._heads.get(entry) == head:
            return
        told = self._told(entry)
        for digest in reversed(self._above(entry, told, head)):
            version = self._read(digest)
            self._heads[entry], self._seqs[entry] = digest, version.seq
            yield version.info(self._tenant)

    def _above(self, entry: str, told: int, head: str) -> list[str]:
        """The digests of the versions from `head` down to number `told`, which is left out."""
        left = self._read(head).seq - told
        digests = [head] if left > 0 else []
        while len(digests) < left:
            limit = min(left - len(digests), _PAGE)
            page = self._store.history(self._tenant, entry, digests[-1], limit)
            if not page:
                break
            digests += [digest for digest, _data in page]
        return digests

    def _told(self, entry: str) -> int:
        if entry not in self._seqs:
            head = self._heads.get(entry)
            self._seqs[entry] = self._read(head).seq if head else 0
        return self._seqs[entry]

    def _read(self, digest: str) -> SnapshotObject:
        return SnapshotObject.from_bytes(digest, read_object(self._store, self._tenant, digest))


def _after(timeout: float | None) -> float:
    return math.inf if timeout is None else time.monotonic() + timeout
