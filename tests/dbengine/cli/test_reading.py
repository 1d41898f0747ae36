"""The commands that look."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dbengine import DbEngine
from tests.dbengine.cli.conftest import Terminal
from tests.dbengine.helpers import Clock

pytestmark = pytest.mark.usefixtures("fruit")


def test_tenants_are_listed_with_their_entries(dbengine: Terminal, db: DbEngine) -> None:
    db.init("empty")
    assert dbengine("tenants").out.split() == ["Tenant", "Entries", "empty", "0", "t", "1"]
    assert dbengine("tenants", "--json").json == [
        {"tenant": "empty", "entries": 0},
        {"tenant": "t", "entries": 1},
    ]


def test_entries_are_listed_with_their_newest_version(dbengine: Terminal) -> None:
    heading, row = dbengine("entries", "t").out.splitlines()
    assert heading.split() == ["Entry", "Versions", "Size", "Changed", "By"]
    assert row.startswith("fruit")
    assert row.endswith("marco")
    (only,) = dbengine("entries", "t", "--json").json
    assert (only["entry"], only["seq"], only["user"]) == ("fruit", 4, "marco")


def test_deleted_entries_are_listed_on_request(dbengine: Terminal, db: DbEngine) -> None:
    db.delete("t", "ana", "fruit")
    assert dbengine("entries", "t", "--json").json == []
    assert [entry["deleted"] for entry in dbengine("entries", "t", "--deleted", "--json").json] == [
        True
    ]
    assert "deleted" in dbengine("entries", "t", "--deleted").out


def test_entries_are_filtered_by_name(dbengine: Terminal, db: DbEngine) -> None:
    db.save("t", "ana", "Config", 1)
    found = dbengine("entries", "t", "--contains", "conf", "--json").json
    assert [entry["entry"] for entry in found] == ["Config"]


# ---- log ----------------------------------------------------------------------------------------


def seqs(dbengine: Terminal, *options: str) -> list[int]:
    return [version["seq"] for version in dbengine("log", "t", "fruit", "--json", *options).json]


def test_the_log_tells_who_when_and_what(dbengine: Terminal, db: DbEngine) -> None:
    lines = dbengine("log", "t", "fruit").out.splitlines()
    assert lines[0].split() == ["#", "Digest", "When", "Who", "Changes", "What"]
    assert lines[1].split()[-3:] == ["marco", "−1", "pear"]
    assert lines[3].endswith("marco  +1 ~1    apple, pear")
    assert lines[4].endswith("ana    +1       First")
    assert db.get_digest("t", "fruit")[:8] in lines[1]


def test_the_log_for_programs_has_utc_dates_and_whole_digests(
    dbengine: Terminal, db: DbEngine
) -> None:
    newest = dbengine("log", "t", "fruit", "--json").json[0]
    info = db.info("t", "fruit")
    assert newest["digest"] == info.digest
    assert newest["date"] == f"{info.when:%Y-%m-%dT%H:%M:%S}Z"
    assert (newest["added"], newest["changed"], newest["removed"]) == (0, 0, 1)


def test_the_log_is_limited_and_goes_on_before_a_version(dbengine: Terminal, db: DbEngine) -> None:
    digest = db.at("t", "fruit", 3)
    assert seqs(dbengine, "--limit", "2") == [4, 3]
    assert seqs(dbengine, "--before", digest[:8]) == [2, 1]
    assert seqs(dbengine, "--before", "3") == [2, 1]
    assert seqs(dbengine, "--since", "3") == [4, 3]


def test_the_log_is_filtered_by_user(dbengine: Terminal) -> None:
    assert seqs(dbengine, "--user", "marco") == [4, 2]
    assert seqs(dbengine, "--user", "marco", "--limit", "1") == [4]
    assert seqs(dbengine, "--user", "nobody") == []


def test_the_log_is_filtered_by_date(dbengine: Terminal, db: DbEngine, clock: Clock) -> None:
    clock.now += timedelta(days=3)
    db.put("t", "ana", "fruit", "fig", 1)
    assert seqs(dbengine, "--since", "2026-02-02") == [5]
    assert seqs(dbengine, "--before", "2026-02-02") == [4, 3, 2, 1]


# ---- show ---------------------------------------------------------------------------------------


def test_show_prints_the_newest_version_as_json(dbengine: Terminal, db: DbEngine) -> None:
    assert dbengine("show", "t", "fruit").json == db.load("t", "fruit")


def test_show_prints_one_record(dbengine: Terminal) -> None:
    assert dbengine("show", "t", "fruit", "plum").json == [1, 2]


def test_show_for_programs_names_the_version(dbengine: Terminal, db: DbEngine) -> None:
    shown = dbengine("show", "t", "fruit", "apple", "--at", "1", "--json").json
    assert shown["value"] == {"price": 1}
    assert shown["key"] == "apple"
    assert shown["version"]["digest"] == db.at("t", "fruit", 1)


def test_show_finds_a_version_by_any_of_its_names(dbengine: Terminal, db: DbEngine) -> None:
    digest = db.at("t", "fruit", 2)
    for name in (digest, digest[:8], digest[:8].upper(), "2", "#2", "2026-01-31 12:00:02Z"):
        assert dbengine("show", "t", "fruit", "--at", name).json == db.load("t", "fruit", digest)


def test_what_the_log_prints_show_takes(dbengine: Terminal) -> None:
    for line in dbengine("log", "t", "fruit").out.splitlines()[1:]:
        number, digest, day, time, *_rest = line.split()
        by_number = dbengine("show", "t", "fruit", "--at", number, "--json").json
        assert dbengine("show", "t", "fruit", "--at", digest, "--json").json == by_number
        assert dbengine("show", "t", "fruit", "--at", f"{day} {time}").status == 0


def test_types_of_python_are_shown_as_they_are_stored(dbengine: Terminal, db: DbEngine) -> None:
    db.save("t", "ana", "odd", {"set": {1}})
    assert dbengine("show", "t", "odd").json == {"set": {"__type__": "set", "value": [1]}}


def test_text_of_any_script_is_shown_as_utf_8(dbengine: Terminal, db: DbEngine) -> None:
    db.save("t", "ana", "text", "東京 🎁 שלום")
    assert dbengine("show", "t", "text").out == '"東京 🎁 שלום"\n'


# ---- diff ---------------------------------------------------------------------------------------


def test_diff_of_nothing_named_is_what_the_newest_version_changed(dbengine: Terminal) -> None:
    lines = dbengine("diff", "t", "fruit").out.splitlines()
    assert lines[0].startswith("From version 3 (")
    assert lines[1].startswith("To   version 4 (")
    assert lines[2:] == ["1 change", '− $.pear  {"price":3}']


def test_diff_of_one_version_is_what_it_changed(dbengine: Terminal) -> None:
    lines = dbengine("diff", "t", "fruit", "2").out.splitlines()
    assert lines[2:] == ["2 changes", "~ $.apple.price  1 → 2", '+ $.pear  {"price":3}']


def test_diff_of_two_versions_goes_from_the_first_to_the_second(dbengine: Terminal) -> None:
    changes = dbengine("diff", "t", "fruit", "4", "1", "--json").json["changes"]
    assert changes == [
        {
            "kind": "changed",
            "old_path": ["apple", "price"],
            "new_path": ["apple", "price"],
            "old": 2,
            "new": 1,
        },
        {"kind": "removed", "old_path": ["plum"], "new_path": None, "old": [1, 2], "new": None},
    ]


def test_diff_of_the_first_version_is_all_that_it_holds(dbengine: Terminal) -> None:
    result = dbengine("diff", "t", "fruit", "1", "--json").json
    assert result["old"] is None
    assert [change["kind"] for change in result["changes"]] == ["added"]


def test_diff_of_a_deletion_is_all_that_went(dbengine: Terminal, db: DbEngine) -> None:
    db.delete("t", "ana", "fruit")
    changes = dbengine("diff", "t", "fruit", "--json").json["changes"]
    assert [change["kind"] for change in changes] == ["removed", "removed"]


def test_diff_of_a_version_with_itself_finds_nothing(dbengine: Terminal) -> None:
    assert dbengine("diff", "t", "fruit", "2", "2").out.endswith("No difference\n")


def test_diff_says_from_where_an_item_moved(dbengine: Terminal, db: DbEngine) -> None:
    db.save("t", "ana", "list", ["a", "b", "c", "d", "e"])
    db.save("t", "ana", "list", ["e", "a", "b", "c", "d"])
    assert dbengine("diff", "t", "list").out.splitlines()[-1] == "> $[0]  from $[4]"


def test_diff_shows_long_texts_from_where_they_differ(dbengine: Terminal, db: DbEngine) -> None:
    start = "word " * 40
    db.save("t", "ana", "text", f"{start}one")
    db.save("t", "ana", "text", f"{start}two")
    line = dbengine("diff", "t", "text").out.splitlines()[-1]
    assert line == "~ $  …d word word one → …d word word two"


# ---- terminals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("width", ["1", "20", "44", "80", "300"])
def test_digests_are_whole_in_a_terminal_of_any_width(
    dbengine: Terminal, db: DbEngine, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    out = dbengine("log", "t", "fruit").out.replace("\n", "")
    assert db.get_digest("t", "fruit")[:8] in out


def test_a_note_cannot_steer_the_terminal(dbengine: Terminal, db: DbEngine) -> None:
    db.put("t", "ana", "fruit", "fig", 1, note="\x1b[31mred [bold]markup[/]")
    assert "\ufffd[31mred [bold]markup[/]" in dbengine("log", "t", "fruit").out


def test_nothing_is_coloured_or_cut_in_a_pipe(dbengine: Terminal, db: DbEngine) -> None:
    db.put("t", "ana", "fruit", "fig", 1, note="x" * 500)
    out = dbengine("log", "t", "fruit").out
    assert "x" * 500 in out
    assert "\x1b" not in out
