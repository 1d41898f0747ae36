"""A value that is much like the one before: what of it is looked at, and that all is exact."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbengine import DbEngine, InvalidValue, codec, tags
from dbengine.model import Json
from dbengine.store import MemoryStore
from dbengine.tree import Following, Form, Sealed, Whole, compare, follow, patch, sealed
from dbengine.tree.patch import exact
from dbengine.tree.sealed import Items, Keys
from tests.dbengine.strategies import json_values

LONG = st.sampled_from(["calm " * 100, "storm " * 100, "rain " * 60])
ITEMS = st.lists(st.fixed_dictionaries({"id": st.integers(0, 9), "text": LONG}), max_size=40)
BIG = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "ö"]),
    LONG | ITEMS | json_values | st.dictionaries(st.sampled_from("xyz"), LONG | ITEMS, max_size=3),
    max_size=5,
)
PAD = "calm " * 1000


def seal(json: Json) -> Sealed:
    """With something in it that makes it long enough to be sealed."""
    form: Form = "records" if isinstance(json, dict) else "value"
    found = sealed.seal(Whole(form, json, tagged=False))
    assert found is not None
    return found


def changed(before: Json, new: Following) -> Json:
    """What a reader makes of the change."""
    return patch.apply(patch.copy(before), patch.copy(new.change or ["keys", {}]))


@given(BIG, st.lists(BIG, min_size=1, max_size=3))
def test_what_follows_is_exactly_the_new_value_and_told_as_a_comparison_tells_it(
    first: Json, later: list[Json]
) -> None:
    old, before = seal(first | {"pad": PAD}), first | {"pad": PAD}
    for value in later:
        after = {key: value[key] for key in before if key in value} | {"pad": PAD} | value
        new = follow(old, after)
        if new is None:
            continue  # another order of keys, or what looks like a tag
        assert exact(new.json) == exact(after)
        assert (new.size, new.count) == (len(codec.dump(after)), len(after))
        assert new.delta == compare(Whole("records", before), Whole("records", after))[0]
        assert exact(changed(before, new)) == exact(after)
        old, before = Sealed(new.part, new.size), after


@given(ITEMS, ITEMS, ITEMS, ITEMS)
def test_items_may_come_and_go_anywhere(front: Json, middle: Json, back: Json, new: Json) -> None:
    before = {"items": [*front, *middle, *back], "pad": PAD}
    old = seal(before)
    for items in ([*new, *middle, *back], [*front, *new, *back], [*front, *middle, *new], new, []):
        after = follow(old, {"items": items, "pad": PAD})
        assert after is not None
        assert exact(after.json) == exact({"items": items, "pad": PAD})
        assert after.size == len(codec.dump({"items": items, "pad": PAD}))
        assert exact(changed(before, after)["items"]) == exact(items)


@given(st.lists(ITEMS | st.lists(json_values), min_size=2, max_size=4))
def test_a_list_follows_like_a_dict(states: Json) -> None:
    before: Json = [PAD, *states[0]]
    old = seal(before)
    for state in states[1:]:
        after = [*state[:2], PAD, *state[2:]]
        new = follow(old, after)
        if new is None:
            return  # what looks like a tag
        assert exact(new.json) == exact(after)
        assert (new.size, new.count) == (len(codec.dump(after)), len(after))
        assert new.delta == compare(Whole("value", before), Whole("value", after))[0]
        if new.change is not None:
            assert exact(changed(before, new)) == exact(after)
        old, before = Sealed(new.part, new.size), after


@given(BIG, st.lists(BIG, min_size=1, max_size=6))
def test_a_history_of_saves_reads_back_exactly_however_small_the_parts(
    first: Json, later: list[Json]
) -> None:
    db = DbEngine(store=MemoryStore())
    db.init("t")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sealed, "_PART", 64)
        saved = {db.save("t", "ann", "n", value): value for value in [first, *later]}
    for digest, value in saved.items():
        assert db.load("t", "n", digest) == value
        stored = codec.dump(db.load("t", "n", digest, raw=True))
        assert db.info("t", "n", digest).size == len(stored)


def record(number: int, name: str = "calm") -> dict[str, Any]:
    return {"id": number, "name": name, "tags": ["customer", f"group-{number % 50}"]}


def document(count: int = 1000) -> dict[str, Any]:
    return {"title": "A document", "items": [record(n) for n in range(count)], "pad": PAD}


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long the parts are that were checked and copied."""
    lengths: list[int] = []
    plain = sealed.plain

    def counting(value: Any, levels: int) -> Any:
        lengths.append(len(codec.dump(value)))
        return plain(value, levels)

    monkeypatch.setattr(sealed, "plain", counting)
    monkeypatch.setattr(tags, "plain", counting)
    return lengths


