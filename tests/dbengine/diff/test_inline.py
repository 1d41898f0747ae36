"""Marks cover what differs between two texts, and what they leave out is equal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbengine.diff.inline import Marks, hint, word_marks

TEXTS = st.lists(st.sampled_from(["a", "bc", "Cooper", "-", " ", "  ", "é", "x" * 30]), max_size=12)


def unmarked(text: str, marks: Marks) -> str:
    kept, at = [], 0
    for start, end in marks:
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])


@given(TEXTS.map("".join), TEXTS.map("".join))
def test_what_is_not_marked_is_equal_but_for_spaces(left: str, right: str) -> None:
    lefts, rights = word_marks(left, right)
    for text, marks in ((left, lefts), (right, rights)):
        assert all(0 <= start < end <= len(text) for start, end in marks)
        assert sorted(marks) == list(marks)
    assert unmarked(left, lefts).split() == unmarked(right, rights).split() or (
        unmarked(left, lefts).replace(" ", "") == unmarked(right, rights).replace(" ", "")
    )


def test_equal_texts_have_no_marks() -> None:
    assert word_marks("some words", "some words") == ((), ())


@pytest.mark.parametrize(
    ("left", "right", "old", "new"),
    [
        ("Charlotte Cooper", "Charlotte Cooper-Hale", ["Cooper"], ["Cooper-Hale"]),
        ("UK", "United Kingdom", ["UK"], ["United Kingdom"]),
        ("one two three four", "one 2 three 4", ["two", "four"], ["2", "4"]),
        ("", "new", [], ["new"]),
    ],
)
def test_words_are_marked_whole(left: str, right: str, old: list[str], new: list[str]) -> None:
    lefts, rights = word_marks(left, right)
    assert [left[a:b] for a, b in lefts] == old
    assert [right[a:b] for a, b in rights] == new


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        (1, 3, "+2"),
        (1, 1.5, "+0.5"),
        (0.1, 0.3, "+0.2"),
        (0.0, -0.0, ""),
        (1, 1.0, "integer → number"),
        (float("nan"), 1.0, ""),
        (None, [], "null → array"),
        ("a", "b", ""),
        ({}, 2, "object → integer"),
    ],
)
def test_a_hint_is_a_distance_or_two_types(old: object, new: object, note: str) -> None:
    assert hint(old, new) == note
