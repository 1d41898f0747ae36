"""Big documents in pieces: to print or free one at once holds the interpreter, and so the window.

One call that prints 10 MB takes 70 ms, and to free what it was printed from takes 50; no other
thread runs meanwhile. A big document is one with a container of many children not far below its
root; what is between them is small enough to be handled at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from dbengine import pretty

MANY: Final = 1_000
"""Children of a container that is not handled at once, and how many of them are."""

FEW: Final = 32
"""Only among so few children one looks further for a container of many."""

DEEPEST: Final = 4
"""Levels that one looks down."""

_INDENT: Final = b"  "


def is_big(value: Any, depth: int = 0) -> bool:
    """Whether there is a container of many children near the root."""
    if not isinstance(value, dict | list):
        return False
    if len(value) > MANY:
        return True
    looked_at = len(value) <= FEW and depth < DEEPEST
    return looked_at and any(is_big(child, depth + 1) for child in _children(value))


def printed(value: Any, check: Callable[[], None]) -> bytes:
    """What `pretty` makes of the value; `check` is called between the pieces, and may raise."""
    return b"".join(_pieces(value, b"\n", check)) if is_big(value) else pretty(value)


def crumble(box: list[Any]) -> None:
    """Free the values in the box. Nobody else may hold them, nor does what they share suffer."""
    while box:
        value = box.pop()
        if not is_big(value):
            continue
        children = list(_children(value))
        del value
        if len(children) <= FEW:
            box += children
        while children:
            del children[-MANY:]


def _pieces(value: Any, newline: bytes, check: Callable[[], None]) -> Iterator[bytes]:
    """The value's lines, all but the first behind `newline`, which ends with its indentation."""
    if not is_big(value):
        yield pretty(value).rstrip(b"\n").replace(b"\n", newline)
        return
    opener, closer = (b"{", b"}") if isinstance(value, dict) else (b"[", b"]")
    yield opener
    for number, piece in enumerate(_items(value, newline + _INDENT, check)):
        check()
        yield (b"," if number else b"") + newline + _INDENT + piece
    yield newline + closer


def _items(value: Any, newline: bytes, check: Callable[[], None]) -> Iterator[bytes]:
    """The children's lines: many at once where there are many, else one by one."""
    if len(value) <= MANY:
        for key in value if isinstance(value, dict) else range(len(value)):
            name = pretty(key).rstrip(b"\n") + b": " if isinstance(value, dict) else b""
            yield name + b"".join(_pieces(value[key], newline, check))
        return
    rest = iter(value.items() if isinstance(value, dict) else value)
    while part := list(islice(rest, MANY)):
        text = pretty(dict(part) if isinstance(value, dict) else part).rstrip(b"\n")
        yield text[1:-1].strip(b"\n")[len(_INDENT) :].replace(b"\n" + _INDENT, newline)


def _children(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value
