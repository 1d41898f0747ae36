"""How versions, counts and sizes are worded for people; pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from dbengine import Info
from dbengine.diff import Row

_TITLE_KEYS = 3
_KILO = 1000
_COMMAND = re.compile(r"`dbengine ([^`]+)`")


def version_title(info: Info) -> str:
    """One line that says what a version is about: its note, else what it changed."""
    note = info.note.strip()
    if note:
        return note.splitlines()[0]
    if info.deleted:
        return _tr("Entry deleted")
    if info.parent is None:
        return _tr("Created")
    if not info.keys:
        return _tr("Edited")
    more = info.added + info.changed + info.removed - _TITLE_KEYS
    names = ", ".join(info.keys[:_TITLE_KEYS])
    return _tr("{names} and {number} more").format(names=names, number=more) if more > 0 else names


def version_name(info: Info) -> str:
    """ "Version 141"."""
    return _tr("Version {number}").format(number=f"{info.seq:,}")


def signed_counts(info: Info) -> list[tuple[str, str]]:
    """("+3", "added"), ("~1", "changed"), ("−2", "removed"), those that are not zero."""
    counts = (
        ("+", info.added, "added"),
        ("~", info.changed, "changed"),
        ("−", info.removed, "removed"),
    )
    return [(f"{sign}{count:,}", role) for sign, count, role in counts if count]


def changes_text(counts: Mapping[str, int]) -> str:
    """ "6 changes · 1 move"; a type that changed is a change."""
    moves = counts.get("moved", 0)
    others = sum(counts.values()) - moves
    parts = []
    if others or not moves:
        parts.append(counted(others, _tr("1 change"), _tr("{number} changes"), _tr("No changes")))
    if moves:
        parts.append(counted(moves, _tr("1 move"), _tr("{number} moves")))
    return " · ".join(parts)


def fold_text(row: Row) -> str:
    """ "14 records unchanged": what a fold hides; of a noun that is not ours, its own label."""
    texts = {
        "records": (_tr("1 record unchanged"), _tr("{number} records unchanged")),
        "keys": (_tr("1 key unchanged"), _tr("{number} keys unchanged")),
        "items": (_tr("1 item unchanged"), _tr("{number} items unchanged")),
        "lines": (_tr("1 more line"), _tr("{number} more lines")),
    }
    return counted(row.count, *texts[row.noun]) if row.noun in texts else row.label


def counted(number: int, one: str, many: str, none: str = "") -> str:
    """The form that fits the number, with the number in it."""
    if number == 0 and none:
        return none
    return one if number == 1 else many.format(number=f"{number:,}")


def size_text(size: int) -> str:
    """ "41 KB": bytes in decimal units, as file managers show them."""
    if size < _KILO:
        return counted(size, _tr("1 byte"), _tr("{number} bytes"))
    value, unit = size / _KILO, "KB"
    for unit in ("KB", "MB", "GB"):  # noqa: B007 - the unit that fits is what is wanted
        if value < _KILO:
            break
        value /= _KILO
    return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"


def content_text(info: Info) -> str:
    """ "29 records · 41 KB"."""
    if info.deleted:
        return _tr("deleted")
    if info.form == "records":
        what = counted(info.count, _tr("1 record"), _tr("{number} records"), _tr("no records"))
    elif info.count == 1:
        what = _tr("1 value")
    else:
        what = counted(info.count, _tr("1 item"), _tr("{number} items"))
    return f"{what} · {size_text(info.size)}"


def in_window_words(text: str) -> str:
    """What the engine says, with what the window calls it in place of each command of its own."""
    names = {
        "verify": _tr("“Verify” in the menu Database"),
        "pack": _tr("“Pack” in the menu Database"),
    }
    return _COMMAND.sub(lambda found: names.get(found[1], found[0]), text)


def error_text(error: BaseException) -> str:
    """What went wrong, in the words of the window."""
    return in_window_words(str(error))


def _tr(text: str) -> str:
    return QCoreApplication.translate("texts", text)
