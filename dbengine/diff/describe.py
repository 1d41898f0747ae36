"""Asks deepdiff how two leaves differ, once for each two types; nothing else imports it.

Two leaves of one type that are known to differ can only have changed in value, which needs no
asking. What deepdiff says of leaves of two types depends on nothing but these, so its answer is
remembered for as long as the program runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from dbengine.model import Json

LONG: Final = 200
"""Strings are shown up to this length."""

How = Literal["changed", "type_changed"]
Types = tuple[type, type]

_KNOWN: Final[dict[Types, How]] = {}


def describe(pairs: Sequence[tuple[Json, Json]]) -> list[How]:
    """How each pair, already known to differ, does: in its value, or in its type."""
    kinds = [(type(old), type(new)) for old, new in pairs]
    unknown = {
        kind: pair
        for kind, pair in zip(kinds, pairs, strict=True)
        if kind[0] is not kind[1] and kind not in _KNOWN
    }
    _KNOWN.update(_ask(unknown))
    return ["changed" if kind[0] is kind[1] else _KNOWN[kind] for kind in kinds]


def _stub(value: Json) -> Json:
    """A container's type is all that matters here: what is in it is not looked at."""
    if isinstance(value, str):
        return value[:LONG]
    return type(value)() if isinstance(value, dict | list) else value


def _ask(unknown: dict[Types, tuple[Json, Json]]) -> dict[Types, How]:
    """Two dicts keyed by a token leave deepdiff no list to misalign and no name to leave out.

    Where it is silent on a pair that differs, that is changed in value.
    """
    if not unknown:
        return {}
    from deepdiff import DeepDiff  # noqa: PLC0415 - 80 ms, and most comparisons need it late

    asked = {str(at): pair for at, pair in enumerate(unknown.values())}
    found: Any = DeepDiff(
        {token: _stub(pair[0]) for token, pair in asked.items()},
        {token: _stub(pair[1]) for token, pair in asked.items()},
        view="tree",
        threshold_to_diff_deeper=0,
        ignore_nan_inequality=True,
    )
    told = {level.path(output_format="list")[0] for level in found.get("type_changes", ())}
    return {
        kind: "type_changed" if str(at) in told else "changed" for at, kind in enumerate(unknown)
    }
