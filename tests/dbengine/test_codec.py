"""JSON bytes: exact round trips, and a reader that refuses what cannot be kept exactly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbengine import InvalidJson, canonical, codec, parse_json, pretty
from tests.dbengine.strategies import json_values


@given(json_values)
def test_dump_and_load_are_inverse(value: Any) -> None:
    assert repr(codec.load(codec.dump(value))) == repr(value)


@given(json_values)
def test_what_is_written_for_people_parses_to_the_same(value: Any) -> None:
    for text in (pretty(value), pretty(value).decode(), json.dumps(value)):
        assert repr(parse_json(text)) == repr(value)
    assert repr(codec.parse_file(pretty(value))) == repr(value)


@given(st.dictionaries(st.text(), json_values))
def test_the_order_of_keys_does_not_show_in_the_canonical_form(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@given(json_values, json_values)
def test_canonical_forms_are_equal_exactly_for_equal_values(one: Any, other: Any) -> None:
    def typed(value: Any) -> Any:
        if isinstance(value, dict):
            return "dict", sorted((key, typed(item)) for key, item in value.items())
        if isinstance(value, list):
            return "list", [typed(item) for item in value]
        return type(value).__name__, repr(value)

    assert (canonical(one) == canonical(other)) == (repr(typed(one)) == repr(typed(other)))


@pytest.mark.parametrize(
    ("text", "line", "column", "match"),
    [
        ("", 1, 1, "Expecting value"),
        ("{\n  a: 1}", 2, 3, "Expecting property name"),
        ('{"a": 1,\n "b": NaN}', 2, 7, "NaN is not JSON"),
        ("[Infinity]", 1, 2, "Infinity is not JSON"),
        ("[1,\n-Infinity]", 2, 1, "-Infinity is not JSON"),
        ('{"a": 1,\n "a": 2}', 2, 2, 'key "a" is given twice'),
        ('[{"a": {"b": 1}, "b": 1, "\\u0061": 2}]', 1, 26, "is given twice"),
        ("[1, 18446744073709551616]", 1, 5, "beyond 64 bits"),
        ("[-9223372036854775809]", 1, 2, "beyond 64 bits"),
        ("[1e400]", 1, 2, "beyond 64 bits"),
        ("[-1e999]", 1, 2, "beyond 64 bits"),
        ("[" + "9" * 5000 + "]", 1, 2, "beyond 64 bits"),
        ('["a",\n "\\ud800"]', 2, 2, "lone surrogate"),
        ('{"\\udc00": 1}', 1, 2, "lone surrogate"),
        ('["\ud800"]', 1, 3, "lone surrogate"),
        ("[" * 201 + "]" * 201, 1, 201, "More than 200 levels"),
        ("[" * 100_000 + "]" * 100_000, 1, 201, "More than 200 levels"),
        ('{"a":' * 201 + "1" + "}" * 201, 1, 1001, "More than 200 levels"),
        (b'["a",\n "\xff"]', 2, 3, "not UTF-8"),
        (b'\n["\xc3\xa9\xc3"]', 2, 4, "not UTF-8"),
        (b'\xff\xfe"\x00', 1, 1, "not UTF-8"),
        ("1 2", 1, 3, "Extra data"),
    ],
)
def test_a_flaw_is_named_with_its_line_and_column(
    text: str | bytes, line: int, column: int, match: str
) -> None:
    readers = [parse_json] if isinstance(text, str) else [parse_json, codec.parse_file]
    for reader in readers:
        with pytest.raises(InvalidJson, match=match) as caught:
            reader(text)  # type: ignore[operator]
        assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[NaN]",
        b"[1e400]",
        b"[18446744073709551616]",
        b"[-9223372036854775809]",
        b'["\\ud800"]',
        b"[" * 201 + b"]" * 201,
        b"[" * 2000 + b"]" * 2000,
        b'"\xff"',
    ],
    ids=lambda text: text[:20],
)
def test_the_fast_reader_refuses_the_same(text: bytes) -> None:
    with pytest.raises(InvalidJson):
        codec.parse_file(text)


def test_the_fast_reader_takes_the_last_of_two_equal_keys() -> None:
    assert codec.parse_file(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
        ("1e308", 1e308),
        ("-0.0", -0.0),
        ('"\\ud83d\\ude00"', "😀"),
        (' \n"\\"{[,:]}\\\\"', '"{[,:]}\\'),
        ("[" * 200 + "]" * 200, None),
        ("[" + "[]," * 500 + "[]]", None),
        (b"\xef\xbb\xbf[1]", [1]),
        ("0.1234567890123456789012345", 0.12345678901234568),
    ],
)
def test_what_can_be_kept_is_read_exactly(text: str | bytes, value: Any) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    for read in (parse_json(text), codec.parse_file(data)):
        expected = json.loads(data.decode("utf-8-sig")) if value is None else value
        assert repr(read) == repr(expected)


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 64 + "\n"])
def test_a_digest_is_64_lower_case_hex_digits(text: str) -> None:
    assert not codec.is_digest(text)
    assert not codec.is_digest(None)
    assert codec.is_digest(codec.digest_of(text.encode()))
