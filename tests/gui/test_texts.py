"""How versions, counts and sizes are worded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbengine import Info
from dbengine.diff import Row
from gui.texts import (
    changes_text,
    content_text,
    counted,
    error_text,
    fold_text,
    in_window_words,
    signed_counts,
    size_text,
    version_name,
    version_title,
)

INFO = Info(
    tenant="acme", entry="users", digest="d", parent="p", user="ana", date="20260309 07:00:00",
    seq=1141, note="", action="put", form="records", added=0, changed=1, removed=0,
    keys=("john",), size=41_000, count=29,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"note": "  Why\nand how "}, "Why"),
        ({"note": " \n "}, "john"),
        ({"action": "drop"}, "Entry deleted"),
        ({"parent": None}, "Created"),
        ({"keys": ()}, "Edited"),
        ({"keys": ("a", "b", "c"), "changed": 5}, "a, b, c and 2 more"),
        ({"keys": ("a", "b", "c", "d"), "changed": 3}, "a, b, c"),
    ],
)
def test_a_version_is_called_by_its_note_or_by_what_it_changed(
    changes: dict[str, object], title: str
) -> None:
    assert version_title(replace(INFO, **changes)) == title  # type: ignore[arg-type]


def test_a_version_has_a_number() -> None:
    assert version_name(INFO) == "Version 1,141"


def test_only_what_was_done_is_counted() -> None:
    assert signed_counts(INFO) == [("~1", "changed")]
    both = replace(INFO, added=1_000, changed=0, removed=2)
    assert signed_counts(both) == [("+1,000", "added"), ("−2", "removed")]


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({}, "No changes"),
        ({"changed": 1}, "1 change"),
        ({"changed": 1, "type_changed": 1, "moved": 1}, "2 changes · 1 move"),
        ({"moved": 2}, "2 moves"),
    ],
)
def test_moves_are_counted_apart(counts: dict[str, int], text: str) -> None:
    assert changes_text(counts) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 KB"),
        (41_000, "41 KB"),
        (999_999, "1,000 KB"),
        (1_000_000, "1.0 MB"),
        (2_500_000_000, "2.5 GB"),
    ],
)
def test_sizes_are_told_in_decimal_units(size: int, text: str) -> None:
    assert size_text(size) == text


def test_content_is_told_by_number_and_size() -> None:
    assert content_text(INFO) == "29 records · 41 KB"
    assert content_text(replace(INFO, count=0)) == "no records · 41 KB"
    assert content_text(replace(INFO, form="value", count=3)) == "3 items · 41 KB"
    assert content_text(replace(INFO, form="value", count=1)) == "1 value · 41 KB"
    assert content_text(replace(INFO, action="drop")) == "deleted"


def test_none_has_a_form_of_its_own_where_there_is_one() -> None:
    assert counted(0, "one", "{number} of them", "none") == "none"
    assert counted(0, "one", "{number} of them") == "0 of them"


@pytest.mark.parametrize(
    ("count", "noun", "text"),
    [(1, "records", "1 record unchanged"), (1_400, "items", "1,400 items unchanged"),
     (2, "keys", "2 keys unchanged"), (1, "lines", "1 more line")],
)  # fmt: skip
def test_a_fold_says_what_it_hides(count: int, noun: str, text: str) -> None:
    assert fold_text(Row("fold", None, None, count=count, noun=noun)) == text


def test_what_the_engine_says_names_the_menu_and_not_its_commands() -> None:
    error = OSError("The object is missing. Run `dbengine verify` to see what it hurts.")
    assert error_text(error) == (
        "The object is missing. Run “Verify” in the menu Database to see what it hurts."
    )
    assert in_window_words("Run `dbengine pack`.") == "Run “Pack” in the menu Database."
    assert in_window_words("`dbengine log` and `x`") == "`dbengine log` and `x`"
