"""Python's own types: they come back as themselves, look-alikes stay apart, nothing is executed."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntFlag
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbengine import DbEngine, InvalidArgument, InvalidValue, Shared, Snapshot, show_path, tags
from dbengine.codec import MAX_DEPTH
from dbengine.tags import Decoder, Encoder, Types
from tests.dbengine.strategies import (
    CLASSES,
    Colour,
    Person,
    Point,
    Size,
    json_values,
    python_values,
    texts,
)


def no_shared(digest: str) -> Any:
    raise AssertionError(digest)


KNOWING = Decoder(Types(CLASSES), no_shared)
PLAIN = Decoder(Types(), no_shared)


def shape(value: Any) -> Any:
    """A value with the exact type of every part, for comparison."""
    if isinstance(value, dict):
        return "dict", [(key, shape(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [shape(item) for item in value]
    if isinstance(value, set | frozenset):
        return type(value), sorted(repr(shape(item)) for item in value)
    if isinstance(value, Person):
        return Person, value.name, shape(value.tags)
    if isinstance(value, Point):
        return Point, shape(value.x), shape(value.y)
    return type(value), repr(value)


@given(python_values)
def test_every_value_comes_back_with_its_types(value: Any) -> None:
    assert repr(shape(KNOWING.decode(Encoder().encode(value)))) == repr(shape(value))


@given(python_values)
def test_what_is_stored_is_plain_json(value: Any) -> None:
    def check(part: Any) -> None:
        assert type(part) in (dict, list, str, int, float, bool, type(None))
        for inner in part.values() if type(part) is dict else part if type(part) is list else ():
            check(inner)

    check(Encoder().encode(value))


@given(python_values)
def test_raw_json_written_back_is_the_same(value: Any) -> None:
    raw = Encoder().encode(value)
    encoder = Encoder(raw=True)
    assert repr(encoder.encode(raw)) == repr(raw)


@given(st.dictionaries(texts, python_values, max_size=8))
def test_many_records_are_encoded_as_few_are(items: dict[str, Any]) -> None:
    at_once, in_batches = Encoder(), Encoder()
    few = at_once.records(items)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tags, "_BATCH", 3)
        many = in_batches.records(MappingProxyType(items))
    assert repr(many) == repr(few)
    assert in_batches.tagged == at_once.tagged


def test_many_records_that_hold_themselves_are_refused() -> None:
    items: dict[str, Any] = {str(number): number for number in range(1001)}
    items["all"] = [items]
    with pytest.raises(InvalidValue, match=r"contains itself at \$\.all\[0\]"):
        Encoder().records(items)


@pytest.mark.parametrize("key", ["", "k", "key"])
def test_levels_are_counted_however_short_they_are(key: str) -> None:
    value: Any = {}
    for _level in range(MAX_DEPTH - 1):
        value = {key: value}
    assert Encoder().encode(value) == value
    with pytest.raises(InvalidValue, match="More than 200 levels"):
        Encoder().encode({key: value})


@given(json_values)
def test_plain_json_is_stored_as_it_is_unless_it_looks_like_a_tag(value: Any) -> None:
    encoder = Encoder()
    encoded = encoder.encode(value)
    assert encoder.tagged == ("'__type__':" in repr(encoded))
    if not encoder.tagged:
        assert repr(encoded) == repr(value)
    assert repr(PLAIN.decode(encoded)) == repr(value)


@given(python_values)
def test_the_same_value_is_encoded_the_same_twice(value: Any) -> None:
    once = Encoder().encode(value)
    assert repr(Encoder().encode(KNOWING.decode(once))) == repr(once)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Colour.RED, "red"),
        (Colour.PAIR, (1, 2)),
        (Size.SMALL, 1),
        (Person("ann", [Point(1, (2,))]), {"name": "ann", "tags": [{"x": 1, "y": (2,)}]}),
        ({Point(1, 2)}, [{"x": 1, "y": 2}]),  # a set cannot hold dicts
    ],
)
def test_an_unregistered_class_comes_back_plain(db: DbEngine, value: Any, plain: Any) -> None:
    db.save("t", "ann", "n", [value])
    assert repr(db.load("t", "n")) == repr([plain])
    raw = db.load("t", "n", raw=True)
    head = db.get_digest("t", "n")
    assert db.save("t", "ben", "n", raw, raw=True) == head
    with DbEngine(db.root, types=CLASSES) as knowing:
        assert knowing.load("t", "n") == [value]


def test_a_saved_dataclass_loads_as_itself_or_as_a_snapshot(db: DbEngine) -> None:
    digest = db.save("t", "ann", "n", Person("ann"))
    loaded = db.load("t", "n")
    assert (type(loaded), loaded, loaded.digest) == (
        Snapshot,
        {"name": "ann", "tags": []},
        digest,
    )
    with DbEngine(db.root, types=[Person]) as knowing:
        assert knowing.load("t", "n") == Person("ann")


@pytest.mark.parametrize(
    "value",
    [
        OrderedDict(a=1),
        MappingProxyType({"a": 1}),
        namedtuple("Pair", "a b")(1, 2),
        datetime(2026, 3, 1, 12, tzinfo=ZoneInfo("Europe/Berlin")),
        time(1, 2, tzinfo=timezone(timedelta(hours=1))),
        IntFlag("Flags", "A B")(3),
        type("Text", (str,), {})("x"),
        type("Number", (int,), {})(5),
        type("Real", (float,), {})(0.5),
        Decimal("-0"),
        Decimal("1E+400"),
        b"",
        date.min,
        datetime.max.replace(tzinfo=UTC),
        UUID(int=0),
    ],
    ids=repr,
)
def test_relatives_of_known_types_come_back_equal(db: DbEngine, value: Any) -> None:
    db.save("t", "ann", "n", [value])
    assert db.load("t", "n") == [value]


def test_what_a_tag_names_is_never_imported_or_called(db: DbEngine) -> None:
    tag = {"__type__": "dataclass:os.system", "value": {"command": "true"}}
    db.save("t", "ann", "n", [tag], raw=True)
    assert db.load("t", "n") == [{"command": "true"}]


def test_a_registered_class_is_made_without_its_own_code(root: Path) -> None:
    @dataclass
    class Loud:
        x: int

        def __post_init__(self) -> None:
            raise AssertionError

    quiet = object.__new__(Loud)
    quiet.x = 5
    with DbEngine(root, types=[Loud]) as db:
        db.init("t")
        db.put("t", "ann", "n", "a", quiet)
        assert db.get("t", "n", "a") == quiet


def test_a_class_that_grew_a_field_uses_its_default_or_says_what_to_do(root: Path) -> None:
    with DbEngine(root) as db:
        db.init("t")
        raw = {"__type__": "dataclass:Person", "value": {"name": "ann"}}
        db.put("t", "ann", "n", "a", raw, raw=True)
        raw["value"] = {"tags": []}
        db.put("t", "ann", "n", "b", raw, raw=True)
    with DbEngine(root, types=[Person]) as db:
        assert db.get("t", "n", "a") == Person("ann", [])
        with pytest.raises(InvalidValue, match="has no field 'name'"):
            db.get("t", "n", "b")


def test_two_classes_of_one_name_cannot_both_be_registered() -> None:
    class Size(Enum):
        BIG = 1

    with pytest.raises(InvalidArgument, match="Two registered classes are called Size"):
        Types([*CLASSES, Size])


def test_a_shared_value_is_stored_once_for_all_tenants(db: DbEngine, root: Path) -> None:
    big = {"table": list(range(500)), "when": date(2026, 1, 1)}
    db.init("u")
    db.save("t", "ann", "n", {"a": Shared(big), "b": 1})
    db.put("u", "ben", "m", "x", Shared(big))
    assert db.load("t", "n") == {"a": big, "b": 1}
    assert db.get("u", "m", "x") == big
    [shared] = [p for p in (root / "refs").glob("*/*") if p.parent.name != "tmp"]
    assert db.get("t", "n", "a", raw=True) == {"__type__": "shared", "value": shared.name}
    db.close()
    assert not any("table" in p.read_text() for p in (root / "t" / "objects").rglob("*/*"))


def test_shared_values_nest_and_may_be_all_there_is(db: DbEngine) -> None:
    db.save("t", "ann", "n", Shared({"inner": Shared((1, 2))}))
    assert db.load("t", "n") == {"inner": (1, 2)}
    assert type(db.load("t", "n")) is Snapshot


def test_sharing_what_is_there_already_is_no_change(db: DbEngine) -> None:
    """Plain to shared was a new version, whose records all compared equal."""
    plain = db.save("t", "ann", "n", {"a": [1], "b": 2})
    assert db.save("t", "ann", "n", {"a": Shared([1]), "b": 2}) == plain
    assert not db.put("t", "ann", "n", "a", Shared([1]))
    shared = db.save("t", "ann", "m", {"a": Shared([1]), "b": Shared(Shared(2))})
    assert db.save("t", "ann", "m", {"a": [1], "b": 2}) == shared
    db.save("t", "ann", "m", {"a": [1], "b": 3})
    assert db.get("t", "m", "a", raw=True)["__type__"] == "shared"


def test_putting_plainly_what_is_shared_already_is_no_change(db: DbEngine) -> None:
    """Only a value with a tag of its own was compared with what the old one's tag stands for."""
    db.save("t", "ann", "n", {"a": Shared([1]), "b": 2})
    assert not db.put("t", "ann", "n", "a", [1])
    with DbEngine(db.root) as other:
        assert not other.put("t", "ann", "n", "a", [1])
        assert other.put("t", "ann", "n", "a", [2])


