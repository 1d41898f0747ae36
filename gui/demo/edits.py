"""What people do to a record: each function changes the value that it is given, in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

Edit = Callable[[Random, dict[str, Any]], None]


def nudge(random: Random, record: dict[str, Any], key: str, step: float) -> None:
    """Make a number a little bigger or smaller, above nothing."""
    change = step * random.choice((-2, -1, 1, 2, 3))
    number = max(step, record[key] + change)
    record[key] = round(number, 2) if isinstance(number, float) else number


def another(random: Random, choices: Sequence[Any], now: Any) -> Any:
    """One of `choices`, but not the present one."""
    return random.choice([choice for choice in choices if choice != now])


def swap_tag(random: Random, record: dict[str, Any], key: str, choices: Sequence[Any]) -> None:
    """Take an item out of a list of plain values, or put one in."""
    values: list[Any] = record[key]
    free = [choice for choice in choices if choice not in values]
    if values and (not free or random.random() < 0.4):
        values.remove(random.choice(values))
    else:
        values.insert(random.randint(0, len(values)), random.choice(free))


def move_item(random: Random, items: list[Any]) -> None:
    """Take one item of a list to another place."""
    if len(items) > 1:
        old = random.randrange(len(items))
        item = items.pop(old)
        items.insert(another(random, range(len(items) + 1), old), item)


def reword(random: Random, record: dict[str, Any], key: str, sentences: Sequence[str]) -> None:
    """Replace a sentence somewhere in a long text."""
    parts = record[key].split(". ")
    place = random.randrange(len(parts))
    parts[place] = another(random, sentences, parts[place].rstrip(".")).rstrip(".")
    record[key] = ". ".join(parts).rstrip(".") + "."
