"""A big dict or list as linked objects, cut so that equal parts are the same objects.

Whether something ends a part is told by its own hash and size alone, and so a change moves no
other cut (content-defined chunking, as in LBFS and restic). Every node is one JSON object:

    {"__node__":"keys","keys":{⇥"a":V,⇥"b":V}}       a part of a dict
    {"__node__":"items","items":[⇥V,⇥V]}             a part of a list
    {"__node__":"value","value":V}                   a long string
    {…,"trees":{"b":DIGEST}}                         such a value is a tree of its own; null here
    {"__node__":"parts","of":"keys","level":1,"parts":[[FIRST, COUNT, DIGEST], …],"order":DIGEST}

A dict of one part is in its own order. One of several is sorted by key, FIRST is each part's
first, and `order` is a list of the keys, left out where that is the sorted one. The tabs let one
record be found without parsing the others: no other raw tab stands in compact JSON.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, repeat
from typing import Any, Final

from dbengine import codec
from dbengine.model import Json
from dbengine.tree.form import is_node, no_part

Get = Callable[[str], bytes]

PART = 32 * 1024
"""How many bytes a part has on average."""
_TAB: Final = b"\t"
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_NAME: Final = re.compile(rb'\t("[^"\\]*(?:\\.[^"\\]*)*"):')
_NEAR = 8192
"""So many bytes are searched faster than halved again."""
_CHEAP = 1024
"""Parsing so many bytes takes as long as finding a line."""
_LEAF: Final = {"keys": b'{"__node__":"keys","keys":{', "items": b'{"__node__":"items","items":['}
_PARTS: Final = b'{"__node__":"parts"'
_SHUT: Final = {"keys": b"}", "items": b"]"}


# ---- writing --------------------------------------------------------------------------------


class Builder:
    """Collects the objects of trees; `objects` are new ones by digest."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def add(self, value: Json) -> str:
        """Make a tree of a value; the digest of its root."""
        if isinstance(value, dict):
            return self._add_keys(value)
        if isinstance(value, list):
            return self._add_items(value)
        return self._put(codec.dump({"__node__": "value", "value": value}))

    def _add_keys(self, records: dict[str, Json]) -> str:
        lines, trees = self._lines_and_trees(records)
        own, keys = list(records), sorted(records)
        ordered = lines if keys == own else _by_key(keys, own, lines)
        cuts = [] if _fit(lines) else list(_cuts(map(str.encode, keys), map(len, ordered)))
        if len(cuts) <= 1:
            return self._leaf("keys", lines, trees)
        parts = [self._keys(keys[cut], ordered[cut], trees) for cut in cuts]
        return self._root("keys", parts, None if keys == own else self._add_items(own))

    def _keys(self, keys: list[str], lines: list[bytes], trees: Mapping[Any, str]) -> list[Any]:
        """A leaf of several: its first key, how many it has, its digest."""
        inner = {key: trees[key] for key in keys if key in trees} if trees else {}
        return [keys[0], len(keys), self._leaf("keys", lines, inner)]

    def _add_items(self, items: list[Json]) -> str:
        lines, trees = self._lines_and_trees(items)
        if _fit(lines):
            return self._leaf("items", lines, trees)
        cuts = _cuts(lines, map(len, lines))
        return self._root("items", [self._items(cut, lines[cut], trees) for cut in cuts], None)

    def _items(self, cut: slice, lines: list[bytes], trees: Mapping[Any, str]) -> list[Any]:
        """The same for a list."""
        places = range(cut.start, cut.stop) if trees else ()
        inner = {at - cut.start: trees[at] for at in places if at in trees}
        return [None, len(lines), self._leaf("items", lines, inner)]

    def _lines_and_trees(self, value: Any) -> tuple[list[bytes], dict[Any, str]]:
        """The lines of a dict or list, and the trees of its long values by key or index."""
        lines, trees = _lines(value), {}
        long = [at for at, line in enumerate(lines) if len(line) > PART]
        names = list(value) if isinstance(value, dict) else range(len(lines))
        for at in long:
            begin = codec.dump(names[at]) + b":" if isinstance(value, dict) else b""
            if len(lines[at]) - len(begin) > PART:
                lines[at] = begin + b"null"
                trees[names[at]] = self.add(value[names[at]])
        return lines, trees

    def _root(self, kind: str, parts: list[list[Any]], order: str | None) -> str:
        """Parts of parts, until one object holds them; those of level 1 are leaves."""
        level = 1
        while len(codec.dump(parts)) > 2 * PART:
            cuts = list(_cuts([part[2].encode() for part in parts], repeat(100)))
            if len(cuts) in (1, len(parts)):
                break
            parts = [self._group(kind, level, parts[cut]) for cut in cuts]
            level += 1
        return self._put(codec.dump(_parts_node(kind, level, parts, order)))

    def _group(self, kind: str, level: int, parts: list[list[Any]]) -> list[Any]:
        digest = self._put(codec.dump(_parts_node(kind, level, parts, None)))
        return [parts[0][0], sum(part[1] for part in parts), digest]

    def _leaf(self, kind: str, lines: list[bytes], trees: Mapping[Any, str]) -> str:
        named = {str(place): tree for place, tree in trees.items()}
        return self._put(_leaf_bytes(kind, lines, named))

    def _put(self, data: bytes) -> str:
        digest = codec.digest_of(data)
        self.objects[digest] = data
        return digest


