"""Import the history of one JSON file from a git repository into an entry."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from dbengine.codec import parse_file
from dbengine.engine import DbEngine
from dbengine.errors import (
    EntryNotFound,
    InvalidArgument,
    InvalidJson,
    TenantNotFound,
)
from dbengine.importers.repository import Commit, GitError, check_repository, contents, history
from dbengine.model import Progress, Version
from dbengine.paging import versions

_NOTHING: Final = object()
_BATCH: Final = 100
_BATCH_BYTES: Final = 8_000_000
_TRAILER: Final = "Git-Commit: "
_IMPORTED: Final = re.compile(rf"^{_TRAILER}([0-9a-f]{{40,64}})\Z", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A commit that gave no version, and why."""

    commit: str
    date: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did.

    `commits` is how many it looked at: those after `resumed_after`, the commit up to which the
    entry was imported before (None: nothing was). Each was `written` as a version, is counted as
    `unchanged`, for it says what the version before says (`1` and `1.0` are one number here), or
    stands in `skipped`.
    """

    commits: int
    written: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    resumed_after: str | None


def import_git(
    db: DbEngine,
    repo: str | os.PathLike[str],
    path: str,
    tenant: str,
    entry: str,
    *,
    ref: str = "HEAD",
    progress: Progress | None = None,
) -> ImportResult:
    """Append the history of the file `path` as `ref` saw it, oldest first.

    A version has the commit's author as its user, the date of the commit, and the message as its
    note, which ends with the line `Git-Commit: <id>`. From that line an interrupted import goes
    on, and one that is run again adds only what is new. A merge counts as one change of the
    branch it went into; renames are followed; contents that are empty or not JSON are skipped.

    Raises `GitError` where git fails, and `InvalidArgument` for an entry that holds anything but
    an import of this history. If `progress` raises, what was committed until then stays.
    """
    folder = check_repository(repo)
    if not path or "\0" in path + ref:
        raise InvalidArgument("Name a file by its path in the repository.")
    last = _last_imported(db, tenant, entry)
    commits = _commits_since(last, folder, path, ref)
    db.init(tenant)
    run = _Import(db, tenant, entry)
    _feed(run, folder, commits, last, progress or (lambda _done, _total, _what: None))
    looked_at = len(commits) if last is None else len(commits) - 1
    return ImportResult(looked_at, run.written, run.unchanged, tuple(run.skipped), last)


def _feed(
    run: _Import, folder: Path, commits: list[Commit], last: str | None, progress: Progress
) -> None:
    for done, (commit, data) in enumerate(_with_contents(folder, commits)):
        progress(done, len(commits), "commits")
        if commit.id == last and data is not None:
            run.go_on_after(commit, data)
        else:
            run.take(commit, data)
    run.commit()
    progress(len(commits), len(commits), "commits")


def _last_imported(db: DbEngine, tenant: str, entry: str) -> str | None:
    """The commit from which the newest imported version came; None where there is no version."""
    try:
        for version in versions(db, tenant, entry):
            imported = _IMPORTED.search(version.note)
            if imported:
                return imported[1]
    except (TenantNotFound, EntryNotFound):
        return None
    raise InvalidArgument(
        f"{entry!r} has versions that are not from git; choose another entry for the import.",
        tenant=tenant,
        entry=entry,
    )


def _commits_since(last: str | None, folder: Path, path: str, ref: str) -> list[Commit]:
    """The file's commits, oldest first; those from `last` on, itself included, if it is given."""
    found: list[Commit] = []
    with closing(history(folder, path, ref)) as newest_first:
        for commit in newest_first:
            found.append(commit)
            if commit.id == last:
                return found[::-1]
    if not found:
        raise GitError(f"{ref} has no file {path!r} in its history ({folder}).")
    if last is not None:
        raise InvalidArgument(
            f"The entry was imported up to commit {last[:12]}, which {path!r} does not have at "
            f"{ref}: another file or branch, or a history rewritten since. Choose another entry."
        )
    return found[::-1]


def _with_contents(
    folder: Path, commits: Sequence[Commit]
) -> Iterator[tuple[Commit, bytes | None]]:
    """Each commit with what it left of the file; None where that is no file."""
    with closing(contents(folder, [c.blob for c in commits if c.is_file])) as found:
        for commit in commits:
            yield commit, next(found) if commit.is_file else None


class _Import:
    """Collects versions and commits them in batches, so that memory stays small."""

    def __init__(self, db: DbEngine, tenant: str, entry: str) -> None:
        self._db = db
        self._place = tenant, entry
        self._batch: list[Version] = []
        self._bytes = 0
        self._date: datetime | None = None
        self._value: Any = _NOTHING
        self.written = 0
        self.unchanged = 0
        self.skipped: list[Skipped] = []

    def go_on_after(self, commit: Commit, data: bytes) -> None:
        """Begin behind a commit that was imported before."""
        self._value = parse_file(data)
        self._date = max(commit.date, self._db.info(*self._place).when)

    def take(self, commit: Commit, data: bytes | None) -> None:
        """Make a version of what a commit left, or say why not."""
        if data is None:
            self._skip(commit, "the file was deleted" if commit.deleted else "not a regular file")
        elif not data.strip():
            self._skip(commit, "empty")
        else:
            self._parse(commit, data)

    def _parse(self, commit: Commit, data: bytes) -> None:
        try:
            value = parse_file(data)
        except InvalidJson as error:
            self._skip(commit, f"not JSON: line {error.line}, column {error.column}: {error}")
            return
        if _equal(value, self._value):
            self.unchanged += 1
            return
        self._value = value
        self._collect(commit, value, len(data))

    def _collect(self, commit: Commit, value: object, size: int) -> None:
        self._batch.append(self._version(commit, value))
        self._bytes += size
        if len(self._batch) >= _BATCH or self._bytes >= _BATCH_BYTES:
            self.commit()

    def _version(self, commit: Commit, value: object) -> Version:
        # Clocks of committers differ; the engine would set each date right with a warning.
        self._date = max(commit.date, self._date or commit.date)
        note = f"{commit.message}\n\n{_TRAILER}{commit.id}".lstrip()
        return Version(commit.user, self._date, value, note)

    def commit(self) -> None:
        """Write what was collected."""
        batch, self._batch, self._bytes = self._batch, [], 0
        if batch:
            done = self._db.append_history(*self._place, batch)
            self.written += done.written
            self.unchanged += done.unchanged

    def _skip(self, commit: Commit, reason: str) -> None:
        self.skipped.append(Skipped(commit.id, commit.date, reason))


def _equal(new: Any, old: Any) -> bool:
    """Whether two versions say the same. In the files of others 1 and 1.0 are one number."""
    return bool(new == old) and _same_booleans(new, old)


def _same_booleans(new: Any, old: Any) -> bool:
    """Of two values that Python holds for equal, whether none has 1 where the other has true."""
    if isinstance(new, dict):
        return all(_same_booleans(value, old[key]) for key, value in new.items())
    if isinstance(new, list):
        return all(map(_same_booleans, new, old))
    return isinstance(new, bool) == isinstance(old, bool)
