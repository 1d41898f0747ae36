"""Plain JSON values ⇄ bytes ⇄ digest, strictly: nothing is rounded, dropped or guessed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from dbengine.errors import InvalidJson
from dbengine.model import Json

MIN_INT: Final = -(2**63)
MAX_INT: Final = 2**64 - 1
MAX_DEPTH: Final = 200

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_AS_ZEROS: Final = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER: Final = b"0" * 19
_ESCAPED_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def digest_of(data: bytes) -> str:
    """The SHA-256 of `data` as 64 lower-case hex digits: the object's name."""
    return hashlib.sha256(data).hexdigest()


def is_digest(text: object) -> bool:
    """Whether `text` has the form of a digest."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def dump(value: Json) -> bytes:
    """Compact UTF-8 JSON, dicts in their own order."""
    return orjson.dumps(value)


def load(data: bytes) -> Json:
    """What `dump` was given. For bytes that we wrote; text from outside goes to `parse_json`."""
    return orjson.loads(data)


def canonical(value: Json) -> bytes:
    """Equal for values that are the same: types count (`1`, `1.0`, `true`), key order does not."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def pretty(value: Json) -> bytes:
    """JSON for people: two spaces a level, dicts in their own order."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)


def parse_json(text: str | bytes) -> Json:
    """The value of a JSON text that we can keep exactly.

    Raises `InvalidJson`, with line and column, for a syntax error and for what parsers commonly
    swallow: a key given twice, NaN and infinities, integers beyond 64 bits, floats beyond
    double precision's range, lone surrogates, and more than 200 levels.
    """
    source = _decode(text)
    try:
        value = json.loads(
            source,
            object_pairs_hook=_unique,
            parse_int=_bounded_int,
            parse_float=_finite_float,
            parse_constant=_refuse,
        )
        _check_escapes(source, value)
        if _is_too_deep(value):
            raise _Unkeepable
    except json.JSONDecodeError as error:
        raise InvalidJson(f"{error.msg}.", error.lineno, error.colno) from error
    except (_Unkeepable, RecursionError):
        raise _first_flaw(source) from None
    return value


def parse_file(data: bytes) -> Json:
    """Like `parse_json`, but fast: for files of others, where a repeated key's last value wins."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return parse_json(data)
    # orjson makes a float of an integer beyond 64 bits; it refuses what overflows a float.
    risky = _LONG_NUMBER in data.translate(_AS_ZEROS) or _is_too_deep(value)
    return parse_json(data) if risky else value


class _Unkeepable(Exception):
    """The parser met a token that we cannot keep; `_first_flaw` finds where."""


def _decode(text: str | bytes) -> str:
    try:
        source = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        source.encode()
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
        line, column = _position(before, len(before))
        raise InvalidJson("The text is not UTF-8.", line, column) from error
    except UnicodeEncodeError as error:
        line, column = _position(source, error.start)
        raise InvalidJson("The text has a lone surrogate.", line, column) from error
    return source


def _check_escapes(source: str, value: Json) -> None:
    if _ESCAPED_SURROGATE.search(source):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise _Unkeepable from None


def _is_too_deep(value: Json) -> bool:
    level: list[Iterable[Json]] = [[value]]
    for _depth in range(MAX_DEPTH + 1):
        level = [
            inner.values() if type(inner) is dict else inner
            for items in level
            for inner in items
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _Unkeepable
    return result


def _bounded_int(digits: str) -> int:
    if len(digits) > 20 or not MIN_INT <= int(digits) <= MAX_INT:
        raise _Unkeepable
    return int(digits)


def _finite_float(digits: str) -> float:
    value = float(digits)
    if value - value != 0:
        raise _Unkeepable
    return value


def _refuse(_name: str) -> None:
    raise _Unkeepable


def _first_flaw(source: str) -> InvalidJson:
    """The error for the first token of a well-formed JSON text that we cannot keep."""
    open_keys: list[set[str] | None] = []
    for match, is_key in _tokens(source):
        token = match[0]
        if token in "{[":
            open_keys.append(set() if token == "{" else None)
        elif token in "}]":
            open_keys.pop()
        flaw = _flaw(token, is_key, open_keys)
        if flaw:
            return InvalidJson(flaw, *_position(source, match.start()))
    return InvalidJson("The text cannot be kept as JSON.", 1, 1)


def _tokens(source: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Each token, and whether it is a key: a string that a colon follows."""
    previous: re.Match[str] | None = None
    for match in _TOKEN.finditer(source):
        if previous:
            yield previous, match[0] == ":"
        previous = match
    if previous:
        yield previous, False


def _flaw(token: str, is_key: bool, open_keys: list[set[str] | None]) -> str:
    if len(open_keys) > MAX_DEPTH:
        return f"More than {MAX_DEPTH} levels of nesting."
    if is_key and open_keys and open_keys[-1] is not None:
        key = json.loads(token)
        if key in open_keys[-1]:
            return f"The key {token} is given twice."
        open_keys[-1].add(key)
    if token[0] == '"':
        return "A lone surrogate in a string." if _is_surrogate(json.loads(token)) else ""
    if token in ("NaN", "Infinity", "-Infinity"):
        return f"{token} is not JSON."
    return _number_flaw(token) if token[0] in "-0123456789" else ""


def _is_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _number_flaw(token: str) -> str:
    try:
        _finite_float(token) if re.search("[.eE]", token) else _bounded_int(token)
    except _Unkeepable:
        return f"The number {token[:40]} is beyond 64 bits; keep it as a string."
    return ""


def _position(source: str, offset: int) -> tuple[int, int]:
    line_start = source.rfind("\n", 0, offset) + 1
    return source.count("\n", 0, offset) + 1, offset - line_start + 1
