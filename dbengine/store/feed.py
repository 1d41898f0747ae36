"""What has changed since a cursor, as far as one handle has seen it."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final

Moves = list[tuple[str, str]]
"""Entries and the heads that they moved to."""

_MOST: Final = 10_000
_PAUSE: Final = 0.05


class Feed:
    """Numbers the moves of heads. A cursor is this feed's name, a number, and in a listing of all
    heads the last entry that it told.
    """

    def __init__(self) -> None:
        self._name = secrets.token_hex(4)
        self._moves: deque[tuple[str, str]] = deque(maxlen=_MOST)
        self._count = 0

    def note(self, entry: str, head: str) -> None:
        """A head has moved."""
        self._moves.append((entry, head))
        self._count += 1

    def since(self, cursor: str | None, heads: Mapping[str, str], limit: int) -> tuple[Moves, str]:
        """Up to `limit` moves since the cursor, or of all heads where those are not known."""
        if cursor is None:
            return [], self._cursor(self._count)
        number, entry = self._place_of(cursor)
        if number is None:
            return self._all(self._count, None, heads, limit)
        if entry is not None:
            return self._all(number, entry, heads, limit)
        skipped = number - (self._count - len(self._moves))
        moves = list(islice(self._moves, skipped, skipped + limit))
        return moves, self._cursor(number + len(moves))

    def _place_of(self, cursor: str) -> tuple[int | None, str | None]:
        """How many moves were told, and up to which entry; no number where we cannot say."""
        name, _, rest = cursor.partition(".")
        digits, dot, entry = rest.partition(".")
        if name != self._name or not digits.isdecimal():
            return None, None
        number = int(digits)
        if not self._count - len(self._moves) <= number <= self._count:
            return None, None
        return number, entry if dot else None

    def _all(
        self, number: int, after: str | None, heads: Mapping[str, str], limit: int
    ) -> tuple[Moves, str]:
        names = [name for name in sorted(heads) if after is None or name > after]
        moves = [(name, heads[name]) for name in names[:limit]]
        if len(names) <= limit:
            return moves, self._cursor(number)
        return moves, self._cursor(number) + f".{moves[-1][0] if moves else after or ''}"

    def _cursor(self, number: int) -> str:
        return f"{self._name}.{number}"


def poll(look: Callable[[], tuple[Moves, str]], wait: float) -> tuple[Moves, str]:
    """Look until there is something or `wait` seconds have passed; what the last look found."""
    until = time.monotonic() + wait
    while True:
        found = look()
        left = until - time.monotonic()
        if found[0] or left <= 0:
            return found
        time.sleep(min(_PAUSE, left))
