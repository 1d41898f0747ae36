"""The commands that only look: tenants, entries, log, show, diff."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import click
from rich.text import Text

from dbengine import DbEngine, Info, Json, canonical, show_path
from dbengine.cli import tables
from dbengine.cli.options import entry_argument, json_option, tenant_argument
from dbengine.cli.versions import digest_of, is_date, span
from dbengine.paging import versions

if TYPE_CHECKING:
    from dbengine.diff import Change

_NOTHING: Final = object()
_VALUE_SHOWN: Final = 60
_CONTEXT: Final = 12
_SIGNS: Final = {
    "added": ("+", "green"),
    "removed": ("−", "red"),
    "changed": ("~", "yellow"),
    "type_changed": ("~", "yellow"),
    "moved": (">", "magenta"),
}


@click.command()
@json_option
@click.pass_obj
def tenants(root: str, as_json: bool) -> None:
    """List the tenants."""
    with DbEngine(root, read_only=True) as db:
        found = [(tenant, len(db.entries(tenant))) for tenant in db.tenants()]
    if as_json:
        tables.print_json([{"tenant": tenant, "entries": count} for tenant, count in found])
        return
    columns = [tables.flexible("Tenant"), tables.right("Entries")]
    tables.print_table(columns, [(tenant, f"{count:,}") for tenant, count in found])


@click.command()
@tenant_argument
@click.option("--contains", default="", help="Only names with this in them.")
@click.option("--deleted", is_flag=True, help="Deleted entries too.")
@json_option
@click.pass_obj
def entries(root: str, tenant: str, contains: str, deleted: bool, as_json: bool) -> None:
    """List the entries of TENANT."""
    with DbEngine(root, read_only=True) as db:
        heads = db.heads(tenant, contains=contains)
    shown = [info for info in heads if deleted or not info.deleted]
    if as_json:
        tables.print_json([tables.version_json(info) for info in shown])
        return
    columns = [
        tables.flexible("Entry"),
        tables.right("Versions"),
        tables.right("Size"),
        tables.fixed("Changed"),
        tables.flexible("By"),
    ]
    tables.print_table(columns, map(_entry_row, shown))


def _entry_row(info: Info) -> tuple[str, ...]:
    size = "deleted" if info.deleted else tables.file_size(info.size)
    return info.entry, f"{info.seq:,}", size, tables.local_time(info), info.user


@click.command()
@tenant_argument
@entry_argument
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--before", metavar="VERSION", help="Only what is older than this version or date.")
@click.option("--since", metavar="VERSION", help="Only from this version or date on.")
@click.option("--user", help="Only what this user wrote.")
@json_option
@click.pass_obj
def log(
    root: str,
    tenant: str,
    entry: str,
    limit: int,
    before: str | None,
    since: str | None,
    user: str | None,
    as_json: bool,
) -> None:
    """Print the history of ENTRY, newest version first."""
    with DbEngine(root, read_only=True) as db:
        found = _between(db, tenant, entry, before, since)
        chosen = list(islice((v for v in found if user in (None, v.user)), limit))
    if as_json:
        tables.print_json([tables.version_json(info) for info in chosen])
        return
    columns = [
        tables.right("#"),
        tables.fixed("Digest"),
        tables.fixed("When"),
        tables.flexible("Who"),
        tables.fixed("Changes"),
        tables.flexible("What"),
    ]
    tables.print_table(columns, map(_log_row, chosen))


def _log_row(info: Info) -> tuple[tables.Cell, ...]:
    return (
        str(info.seq),
        tables.plain(tables.short(info.digest), "cyan"),
        tables.local_time(info),
        info.user,
        tables.counts(info),
        tables.title(info),
    )


def _between(
    db: DbEngine, tenant: str, entry: str, before: str | None, since: str | None
) -> Iterator[Info]:
    oldest = _start(db, tenant, entry, since) if since else None
    newest = _start(db, tenant, entry, before) if before else None
    for info in versions(db, tenant, entry):
        if oldest is not None and _place(info, oldest) < oldest:
            return
        if newest is None or _place(info, newest) < newest:
            yield info


def _start(db: DbEngine, tenant: str, entry: str, version: str) -> Any:
    """Where a version or a date begins: a number, or a moment."""
    if is_date(version):
        return span(version).start
    return db.info(tenant, entry, digest_of(db, tenant, entry, version)).seq


def _place(info: Info, like: Any) -> Any:
    return info.seq if isinstance(like, int) else info.when


@click.command()
@tenant_argument
@entry_argument
@click.argument("key", required=False)
@click.option("--at", "version", metavar="VERSION", default="head", help="Not the newest version.")
@json_option
@click.pass_obj
def show(root: str, tenant: str, entry: str, key: str | None, version: str, as_json: bool) -> None:
    """Print ENTRY, or one record of it, as JSON.

    Python's own types stand there as they are stored: {"__type__": …, "value": …}. With --json,
    a document of the "version" and the "value".
    """
    with DbEngine(root, read_only=True) as db:
        digest = digest_of(db, tenant, entry, version)
        if key is None:
            value = db.load(tenant, entry, digest, raw=True)
        else:
            value = db.get(tenant, entry, key, digest, raw=True)
        info = db.info(tenant, entry, digest)
    if as_json:
        tables.print_json({"version": tables.version_json(info), "key": key, "value": value})
    else:
        tables.print_value(value)


@click.command()
@tenant_argument
@entry_argument
@click.argument("a", metavar="[A]", default="head")
@click.argument("b", metavar="[B]", required=False)
@json_option
@click.pass_obj
def diff(root: str, tenant: str, entry: str, a: str, b: str | None, as_json: bool) -> None:
    """Print what changed from version A to version B.

    With A alone, what A changed; with neither, what the newest version changed.
    """
    from dbengine.diff import diff as compare  # noqa: PLC0415 - slow to import, and only here

    with DbEngine(root, read_only=True) as db:
        digests = [digest_of(db, tenant, entry, version) for version in (a, b) if version]
        new = db.info(tenant, entry, digests[-1])
        parent = db.info(tenant, entry, new.parent) if new.parent else None
        old = parent if b is None else db.info(tenant, entry, digests[0])
        left, right = _both_sides(db, old, new)
    changes = compare(left, right).changes
    if as_json:
        tables.print_json(
            {
                "old": tables.version_json(old) if old else None,
                "new": tables.version_json(new),
                "changes": [_change_json(change) for change in changes],
            }
        )
        return
    _print_changes(old, new, changes)


def _both_sides(db: DbEngine, old: Info | None, new: Info) -> tuple[Json, Json]:
    """Both contents; the side that has none is as empty as the other's kind allows."""
    left, right = (_content(db, info) for info in (old, new))
    return (
        left if left is not _NOTHING else _empty_like(right),
        right if right is not _NOTHING else _empty_like(left),
    )


