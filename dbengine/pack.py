"""Old objects into packs, in the order in which they compress best, and when that is worth it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Final

from dbengine.errors import DbException
from dbengine.model import Packed, Progress
from dbengine.reach import objects_of
from dbengine.store import Store

MANY: Final = 20_000
"""From so many loose objects on it is worth saying that they could be packed."""

_log = logging.getLogger("dbengine")


def pack(store: Store, tenant: str | None = None, progress: Progress | None = None) -> Packed:
    """Pack one tenant, or all; safe beside readers and writers, and when interrupted."""
    tenants = store.tenants() if tenant is None else [tenant]
    done = [store.pack(name, _order(store, name), progress) for name in tenants]
    return Packed(
        sum(moved.objects for moved in done),
        sum(moved.before for moved in done),
        sum(moved.after for moved in done),
    )


def loose(store: Store, tenant: str | None = None) -> int:
    """About how many objects of one tenant, or of all, could be packed."""
    return sum(map(store.loose, store.tenants() if tenant is None else [tenant]))


def suggest(store: Store) -> None:
    """Say so, quietly, when packing is worth it; never fails."""
    with contextlib.suppress(DbException):
        count = loose(store)
        if count > MANY:
            _log.info("About %d objects could be packed: run `dbengine pack`.", count)


def _order(store: Store, tenant: str) -> Iterator[str]:
    """Each version right after what it needs, so that what is alike stands together."""
    for entry, head in sorted(store.heads(tenant).items()):
        for found in objects_of(store, tenant, entry, head):
            if found.place == tenant:
                yield found.digest
