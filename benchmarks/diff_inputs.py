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

    def ids_of_one_hash() -> Pair:
        return touched([{"id": at * (2**61 - 1), "age": at, "x": "x"} for at in range(20_000)])

    def many_possible_ids() -> Pair:
        left = without_ids()
        left[0] |= {f"x{at}id": at for at in range(2_000)}
        return touched(left)

    def some_in_place(value: Callable[[], Any]) -> Pair:
        left, right = ([value() if at % 32 else at for at in range(count)] for _ in "lr")
        return left, right

    def wide() -> Pair:
        numbers_of = [[numbers.random() for _ in range(1_000)] for _ in range(count // 50)]
        rows = [{f"f{at}": number for at, number in enumerate(row)} for row in numbers_of]
        return rows[::2], rows[1::2]

    def odd_texts() -> Pair:
        odd = ("\u00e9", "\ud800", "\x00", "a.b", "['q']", 'q"', "__x", "~/", "")
        left = {f"{odd[at % 9]}{at}": odd[at % 7] for at in range(count)}
        return left, {
            name.replace("\u00e9", "e\u0301"): f"{old}\udfff" for name, old in left.items()
        }

    def layers() -> Pair:
        left, right = thirty_changes(count)
        wrapped: Any = left
        other: Any = right
        for at in range(30):
            wrapped, other = {"a": wrapped, "b": at}, {"a": other, "b": -at}
        return wrapped, other

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
        "ids of one hash, 20,000 records": ids_of_one_hash,
        "2,000 fields that could be ids": many_possible_ids,
        "shuffled": shuffled,
        "unrelated records, no ids": lambda: (without_ids(), without_ids(8)),
        "unrelated lists": lambda: pair_of(lambda: [numbers.random() for _ in range(3)]),
        "unrelated numbers": lambda: pair_of(numbers.random),
        "unrelated texts, some in place": lambda: some_in_place(lambda: str(numbers.random())),
        "unrelated records of 1,000 fields": wide,
        "two distinct values": lambda: pair_of(lambda: numbers.randrange(2)),
        "all equal, some fewer": lambda: ([0] * count, [0] * (count - 7)),
        "each second item unique": chain,
        "5,000 integers of one hash": equal_hashes,
        "odd keys and texts": odd_texts,
        "one text of 2 MB": text,
        "records under 30 levels": layers,
        "50,000 levels": lambda: (nested(1), nested(2)),
    }
