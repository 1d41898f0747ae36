"""A JSON text as rows: lines, folds, paths and search."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.models.document import Document

SUPPLIER = {
    "name": "Exotic Liquids",
    "rating": 4.25,
    "address": {"city": "London", "lines": ["49 Gilbert St.", "EC1 4SD"]},
    "products": [{"sku": 97, "tags": []}, 5, {"sku": 412, "tags": ["a"]}],
    "empty": {},
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def document(value: Any) -> Document:
    return Document(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def texts(doc: Document) -> list[str]:
    lines = [doc[row].left for row in range(len(doc))]
    return ["  " * line.depth + line.text for line in lines if line is not None]


def row_with(doc: Document, text: str) -> int:
    return next(row for row, line in enumerate(texts(doc)) if text in line)


def paths_to_values(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of each line of the pretty print, closing brackets included."""
    if not isinstance(value, dict | list) or not value:
        return [path]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    inside = [one for key, child in items for one in paths_to_values(child, (*path, key))]
    return [path, *inside, path]


@given(json_values)
def test_rows_are_the_lines_of_the_text(value: Any) -> None:
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2)
    assert "\n".join(texts(Document(text))) == text.decode()


@given(json_values)
def test_every_row_knows_its_path(value: Any) -> None:
    doc = document(value)
    assert [doc.path_of(row) for row in range(len(doc))] == paths_to_values(value)


@given(json_values, st.data())
def test_folding_and_unfolding_gives_the_same_rows(value: Any, data: st.DataObject) -> None:
    doc = document(value)
    row = data.draw(st.integers(0, len(doc) - 1))
    folded = doc.toggle(row)
    assert texts(folded.toggle(row)) == texts(doc)
    assert [folded.row_of(folded.line_at(one)) for one in range(len(folded))] == [
        *range(len(folded))
    ]


def test_an_empty_text_has_no_rows() -> None:
    assert len(Document(b"")) == 0


def test_a_scalar_is_one_row() -> None:
    doc = document(5)
    assert texts(doc) == ["5"]
    assert doc.path_of(0) == ()
    assert doc.fold_state(0) == ""


def test_a_row_that_is_not_there_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        document([1])[3]


def test_a_folded_container_is_one_row_that_counts_its_items() -> None:
    doc = document(SUPPLIER)
    row = row_with(doc, '"products"')
    folded = doc.toggle(row)
    line = folded[row].left
    assert line is not None
    assert (line.text, line.hint) == ('"products": […],', "3 items")
    assert folded.fold_state(row) == "closed"
    assert texts(folded)[row + 1] == '  "empty": {}'
    assert doc.fold_state(row) == "open"


def test_one_key_is_counted_as_one() -> None:
    line = document({"a": {"b": 1}}).toggle(1)[1].left
    assert line is not None
    assert line.hint == "1 key"


def test_folding_outside_keeps_what_is_folded_inside() -> None:
    doc = document(SUPPLIER)
    inside = doc.toggle(row_with(doc, '"lines"'))
    outside = inside.toggle(row_with(inside, '"address"'))
    assert len(outside) < len(inside)
    assert texts(outside.toggle(row_with(outside, '"address"'))) == texts(inside)


def test_line_numbers_go_on_after_a_fold() -> None:
    doc = document(SUPPLIER).toggle(3)
    line = doc[4].left
    assert line is not None
    assert line.number == 5 + 6


def test_toggling_a_row_that_has_nothing_to_fold_changes_nothing() -> None:
    doc = document(SUPPLIER)
    assert texts(doc.toggle(1)) == texts(doc)


def test_unfolding_to_a_line_opens_all_around_it() -> None:
    doc = document(SUPPLIER)
    line = doc.line_at(row_with(doc, "EC1 4SD"))
    folded = doc.toggle(row_with(doc, '"lines"')).toggle(row_with(doc, '"address"'))
    assert folded.row_of(line) == row_with(folded, '"address"')
    opened = folded.unfold_to(line)
    assert "EC1 4SD" in texts(opened)[opened.row_of(line)]


def test_finding_goes_on_from_a_row_and_back_to_it() -> None:
    doc = document(SUPPLIER)
    first = doc.find("sku")
    assert first == row_with(doc, '"sku": 97')
    second = doc.find("sku", first + 1)
    assert second == row_with(doc, '"sku": 412')
    assert doc.find("sku", second + 1) is None
    assert doc.find("sku", second - 1, backward=True) == first
    assert doc.find("sku", second, backward=True) == second


def test_letters_are_found_in_either_case_unless_asked() -> None:
    doc = document(SUPPLIER)
    assert doc.find("LONDON") == row_with(doc, "London")
    assert doc.find("LONDON", case=True) is None


def test_a_hit_in_a_fold_is_the_folds_row() -> None:
    doc = document(SUPPLIER)
    row = row_with(doc, '"address"')
    assert doc.toggle(row).find("gilbert") == row


def test_nothing_is_found_of_nothing() -> None:
    assert document(SUPPLIER).find("") is None
    assert Document(b"").find("a") is None


def test_a_hit_across_two_searched_pieces_is_found() -> None:
    doc = document(["x" * ((1 << 20) - 10) + "needle", "needle"])
    assert doc.find("needle") == 1
    assert doc.find("needle", 2) == 2
    assert doc.find("needle", 1, backward=True) == 1


def test_a_hundred_thousand_records_are_rows_without_objects() -> None:
    doc = document([{"id": number, "name": f"record {number}"} for number in range(100_000)])
    assert len(doc) == 2 + 100_000 * 4
    assert doc.path_of(2 + 4 * 70_000 + 1) == (70_000, "name")
    assert doc.find("record 99999") == 2 + 4 * 99_999 + 1
    assert len(doc.toggle(0)) == 1
