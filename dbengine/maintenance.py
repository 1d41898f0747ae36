"""What a database needs beside reading and writing: checking, packing, carrying away, following."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dbengine.history import History
from dbengine.model import Exported, Imported, Info, Packed, Progress, Report
from dbengine.names import check_tenant
from dbengine.pack import loose, pack
from dbengine.store import Store
from dbengine.transfer import export, import_
from dbengine.verify import verify
from dbengine.watch import watch

_PAGE: Final = 500


class Maintenance:
    """The part of `DbEngine` that programs seldom call."""

    _store: Store
    _history: History

    def verify(self, progress: Progress | None = None, *, repair: bool = False) -> Report:
        """Read every object and every chain; what is wrong, and which versions it hurts.

        With `repair`, what is damaged in one place and whole in another is put right.
        """
        return verify(self._store, progress, repair=repair)

    def export(
        self,
        tenant_id: str,
        path: str | os.PathLike[str],
        entry: str | None = None,
        progress: Progress | None = None,
    ) -> Exported:
        """Write an entry, or all of a tenant, with its whole history to one file at `path`."""
        return export(self._store, check_tenant(tenant_id), Path(path), entry, progress)

    def import_(
        self,
        tenant_id: str | None,
        path: str | os.PathLike[str],
        entry: str | None = None,
        progress: Progress | None = None,
    ) -> Imported:
        """Bring in what `export` wrote; None as the tenant is the one that it came from.

        Everything is checked first. An entry with another history than the file's: `Conflict`.
        """
        return import_(self._store, tenant_id, Path(path), entry, progress)

    def watch(
        self, tenant_id: str, *, entry: str | None = None, timeout: float | None = None
    ) -> Iterator[Info]:
        """Every version that anybody writes from now on; until none came for `timeout` seconds."""
        return watch(self._store, check_tenant(tenant_id), entry, timeout)

    def moved(self, tenant_id: str, cursor: str | None = None) -> tuple[list[Info], str]:
        """Heads that moved since `cursor`, whoever wrote them, and the cursor to ask with next.

        Without a cursor: none, and the cursor that means "from now on". For who looks now and then
        and does not want to wait, as `watch` does: it costs what moved, not what there is. Each
        head is told at least once; of one that moved several times only the last is. A cursor of
        any age is good: with one that is too old, or of another handle, all heads are told.
        """
        moves, cursor = self._store.changes(check_tenant(tenant_id), cursor, 0, _PAGE)
        return self._history.head_infos(tenant_id, dict(moves)), cursor

    def pack(self, tenant_id: str | None = None, progress: Progress | None = None) -> Packed:
        """Move the objects of one tenant, or of all, into compressed packs; nothing is lost."""
        return pack(self._store, tenant_id, progress)

    def loose(self, tenant_id: str | None = None) -> int:
        """About how many objects `pack` would move."""
        return loose(self._store, tenant_id)
