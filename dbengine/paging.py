"""All versions of an entry, read page by page as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from dbengine.engine import DbEngine
from dbengine.model import Info

_PAGE = 200


def versions(db: DbEngine, tenant: str, entry: str, *, before: str | None = None) -> Iterator[Info]:
    """Newest first, from the head or strictly before a version."""
    while page := db.log(tenant, entry, before=before, limit=_PAGE):
        yield from page
        before = page[-1].digest
