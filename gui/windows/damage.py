"""What reading everything found, in the words of the window.

The engine tells it in English and names its own commands; people who use the window have never
seen those. What it says stays below, for whoever has to mend it by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dbengine import Problem

from ..texts import in_window_words
from .dialog import tr
from .findings import Finding

_RANGES_SHOWN: Final = 8


def finding(problem: Problem, *, writable: bool) -> Finding:
    """The problem, what follows from it, and what the engine says."""
    where = " / ".join(filter(None, (problem.tenant, problem.entry)))
    told = in_window_words(problem.message)
    what = _what(problem, writable=writable)
    return Finding(where, what or told, _hurts(problem), told if what else "")


def _what(problem: Problem, *, writable: bool) -> str:
    """What it is for the user; empty where only the engine's own words say it."""
    if problem.repairable:
        return _repairable(writable=writable)
    if problem.hurts or problem.object:
        return tr("A part of what is stored is missing or damaged, and there is no other copy.")
    if not problem.certain:
        return tr("Versions are stored that the newest one does not build on. Either an older "
                  "copy of the file “head” was put in place, or a write was interrupted and can "
                  "be repeated. They are still there.")  # fmt: skip
    return ""


def _repairable(*, writable: bool) -> str:
    text = tr("Damaged in one place and whole in another, which is used instead.")
    how = tr("“Repair” puts it in order.")
    if not writable:
        how = tr("“Repair” puts it in order; open the database for writing to be offered it.")
    return f"{text} {how}"


def _hurts(problem: Problem) -> str:
    """ "Cannot be read: version 3–5, 9 of acme / users"."""
    numbers: dict[str, list[int]] = {}
    for hurt in problem.hurts:
        numbers.setdefault(f"{hurt.tenant} / {hurt.entry}", []).append(hurt.seq)
    text = tr("version {numbers} of {entry}")
    parts = [text.format(numbers=ranges(seqs), entry=entry) for entry, seqs in numbers.items()]
    return tr("Cannot be read: {what}").format(what="; ".join(parts)) if parts else ""


def ranges(numbers: Sequence[int]) -> str:
    """Sorted numbers as "3–5, 9"; a 0 is one that nobody knows any more."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    texts = [f"{a:,}–{b:,}" if a < b else f"{a:,}" if a else "?" for a, b in found]
    return ", ".join(texts[:_RANGES_SHOWN]) + (" …" if len(texts) > _RANGES_SHOWN else "")
