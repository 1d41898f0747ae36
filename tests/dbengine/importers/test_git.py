"""Importing the history of one file from a git repository."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbengine import Cancelled, DbEngine, InvalidArgument
from dbengine.importers import GitError, ImportResult, import_git
from dbengine.importers import git as importer
from tests.dbengine.importers.repo import START, Repo

BUNDLE = Path(__file__).parents[3].parent / "shared" / "data" / "ca-fires.bundle"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def run(db: DbEngine, repo: Repo, path: str = "data.json", **options: str) -> ImportResult:
    return import_git(db, repo.folder, path, "t", "data", **options)


def values(db: DbEngine) -> list[object]:
    """Every version of the imported entry, oldest first."""
    return [db.load("t", "data", digest, raw=True) for digest in reversed(db.history("t", "data"))]


# ---- what a version is made of ------------------------------------------------------------------


def test_each_commit_of_the_file_is_a_version_oldest_first(db: DbEngine, repo: Repo) -> None:
    repo.commit('{"a": 1}', "one")
    repo.commit('{"a": 2}', "two")
    repo.commit("[1, 2]", "three")
    result = run(db, repo)
    assert (result.commits, result.written, result.unchanged, result.skipped) == (3, 3, 0, ())
    assert values(db) == [{"a": 1}, {"a": 2}, [1, 2]]


def test_author_date_and_message_are_kept(db: DbEngine, repo: Repo) -> None:
    commit = repo.commit("1", "Prices of May\n\nAs agreed — ✓", author="Zoë Łukasz")
    run(db, repo)
    info = db.info("t", "data")
    assert (info.user, info.when) == ("Zoë Łukasz", START)
    assert info.note == f"Prices of May\n\nAs agreed — ✓\n\nGit-Commit: {commit}"


def test_a_commit_without_a_message_still_names_its_commit(db: DbEngine, repo: Repo) -> None:
    commit = repo.commit("1", "")
    run(db, repo)
    assert db.info("t", "data").note == f"Git-Commit: {commit}"


def test_commits_of_other_files_are_none_of_its_history(db: DbEngine, repo: Repo) -> None:
    repo.commit("1", "ours")
    repo.commit("2", "theirs", path="other.json")
    assert run(db, repo).commits == 1


def test_a_clock_that_went_back_does_not_turn_the_order(
    db: DbEngine, repo: Repo, caplog: pytest.LogCaptureFixture
) -> None:
    repo.commit("1", "first")
    repo.date = START.replace(year=2020)
    repo.commit("2", "second")
    run(db, repo)
    assert values(db) == [1, 2]
    assert db.info("t", "data").when == START
    assert caplog.records == []


# ---- what is skipped, and what repeats ----------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ('{"a": 1', "not JSON: line 1, column 8: "),
        ('{\n"a": NaN}', "not JSON: line 2, column 6: "),
        (b'"\xff"', "not JSON: line 1, column 2: "),
        ("[" * 300 + "]" * 300, "not JSON: "),
        ("123456789012345678901234567890", "not JSON: line 1, column 1: "),
        (None, "the file was deleted"),
    ],
)
def test_what_is_no_version_is_skipped_with_its_reason(
    db: DbEngine, repo: Repo, content: str | bytes | None, reason: str
) -> None:
    repo.commit('{"a": 0}', "good")
    broken = repo.commit(content, "broken")
    repo.commit('{"a": 2}', "good again")
    result = run(db, repo)
    assert values(db) == [{"a": 0}, {"a": 2}]
    assert [skip.commit for skip in result.skipped] == [broken]
    assert result.skipped[0].reason.startswith(reason)
    assert (result.commits, result.written) == (3, 2)


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights on Windows")
def test_a_symbolic_link_in_its_place_is_skipped(db: DbEngine, repo: Repo) -> None:
    repo.commit("1", "a file")
    (repo.folder / "data.json").unlink()
    (repo.folder / "data.json").symlink_to("2")
    repo.commit_all("a link")
    assert [skip.reason for skip in run(db, repo).skipped] == ["not a regular file"]


@pytest.mark.parametrize(
    "repeated", ['{"a":1,"b":[2]}', '{"b": [2], "a": 1}', '{"a": 1.0, "b": [2]}']
)
def test_a_version_that_says_the_same_is_counted_as_unchanged(
    db: DbEngine, repo: Repo, repeated: str
) -> None:
    repo.commit('{"a": 1, "b": [2]}', "one")
    repo.commit(repeated, "the same")
    result = run(db, repo)
    assert (result.written, result.unchanged) == (1, 1)


@pytest.mark.parametrize(("old", "new"), [("[true]", "[1]"), ('{"a": 0}', '{"a": false}')])
def test_true_is_not_one(db: DbEngine, repo: Repo, old: str, new: str) -> None:
    repo.commit(old, "one")
    repo.commit(new, "another")
    run(db, repo)
    assert [json.dumps(value) for value in values(db)] == [old, new]


def test_a_repeat_behind_a_broken_version_is_a_repeat(db: DbEngine, repo: Repo) -> None:
    repo.commit("[1]", "one")
    repo.commit("", "broken")
    repo.commit("[1]", "mended")
    result = run(db, repo)
    assert (result.written, result.unchanged, len(result.skipped)) == (1, 1, 1)


def test_data_that_looks_like_a_type_tag_comes_back_as_it_was(db: DbEngine, repo: Repo) -> None:
    repo.commit('{"x": {"__type__": "set", "value": [1]}}', "look-alike")
    run(db, repo)
    assert db.load("t", "data") == {"x": {"__type__": "set", "value": [1]}}


# ---- again, and further -------------------------------------------------------------------------


def test_importing_twice_adds_nothing(db: DbEngine, repo: Repo) -> None:
    last = [repo.commit(str(number), "x") for number in range(5)][-1]
    run(db, repo)
    before = db.history("t", "data")
    assert run(db, repo) == ImportResult(0, 0, 0, (), last)
    assert db.history("t", "data") == before


def test_commits_that_came_since_are_added(db: DbEngine, repo: Repo) -> None:
    repo.commit("[1]", "one")
    repo.commit("[1.0]", "repeats it")
    run(db, repo)
    repo.commit("[2]", "two")
    result = run(db, repo)
    assert values(db) == [[1], [2]]
    assert (result.commits, result.written, result.unchanged) == (2, 1, 1)


def test_an_import_that_was_cancelled_goes_on_where_it_stopped(
    db: DbEngine, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        repo.commit(str(number), "x")
    monkeypatch.setattr(importer, "_BATCH", 5)

    def stop(done: int, _total: int | None, _what: str) -> None:
        if done == 8:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        import_git(db, repo.folder, "data.json", "t", "data", progress=stop)
    assert values(db) == [0, 1, 2, 3, 4]
    result = run(db, repo)
    assert values(db) == list(range(12))
    assert (result.commits, result.written) == (7, 7)


def test_edits_made_on_top_of_an_import_stay_in_the_history(db: DbEngine, repo: Repo) -> None:
    repo.commit('{"a": 1}', "one")
    run(db, repo)
    db.put("t", "ana", "data", "b", 2)
    assert run(db, repo).written == 0
    repo.commit('{"a": 3}', "two")
    run(db, repo)
    assert values(db) == [{"a": 1}, {"a": 1, "b": 2}, {"a": 3}]


def test_a_repeat_at_the_end_is_no_news_after_an_edit_either(db: DbEngine, repo: Repo) -> None:
    repo.commit('{"a": 1}', "one")
    repo.commit('{"a": 1.0}', "repeats it")
    run(db, repo)
    db.put("t", "ana", "data", "b", 2)
    run(db, repo)
    assert db.load("t", "data") == {"a": 1, "b": 2}


def test_an_entry_of_other_origin_is_refused(db: DbEngine, repo: Repo) -> None:
    repo.commit("1", "one")
    db.save("t", "ana", "data", {"mine": True})
    with pytest.raises(InvalidArgument, match="choose another entry"):
        run(db, repo)
    assert values(db) == [{"mine": True}]


def test_a_history_that_was_rewritten_is_refused(db: DbEngine, repo: Repo) -> None:
    repo.commit("1", "one")
    repo.commit("2", "two")
    run(db, repo)
    repo.git("commit", "--quiet", "--amend", "-m", "another two")
    with pytest.raises(InvalidArgument, match="rewritten"):
        run(db, repo)
    assert values(db) == [1, 2]


# ---- branches, merges, renames, places ----------------------------------------------------------


def test_a_merge_is_one_change_of_the_branch_it_went_into(db: DbEngine, repo: Repo) -> None:
    repo.commit("[0, 0]", "start")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit("[0, 1]", "on the side")
    repo.commit("[0, 2]", "on the side again")
    repo.git("checkout", "--quiet", "main")
    repo.commit("1", "elsewhere", path="other.json")
    repo.git("merge", "--quiet", "--no-ff", "-m", "Merge side", "side", author="Marco")
    run(db, repo)
    assert values(db) == [[0, 0], [0, 2]]
    assert db.info("t", "data").user == "Marco"


def test_another_branch_may_be_named(db: DbEngine, repo: Repo) -> None:
    repo.commit("1", "start")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit("2", "side")
    repo.git("checkout", "--quiet", "main")
    run(db, repo, ref="side")
    assert values(db) == [1, 2]


def test_a_rename_is_followed(db: DbEngine, repo: Repo) -> None:
    repo.commit(
        '{"a": "a text that is long enough to be known again", "n": 1}', "one", path="old.json"
    )
    (repo.folder / "old.json").rename(repo.folder / "data.json")
    repo.commit_all("renamed")
    repo.commit('{"a": "a text that is long enough to be known again", "n": 2}', "two")
    result = run(db, repo)
    assert [value["n"] for value in values(db)] == [1, 2]  # type: ignore[index]
    assert (result.commits, result.unchanged) == (3, 1)


def test_the_file_that_it_was_copied_from_is_none_of_its_history(db: DbEngine, repo: Repo) -> None:
    repo.commit('{"of": "the template"}', "template", path="template.json")
    repo.commit('{"of": "the template, better"}', "better template", path="template.json")
    repo.commit('{"of": "the template, better"}', "copied")
    repo.commit('{"of": "its own"}', "changed")
    run(db, repo)
    assert values(db) == [{"of": "the template, better"}, {"of": "its own"}]


@pytest.mark.parametrize(
    "path", ["-rf.json", "--output=x.json", "*.json", ":(top)a.json", "ü/数.json"]
)
def test_any_name_of_a_file_is_taken_as_it_is(db: DbEngine, repo: Repo, path: str) -> None:
    repo.commit("1", "one", path=path)
    repo.commit("2", "two", path="plain.json")
    run(db, repo, path)
    assert values(db) == [1]


def test_a_folder_that_begins_with_a_dash_is_no_option(db: DbEngine, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "--bare")
    repo.commit("1", "one")
    run(db, repo)
    assert values(db) == [1]


def test_a_branch_that_begins_with_a_dash_is_no_option(
    db: DbEngine, repo: Repo, tmp_path: Path
) -> None:
    repo.commit("1", "one")
    with pytest.raises(GitError, match="git could not read"):
        run(db, repo, ref=f"--output={tmp_path / 'written'}")
    assert not (tmp_path / "written").exists()


def test_a_bare_repository_will_do(db: DbEngine, repo: Repo, tmp_path: Path) -> None:
    repo.commit("1", "one")
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    import_git(db, tmp_path / "bare.git", "data.json", "t", "data")
    assert values(db) == [1]


def test_the_repository_of_a_hook_that_runs_us_is_not_meant(
    db: DbEngine, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("1", "one")
    other = Repo(tmp_path / "other")
    other.commit("2", "two")
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    run(db, repo)
    assert values(db) == [1]


def test_a_tenant_that_is_not_there_is_made(db: DbEngine, repo: Repo) -> None:
    repo.commit("1", "one")
    import_git(db, repo.folder, "data.json", "new", "data")
    assert db.load("new", "data") == 1


# ---- what cannot work ---------------------------------------------------------------------------


@pytest.fixture
def unchanged(db: DbEngine) -> Iterator[None]:
    """Whatever happens, the database gets neither a tenant nor an entry."""
    yield
    assert db.tenants() == ["t"]
    assert db.entries("t") == []


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("path", "ref", "message"),
    [
        ("nope.json", "HEAD", "HEAD has no file 'nope.json' in its history"),
        ("data.json", "nope", "git could not read the history of 'data.json': fatal: .*nope"),
        ("many", "HEAD", "'many' is a folder"),
    ],
)
def test_what_is_not_there_is_said(
    db: DbEngine, repo: Repo, path: str, ref: str, message: str
) -> None:
    repo.commit("1", "one")
    (repo.folder / "many").mkdir()
    (repo.folder / "many" / "a.json").write_text("1")
    repo.commit("2", "two", path="many/b.json")
    with pytest.raises(GitError, match=message):
        import_git(db, repo.folder, path, "new", "data", ref=ref)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["", "a\0b"])
def test_a_name_that_no_file_has_is_refused(db: DbEngine, repo: Repo, path: str) -> None:
    with pytest.raises(InvalidArgument, match="Name a file"):
        run(db, repo, path)


@pytest.mark.usefixtures("unchanged")
def test_a_folder_that_is_not_there_is_said(db: DbEngine, tmp_path: Path) -> None:
    with pytest.raises(GitError, match="There is no folder"):
        import_git(db, tmp_path / "nowhere", "data.json", "new", "data")


@pytest.mark.usefixtures("unchanged")
def test_a_folder_that_is_no_repository_is_said(
    db: DbEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(GitError, match="not a git repository"):
        import_git(db, tmp_path, "data.json", "new", "data")


@pytest.mark.usefixtures("unchanged")
def test_a_bundle_has_to_be_cloned_first(db: DbEngine, repo: Repo, tmp_path: Path) -> None:
    repo.commit("1", "one")
    repo.git("bundle", "create", str(tmp_path / "x.bundle"), "main")
    with pytest.raises(GitError, match="clone it first"):
        import_git(db, tmp_path / "x.bundle", "data.json", "new", "data")


@pytest.mark.usefixtures("unchanged")
def test_git_that_is_not_installed_is_said(
    db: DbEngine, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="not installed"):
        run(db, repo)


@pytest.mark.usefixtures("unchanged")
def test_what_git_says_about_somebody_elses_folder_is_passed_on(
    db: DbEngine, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("1", "one")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    with pytest.raises(GitError, match=r"safe\.directory"):
        run(db, repo)


def test_a_content_that_the_repository_lacks_is_said(db: DbEngine, repo: Repo) -> None:
    repo.commit("1", "one")
    blob = repo.git("rev-parse", "HEAD:data.json")
    (repo.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(GitError, match=f"lacks the content {blob}"):
        run(db, repo)


def test_git_runs_twice_however_long_the_history(
    db: DbEngine, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(90):
        repo.commit(str(number), "x")
    started: list[str] = []
    popen = subprocess.Popen

    def counting(command: list[str], **options: object) -> object:
        started.append(next(word for word in command if word in ("log", "cat-file")))
        return popen(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", counting)
    assert run(db, repo).written == 90
    assert started == ["log", "cat-file"]


def test_progress_counts_the_commits(db: DbEngine, repo: Repo) -> None:
    for number in range(3):
        repo.commit(str(number), "x")
    seen: list[tuple[int, int | None]] = []
    import_git(
        db, repo.folder, "data.json", "t", "data",
        progress=lambda done, total, _what: seen.append((done, total)),
    )  # fmt: skip
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


# ---- real data ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(not BUNDLE.exists(), reason="the bundle of real data is not here")
def test_all_of_the_real_history_is_imported(db: DbEngine, tmp_path: Path) -> None:
    clone = tmp_path / "fires"
    subprocess.run(["git", "clone", "--quiet", str(BUNDLE), str(clone)], check=True)
    result = import_git(db, clone, "incidents.json", "t", "data")
    assert (result.commits, len(result.skipped), result.unchanged) == (2581, 6, 5)
    assert result.written == 2570
    for digest in db.history("t", "data", max_items=3000):
        commit = db.info("t", "data", digest).note.rpartition("Git-Commit: ")[2]
        shown = subprocess.run(
            ["git", "-C", str(clone), "show", f"{commit}:incidents.json"],
            check=True,
            capture_output=True,
        )
        assert db.load("t", "data", digest, raw=True) == json.loads(shown.stdout)
    assert import_git(db, clone, "incidents.json", "t", "data").written == 0