@pytest.fixture
def db() -> DbEngine:
    db = DbEngine(store=MemoryStore())
    db.init("t")
    return db


def test_of_a_document_saved_again_only_the_part_around_the_change_is_checked(
    db: DbEngine, checked: list[int]
) -> None:
    given = document()
    db.save("t", "ann", "n", given)
    assert max(checked) > 50_000  # the first time, all of it
    checked.clear()
    given["items"][700]["name"] = "storm"
    db.save("t", "ann", "n", given)
    assert 0 < sum(checked) < 5_000
    assert db.load("t", "n") == given


def test_nothing_of_a_document_saved_again_unchanged_is_checked(
    db: DbEngine, checked: list[int]
) -> None:
    db.save("t", "ann", "n", document())
    checked.clear()
    head = db.get_digest("t", "n")
    assert db.save("t", "bob", "n", document()) == head
    assert checked == []


def test_a_new_item_at_the_front_or_the_end_leaves_the_rest_alone(
    db: DbEngine, checked: list[int]
) -> None:
    given = document()
    db.save("t", "ann", "n", given)
    for number in range(50):
        checked.clear()
        given["items"].insert(0 if number % 2 else len(given["items"]), record(5000 + number))
        db.save("t", "ann", "n", given)
        assert 0 < sum(checked) < 8_000
    assert db.load("t", "n") == given


def test_a_big_list_moved_on_by_one_is_told_as_that(db: DbEngine) -> None:
    old = seal(document())
    moved = document() | {"items": [*document()["items"][1:], record(5000)]}
    new = follow(old, moved)
    assert new is not None
    assert new.change == ["keys", {"items": ["items", [[1, 999], ["new", record(5000)]]]}]


def chunks(content: Sealed) -> list[bytes]:
    """Those of the document's items."""
    assert isinstance(content.part, Keys)
    items = content.part.parts["items"]
    assert isinstance(items, Items)
    return items.chunks


def test_parts_do_not_become_ever_more_and_smaller() -> None:
    content, given = seal(document()), document()
    for number in range(200):
        given["items"].append(record(5000 + number))
        new = follow(content, given)
        assert new is not None
        content = Sealed(new.part, new.size)
    assert len(chunks(content)) < 2 * len(chunks(seal(given)))


class Word(str):
    """A string that is more than a string."""

    __slots__ = ()


class Mood(StrEnum):
    CALM = "calm"


@pytest.mark.parametrize(
    "value",
    [1, True, 1.0, -1.0, 0, 0.0, -0.0, None, [1], (1,), "1", Mood.CALM, "calm", Word("calm")],
)
@pytest.mark.parametrize("before", [1, 1.0, True, 0.0, -0.0, [1], "calm", None])
def test_types_count_in_every_part(db: DbEngine, before: Any, value: Any) -> None:
    def holding(inner: Any) -> dict[str, Any]:
        items: list[Any] = document()["items"]
        items[500]["name"] = inner
        return {"top": inner, "in": {"deep": inner, "pad": PAD}, "items": items, "pad": PAD}

    plain = DbEngine(store=MemoryStore())
    plain.init("t")
    db.save("t", "ann", "n", holding(before))
    db.save("t", "ann", "n", holding(value))
    plain.save("t", "ann", "n", holding(value))
    found, wanted = db.load("t", "n", raw=True), plain.load("t", "n", raw=True)
    assert exact(found) == exact(wanted)


