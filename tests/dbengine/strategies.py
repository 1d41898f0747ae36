"""Values that can be stored, made up by hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, timedelta, timezone
from enum import Enum, IntEnum
from typing import Any

from hypothesis import strategies as st

from dbengine.codec import MAX_INT, MIN_INT

TAG_LIKE = st.sampled_from(["__type__", "value", "__parent__", "dict", "shared", "tuple", ""])
texts = st.text(max_size=8) | TAG_LIKE
scalars = (
    st.none()
    | st.booleans()
    | st.integers(MIN_INT, MAX_INT)
    | st.sampled_from([0, 1, 0.0, 1.0, -0.0, MIN_INT, MAX_INT, 2**53 + 1])
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


class Colour(Enum):
    RED = "red"
    PAIR = (1, 2)


class Size(IntEnum):
    SMALL = 1


@dataclass
class Person:
    name: str
    tags: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Point:
    x: Any
    y: Any = None


CLASSES = (Colour, Size, Person, Point)

zones = st.sampled_from([None, UTC, timezone(timedelta(hours=-3, minutes=-30))])
times = st.times().map(lambda moment: moment.replace(fold=0))  # ISO 8601 cannot say a fold
datetimes = st.datetimes(timezones=zones).map(lambda moment: moment.replace(fold=0))
hashables = (
    scalars
    | st.binary(max_size=8)
    | st.dates()
    | datetimes
    | times
    | st.uuids()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.sampled_from([Colour.RED, Colour.PAIR, Size.SMALL])
    | st.tuples(scalars, scalars)
    | st.builds(Point, scalars, scalars)
)
python_values = st.recursive(
    scalars | hashables,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts, inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.sets(hashables, max_size=3)
        | st.frozensets(hashables, max_size=3)
        | st.builds(Person, texts, st.lists(inner, max_size=2))
        | st.builds(Point, inner)
    ),
    max_leaves=8,
)
