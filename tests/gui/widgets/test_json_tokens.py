"""The colours of one line of JSON text."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.widgets.json_tokens import LONGEST, spans, spans_within

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def roles(text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.role) for span in spans(text)]


def test_a_key_is_a_string_before_a_colon() -> None:
    assert roles('"name": "Chai",') == [('"name"', "key"), ('"Chai"', "string")]


def test_numbers_and_keywords_have_their_colours() -> None:
    assert roles("[-1.5e3, true, false, null]") == [
        ("-1.5e3", "number"),
        ("true", "keyword"),
        ("false", "keyword"),
        ("null", "keyword"),
    ]


@pytest.mark.parametrize(
    "text", [r'"a \" b"', r'"back\\"', '"true 12 {"', '"not closed', '"ends in \\']
)
def test_a_string_is_one_span_whatever_is_in_it(text: str) -> None:
    assert roles(text) == [(text, "string")]


def test_a_huge_string_keeps_its_colour_to_its_end() -> None:
    text = '"blob": "' + "x" * 2_000_000 + '"'
    assert spans(text)[-1] == (8, len(text), "string")
    assert spans_within(text, 1_000_000, 1_000_080) == [(1_000_000, 1_000_080, "string")]


def test_what_follows_a_token_that_ended_in_time_is_plain() -> None:
    text = '"a"' + " " * LONGEST
    assert [span.role for span in spans_within(text, 0, len(text))] == ["string", "text"]


def test_nothing_of_a_token_is_no_span() -> None:
    """An empty range inside a token came back as an empty span."""
    assert spans_within("null", 1, 1) == []


@given(json_values, st.integers(0, 200), st.integers(0, 200))
def test_spans_cover_every_character_once(value: object, start: int, length: int) -> None:
    text = orjson.dumps(value).decode()
    end = min(len(text), start + length)
    parts = spans_within(text, min(start, end), end)
    assert "".join(text[part.start : part.end] for part in parts) == text[min(start, end) : end]
    assert all(part.start < part.end for part in parts)
