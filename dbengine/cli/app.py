"""The command `dbengine`: its options, its commands, and how it ends when something is wrong."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TextIO

import click
from click.exceptions import NoArgsIsHelpError

from dbengine import (
    DEFAULT_ROOT,
    Conflict,
    DbException,
    DigestNotFound,
    EntryNotFound,
    RecordNotFound,
    TenantNotFound,
    __version__,
)
from dbengine.cli.maintenance import MAINTENANCE
from dbengine.cli.reading import READING
from dbengine.cli.writing import WRITING

_INTERRUPTED: Final = 130
_HINTS: Final[tuple[tuple[type[DbException], str], ...]] = (
    (TenantNotFound, "`dbengine tenants` lists the tenants, `dbengine init` makes one."),
    (EntryNotFound, "`dbengine entries --deleted` lists all entries."),
    (RecordNotFound, "`dbengine show` prints all records."),
    (DigestNotFound, "`dbengine log` lists the versions."),
    (Conflict, "Look at it with `dbengine show`, then decide again."),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    metavar="DB",
    envvar="DBENGINE_ROOT",
    default=DEFAULT_ROOT,
    show_default=True,
    show_envvar=True,
    help="The database's folder.",
)
@click.version_option(__version__, prog_name="dbengine")
@click.pass_context
def app(context: click.Context, root: str) -> None:
    """Look into a DbEngine database, change it, and bring back what it was.

    A VERSION is a digest or the first characters of one, a number, "head", or a date such as
    2026-03-12 or "2026-03-12 09:14" (local time, or with Z for UTC): what was there at its end.
    """
    context.obj = root


for _command in (*READING, *WRITING, *MAINTENANCE):
    app.add_command(_command)


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; errors become one line on stderr."""
    _never_fail_on_a_character(sys.stdout)
    _never_fail_on_a_character(sys.stderr)
    with _warnings_as_lines():
        try:
            status = app.main(args, prog_name="dbengine", standalone_mode=False)
            sys.stdout.flush()
        except (click.Abort, KeyboardInterrupt):
            return _INTERRUPTED
        except (click.ClickException, DbException, OSError) as error:
            return _complain(error)
    return status if isinstance(status, int) else 0


def _complain(error: click.ClickException | DbException | OSError) -> int:
    if isinstance(error, BrokenPipeError):
        _discard_the_rest()
        return 1
    if isinstance(error, NoArgsIsHelpError):
        error.show()
    else:
        click.echo(f"dbengine: {' '.join(_sentences(error).split())}", err=True)
    return error.exit_code if isinstance(error, click.ClickException) else 1


def _sentences(error: click.ClickException | DbException | OSError) -> str:
    """What is wrong, and what to do."""
    if isinstance(error, OSError):
        return f"{error.strerror or error}."
    if isinstance(error, DbException):
        hint = next((text for kind, text in _HINTS if isinstance(error, kind)), "")
        return f"{error} {hint}"
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"`{context.command_path} --help` says more." if context else ""
    return f"{error.format_message()} {hint}"


def _never_fail_on_a_character(stream: TextIO) -> None:
    """What the terminal's encoding lacks is shown as an escape."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")


def _discard_the_rest() -> None:
    """Nobody reads any more: the interpreter's last flush must not complain of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("dbengine: %(message)s"))
    logger = logging.getLogger("dbengine")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
