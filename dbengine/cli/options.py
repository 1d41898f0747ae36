"""The arguments and options that several commands share, and what they mean."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from dbengine import ANY, DbEngine, Expect, InvalidJson, Json, parse_json
from dbengine.cli.versions import digest_of, is_whole

_Command = TypeVar("_Command", bound=Callable[..., Any])

tenant_argument = click.argument("tenant")
entry_argument = click.argument("entry")
value_argument = click.argument("value", metavar="[JSON|-|@FILE]", required=False)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on stdout; dates are UTC."
)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:
        raise click.UsageError("Who is writing is not known here: give --user.") from error


_WRITING: Final = (
    click.option("--user", default=_login, show_default="your login name", help="Who writes."),
    click.option("--note", default="", help="Why: it is kept with the version."),
    click.option(
        "--expect",
        metavar="VERSION|none",
        help="Write only if this is the head; none: only if the entry does not exist.",
    ),
    json_option,
)


def writing_options(command: _Command) -> _Command:
    """Who writes, why, over what, and how the result is told."""
    for option in reversed(_WRITING):
        command = option(command)
    return command


def read_value(argument: str | None) -> Json:
    """The JSON value that is given as text, by `@FILE`, or by `-` (and nothing) on stdin."""
    if argument is None and sys.stdin.isatty():
        raise click.UsageError("Give the value: as JSON, as @FILE, or - to read it from stdin.")
    if argument in (None, "-"):
        return _parse("stdin", sys.stdin.buffer.read())
    assert argument is not None
    if argument.startswith("@"):
        return _parse(argument[1:], _read_file(argument[1:]))
    return _parse("The value", argument)


def _read_file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}.") from error


def _parse(where: str, text: str | bytes) -> Json:
    try:
        return parse_json(text)
    except InvalidJson as error:
        hint = "" if isinstance(text, bytes) else " A text needs its quotes: '\"like this\"'."
        raise InvalidJson(
            f"{where} is not JSON: line {error.line}, column {error.column}: {error}{hint}",
            error.line,
            error.column,
        ) from error


def expected(db: DbEngine, tenant: str, entry: str, argument: str | None) -> Expect:
    """What `--expect` means for the engine."""
    if argument is None:
        return ANY
    if argument.casefold() == "none":
        return None
    return argument if is_whole(argument) else digest_of(db, tenant, entry, argument)