def _lines(value: Any) -> list[bytes]:
    """The JSON of each record or item; slices, since what is dumped keeps room it does not need."""
    if isinstance(value, dict):
        return [codec.dump({key: item})[1:-1] for key, item in value.items()]
    return [codec.dump([item])[1:-1] for item in value]


def _by_key(keys: list[str], own: list[str], lines: list[bytes]) -> list[bytes]:
    """The lines of the keys `own`, in the order of `keys`."""
    told = dict(zip(own, lines, strict=True))
    return [told[key] for key in keys]


def _leaf_bytes(kind: str, lines: list[bytes], trees: Mapping[str, str]) -> bytes:
    body = _TAB + (b"," + _TAB).join(lines) if lines else b""
    tail = b',"trees":' + codec.dump(trees) if trees else b""
    return _LEAF[kind] + body + _SHUT[kind] + tail + b"}"


def _fit(lines: list[bytes]) -> bool:
    return sum(map(len, lines)) <= 2 * PART


def _cuts(names: Iterable[bytes], sizes: Iterable[int]) -> Iterator[slice]:
    """From where to where each part goes. Each byte is as likely as any other to end one."""
    start = stop = 0
    for stop, (hashed, size) in enumerate(zip(map(zlib.crc32, names), sizes, strict=False), 1):
        if hashed < (size << 32) // PART:
            yield slice(start, stop)
            start = stop
    if start < stop:
        yield slice(start, stop)


def _parts_node(
    kind: str, level: int, parts: list[list[Any]], order: str | None
) -> dict[str, Json]:
    node: dict[str, Json] = {"__node__": "parts", "of": kind, "level": level, "parts": parts}
    return node if order is None else {**node, "order": order}


# ---- reading --------------------------------------------------------------------------------


def whole(root: str, get: Get) -> Json:
    """The value that a tree holds."""
    node = _load(root, get)
    if node["__node__"] != "parts":
        return _leaf_value(root, node, get)
    leaves = [_part(digest, node["of"], get) for digest in leaves_of(root, get)]
    if node["of"] == "items":
        return [item for leaf in leaves for item in leaf]
    records: dict[str, Json] = {}
    for leaf in leaves:
        records.update(leaf)
    if len(records) != sum(map(len, leaves)):
        raise no_part(root, "two of its parts hold the same key")
    return _ordered(root, records, node.get("order"), get)


