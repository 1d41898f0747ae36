"""The long jobs: plain functions `(progress, root, ...) -> frozen result` for a child process.

Each opens the database for itself, for reading only where it changes nothing.
"""

from __future__ import annotations

from pathlib import Path

from dbengine import DbEngine, Exported, Imported, Packed, Progress, Report
from dbengine.importers import ImportResult
from dbengine.importers import import_git as from_git


def verify(progress: Progress, root: Path, repair: bool) -> Report:
    """Read everything; what is wrong, and which versions it hurts."""
    with DbEngine(root, read_only=not repair) as db:
        return db.verify(progress, repair=repair)


def pack(progress: Progress, root: Path) -> Packed:
    """Keep old versions in less space, in all tenants."""
    with DbEngine(root) as db:
        return db.pack(None, progress)


def export(progress: Progress, root: Path, tenant: str, entry: str | None, file: Path) -> Exported:
    """Write an entry, or all of a tenant, with its whole history to a file."""
    with DbEngine(root, read_only=True) as db:
        return db.export(tenant, file, entry, progress)


def import_file(
    progress: Progress, root: Path, file: Path, tenant: str | None, entry: str | None
) -> Imported:
    """Bring in what `export` wrote, all of it or one entry; None: the tenant it came from."""
    with DbEngine(root) as db:
        return db.import_(tenant, file, entry, progress)


def import_git(
    progress: Progress, root: Path, repo: Path, path: str, tenant: str, entry: str
) -> ImportResult:
    """Append the history of one JSON file of a git repository to an entry."""
    with DbEngine(root) as db:
        return from_git(db, repo, path, tenant, entry, progress=progress)