@pytest.mark.parametrize("wrong", [float("nan"), 2**64, "\ud800", {1: 2}, object(), float("inf")])
@pytest.mark.parametrize("place", ["top", "in", "items", "new"])
def test_what_cannot_be_stored_is_refused_in_every_part(
    db: DbEngine, wrong: Any, place: str
) -> None:
    def holding(inner: Any, where: str) -> dict[str, Any]:
        given: dict[str, Any] = document() | {"top": 1, "in": {"deep": 1, "pad": PAD}}
        if where == "items":
            given["items"][500]["name"] = inner
        elif where == "in":
            given["in"]["deep"] = inner
        else:
            given[where] = inner
        return given

    db.save("t", "ann", "n", holding("calm", "top"))
    head = db.get_digest("t", "n")
    with pytest.raises(InvalidValue):
        db.save("t", "ann", "n", holding(wrong, place))
    assert db.get_digest("t", "n") == head


def test_a_key_that_only_equals_a_string_is_what_it_is_without_a_version_before(
    db: DbEngine,
) -> None:
    db.save("t", "ann", "n", document())
    given = {Word(key): value for key, value in document().items()}
    head = db.get_digest("t", "n")
    assert db.save("t", "ann", "n", given) == head
    assert follow(seal(document()), given) is None


def nested(levels: int) -> Json:
    value: Json = PAD
    for _level in range(levels):
        value = {"in": value, "pad": PAD}
    return value


def test_more_levels_than_can_be_stored_are_refused_below_what_is_known(db: DbEngine) -> None:
    given = nested(5)
    db.save("t", "ann", "n", given)
    given["in"]["in"]["in"]["new"] = nested(196)
    db.save("t", "ann", "n", given)
    assert db.load("t", "n") == given
    given["in"]["in"]["in"]["new"] = nested(197)
    with pytest.raises(InvalidValue):
        db.save("t", "ann", "n", given)


def test_what_changes_further_down_than_changes_are_told_is_taken_over(db: DbEngine) -> None:
    given = nested(40)
    inner = given
    for _level in range(39):
        inner = inner["in"]
    db.save("t", "ann", "n", given)
    for number in range(3):
        inner["new"] = number
        digest = db.save("t", "ann", "n", given)
        assert db.load("t", "n", digest) == given
    assert db.info("t", "n").seq == 4


def test_what_was_handed_in_may_be_altered_afterwards(db: DbEngine) -> None:
    given = document()
    db.save("t", "ann", "n", given)
    for name in ("storm", "rain"):
        given["items"][3]["name"] = name
        digest = db.save("t", "ann", "n", given)
        given["items"][3]["name"] = "altered"
        assert db.load("t", "n", digest)["items"][3]["name"] == name
    loaded = db.load("t", "n")
    loaded["items"][3]["name"] = "altered too"
    assert db.load("t", "n")["items"][3]["name"] == "rain"


def test_a_loaded_snapshot_saved_again_is_followed_too(db: DbEngine, checked: list[int]) -> None:
    db.save("t", "ann", "n", document())
    loaded = db.load("t", "n")
    loaded["items"][3]["name"] = "storm"
    checked.clear()
    db.save("t", "ann", "n", loaded)
    assert sum(checked) < 5_000
    assert db.load("t", "n") == loaded


def test_another_handle_in_between_is_seen(db: DbEngine) -> None:
    store = MemoryStore()
    ours, theirs = DbEngine(store=store), DbEngine(store=store)
    ours.init("t")
    ours.save("t", "ann", "n", document())
    theirs.save("t", "bob", "n", document(900))
    ours.save("t", "ann", "n", document())
    assert ours.load("t", "n") == document()
    assert [info.user for info in ours.log("t", "n")] == ["ann", "bob", "ann"]
    assert ours.info("t", "n").changed == 1


def test_a_tag_that_comes_and_goes_is_kept(db: DbEngine) -> None:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    for extra in ({}, {"when": when}, {}, {"when": when}, {"when": {"__type__": "dict"}}):
        db.save("t", "ann", "n", document() | extra)
        assert db.load("t", "n") == document() | extra
