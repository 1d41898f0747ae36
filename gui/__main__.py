"""The `dbengine-browser` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from multiprocessing import freeze_support
from pathlib import Path

from dbengine import __version__

_NO_DISPLAY = (
    "dbengine-browser: there is no display to open a window on. "
    "Try `dbengine-browser --tour DIR`, which needs none, or the `dbengine` command."
)

_NO_QT = (
    "dbengine-browser: Qt is not installed. "
    "Install the browser with `pip install 'dbengine-browser[gui]'`."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the browser, or its tour; the exit status."""
    freeze_support()  # where we are frozen, a child process begins here, too
    options = parse(arguments)
    if options.tour is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    elif not has_display():
        return _refuse(_NO_DISPLAY)
    try:
        from .app import run  # noqa: PLC0415 - Qt is slow to load, and needs the lines above
    except ModuleNotFoundError as error:
        if error.name != "PySide6":
            raise
        return _refuse(_NO_QT)
    return run(options)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line; it ends the process where it makes no sense."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    _check(parser, options)
    return options


def make_parser() -> argparse.ArgumentParser:
    """All options and what they mean; the man page is made from it, too."""
    parser = argparse.ArgumentParser(
        prog="dbengine-browser",
        description="Look at every version of a DbEngine database; compare, edit and restore.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "database", nargs="?", type=Path, help="the folder of the database, or its format.json"
    )
    parser.add_argument("--tenant", help="start at this tenant")
    parser.add_argument("--entry", help="start at this entry of it")
    parser.add_argument(
        "--at", metavar="VERSION", help="a number, a digest, or 'YYYYMMDD HH:MM:SS'"
    )
    parser.add_argument("--compare", nargs=2, metavar=("A", "B"), help="two versions side by side")
    parser.add_argument("--read-only", action="store_true", help="never write anything")
    parser.add_argument("--demo", action="store_true", help="open the built-in demo database")
    parser.add_argument(
        "--tour",
        type=Path,
        metavar="DIR",
        help="take pictures of every main job; of a DATABASE's entry, on a copy of it in DIR",
    )
    return parser


def has_display() -> bool:
    """Whether a window can be opened; only Linux and its kin can be without."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)  # noqa: T201 - this is a command
    return 1


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.demo and options.database:
        parser.error("--demo has a database of its own; leave out the other one")
    if options.demo and options.read_only:
        parser.error("the demo is there to be changed; --read-only needs a database")
    if options.tenant and not options.database:
        parser.error("--tenant needs a database")
    if options.entry and not options.tenant:
        parser.error("--entry needs --tenant")
    if (options.at or options.compare) and not options.entry:
        parser.error("--at and --compare need --tenant and --entry")
    if options.tour and options.database and not options.entry:
        parser.error("--tour of a database needs --tenant and --entry")
    if options.at and options.compare:
        parser.error("--at shows one version, --compare two; choose one of them")


if __name__ == "__main__":
    sys.exit(main())
