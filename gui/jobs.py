"""What the background thread reads: plain functions `(db, ticket, ...) -> frozen result`, no Qt.

Results are small and frozen. A document crosses as text, or as the rows of a comparison, which make
their lines from two parsed trees when they are looked at: see `Heavy`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

from dbengine import (
    DbEngine,
    DbException,
    EntryNotFound,
    Info,
    NotADatabase,
    NotFound,
    StorageError,
    parse_json,
    pretty,
    show_path,
)

from .big import crumble, printed
from .merge import MISSING

LOG_SCAN: Final = 2_000
"""Versions that one filtered `log_page` looks at, so that other reads get their turn."""

USERS_SCAN: Final = 20_000
"""Newest versions among which `users` looks for names."""

HITS: Final = 200
"""Entries of one tenant that a filter shows at most."""


class Ticket(Protocol):
    """How a job hears that it is not wanted any more, and says how far it is."""

    def check(self) -> None:
        """Raise `Cancelled` if the job should stop."""

    def progress(self, done: int, total: int | None, what: str) -> None:
        """`check`, and say how far the job is."""


@runtime_checkable
class Heavy(Protocol):
    """A result that holds documents on to which nobody else may hold."""

    def documents(self) -> tuple[Any, ...]:
        """Those of them that are big."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A version of an entry; without a digest its head."""

    tenant: str
    entry: str
    digest: str | None = None


Side: TypeAlias = Ref | Path
"""What can be compared: a version, or a file of JSON."""


@dataclass(frozen=True, slots=True)
class Swap:
    """A job's result that also makes `db` the thread's database, or closes it (None)."""

    db: DbEngine | None
    result: Any = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The database that was opened."""

    root: Path
    read_only: bool


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant and how many entries it has, deleted ones not counted."""

    name: str
    entries: int


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Heads of a tenant's entries by name, all above `after`; `more` if others follow."""

    tenant: str
    heads: tuple[Info, ...]
    more: bool
    after: str | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Versions, newest first. `before` is where to go on if there is `more`.

    A filtered page can be short or empty and still have `more`: so far nothing else fitted.
    """

    infos: tuple[Info, ...]
    more: bool
    before: str | None


@dataclass(frozen=True, slots=True)
class Users:
    """Who wrote, most active first, with the number of versions; `complete` if all were read."""

    names: tuple[tuple[str, int], ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Content:
    """One version's content as what shows it; made of an empty text where it says: deleted."""

    info: Info
    document: Any


@dataclass(frozen=True, slots=True)
class Source:
    """A value within the background thread, with where it is from; `MISSING` is no value."""

    side: Side | None
    info: Info | None
    value: Any

    @property
    def missing(self) -> bool:
        return self.value is MISSING


@dataclass(frozen=True, slots=True)
class ValueVersion:
    """One distinct value in time as JSON for people; not `present`: there was none."""

    info: Info
    text: str
    present: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What the browser knows: heads by tenant and entry, and the names of all tenants.

    Of the tenants in `complete` it knows every entry, so that another one is a new one. `cursors`
    say for each tenant up to where one has followed what is written there.
    """

    heads: Mapping[str, Mapping[str, str]]
    tenants: frozenset[str]
    complete: frozenset[str]
    cursors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """What others did: heads that are not the known ones, and tenants that are new.

    `seen` is all that was looked at, to be known from now on, and `cursors` where to go on.
    """

    heads: tuple[Info, ...]
    tenants: tuple[str, ...]
    seen: Mapping[str, Mapping[str, str]]
    cursors: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.heads or self.tenants)


def open_database(
    _db: DbEngine | None,
    ticket: Ticket,
    path: Path,
    read_only: bool = False,
    clock: Callable[[], datetime] | None = None,
) -> Swap:
    """Open the database in the folder `path` instead of the one before."""
    if not path.is_dir():
        raise NotADatabase(f"There is no folder {path}.")
    if _is_empty(path):
        raise NotADatabase(f"{path} is empty: there is no database in it.")
    return _opened(ticket, DbEngine(root=path, read_only=read_only, clock=clock), path)


def create_database(
    _db: DbEngine | None,
    ticket: Ticket,
    path: Path,
    tenant: str,
    clock: Callable[[], datetime] | None = None,
) -> Swap:
    """Make a database with one tenant in the folder `path`, new or empty, and open it."""
    if path.exists() and not _is_empty(path):
        raise NotADatabase(f"{path} is not empty; choose a new folder for the database.")
    db = DbEngine(root=path, clock=clock)
    db.init(tenant)
    return _opened(ticket, db, path)


def close_database(_db: DbEngine | None, _ticket: Ticket) -> Swap:
    """Close the database and have none."""
    return Swap(None)


def on_database(
    db: DbEngine | None, ticket: Ticket, job: Callable[..., Any], *args: Any, **options: Any
) -> Any:
    """Run a job that needs a database."""
    if db is None:
        raise DbException("No database is open.")
    return job(db, ticket, *args, **options)


def tree(db: DbEngine, ticket: Ticket) -> tuple[Tenant, ...]:
    """All tenants by name."""
    return tuple(_tenants(db, ticket))


def tenant_entries(
    db: DbEngine,
    _ticket: Ticket,
    tenant: str,
    *,
    contains: str = "",
    after: str | None = None,
    limit: int = HITS,
) -> EntryPage:
    """One page of a tenant's entries, those with `contains` in their name, after `after`."""
    heads = db.heads(tenant, contains=contains, after=after, limit=limit + 1)
    return EntryPage(tenant, tuple(heads[:limit]), len(heads) > limit, after)


