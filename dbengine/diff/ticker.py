"""Counts what was done and reports it now and then."""

from __future__ import annotations

from time import monotonic
from typing import Final

from dbengine.model import Progress

EVERY: Final = 64
"""The clock is not asked before so much more was done."""

PAUSE: Final = 0.02
"""Seconds between two reports."""


class Ticker:
    """Called with how much was done; reports the sum to `progress`, which may raise, to stop."""

    def __init__(self, progress: Progress | None, what: str) -> None:
        self._progress = progress
        self._what = what
        self._done = 0
        self._next = EVERY if progress is not None else float("inf")
        self._last = monotonic()

    def __call__(self, count: int) -> None:
        self._done += count
        if self._done >= self._next:
            self._report()

    def _report(self) -> None:
        assert self._progress is not None
        self._next = self._done + EVERY
        if monotonic() - self._last >= PAUSE:
            self._progress(self._done, None, self._what)
            self._last = monotonic()
