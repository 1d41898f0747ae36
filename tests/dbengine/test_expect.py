"""Compare-and-set: `expect=` on every write, and what the loser learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dbengine import ANY, Conflict, DbEngine, InvalidArgument
from tests.dbengine.helpers import refused

Write = Callable[..., Any]

WRITES: dict[str, Callable[[DbEngine, str], Write]] = {
    "save": lambda db, _first: lambda **more: db.save("t", "x", "n", {"b": 2}, **more),
    "put": lambda db, _first: lambda **more: db.put("t", "x", "n", "a", 9, **more),
    "put_many": lambda db, _first: lambda **more: db.put_many("t", "x", "n", {"c": 9}, **more),
    "delete": lambda db, _first: lambda **more: db.delete("t", "x", "n", **more),
    "delete record": lambda db, _first: lambda **more: db.delete("t", "x", "n", "a", **more),
    "restore": lambda db, first: lambda **more: db.restore("t", "x", "n", first, **more),
}


@pytest.fixture(params=WRITES)
def write(db: DbEngine, request: pytest.FixtureRequest) -> Write:
    first = db.save("t", "ann", "n", {"a": 1})
    db.save("t", "ann", "n", {"a": 2})
    return WRITES[request.param](db, first)


def test_a_write_on_the_expected_head_succeeds(db: DbEngine, write: Write) -> None:
    write(expect=db.get_digest("t", "n"))
    assert db.info("t", "n").seq == 3


def test_a_write_that_expects_nothing_in_particular_succeeds(db: DbEngine, write: Write) -> None:
    write(expect=ANY)
    assert db.info("t", "n").seq == 3


def test_the_loser_learns_the_head_and_writes_nothing(db: DbEngine, write: Write) -> None:
    current, older = db.history("t", "n")
    for stale in (older, None, "0" * 64):
        with refused(db, Conflict, "'n' was changed by someone else: it is at"):
            write(expect=stale)
    with pytest.raises(Conflict) as caught:
        write(expect=older)
    assert (caught.value.current, caught.value.tenant, caught.value.entry) == (current, "t", "n")


@pytest.mark.parametrize("expect", ["", "abc123", 5, True, b"0" * 64, "A" * 64])
def test_what_is_no_digest_cannot_be_expected(db: DbEngine, write: Write, expect: Any) -> None:
    with refused(db, InvalidArgument, "expect is a whole digest, None or ANY"):
        write(expect=expect)


def test_none_expects_that_the_entry_does_not_exist(db: DbEngine) -> None:
    db.save("t", "ann", "n", 1, expect=None)
    with refused(db, Conflict, "someone else"):
        db.save("t", "ann", "n", 2, expect=None)
    db.delete("t", "ann", "n")
    db.save("t", "ann", "n", 3, expect=None)
    assert db.load("t", "n") == 3


def test_a_deletion_is_a_head_that_can_be_expected(db: DbEngine) -> None:
    db.save("t", "ann", "n", 1)
    db.delete("t", "ann", "n")
    db.save("t", "ann", "n", 2, expect=db.get_digest("t", "n"))
    assert db.load("t", "n") == 2


def test_expecting_a_digest_where_nothing_was_ever_written_is_a_conflict(db: DbEngine) -> None:
    with pytest.raises(Conflict, match="it has no version now") as caught:
        db.save("t", "ann", "n", 1, expect="0" * 64)
    assert caught.value.current is None


def test_a_stale_expectation_is_a_conflict_even_where_nothing_would_change(db: DbEngine) -> None:
    first = db.save("t", "ann", "n", 1)
    db.save("t", "ann", "n", 2)
    with refused(db, Conflict, "someone else"):
        db.save("t", "ann", "n", 2, expect=first)
