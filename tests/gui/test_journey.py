"""The way back, and forward again."""

from __future__ import annotations

from gui.jobs import Ref
from gui.journey import MOST_PLACES, NOWHERE, Journey, Place

HERE, THERE, YONDER = (Place("acme", entry) for entry in ("users", "config", "list"))


def journey(*places: Place) -> Journey:
    made = Journey()
    for place in places:
        made.go(place)
    return made


def test_a_place_names_an_entry_or_none() -> None:
    assert Place("acme", "users", "d1").ref == Ref("acme", "users", "d1")
    assert Place("acme").ref is None
    assert NOWHERE.ref is None


def test_nowhere_is_no_place_to_come_back_to() -> None:
    made = journey(HERE)
    assert not made.can_go_back
    made.step(-1)
    assert made.place == HERE


def test_one_goes_back_and_forward_as_far_as_one_was() -> None:
    made = journey(HERE, THERE)
    made.step(-1)
    assert (made.place, made.can_go_back, made.can_go_forward) == (HERE, False, True)
    made.step(1)
    made.step(1)
    assert (made.place, made.can_go_back, made.can_go_forward) == (THERE, True, False)


def test_going_elsewhere_forgets_what_lay_ahead() -> None:
    made = journey(HERE, THERE)
    made.step(-1)
    made.go(YONDER)
    assert not made.can_go_forward
    made.step(-1)
    assert made.place == HERE


def test_a_step_that_is_not_remembered_takes_the_place_of_the_one_before() -> None:
    made = journey(HERE, THERE)
    made.go(YONDER, remember=False)
    made.step(-1)
    assert made.place == HERE


def test_a_long_journey_forgets_how_it_began() -> None:
    made = journey(*(Place("acme", str(number)) for number in range(MOST_PLACES + 9)))
    for _ in range(2 * MOST_PLACES):
        made.step(-1)
    assert made.place == Place("acme", "9")
