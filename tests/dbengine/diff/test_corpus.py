"""Documents with a known edit script: the comparison finds that script and nothing more."""

from __future__ import annotations

import copy
import random
from collections import Counter
from typing import Any

import pytest

from dbengine.diff import diff
from tests.dbengine.diff.helpers import apply_patch, strict

CITIES = ("Porto", "Graz", "Lyon", "Turku", "Split")


def record(numbers: random.Random, at: int, *, ids: bool = True) -> dict[str, Any]:
    fields = {
        "email": f"u{numbers.randrange(10**9)}@example.org",
        "age": numbers.randrange(90),
        "score": numbers.random(),
        "active": at % 2 == 0,
        "tags": ["a", str(numbers.randrange(5))],
        "address": {"city": numbers.choice(CITIES), "zip": str(numbers.randrange(10**5))},
        "note": None,
    }
    return {"id": at, **fields} if ids else fields


def records(count: int, *, ids: bool = True, seed: int = 7) -> list[dict[str, Any]]:
    numbers = random.Random(seed)
    return [record(numbers, at, ids=ids) for at in range(count)]


def told(left: Any, right: Any) -> list[tuple[str, Any, Any]]:
    found = diff(left, right)
    assert strict(found.apply(left)) == strict(right)
    assert strict(apply_patch(left, found.patch())) == strict(right)
    return [(change.kind, change.left_path, change.right_path) for change in found.changes]


def test_an_insert_at_the_front_is_one_insert() -> None:
    for ids in (True, False):
        left = records(300, ids=ids)
        right = [record(random.Random(99), 10_000, ids=ids), *left]
        assert told(left, right) == [("added", None, (0,))]


def test_a_deletion_is_one_removal() -> None:
    for ids in (True, False):
        left = records(300, ids=ids)
        assert told(left, left[:100] + left[101:]) == [("removed", (100,), None)]


def test_an_edit_is_told_where_it_is() -> None:
    for ids in (True, False):
        left = records(300, ids=ids)
        right = copy.deepcopy(left)
        right[150]["address"]["city"] = "Bergen"
        path = (150, "address", "city")
        assert told(left, right) == [("changed", path, path)]


def test_an_edit_behind_an_insert_has_a_path_on_either_side() -> None:
    for ids in (True, False):
        left = records(50, ids=ids)
        right = [record(random.Random(99), 10_000, ids=ids), *copy.deepcopy(left)]
        right[31]["age"] = 200
        assert told(left, right) == [
            ("added", None, (0,)),
            ("changed", (30, "age"), (31, "age")),
        ]


def test_a_move_is_one_move() -> None:
    for ids in (True, False):
        left = records(100, ids=ids)
        right = [left[80], *left[:80], *left[81:]]
        assert told(left, right) == [("moved", (80,), (0,))]


def test_an_item_moved_and_edited_is_a_move_and_the_edit_in_it() -> None:
    for ids in (True, False):
        left = records(100, ids=ids)
        right = copy.deepcopy([left[80], *left[:80], *left[81:]])
        right[0]["age"] = 200
        assert told(left, right) == [
            ("moved", (80,), (0,)),
            ("changed", (80, "age"), (0, "age")),
        ]


def test_a_shuffle_moves_all_but_the_longest_part_in_order() -> None:
    assert Counter(k for k, *_ in told([1, 2, 3, 4, 5], [5, 1, 2, 3, 4])) == {"moved": 1}
    assert Counter(k for k, *_ in told(list("abcdef"), list("fedcba"))) == {"moved": 5}
    left = records(40)
    order = [*range(0, 40, 2), *range(1, 40, 2)]
    assert Counter(k for k, *_ in told(left, [left[n] for n in order])) == {"moved": 19}


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_thirty_mixed_changes_are_thirty(seed: int, ids: bool) -> None:
    """Places that do not touch each other, so that the script is the only answer."""
    numbers = random.Random(seed)
    left = records(1000, ids=ids, seed=seed)
    places = numbers.sample(range(5, 990, 5), 30)
    right: list[Any] = copy.deepcopy(left)
    for at in places[:10]:
        right[at]["age"] += 1000
    for at in places[10:15]:
        right[at]["tags"].append("new")
    gone = {at: right[at] for at in places[15:25]}
    targets = dict(zip(places[25:], gone.values(), strict=False))  # five of them are moves
    result: list[Any] = []
    for at, item in enumerate(right):
        if at in targets:
            result.append(targets[at])
        if at not in gone:
            result.append(item)
    found = Counter(kind for kind, *_ in told(left, result))
    assert found == {"changed": 10, "added": 5, "removed": 5, "moved": 5}


def test_regenerated_ids_are_one_change_a_record() -> None:
    left = records(200)
    right = [{**item, "id": item["id"] + 5000} for item in left]
    assert Counter(kind for kind, *_ in told(left, right)) == {"changed": 200}


def test_records_with_other_ids_are_others_however_alike() -> None:
    left = [{"id": at, "a": None, "b": None, "c": None, "d": None, "v": at} for at in range(3)]
    right = [{**item, "id": item["id"] + 10, "v": -1} for item in left]
    assert Counter(kind for kind, *_ in told(left, right)) == {"removed": 3, "added": 3}


def test_a_regenerated_id_does_not_hide_a_stable_one() -> None:
    left = [{"uuid": f"x{at}", "sku": at, "v": at} for at in range(30)]
    right = [{"uuid": f"y{at}", "sku": at, "v": -1} for at in range(30)]
    assert Counter(kind for kind, *_ in told(left, right)) == {"changed": 60}


