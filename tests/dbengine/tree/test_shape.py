"""Each fault that an object can have whose bytes fit its name; and nothing else has one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from dbengine import DbEngine, codec
from dbengine.errors import Corrupt
from dbengine.model import Json
from dbengine.store import MemoryStore
from dbengine.tree import nodes, patch
from dbengine.tree.nodes import Builder
from dbengine.tree.shape import Shapes, is_change
from tests.dbengine.strategies import json_values

Node = dict[str, Any]


@pytest.fixture(autouse=True)
def _small_parts(small_parts: None) -> None:
    """All in this file."""


def shapes(objects: dict[str, bytes]) -> dict[str, str]:
    found = Shapes()
    for digest, data in objects.items():
        found.add(digest, data)
    found.compare(objects.get)
    return found.faults


def build(value: Json) -> tuple[str, dict[str, bytes]]:
    builder = Builder()
    return builder.add(value), builder.objects


@given(json_values)
def test_what_this_program_builds_has_no_fault(value: Json) -> None:
    assert shapes(build(value)[1]) == {}


@given(json_values, json_values)
def test_every_change_that_this_program_finds_is_one(old: Json, new: Json) -> None:
    assert is_change(patch.difference(old, new), of_key=False)


@pytest.mark.parametrize(
    "change",
    [
        None,
        [],
        ["is"],
        ["is", 1, 2],
        ["never", 1],
        ["keys", []],
        ["keys", {"a": 1}],
        ["keys", {"a": ["keys", {"b": ["is"]}]}],
        ["items", {}],
        ["items", [["new"]]],
        ["items", [["at", 0, ["gone"]]]],
        ["items", [["at", -1, ["is", 1]]]],
        ["items", [[0, True]]],
        ["items", [[0]]],
        ["text", 0, 1],
        ["text", 0, "1", "x"],
    ],
    ids=str,
)
def test_what_is_no_change_is_told_apart(change: Json) -> None:
    assert not is_change(change)


def test_only_a_key_is_put_last_or_goes() -> None:
    for change in (["last", 1], ["gone"]):
        assert is_change(change)
        assert not is_change(change, of_key=False)


# ---- nodes --------------------------------------------------------------------------------------


def records(count: int = 40) -> dict[str, Json]:
    return {f"r{n:03}": {"n": n, "pad": "x" * 60} for n in range(count)}


def forged_root(value: Json, forge: Callable[[Node], object]) -> tuple[str, dict[str, bytes]]:
    """A tree whose root says something else, under its true digest."""
    root, objects = build(value)
    node = codec.load(objects.pop(root))
    forge(node)
    data = codec.dump(node)
    objects[codec.digest_of(data)] = data
    return codec.digest_of(data), objects


def put_first(node: Node, first: Json) -> None:
    node["parts"][1][0] = first


def add_one(node: Node) -> None:
    node["parts"][1][1] += 1


def turn(node: Node) -> None:
    node["parts"][:2] = node["parts"][1::-1]


def repeat(node: Node) -> None:
    node["parts"].append(["z", *node["parts"][-1][1:]])


ROOTS: list[tuple[Callable[[Node], object], str]] = [
    (lambda node: node.update(level=2), "on level 0"),
    (lambda node: node.update(level=0), "not a part of a content"),
    (lambda node: node.update(level="1"), "not a part of a content"),
    (lambda node: node.update(of="items"), "not a part of a content"),
    (lambda node: node.update(of=["keys"]), "not a part of a content"),
    (lambda node: node.update(parts=[]), "not a part of a content"),
    (lambda node: node.update(parts=[["r000", 1]]), "not a part of a content"),
    (lambda node: node.update(order="x"), "not a part of a content"),
    (lambda node: node.update(order=None), "not a part of a content"),
    (lambda node: node.update(__node__="leaves"), "not a part of a content"),
    (lambda node: put_first(node, "r000x"), "begins with"),
    (lambda node: put_first(node, 5), "not a part of a content"),
    (add_one, "holds"),
    (turn, "not in order"),
    (repeat, "begins with"),
    (lambda node: node["parts"][1].__setitem__(2, "link"), "not a part of a content"),
    (lambda node: node.update(order=node["parts"][0][2]), "does not list its keys"),
]


@pytest.mark.parametrize(("forge", "what"), ROOTS, ids=range(len(ROOTS)))
def test_a_node_of_parts_that_is_not_what_its_parts_are_is_told(
    forge: Callable[[Node], object], what: str
) -> None:
    root, objects = forged_root(records(), forge)
    [(digest, told)] = shapes(objects).items()
    assert digest == root
    assert what in told


def test_parts_of_two_levels_are_compared_across_their_borders() -> None:
    """The last key below one part is in front of the first of the next, however deep."""
    root, objects = build({f"r{n:05}": "x" * 30 for n in range(3000)})
    node = codec.load(objects[root])
    assert node["level"] > 1
    assert shapes(objects) == {}
    first = codec.load(objects[node["parts"][0][2]])
    node["parts"][1][0] = first["parts"][-1][0] + "!"
    assert "begins with" in shapes({**objects, "f" * 64: codec.dump(node)})["f" * 64]


def test_two_parts_that_reach_into_each_other_are_told() -> None:
    builder = Builder()
    left, right = (builder.add(dict.fromkeys(keys, 1)) for keys in ("ac", "bd"))
    root = builder._root("keys", [["a", 2, left], ["b", 2, right]], None)
    assert shapes(builder.objects) == {
        root: f"its part {right} begins before the one in front of it ends"
    }


def test_a_part_whose_keys_are_not_sorted_is_told() -> None:
    builder = Builder()
    leaf = builder.add(dict.fromkeys("acb", 1))
    root = builder._root("keys", [["a", 3, leaf]], None)
    assert shapes(builder.objects) == {root: f"the keys in its part {leaf} are not sorted"}


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b'{"__node__":"keys","keys":{"a":1}}', "bytes are not those"),  # no tab: cannot be found
        (b'{"__node__":"keys","keys":{\t"a":1,\t"a":2}}', "bytes are not those"),
        (b'{"keys":{\t"a":1},"__node__":"keys"}', "bytes are not those"),
        (b'{"__node__":"keys","keys":[\t1]}', "not a part of a content"),
        (b'{"__node__":"keys","keys":{\t"a":null},"trees":{"b":"x"}}', "not a part of a content"),
        (b'{"__node__":"items","items":{}}', "not a part of a content"),
        (b'{"__node__":"items"}', "not a part of a content"),
        (b'{"__node__":"value","value":[1]}', "not a part of a content"),
        (b'{"__node__":"parts"}', "not a part of a content"),
        (b'{"__node__":{}}', "not a part of a content"),
        (b'{"a":1}', "not a snapshot"),
        (b"[]", "not a snapshot"),
        (b"{", "not JSON"),
    ],
)
def test_a_node_that_nobody_writes_is_told(data: bytes, what: str) -> None:
    assert what in shapes({"0" * 64: data})["0" * 64]


def test_a_value_beside_its_own_tree_is_told() -> None:
    tree = "a" * 64
    data = b'{"__node__":"items","items":[\t1],"trees":{"0":"%b"}}' % tree.encode()
    assert shapes({"0" * 64: data}) == {"0" * 64: "it holds a value that it names a tree for"}


# ---- reading them -------------------------------------------------------------------------------


@pytest.mark.parametrize(("forge", "what"), ROOTS, ids=range(len(ROOTS)))
def test_reading_a_forged_tree_is_damage_or_gives_all_records(
    forge: Callable[[Node], object], what: str
) -> None:
    """Bare errors came out of it before."""
    root, objects = forged_root(records(), forge)

    def get(digest: str) -> bytes:
        if digest not in objects:
            raise Corrupt("missing", digest=digest)
        return objects[digest]

    try:
        assert nodes.whole(root, get) == records()
    except Corrupt as error:
        assert error.digest in objects
    for key in records():
        try:
            assert nodes.find(root, key, get) in (None, codec.dump(records()[key]))
        except Corrupt as error:
            assert error.digest in objects


@pytest.mark.parametrize(
    "data",
    [
        b'{"__node__":"keys"}',
        b'{"__node__":"keys","keys":{\t"a":null},"trees":{"b":"x"}}',
        b'{"__node__":"keys","keys":{\t"a":null},"trees":5}',
        b'{"__node__":"keys","keys":{\t"a":',
        b'{"__node__":"items","items":[\tnull],"trees":{"x":"y"}}',
        b'{"__node__":"parts","of":"keys","level":1,"parts":[[]]}',
        b'{"__node__":"parts","of":"items","level":1,"parts":[[null,1,"x"]]}',
        b"[",
    ],
)
def test_reading_a_forged_node_is_damage(data: bytes) -> None:
    for read in (nodes.whole, lambda root, get: nodes.find(root, "a", get)):
        with pytest.raises(Corrupt, match="d is not a part of a content") as caught:
            read("d", lambda _digest: data)
        assert caught.value.digest == "d"


def test_a_line_that_is_no_record_is_damage() -> None:
    with pytest.raises(Corrupt, match="no record"):
        nodes.find("d", "a", lambda _digest: b'{"__node__":"keys","keys":{\t"x":{\t"a":1}}}')


def test_an_order_that_is_not_one_of_the_keys_is_damage() -> None:
    backwards = dict(reversed(records().items()))
    other, others = build(["x"] * 40)

    def change(node: Node) -> None:
        node["order"] = other

    root, objects = forged_root(backwards, change)
    with pytest.raises(Corrupt, match="its order") as caught:
        nodes.whole(root, {**objects, **others}.__getitem__)
    assert caught.value.digest == root


# ---- versions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"seq": 0}, "number is 0"),
        ({"seq": True}, "number is True"),
        ({"action": "jump"}, "action is 'jump'"),
        ({"form": "rows"}, "form is 'rows'"),
        ({"date": "yesterday"}, "date is 'yesterday'"),
        ({"size": "5"}, "counts are no numbers"),
        ({"counts": [1, -1, 0]}, "counts are no numbers"),
        ({"keys": {"added": [1], "changed": [], "removed": [], "complete": True}}, "no texts"),
        ({"keys": {"added": [], "changed": [], "removed": [], "complete": 1}}, "complete"),
        ({"content": None}, "content is missing"),
        ({"action": "drop"}, "content is that of a deletion"),
        ({"content": {"json": [1]}}, "no collection of records"),
        ({"count": 7}, "content has 1 records, not 7"),
        ({"content": {"base": "0" * 64, "step": 1, "change": ["keys", {"a": 1}]}}, "no change"),
        ({"content": {"base": "0" * 64, "step": 1, "change": ["is", {}]}}, "no change of records"),
        ({"content": {"tree": "x"}}, "it is not a snapshot"),
        ({"user": 5}, "it is not a snapshot"),
    ],
    ids=str,
)
def test_a_version_that_makes_no_sense_is_told(changes: Node, what: str) -> None:
    objects = dict(_stored({"n": {"a": 1}}))
    [whole] = objects.values()
    forged = codec.load(whole) | {f"__{name}__": value for name, value in changes.items()}
    assert what in shapes({"0" * 64: codec.dump(forged)})["0" * 64]
    assert shapes(objects) == {}


def _stored(entries: dict[str, Json]) -> list[tuple[str, bytes]]:
    """All objects after a save of each entry."""
    store = MemoryStore()
    db = DbEngine(store=store)
    db.init("t")
    for entry, value in entries.items():
        db.save("t", "ann", entry, value)
    return [(digest, store.get("t", [digest])[digest]) for digest in store.objects("t")]


def _version(content: Json, **changes: Json) -> tuple[str, bytes]:
    data = codec.load(_stored({"n": {"a": 1}})[0][1])
    forged = {f"__{name}__": value for name, value in changes.items()}
    made = codec.dump(data | {"__content__": content} | forged)
    return codec.digest_of(made), made


def test_a_version_that_is_not_what_it_names_is_told() -> None:
    base, tree, items = _version({"json": {"a": 1}}), build(records()), build([1, 2])
    told = ["keys", {"a": ["is", 2]}]
    cases: list[tuple[tuple[str, bytes], str]] = [
        (_version({"tree": tree[0]}), "holds 40 records, not 1"),
        (_version({"tree": items[0]}, count=2), "does not hold records"),
        (_version({"tree": base[0]}), "is a version"),
        (_version({"base": base[0], "step": 1, "tree": tree[0]}), "does not hold changes"),
        (_version({"base": tree[0], "step": 1, "change": told}), "is no version"),
        (_version({"base": base[0], "step": 3, "change": told}), "at step 0, not 2"),
        (_version({"base": base[0], "step": 1, "change": told}, entry="m"), "of another entry"),
    ]
    for (digest, data), what in cases:
        faults = shapes({**tree[1], **items[1], **dict([base]), digest: data})
        assert list(faults) == [digest]
        assert what in faults[digest]


def test_what_a_missing_object_would_be_is_not_guessed() -> None:
    root, objects = build(records())
    gone = codec.load(objects[root])["parts"][0][2]
    del objects[gone]
    version = _version({"tree": root}, count=3)
    assert shapes({**objects, **dict([version])}) == {}
