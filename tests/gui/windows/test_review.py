"""What a write will change, shown before it is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dbengine.diff import diff, rows
from gui.edits import Comparison
from gui.windows.review import Review


def comparison(left: object, right: object) -> Comparison:
    found = diff(left, right)
    return Comparison(None, None, None, None, rows(found), rows(found).unfold_all(), found)


@pytest.fixture
def review(qtbot: QtBot) -> Iterator[Review]:
    review = Review("Restore", "An old version", "Restore")
    qtbot.addWidget(review)
    review.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    review.show()
    yield review


def test_nothing_can_be_written_before_it_is_shown(review: Review) -> None:
    assert not review.ready()


def test_changes_are_counted_and_shown(review: Review) -> None:
    review.show_comparison(comparison({"a": 1, "b": 1}, {"a": 2, "b": 2}))
    assert review.ready()
    assert review._summary.text() == "2 changes"
    assert review.view.row_count() > 0


def test_no_change_is_nothing_to_write(review: Review) -> None:
    review.show_comparison(comparison({"a": 1}, {"a": 1}))
    assert not review.ready()
    assert review._pages.state.title() == "Nothing would change"


def test_a_problem_is_told_in_place(review: Review) -> None:
    review.show_comparison(comparison({"a": 1}, {"a": 2}))
    review.show_problem("The disk is full")
    assert not review.ready()
    assert review._pages.state.text() == "The disk is full"


def test_one_record_is_not_offered_to_be_ticked(review: Review) -> None:
    review.offer_records([("john", "changed")])
    assert review.offered() == []
    assert review.keys() is None


def test_all_ticked_means_all_whatever_they_are(review: Review) -> None:
    review.offer_records([("john", "changed"), ("jane", "added")])
    assert review.keys() is None
    with_signal: list[object] = []
    review.keys_changed.connect(with_signal.append)
    review.tick(["jane"])
    assert with_signal == [("jane",)]
    assert review.keys() == ("jane",)


def test_what_was_unticked_stays_so_when_records_are_offered_again(review: Review) -> None:
    records = [("john", "changed"), ("jane", "added")]
    review.offer_records(records)
    review.tick(["jane"])
    review.offer_records(records)
    assert review.keys() == ("jane",)


def test_a_note_is_trimmed(review: Review) -> None:
    review._note.setText("  why ")
    assert review.note == "why"
