"""Changes from one JSON value to another, as JSON: found, applied, and put on top of each other.

A change is a list whose first item says what it is:

    ["is", V]                   it is V now, in the place where it was
    ["last", V]                 a key of a dict: it is V, behind all others
    ["gone"]                    a key of a dict: it is no more
    ["keys", {KEY: CHANGE}]     a dict; what is not named stays, the rest in this order
    ["items", [RUN, …]]         a list, made of runs: [START, COUNT] of the old items,
                                ["new", V, …], or ["at", INDEX, CHANGE] of one old item
    ["text", START, END, T]     a string: the old one's first START and last END, T in between

Applying a change gives exactly the new value, the order of keys in dicts included. The runs are
what git's packs do with bytes: copies and insertions, found in linear time, moves included.
"""

from __future__ import annotations

import marshal
from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping
from itertools import accumulate
from typing import Any, Final

from dbengine import codec
from dbengine.model import Json
from dbengine.tags import TYPE
from dbengine.texts import common_start

Change = list[Any]

_TRIES: Final = 4
"""With so many new items an old one is compared."""
_SMALL: Final = 256
"""What is not longer than this is told as a whole."""
LEVELS: Final = 12
"""How deep changes go into changes: a level of a value is up to three of its change's JSON."""
GONE: Final[Change] = ["gone"]
UNCLEAR: Final[Change] = ["unclear"]
"""Only while changes are put on top of each other: it is to be found anew. Never stored."""


def exact(value: Json) -> bytes:
    """Equal for values that are the same in every respect, the order of keys included.

    The second version of the format writes equal strings alike, whether interned or not.
    """
    return marshal.dumps(value, 2)


def difference(old: Json, new: Json, levels: int = LEVELS) -> Change:
    """The change from `old` to `new`, never much longer than `new` itself.

    A tag is changed as a whole, so that what it refers to stands in the open.
    """
    size = len(codec.dump(new)) if levels else 0
    change = _inner(old, new, levels - 1) if size > _SMALL else None
    return change if change is not None and len(codec.dump(change)) < size else ["is", new]


def _inner(old: Json, new: Json, levels: int) -> Change | None:
    if type(old) is dict and type(new) is dict and TYPE not in old and TYPE not in new:
        return ["keys", keys_between(old, new, levels)]
    if type(old) is list and type(new) is list:
        return ["items", runs(old, new, levels)]
    if type(old) is str and type(new) is str:
        return _text(old, new)
    return None


def keys_between(
    old: Mapping[str, Json], new: Mapping[str, Json], levels: int = LEVELS
) -> dict[str, Change]:
    """The changes of a dict by key."""
    changes: dict[str, Change] = {key: GONE for key in old if key not in new}
    unchanged = _unchanged(old, new)
    for key, value in new.items():
        if key not in old:
            changes[key] = ["last", value]
        elif key not in unchanged:
            changes[key] = difference(old[key], value, levels)
    return changes if keeps_order(old, new) else _in_order(old, new, changes)


def _unchanged(old: Mapping[str, Json], new: Mapping[str, Json]) -> Container[str]:
    """The keys whose values are exactly the same.

    Python's equality finds nearly all that differs, and is much faster; that it takes 1, 1.0 and
    True for the same, and any order of keys, is then ruled out for all that is left at once.
    """
    equal = {key: value for key, value in new.items() if key in old and old[key] == value}
    if codec.dump(equal) == codec.dump({key: old[key] for key in equal}):
        return equal
    return {key for key, value in equal.items() if exact(old[key]) == exact(value)}


def keeps_order(old: Mapping[str, object], new: Mapping[str, object]) -> bool:
    """Whether what both have stands in one order, and what is new behind it."""
    kept = [key for key in old if key in new]
    return kept + [key for key in new if key not in old] == list(new)


def _in_order(
    old: Mapping[str, Json], new: Mapping[str, Json], changes: dict[str, Change]
) -> dict[str, Change]:
    """From the first key on that has another place, all are put last, one after the other."""
    kept = iter([key for key in old if key in new])
    stay = True
    for key, value in new.items():
        stay = stay and next(kept, None) == key
        if not stay:
            changes.pop(key, None)
            changes[key] = ["last", value]
    return changes


