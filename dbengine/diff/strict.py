"""Strict equality of JSON values: `1`, `1.0` and `true` differ, key order does not count."""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from hashlib import blake2b
from math import copysign, isnan
from typing import Any, Final, TypeVar

from dbengine.model import Json

SHORT: Final = 64
"""Content keys up to so many bytes are kept as they are, longer ones as a digest."""

DEEP: Final = 32
"""From this depth on content keys are remembered, so that a deep value is read once only."""

HEAVY: Final = 4_096
"""Values that hold so many others are compared in parts, so that one can stop in between."""

NEAR: Final = 40
"""So many levels are searched for these: more than lie above the depth of `DEEP`."""

HEAVY_PART: Final = 64
"""So many neighbours of a heavy value are compared at once."""

NAMES: Final = 64
"""Up to so many keys of a dict, their order is remembered."""

MANY: Final = 1_024
"""Containers with more children are read in parts."""

PLAIN: Final = frozenset((str, int, bool, type(None)))
"""Types of leaves for which `==` is strict among themselves, and which marshal writes strictly."""

_MAY_BE_NAN: Final = re.compile(rb"[\xf0-\xff][\x7f\xff]", re.DOTALL)
"""The end of any NaN as marshal writes it: only there `==` is stricter than we are."""

T = TypeVar("T")
LEAVES: Final = PLAIN | {float}

Tick = Callable[[int], None]
"""Called with how many values were looked at; may raise, to stop."""


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


def children_of(value: Json) -> Sequence[Json]:
    return list(value.values()) if isinstance(value, dict) else value


def is_heavy(values: Collection[Json]) -> bool:
    """Whether the values, with what is in them, are more than can be compared in a moment."""
    count = 0
    level: list[Collection[Json]] = [values]
    for _ in range(NEAR):
        count += sum(map(len, level))
        if count > HEAVY:
            return True
        inside: list[Collection[Json]] = []
        for group in level:
            if not LEAVES.issuperset(map(type, group)):
                inside += [
                    value.values() if isinstance(value, dict) else value
                    for value in group
                    if isinstance(value, dict | list)
                ]
        if not inside:
            return False
        level = inside
    return False


def parts(values: Sequence[T], tick: Tick) -> Iterable[Sequence[T]]:
    """Slices of a long sequence, each reported when it was worked on; a short one as it is."""
    if len(values) > MANY:
        return _slices(values, tick)
    if not values:
        return ()
    tick(len(values))
    return (values,)


def _slices(values: Sequence[T], tick: Tick) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), MANY):
        part = values[start : start + MANY]
        yield part
        tick(len(part))


def _token(value: Any) -> Any:
    """A leaf as something that marshal writes differently for different leaves."""
    if type(value) in PLAIN:
        return value
    if type(value) is float:
        return () if isnan(value) else value
    return "?", type(value).__qualname__, repr(value)


def _short(key: bytes) -> bytes:
    return key if len(key) <= SHORT else blake2b(key, digest_size=16).digest()


class _TooDeep(Exception):
    """The value must be read without recursion."""