def filter_names(
    db: DbEngine, ticket: Ticket, text: str, limit: int = HITS
) -> tuple[EntryPage, ...]:
    """Tenants whose name has `text` in it, with all entries; of others the entries that have it."""
    found = []
    for done, tenant in enumerate(db.tenants()):
        ticket.progress(done, None, tenant)
        named = text.casefold() in tenant.casefold()
        page = tenant_entries(db, ticket, tenant, contains="" if named else text, limit=limit)
        if named or page.heads:
            found.append(page)
    return tuple(found)


def log_page(
    db: DbEngine,
    ticket: Ticket,
    tenant: str,
    entry: str,
    *,
    before: str | None = None,
    limit: int = 100,
    text: str = "",
    user: str | None = None,
) -> LogPage:
    """Versions older than `before` that fit the filter, newest first."""
    scanned = LOG_SCAN if text or user else limit
    infos = db.log(tenant, entry, before=before, limit=scanned + 1)
    fitting = _fitting(infos[:scanned], ticket, text.casefold(), user)
    page = tuple(info for _, info in zip(range(limit + 1), fitting, strict=False))
    if len(page) > limit:
        return LogPage(page[:limit], True, page[limit - 1].digest)
    more = len(infos) > scanned
    return LogPage(page, more, infos[scanned - 1].digest if more else None)


def users(db: DbEngine, ticket: Ticket, tenant: str, entry: str) -> Users:
    """Who wrote the entry's newest versions."""
    counts: Counter[str] = Counter()
    before: str | None = None
    while counts.total() < USERS_SCAN:
        ticket.check()
        infos = db.log(tenant, entry, before=before, limit=LOG_SCAN)
        counts.update(info.user for info in infos)
        if len(infos) < LOG_SCAN:
            return Users(tuple(counts.most_common()), True)
        before = infos[-1].digest
    return Users(tuple(counts.most_common()), False)


def content(
    db: DbEngine, ticket: Ticket, ref: Ref, make: Callable[[bytes], Any] = bytes
) -> Content:
    """The content of one version: what `make` makes of its JSON for people, in UTF-8."""
    info = db.info(ref.tenant, ref.entry, ref.digest)
    ticket.check()
    if info.deleted:
        return Content(info, make(b""))
    box = [db.load(ref.tenant, ref.entry, info.digest, raw=True)]
    text = printed(box[0], ticket.check)
    crumble(box)
    ticket.check()
    return Content(info, make(text))


def head(db: DbEngine, _ticket: Ticket, ref: Ref) -> Info:
    """The metadata of a version, or of the head."""
    return db.info(ref.tenant, ref.entry, ref.digest)


def value_text(db: DbEngine, ticket: Ticket, side: Side, path: tuple[str | int, ...]) -> str:
    """The value at a path of a version or a file, as JSON for people."""
    value = read_side(db, ticket, side).value
    try:
        for step in path:
            value = value[step]
    except (LookupError, TypeError):
        raise NotFound(f"There is nothing at {show_path(path)} in this version.") from None
    return pretty(value).decode()


def make_demo(
    _db: DbEngine | None,
    ticket: Ticket,
    build: Callable[..., None],
    root: Path,
    clock: Callable[[], datetime] | None = None,
) -> Swap:
    """Build the demo database at `root` unless it is there, and open it."""
    build(root, ticket.progress)
    return open_database(None, ticket, root, clock=clock)