def _text(old: str, new: str) -> Change:
    start = common_start(old, new)
    end = common_start(old[start:][::-1], new[start:][::-1])
    return ["text", start, end, new[start : len(new) - end]]


# ---- lists ----------------------------------------------------------------------------------


def runs(old: list[Json], new: list[Json], levels: int = LEVELS) -> list[list[Any]]:
    """The runs that a list is made of."""
    before, after = [exact(item) for item in old], [exact(item) for item in new]
    free = _positions(before)
    stays = set(after)
    spare = iter([index for index, item in enumerate(before) if item not in stays])
    found = _Runs(before, free)
    candidate, tries = next(spare, None), 0
    for item, value in zip(after, new, strict=True):
        if found.copy(item):
            continue
        while candidate is not None and (candidate < found.behind or tries == _TRIES):
            candidate, tries = next(spare, None), 0
        change = None
        if candidate is not None and _are_alike(before[candidate], item):
            tries += 1
            change = _item_change(old[candidate], value, levels)
        if change is None or candidate is None:
            found.insert(value)
        else:
            found.change(candidate, change)
            candidate, tries = next(spare, None), 0
    return found.runs


def _are_alike(old: bytes, new: bytes) -> bool:
    """Whether one is not so much longer that finding what they share cannot be worth it."""
    return len(old) < 4 * len(new) and len(new) < 4 * len(old)


def _item_change(old: Json, new: Json, levels: int) -> Change | None:
    """A change that is worth it: not half as long as the item."""
    if type(old) is not type(new) or not isinstance(new, dict | list | str):
        return None
    change = difference(old, new, levels)
    worth = change[0] != "is" and 2 * len(codec.dump(change)) < len(codec.dump(new))
    return change if worth else None


def _positions(items: list[bytes]) -> dict[bytes, list[int]]:
    """Where each item is, the first place last, to be popped."""
    found: dict[bytes, list[int]] = {}
    for index in range(len(items) - 1, -1, -1):
        found.setdefault(items[index], []).append(index)
    return found


class _Runs:
    """Runs under construction; each old item is used at most once, so that none is shared."""

    def __init__(self, before: list[bytes], free: dict[bytes, list[int]]) -> None:
        self._before = before
        self._free = free
        self._used = bytearray(len(before))
        self.runs: list[list[Any]] = []
        self.behind = 0

    def copy(self, item: bytes) -> bool:
        """Take an old item like this, the one behind the last if it fits."""
        at = self.behind
        follows = at < len(self._before) and not self._used[at] and self._before[at] == item
        if not follows:
            found = self._pop(item)
            if found is None:
                return False
            at = found
        self._used[at] = 1
        last = self.runs[-1] if self.runs else None
        if last and type(last[0]) is int and at == self.behind:
            last[1] += 1
        else:
            self.runs.append([at, 1])
        self.behind = at + 1
        return True

    def _pop(self, item: bytes) -> int | None:
        places = self._free.get(item, [])
        while places:
            at = places.pop()
            if not self._used[at]:
                return at
        return None

    def insert(self, value: Json) -> None:
        if self.runs and self.runs[-1][0] == "new":
            self.runs[-1].append(value)
        else:
            self.runs.append(["new", value])

    def change(self, at: int, change: Change) -> None:
        self._used[at] = 1
        self.runs.append(["at", at, change])
        self.behind = at + 1


# ---- applying -------------------------------------------------------------------------------


def apply(value: Json, change: Change) -> Json:
    """The new value. Uses up both: what they hold is in the result or altered."""
    kind = change[0]
    if kind in ("is", "last"):
        return change[1]
    if kind == "keys":
        return apply_keys(value, change[1])
    if kind == "items":
        return [item for run in change[1] for item in _items(value, run)]
    start, end, text = change[1:]
    return value[:start] + text + value[len(value) - end :]


