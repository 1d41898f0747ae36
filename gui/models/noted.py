"""The rows of a comparison, with notes that let one read each row where it stands.

What a row says may depend on one that is far away or folded: which item an edit belongs to, where
a moved one went, and what a value in it was before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final, Protocol

from PySide6.QtCore import QCoreApplication

from dbengine import pretty
from dbengine.diff import Change, Diff, Line, Row

NAMES: Final = ("name", "title", "label", "id", "key", "uuid", "uniqueid")
"""What the fields are called, in whatever case, by which people know an item; the best first."""

_LOOKED_AT: Final = 64
_LONGEST: Final = 40
_GAP: Final = " · "


class _Rows(Protocol):
    """Rows of a comparison as `dbengine.diff.Rows` are."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Row: ...
    def toggle(self, index: int, /) -> _Rows: ...
    def places(self, change: int, /) -> Sequence[int]: ...

    @property
    def starts(self) -> Sequence[int]: ...
    @property
    def marks(self) -> Sequence[tuple[int, str]]: ...


class Noted:
    """`rows` of the difference `found`, each made and noted when it is asked for."""

    def __init__(self, rows: _Rows, found: Diff) -> None:
        self._rows = rows
        self._found = found

    @property
    def starts(self) -> Sequence[int]:
        return self._rows.starts

    @property
    def marks(self) -> Sequence[tuple[int, str]]:
        return self._rows.marks

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        row = self._rows[index]
        if row.kind == "changed" and (row.left is None or row.right is None):
            return _with_other_value(row, self._found.changes[row.change])
        if row.kind in ("equal", "moved"):
            return self._with_heading(row, index)
        return row

    def places(self, change: int) -> Sequence[int]:
        """The rows at which each stretch of that change begins."""
        return self._rows.places(change)

    def toggle(self, index: int) -> Noted:
        """The same with that fold opened."""
        return Noted(self._rows.toggle(index), self._found)

    def _with_heading(self, row: Row, index: int) -> Row:
        """The first line of an item says which it is, where a fold follows, and where it went."""
        left, right = row.left, row.right
        name = _name_at(self._found.left, left) or _name_at(self._found.right, right)
        shown = name if name and self._folds_after(index) else ""
        note = _GAP.join(filter(None, (shown, self._went(row))))
        return replace(row, left=_noted(left, note), right=_noted(right, note)) if note else row

    def _went(self, row: Row) -> str:
        """Where a moved item stands in the other document, at its first line."""
        if row.kind != "moved" or row.change < 0 or self._goes_on(row):
            return ""
        change = self._found.changes[row.change]
        if row.right is None:
            return _tr("now [{place}]").format(place=_place(change.right_path))
        return _tr("was [{place}]").format(place=_place(change.left_path))

    def _goes_on(self, row: Row) -> bool:
        """Whether the row is not the first one of its item."""
        line = row.left or row.right
        change = self._found.changes[row.change]
        path = change.left_path if row.right is None else change.right_path
        return line is None or line.path != path or _closes(line)

    def _folds_after(self, index: int) -> bool:
        return index + 1 < len(self._rows) and self._rows[index + 1].kind == "fold"


def _with_other_value(row: Row, change: Change) -> Row:
    """An edit inside a moved item stands alone: it tells the value of the other side."""
    if isinstance(change.old, dict | list) or isinstance(change.new, dict | list):
        return row
    if row.right is None:
        return replace(row, left=_noted(row.left, f"→ {_short(change.new)}"))
    if change.old is None and row.right is not None and row.right.hint:
        return row  # which says so already
    return replace(
        row, right=_noted(row.right, _tr("was {value}").format(value=_short(change.old)))
    )


def _name_at(document: Any, line: Line | None) -> str:
    """What people call the item of a list that begins at that line; empty where it has no name."""
    if line is None or not line.path or not isinstance(line.path[-1], int) or line.text != "{":
        return ""
    item = document
    for step in line.path:
        item = item[step]
    return _name_of(item)


def _name_of(item: dict[str, Any]) -> str:
    fields = {key.casefold(): value for key, value in islice(item.items(), _LOOKED_AT)}
    found = (fields.get(name) for name in NAMES)
    return next((_cut(str(one)) for one in found if _is_name(one)), "")


def _is_name(value: Any) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or type(value) is int


def _short(value: Any) -> str:
    return _cut(pretty(value).decode())


def _cut(text: str) -> str:
    """One line of no more than it takes to know it again."""
    text = " ".join(text[: 2 * _LONGEST].split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _noted(line: Line | None, note: str) -> Line | None:
    if line is None:
        return None
    return replace(line, hint=f"{note}{_GAP}{line.hint}" if line.hint else note)


def _closes(line: Line) -> bool:
    return line.text.rstrip(",") in ("}", "]")


def _place(path: tuple[str | int, ...] | None) -> str | int:
    return path[-1] if path else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Noted", text)
