"""Knows which heads, tenants and entries were seen, and looks what other processes write on top."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from dbengine import Info

from . import jobs
from .jobs import EntryPage, Known, LogPage, Moved, Ref, Tenant
from .worker import Worker

POLL_PAUSE: Final = 2_000
"""Milliseconds between two looks at what other processes wrote."""

POLL_SHARE: Final = 20
"""A poll that takes long makes the pause longer: at most this part of the time goes into polls."""


class Following(QObject):
    """Follows one database from `start` to `forget`; all that is read of it is told to it.

    `moved` carries a `Moved`: the heads and tenants that nobody has seen so far.
    """

    moved = Signal(object)

    def __init__(self, worker: Worker, parent: QObject, pause: int = POLL_PAUSE) -> None:
        super().__init__(parent)
        self.pause = pause
        self._worker = worker
        self._on = False
        self._heads: dict[str, dict[str, str]] = {}
        self._tenants: set[str] | None = None
        self._complete: set[str] = set()
        self._cursors: dict[str, str] = {}
        self._polling = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look from time to time."""
        self._on = True
        self._timer.start(self.pause)

    def stop(self) -> None:
        """Look no more."""
        self._on = False
        self._timer.stop()

    def forget(self) -> None:
        """`stop`, and know nothing: there is no database any more, or another one."""
        self.stop()
        self._heads.clear()
        self._tenants = None
        self._complete.clear()
        self._cursors = {}

    # ---- what was seen ---------------------------------------------------------------------

    @property
    def tenants(self) -> tuple[str, ...]:
        """The names of all tenants that were seen."""
        return tuple(sorted(self._tenants or ()))

    def known_head(self, ref: Ref | Info) -> str | None:
        """The digest of the entry's head, as far as it was seen."""
        return self._heads.get(ref.tenant, {}).get(ref.entry)

    def see_tenants(self, tenants: tuple[Tenant, ...]) -> None:
        """These are all that there are."""
        self._tenants = {tenant.name for tenant in tenants}

    def see_tenant(self, name: str) -> None:
        """One more."""
        self._tenants = {*(self._tenants or ()), name}

    def see_entries(self, page: EntryPage) -> None:
        """The first page; where there is no more, the tenant's entries are all known."""
        self.see_more(page)
        if not page.more:
            self._complete.add(page.tenant)

    def see_more(self, page: EntryPage) -> None:
        """A page after the first."""
        known = self._heads.setdefault(page.tenant, {})
        known.update((info.entry, info.digest) for info in page.heads)

    def see_newest(self, page: LogPage) -> None:
        """The first page of an entry's history, unfiltered."""
        if page.infos:
            self.see_head(page.infos[0])

    def see_head(self, head: Info) -> None:
        """The newest version of an entry, maybe one's own."""
        self._heads.setdefault(head.tenant, {})[head.entry] = head.digest

    # ---- looking ---------------------------------------------------------------------------

    def look(self) -> None:
        """Look at what others wrote, unless there is something better to do."""
        if self._tenants is None or not self._worker.idle:
            self._timer.start(self.pause)
            return
        heads = {tenant: dict(known) for tenant, known in self._heads.items()}
        known = Known(heads, frozenset(self._tenants), frozenset(self._complete), self._cursors)
        self._polling.start()
        request = self._worker.read("poll", jobs.on_database, jobs.poll, known)
        request.done.connect(self._looked)
        request.failed.connect(self._go_on)
        request.dropped.connect(self._go_on)

    def _looked(self, moved: Moved) -> None:
        self._go_on()
        self._cursors = dict(moved.cursors)
        news = tuple(info for info in moved.heads if self.known_head(info) != info.digest)
        for tenant, seen in moved.seen.items():
            self._heads.setdefault(tenant, {}).update(seen)
            self._complete.add(tenant)
        known = self._tenants or set()
        tenants = tuple(name for name in moved.tenants if name not in known)
        self._tenants = known.union(tenants)
        if news or tenants:
            self.moved.emit(Moved(news, tenants, moved.seen))

    def _go_on(self, _failure: object = None) -> None:
        if self._on:
            self._timer.start(max(self.pause, POLL_SHARE * self._polling.elapsed()))
