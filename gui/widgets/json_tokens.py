"""Which colour each part of one line of JSON text has."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple

Role = Literal["key", "string", "number", "keyword", "text"]

LONGEST: Final = 10_000
"""Characters of a line that are looked at; what follows keeps the colour of the last token."""

_TOKEN: Final = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*+(?:"|\\?$))'
    r"|(?P<number>-?\d[\d.eE+-]*)"
    r"|(?P<keyword>true|false|null)"
)
_COLON: Final = re.compile(r"\s*:")


class Span(NamedTuple):
    """Characters `start` to `end` of a line, of one colour."""

    start: int
    end: int
    role: Role


def spans(text: str) -> tuple[Span, ...]:
    """The coloured parts of a line, in order; what lies between them is plain."""
    found = _spans(text[:LONGEST])
    if len(text) <= LONGEST or not found or found[-1].end < LONGEST:
        return found
    return (*found[:-1], found[-1]._replace(end=len(text)))


def spans_within(text: str, start: int, end: int) -> list[Span]:
    """The whole of `text[start:end]` as spans, plain parts included, none of them empty."""
    result: list[Span] = []
    at = start
    for span in spans(text) if start < end else ():
        if span.end <= at or span.start >= end:
            continue
        if span.start > at:
            result.append(Span(at, span.start, "text"))
        result.append(Span(max(span.start, at), min(span.end, end), span.role))
        at = result[-1].end
    if at < end:
        result.append(Span(at, end, "text"))
    return result


@lru_cache(maxsize=4096)
def _spans(text: str) -> tuple[Span, ...]:
    return tuple(_span(text, match) for match in _TOKEN.finditer(text))


def _span(text: str, match: re.Match[str]) -> Span:
    role: Role = match.lastgroup  # type: ignore[assignment]
    if role == "string" and _COLON.match(text, match.end()):
        role = "key"
    return Span(match.start(), match.end(), role)
