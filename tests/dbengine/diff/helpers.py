"""What the tests of the diff share: random documents, strict text, a small RFC 6902 applier."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 2, -1, 2**70, 0.0, -0.0, 1.0, 0.5, 1e5, float("nan"), float("inf")]),
    st.sampled_from(["", "a", "b", "a b c", 'q"uote', "new\nline", "é", "é", "\x00", "\ud800"]),
)
KEYS = st.sampled_from(["id", "a", "b", "name", "a/b", "~", "", "__x", "a.b", "['q']", "0"])


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=6) | st.dictionaries(KEYS, inner, max_size=5)


DOCUMENTS = st.recursive(LEAVES, containers, max_leaves=25)


@st.composite
def edited_pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """A document, and the same one after a few edits."""
    left = draw(DOCUMENTS)
    holder = [copy.deepcopy(left)]
    for _ in range(draw(st.integers(0, 4))):
        _edit(draw, holder)
    return left, holder[0]


def _edit(draw: st.DrawFn, holder: list[Any]) -> None:
    place: Any = holder
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        inside = [k for k in keys if isinstance(place[k], dict | list) and place[k]]
        if not inside or (place is not holder and draw(st.booleans())):
            break
        place = place[draw(st.sampled_from(inside))]
    if isinstance(place, dict):
        _edit_dict(draw, place)
    elif place is holder:
        holder[0] = draw(DOCUMENTS)
    else:
        _edit_list(draw, place)


def _edit_dict(draw: st.DrawFn, place: dict[str, Any]) -> None:
    key = draw(st.sampled_from(list(place)))
    value = place.pop(key)
    what = draw(st.sampled_from(["remove", "last", "new", "replace"]))
    if what == "last":
        place[key] = value
    elif what == "new":
        place[draw(KEYS)] = value
    elif what == "replace":
        place[key] = draw(DOCUMENTS)


def _edit_list(draw: st.DrawFn, place: list[Any]) -> None:
    at = draw(st.integers(0, len(place) - 1))
    what = draw(st.sampled_from(["remove", "insert", "move", "double", "reverse", "replace"]))
    if what == "insert":
        place.insert(at, draw(DOCUMENTS))
    elif what == "reverse":
        place.reverse()
    elif what == "double":
        place.append(copy.deepcopy(place[at]))
    elif what == "replace":
        place[at] = draw(DOCUMENTS)
    else:
        value = place.pop(at)
        if what == "move":
            place.insert(draw(st.integers(0, len(place))), value)


PAIRS = st.tuples(DOCUMENTS, DOCUMENTS) | edited_pairs()


def strict(value: Any) -> str:
    """The same text for strictly equal values and for these only, whatever the order of keys."""
    return json.dumps(value, sort_keys=True)


def pretty(value: Any) -> list[str]:
    return json.dumps(value, indent=2, ensure_ascii=False).split("\n")


def at_path(value: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def apply_patch(document: Any, operations: list[dict[str, Any]]) -> Any:
    """The document after RFC 6902 `operations`; an operation that does not fit raises."""
    holder = [copy.deepcopy(document)]
    for operation in operations:
        _apply(holder, operation)
    return holder[0]


def _apply(holder: list[Any], operation: dict[str, Any]) -> None:
    place, key = _resolve(holder, operation["path"])
    match operation["op"]:
        case "add":
            _add(place, key, copy.deepcopy(operation["value"]))
        case "remove":
            del place[key]
        case "replace":
            assert key in place if isinstance(place, dict) else 0 <= key < len(place)
            place[key] = copy.deepcopy(operation["value"])
        case "move":
            source, at = _resolve(holder, operation["from"])
            value = source.pop(at)
            _add(*_resolve(holder, operation["path"]), value)
        case other:
            raise AssertionError(other)


def _add(place: Any, key: Any, value: Any) -> None:
    if isinstance(place, dict):
        place[key] = value
        return
    assert 0 <= key <= len(place)
    place.insert(key, value)


def _resolve(holder: list[Any], pointer: str) -> tuple[Any, Any]:
    """The container that the pointer leads into, and the key in it."""
    place: Any = holder
    key: Any = 0
    for part in pointer.split("/")[1:]:
        place = place[key]
        name = part.replace("~1", "/").replace("~0", "~")
        key = int(name) if isinstance(place, list) else name
    return place, key