def _content(db: DbEngine, info: Info | None) -> Any:
    if info is None or info.deleted:
        return _NOTHING
    return db.load(info.tenant, info.entry, info.digest, raw=True)


def _empty_like(value: Any) -> Json:
    return type(value)() if isinstance(value, dict | list) else None


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "old_path": change.left_path,
        "new_path": change.right_path,
        "old": change.old,
        "new": change.new,
    }


def _print_changes(old: Info | None, new: Info, changes: tuple[Change, ...]) -> None:
    out = tables.console()
    out.print(Text("From ").append(tables.plain(tables.version_line(old) if old else "nothing")))
    out.print(Text("To   ").append(tables.plain(tables.version_line(new))))
    out.print(Text(tables.amount(len(changes), "change") if changes else "No difference"))
    for change in changes:
        out.print(_change_line(change), soft_wrap=True)


def _change_line(change: Change) -> Text:
    sign, style = _SIGNS[change.kind]
    path = show_path(change.right_path if change.right_path is not None else change.left_path or ())
    line = tables.plain(f"{sign} {path}  ", style)
    return line.append(tables.plain(_what(change), "default"))


def _what(change: Change) -> str:
    if change.kind == "moved":
        return f"from {show_path(change.left_path or ())}"
    if change.kind == "added":
        return _brief(change.new)
    if change.kind == "removed":
        return _brief(change.old)
    skip = _same_start(change.old, change.new)
    return f"{_brief(change.old, skip)} → {_brief(change.new, skip)}"


def _same_start(old: Json, new: Json) -> int:
    """How much of two texts to leave out, so that the difference of long ones is seen."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return 0
    pairs = enumerate(zip(old, new, strict=False))
    same = next((at for at, (a, b) in pairs if a != b), min(len(old), len(new)))
    return same - _CONTEXT if same > 2 * _CONTEXT else 0


def _brief(value: Json, skip: int = 0) -> str:
    text = f"…{value[skip:]}" if skip else canonical(value).decode()
    return text if len(text) <= _VALUE_SHOWN else f"{text[: _VALUE_SHOWN - 1]}…"


READING: Final = (tenants, entries, log, show, diff)
