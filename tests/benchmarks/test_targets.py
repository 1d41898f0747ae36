"""What a run reached is computed from its numbers alone."""

from __future__ import annotations

from benchmarks.measure import Cell
from benchmarks.peers import BASE, OURS
from benchmarks.tables import Case, Results, significant, size
from benchmarks.targets import Target, all_targets


def taking(*milliseconds: float, **numbers: float) -> Cell:
    named = {name.replace("_", " "): number for name, number in numbers.items()}
    return Cell([time / 1e3 for time in milliseconds], numbers=named)


def target(results: Results, what: str, limit: str) -> Target:
    return next(t for t in all_targets(results) if t.what == what and t.limit == limit)


def with_puts(ours: Cell, **others: Cell) -> Results:
    results = Results()
    cells = {OURS: ours, **{name.replace("_", " "): cell for name, cell in others.items()}}
    results.add("put", 1_000, "puts", cells)
    return results


def test_a_median_is_compared_with_that_of_sqlite() -> None:
    line = "durable put into 1,000 records, median", "≤ 0.8 × SQLite"
    fast = with_puts(taking(1, 2, 90), SQLite_FULL=taking(4, 4, 4))
    slow = with_puts(taking(9, 9, 1), SQLite_FULL=taking(4, 4, 4))
    assert target(fast, *line).reached == ("0.50 ×", True)
    assert target(slow, *line).reached == ("2.25 ×", False)


def test_the_fastest_of_the_others_is_the_one_to_beat() -> None:
    line = "durable put into 1,000 records", "≥ 10 × faster than git pygit2 and git dulwich"
    results = with_puts(taking(1), git_pygit2=taking(30), git_dulwich=taking(9))
    assert target(results, *line).reached == ("9 ×", False)
    one_skipped = with_puts(taking(1), git_pygit2=taking(30), git_dulwich=Cell(skipped="slow"))
    assert target(one_skipped, *line).reached == ("30 ×", True)


def test_the_disk_is_compared_with_the_smaller_of_what_sqlite_takes() -> None:
    results = Results()
    ours = taking(1, disk_packed=300_000)
    other = taking(1, disk=500_000, disk_packed=250_000)
    results.add("endurance", 10_000, "puts", {OURS: ours, BASE: other})
    line = "disk after 10,000 puts into 1,000 records, packed", "< SQLite"
    assert target(results, *line).reached == ("300 KB against 250 KB", False)


def test_what_was_not_measured_is_neither_reached_nor_missed() -> None:
    assert all(target.reached is None for target in all_targets(Results()))
    assert all(target.row()[2:] == ("not in this run", "") for target in all_targets(Results()))


def test_a_table_says_why_a_peer_was_left_out() -> None:
    cells = {OURS: taking(1, 1, 1), BASE: taking(2, 2, 2), "slow": Cell(skipped="9 GB of copies")}
    lines = str(Case("puts", cells)).splitlines()
    assert lines[4].startswith("| DbEngine | 3 | 1 | 0.50 |")
    assert lines[6].startswith("| slow | skipped: 9 GB of copies |")
    assert len({line.count("|") for line in lines[2:]}) == 1


def test_totals_are_compared_only_where_both_did_the_same() -> None:
    ours, base = taking(1, 1), taking(1, 1, 1)
    ours.close = base.close = 0.5
    text = str(Case("puts", {OURS: ours, BASE: base}))
    assert [line.split("|")[-2].strip() for line in text.splitlines()[4:6]] == ["–", "1.00"]


def test_numbers_are_short() -> None:
    assert [significant(n) for n in (0, 0.000123, 0.0123456, 1.2345, 1234.5)] == [
        "0",
        "0.0001",
        "0.0123",
        "1.23",
        "1,234",
    ]
    assert [size(n) for n in (12, 1_500, 2_000_000, 3.4e9)] == ["12 B", "1.5 KB", "2 MB", "3.4 GB"]
