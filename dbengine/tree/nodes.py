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
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar

from dbengine import codec
from dbengine.errors import Corrupt
from dbengine.model import Json

Get = Callable[[str], bytes]
_T = TypeVar("_T")

PART = 32 * 1024
"""How many bytes a part has on average."""
_TAB: Final = b"\t"
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_NEAR = 2048
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

    def _add_keys(self, value: dict[str, Json]) -> str:
        lines = [self._line(key, item) for key, item in value.items()]
        if _fits(lines):
            return self._leaf("keys", lines)
        keys = list(value)
        places = sorted(range(len(keys)), key=keys.__getitem__)
        ordered = [lines[place] for place in places]
        cuts = list(_cut(ordered, _weigh))
        if len(cuts) == 1:
            return self._leaf("keys", lines)
        in_order = places == list(range(len(keys)))
        return self._root(
            "keys", self._parts("keys", cuts), None if in_order else self._add_items(keys)
        )

    def _add_items(self, items: list[Json]) -> str:
        lines = [self._line(None, item) for item in items]
        if _fits(lines):
            return self._leaf("items", lines)
        return self._root("items", self._parts("items", _cut(lines, _weigh)), None)

    def _line(self, key: str | None, value: Json) -> _Line:
        data = codec.dump(value)
        tree = ""
        if len(data) > PART:
            data, tree = b"null", self.add(value)
        return _Line(key, data, tree)

    def _parts(self, kind: str, cuts: Iterable[list[_Line]]) -> list[list[Any]]:
        return [[part[0].key, len(part), self._leaf(kind, part)] for part in cuts]

    def _root(self, kind: str, parts: list[list[Any]], order: str | None) -> str:
        """Parts of parts, until one object holds them; those of level 1 are leaves."""
        level = 1
        while len(codec.dump(parts)) > 2 * PART:
            groups = list(_cut(parts, lambda part: (zlib.crc32(part[2].encode()), 100)))
            if len(groups) in (1, len(parts)):
                break
            parts = [self._group(kind, level, group) for group in groups]
            level += 1
        return self._put(codec.dump(_parts_node(kind, level, parts, order)))

    def _group(self, kind: str, level: int, parts: list[list[Any]]) -> list[Any]:
        digest = self._put(codec.dump(_parts_node(kind, level, parts, None)))
        return [parts[0][0], sum(part[1] for part in parts), digest]

    def _leaf(self, kind: str, lines: Iterable[_Line]) -> str:
        lines = list(lines)
        trees = {
            str(at) if line.key is None else line.key: line.tree
            for at, line in enumerate(lines)
            if line.tree
        }
        body = b",".join([_TAB + line.bytes for line in lines])
        tail = b',"trees":' + codec.dump(trees) if trees else b""
        return self._put(_LEAF[kind] + body + _SHUT[kind] + tail + b"}")

    def _put(self, data: bytes) -> str:
        digest = codec.digest_of(data)
        self.objects[digest] = data
        return digest


class _Line:
    """One record or item of a leaf, as its JSON."""

    __slots__ = ("bytes", "key", "tree")

    def __init__(self, key: str | None, data: bytes, tree: str) -> None:
        self.key = key
        self.tree = tree
        self.bytes = data if key is None else codec.dump(key) + b":" + data

    @property
    def size(self) -> int:
        return len(self.bytes)

    @property
    def hash(self) -> int:
        return zlib.crc32(self.key.encode() if self.key is not None else self.bytes)


def _weigh(line: _Line) -> tuple[int, int]:
    return line.hash, line.size


def _fits(lines: list[_Line]) -> bool:
    return sum(line.size for line in lines) <= 2 * PART


def _cut(things: list[_T], weigh: Callable[[_T], tuple[int, int]]) -> Iterator[list[_T]]:
    """Each byte is as likely as any other to end a part."""
    part: list[_T] = []
    for thing in things:
        part.append(thing)
        hashed, size = weigh(thing)
        if hashed < (size << 32) // PART:
            yield part
            part = []
    if part:
        yield part


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
        return _leaf_value(node, get)
    leaves = [_leaf_value(_load(digest, get), get) for digest in leaves_of(root, get)]
    if node["of"] == "items":
        return [item for leaf in leaves for item in leaf]
    records: dict[str, Json] = {}
    for leaf in leaves:
        records.update(leaf)
    order = node.get("order")
    return records if order is None else {key: records[key] for key in whole(order, get)}


def find(root: str, key: str, get: Get) -> bytes | None:
    """The JSON of a key's value in the tree of a dict, None where it has none; reads one leaf."""
    data, is_sorted = get(root), False
    while not data.startswith(_LEAF["keys"]):
        if not data.startswith(_PARTS):
            raise _no_part(root)
        firsts, digests = _parts_by_key(data)
        at = bisect_right(firsts, key) - 1
        if at < 0:
            return None
        root = digests[at]
        data, is_sorted = get(root), True
    near = _near(data, key) if is_sorted else (len(_LEAF["keys"]), len(data))
    return _find_line(root, data, near, key, get)


@lru_cache(maxsize=64)
def _parts_by_key(data: bytes) -> tuple[list[str], list[str]]:
    """The first key and the digest of each part; kept, since each lookup begins with them."""
    parts = codec.load(data)["parts"]
    return [part[0] for part in parts], [part[2] for part in parts]


def _near(data: bytes, key: str) -> tuple[int, int]:
    """Between which bytes of a sorted leaf a key's line begins, if there is one."""
    low, high = len(_LEAF["keys"]), len(data)
    while high - low > _NEAR:
        start = data.find(_TAB, (low + high) // 2, high)
        if start < 0:
            high = (low + high) // 2
        elif _key_at(data, start + 1) <= key:
            low = start
        else:
            high = start
    return low, high


def _key_at(data: bytes, start: int) -> str:
    found = _STRING.match(data, start)
    return str(codec.load(found[0])) if found else ""


def _find_line(root: str, data: bytes, near: tuple[int, int], key: str, get: Get) -> bytes | None:
    name = _TAB + codec.dump(key) + b":"
    start = data.find(name, near[0], min(near[1] + len(name), len(data)))
    if start < 0:
        return None
    start += len(name)
    stop = data.find(b"," + _TAB, start)
    if stop >= 0 and data[start:stop] != b"null":
        return data[start:stop]
    node = _load(root, get)
    tree = node.get("trees", {}).get(key)
    return codec.dump(whole(tree, get) if tree else node["keys"][key])


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
    return _leaf_value(_load(digest, get), get)


def links(node: Mapping[str, Json]) -> list[str]:
    """The objects that a node refers to."""
    order = [node["order"]] if "order" in node else []
    return [part[2] for part in node.get("parts", ())] + order + [*node.get("trees", {}).values()]


def _leaf_value(node: dict[str, Json], get: Get) -> Json:
    value = node[node["__node__"]]
    for place, root in node.get("trees", {}).items():
        value[place if isinstance(value, dict) else int(place)] = whole(root, get)
    return value


def _load(digest: str, get: Get) -> dict[str, Json]:
    return _check(digest, codec.load(get(digest)))


def _check(digest: str, node: Json) -> dict[str, Json]:
    if isinstance(node, dict) and node.get("__node__") in ("keys", "items", "value", "parts"):
        return node
    raise _no_part(digest)


def _no_part(digest: str) -> Corrupt:
    return Corrupt(f"The object {digest} is not a part of a content.", digest=digest)