def at_date(
    db: DbEngine, _ticket: Ticket, tenant: str, entry: str, when: int | datetime | str
) -> Info:
    """The version that was the head at a moment (aware), or the one with that number."""
    return db.info(tenant, entry, db.at(tenant, entry, when))


def find_version(db: DbEngine, _ticket: Ticket, tenant: str, entry: str, short: str) -> Info:
    """The version whose digest begins with `short`."""
    return db.info(tenant, entry, db.resolve(tenant, entry, short))


def record_history(
    db: DbEngine, ticket: Ticket, tenant: str, entry: str, path: tuple[str | int, ...]
) -> tuple[ValueVersion, ...]:
    """Who changed this: the distinct values at `path` through time, newest first.

    The first step of the path is the record's key.
    """
    key, inner = str(path[0]), path[1:]
    versions = db.record_history(tenant, entry, key, path=inner, raw=True, progress=ticket.progress)
    return tuple(
        ValueVersion(v.info, pretty(v.value).decode() if v.present else "", v.present)
        for v in versions
    )


def loose(db: DbEngine, _ticket: Ticket) -> int:
    """About how many objects could be packed."""
    return 0 if db.read_only else db.loose()


def poll(db: DbEngine, ticket: Ticket, known: Known) -> Moved:
    """What moved since `known`, in the tenants that it has heads of."""
    moved: list[Info] = []
    seen: dict[str, dict[str, str]] = {}
    cursors: dict[str, str] = {}
    for tenant, heads in known.heads.items():
        ticket.check()
        infos, cursors[tenant] = _follow(db, tenant, known.cursors.get(tenant))
        seen[tenant] = {info.entry: info.digest for info in infos}
        moved += (info for info in infos if _is_news(info, heads, tenant in known.complete))
    new = set(db.tenants()) - known.tenants
    return Moved(tuple(moved), tuple(sorted(new)), seen, cursors)


def _follow(db: DbEngine, tenant: str, cursor: str | None) -> tuple[list[Info], str]:
    """What moved since the cursor; the first time all heads, for who knows when they were read."""
    infos, after = db.moved(tenant, cursor)
    if cursor is None:
        infos = db.heads(tenant)  # after the cursor was taken, so that nothing falls between
    return infos, after


def _is_news(info: Info, heads: Mapping[str, str], complete: bool) -> bool:
    if info.entry not in heads:
        return complete
    return heads[info.entry] != info.digest


def read_side(db: DbEngine, ticket: Ticket, side: Side) -> Source:
    """The document that a side stands for."""
    ticket.check()
    if isinstance(side, Path):
        return Source(side, None, parse_json(_read(side)))
    info = db.info(side.tenant, side.entry, side.digest)
    value = MISSING if info.deleted else db.load(side.tenant, side.entry, info.digest, raw=True)
    return Source(Ref(side.tenant, side.entry, info.digest), info, value)


def head_of(db: DbEngine, tenant: str, entry: str) -> Info | None:
    """The head, which may say that the entry is deleted; None if it was never written."""
    try:
        return db.info(tenant, entry)
    except EntryNotFound:
        return None


def _opened(ticket: Ticket, db: DbEngine, path: Path) -> Swap:
    """Touch the database once: a folder that is none must fail here, not at the first click."""
    try:
        ticket.check()
        db.tenants()
    except BaseException:
        db.close()
        raise
    return Swap(db, Opened(path, db.read_only))


def _is_empty(path: Path) -> bool:
    try:
        return not any(path.iterdir())
    except OSError as error:
        raise _unreadable(path, error) from error


def _tenants(db: DbEngine, ticket: Ticket) -> Iterator[Tenant]:
    for done, name in enumerate(db.tenants()):
        ticket.progress(done, None, name)
        try:
            yield Tenant(name, len(db.entries(name)))
        except NotFound:
            continue


def _fitting(infos: list[Info], ticket: Ticket, text: str, user: str | None) -> Iterator[Info]:
    for info in infos:
        ticket.check()
        if user is not None and info.user != user:
            continue
        if text in _words(info) if text else True:
            yield info


def _words(info: Info) -> str:
    """All that a history filter looks at, in one string; the date as stored and as shown."""
    day = f"{info.when.astimezone():%Y-%m-%d %H:%M}"
    words = [info.user, info.note, info.date, day, info.digest, *info.keys]
    return "\n".join(words).casefold()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path} cannot be read: {error.strerror or error}.")