def test_the_order_of_keys_survives_beside_a_shared_value(db: DbEngine) -> None:
    """What was equal but for its order kept the old one, as soon as anything had a tag."""
    db.save("t", "ann", "n", {"s": Shared([1]), "a": {"x": 1, "y": 2}, "b": 1})
    db.save("t", "ann", "n", {"s": Shared([1]), "a": {"y": 2, "x": 1}, "b": 2})
    assert list(db.get("t", "n", "a")) == ["y", "x"]
    db.put_many("t", "ann", "n", {"a": {"x": 1, "y": 2}, "b": Shared([2])})
    assert list(db.get("t", "n", "a")) == ["x", "y"]
    assert not db.put("t", "ann", "n", "a", {"y": 2, "x": 1})


def test_a_users_dict_that_looks_like_a_shared_value_is_only_data(db: DbEngine) -> None:
    """Comparing it with itself looked for the shared object that it seems to name."""
    value = {"a": {"__type__": "shared", "value": "not a digest"}, "b": 1}
    digest = db.save("t", "ann", "n", value)
    assert db.save("t", "ann", "n", value) == digest
    assert db.put("t", "ann", "n", "b", 2)
    assert db.load("t", "n")["a"] == value["a"]
    assert db.verify().ok


def test_a_missing_shared_value_is_found_by_verify(db: DbEngine, root: Path) -> None:
    """Versions that could not be read any more passed as sound."""
    db.save("t", "ann", "sound", 1)
    hurt = db.save("t", "ann", "n", {"a": Shared({"b": Shared([1, 2, 3])})})
    [inner] = [p for p in (root / "refs").glob("??/*") if p.read_bytes() == b"[1,2,3]"]
    inner.unlink()
    [problem] = db.verify().problems
    assert (problem.tenant, problem.entry, problem.digest) == ("t", "n", hurt)
    assert inner.name in problem.message


def test_a_value_met_twice_is_no_circle(db: DbEngine) -> None:
    part = [1, datetime(2026, 1, 1)]
    db.save("t", "ann", "n", [part, part, {"a": part}])
    assert db.load("t", "n") == [part, part, {"a": part}]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "$"),
        (("a", 0, "b c"), '$.a[0]["b c"]'),
        (("", "é"), '$[""].é'),
    ],
)
def test_paths_are_shown_as_people_write_them(path: tuple[str | int, ...], text: str) -> None:
    assert show_path(path) == text
