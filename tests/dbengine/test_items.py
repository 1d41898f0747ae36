"""The shapes of records that put_many takes."""

from __future__ import annotations

from enum import StrEnum
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from dbengine import InvalidArgument, InvalidName
from dbengine.items import keyed_items


class Row(NamedTuple):
    key: str
    age: int


class Keyed:
    id = "by attribute"

    def get_key(self) -> str:
        return "by method"


KEYED = Keyed()


@pytest.mark.parametrize(
    ("item", "key"),
    [
        (KEYED, "by method"),
        (SimpleNamespace(key="k", id="i"), "k"),
        (SimpleNamespace(id=12), "12"),
        ({"id": -3, "x": 1}, "-3"),
        ({"key": "k", "id": 1}, "k"),
        (Row("k", 5), "k"),
    ],
)
def test_a_record_says_its_own_key(item: Any, key: str) -> None:
    assert keyed_items([item]) == {key: item}


def test_a_pair_is_a_key_and_a_value() -> None:
    assert keyed_items([("a", 1), ["b", {"id": "not this"}]]) == {"a": 1, "b": {"id": "not this"}}


def test_a_mapping_is_taken_as_it_is() -> None:
    assert keyed_items({"a": {"id": "other"}}) == {"a": {"id": "other"}}


class Word(StrEnum):
    YES = "yes"


def test_the_keys_of_a_mapping_are_the_text_itself() -> None:
    [key] = keyed_items({Word.YES: 1})
    assert (key, type(key)) == ("yes", str)


@pytest.mark.parametrize("key", [None, "", 1, b"x", "\ud800", Word])
def test_one_wrong_key_among_many_of_a_mapping_is_refused(key: Any) -> None:
    with pytest.raises(InvalidName, match="key"):
        keyed_items({"a": 1, "b": 2, key: 3, "c": 4})


@pytest.mark.parametrize("key", [None, "", True, 1.5, b"x"])
def test_a_key_is_text_or_a_whole_number(key: Any) -> None:
    with pytest.raises(InvalidName):
        keyed_items([{"key": key}])


@pytest.mark.parametrize("item", [5, "ab", {}, ("a",), ("a", 1, 2), [], None])
def test_what_carries_no_key_is_refused(item: Any) -> None:
    with pytest.raises(InvalidArgument, match="carries no key"):
        keyed_items([item])


def test_one_key_twice_is_refused_and_named() -> None:
    with pytest.raises(InvalidArgument, match="Two of the records have the key 'a'") as caught:
        keyed_items([("a", 1), {"key": "a"}])
    assert caught.value.key == "a"