class Contents:
    """Tells equal content from different, fast, within one comparison.

    The remembered keys go by the identity of the values, which therefore must outlive it.
    """

    def __init__(self, tick: Tick) -> None:
        self._tick = tick
        self._known: dict[int, bytes] = {}
        self._differing: set[tuple[int, int]] = set()
        self._orders: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._first: dict[frozenset[str], tuple[str, ...]] = {}

    def same(self, left: Json, right: Json, depth: int = 0) -> bool:
        """Whether the two are equal; may also say no where only the order of keys differs."""
        if left is right:
            return True
        if not same_kind(left, right):
            return same_leaf(left, right)
        return self.same_inside(left, right, depth)

    def same_inside(self, left: Any, right: Any, depth: int) -> bool:
        """`same` for two containers of a kind."""
        if len(left) != len(right):
            return False
        if depth < DEEP:
            try:
                return marshal.dumps(left, 2) == marshal.dumps(right, 2)
            except ValueError:  # too deep, or a type that marshal does not know
                pass
        return self.weighed(left) == self.weighed(right)

    def same_all(self, lefts: list[Json], rights: list[Json], depth: int) -> bool:
        """`same` for each of two equally long lists of neighbours."""
        if depth < DEEP:
            try:
                return marshal.dumps(lefts, 2) == marshal.dumps(rights, 2)
            except ValueError:
                pass
        return all(self.same(left, right, depth) for left, right in zip(lefts, rights, strict=True))

    def surely_differ(self, left: Json, right: Json) -> bool:
        """True only for values that differ; so quick that it may also say no for some of them."""
        try:
            return left != right and not _MAY_BE_NAN.search(marshal.dumps(left, 2))
        except (ValueError, RecursionError):
            return False

    def same_heavy(self, left: Json, right: Json, depth: int = 0) -> bool:
        """`same` for values of any weight, in parts; what differs is not read again."""
        self._tick(1)
        if depth == DEEP or not is_heavy([left]):
            self._tick(MANY)
            return self.same(left, right, depth)
        pair = id(left), id(right)
        if pair in self._differing:
            return False
        if self._same_parts(left, right, depth + 1):
            return True
        self._differing.add(pair)
        return False

    def _same_parts(self, left: Any, right: Any, depth: int) -> bool:
        if not same_kind(left, right) or len(left) != len(right):
            return False
        if isinstance(left, dict) and list(left) != list(right):
            return False
        lefts, rights = list(children_of(left)), list(children_of(right))
        for at in range(0, len(lefts), HEAVY_PART):
            some, others = lefts[at : at + HEAVY_PART], rights[at : at + HEAVY_PART]
            if is_heavy(some):
                same = all(self.same_heavy(*pair, depth) for pair in zip(some, others, strict=True))
            else:
                self._tick(MANY)
                same = self.same_all(some, others, depth)
            if not same:
                return False
        return True

    def key(self, value: Json) -> bytes:
        """The same bytes for equal values and only for these, whatever the order of keys."""
        if not isinstance(value, dict | list):
            return _short(marshal.dumps(_token(value), 2))
        self._tick(1)
        try:
            return _short(marshal.dumps(self._ordered(value, DEEP), 2))
        except _TooDeep:
            self._weigh(value)
            return self._known[id(value)]
        except ValueError:  # not JSON: keys of some other type
            return self._key_of_keys(value)

    def weighed(self, value: Json) -> bytes:
        """`key` for a value of any weight: what holds much is read once, however often one asks.

        Not to be compared with a `key`, from which it differs where a value is heavy.
        """
        if is_container(value) and id(value) not in self._known and is_heavy([value]):
            self._weigh(value)
        return self._known.get(id(value)) or self.key(value)

    def _ordered(self, value: Any, levels: int) -> Any:
        """What marshal writes alike for equal values: the value itself where that will do."""
        if isinstance(value, dict):
            return self._ordered_dict(value, levels)
        if not isinstance(value, list):
            return _token(value)
        if not levels:
            raise _TooDeep
        if len(value) > MANY:
            return (self._digest(value, levels - 1),)
        if type(value) is list and PLAIN.issuperset(map(type, value)):
            return value
        return [c if type(c) in PLAIN else self._ordered(c, levels - 1) for c in value]

    def _ordered_dict(self, value: dict[Any, Json], levels: int) -> Any:
        if not levels:
            raise _TooDeep
        names = tuple(value)
        order = self._orders.get(names) or self._order(names)
        if len(value) > MANY:
            inside = self._digest([value[name] for name in order], levels - 1)
            return self._digest(order, levels), inside
        if type(value) is not dict or (order is not names and order != names):
            value = {name: value[name] for name in order}
        inner = {}
        for name in [name for name, child in value.items() if type(child) not in PLAIN]:
            child = value[name]
            if type(child) is not float or isnan(child):
                ordered = self._ordered(child, levels - 1)
                if ordered is not child:
                    inner[name] = ordered
        return {**value, **inner} if inner else value

    def _order(self, names: tuple[Any, ...]) -> tuple[Any, ...]:
        """One order for all dicts with these keys: that of the first, if there are not too many."""
        if len(names) > NAMES or set(map(type, names)) != {str}:
            return tuple(sorted_keys(names))
        known = frozenset(names)
        if known not in self._first and len(self._first) == MANY:
            return tuple(sorted(names))
        order = self._first.setdefault(known, names)
        if len(self._orders) < MANY:
            self._orders[names] = order
        return order

    def _digest(self, values: Sequence[Json], levels: int) -> bytes:
        """For many values: a digest made in parts."""
        digest = blake2b(digest_size=16)
        for part in parts(values, self._tick):
            digest.update(marshal.dumps([self._ordered(value, levels) for value in part], 2))
        return digest.digest()

    def _weigh(self, root: Json) -> None:
        """Remembers the keys of what holds more than `DEEP` levels or `HEAVY` values.

        Without recursion, and each such key is made of those of its children.
        """
        sizes: dict[int, tuple[int, int]] = {}  # levels and values in what is small
        stack: list[tuple[Json, list[Json] | None]] = [(root, None)]
        while stack:
            value, inside = stack.pop()
            if inside is not None:
                self._weigh_one(value, inside, sizes)
            elif id(value) not in self._known and id(value) not in sizes:
                self._tick(1)
                children = value.values() if isinstance(value, dict) else value
                inside = [child for child in children if isinstance(child, dict | list)]
                stack.append((value, inside))
                stack.extend((child, None) for child in inside)

    def _weigh_one(self, value: Any, inside: list[Json], sizes: dict[int, tuple[int, int]]) -> None:
        """Notes the size of a container, or its key, when what is inside has been noted."""
        self._tick(len(value))
        levels, weight = 1, len(value)
        for child in inside:
            more = sizes.get(id(child), _LARGE)
            levels, weight = max(levels, 1 + more[0]), weight + more[1]
        if levels > DEEP or weight >= HEAVY:  # as `is_heavy` counts
            self._known[id(value)] = self._key_of_keys(value)
        else:
            sizes[id(value)] = levels, weight

    def _key_of_keys(self, value: Any) -> bytes:
        """The key of a container made of the keys of its children."""
        names = sorted_keys(value) if isinstance(value, dict) else ()
        children = [value[name] for name in names] if isinstance(value, dict) else value
        known = self._known
        digest = blake2b(digest_size=16)
        digest.update(marshal.dumps((isinstance(value, dict), [_token(n) for n in names]), 2))
        for part in parts(children, self._tick):
            keys = [
                (known.get(id(c)) or self.key(c),) if is_container(c) else _token(c) for c in part
            ]
            digest.update(marshal.dumps(keys, 2))
        return digest.digest()


_LARGE: Final = (DEEP + 1, HEAVY + 1)
"""Counts for what has a key that is remembered."""


def sorted_keys(names: Iterable[Any]) -> list[Any]:
    """The keys in an order that depends on nothing but themselves."""
    names = list(names)
    try:
        return sorted(names)
    except TypeError:  # not JSON: keys of several types
        return sorted(names, key=lambda name: (type(name).__qualname__, repr(name)))
