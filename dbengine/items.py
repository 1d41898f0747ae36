"""The shapes in which `put_many` takes records, turned into one: key → value."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from dbengine.errors import InvalidArgument
from dbengine.names import check_name

_NOTHING: Final = object()
_PAIR: Final = 2


def keyed_items(items: Iterable[Any] | Mapping[str, Any]) -> dict[str, Any]:
    """`items` by key; raises `InvalidArgument` for a record without a key, or two with one."""
    if isinstance(items, Mapping):
        return _checked(dict(items))
    if isinstance(items, str | bytes) or not isinstance(items, Iterable):
        raise InvalidArgument(
            f"put_many takes a dict, (key, value) pairs or records, not {type(items).__name__}."
        )
    result: dict[str, Any] = {}
    for item in items:
        key, value = _pair(item)
        if key in result:
            raise InvalidArgument(f"Two of the records have the key {key!r}.", key=key)
        result[key] = value
    return result


def _checked(items: dict[Any, Any]) -> dict[str, Any]:
    """The keys all at once, and one by one only where there is something about one of them."""
    with contextlib.suppress(TypeError, UnicodeEncodeError):
        "".join(items).encode()
        if "" not in items and set(map(type, items)) <= {str}:
            return items
    return {check_name("key", key): value for key, value in items.items()}


def _pair(item: Any) -> tuple[str, Any]:
    if isinstance(item, tuple | list) and len(item) == _PAIR and not hasattr(item, "_fields"):
        return check_name("key", item[0]), item[1]
    for found in (_by_method(item), _member(item, "key"), _member(item, "id")):
        if found is not _NOTHING:
            return _as_key(found), item
    raise InvalidArgument(
        f"The record {str(item)[:60]!r} carries no key: give it a `key` or an `id`, a method "
        "get_key(), or pass (key, value)."
    )


def _by_method(item: Any) -> Any:
    method = getattr(item, "get_key", None)
    return method() if callable(method) else _NOTHING


def _member(item: Any, name: str) -> Any:
    if isinstance(item, Mapping):
        return item.get(name, _NOTHING)
    return getattr(item, name, _NOTHING)


def _as_key(found: Any) -> str:
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return check_name("key", found)