def _ordered(root: str, records: dict[str, Json], order: str | None, get: Get) -> dict[str, Json]:
    if order is None:
        return records
    keys = whole(order, get)
    if not isinstance(keys, list) or len(keys) != len(records):
        raise no_part(root, f"its order, {order}, is not one of its keys")
    try:
        return {key: records[key] for key in keys}
    except (KeyError, TypeError):
        raise no_part(root, f"its order, {order}, has a key that is not in it") from None


def find(root: str, key: str, get: Get, *, mostly_in_vain: bool = False) -> bytes | None:
    """The JSON of a key's value in the tree of a dict, None where it has none; reads one leaf.

    With `mostly_in_vain` the names in a leaf are kept: then most lookups end with a look at them.
    """
    data, is_sorted = get(root), False
    while not data.startswith(_LEAF["keys"]):
        firsts, digests = _branch(root, data)
        at = bisect_right(firsts, key) - 1
        if at < 0:
            return None
        root = digests[at]
        data, is_sorted = get(root), True
    if mostly_in_vain and codec.dump(key) not in _names(data):
        return None
    start = len(_LEAF["keys"])
    near = _near(data, key, start) if is_sorted else (start, len(data))
    return _find_line(root, data, near, key, get)


def find_many(root: str, keys: Sequence[str], get: Get) -> dict[str, bytes]:
    """The same for those of `keys`, which are sorted, that are there; each leaf is read once."""
    data = get(root)
    if data.startswith(_LEAF["keys"]):
        return _find_in_leaf(root, data, keys, get, is_sorted=False)
    found: dict[str, bytes] = {}
    _find_below(root, data, keys, get, found)
    return found


def _find_below(
    root: str, data: bytes, keys: Sequence[str], get: Get, found: dict[str, bytes]
) -> None:
    if data.startswith(_LEAF["keys"]):
        found.update(_find_in_leaf(root, data, keys, get, is_sorted=True))
        return
    firsts, digests = _branch(root, data)
    start = bisect_left(keys, firsts[0])
    while start < len(keys):
        at = bisect_right(firsts, keys[start]) - 1
        stop = bisect_left(keys, firsts[at + 1], start) if at + 1 < len(firsts) else len(keys)
        _find_below(digests[at], get(digests[at]), keys[start:stop], get, found)
        start = stop


def _find_in_leaf(
    digest: str, data: bytes, keys: Sequence[str], get: Get, *, is_sorted: bool
) -> dict[str, bytes]:
    """Each looked for by itself, unless parsing all of the leaf is less work."""
    if len(keys) * _CHEAP > len(data):
        value = _leaf_value(digest, _parsed(digest, data), get)
        return {key: codec.dump(value[key]) for key in keys if key in value}
    found: dict[str, bytes] = {}
    near = len(_LEAF["keys"]), len(data)
    for key in keys:
        if is_sorted:
            near = _near(data, key, near[0])
        told = _find_line(digest, data, near, key, get)
        if told is not None:
            found[key] = told
    return found


def _branch(digest: str, data: bytes) -> tuple[list[str], list[str]]:
    try:
        return _parts_by_key(data)
    except ValueError as error:
        raise no_part(digest, "a key is looked for in it") from error


@lru_cache(maxsize=64)
def _parts_by_key(data: bytes) -> tuple[list[str], list[str]]:
    """The first key and the digest of each part; kept, since each lookup begins with them."""
    node = codec.load(data)
    if not is_node(node) or node.get("of") != "keys":
        raise ValueError("no parts of a dict")
    firsts = [part[0] for part in node["parts"]]
    if any(one >= other for one, other in pairwise(firsts)):
        raise ValueError("parts that are not in order")
    return firsts, [part[2] for part in node["parts"]]


@lru_cache(maxsize=64)
def _names(data: bytes) -> frozenset[bytes]:
    """The JSON of each key of a leaf."""
    return frozenset(_NAME.findall(data))


