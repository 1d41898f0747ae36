"""Every error the engine raises about the world: input, disk, conflict. Our own bugs are not here.

DbException
├── NotFound
│   ├── TenantNotFound
│   ├── EntryNotFound
│   ├── RecordNotFound
│   └── DigestNotFound
├── InvalidArgument
│   ├── InvalidName
│   ├── InvalidValue        names the path inside the value
│   └── InvalidJson         names line and column of the text
├── PatternError            a record asked of an entry that holds a list or a scalar
├── Conflict                carries the current head
├── Cancelled
└── StorageError
    ├── NotADatabase
    ├── NewerFormat
    ├── ReadOnly
    ├── Locked
    └── Corrupt
"""

from __future__ import annotations

from collections.abc import Sequence


class DbException(Exception):
    """Base of every error the database raises on purpose. `str()` is a sentence for people."""

    def __init__(
        self,
        message: str,
        *,
        tenant: str | None = None,
        entry: str | None = None,
        digest: str | None = None,
        key: str | None = None,
    ) -> None:
        super().__init__(message)
        self.tenant = tenant
        self.entry = entry
        self.digest = digest
        self.key = key


class NotFound(DbException):
    """Something that was asked for by name is not there."""


class TenantNotFound(NotFound):
    """The tenant was never initialised."""


class EntryNotFound(NotFound):
    """The entry was never written, or is deleted."""


class RecordNotFound(NotFound):
    """The entry has no record with that key."""


class DigestNotFound(NotFound):
    """No version of this entry has that digest."""


class InvalidArgument(DbException):
    """An argument that can never work, whatever the database holds."""


class InvalidName(InvalidArgument):
    """A tenant, entry, key or user that cannot be used as a name."""


class InvalidValue(InvalidArgument):
    """A value that cannot be stored; `path` says where in it, from the outside in."""

    def __init__(self, message: str, path: Sequence[str | int] = ()) -> None:
        super().__init__(message)
        self.path = tuple(path)


class InvalidJson(InvalidArgument):
    """A text that is not JSON we can keep exactly; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class PatternError(DbException):
    """A record operation on an entry whose content is a list or a scalar."""


class Conflict(DbException):
    """The head is not the expected one: `current` is its digest, or None if there is none."""

    def __init__(self, message: str, *, tenant: str, entry: str, current: str | None) -> None:
        super().__init__(message, tenant=tenant, entry=entry, digest=current)
        self.current = current


class Cancelled(DbException):
    """Raised by a `progress` callback to stop a long call; nothing half done remains."""


class StorageError(DbException):
    """The disk, the file system or its permissions refused; nothing was written."""


class NotADatabase(StorageError):
    """The folder is not a DbEngine database."""


class NewerFormat(StorageError):
    """A newer version of this program wrote the database."""


class ReadOnly(StorageError):
    """The database was opened for reading, or went read-only after a failed sync."""


class Locked(StorageError):
    """Another process holds the lock and does not give it back."""


class Corrupt(StorageError):
    """Stored bytes are not what their name or checksum says; they are never returned."""
