"""What differs within one value: the words of a text, the distance of two numbers, two types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from math import isfinite
from typing import Final

from dbengine.model import Json
from dbengine.texts import common_start

Marks = tuple[tuple[int, int], ...]

WORD: Final = 24
"""Words up to this length are marked whole, longer ones in the part that differs."""

WORDS_CELLS: Final = 1_000_000
"""Texts with more words to compare than this (left times right) are marked in one stretch."""

_PIECES: Final = re.compile(rf"\s+|\S{{1,{WORD}}}(?!\S)|\w+|[^\w\s]+")

_TYPES: Final = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


def word_marks(left: str, right: str) -> tuple[Marks, Marks]:
    """The ranges of characters that differ, on either side."""
    start = common_start(left, right)
    end = common_start(left[start:][::-1], right[start:][::-1])
    start = _word_start(left, right, start)
    end = _word_end(left, right, end, start)
    lefts = _PIECES.findall(left[start : len(left) - end])
    rights = _PIECES.findall(right[start : len(right) - end])
    if len(lefts) * len(rights) > WORDS_CELLS:
        return _range(start, len(left) - end), _range(start, len(right) - end)
    return _aligned_marks(lefts, rights, start)


def _range(start: int, end: int) -> Marks:
    return ((start, end),) if start < end else ()


def _word_start(left: str, right: str, start: int) -> int:
    """Back to where the word begins in which the texts part, unless that is far."""
    for back in range(min(start, WORD) + 1):
        if back == start or left[start - back - 1].isspace():
            return start - back
    return start


def _word_end(left: str, right: str, end: int, start: int) -> int:
    """On to where the word ends in which the texts meet again, unless that is far."""
    limit = min(end, WORD)
    for on in range(limit + 1):
        if on == end or left[len(left) - end + on].isspace():
            return end - on
    return end


def _aligned_marks(lefts: list[str], rights: list[str], start: int) -> tuple[Marks, Marks]:
    from rapidfuzz.distance import Indel  # noqa: PLC0415 - not needed by most comparisons

    codes = [code for code in Indel.opcodes(lefts, rights) if code.tag != "equal"]
    return (
        _marks(lefts, [(code.src_start, code.src_end) for code in codes], start),
        _marks(rights, [(code.dest_start, code.dest_end) for code in codes], start),
    )


def _marks(pieces: Sequence[str], spans: list[tuple[int, int]], start: int) -> Marks:
    """Ranges of pieces as ranges of characters; those with only a space between are one."""
    places = [start]
    for piece in pieces:
        places.append(places[-1] + len(piece))
    marks: list[tuple[int, int]] = []
    reach = -1
    for first, end in spans:
        if first == end:
            continue
        joins = reach >= 0 and all(piece.isspace() for piece in pieces[reach:first])
        if marks and joins:
            marks[-1] = (marks[-1][0], places[end])
        else:
            marks.append((places[first], places[end]))
        reach = end
    return tuple(marks)


def hint(old: Json, new: Json) -> str:
    """A note beside a new value: how far a number went, or which type became which."""
    distance = _distance(old, new)
    if distance or type(old) is type(new):
        return distance
    return f"{_type_name(old)} → {_type_name(new)}"


def _type_name(value: Json) -> str:
    return next((name for kind, name in _TYPES.items() if isinstance(value, kind)), "value")


def _distance(old: Json, new: Json) -> str:
    """`+0.75`, exact to the digits that are shown; empty where there is none to tell."""
    if not _is_plain_number(old) or not _is_plain_number(new):
        return ""
    distance = Decimal(repr(new)) - Decimal(repr(old))
    if not distance:
        return ""
    text = f"{abs(distance):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return ("+" if distance > 0 else "−") + (text if len(text) <= WORD else f"{abs(distance):.3e}")


def _is_plain_number(value: Json) -> bool:
    """Finite, and of few enough digits to be told."""
    if type(value) is int:
        return value.bit_length() < 100
    return type(value) is float and isfinite(value) and abs(value) < 1e30
