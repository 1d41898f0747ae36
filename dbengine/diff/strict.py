"""Strict equality of JSON values: `1`, `1.0` and `true` differ, key order does not count."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Sequence
from hashlib import blake2b
from math import copysign, isnan
from typing import Any, Final

from dbengine.model import Json

SHORT: Final = 64
"""Content keys up to so many bytes are kept as they are, longer ones as a digest."""

DEEP: Final = 32
"""From this depth on content keys are remembered, so that a deep value is read once only."""


def is_container(value: Json) -> bool:
    return isinstance(value, dict | list)


def same_kind(left: Json, right: Json) -> bool:
    """Whether both are dicts or both are lists, so that one can look inside."""
    if isinstance(left, dict):
        return isinstance(right, dict)
    return isinstance(left, list) and isinstance(right, list)


def same_leaf(left: Json, right: Json) -> bool:
    """Strict equality of two values that are not both containers."""
    if type(left) is not type(right) or is_container(left):
        return False
    if isinstance(left, float):
        both_nan = isnan(left) and isnan(right)
        return both_nan or (left == right and copysign(1, left) == copysign(1, right))
    if left is None or isinstance(left, str | int):
        return bool(left == right)
    return repr(left) == repr(right)


def _token(value: Any) -> Any:
    """A leaf as something that marshal writes differently for different leaves."""
    if value is None or type(value) in (str, int, bool):
        return value
    if type(value) is float:
        return () if isnan(value) else value
    return "?", type(value).__qualname__, repr(value)


def _short(key: bytes) -> bytes:
    return key if len(key) <= SHORT else blake2b(key, digest_size=16).digest()


class Contents:
    """Tells equal content from different, fast, within one comparison.

    The remembered keys go by the identity of the values, which therefore must outlive it.
    """

    def __init__(self, tick: Callable[[int], None]) -> None:
        self._tick = tick
        self._known: dict[int, bytes] = {}

    def same(self, left: Json, right: Json, depth: int = 0) -> bool:
        """Whether the two are equal; may also say no where only the order of keys differs."""
        if left is right:
            return True
        if not same_kind(left, right):
            return same_leaf(left, right)
        if len(left) != len(right):
            return False
        if depth >= DEEP:
            return self.key(left) == self.key(right)
        try:
            return marshal.dumps(left, 2) == marshal.dumps(right, 2)
        except ValueError:  # too deep, or a type that marshal does not know
            return self.key(left) == self.key(right)

    def same_all(self, lefts: list[Json], rights: list[Json], depth: int) -> bool:
        """`same` for each of two equally long lists of neighbours."""
        if depth < DEEP:
            try:
                return marshal.dumps(lefts, 2) == marshal.dumps(rights, 2)
            except ValueError:
                pass
        return all(self.same(left, right, depth) for left, right in zip(lefts, rights, strict=True))

    def key(self, value: Json) -> bytes:
        """The same bytes for equal values and only for these, whatever the order of keys."""
        if is_container(value):
            return self._known.get(id(value)) or self._container_key(value)
        return _short(marshal.dumps(_token(value), 2))

    def _container_key(self, root: Json) -> bytes:
        keys: dict[int, bytes] = {}
        stack = [root]
        while stack:
            value = stack[-1]
            known = self._known.get(id(value))
            if known is not None:
                keys[id(value)] = known
            elif id(value) not in keys:
                children = value.values() if isinstance(value, dict) else value
                inside = [c for c in children if is_container(c) and id(c) not in keys]
                if inside:
                    stack.extend(inside)
                    continue
                keys[id(value)] = _digest(value, keys)
                self._tick(len(value))
            stack.pop()
        if len(keys) > 8 * DEEP:  # small ones are cheap to do again, and many
            self._known.update(keys)
        return keys[id(root)]


def _digest(value: Json, keys: dict[int, bytes]) -> bytes:
    """The key of a container whose inner containers have theirs in `keys`."""
    if isinstance(value, dict):
        names: Sequence[Any] = sorted_keys(value)
        children = [value[name] for name in names]
    else:
        names, children = (), value
    tokens = [(keys[id(c)],) if is_container(c) else _token(c) for c in children]
    content = marshal.dumps((isinstance(value, dict), [_token(n) for n in names], tokens), 2)
    return blake2b(content, digest_size=16).digest()


def sorted_keys(value: dict[Any, Any]) -> list[Any]:
    """The keys in an order that depends on nothing but themselves."""
    try:
        return sorted(value)
    except TypeError:  # not JSON: keys of several types
        return sorted(value, key=lambda key: (type(key).__qualname__, repr(key)))