def test_records_with_partial_and_duplicate_ids_keep_together() -> None:
    left = records(100)
    left[50]["id"] = left[51]["id"] = 7000
    del left[20]["id"]
    right = copy.deepcopy(left)
    right[51]["age"] = right[20]["age"] = 500
    assert sorted(told(left, right)) == [
        ("changed", (20, "age"), (20, "age")),
        ("changed", (51, "age"), (51, "age")),
    ]


def test_another_id_is_another_record() -> None:
    left = records(20)
    right = [*left[:10], {**left[10], "id": 900, "age": 1, "email": "x"}, *left[11:]]
    assert told(left, right) == [("removed", (10,), None), ("added", None, (10,))]


def test_an_id_may_have_another_name() -> None:
    for field in ("_id", "UniqueId", "uuid", "sku", "order_id", "name"):
        left = [{field: f"k{at}", "v": at, "w": [at]} for at in range(30)]
        right = copy.deepcopy(left[::-1])
        for item in right:
            item["v"], item["w"] = -1, []
        assert "added" not in Counter(kind for kind, *_ in told(left, right))


def test_keys_of_a_config_are_told_one_by_one() -> None:
    left = {"theme": "dark", "net": {"port": 80, "hosts": ["a", "b"]}, "old": 1, "same": {"x": 1}}
    right = {"theme": "light", "net": {"port": "80", "hosts": ["a", "c", "b"]}, "same": {"x": 1}}
    assert told(left, right) == [
        ("changed", ("theme",), ("theme",)),
        ("type_changed", ("net", "port"), ("net", "port")),
        ("added", None, ("net", "hosts", 1)),
        ("removed", ("old",), None),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_config_edited_by_a_script_tells_the_script(seed: int) -> None:
    numbers = random.Random(seed)
    left: dict[str, Any] = {
        f"section {at}": {f"option {n}": numbers.choice([n, str(n), n / 7]) for n in range(20)}
        for at in range(30)
    }
    right = copy.deepcopy(left)
    script = []
    for at, section in enumerate(numbers.sample(list(left), 20)):
        path = (section, f"option {numbers.randrange(20)}")
        if at < 8:
            right[section][path[1]] = "edited"
            script.append((path, path))
        elif at < 14:
            del right[section][path[1]]
            script.append((path, None))
        else:
            right[section]["new"] = at
            script.append((None, (section, "new")))
    found = told(left, right)
    assert {(was, now) for _, was, now in found} == set(script)
    assert len(found) == len(script)


def test_an_edit_within_a_long_text_is_one_change_wherever_it_is() -> None:
    numbers = random.Random(11)
    texts = [" ".join(str(numbers.random()) for _ in range(2000)) for _ in range(4)]
    left = {"id": 1, "body": texts[0], "notes": texts[1:]}
    right = copy.deepcopy(left)
    right["body"] = texts[0][:9000] + "EDITED" + texts[0][9000:]
    right["notes"] = [texts[1], texts[2][:-5], texts[3]]
    assert told(left, right) == [
        ("changed", ("body",), ("body",)),
        ("changed", ("notes", 1), ("notes", 1)),
    ]


def test_texts_that_look_alike_are_not_equal() -> None:
    """A composed letter and its parts, a lone surrogate, NUL: as keys and as values."""
    left = {"\u00e9": 1, "k": "\u00e9", "s": "\ud800", "n": "a\x00b", "": {"": [""]}}
    right = {"e\u0301": 1, "k": "e\u0301", "s": "\ud801", "n": "a\x00c", "": {"": ["x"]}}
    assert sorted(told(left, right), key=repr) == sorted(
        [
            ("removed", ("\u00e9",), None),
            ("added", None, ("e\u0301",)),
            *(("changed", path, path) for path in (("k",), ("s",), ("n",), ("", "", 0))),
        ],
        key=repr,
    )


def test_nested_lists_are_aligned_at_each_level() -> None:
    left = [[row * 10 + column for column in range(10)] for row in range(10)]
    right = copy.deepcopy(left)
    right[4].insert(0, -1)
    right.pop(7)
    assert told(left, right) == [("added", None, (4, 0)), ("removed", (7,), None)]


def test_an_edited_string_in_a_list_stays_one_edit() -> None:
    left = ["the quick brown fox", "jumps over", "the lazy dog"]
    right = ["a new line", "the quick brown cat", "jumps over", "the lazy dog"]
    assert told(left, right) == [("added", None, (0,)), ("changed", (0,), (1,))]


def test_equal_records_with_other_key_orders_are_aligned() -> None:
    left = records(60, ids=False)
    right = [dict(reversed(item.items())) for item in left]
    right.insert(30, record(random.Random(3), 5, ids=False))
    right[10]["age"] = -5
    assert told(left, right) == [
        ("changed", (10, "age"), (10, "age")),
        ("added", None, (30,)),
    ]


def test_a_number_that_turns_up_in_another_gap_is_not_called_a_move() -> None:
    assert told([1, 5, 2, 3, 7, 4], [1, 7, 2, 3, 9, 4]) == [
        ("changed", (1,), (1,)),
        ("changed", (4,), (4,)),
    ]


def test_a_change_says_old_and_new() -> None:
    (change,) = diff({"a": 1}, {"a": 2}).changes
    assert (change.old, change.new) == (1, 2)
    assert repr(change) == "<changed ('a',) ('a',): 1 → 2>"
