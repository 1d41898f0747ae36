"""The browser's one door to data: opens the database, reads, writes, and knows where one is.

Reads give a `Request`: connect its `done` to a bound method. What fails is told by `failed` for
all of them, so that only who shows it in place needs to listen to the request itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from dbengine import Conflict, Info
from dbengine.diff import Diff

from . import edits, jobs, upkeep
from .edits import Comparison, Order, Written
from .following import POLL_PAUSE, Following
from .jobs import Opened, Ref, Side
from .journey import Journey, Place
from .models.document import Document
from .settings import Settings
from .worker import Busy, Failure, Request, Worker


class Session(QObject):
    """One window's database. All signals are of the main thread.

    `opened` carries `Opened`; `closed` comes when there is no database any more. `place_changed`
    carries the `Place`, `written` a `Written`, `tenant_added` a name, `failed` a `Failure`,
    `conflicted` the `Conflict` of a preview or write that came too late, `heads_moved` a `Moved`,
    `busy_changed` a `Busy` or None, `closing` how many writes a shutdown waits for, and `finished`
    says that it is over.
    """

    opened = Signal(object)
    closed = Signal()
    place_changed = Signal(object)
    written = Signal(object)
    tenant_added = Signal(str)
    failed = Signal(object)
    conflicted = Signal(object)
    heads_moved = Signal(object)
    busy_changed = Signal(object)
    closing = Signal(int)
    finished = Signal()

    def __init__(
        self,
        settings: Settings,
        parent: QObject | None = None,
        clock: Callable[[], datetime] | None = None,
        poll_pause: int = POLL_PAUSE,
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self._clock = clock
        self._worker = Worker()
        self._worker.busy_changed.connect(self._show_busy)
        self._worker.closing.connect(self.closing)
        self._worker.closed.connect(self.finished)
        self._database: Opened | None = None
        self._last: Written | None = None
        self._journey = Journey()
        self._following = Following(self._worker, self, poll_pause)
        self._following.moved.connect(self.heads_moved)

    # ---- the database ----------------------------------------------------------------------

    @property
    def database(self) -> Opened | None:
        """The database that is open, if one is."""
        return self._database

    @property
    def writable(self) -> bool:
        return self._database is not None and not self._database.read_only

    @property
    def tenants(self) -> tuple[str, ...]:
        """The names of all tenants, as far as the session has seen."""
        return self._following.tenants

    @property
    def idle(self) -> bool:
        """Whether nothing is being read or written; a long job may be running."""
        return self._worker.idle

    @property
    def pending_writes(self) -> int:
        return self._worker.pending_writes

    def open(self, path: Path, *, read_only: bool = False) -> None:
        """Open a database; the one before stays open if that fails."""
        self._swap(jobs.open_database, path, read_only, self._clock, title=self.tr("Opening"))

    def make_demo(self, build: Callable[..., None], root: Path) -> None:
        """Open the demo database, building it at the first time."""
        title = self.tr("Preparing the demo")
        self._swap(jobs.make_demo, build, root, self._clock, title=title)

    def create(self, path: Path, tenant: str) -> None:
        """Make a database with one tenant, and open it."""
        self._swap(jobs.create_database, path, tenant, self._clock, title=self.tr("Creating"))

    def close(self) -> None:
        """Close the database; the session can open another."""
        self._worker.cancel_reads()
        request = self._worker.write(jobs.close_database, title=self.tr("Closing"))
        request.done.connect(self._closed)
        request.failed.connect(self._report)

    def shutdown(self) -> None:
        """End the session: writes are finished first, `finished` follows."""
        self._following.stop()
        self._worker.shutdown()

    def join(self) -> None:
        """`shutdown`, and block until all is written and closed; for the end of the program."""
        self._following.stop()
        self._worker.join()

    def cancel(self) -> None:
        """Cancel the long job if there is one, else all that can be cancelled."""
        if self.long_job is not None:
            self.long_job.cancel()
        else:
            self._worker.cancel_reads()

    def drop(self, lane: str) -> None:
        """Nobody waits for this lane's read any more."""
        self._worker.cancel(lane)

    def reading(self, lane: str) -> bool:
        """Whether a read that somebody wants goes on in this lane."""
        return self._worker.reading(lane)

    def known_head(self, ref: Ref | Info) -> str | None:
        """The digest of the entry's head, as far as the session has seen."""
        return self._following.known_head(ref)

    # ---- where one is ----------------------------------------------------------------------

    @property
    def place(self) -> Place:
        return self._journey.place

    @property
    def can_go_back(self) -> bool:
        return self._journey.can_go_back

    @property
    def can_go_forward(self) -> bool:
        return self._journey.can_go_forward

    def go(self, place: Place, *, remember: bool = True) -> None:
        """Be somewhere else. Without `remember`, Back leads to before the place one was at."""
        if place != self.place:
            self._journey.go(place, remember=remember)
            self.place_changed.emit(place)

    def move(self, *, remember: bool = True, **changes: Any) -> None:
        """`go` to the present place with some fields changed."""
        self.go(replace(self.place, **changes), remember=remember)

    def back(self) -> None:
        if self.can_go_back:
            self._journey.step(-1)
            self.place_changed.emit(self.place)

    def forward(self) -> None:
        if self.can_go_forward:
            self._journey.step(1)
            self.place_changed.emit(self.place)

    # ---- reading ---------------------------------------------------------------------------

    def tree(self) -> Request:
        """All tenants: `tuple[Tenant, ...]`."""
        request = self._read("tree", jobs.tree, title=self.tr("Reading tenants"))
        request.done.connect(self._following.see_tenants)
        return request

    def entries(
        self, tenant: str, *, after: str | None = None, limit: int = 200, lane: str = "entries"
    ) -> Request:
        """A page of a tenant's entries: `EntryPage`."""
        title = self.tr("Reading entries")
        request = self._read(
            f"{lane} {tenant}", jobs.tenant_entries, tenant, title=title, after=after, limit=limit
        )
        seen = self._following
        request.done.connect(seen.see_entries if after is None else seen.see_more)
        return request

    def names(self, text: str) -> Request:
        """Tenants and entries with `text` in their name: `tuple[EntryPage, ...]`."""
        return self._read("names", jobs.filter_names, text, title=self.tr("Filtering"))

    def log(self, ref: Ref, *, lane: str = "log", **options: Any) -> Request:
        """A page of the entry's history: `LogPage`. Options as `jobs.log_page` takes them."""
        title = self.tr("Reading history")
        request = self._read(lane, jobs.log_page, ref.tenant, ref.entry, title=title, **options)
        if not any(options.get(name) for name in ("before", "text", "user")):
            request.done.connect(self._following.see_newest)
        return request

    def users(self, ref: Ref) -> Request:
        """Who wrote: `Users`."""
        title = self.tr("Reading history")
        return self._read("users", jobs.users, ref.tenant, ref.entry, title=title)

    def content(self, ref: Ref, *, lane: str = "content") -> Request:
        """One version's text: `Content`."""
        return self._read(lane, jobs.content, ref, Document, title=self.tr("Reading"))

    def head(self, ref: Ref) -> Request:
        """A version's metadata, or the head's: `Info`."""
        return self._read("head", jobs.head, ref, title=self.tr("Reading"))

    def value(self, side: Side, path: tuple[str | int, ...]) -> Request:
        """The value at a path: `str`, as JSON."""
        return self._read("copy", jobs.value_text, side, path, title=self.tr("Reading"))

    def editable(self, ref: Ref, key: str | None, whole: bool | None) -> Request:
        """What an editor of the entry begins with: `Editable`."""
        title = self.tr("Reading")
        return self._read("content", edits.editable, ref, key, whole, title=title)

    def compare_with_parent(self, ref: Ref) -> Request:
        """What a version changed: `Comparison`."""
        title = self.tr("Comparing")
        return self._read("content", edits.compare_with_parent, ref, title=title)

    def compare(self, a: Side | None, b: Side | None) -> Request:
        """How two sides differ: `Comparison`. None is nothing, as before a first version."""
        return self._read("content", edits.compare, a, b, title=self.tr("Comparing"))

    def lay_out(self, begun: Comparison) -> Request:
        """All rows of a comparison that is not whole: `Comparison`."""
        return self._read("content", edits.lay_out, begun, title=self.tr("Comparing"))

    def patch(self, diff: Diff) -> Request:
        """A comparison as the text of a JSON Patch: `str`."""
        return self._read("patch", edits.patch_text, diff, title=self.tr("Making the patch"))

    def at(self, ref: Ref, when: int | datetime | str) -> Request:
        """The version of a moment or of a number: `Info`."""
        return self._read(
            "at", jobs.at_date, ref.tenant, ref.entry, when, title=self.tr("Looking back")
        )

    def as_of(self, ref: Ref, moment: datetime) -> Request:
        """The version of a moment: `Info`. `failed` stays silent: who asks shows what is wrong."""
        call = (jobs.on_database, jobs.at_date, ref.tenant, ref.entry, moment)
        return self._worker.read("at", *call, title=self.tr("Looking back"))

    def find(self, ref: Ref, short: str) -> Request:
        """The version whose digest begins so: `Info`."""
        return self._read(
            "at", jobs.find_version, ref.tenant, ref.entry, short, title=self.tr("Looking")
        )

    def value_history(self, ref: Ref, path: tuple[str | int, ...]) -> Request:
        """Who changed this: `tuple[ValueVersion, ...]`."""
        title = self.tr("Reading the value’s history")
        return self._read("value", jobs.record_history, ref.tenant, ref.entry, path, title=title)

    def preview_save(self, base: Ref, text: str) -> Request:
        """What `save` would change: `Preview`."""
        return self._preview(edits.preview_save, base, text)

    def preview_put(self, base: Ref, key: str, text: str) -> Request:
        """What `put` would change: `Preview`."""
        return self._preview(edits.preview_put, base, key, text)

    def preview_delete(self, ref: Ref, key: str | None = None) -> Request:
        """What `delete` would take away: `Preview`."""
        return self._preview(edits.preview_delete, ref, key)

    def preview_restore(self, ref: Ref, keys: tuple[str, ...] | None = None) -> Request:
        """Now → after `restore`: `Preview`."""
        return self._preview(edits.preview_restore, ref, keys)

    def merge(self, base: Ref, text: str, key: str | None = None) -> Request:
        """A draft with what others wrote since `base`: `Merge`."""
        return self._preview(edits.merge_draft, base, text, key)

    # ---- writing ---------------------------------------------------------------------------

    def add_tenant(self, name: str) -> Request:
        """Make a new tenant: `str`, its name."""
        request = self._change(edits.write_init, name)
        request.done.connect(self._tenant_added)
        return request

    def save(self, base: Ref, text: str, note: str = "") -> Request:
        """Write the whole document if the head still is `base`; no digest: a new entry."""
        return self._write(edits.write_save, self._order(base, note), text)

    def put(self, base: Ref, key: str, text: str, note: str = "") -> Request:
        """Write one record if the head still is `base`."""
        return self._write(edits.write_put, self._order(base, note), key, text)

    def add(self, ref: Ref, key: str, text: str) -> Request:
        """Write a record that is not there yet."""
        return self._write(edits.write_new_record, self._order(ref, ""), key, text)

    def delete(self, base: Ref, key: str | None = None, note: str = "") -> Request:
        """Delete a record, or without a key the entry, if the head still is `base`."""
        return self._write(edits.write_delete, self._order(base, note), key)

    def restore(
        self, base: Ref, digest: str, keys: tuple[str, ...] | None = None, note: str = ""
    ) -> Request:
        """Bring back a version, or of it some records, if the head still is `base`."""
        return self._write(edits.write_restore, self._order(base, note), digest, keys)

    @property
    def undoable(self) -> Written | None:
        """The write that `undo` would take back."""
        return self._last

    def undo(self) -> None:
        """Take the last write back; then `undo` would do it again."""
        if self._last is None:
            return
        note = self.tr("Undo of version {number}").format(number=self._last.after.seq)
        self._write(edits.undo, self.settings.user, self._last, note)

    # ---- long jobs -------------------------------------------------------------------------

    @property
    def long_job(self) -> Request | None:
        """The one that is running; there is never a second one."""
        return self._worker.long_job

    def verify(self, *, repair: bool = False) -> Request:
        """Read everything there is: `Report`. With `repair` heal what can be healed."""
        title = self.tr("Repairing") if repair else self.tr("Verifying")
        return self._long(upkeep.verify, repair, title=title)

    def pack(self) -> Request:
        """Keep old versions in less space: `Packed`."""
        return self._long(upkeep.pack, title=self.tr("Packing"))

    def export(self, tenant: str, entry: str | None, file: Path) -> Request:
        """Write an entry, or all of a tenant, to a file: `Exported`."""
        return self._long(upkeep.export, tenant, entry, file, title=self.tr("Exporting"))

    def import_file(self, file: Path, tenant: str | None, entry: str | None) -> Request:
        """Bring in what `export` wrote: `Imported`."""
        return self._long(upkeep.import_file, file, tenant, entry, title=self.tr("Importing"))

    def import_git(self, repo: Path, path: str, tenant: str, entry: str) -> Request:
        """Append the history of a file in a git repository: `ImportResult`."""
        title = self.tr("Importing from git")
        return self._long(upkeep.import_git, repo, path, tenant, entry, title=title)

    def loose(self) -> Request:
        """About how many objects could be packed: `int`."""
        return self._worker.read("loose", jobs.on_database, jobs.loose)

    # ---- inside ----------------------------------------------------------------------------

    def _long(self, job: Callable[..., Any], *args: Any, title: str) -> Request:
        assert self._database is not None, "long jobs are offered only where one is open"
        request = self._worker.long(job, self._database.root, *args, title=title)
        request.failed.connect(self.failed)  # a `Conflict` of theirs is about no draft
        return request

    def _swap(self, job: Callable[..., Any], *args: Any, title: str) -> None:
        self._worker.cancel_reads()
        request = self._worker.write(job, *args, title=title)
        request.done.connect(self._opened)
        request.failed.connect(self._report)

    def _read(
        self, lane: str, job: Callable[..., Any], *args: Any, title: str, **options: Any
    ) -> Request:
        request = self._worker.read(lane, jobs.on_database, job, *args, title=title, **options)
        request.failed.connect(self._report)
        return request

    def _preview(self, job: Callable[..., Any], *args: Any) -> Request:
        return self._read("preview", job, *args, title=self.tr("Comparing"))

    def _write(self, job: Callable[..., Any], *args: Any) -> Request:
        request = self._change(job, *args)
        request.done.connect(self._written)
        return request

    def _change(self, job: Callable[..., Any], *args: Any) -> Request:
        request = self._worker.write(jobs.on_database, job, *args, title=self.tr("Writing"))
        request.failed.connect(self._report)
        return request

    def _order(self, base: Ref, note: str) -> Order:
        return Order(base.tenant, base.entry, self.settings.user, base.digest, note)

    def _opened(self, opened: Opened) -> None:
        self._forget()
        self._database = opened
        self.settings.add_recent(opened.root)
        self._following.start()
        self.place_changed.emit(self.place)
        self.opened.emit(opened)  # last: who hears it may go somewhere at once

    def _closed(self, _nothing: object) -> None:
        self._forget()
        self.closed.emit()
        self.place_changed.emit(self.place)

    def _forget(self) -> None:
        self._following.forget()
        self._database = self._last = None
        self._journey = Journey()

    def _report(self, failure: Failure) -> None:
        if isinstance(failure.error, Conflict):
            self.conflicted.emit(failure.error)
        else:
            self.failed.emit(failure)

    def _written(self, written: Written) -> None:
        self._following.see_head(written.after)
        if written.changed:
            self._last = written
        self.written.emit(written)

    def _tenant_added(self, name: str) -> None:
        self._following.see_tenant(name)
        self.tenant_added.emit(name)

    def _show_busy(self, busy: Busy | None) -> None:
        """Jobs without a title are nobody's business."""
        if busy is None or busy.title:
            self.busy_changed.emit(busy)
