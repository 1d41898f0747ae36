"""What the rows of a comparison say beside the text of both documents."""

from __future__ import annotations

from typing import Any

import pytest

from dbengine.diff import Row, diff, rows
from gui.models.noted import Noted


def fire(name: str, **more: Any) -> dict[str, Any]:
    """A record that is long enough for its name to be folded."""
    return {"Name": name, **{f"field {at}": f"{name} {at}" for at in range(9)}, **more}


def noted(left: Any, right: Any) -> Noted:
    found = diff(left, right)
    return Noted(rows(found), found)


def hints(shown: Noted, side: str) -> list[str]:
    lines = [getattr(row, side) for row in shown]
    return [line.hint for line in lines if line is not None and line.hint]


FIRES = [fire("Agua", acres=300), fire("Oak", acres=1), fire("Mill", acres=2), fire("Dixie")]


def test_an_item_whose_name_is_folded_says_it() -> None:
    after = [FIRES[0], {**FIRES[1], "acres": 5}, *FIRES[2:]]
    shown = noted(FIRES, after)
    assert hints(shown, "left") == ["Oak"]
    assert hints(shown, "right") == ["Oak", "+4"]


def test_an_item_whose_name_can_be_seen_does_not() -> None:
    shown = noted([{"name": "Agua", "acres": 1}], [{"name": "Agua", "acres": 2}])
    assert hints(shown, "left") == []


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"id": 7, "title": "A report"}, "A report"),
        ({"ID": 7}, "7"),
        ({"id": True, "name": "  "}, ""),
        (
            {"name": "two\nlines " + "and many letters " * 9},
            "two lines and many letters and many let…",
        ),
        ({"name": ["x"]}, ""),
    ],
)
def test_a_name_is_what_people_know_the_item_by(item: dict[str, Any], name: str) -> None:
    rest = {f"field {at}": at for at in range(9)}
    shown = noted([{**item, **rest, "last": 1}], [{**item, **rest, "last": 2}])
    assert hints(shown, "left") == ([name] if name else [])


def test_a_record_of_a_dict_is_known_by_its_key() -> None:
    assert hints(noted({"oak": FIRES[1]}, {"oak": {**FIRES[1], "acres": 5}}), "left") == []


def moved() -> Noted:
    """The first fire goes last, and two of its fields change on the way."""
    before = [{**FIRES[0], "crews": None}, *FIRES[1:]]
    return noted(before, [*FIRES[1:], {**FIRES[0], "acres": 425, "crews": 3}])


def test_a_moved_item_says_where_it_is_now_and_where_it_was() -> None:
    assert hints(moved(), "left")[0] == "Agua · now [3]"
    assert hints(moved(), "right")[0] == "Agua · was [0]"


def test_an_edit_inside_a_moved_item_tells_the_value_of_the_other_side() -> None:
    assert hints(moved(), "left")[1:] == ["→ 425", "→ 3"]
    assert hints(moved(), "right")[1:] == ["was 300 · +125", "null → integer"]


def test_a_moved_plain_value_says_where_it_went() -> None:
    left = ["a", "b", "c", "d", "e"]
    shown = noted(left, ["b", "c", "d", "e", "a"])
    assert hints(shown, "left") == ["now [4]"]
    assert hints(shown, "right") == ["was [0]"]


def test_a_key_that_only_stands_elsewhere_gets_no_note() -> None:
    shown = noted({"a": 1, "b": 2, "c": 3, "x": 1}, {"b": 2, "c": 3, "a": 1, "x": 2})
    assert "moved" in {row.kind for row in shown}
    assert hints(shown, "left") == []


def test_a_container_inside_a_moved_item_that_became_a_value_is_left_as_it_is() -> None:
    shown = noted([fire("Oak", at=[1]), *FIRES[2:]], [*FIRES[2:], fire("Oak", at=1)])
    assert [hint for hint in hints(shown, "left") if "→" in hint] == []


def test_starts_marks_and_folds_are_those_of_the_rows() -> None:
    shown = moved()
    plain = rows(diff(FIRES, FIRES[::-1]))
    other = Noted(plain, diff(FIRES, FIRES[::-1]))
    assert (other.starts, other.marks, len(other)) == (plain.starts, plain.marks, len(plain))
    fold = [row.kind for row in shown].index("fold")
    opened = shown.toggle(fold)
    assert len(opened) > len(shown)
    assert isinstance(opened[fold], Row)
    assert opened[fold].kind != "fold"
    assert hints(opened, "left")[0] == "now [3]"
