"""The rows print both documents line by line, fold what is unchanged, and point at each change."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings

from dbengine.diff import Line, Row, Rows, diff, layout, rows
from tests.dbengine.diff.helpers import PAIRS, at_path, pretty

SUPPLIER = {
    "name": "Exotic Liquids",
    "contact": "Charlotte Cooper",
    "rating": 3.5,
    "address": {"street": "49 Gilbert St", "town": "London", "zip": "EC1", "tel": 1, "land": "UK"},
    "products": [{"sku": at, "name": f"Product {at}"} for at in range(20)],
    "active": True,
}


def lines(page: Rows, side: str) -> list[Line]:
    found = (getattr(row, side) for row in page)
    return [line for line in found if line is not None]


def printed(line: Line) -> str:
    return "  " * line.depth + line.text


def page_of(left: Any, right: Any, **options: Any) -> Rows:
    return rows(diff(left, right), **options)


def labels(page: Rows) -> list[str]:
    return [row.label for row in page if row.kind == "fold"]


def row_of(page: Rows, change: int) -> Row:
    return page[page.starts[change]]


@given(PAIRS)
def test_unfolded_they_print_both_documents(pair: tuple[Any, Any]) -> None:
    page = page_of(*pair).unfold_all()
    for side, document in zip(("left", "right"), pair, strict=True):
        found = lines(page, side)
        assert [printed(line) for line in found] == pretty(document)
        assert [line.number for line in found] == list(range(1, len(found) + 1))


@given(PAIRS)
def test_folded_they_show_the_same_lines_under_the_same_numbers(pair: tuple[Any, Any]) -> None:
    page = page_of(*pair)
    for side, document in zip(("left", "right"), pair, strict=True):
        text = pretty(document)
        for line in lines(page, side):
            assert printed(line) == text[line.number - 1]
            at_path(document, line.path)


@given(PAIRS)
def test_every_change_has_its_first_row_in_reading_order(pair: tuple[Any, Any]) -> None:
    found = diff(*pair)
    for page in (rows(found), rows(found).unfold_all()):
        assert len(page.starts) == len(found.changes)
        assert list(page.starts) == sorted(page.starts)
        for change, start in enumerate(page.starts):
            assert page[start].change == change
            places = page.places(change)
            assert places[0] == start
            assert {page[at].change for at in places} == {change}
        assert {row.change for row in page} - {-1} == set(range(len(found.changes)))


@given(PAIRS)
@settings(max_examples=50)
def test_unfolding_one_by_one_is_unfolding_all(pair: tuple[Any, Any]) -> None:
    page = whole = page_of(*pair)
    while folds := [at for at, row in enumerate(page) if row.kind == "fold"]:
        hidden, before = page[folds[-1]].hidden, len(page)
        page = page.toggle(folds[-1])
        assert len(page) == before + hidden - 1
    assert list(page) == list(whole.unfold_all())


def test_toggling_a_row_that_is_no_fold_changes_nothing() -> None:
    page = page_of({"a": 1}, {"a": 2})
    assert page.toggle(1) is page


def test_rows_can_be_counted_from_the_end_and_sliced() -> None:
    page = page_of({"a": 1}, {"a": 2})
    assert page[-1] == page[len(page) - 1]
    assert page[1:] == [page[1], page[2]]
    with pytest.raises(IndexError):
        page[len(page)]


def test_unchanged_neighbours_are_folded_by_what_they_are() -> None:
    left = {str(at): dict(SUPPLIER) for at in range(30)}
    right = {**left, "9": {**SUPPLIER, "address": {**SUPPLIER["address"], "land": "Eire"}}}
    page = page_of(left, right, noun="records", context=0)
    assert labels(page) == [
        "9 records unchanged",
        "3 keys unchanged",
        "4 keys unchanged",
        "2 keys unchanged",
        "20 records unchanged",
    ]
    assert sum(row.hidden or 1 for row in page) == len(pretty(left))


def test_items_of_a_list_are_called_items() -> None:
    page = page_of(list(range(100)), [*range(50), -1, *range(51, 100)], context=0)
    assert labels(page) == ["50 items unchanged", "49 items unchanged"]


def test_one_large_unchanged_record_is_a_fold_in_the_singular() -> None:
    page = page_of({"a": SUPPLIER, "b": 1}, {"a": SUPPLIER, "b": 2}, noun="entries")
    assert labels(page) == ["1 entry unchanged"]


def test_short_neighbours_of_a_change_stay_in_sight() -> None:
    left = dict.fromkeys("abcdefghij", 1)
    page = page_of(left, {**left, "e": 2})
    texts = [row.left.text for row in page if row.left]
    assert texts == ["{", '"d": 1,', '"e": 1,', '"f": 1,', '"g": 1,', "}"]
    assert labels(page) == ["3 keys unchanged", "3 keys unchanged"]


def test_a_changed_word_is_marked_on_both_sides() -> None:
    right = {**SUPPLIER, "contact": "Charlotte Cooper-Hale"}
    row = row_of(page_of(SUPPLIER, right), 0)
    assert row.kind == "changed"
    assert row.left
    assert row.right
    assert [row.left.text[a:b] for a, b in row.left.marks] == ["Cooper"]
    assert [row.right.text[a:b] for a, b in row.right.marks] == ["Cooper-Hale"]


def test_a_number_says_how_far_it_went() -> None:
    for old, new, note in ((3.5, 4.25, "+0.75"), (0.3, 0.1, "−0.2"), (10, 7, "−3")):
        row = row_of(page_of({"n": old}, {"n": new}), 0)
        assert row.right
        assert row.right.hint == note
        assert [row.right.text[a:b] for a, b in row.right.marks] == [str(new)]


def test_a_change_of_type_names_both() -> None:
    row = row_of(page_of({"n": True}, {"n": "yes"}), 0)
    assert row.right
    assert row.right.hint == "boolean → string"
    row = row_of(page_of({"n": 1}, {"n": 1.0}), 0)
    assert row.right
    assert row.right.hint == "integer → number"


def test_what_one_side_lacks_is_blank_there() -> None:
    page = page_of({"a": 1, "b": {"x": 1}}, {"a": 1, "c": [1]})
    shown = [(row.kind, row.left and row.left.text, row.right and row.right.text) for row in page]
    assert shown == [
        ("equal", "{", "{"),
        ("equal", '"a": 1,', '"a": 1,'),
        ("removed", '"b": {', None),
        ("removed", '"x": 1', None),
        ("removed", "}", None),
        ("added", None, '"c": ['),
        ("added", None, "1"),
        ("added", None, "]"),
        ("equal", "}", "}"),
    ]


def test_a_moved_item_stands_at_both_its_places() -> None:
    left = [{"sku": at} for at in range(12)]
    right = [left[10], *left[:10], left[11]]
    moved = [row for row in page_of(left, right) if row.kind == "moved"]
    assert [(bool(row.left), bool(row.right), row.change) for row in moved] == [
        *[(False, True, 0)] * 3,
        *[(True, False, 0)] * 3,
    ]
    assert moved[0].right
    assert moved[0].right.moved == "up"
    assert moved[-1].left
    assert moved[-1].left.moved == "down"


def test_an_item_moved_and_edited_shows_each_side_at_its_place() -> None:
    left = [{"id": at, "v": 1} for at in range(6)]
    right = [{"id": 5, "v": 2}, *left[:5]]
    page = page_of(left, right)
    edits = [row for row in page if row.kind == "changed"]
    assert [(row.change, row.left is None) for row in edits] == [(1, True), (1, False)]


def test_a_key_that_stands_elsewhere_is_shown_so_but_is_no_change() -> None:
    page = page_of({"a": 1, "b": 2, "c": 3}, {"c": 4, "a": 1, "b": 2})
    assert [row.change for row in page if row.kind == "changed"] == [0, 0]
    page = page_of({"a": 1, "b": 2, "c": 3}, {"c": 3, "a": 1, "b": 5})
    assert [row.change for row in page if row.kind == "moved"] == [-1, -1]


def test_a_long_addition_is_folded_in_its_middle() -> None:
    page = page_of({"a": 1}, {"a": 1, "b": list(range(100))})
    fold = next(row for row in page if row.kind == "fold")
    assert (fold.label, fold.hidden, fold.change) == ("61 more lines", 61, 0)
    unfolded = page.unfold_all()
    assert [printed(line) for line in lines(unfolded, "right")] == pretty(
        {"a": 1, "b": list(range(100))}
    )


def test_equal_documents_are_one_fold_between_their_brackets() -> None:
    page = page_of(SUPPLIER, dict(SUPPLIER))
    assert [row.kind for row in page] == ["equal", "fold", "equal"]
    assert page.starts == ()
    assert [row.kind for row in page_of(5, 5)] == ["equal"]


def test_a_fold_says_in_parts_what_it_holds() -> None:
    left = {str(at): dict(SUPPLIER) for at in range(30)}
    right = {**left, "9": {**SUPPLIER, "products": [], "more": list(range(200))}}
    folds = [row for row in page_of(left, right, noun="records") if row.kind == "fold"]
    assert [(row.count, row.noun) for row in folds] == [
        (9, "records"),
        (4, "keys"),
        (161, "lines"),
        (20, "records"),
    ]


@given(PAIRS)
@settings(max_examples=50)
def test_rows_in_small_pages_are_the_same_rows(pair: tuple[Any, Any]) -> None:
    whole = page_of(*pair)
    size, layout.PAGE = layout.PAGE, 1  # type: ignore[misc]
    try:
        page = page_of(*pair)
        assert list(page) == list(whole)
        assert list(page.unfold_all()) == list(whole.unfold_all())
        assert (page.starts, page.marks) == (whole.starts, whole.marks)
    finally:
        layout.PAGE = size  # type: ignore[misc]


def test_the_first_rows_are_there_before_the_others_are_laid_out() -> None:
    left = {str(at): {"a": at, "b": at} for at in range(5000)}
    seen: list[int] = []
    found = diff(left, {key: {**item, "b": -1} for key, item in left.items()})
    page = rows(found, progress=lambda done, *_: seen.append(done))
    first = page.first(100)
    laid = len(page._layout.pages)
    assert 100 <= len(first) < 5000
    assert list(first)[:100] == page[:100]
    assert len(first.starts) == len({row.change for row in first} - {-1})
    assert len(page._layout.pages) == laid
    assert len(page) > 15_000
    assert len(page._layout.pages) > 5 * laid
    assert page.first(len(page) + 1)[-1] == page[-1]


def test_a_far_row_of_a_page_no_longer_kept_is_the_same_row() -> None:
    left = [{"id": at, "v": at} for at in range(9000)]
    page = page_of(left, [{**item, "v": -1} for item in left])
    early = page[:50]
    assert page[len(page) - 2].left == page[-2].left
    assert page[:50] == early


def test_marks_say_where_each_stretch_of_change_begins() -> None:
    page = page_of([1, 2, {"a": 1}], [1, 2, {"a": 2}, 9])
    assert [(page[at].kind, kind) for at, kind in page.marks] == [
        ("changed", "changed"),
        ("added", "added"),
    ]


def test_a_line_in_a_large_unfolded_stretch_is_found() -> None:
    numbers = random.Random(2)
    left = {str(at): {"v": [at] * numbers.randrange(4), "w": {}} for at in range(2000)}
    page = page_of(left, {**left, "x": 1})
    page = page.toggle(next(at for at, row in enumerate(page) if row.kind == "fold"))
    text = pretty(left)
    for at in numbers.sample(range(len(text) - 10), 300):
        row = page[at]
        assert row.left
        assert row.right
        assert printed(row.left) == printed(row.right) == text[at]


def test_a_change_knows_all_places_where_it_stands() -> None:
    left = [{"id": at} for at in range(9)]
    right = [left[8], *left[:8]]
    shown = rows(diff(left, right))
    [moved] = diff(left, right).changes
    assert moved.kind == "moved"
    kinds = [shown[at].kind for at in shown.places(0)]
    assert kinds == ["moved", "moved"]
    assert shown.places(0)[0] == shown.starts[0]
    assert shown.places(1) == ()


def test_only_pages_that_have_a_change_are_gone_through_for_its_places() -> None:
    """All were, each time that a moved row became current: 5 ms with 100,000 moves."""
    left = [{"id": at} for at in range(4 * layout.PAGE)]
    shown = rows(diff(left, list(reversed(left))))
    pages, moves = shown._layout.pages, range(len(shown.starts))
    assert len(pages) > 8
    assert all(len(shown.places(move)) == 2 for move in moves)
    gone_through = sum(page.folded.may_have(move) for move in moves for page in pages)
    assert 2 * len(moves) <= gone_through < 2.1 * len(moves)
