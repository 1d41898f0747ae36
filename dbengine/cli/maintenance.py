"""The commands that look after a database: verify, pack, export, import, watch."""

from __future__ import annotations

import sys
from typing import Any, Final

import click

from dbengine import (
    DbEngine,
    Exported,
    Imported,
    ImportedEntry,
    Info,
    Packed,
    Problem,
    Report,
    canonical,
)
from dbengine.cli import tables
from dbengine.cli.options import json_option, tenant_argument

_MANY_LOOSE: Final = 1000
_REPAIR: Final = "`dbengine verify --repair` puts it in place."
_WAS: Final = {
    "missing": "new",
    "older": "brought forward",
    "same": "the same already",
    "newer": "newer here, left alone",
}


@click.command()
@click.option("--repair", is_flag=True, help="Put right what is kept whole in a second place.")
@json_option
@click.pass_obj
@click.pass_context
def verify(context: click.Context, root: str, repair: bool, as_json: bool) -> None:
    """Check every object, every chain and every head.

    The exit status is 0 if all is sound and 1 if there is a problem. Versions above a head may be
    lost from it or the rest of an interrupted write: that counts as a problem, too.
    """
    with DbEngine(root, read_only=not repair) as db, tables.progress_bar("Checking") as progress:
        report = db.verify(progress, repair=repair)
        loose = db.loose()
    if as_json:
        tables.print_json(_report_json(report, loose))
    else:
        _print_report(report, loose)
    context.exit(1 if report.problems else 0)


def _print_report(report: Report, loose: int) -> None:
    if report.problems:
        columns = [tables.flexible(name) for name in ("Tenant", "Entry", "Problem", "Hurts")]
        rows = ((p.tenant, p.entry or "", _told(p), _hurts(p)) for p in report.problems)
        tables.print_table(columns, rows)
    for healed in report.healed:
        click.echo(tables.plain(f"Healed: {healed.message}").plain)
    count = len(report.problems)
    click.echo(
        f"{tables.amount(report.objects, 'object')} and "
        f"{tables.amount(report.versions, 'version')} of "
        f"{tables.amount(report.entries, 'entry', 'entries')} checked: "
        f"{tables.amount(count, 'problem') if count else 'all is well'}."
    )
    if loose >= _MANY_LOOSE:
        click.echo(f"About {loose:,} objects could be packed: `dbengine pack`.")


def _told(problem: Problem) -> str:
    """What is wrong, and the command that mends it where one does."""
    return f"{problem.message} {_REPAIR}" if problem.repairable else problem.message


def _hurts(problem: Problem) -> str:
    """`versions 3–5, 9 of fruit`: the numbers of the versions that cannot be read."""
    numbers: dict[tuple[str, str], list[int]] = {}
    for hurt in problem.hurts:
        numbers.setdefault((hurt.tenant, hurt.entry), []).append(hurt.seq)
    return "; ".join(
        f"{tables.amount(len(seqs), 'version')} of {entry}: {_ranges(seqs)}"
        for (_tenant, entry), seqs in numbers.items()
    )