def apply_keys(value: dict[str, Json], changes: Mapping[str, Change]) -> dict[str, Json]:
    """The same for the keys of a dict."""
    for key, change in changes.items():
        kind = change[0]
        if kind == "is":
            value[key] = change[1]
        elif kind == "gone":
            value.pop(key, None)
        elif kind == "last":
            value.pop(key, None)
            value[key] = change[1]
        else:
            value[key] = apply(value.get(key), change)
    return value


def _items(old: list[Json], run: list[Any]) -> Iterator[Json]:
    if run[0] == "new":
        yield from run[1:]
    elif run[0] == "at":
        yield apply(old[run[1]], run[2])
    else:
        start, count = run
        yield from old[start : start + count]


def stack(changes: dict[str, Change], more: Mapping[str, Change]) -> list[str]:
    """Put a dict's later changes on top of earlier ones, `changes`, which becomes both.

    Returns the keys whose two changes only the values could tell as one: they are `UNCLEAR` now,
    and stay it until a later change tells the whole value.
    """
    unclear: list[str] = []
    for key, change in more.items():
        before = changes.get(key)
        kind = change[0]
        if kind == "last":
            changes.pop(key, None)
            changes[key] = change
        elif before is None or kind == "gone":
            changes[key] = change
        elif before[0] in ("is", "last"):
            changes[key] = [before[0], apply(copy(before[1]), copy(change))]
        elif kind == "is":
            changes[key] = change
        else:
            changes[key] = joined(before, change) or UNCLEAR
        if changes[key] is UNCLEAR:
            unclear.append(key)
    return unclear


def joined(first: Change, second: Change) -> Change | None:
    """Two changes inside a value, one after the other, as one; None if that takes the value."""
    kinds = first[0], second[0]
    if kinds == ("keys", "keys"):
        changes = dict(first[1])
        return None if stack(changes, second[1]) else ["keys", changes]
    if kinds == ("items", "items"):
        runs = _joined_runs(first[1], second[1])
        return None if runs is None else ["items", runs]
    return None


def _joined_runs(first: list[list[Any]], second: list[list[Any]]) -> list[list[Any]] | None:
    """The second runs, made of the items that the first ones are made of."""
    ends = list(accumulate(map(_length, first)))
    runs: list[list[Any]] = []
    for run in second:
        if run[0] == "new":
            add_run(runs, run)
            continue
        at, stop = (run[1], run[1] + 1) if run[0] == "at" else (run[0], run[0] + run[1])
        while at < stop:
            place = bisect_right(ends, at)
            inner, start = first[place], ends[place] - _length(first[place])
            piece = _piece(inner, at - start, min(stop, ends[place]) - at)
            changed = _changed_piece(piece, run[2]) if run[0] == "at" else piece
            if changed is None:
                return None
            add_run(runs, changed)
            at = min(stop, ends[place])
    return runs


def _length(run: list[Any]) -> int:
    if run[0] == "new":
        return len(run) - 1
    return 1 if run[0] == "at" else int(run[1])


def _piece(run: list[Any], offset: int, count: int) -> list[Any]:
    """Some of the items that a run gives."""
    if run[0] == "new":
        return ["new", *run[1 + offset : 1 + offset + count]]
    return run if run[0] == "at" else [run[0] + offset, count]


def _changed_piece(run: list[Any], change: Change) -> list[Any] | None:
    """A run of one item, and what changes inside that."""
    if run[0] == "new":
        return ["new", apply(copy(run[1]), copy(change))]
    if run[0] != "at":
        return ["at", run[0], change]
    both = joined(run[2], change)
    return None if both is None else ["at", run[1], both]


def add_run(runs: list[list[Any]], run: list[Any]) -> None:
    """One more run behind the others, as part of the last one where that can be."""
    last = runs[-1] if runs else None
    if last and last[0] == run[0] == "new":
        last += run[1:]
    elif last and type(last[0]) is type(run[0]) is int and sum(last) == run[0]:
        last[1] += run[1]
    else:
        runs.append(list(run))


def copy(value: Json) -> Json:
    """A value that shares nothing with this one."""
    return codec.load(codec.dump(value))
