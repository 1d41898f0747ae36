"""Finds the field that tells the items of two lists apart: their id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from typing import Any, Final, NamedTuple, TypeAlias

from dbengine.diff.strict import Tick, parts
from dbengine.model import Json

ID_FIELDS: Final = ("id", "uuid", "guid", "uid", "uniqueid", "pk", "key", "sku", "code", "slug")
NAME_FIELDS: Final = ("name", "title", "label")
"""Names are edited like anything else, so items whose names differ may still be alike."""

MOSTLY: Final = 0.8
"""A field is an id where so many of the items have a value in it that no other item has."""

MOST: Final = 8
"""So many fields of each sort are tried: an item may have thousands that end in "id"."""

LARGE: Final = 2**61 - 1
"""From here on very many ints can share one hash, and then a set of them takes for ever."""

Id: TypeAlias = int | str | bytes | None
Ids: TypeAlias = "Sequence[Id]"


def field_is_name(field: str) -> bool:
    return _plain(field) in NAME_FIELDS


def _plain(field: str) -> str:
    return field.replace("_", "").replace("-", "").lower()


class Identity(NamedTuple):
    """The `field` that tells the items of two lists apart, "" without one.

    `left` and `right` hold each item's id, None where it has none, or one that either list holds
    twice; they are empty without a field.
    """

    field: str
    left: Ids
    right: Ids


NO_IDENTITY: Final = Identity("", (), ())


def identity(
    left: Sequence[Json], right: Sequence[Json], known_outside: bool, tick: Tick
) -> Identity:
    """The field that tells the items of both lists apart, if they are dicts that have one.

    One that knows items of both sides comes first. Where a well-known id knows none, another
    field must know half of them; else all items are others, save for equal ones with a new id.
    """
    if not left or not right or not isinstance(left[0], dict):
        return NO_IDENTITY
    strangers = NO_IDENTITY
    for field in _candidates(left[0]):
        lefts, rights = _ids(left, field, tick), _ids(right, field, tick)
        left_ones, right_ones = _unique(lefts, tick), _unique(rights, tick)
        if len(left_ones) < MOSTLY * len(left) or len(right_ones) < MOSTLY * len(right):
            continue
        shared = len(left_ones & right_ones)
        enough = not strangers.field or 2 * shared >= min(len(left), len(right))
        if known_outside or (shared and enough):
            return _identity(field, lefts, rights, tick)
        if not strangers.field and _plain(field) in ID_FIELDS:
            strangers = _identity(field, lefts, rights, tick)
    return strangers


def _identity(field: str, lefts: Ids, rights: Ids, tick: Tick) -> Identity:
    repeated = set(lefts) - _unique(lefts, tick)
    repeated |= set(rights) - _unique(rights, tick)
    return Identity(
        field, _without_repeated(lefts, repeated, tick), _without_repeated(rights, repeated, tick)
    )


def _candidates(item: dict[Any, Json]) -> list[str]:
    names = [name for name in item if isinstance(name, str)]
    ranks = {known: rank for rank, known in enumerate((*ID_FIELDS, *NAME_FIELDS))}
    known = sorted((ranks[_plain(n)], n) for n in names if _plain(n) in ranks)
    strong = [name for rank, name in known if rank < len(ID_FIELDS)]
    others = sorted(n for n in names if n not in strong and n.endswith(("id", "Id", "ID")))
    called = [name for rank, name in known if rank >= len(ID_FIELDS)]
    return [*strong[:MOST], *others[:MOST], *called[:MOST]]


def id_of(item: Json, field: str) -> int | str | None:
    """What says which item it is, or None."""
    value = item.get(field) if isinstance(item, dict) else None
    return value if type(value) is str or type(value) is int else None


def _unique(ids: Sequence[Any], tick: Tick) -> set[Any]:
    """The ids that stand there once."""
    found = set(ids)
    if len(found) < len(ids):
        counts = Counter(ids)
        tick(len(ids))
        repeated = (k for part in parts(list(counts), tick) for k in part if counts[k] > 1)
        found.difference_update(repeated)
    found.discard(None)
    return found


def _ids(items: Sequence[Json], field: str, tick: Tick) -> list[Id]:
    return [name for part in parts(items, tick) for name in _ids_of(part, field)]


def _ids_of(items: Sequence[Any], field: str) -> list[Id]:
    if set(map(type, items)) == {dict}:
        values = [item.get(field) for item in items]
        types = set(map(type, values))
        if types == {str} or (types == {int} and min(values) > -LARGE and max(values) < LARGE):
            return values
    return [_hashed_well(id_of(item, field)) for item in items]


def _hashed_well(value: int | str | None) -> Id:
    """The id itself, or a large int as bytes."""
    return hex(value).encode() if type(value) is int and abs(value) >= LARGE else value


def _without_repeated(ids: Ids, repeated: Set[Id], tick: Tick) -> Ids:
    if not repeated:
        return ids
    return [None if k in repeated else k for part in parts(ids, tick) for k in part]
