"""What a benchmark asks of a peer: durable writes into a history, and reading any of it back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

Json: TypeAlias = Any
"""A value of JSON's own types."""

Version: TypeAlias = Any
"""How a peer itself names a version: a digest, a number, a transaction."""

USER: Final = "ann"


class Past(NamedTuple):
    """One line of a history."""

    version: Version
    user: str
    date: str


class Changed(NamedTuple):
    """One record that differs between two versions; None on the side that lacks it."""

    key: str
    old: Json
    new: Json


class Peer(Protocol):
    """One open database.

    A write lasts when it returns (unless it was opened as not durable, to build something to
    read), and each is a version of its own that can be read back for ever. Versions are what
    `history` names; None is the head.
    """

    def put(self, entry: str, key: str, value: Json) -> None:
        """Add or change one record."""

    def put_many(self, entry: str, records: Mapping[str, Json]) -> None:
        """Add or change records, as one version."""

    def save(self, entry: str, document: Json) -> None:
        """Write a whole document. An entry holds either records or a document."""

    def load(self, entry: str, version: Version = None) -> Json:
        """The document, or all records by key."""

    def get(self, entry: str, key: str, version: Version = None) -> Json:
        """One record."""

    def history(self, entry: str, limit: int | None = None) -> list[Past]:
        """Versions newest first: a page of `limit`, or all."""

    def changes(self, entry: str, old: Version, new: Version) -> list[Changed]:
        """The records that differ between two versions, `old` being the older, in any order."""

    def entries(self) -> list[str]:
        """The names of all entries."""

    def pack(self) -> bool:
        """Make the files small, losing nothing; False where there is no such thing."""

    def close(self) -> None:
        """Let go of the files."""


def now() -> str:
    """The date of a write, as the spec spells it."""
    return date_of(datetime.now(UTC).timestamp())


def date_of(seconds: float) -> str:
    """A moment in seconds since 1970 as the spec spells a date."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d %H:%M:%S")


def differing(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[Changed]:
    """The records that differ between two versions, both of them in memory."""
    return [
        Changed(key, before.get(key), after.get(key))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    ]


def prefix(key: str) -> str:
    """Two hex digits that spread keys evenly over 256 folders."""
    return hashlib.sha256(key.encode()).hexdigest()[:2]


def write_file(path: Path, data: bytes, durable: bool) -> None:
    """Give `path` this content, the whole of it or none, whatever happens."""
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    temporary.replace(path)
    if durable:
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder last."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_folder(path: Path, durable: bool) -> None:
    """Make a folder whose parent is there; its name lasts when this returns."""
    if path.exists():
        return
    path.mkdir()
    if durable:
        sync_folder(path.parent)
