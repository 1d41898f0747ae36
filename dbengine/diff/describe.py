"""Asks deepdiff how two leaves differ, once for all of them; nothing else imports it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

from dbengine.model import Json

ASKED: Final = 500
"""So many pairs are shown to deepdiff, which needs some 20 µs for each."""

LONG: Final = 200
"""Longer strings are not: two of them differ in value, never in type."""

How = Literal["changed", "type_changed"]
Types = tuple[type, type]


def describe(pairs: Sequence[tuple[Json, Json]], tick: Callable[[int], None]) -> list[How]:
    """How each pair, already known to differ, does: in its value, or in its type.

    Beyond the first `ASKED` pairs, one of each two types speaks for all others like it.
    """
    asked = {str(at): pair for at, pair in enumerate(pairs[:ASKED]) if not _long(pair)}
    met = {_types(pair) for pair in asked.values()}
    for at, pair in enumerate(pairs[ASKED:], ASKED):
        if _types(pair) not in met and not _long(pair):
            met.add(_types(pair))
            asked[str(at)] = pair
    answers = _ask(asked)
    tick(len(asked))
    known: dict[Types, How] = {_types(asked[at]): how for at, how in answers.items()}
    return [answers.get(str(at)) or known.get(_types(p), "changed") for at, p in enumerate(pairs)]


def _types(pair: tuple[Json, Json]) -> Types:
    return type(pair[0]), type(pair[1])


def _long(pair: tuple[Json, Json]) -> bool:
    return all(isinstance(value, str) for value in pair) and max(map(len, pair)) > LONG


def _stub(value: Json) -> Json:
    """A container's type is all that matters here: what is in it is not looked at."""
    if isinstance(value, str):
        return value[:LONG]
    return type(value)() if isinstance(value, dict | list) else value


def _ask(asked: dict[str, tuple[Json, Json]]) -> dict[str, How]:
    """Two dicts keyed by a token leave deepdiff no list to misalign and no name to leave out.

    It is silent on some pairs that differ, as `0.0` and `-0.0`: these are changed in value.
    """
    if not asked:
        return {}
    from deepdiff import DeepDiff  # noqa: PLC0415 - 80 ms, and most comparisons need it late

    found: Any = DeepDiff(
        {token: _stub(pair[0]) for token, pair in asked.items()},
        {token: _stub(pair[1]) for token, pair in asked.items()},
        view="tree",
        threshold_to_diff_deeper=0,
        ignore_nan_inequality=True,
    )
    answers: dict[str, How] = dict.fromkeys(asked, "changed")
    for level in found.get("type_changes", ()):
        answers[level.path(output_format="list")[0]] = "type_changed"
    return answers
