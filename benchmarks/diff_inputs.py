"""The inputs of the diff's benchmark: pairs of documents with a known difference."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

Pair = tuple[Any, Any]


def record(numbers: random.Random, at: int) -> dict[str, Any]:
    return {
        "id": at,
        "email": f"u{numbers.randrange(10**9)}@example.org",
        "age": numbers.randrange(90),
        "score": numbers.random(),
        "active": at % 2 == 0,
        "tags": ["a", str(numbers.randrange(5))],
        "address": {"city": numbers.choice("ABC"), "zip": str(numbers.randrange(10**5))},
        "note": None,
    }


def records(count: int, seed: int = 7) -> list[dict[str, Any]]:
    numbers = random.Random(seed)
    return [record(numbers, at) for at in range(count)]


def thirty_changes(count: int) -> Pair:
    """Records, and the same after 15 edits, 5 inserts, 5 deletions and 5 moves."""
    numbers = random.Random(7)
    left = records(count)
    right = copy.deepcopy(left)
    places = sorted(numbers.sample(range(5, count - 10, 5), 35), reverse=True)
    kinds = ["edit"] * 15 + ["insert"] * 5 + ["delete"] * 5 + ["take"] * 5 + ["give"] * 5
    numbers.shuffle(kinds)
    plan = list(zip(places, kinds, strict=True))
    hand = [copy.deepcopy(left[at]) for at, kind in plan if kind == "take"]
    for at, kind in plan:
        if kind == "edit":
            right[at]["age"] += 1000
        elif kind == "insert":
            right.insert(at, record(numbers, count + at))
        elif kind == "give":
            right.insert(at, hand.pop())
        else:
            del right[at]
    return left, right


def config() -> Pair:
    """A configuration of about 25 KB with five edits."""
    numbers = random.Random(3)
    left = {
        f"section_{at}": {f"option_{n}": numbers.choice([n, str(n), n / 7]) for n in range(20)}
        for at in range(55)
    }
    right = copy.deepcopy(left)
    for at in range(5):
        right[f"section_{at * 9}"][f"option_{at}"] = "edited"
    return left, right


def awkward(count: int) -> dict[str, Callable[[], Pair]]:
    """Inputs at which a comparison may get stuck, by name."""
    numbers = random.Random(5)

    def without_ids(seed: int = 7) -> list[dict[str, Any]]:
        return [{k: v for k, v in r.items() if k != "id"} for r in records(count, seed)]

    def touched(left: list[dict[str, Any]]) -> Pair:
        return left, [{**item, "age": -1} for item in copy.deepcopy(left)]

    def shuffled() -> Pair:
        left = records(count)
        return left, numbers.sample(copy.deepcopy(left), count)

    def reversed_keys() -> Pair:
        left = records(count)
        return left, [dict(reversed(item.items())) for item in copy.deepcopy(left)]

    def regenerated() -> Pair:
        left = records(count)
        return left, [{**item, "id": item["id"] + count} for item in copy.deepcopy(left)]

    def duplicates() -> Pair:
        return touched([{**item, "id": item["id"] // 2} for item in records(count)])

    def partial() -> Pair:
        left = [item if item["age"] % 4 else {**item, "id": None} for item in records(count)]
        return touched(left)

    def nested_edits() -> Pair:
        left = records(count)
        right = copy.deepcopy(left)
        for item in right:
            item["address"]["city"] = "X"
            item["tags"].append("new")
        return left, right

    def chain() -> Pair:
        half = range(count // 2)
        left = [value for at in half for value in (at, -1)]
        return left, [value for at in half for value in (-1, at)]

    def equal_hashes() -> Pair:
        left = [at * (2**61 - 1) for at in range(5_000)]
        return left, left[::-1]

    def pair_of(value: Callable[[], Any]) -> Pair:
        left, right = ([value() for _ in range(count)] for _ in "lr")
        return left, right

    def text() -> Pair:
        left = " ".join(str(numbers.random()) for _ in range(count))
        return {"a": left}, {"a": left[: len(left) // 2] + "XX" + left[len(left) // 2 + 3 :]}

    def nested(leaf: int) -> Any:
        value: Any = leaf
        for _ in range(50_000):
            value = {"a": [value], "b": 1}
        return value

    return {
        "every record edited": lambda: touched(records(count)),
        "every record edited, no ids": lambda: touched(without_ids()),
        "every record edited in a list and a dict of its own": nested_edits,
        "every field of every record": lambda: (records(count), records(count, 8)),
        "keys of each record reversed": reversed_keys,
        "ids regenerated": regenerated,
        "each id twice, every record edited": duplicates,
        "a quarter without id, every record edited": partial,
        "shuffled": shuffled,
        "unrelated records, no ids": lambda: (without_ids(), without_ids(8)),
        "unrelated lists": lambda: pair_of(lambda: [numbers.random() for _ in range(3)]),
        "unrelated numbers": lambda: pair_of(numbers.random),
        "two distinct values": lambda: pair_of(lambda: numbers.randrange(2)),
        "all equal, some fewer": lambda: ([0] * count, [0] * (count - 7)),
        "each second item unique": chain,
        "5,000 integers of one hash": equal_hashes,
        "one text of 2 MB": text,
        "50,000 levels": lambda: (nested(1), nested(2)),
    }
