"""A value is the same whether it is shared or stands in its place; once these three disagreed."""

from __future__ import annotations

from datetime import UTC, datetime

from dbengine import DbEngine, Shared, Version

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_an_import_counts_it_as_unchanged(db: DbEngine) -> None:
    values = [[1], Shared([1]), {"a": Shared([2])}, {"a": [2], "b": 3}]
    done = db.append_history("t", "n", [Version("ann", NOON, value) for value in values])
    assert (done.written, done.unchanged) == (3, 1)
    assert db.load("t", "n") == {"a": [2], "b": 3}
    assert db.verify().ok


def test_a_comparison_does_not_tell_it(db: DbEngine) -> None:
    one = db.save("t", "ann", "n", {"a": Shared([1]), "b": 0})
    db.save("t", "ann", "n", 5)
    two = db.save("t", "ann", "n", {"a": [1], "b": 1})
    assert [change.key for change in db.changes("t", "n", one, two)] == ["b"]


def test_the_history_of_a_record_does_not_tell_it(db: DbEngine) -> None:
    db.save("t", "ann", "n", {"a": Shared([1])})
    db.save("t", "ann", "n", 5)
    db.save("t", "ann", "n", {"a": [1]})
    db.save("t", "ann", "n", {"a": [2]})
    values = [version.value for version in db.record_history("t", "n", "a") if version.present]
    assert values == [[2], [1], [1]]  # it was gone in between


def test_a_plain_value_put_over_an_equal_shared_one_is_no_change(db: DbEngine) -> None:
    db.put("t", "ann", "n", "a", Shared([1, 2]))
    assert not db.put("t", "ann", "n", "a", [1, 2])
