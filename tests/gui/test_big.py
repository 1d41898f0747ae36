from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbengine import Cancelled, pretty
from gui import big

LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.text('a\n"{[,: ü', max_size=4)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=7) | st.dictionaries(st.text('ab\n"', max_size=2), inner)
    ),
    max_leaves=40,
)


def nothing() -> None:
    pass


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(big, "MANY", 3)


@given(VALUES)
@settings(max_examples=300)
def test_pieces_together_are_the_whole_print(value: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(big, "MANY", 3)
        assert big.printed(value, nothing).rstrip(b"\n") == pretty(value).rstrip(b"\n")


@pytest.mark.parametrize("many", [list(range(2_500)), {str(n): [n, {}] for n in range(2_500)}])
def test_a_big_container_is_found_and_printed_wherever_it_is(many: Any) -> None:
    for value in (many, {"data": many, "more": 1}, [[{"a": {"b": many}}]]):
        assert big.printed(value, nothing).rstrip(b"\n") == pretty(value).rstrip(b"\n")


def test_printing_can_be_stopped_between_the_pieces() -> None:
    checks = []

    def check() -> None:
        checks.append(1)
        if len(checks) == 3:
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        big.printed(list(range(10_000)), check)


class Leaf:
    """Something of which one can see that it is gone."""


def test_what_crumbles_is_gone_and_what_others_hold_stays(small_pieces: None) -> None:
    kept, gone = Leaf(), Leaf()
    shared = {"kept": [kept], "b": 1, "c": 2, "d": 3}
    left = weakref.ref(gone)
    box: list[Any] = [{"data": [[gone], shared, 1, 2, 3]}, 7]
    del gone
    gc.disable()
    try:
        big.crumble(box)
        assert left() is None
    finally:
        gc.enable()
    assert shared == {"kept": [kept], "b": 1, "c": 2, "d": 3}
    assert box == []
