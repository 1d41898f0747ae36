"""The commands that change something: init, put, save, delete, restore, import-git."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from dbengine import DbEngine, EntryNotFound, Info
from dbengine.cli import tables
from dbengine.cli.options import (
    entry_argument,
    expected,
    json_option,
    read_value,
    tenant_argument,
    value_argument,
    writing_options,
)
from dbengine.cli.versions import digest_of

if TYPE_CHECKING:
    from dbengine.importers import ImportResult

_SKIPPED_SHOWN: Final = 20


@click.command()
@tenant_argument
@json_option
@click.pass_obj
def init(root: str, tenant: str, as_json: bool) -> None:
    """Make TENANT, and the database around it.

    Doing it twice is fine.
    """
    with DbEngine(root) as db:
        db.init(tenant)
        place = db.root
    if as_json:
        tables.print_json({"tenant": tenant, "root": str(place)})
    else:
        click.echo(f"{tenant} is ready in {place}.")


@click.command()
@tenant_argument
@entry_argument
@click.argument("key")
@value_argument
@writing_options
@click.pass_obj
def put(root: str, /, tenant: str, entry: str, key: str, value: str | None, **options: Any) -> None:
    """Add or change one record of ENTRY.

    Nothing is written if it is so already. Before a value that begins with a dash, write --.
    """
    record = read_value(value)

    def write(db: DbEngine, user: str, **how: Any) -> None:
        db.put(tenant, user, entry, key, record, raw=True, **how)

    _write(root, tenant, entry, write, **options)


@click.command()
@tenant_argument
@entry_argument
@value_argument
@writing_options
@click.pass_obj
def save(root: str, /, tenant: str, entry: str, value: str | None, **options: Any) -> None:
    """Replace all that ENTRY holds.

    Nothing is written if it is so already. Before a value that begins with a dash, write --.
    """
    content = read_value(value)

    def write(db: DbEngine, user: str, **how: Any) -> None:
        db.save(tenant, user, entry, content, raw=True, **how)

    _write(root, tenant, entry, write, **options)


@click.command()
@tenant_argument
@entry_argument
@click.argument("key", required=False)
@writing_options
@click.pass_obj
def delete(root: str, /, tenant: str, entry: str, key: str | None, **options: Any) -> None:
    """Delete one record, or the whole ENTRY.

    Its history stays: restore brings it back.
    """

    def write(db: DbEngine, user: str, **how: Any) -> None:
        db.delete(tenant, user, entry, key, **how)

    _write(root, tenant, entry, write, **options)


@click.command()
@tenant_argument
@entry_argument
@click.argument("version")
@click.option("--key", "keys", multiple=True, metavar="KEY", help="Only this record; repeatable.")
@writing_options
@click.pass_obj
def restore(
    root: str, /, tenant: str, entry: str, version: str, keys: tuple[str, ...], **options: Any
) -> None:
    """Bring an old version back, or records of it.

    It becomes a new version on top; nothing is lost.
    """

    def write(db: DbEngine, user: str, **how: Any) -> None:
        digest = digest_of(db, tenant, entry, version)
        db.restore(tenant, user, entry, digest, keys=keys or None, **how)

    _write(root, tenant, entry, write, **options)


def _write(
    root: str,
    tenant: str,
    entry: str,
    write: Callable[..., None],
    *,
    user: str,
    note: str,
    expect: str | None,
    as_json: bool,
) -> None:
    """Let `write` change the entry, and say which version it is at."""
    with DbEngine(root) as db:
        before = _head(db, tenant, entry)
        write(db, user, note=note, expect=expected(db, tenant, entry, expect))
        _report(before, db.info(tenant, entry), as_json)


def _head(db: DbEngine, tenant: str, entry: str) -> Info | None:
    try:
        return db.info(tenant, entry)
    except EntryNotFound:
        return None


def _report(before: Info | None, after: Info, as_json: bool) -> None:
    written = before is None or before.digest != after.digest
    if as_json:
        tables.print_json({"written": written, "version": tables.version_json(after)})
    elif written:
        click.echo(f"{after.entry} is at {tables.version_line(after)}.")
    else:
        click.echo(f"Nothing to write: {after.entry} is so already, {tables.version_line(after)}.")


@click.command("import-git")
@click.argument("repo", type=click.Path())
@click.argument("path")
@click.option("--tenant", help="Where to; the repository's name if it is left out.")
@click.option("--entry", help="Where to; the file's name without its ending if it is left out.")
@click.option("--branch", default="HEAD", show_default=True, help="Branch, tag or commit.")
@json_option
@click.pass_obj
def import_git(
    root: str,
    repo: str,
    path: str,
    tenant: str | None,
    entry: str | None,
    branch: str,
    as_json: bool,
) -> None:
    """Import the history of a JSON file in a git repository.

    Author, date and message of each commit are kept. An import that was interrupted goes on where
    it stopped; one that is run again adds what is new.
    """
    from dbengine.importers import import_git as run  # noqa: PLC0415 - only this command needs it

    place = tenant or _repository_name(repo), entry or Path(path).stem
    with DbEngine(root) as db, tables.progress_bar("Importing") as progress:
        result = run(db, repo, path, *place, ref=branch, progress=progress)
    if as_json:
        tables.print_json(_import_json(place, result))
    else:
        _print_import(place, result)


def _repository_name(repo: str) -> str:
    return Path(repo).absolute().resolve().name.removesuffix(".git") or "git"


def _import_json(place: tuple[str, str], result: ImportResult) -> dict[str, Any]:
    return {
        "tenant": place[0],
        "entry": place[1],
        "commits": result.commits,
        "written": result.written,
        "unchanged": result.unchanged,
        "resumed_after": result.resumed_after,
        "skipped": [
            {"commit": s.commit, "date": f"{s.date:%Y-%m-%dT%H:%M:%SZ}", "reason": s.reason}
            for s in result.skipped
        ],
    }


def _print_import(place: tuple[str, str], result: ImportResult) -> None:
    if result.resumed_after:
        click.echo(f"Went on after commit {tables.short(result.resumed_after)}.")
    click.echo(
        f"{tables.amount(result.commits, 'commit')} read into {place[0]} / {place[1]}: "
        f"{tables.amount(result.written, 'version')} written, "
        f"{result.unchanged:,} repeated the one before, {len(result.skipped):,} skipped."
    )
    if not result.skipped:
        return
    columns = [tables.fixed("Skipped"), tables.fixed("Of"), tables.flexible("Because")]
    shown = result.skipped[:_SKIPPED_SHOWN]
    rows = [
        (tables.short(s.commit), f"{s.date.astimezone():%Y-%m-%d %H:%M}", s.reason) for s in shown
    ]
    tables.print_table(columns, rows)
    if len(result.skipped) > len(shown):
        click.echo(f"… and {len(result.skipped) - len(shown):,} more; --json lists them all.")


WRITING: Final = (init, put, save, delete, restore, import_git)
