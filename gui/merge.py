"""Two changes of one document into one, where they touch different places; pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias

from dbengine import canonical

Path: TypeAlias = tuple[str | int, ...]


class _Missing(Enum):
    MISSING = "missing"


MISSING: Final = _Missing.MISSING
"""The value of a key that is not there."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged value, in which "theirs" stands at every path of `overlaps`."""

    value: Any
    overlaps: tuple[Path, ...]


def merge(base: Any, theirs: Any, mine: Any) -> Merged:
    """Apply to `theirs` what `mine` changed since `base`.

    Dicts are merged key by key and lists of one length item by item; whatever both changed, each
    in its way, overlaps. `MISSING` stands for what does not exist.
    """
    overlaps: list[Path] = []
    return Merged(_merge(base, theirs, mine, (), overlaps), tuple(overlaps))


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same: types count, the order of keys does not."""
    if left is MISSING or right is MISSING:
        return left is right
    return canonical(left) == canonical(right)


def _merge(base: Any, theirs: Any, mine: Any, path: Path, overlaps: list[Path]) -> Any:
    if same(theirs, mine) or same(base, mine):
        return theirs
    if same(base, theirs):
        return mine
    if all(isinstance(value, dict) for value in (base, theirs, mine)):
        return _merge_dicts(base, theirs, mine, path, overlaps)
    if _same_length_lists(base, theirs, mine):
        triples = enumerate(zip(base, theirs, mine, strict=True))
        return [_merge(*three, (*path, index), overlaps) for index, three in triples]
    overlaps.append(path)
    return theirs


def _merge_dicts(
    base: dict[str, Any],
    theirs: dict[str, Any],
    mine: dict[str, Any],
    path: Path,
    overlaps: list[Path],
) -> dict[str, Any]:
    """Their order of keys, then the keys that only mine has."""
    merged = {}
    for key in (*theirs, *(key for key in mine if key not in theirs)):
        old, their, my = (side.get(key, MISSING) for side in (base, theirs, mine))
        value = _merge(old, their, my, (*path, key), overlaps)
        if value is not MISSING:
            merged[key] = value
    return merged


def _same_length_lists(*values: Any) -> bool:
    return all(isinstance(value, list) for value in values) and len(set(map(len, values))) == 1
