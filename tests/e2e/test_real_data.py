"""Two and a half years of a real file: imported, shown, compared, edited and restored."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from dbengine import DbEngine
from gui.tour.stage import Stage
from gui.windows.review import Review

BUNDLE = Path(__file__).parents[2].parent / "shared" / "data" / "ca-fires.bundle"
TENANT, ENTRY = "calfire", "incidents"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not BUNDLE.exists(), reason=f"{BUNDLE.name} is not beside the checkout"),
]


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "fires"
    run("git", "clone", "--quiet", BUNDLE, folder)
    return folder


@pytest.fixture(scope="module")
def imported(repository: Path) -> tuple[Path, dict[str, Any]]:
    root = repository.parent / "fires.db"
    [path] = run("git", "-C", repository, "ls-files", "*.json").split()
    told = run(
        sys.executable, "-m", "dbengine", "--root", root, "import-git", repository, path,
        "--tenant", TENANT, "--entry", ENTRY, "--json",
    )  # fmt: skip
    return root, json.loads(told)


@pytest.fixture
def stage(
    qapp: QApplication, imported: tuple[Path, dict[str, Any]], tmp_path: Path
) -> Iterator[Stage]:
    stage = Stage(qapp, imported[0], tmp_path, "real")
    stage.session.open(imported[0])
    stage.wait(lambda: stage.session.database, "the database is open")
    stage.go(TENANT, ENTRY)
    yield stage
    stage.leave()


def review(stage: Stage) -> Review:
    found = stage.dialog()
    assert isinstance(found, Review)
    stage.wait(found.ready, "the review shows what changes")
    return found


def test_all_of_it_is_imported(imported: tuple[Path, dict[str, Any]]) -> None:
    root, told = imported
    assert told["written"] == 2_570
    assert len(told["skipped"]) == 6
    assert told["unchanged"] == 5
    with DbEngine(root, read_only=True) as db:
        assert db.info(TENANT, ENTRY).seq == 2_570


def test_any_version_is_shown_as_git_shows_it(stage: Stage, repository: Path) -> None:
    info = stage.window.history_model.neighbour(None, 100)
    assert info is not None
    stage.window.placing.go_to_version(info)
    stage.wait(lambda: stage.seq() == info.seq, "that version is shown")
    commit = info.note.split("Git-Commit: ")[1].split()[0]
    [path] = run("git", "-C", repository, "ls-files", "*.json").split()
    source = json.loads(run("git", "-C", repository, "show", f"{commit}:{path}"))
    assert json.loads(stage.window.center.view.view.source().data) == source  # type: ignore[union-attr]


def test_the_ends_of_the_history_are_compared(stage: Stage) -> None:
    stage.session.move(mode="compare")
    panel = stage.window.center.compare
    stage.wait(lambda: panel.comparison, "the newest version is compared")
    with stage.somebody_else() as db:
        [first] = [db.info(TENANT, ENTRY, db.at(TENANT, ENTRY, 1))]
        last = db.info(TENANT, ENTRY)
    stage.window.placing.comparing.compare_two(first, last)
    stage.wait(lambda: panel.comparison and panel.comparison.a_info == first, "they are compared")
    assert panel.comparison is not None
    assert len(panel.comparison.changes) > 50


def test_a_record_is_edited_and_an_old_version_restored(stage: Stage) -> None:
    before = stage.seq()
    stage.window.select_path(("AllAcres",))
    stage.do("edit_mode")
    panel = stage.window.center.edit
    stage.wait(lambda: panel.draft and panel.draft.key == "AllAcres", "the record is in the editor")
    panel.replace_text("12345")
    stage.do("save")
    review(stage).accept()
    stage.wait(lambda: stage.seq() == before + 1, "it is written")
    stage.do("view_mode")
    stage.settle()
    old = stage.window.history_model.neighbour(None, 1)
    assert old is not None
    stage.window.placing.go_to_version(old)
    stage.wait(lambda: stage.seq() == before, "the version before is shown")
    stage.do("restore")
    review(stage).accept()
    stage.wait(lambda: stage.seq() == before + 2, "it is back")
    with stage.somebody_else() as db:
        assert db.load(TENANT, ENTRY) == db.load(TENANT, ENTRY, old.digest)
