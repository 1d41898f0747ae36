"""One JSON document as rows: the text's bytes, where its lines begin, and what is folded."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from copy import copy
from typing import Final, Literal

import orjson
from PySide6.QtCore import QCoreApplication

from dbengine.diff import Line, Row

Path = tuple[str | int, ...]
FoldState = Literal["open", "closed", ""]

_INDENT: Final = 2
_CLOSER: Final = {b"{": b"}", b"[": b"]"}
_SEARCHED_AT_ONCE: Final = 1 << 20
_SPACES: Final = re.compile(rb" *")
_KEY: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"')


class Document:
    """A pretty-printed JSON text (`orjson.OPT_INDENT_2`) as a sequence of rows.

    It holds the bytes and eight bytes a line; `Row` and `Line` are made when asked for. Immutable:
    `toggle` gives another Document that shares the text. Building one scans the text, 44 MB in
    under a second: do it on the worker's thread.
    """

    starts: Final[tuple[int, ...]] = ()
    """A document has no changes."""

    marks: Final[tuple[tuple[int, str], ...]] = ()

    def __init__(self, data: bytes) -> None:
        self._data = data.rstrip(b"\n")
        self._offsets = _line_starts(self._data)
        self._items: dict[int, array[int]] = {}
        self._set_folds({})

    @property
    def data(self) -> bytes:
        """The text."""
        return self._data

    @property
    def line_count(self) -> int:
        """How many lines there are, folded ones too."""
        return len(self._offsets)

    def __len__(self) -> int:
        return len(self._offsets) - self._hidden[-1]

    def __getitem__(self, index: int) -> Row:
        """The row at `index`, from 0, without its path; IndexError where there is none."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        line = self.line_at(index)
        return Row("equal", self._line(line), None)

    def line_at(self, row: int) -> int:
        """The line, from 0, that is shown in that row."""
        before = bisect_left(self._fold_rows, row)
        return row + self._hidden[before]

    def row_of(self, line: int) -> int:
        """The row that shows that line, or the folded container that it lies in."""
        before = bisect_right(self._fold_lines, line) - 1
        if before >= 0 and line <= self._folds[self._fold_lines[before]]:
            return self._fold_rows[before]
        return line - self._hidden[before + 1]

    def fold_state(self, row: int) -> FoldState:
        """Whether the row begins a container, and whether that is folded."""
        line = self.line_at(row)
        if line in self._folds:
            return "closed"
        return "open" if self._opener(line) else ""

    def toggle(self, row: int) -> Document:
        """The same document with the container of that row folded, or unfolded."""
        line = self.line_at(row)
        folds = dict(self._all_folds)
        if line in folds:
            del folds[line]
        elif self._opener(line):
            folds[line] = self._closing_line(line)
        return self._with_folds(folds)

    def unfold_all(self) -> Document:
        """The same document with nothing folded."""
        return self._with_folds({})

    def unfold_to(self, line: int) -> Document:
        """The same document with every container unfolded that hides that line."""
        folds = {first: last for first, last in self._all_folds.items() if not first < line <= last}
        return self if len(folds) == len(self._all_folds) else self._with_folds(folds)

    def find(
        self, text: str, start: int = 0, backward: bool = False, *, case: bool = False
    ) -> int | None:
        """The first row from `start` on that contains the text, or the last one up to it.

        Text is compared as it stands in the document, escapes included; unless `case`, letters of
        A to Z match in either case. None where it is not found. A hit in a folded container is
        that container's row.
        """
        if not text or not 0 <= start < len(self):
            return None
        wanted = text.encode("utf-8", "surrogatepass")
        wanted = wanted if case else wanted.lower()
        search = self._search_back if backward else self._search_on
        found = search(wanted, start, case)
        return None if found < 0 else self.row_of(bisect_right(self._offsets, found) - 1)

    def path_of(self, row: int) -> Path:
        """Keys and positions that lead from the root to the value of that row."""
        line = self.line_at(row)
        depth = self._depth(line)
        closes = self._text_at(line)[:1] in (b"}", b"]")
        path: list[str | int] = []
        parent = 0
        for level in range(1, depth + 1):
            is_child = level == depth and not closes
            child = line if is_child else self._child_above(parent, level, line)
            path.append(self._step(parent, child))
            parent = child
        return tuple(path)

    def _line(self, line: int) -> Line:
        text = self._text_at(line).decode("utf-8", "replace")
        hint = ""
        if line in self._folds:
            closing = self._text_at(self._folds[line]).decode("utf-8", "replace")
            text, hint = f"{text}…{closing}", self._count_text(line)
        return Line(line + 1, self._depth(line), text, (), (), hint)

    def _count_text(self, line: int) -> str:
        count = len(self._children(line))
        keys = self._opener(line) == b"{"
        one, many = ("1 key", "{} keys") if keys else ("1 item", "{} items")
        text = QCoreApplication.translate("Document", one if count == 1 else many)
        return text.format(f"{count:,}")

    def _end(self, line: int) -> int:
        """Where the line's text ends, the newline left out."""
        last = line + 1 == len(self._offsets)
        return len(self._data) if last else self._offsets[line + 1] - 1

    def _text_at(self, line: int) -> bytes:
        """The line without its indentation."""
        return self._data[self._offsets[line] + _INDENT * self._depth(line) : self._end(line)]

    def _depth(self, line: int) -> int:
        start = self._offsets[line]
        match = _SPACES.match(self._data, start)
        return (match.end() - start) // _INDENT if match else 0

    def _opener(self, line: int) -> bytes:
        """The bracket that the line ends with; empty where it begins no container."""
        end = self._end(line)
        last = self._data[end - 1 : end]
        return last if last in _CLOSER else b""

    def _closing_line(self, line: int) -> int:
        """The first line after it that stands as far left and closes: deeper ones stand right."""
        closer = _newline(self._depth(line)) + _CLOSER[self._opener(line)]
        found = self._data.find(closer, self._offsets[line])
        return len(self._offsets) - 1 if found < 0 else bisect_right(self._offsets, found + 1) - 1

    def _child_above(self, parent: int, level: int, line: int) -> int:
        """The last line at that level, from `line` upwards, that begins a container in `parent`."""
        low = self._offsets[parent]
        high = self._offsets[line] + _INDENT * level + 1
        for first in (b'"',) if self._opener(parent) == b"{" else (b"{", b"["):
            low = max(low, self._data.rfind(_newline(level) + first, low, high))
        return bisect_right(self._offsets, low + 1) - 1

    def _step(self, parent: int, child: int) -> str | int:
        if self._opener(parent) == b"[":
            return bisect_left(self._children(parent), self._offsets[child])
        key = _KEY.match(self._text_at(child))
        return str(orjson.loads(key[0])) if key else ""

    def _children(self, line: int) -> array[int]:
        """Where each item of that container begins; found once."""
        if line not in self._items:
            end = self._offsets[self._closing_line(line)]
            first = re.compile(_newline(self._depth(line) + 1) + rb"[^ \]}]")
            found = first.finditer(self._data, self._offsets[line], end)
            self._items[line] = array("Q", (match.start() + 1 for match in found))
        return self._items[line]

    def _search_on(self, wanted: bytes, row: int, case: bool) -> int:
        start = self._offsets[self.line_at(row)]
        for begin in range(start, len(self._data), _SEARCHED_AT_ONCE):
            piece = self._data[begin : begin + _SEARCHED_AT_ONCE + len(wanted) - 1]
            found = (piece if case else piece.lower()).find(wanted)
            if found >= 0:
                return begin + found
        return -1

    def _search_back(self, wanted: bytes, row: int, case: bool) -> int:
        line = self.line_at(row)
        limit = self._end(self._folds.get(line, line))
        for end in range(limit, 0, -_SEARCHED_AT_ONCE):
            begin = max(0, end - _SEARCHED_AT_ONCE)
            piece = self._data[begin : min(limit, end + len(wanted) - 1)]
            found = (piece if case else piece.lower()).rfind(wanted)
            if found >= 0:
                return begin + found
        return -1

    def _with_folds(self, folds: dict[int, int]) -> Document:
        result = copy(self)
        result._set_folds(folds)
        return result

    def _set_folds(self, folds: dict[int, int]) -> None:
        """Folded containers by first line; those inside a folded one wait until it opens."""
        self._all_folds = folds
        self._folds = _outermost(folds)
        self._fold_lines = list(self._folds)
        self._hidden = [0]
        self._fold_rows: list[int] = []
        for first, last in self._folds.items():
            self._fold_rows.append(first - self._hidden[-1])
            self._hidden.append(self._hidden[-1] + last - first)


def _line_starts(data: bytes) -> array[int]:
    starts = array("Q", (match.end() for match in re.finditer(b"\n", data)))
    starts.insert(0, 0)
    return starts if data else array("Q")


def _newline(depth: int) -> bytes:
    return b"\n" + b" " * (_INDENT * depth)


def _outermost(folds: dict[int, int]) -> dict[int, int]:
    """The folds that lie in no other, by first line."""
    result: dict[int, int] = {}
    end = -1
    for first, last in sorted(folds.items()):
        if first > end:
            result[first] = end = last
    return result