def _near(data: bytes, key: str, low: int) -> tuple[int, int]:
    """Between which bytes of a sorted leaf, from `low` on, a key's line begins, if there is one.

    UTF-8 has the order of the texts themselves, and most keys stand there as they are.
    """
    high, name, find = len(data), key.encode(), data.find
    while high - low > _NEAR:
        middle = (low + high) >> 1
        start = find(_TAB, middle, high)
        if start < 0:
            high = middle
            continue
        found = data[start + 2 : find(b'"', start + 2)]
        if b"\\" in found:
            found = _escaped_key(data, start + 1)
        if found <= name:
            low = start
        else:
            high = start
    return low, high


def _escaped_key(data: bytes, start: int) -> bytes:
    found = _STRING.match(data, start)
    return str(codec.load(found[0])).encode() if found else b""


def _find_line(root: str, data: bytes, near: tuple[int, int], key: str, get: Get) -> bytes | None:
    name = _TAB + codec.dump(key) + b":"
    start = data.find(name, near[0], min(near[1] + len(name), len(data)))
    if start < 0:
        return None
    start += len(name)
    stop = data.find(b"," + _TAB, start)
    told = data[start:stop] if stop >= 0 else _last_value(data, start)
    if told not in (None, b"null"):
        return told
    node = _parsed(root, data)
    tree = node.get("trees", {}).get(key)
    if tree:
        return codec.dump(whole(tree, get))
    if key not in node["keys"]:
        raise no_part(root, "a line in it is no record")
    return codec.dump(node["keys"][key])


def _last_value(data: bytes, start: int) -> bytes | None:
    """The value that begins there, if it ends with the records, and nothing is behind them."""
    told = data[start : -len(b"}}")]
    try:
        codec.load(told)
    except ValueError:
        return None
    return told


def leaves_of(root: str, get: Get) -> Iterator[str]:
    """The digests of a tree's leaves, in order."""
    node = _load(root, get)
    if node["__node__"] != "parts":
        yield root
        return
    for _first, _count, digest in node["parts"]:
        if node["level"] == 1:
            yield digest
        else:
            yield from leaves_of(digest, get)


def leaf(digest: str, get: Get) -> Json:
    """What one leaf holds."""
    return _leaf_value(digest, _load(digest, get), get)


def _part(digest: str, kind: str, get: Get) -> Json:
    """What one leaf of several holds."""
    node = _load(digest, get)
    if node["__node__"] != kind:
        raise no_part(digest, f"it is named as one of {kind}")
    return _leaf_value(digest, node, get)


def links(node: Mapping[str, Json]) -> list[str]:
    """The objects that a node refers to; `ValueError` for what is no node."""
    if not is_node(node):
        raise ValueError("not a part of a content")
    order = [node["order"]] if "order" in node else []
    return [part[2] for part in node.get("parts", ())] + order + [*node.get("trees", {}).values()]


def _leaf_value(digest: str, node: dict[str, Json], get: Get) -> Json:
    if node["__node__"] == "parts":
        raise no_part(digest, "it is named as a leaf, and has parts itself")
    value = node[node["__node__"]]
    for place, root in node.get("trees", {}).items():
        value[place if isinstance(value, dict) else int(place)] = whole(root, get)
    return value


def _load(digest: str, get: Get) -> dict[str, Json]:
    return _parsed(digest, get(digest))


def _parsed(digest: str, data: bytes) -> dict[str, Json]:
    try:
        node = codec.load(data)
    except ValueError:
        raise no_part(digest, "it is not JSON") from None
    if not is_node(node):
        raise no_part(digest)
    found: dict[str, Json] = node
    return found


def leaf_bytes(node: dict[str, Json]) -> bytes:
    """The bytes that a leaf is given, so that one line can be cut out of it."""
    kind, value = node["__node__"], node[node["__node__"]]
    if kind == "value":
        return codec.dump({"__node__": kind, "value": value})
    return _leaf_bytes(kind, _lines(value), node.get("trees", {}))
