"""Keeps the garbage collector still while many small objects are made that all stay."""

from __future__ import annotations

import gc
from typing import Final

BIG: Final = 64 * 1024
"""From so many bytes of JSON on it is worth it."""


class collector_paused:  # noqa: N801 - used like a function
    """Halves the time of what makes much: nothing of it is garbage before its end.

    Only paused, never frozen: that would count all the program's young objects among the old, and
    where it is done often nothing that became garbage meanwhile would ever be found.
    """

    __slots__ = ("_was_enabled", "_when")

    def __init__(self, when: bool = True) -> None:
        self._when = when
        self._was_enabled = False

    def __enter__(self) -> None:
        self._was_enabled = self._when and gc.isenabled()
        if self._was_enabled:
            gc.disable()

    def __exit__(self, *_error: object) -> None:
        if self._was_enabled:
            gc.enable()
