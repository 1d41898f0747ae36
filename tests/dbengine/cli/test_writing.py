"""The commands that change something."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dbengine import DbEngine
from tests.dbengine.cli.conftest import Terminal
from tests.dbengine.importers.repo import Repo


def test_init_makes_a_database_and_may_be_repeated(dbengine: Terminal) -> None:
    for _ in range(2):
        ran = dbengine("init", "Acme")
        assert (ran.status, ran.err) == (0, "")
    assert DbEngine(dbengine.root, read_only=True).tenants() == ["Acme"]


def test_put_writes_one_record(dbengine: Terminal, db: DbEngine) -> None:
    ran = dbengine("put", "t", "fruit", "apple", '{"price": 1.0}', "--note", "First")
    assert ran.out.startswith("fruit is at version 1 (")
    info = db.info("t", "fruit")
    assert (info.user, info.note, info.action) == ("ana", "First", "put")
    assert db.get("t", "fruit", "apple") == {"price": 1.0}


def test_save_replaces_the_whole(dbengine: Terminal, db: DbEngine) -> None:
    dbengine("save", "t", "list", "[1, 2]", "--user", "marco")
    assert db.load("t", "list") == [1, 2]
    assert db.info("t", "list").user == "marco"


@pytest.mark.parametrize("command", [("put", "t", "e", "k", "1"), ("save", "t", "e", '{"k": 1}')])
def test_what_is_so_already_is_not_written(
    dbengine: Terminal, db: DbEngine, command: tuple[str, ...]
) -> None:
    assert dbengine(*command, "--json").json["written"] is True
    assert dbengine(*command, "--json").json["written"] is False
    assert dbengine(*command).out.startswith("Nothing to write")
    assert len(db.history("t", "e")) == 1


def test_a_value_is_read_from_a_file(dbengine: Terminal, db: DbEngine, tmp_path: Path) -> None:
    (tmp_path / "value.json").write_bytes('{"name": "東京"}'.encode())
    dbengine("put", "t", "e", "k", f"@{tmp_path / 'value.json'}")
    assert db.get("t", "e", "k") == {"name": "東京"}


@pytest.mark.parametrize("argument", [(), ("-",)])
def test_a_value_is_read_from_stdin(
    dbengine: Terminal, db: DbEngine, stdin: Callable[[str], None], argument: tuple[str, ...]
) -> None:
    stdin("[1,\n2]")
    dbengine("save", "t", "e", *argument)
    assert db.load("t", "e") == [1, 2]


def test_a_negative_number_stands_behind_two_dashes(dbengine: Terminal, db: DbEngine) -> None:
    assert dbengine("put", "t", "e", "k", "--", "-5").status == 0
    assert db.get("t", "e", "k") == -5


def test_a_broken_value_is_refused_with_its_place(
    dbengine: Terminal, db: DbEngine, stdin: Callable[[str], None]
) -> None:
    stdin('{"a": 1,\n "a": 2}')
    ran = dbengine("save", "t", "e")
    assert ran.status == 1
    assert ran.err.startswith("dbengine: stdin is not JSON: line 2, column 2: ")
    assert db.entries("t") == []


def test_a_word_without_quotes_is_told_about_them(dbengine: Terminal) -> None:
    ran = dbengine("save", "t", "e", "hello")
    assert ran.status == 1
    assert "needs its quotes" in ran.err


def test_what_show_prints_can_be_saved_again(
    dbengine: Terminal, db: DbEngine, stdin: Callable[[str], None]
) -> None:
    db.save("t", "ana", "e", {"when": {1, 2}, "own": {"__type__": "set", "value": "mine"}})
    stdin(dbengine("show", "t", "e").out)
    assert dbengine("save", "t", "e", "-", "--json").json["written"] is False


@pytest.mark.usefixtures("fruit")
def test_delete_removes_a_record_or_the_entry(dbengine: Terminal, db: DbEngine) -> None:
    dbengine("delete", "t", "fruit", "plum")
    assert db.keys("t", "fruit") == ["apple"]
    dbengine("delete", "t", "fruit", "--note", "Not sold any more")
    assert not db.exists("t", "fruit")
    assert db.info("t", "fruit").note == "Not sold any more"


@pytest.mark.usefixtures("fruit")
def test_restore_brings_a_version_back(dbengine: Terminal, db: DbEngine) -> None:
    digest = db.at("t", "fruit", 2)
    out = dbengine("restore", "t", "fruit", digest[:8]).out
    assert out.startswith("fruit is at version 5 (")
    assert db.load("t", "fruit") == db.load("t", "fruit", digest)


@pytest.mark.usefixtures("fruit")
def test_restore_brings_only_the_named_records_back(dbengine: Terminal, db: DbEngine) -> None:
    dbengine("restore", "t", "fruit", "2", "--key", "pear", "--key", "plum")
    assert db.load("t", "fruit") == {"apple": {"price": 2}, "pear": {"price": 3}}


@pytest.mark.usefixtures("fruit")
@pytest.mark.parametrize("name", [lambda digest: digest, lambda digest: digest[:8], lambda _: "4"])
def test_expect_lets_a_write_on_the_expected_head_pass(
    dbengine: Terminal, db: DbEngine, name: Callable[[str], str]
) -> None:
    expected = name(db.get_digest("t", "fruit"))
    assert dbengine("put", "t", "fruit", "fig", "1", "--expect", expected).status == 0
    assert db.get("t", "fruit", "fig") == 1


@pytest.mark.usefixtures("fruit")
@pytest.mark.parametrize("expected", ["3", "none", "0" * 64])
def test_expect_stops_a_write_on_another_head(
    dbengine: Terminal, db: DbEngine, expected: str
) -> None:
    ran = dbengine("put", "t", "fruit", "fig", "1", "--expect", expected)
    assert ran.status == 1
    assert "changed by someone else" in ran.err
    assert db.info("t", "fruit").seq == 4


def test_expect_none_lets_a_first_write_pass(dbengine: Terminal, db: DbEngine) -> None:
    assert dbengine("put", "t", "new", "k", "1", "--expect", "none").status == 0
    assert db.get("t", "new", "k") == 1


# ---- import-git ---------------------------------------------------------------------------------


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "Orchard")
    repo.commit('{"a": 1}', "one")
    repo.commit("broken", "two")
    repo.commit('{"a": 3}', "three")
    return repo


def test_import_git_tells_what_it_did(dbengine: Terminal, db: DbEngine, repo: Repo) -> None:
    ran = dbengine("import-git", str(repo.folder), "data.json")
    assert ran.status == 0
    first, heading, skipped = ran.out.splitlines()
    assert first == (
        "3 commits read into Orchard / data: 2 versions written, 0 repeated the one before, "
        "1 skipped."
    )
    assert heading.split() == ["Skipped", "Of", "Because"]
    assert "not JSON: line 1, column 1" in skipped
    assert db.load("Orchard", "data") == {"a": 3}


def test_import_git_takes_another_place_and_branch(
    dbengine: Terminal, db: DbEngine, repo: Repo
) -> None:
    repo.git("branch", "old", "HEAD~2")
    options = ("--tenant", "t", "--entry", "e", "--branch", "old", "--json")
    result = dbengine("import-git", str(repo.folder), "data.json", *options).json
    assert (result["tenant"], result["entry"], result["written"]) == ("t", "e", 1)
    assert db.load("t", "e") == {"a": 1}


def test_import_git_again_adds_nothing(dbengine: Terminal, repo: Repo) -> None:
    dbengine("import-git", str(repo.folder), "data.json")
    ran = dbengine("import-git", str(repo.folder), "data.json")
    assert ran.out.startswith("Went on after commit ")
    assert "0 versions written" in ran.out


def test_import_git_passes_on_what_git_says(dbengine: Terminal, repo: Repo) -> None:
    ran = dbengine("import-git", str(repo.folder), "data.json", "--branch", "nope")
    assert ran.status == 1
    assert "git could not read the history of 'data.json': fatal:" in ran.err
    assert len(ran.err.splitlines()) == 1
