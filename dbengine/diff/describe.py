"""Asks deepdiff how two leaves differ, once for each two types; nothing else imports it.

Two leaves of one type that are known to differ can only have changed in value, which needs no
asking. What deepdiff says of leaves of two types depends on nothing but these, so its answer is
remembered for as long as the program runs.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from dbengine.model import Json

LONG: Final = 200
"""Strings are shown up to this length."""

How = Literal["changed", "type_changed"]
Types = tuple[type, type]

_KNOWN: Final[dict[Types, How]] = {}


def describe(old: Json, new: Json) -> How:
    """How two leaves that are known to differ do: in value, or in type."""
    types = type(old), type(new)
    if types[0] is types[1]:
        return "changed"
    if types not in _KNOWN:
        _KNOWN[types] = _ask(old, new)
    return _KNOWN[types]


def _stub(value: Json) -> Json:
    """A container's type is all that matters here: what is in it is not looked at."""
    if isinstance(value, str):
        return value[:LONG]
    if isinstance(value, dict | list):
        return {} if isinstance(value, dict) else []
    return value


def _ask(old: Json, new: Json) -> How:
    """A dict leaves deepdiff no list to misalign; where it is silent, the value has changed."""
    from deepdiff import DeepDiff  # noqa: PLC0415 - 80 ms, and most comparisons never need it

    found: Any = DeepDiff(
        {"value": _stub(old)},
        {"value": _stub(new)},
        view="tree",
        threshold_to_diff_deeper=0,
        ignore_nan_inequality=True,
    )
    return "type_changed" if found.get("type_changes") else "changed"
