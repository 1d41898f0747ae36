"""What an object refers to, by its bytes alone: for checking, packing and carrying away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dbengine import codec
from dbengine.model import Json
from dbengine.snapshot import Kept
from dbengine.tags import SHARED_IN_JSON, shared_in
from dbengine.tree import nodes


def needs(data: bytes) -> list[str]:
    """The objects without which the content that this one tells of cannot be read.

    For a snapshot those are the version that it says its changes against, or its tree; not its
    parent. For a part of a tree, its parts. Raises `ValueError` for what is no such object.
    """
    value = _load(data)
    if "__node__" in value:
        return nodes.links(value)
    kept = _kept(value)
    return [digest for digest in (kept.base, kept.tree) if digest] if kept else []


def shares(data: bytes) -> list[str]:
    """The objects in `refs/` that this object's values refer to."""
    if SHARED_IN_JSON not in data:
        return []
    value = _load(data)
    return sorted({digest for inner in _values(value) for digest in shared_in(inner)})


def _load(data: bytes) -> dict[str, Any]:
    value = codec.load(data)
    if not isinstance(value, dict):
        raise ValueError("not an object of ours")
    return value


def _kept(value: dict[str, Any]) -> Kept | None:
    content = value.get("__content__")
    try:
        return Kept.from_json(content) if content is not None else None
    except (TypeError, AttributeError) as error:
        raise ValueError("not a snapshot") from error


def _values(value: dict[str, Any]) -> Iterator[Json]:
    """The values in an object, none of which is a collection that could be mistaken for a tag."""
    if "__node__" in value:
        inner = value.get(value["__node__"], [])
        yield from inner.values() if isinstance(inner, dict) else inner
        return
    kept = _kept(value)
    if kept is None:
        return
    if value.get("__form__") == "records" and isinstance(kept.json, dict):
        yield from kept.json.values()
    elif kept.change is not None:
        yield from _in_change(kept.change)
    else:
        yield kept.json


def _in_change(change: list[Any]) -> Iterator[Json]:
    inner = change[1] if len(change) > 1 else None
    if isinstance(inner, dict) and change[0] == "keys":
        yield from inner.values()
    else:
        yield change
