"""What the commands print: tables and lines for people, one JSON document for programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import click
from rich.console import Console, Group
from rich.highlighter import JSONHighlighter
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from dbengine import Info, Json, Progress, pretty

DIGEST_SHOWN: Final = 8
_UNBOUNDED: Final = 100_000
_READABLE: Final = 24
_COLOURED_UP_TO: Final = 300_000

Cell = str | Text


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and what gives way where the terminal is narrow: nothing, or the text wraps."""

    heading: str
    wraps: bool = False
    to_the_right: bool = False


def right(heading: str) -> Column:
    return Column(heading, to_the_right=True)


def fixed(heading: str) -> Column:
    return Column(heading)


def flexible(heading: str) -> Column:
    return Column(heading, wraps=True)


def console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal; without end where there is none."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else _UNBOUNDED
    return Console(
        file=stream, width=width, markup=False, highlight=False, emoji=False, soft_wrap=False
    )


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    """Print rows below headings; in a terminal too narrow for that, each row on two lines."""
    cells = [[cell if isinstance(cell, Text) else plain(cell) for cell in row] for row in rows]
    widths = [_width(column, at, cells) for at, column in enumerate(columns)]
    target = console()
    with target.capture() as capture:
        if sum(widths) + 2 * len(widths) <= target.width:
            target.print(_table(columns, widths, cells))
        else:
            target.print(Group(*map(_in_two_lines, cells)))
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def _width(column: Column, at: int, rows: Sequence[Sequence[Text]]) -> int:
    """The least width that still reads well."""
    natural = max([len(column.heading), *(row[at].cell_len for row in rows)])
    return min(natural, _READABLE) if column.wraps else natural


def _table(
    columns: Sequence[Column], widths: Sequence[int], rows: Sequence[Sequence[Text]]
) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column, width in zip(columns, widths, strict=True):
        table.add_column(
            column.heading,
            justify="right" if column.to_the_right else "left",
            no_wrap=not column.wraps,
            overflow="fold",
            min_width=width,
        )
    for row in rows:
        table.add_row(*row)
    return table


def _in_two_lines(row: Sequence[Text]) -> Group:
    return Group(Text("  ").join(row[:-1]), Padding(row[-1], (0, 0, 0, 4)))


def plain(text: str, style: str = "") -> Text:
    """Text as it is, but that it cannot steer the terminal."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return Text(shown, style=style)


def print_json(document: Any) -> None:
    """The one JSON document of a `--json` answer, as UTF-8 whatever the terminal's encoding."""
    _write_bytes(pretty(document))


def print_value(value: Json) -> None:
    """A value as JSON, in colours where somebody looks at it."""
    data = pretty(value)
    if not sys.stdout.isatty() or len(data) > _COLOURED_UP_TO:
        _write_bytes(data)
        return
    text = Text(data.decode())
    JSONHighlighter().highlight(text)
    console().print(text, soft_wrap=True)


def _write_bytes(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data + b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """A bar on stderr while the block runs; none where stderr is no terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Bar(*columns, console=console(stderr=True), transient=True, disable=not _is_watched())
    with bar:
        task = bar.add_task(what, total=None)

        def report(done: int, total: int | None, what: str) -> None:
            bar.update(task, completed=done, total=total, description=plain(what).plain)

        yield report


def _is_watched() -> bool:
    return sys.stderr.isatty()


# ---- versions -----------------------------------------------------------------------------------


def version_json(info: Info) -> dict[str, Any]:
    """A version's metadata for programs; its date is UTC."""
    return {
        "tenant": info.tenant,
        "entry": info.entry,
        "seq": info.seq,
        "digest": info.digest,
        "parent": info.parent,
        "user": info.user,
        "date": f"{info.when:%Y-%m-%dT%H:%M:%SZ}",
        "note": info.note,
        "action": info.action,
        "deleted": info.deleted,
        "added": info.added,
        "changed": info.changed,
        "removed": info.removed,
        "keys": info.keys,
        "size": info.size,
        "count": info.count,
    }


def local_time(info: Info) -> str:
    """When a version was written, as the clock here said."""
    return f"{info.when.astimezone():%Y-%m-%d %H:%M}"


def short(digest: str) -> str:
    """The beginning of a digest, that the commands take for it."""
    return digest[:DIGEST_SHOWN]


def title(info: Info) -> str:
    """What a version is about: its note's first line, else the records that it changed."""
    if info.note.strip():
        return info.note.strip().splitlines()[0]
    if info.deleted:
        return "Deleted"
    more = info.added + info.changed + info.removed - len(info.keys[:3])
    names = ", ".join(info.keys[:3])
    return f"{names} and {more} more" if names and more > 0 else names


def counts(info: Info) -> Text:
    """`+1 ~4 −1`: how many records or items were added, changed and removed."""
    parts = (("+", info.added, "green"), ("~", info.changed, "yellow"), ("−", info.removed, "red"))
    texts = [Text(f"{sign}{number}", style) for sign, number, style in parts if number]
    return Text(" ").join(texts)


def version_line(info: Info) -> str:
    """`version 142 (3b97d4a1) by marco, 2026-03-16 16:02`."""
    return f"version {info.seq} ({short(info.digest)}) by {info.user}, {local_time(info)}"


def amount(number: int, one: str, many: str = "") -> str:
    """`1 version`, `2,570 versions`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def file_size(size: int) -> str:
    """Bytes as people say them: `512 B`, `41 KB`."""
    if size < 1000:
        return f"{size} B"
    for unit in ("KB", "MB"):
        size = round(size / 1000)
        if size < 1000:
            return f"{size} {unit}"
    return f"{size / 1000:.1f} GB"
