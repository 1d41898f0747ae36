"""Writes man pages and shell completion from what the two commands say of themselves."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from dbengine.cli.app import app as terminal
from gui.__main__ import make_parser
from recipe.facts import SUMMARY, epoch, version

_SHELLS = {"bash": "dbengine", "zsh": "_dbengine", "fish": "dbengine.fish"}
_SIGNS = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga"}


def write(folder: Path) -> None:
    """Write `man/*.1` and `completions/<shell>/*` into `folder`."""
    browser = make_parser()
    man = folder / "man"
    man.mkdir(parents=True, exist_ok=True)
    (man / "dbengine.1").write_text(terminal_page(terminal), encoding="utf-8")
    (man / "dbengine-browser.1").write_text(browser_page(browser), encoding="utf-8")
    for shell, name in _SHELLS.items():
        place = folder / "completions" / shell
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(_completion(shell), encoding="utf-8")
        other = name.replace("dbengine", "dbengine-browser")
        (place / other).write_text(browser_completion(shell, browser), encoding="utf-8")


def terminal_page(app: click.Group) -> str:
    """The man page of `dbengine`, with a part for each of its commands."""
    context = click.Context(app, info_name="dbengine")
    lines = [
        *_head("dbengine", "look into a DbEngine database, change it, bring back what it was"),
        ".SH SYNOPSIS", r".B dbengine", r"[\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGUMENTS\fR]",
        ".SH DESCRIPTION", *_paragraphs(app.help or ""),
        ".SH OPTIONS", *_click_options(app, context),
        ".SH COMMANDS",
    ]  # fmt: skip
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        if command is not None and not command.hidden:
            lines += _command(name, command, context)
    lines += [".SH ENVIRONMENT", ".TP", r"\fBDBENGINE_ROOT\fR", "The database's folder."]
    return _joined([*lines, ".SH SEE ALSO", r"\fBdbengine\-browser\fR(1)"])


def browser_page(parser: argparse.ArgumentParser) -> str:
    """The man page of `dbengine-browser`."""
    usage = " ".join(parser.format_usage().split()).removeprefix("usage: dbengine-browser ")
    lines = [
        *_head("dbengine-browser", SUMMARY[0].lower() + SUMMARY[1:]),
        ".SH SYNOPSIS", r".B dbengine\-browser", _plain(usage),
        ".SH DESCRIPTION", _plain(parser.description or ""),
        ".SH OPTIONS",
    ]  # fmt: skip
    for action in parser._actions:
        lines += [".TP", _signature(action), _plain(action.help or "")]
    return _joined([*lines, ".SH SEE ALSO", r"\fBdbengine\fR(1)"])


def browser_completion(shell: str, parser: argparse.ArgumentParser) -> str:
    """Completes the options of `dbengine-browser`, and folders elsewhere."""
    options = [(word, action.help or "") for action in parser._actions
               for word in action.option_strings if word.startswith("--")]  # fmt: skip
    if shell == "bash":
        words = " ".join(word for word, _help in options)
        return f'complete -o plusdirs -W "{words}" dbengine-browser\n'
    if shell == "zsh":
        lines = [f"  '{word}[{_zsh(text)}]' \\" for word, text in options]
        return "\n".join(
            ["#compdef dbengine-browser", "_arguments \\", *lines, "  '*:folder:_files -/'\n"]
        )
    lines = [
        f"complete -c dbengine-browser -l {word[2:]} -d '{_fish(text)}'" for word, text in options
    ]
    return "\n".join([*lines, "complete -c dbengine-browser -a '(__fish_complete_directories)'\n"])


def _completion(shell: str) -> str:
    kind = get_completion_class(shell)
    assert kind is not None
    completion = kind(terminal, {}, "dbengine", "_DBENGINE_COMPLETE")
    return completion.source_template % completion.source_vars()


def _head(name: str, summary: str) -> list[str]:
    day = datetime.fromtimestamp(epoch(), UTC).date().isoformat()
    title = f'.TH {name.upper()} 1 "{day}" "{name} {version()}" "User commands"'
    return [
        title.replace("-BROWSER", r"\-BROWSER", 1),
        ".SH NAME",
        rf"{_plain(name)} \- {_plain(summary)}",
    ]


def _command(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    yield rf".SS dbengine {_plain(name)} \fR{_plain(usage)}"
    yield from _paragraphs(command.help or "")
    yield from _click_options(command, context)


def _click_options(command: click.Command, context: click.Context) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and record[1]:
            yield from (".TP", rf"\fB{_plain(record[0])}\fR", _plain(record[1]))


def _signature(action: argparse.Action) -> str:
    if not action.option_strings:
        return rf"\fI{action.dest.upper()}\fR"
    names = ", ".join(rf"\fB{_plain(name)}\fR" for name in action.option_strings)
    if action.nargs == 0:
        return names
    values = action.metavar or action.dest.upper()
    return f"{names} " + " ".join([values] if isinstance(values, str) else values)


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.replace("\b\n", "").split("\n\n")):
        if number:
            yield ".PP"
        yield _plain(" ".join(paragraph.split()))


def _plain(text: str) -> str:
    """Text in which nothing is markup; hyphens stay hyphens, and all of it is ASCII."""
    safe = "".join(_SIGNS.get(sign, sign) for sign in text)
    safe = re.sub(r"[^\x00-\x7f]", lambda sign: rf"\[u{ord(sign[0]):04X}]", safe)
    return rf"\&{safe}" if safe.startswith(".") else safe


def _zsh(text: str) -> str:
    """Between single quotes and brackets: what would end either is escaped."""
    return text.replace("[", r"\[").replace("]", r"\]").replace("'", r"'\''")


def _fish(text: str) -> str:
    """Between single quotes, in which fish knows two escapes."""
    return text.replace("\\", "\\\\").replace("'", r"\'")


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write(Path(sys.argv[1]))
