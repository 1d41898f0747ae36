"""The frozen values that the engine hands out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

DATE_FORMAT: Final = "%Y%m%d %H:%M:%S"

Json: TypeAlias = Any
"""A value of JSON's own types: dict with str keys, list, str, int, float, bool, None."""

Progress: TypeAlias = Callable[[int, int | None, str], None]
"""Called with (done, total or None, what is being done); raise `Cancelled` from it to stop."""

Action: TypeAlias = Literal["save", "put", "delete", "drop", "restore"]
"""Which call made a version; `drop` is the deletion of the whole entry."""


class Any_(Enum):  # noqa: N801 - the type of the one constant ANY
    """The type of `ANY`."""

    ANY = "any"


ANY: Final = Any_.ANY
"""The default of `expect=`: write whatever the head is."""

Expect: TypeAlias = str | Any_ | None


def parse_date(text: str) -> datetime:
    """The moment that a `__date__` names, as an aware datetime in UTC."""
    return datetime.strptime(text, DATE_FORMAT).replace(tzinfo=UTC)


def format_date(moment: datetime) -> str:
    """An aware datetime as a `__date__`, to the second, in UTC."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    day = f"{utc.year:04}{utc.month:02}{utc.day:02}"  # %Y does not pad everywhere
    return f"{day} {utc.hour:02}:{utc.minute:02}:{utc.second:02}"


@dataclass(frozen=True, slots=True)
class Info:
    """One version's metadata, without its content.

    `added`, `changed` and `removed` count top-level records (or items of a list); `keys` names
    the first few of them, for a title. `size` is the content's JSON in bytes, `count` how many
    records or items it has. `date` is `YYYYMMDD HH:MM:SS` in UTC. `form` is "records" where the
    content is a dict and "value" where it is anything else. `damage` says why the version cannot
    be read, where that is so; the fields that are not known then are empty.
    """

    tenant: str
    entry: str
    digest: str
    parent: str | None
    user: str
    date: str
    seq: int
    note: str
    action: Action
    form: Literal["records", "value"]
    added: int
    changed: int
    removed: int
    keys: tuple[str, ...]
    size: int
    count: int
    damage: str = ""

    @property
    def deleted(self) -> bool:
        """Whether this version says that the entry was deleted."""
        return self.action == "drop"

    @property
    def when(self) -> datetime:
        """`date` as an aware datetime in UTC."""
        return parse_date(self.date)


class Snapshot(dict[str, Any]):
    """A saved dict as it was, which also knows the version that it is.

    It holds exactly the user's items: iterating, `==` and saving it back see nothing else.
    Indexing, `get` and `in` also answer `__parent__`, `__user__` and `__date__`, unless the
    user's own data has a key of that name.
    """

    __slots__ = ("_info",)

    def __init__(self, items: Mapping[str, Any], info: Info) -> None:
        super().__init__(items)
        self._info = info

    @property
    def digest(self) -> str:
        return self._info.digest

    @property
    def parent(self) -> str | None:
        return self._info.parent

    @property
    def user(self) -> str:
        return self._info.user

    @property
    def date(self) -> str:
        return self._info.date

    @property
    def seq(self) -> int:
        return self._info.seq

    @property
    def _metadata(self) -> dict[str, str | None]:
        return {"__parent__": self.parent, "__user__": self.user, "__date__": self.date}

    def __missing__(self, key: str) -> str | None:
        return self._metadata[key]

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self._metadata

    def get(self, key: str, default: Any = None) -> Any:
        """The item, or the metadata of that name, or `default`."""
        return super().get(key, self._metadata.get(key, default))

    def __reduce__(self) -> tuple[Any, ...]:
        return Snapshot, (dict(self), self._info)

    def copy(self) -> dict[str, Any]:
        """A plain dict of the user's items."""
        return dict(self)


@dataclass(frozen=True, slots=True)
class RecordChange:
    """How one record differs between two versions; the side that lacks it is None."""

    key: str
    kind: Literal["added", "removed", "changed"]
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RecordVersion:
    """One distinct value of a record and the version that gave it; not `present`: deleted there."""

    info: Info
    value: Any
    present: bool


@dataclass(frozen=True, slots=True)
class Version:
    """A version from elsewhere, for `append_history`; `date` is an aware datetime."""

    user: str
    date: datetime
    value: Any
    note: str = ""


@dataclass(frozen=True, slots=True)
class Appended:
    """What `append_history` did: versions written, and versions equal to the one before."""

    written: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class HurtVersion:
    """A version that cannot be read; `seq` is its number, 0 where nothing tells it any more."""

    tenant: str
    entry: str
    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that `verify` found.

    `digest` names what is wrong: a version, or an object that is damaged in its place; of an object
    that is missing, the newest version that misses it, if all of them are of one `entry`. `object`
    is the damaged or missing one in any case. `hurts` are the versions that cannot be read because
    of it, by entry and number. Versions above a head may be lost from it, or the harmless rest of
    a write that was interrupted: that is not `certain`. What is damaged in its place and whole
    elsewhere is `repairable`, unless `verify` has just tried that.
    """

    tenant: str
    entry: str | None
    digest: str | None
    message: str
    hurts: tuple[HurtVersion, ...] = ()
    certain: bool = True
    object: str | None = None
    repairable: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What `verify` read and found; `healed` is what was wrong and no longer is."""

    tenants: int
    entries: int
    versions: int
    objects: int
    problems: tuple[Problem, ...]
    healed: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is certainly wrong; `problems` may still name what is worth a look."""
        return not any(problem.certain for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Exported:
    """What `export` wrote: how many entries, versions and objects, in a file of `size` bytes."""

    tenant: str
    entries: int
    versions: int
    objects: int
    size: int


@dataclass(frozen=True, slots=True)
class ImportedEntry:
    """What an import did to an entry.

    `was` is "missing" before, "older" (it was brought forward), "same", or "newer" than the file
    (it was left alone). `head` is where it is now, `written` how many versions it got.
    """

    entry: str
    was: Literal["missing", "older", "same", "newer"]
    head: str
    written: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What `import_` did, entry by entry."""

    tenant: str
    entries: tuple[ImportedEntry, ...]

    @property
    def written(self) -> int:
        """How many versions came in."""
        return sum(entry.written for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Packed:
    """What `pack` did: how many objects it moved, and the bytes that they took before and after."""

    objects: int
    before: int
    after: int
