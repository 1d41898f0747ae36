"""The form of a node of a tree: what may be relied on once it was looked at."""

from __future__ import annotations

from collections.abc import Iterable

from dbengine import codec
from dbengine.errors import Corrupt
from dbengine.model import Json


def is_node(node: Json) -> bool:
    """Whether this has the form of a node, whatever its parts are."""
    if not isinstance(node, dict):
        return False
    kind = node.get("__node__")
    if kind == "parts":
        return _are_parts(node)
    if kind == "value":
        return "value" in node and not isinstance(node["value"], dict | list)
    if kind == "keys":
        return isinstance(node.get("keys"), dict) and _have_places(node, node["keys"])
    if kind == "items":
        items = node.get("items")
        return isinstance(items, list) and _have_places(node, map(str, range(len(items))))
    return False


def _have_places(node: dict[str, Json], places: Iterable[str]) -> bool:
    """Whether each tree beside the values is instead of one of them."""
    trees = node.get("trees")
    if trees is None:
        return True
    known = set(places)
    return isinstance(trees, dict) and all(
        place in known and codec.is_digest(root) for place, root in trees.items()
    )


def _are_parts(node: dict[str, Json]) -> bool:
    level, parts = node.get("level"), node.get("parts")
    if type(level) is not int or level < 1 or not isinstance(parts, list) or not parts:
        return False
    if node.get("of") not in ("keys", "items"):
        return False
    if "order" in node and not codec.is_digest(node["order"]):
        return False
    named = str if node["of"] == "keys" else type(None)
    return all(_is_part(part, named) for part in parts)


def _is_part(part: Json, named: type) -> bool:
    if not isinstance(part, list) or len(part) != 3:
        return False
    first, count, digest = part
    return type(first) is named and type(count) is int and count > 0 and codec.is_digest(digest)


def no_part(digest: str, what: str = "") -> Corrupt:
    """The error for an object that is named as a node and cannot be used as one."""
    why = f": {what}" if what else ""
    message = f"The object {digest} is not a part of a content as this program writes it{why}."
    return Corrupt(f"{message} Run `dbengine verify` to see what it hurts.", digest=digest)
