"""The values that are written, and how what is loaded is compared with them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from dbengine import Shared, canonical

GONE = object()
ENTRIES = st.sampled_from(["users", "a/b"])
KEYS = st.sampled_from(["a", "b", "__type__"])
SMALL = st.sampled_from(
    [None, 0, 1, 1.0, True, "", [], [1], {}, {"b": 1, "a": 2}, {"a": 2, "b": 1}]
)
SHARED = st.sampled_from([Shared([1]), Shared("much")])
RECORDS = st.dictionaries(KEYS, SMALL | SHARED, max_size=3)
WHOLE = RECORDS | SMALL | SHARED | st.lists(SMALL | SHARED, max_size=2)
PLAIN = st.dictionaries(KEYS, SMALL, max_size=3) | SMALL
USERS = st.sampled_from(["ann", "ben"])
INDEX = st.integers(0, 30)


def plain(value: Any) -> Any:
    """As it will be loaded: what is shared, inside as well, is the value itself."""
    if isinstance(value, Shared):
        return value.value
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def same(one: Any, other: Any) -> bool:
    """The order of keys does not count as a change."""
    if one is GONE or other is GONE:
        return one is other
    return canonical(one) == canonical(other)


def exact(value: Any) -> str:
    """It is kept, though."""
    return json.dumps(value)