def _ranges(numbers: list[int]) -> str:
    """Sorted numbers as `3–5, 9`; a 0 is one that nobody knows."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1 and ranges[-1][0]:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    texts = [f"{a}–{b}" if a < b else str(a or "?") for a, b in ranges]
    return ", ".join(texts[:8]) + (" …" if len(texts) > 8 else "")


def _report_json(report: Report, loose: int) -> dict[str, Any]:
    return {
        "ok": not report.problems,
        "tenants": report.tenants,
        "entries": report.entries,
        "versions": report.versions,
        "objects": report.objects,
        "loose": loose,
        "problems": [_problem_json(problem) for problem in report.problems],
        "healed": [_problem_json(problem) for problem in report.healed],
    }


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {
        "tenant": problem.tenant,
        "entry": problem.entry,
        "digest": problem.digest,
        "object": problem.object,
        "message": problem.message,
        "certain": problem.certain,
        "repairable": problem.repairable,
        "hurts": [
            {"tenant": h.tenant, "entry": h.entry, "seq": h.seq, "digest": h.digest}
            for h in problem.hurts
        ],
    }


# ---- pack ---------------------------------------------------------------------------------------


@click.command()
@click.argument("tenant", required=False)
@click.option("--dry-run", is_flag=True, help="Only say how much there is to pack.")
@json_option
@click.pass_obj
def pack(root: str, tenant: str | None, dry_run: bool, as_json: bool) -> None:
    """Compress old objects of TENANT, or of all tenants.

    Every version stays readable, and nobody has to wait. It may be interrupted at any time.
    """
    with DbEngine(root, read_only=dry_run) as db:
        if dry_run:
            _print_loose(db.loose(tenant), as_json)
            return
        with tables.progress_bar("Packing") as progress:
            done = db.pack(tenant, progress)
    if as_json:
        packed = {"objects": done.objects, "before": done.before, "after": done.after}
        tables.print_json(packed)
    else:
        click.echo(_packed(done))


def _print_loose(count: int, as_json: bool) -> None:
    if as_json:
        tables.print_json({"loose": count})
    else:
        click.echo(f"About {tables.amount(count, 'object')} could be packed.")


def _packed(done: Packed) -> str:
    if not done.objects:
        return "Nothing to pack."
    sizes = f"{tables.file_size(done.before)} became {tables.file_size(done.after)}"
    return f"{tables.amount(done.objects, 'object')} packed: {sizes}."


# ---- export and import --------------------------------------------------------------------------


@click.command()
@tenant_argument
@click.argument("entries", nargs=-1, metavar="[ENTRY]")
@click.argument("file", type=click.Path())
@json_option
@click.pass_obj
def export(root: str, tenant: str, entries: tuple[str, ...], file: str, as_json: bool) -> None:
    """Write ENTRY, or all of TENANT, with its whole history to FILE.

    The file is compressed lines of JSON: `zstd -dc FILE` shows them. An older FILE is replaced.
    """
    if len(entries) > 1:
        raise click.UsageError("Give one entry, or none for all of them.")
    entry = entries[0] if entries else None
    with DbEngine(root, read_only=True) as db, tables.progress_bar("Exporting") as progress:
        done = db.export(tenant, file, entry, progress)
    if as_json:
        tables.print_json({"file": file, **_exported_json(done)})
        return
    click.echo(
        f"{tables.amount(done.versions, 'version')} of "
        f"{tables.amount(done.entries, 'entry', 'entries')} written to {file}, "
        f"{tables.file_size(done.size)}."
    )


def _exported_json(done: Exported) -> dict[str, Any]:
    return {
        "tenant": done.tenant,
        "entries": done.entries,
        "versions": done.versions,
        "objects": done.objects,
        "size": done.size,
    }


@click.command("import")
@click.argument("file", type=click.Path())
@click.argument("tenant", required=False)
@click.option("--entry", help="Only this entry of the file.")
@json_option
@click.pass_obj
def import_(root: str, file: str, tenant: str | None, entry: str | None, as_json: bool) -> None:
    """Bring in what `dbengine export` wrote to FILE: into TENANT, or the one it came from.

    Versions keep their digests. All of it is checked first; an entry that has gone another way
    here is refused, and nothing is imported then. Interrupted, it may be run again.
    """
    with DbEngine(root) as db, tables.progress_bar("Importing") as progress:
        done = db.import_(tenant, file, entry, progress)
    if as_json:
        entries = [_imported_json(each) for each in done.entries]
        tables.print_json({"tenant": done.tenant, "written": done.written, "entries": entries})
    else:
        _print_imported(done)


def _imported_json(each: ImportedEntry) -> dict[str, Any]:
    return {"entry": each.entry, "was": each.was, "head": each.head, "written": each.written}


def _print_imported(done: Imported) -> None:
    columns = [
        tables.flexible("Entry"),
        tables.right("New versions"),
        tables.fixed("Head"),
        tables.flexible("It was"),
    ]
    rows = [
        (each.entry, f"{each.written:,}", tables.short(each.head), _WAS[each.was])
        for each in done.entries
    ]
    tables.print_table(columns, rows)
    click.echo(f"{tables.amount(done.written, 'version')} written to {done.tenant}.")


# ---- watch --------------------------------------------------------------------------------------


@click.command()
@tenant_argument
@click.argument("entry", required=False)
@click.option("--timeout", type=click.FloatRange(min=0), help="End after so many quiet seconds.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document a line; dates are UTC.")
@click.pass_obj
def watch(root: str, tenant: str, entry: str | None, timeout: float | None, as_json: bool) -> None:
    """Print each new version of ENTRY, or of all of TENANT, as it is written; until Ctrl-C."""
    with DbEngine(root, read_only=True) as db:
        for info in db.watch(tenant, entry=entry, timeout=timeout):
            if as_json:
                line = canonical(tables.version_json(info)).decode()
            else:
                line = tables.plain(_watched(info)).plain
            click.echo(line)
            sys.stdout.flush()


def _watched(info: Info) -> str:
    counts = tables.counts(info).plain
    return "  ".join(
        filter(None, (info.entry, tables.version_line(info), counts, tables.title(info)))
    )


MAINTENANCE: Final = (verify, pack, export, import_, watch)
