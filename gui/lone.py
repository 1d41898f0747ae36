"""The one row of a plain value beside nothing: there is no empty document that it came from."""

from __future__ import annotations

from typing import Any, Final, Literal

from dbengine import pretty
from dbengine.diff import Line, Row


class Lone:
    """Rows for two panes, as `dbengine.diff.Rows` are, of a value that only one side has."""

    starts: Final[tuple[int, ...]] = (0,)

    def __init__(self, value: Any, kind: Literal["added", "removed"]) -> None:
        text = pretty(value).decode()
        line = Line(1, 0, text, (), ())
        left, right = (None, line) if kind == "added" else (line, None)
        self._row = Row(kind, left, right, 0)
        self.marks: Final[tuple[tuple[int, str], ...]] = ((0, kind),)

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Row:
        if index not in (0, -1):
            raise IndexError(index)
        return self._row

    def toggle(self, _index: int) -> Lone:
        """There is nothing to fold."""
        return self

    def places(self, _change: int) -> tuple[int, ...]:
        """Its only row."""
        return self.starts
