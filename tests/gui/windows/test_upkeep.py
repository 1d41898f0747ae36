"""The long jobs in the window. Each runs once in a real child process; the rest are fakes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from dbengine import Conflict, DbEngine, DbException, HurtVersion, Packed, Problem, Report
from gui import upkeep
from gui.journey import Place
from gui.windows.ask import Confirm
from gui.windows.exchange import ExportChoice, FileImport, GitImport
from gui.windows.findings import Findings
from gui.windows.upkeep import MANY_LOOSE, StillRunning
from gui.worker import Failure, Request, Ticket, Worker

from .user import User

WHOLE_ELSEWHERE = Problem(
    "acme",
    None,
    "ab" * 32,
    "Two bytes differ.",
    repairable=True,
)
LOST = Problem(
    "acme",
    "users",
    "cd" * 32,
    "The object is missing.",
    tuple(HurtVersion("acme", "users", seq, "ef" * 32) for seq in (3, 4, 5, 9)),
    object="cd" * 32,
)


class LongJob:
    """Stands for the child process: the test says what comes of the job, and when."""

    def __init__(self) -> None:
        self.asked: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
        self.request: Request | None = None

    def __call__(self, job: Callable[..., Any], *args: Any, title: str) -> Request:
        self.asked.append((job, args))
        self.request = Request(Ticket(print), title=title, lane="long")
        return self.request

    def ends(self, how: str, *outcome: object) -> None:
        assert self.request is not None
        request, self.request = self.request, None
        end: Signal = getattr(request, how)
        end.emit(*outcome)


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Iterator[LongJob]:
    job = LongJob()
    monkeypatch.setattr(Worker, "long", job)
    monkeypatch.setattr(Worker, "long_job", property(lambda _worker: job.request))
    yield job


def report(*problems: Problem, healed: tuple[Problem, ...] = ()) -> Report:
    return Report(2, 4, 1, 1234, problems, healed)


def chooses(monkeypatch: pytest.MonkeyPatch, path: Path | str) -> None:
    for name in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_: (str(path), ""))


def ends(user: User) -> None:
    """Until the child process is gone and what came of it is shown."""
    user.waits(lambda: user.session.long_job is None)
    user.settles()


# ---- in a real child process --------------------------------------------------------------------


def test_a_sound_database_is_well(user: User) -> None:
    user.does("verify")
    assert user.session.long_job is not None
    assert not user.can("verify")
    assert not user.can("pack")
    ends(user)
    assert user.message().startswith("All is well: ")
    assert "7 versions" in user.message()
    assert user.can("verify")


def test_packing_says_what_became_of_it(user: User) -> None:
    user.does("pack")
    ends(user)
    assert "packed: " in user.message()
    user.goes("acme", "users")
    assert user.seq() == 4


def test_what_is_exported_can_be_imported_and_is_seen(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "acme.dbexport"
    chooses(monkeypatch, file)
    user.goes("acme", "users")
    user.does("export")
    user.dialog(ExportChoice).accept()
    ends(user)
    assert user.message().startswith("4 versions of 1 entry written to")
    user.does("import_file")
    question = user.dialog(FileImport)
    question.fill("initech")
    question.accept()
    ends(user)
    assert user.message() == "4 versions imported into initech."
    user.waits(lambda: user.window.tree_model.find("initech").isValid())
    [show] = user.window.center.messages.message().actions  # type: ignore[union-attr]
    show.trigger()
    user.settles()
    assert (user.session.place, user.seq()) == (Place("initech", "users"), 4)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_files_history_comes_from_git(user: User, tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()

    def git(*words: str) -> None:
        who = ["-c", "user.name=Rosa", "-c", "user.email=rosa@example.org"]
        subprocess.run(["git", "-C", repo, *who, *words], check=True, capture_output=True)

    git("init", "-q")
    for text in ('{"a": 1}', "oops", '{"a": 2}'):
        (repo / "prices.json").write_text(text)
        git("add", "prices.json")
        git("commit", "-q", "-m", f"Now {text}")
    user.does("import_git")
    question = user.dialog(GitImport)
    assert not question.ready()
    question.fill(repo, "prices.json", "shop")
    assert question.ready()
    question.accept()
    ends(user)
    assert user.message() == "2 versions imported from 3 commits."
    show, skipped = user.window.center.messages.message().actions  # type: ignore[union-attr]
    skipped.trigger()
    assert "not JSON" in user.dialog(Findings).text()
    user.dialog(Findings).accept()
    show.trigger()
    user.settles()
    assert user.session.place == Place("shop", "prices")
    assert (user.seq(), user.window.placing.info.user) == (2, "Rosa")  # type: ignore[union-attr]


def sleeps_for_ever(progress, _root, *_args):
    while True:
        progress(7, None, "Sleeping")
        time.sleep(0.01)


def is_killed(_progress, _root, *_args):
    os.kill(os.getpid(), signal.SIGKILL)


def test_one_browses_while_a_job_runs_and_can_stop_it(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "verify", sleeps_for_ever)
    user.does("verify")
    status = user.window.status
    user.waits(lambda: status._job.text() == "Verifying… 7")
    user.goes("acme", "config")
    assert user.seq() == 1
    assert status._job.text() == "Verifying… 7"
    assert status._cancel.isVisible()
    user.does("cancel_job")
    ends(user)
    assert user.message().startswith("Stopped.")
    assert not status._job.isVisible()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_child_that_dies_is_told(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "verify", is_killed)
    user.does("verify")
    ends(user)
    assert "signal 9" in user.message()
    assert user.can("verify")


# ---- how it is told -----------------------------------------------------------------------------


def test_problems_are_listed_with_the_versions_that_they_hurt(user: User, job: LongJob) -> None:
    user.does("verify")
    job.ends("done", report(LOST))
    found = user.dialog(Findings)
    assert "The object is missing." in found.text()
    assert "Cannot be read: version 3–5, 9 of acme / users" in found.text()
    assert found.mend_button is None
    found._copy()
    assert QGuiApplication.clipboard().text() == found.text()
    found.reject()


def test_what_is_whole_elsewhere_can_be_repaired(user: User, job: LongJob) -> None:
    user.does("verify")
    job.ends("done", report(WHOLE_ELSEWHERE, LOST))
    button = user.dialog(Findings).mend_button
    assert button is not None
    assert f"“{button.text()}” puts it in order" in user.dialog(Findings).text()
    button.click()
    assert job.asked[-1] == (upkeep.verify, (user.root, True))
    job.ends("done", report(healed=(WHOLE_ELSEWHERE,)))
    assert user.message() == "1 damage is healed. All is well: 1,234 objects, 1 version."


def test_what_is_read_only_cannot_be_repaired(user: User, job: LongJob, root: Path) -> None:
    user.opens(root, read_only=True)
    user.does("verify")
    job.ends("done", report(WHOLE_ELSEWHERE))
    assert user.dialog(Findings).mend_button is None
    user.dialog(Findings).reject()


def test_a_read_only_database_says_why_it_takes_no_job_that_writes(user: User, root: Path) -> None:
    user.opens(root, read_only=True)
    for name in ("pack", "import_file", "import_git"):
        assert not user.can(name)
        assert "reading only" in user.window.actions_[name].toolTip()
    assert user.can("verify")
    assert "reading only" not in user.window.actions_["verify"].toolTip()


def test_a_second_job_waits_for_the_first_and_says_so(user: User, job: LongJob) -> None:
    user.does("verify")
    user.window.update_facts()
    assert not user.can("pack")
    assert "Another long job" in user.window.actions_["pack"].toolTip()
    job.ends("done", report())
    user.window.update_facts()
    assert user.can("pack")


def test_a_job_that_began_while_one_answered_is_not_joined_by_another(
    user: User, job: LongJob, tmp_path: Path
) -> None:
    user.does("import_git")
    question = user.dialog(GitImport)
    question.fill(tmp_path, "a.json", "shop", "a")
    user.window.upkeep.verify()
    question.accept()
    assert len(job.asked) == 1
    assert "Another long job" in user.message()
    job.ends("dropped")


def test_an_entry_that_went_another_way_is_no_conflict_of_a_draft(user: User, job: LongJob) -> None:
    user.does("pack")
    error = Conflict("It has gone another way.", tenant="acme", entry="users", current=None)
    job.ends("failed", Failure(error, ""))
    assert user.message() == "It has gone another way."


def test_nothing_to_pack_is_said(user: User, job: LongJob) -> None:
    user.does("pack")
    job.ends("done", Packed(0, 0, 0))
    assert user.message() == "There is nothing to pack."


def test_packing_is_suggested_once_where_it_is_worth_it(user: User) -> None:
    user.window.upkeep._suggest(MANY_LOOSE - 1)
    assert user.message() == ""
    user.window.upkeep._suggest(MANY_LOOSE)
    assert "could be packed" in user.message()
    user.window.center.messages.close_message()
    user.window.upkeep._suggest(MANY_LOOSE)
    assert user.message() == ""


def test_the_suggestion_is_asked_for_when_a_database_is_opened(
    user: User, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DbEngine, "loose", lambda _db: 50_000)
    user.opens(root)
    assert "About 50,000 objects" in user.message()


def test_of_a_tenant_all_entries_are_exported(
    user: User, job: LongJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chooses(monkeypatch, tmp_path / "all.dbexport")
    user.goes("acme", "users")
    user.does("export")
    question = user.dialog(ExportChoice)
    question.choose_all()
    question.accept()
    assert job.asked[-1][1] == (user.root, "acme", None, tmp_path / "all.dbexport")
    job.ends("dropped")


def test_no_file_chosen_does_nothing(
    user: User, job: LongJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    chooses(monkeypatch, "")
    user.goes("acme", None)
    user.does("import_file")
    user.does("export")
    user.dialog(ExportChoice).accept()
    assert job.asked == []


def test_what_cannot_be_imported_from_is_told_while_typing(user: User, tmp_path: Path) -> None:
    user.does("import_git")
    question = user.dialog(GitImport)
    question.fill(tmp_path / "nowhere", "a.json", "shop")
    assert question.flaw() == "There is no such folder."
    question.fill(tmp_path, "a.json", "..")
    assert question.flaw() != ""
    assert not question.ready()
    question.reject()


# ---- leaving ------------------------------------------------------------------------------------


def test_who_leaves_while_a_job_runs_is_asked_and_may_stay(user: User, job: LongJob) -> None:
    user.does("verify")
    assert not user.window.close()
    user.dialog(StillRunning).reject()
    job.ends("done", report())
    user.settles()
    assert user.window.isVisible()
    assert user.session.database is not None


def test_who_closes_twice_is_asked_once(user: User, job: LongJob) -> None:
    user.does("verify")
    user.window.close()
    user.window.close()
    user.dialog(StillRunning).reject()
    user.window.close()
    user.dialog(StillRunning).reject()
    job.ends("dropped")


def test_the_window_closes_when_the_job_is_done(user: User, job: LongJob) -> None:
    user.does("pack")
    user.window.close()
    with user.qtbot.waitSignal(user.window.gone):
        job.ends("done", Packed(1, 2, 1))


def test_a_report_of_problems_is_read_before_one_leaves(user: User, job: LongJob) -> None:
    user.does("verify")
    user.does("close")
    job.ends("done", report(LOST))
    user.settles()
    assert user.session.database is not None
    user.dialog(Findings).reject()


def test_a_job_can_be_stopped_to_leave(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "verify", sleeps_for_ever)
    user.does("verify")
    user.window.close()
    with user.qtbot.waitSignal(user.window.gone):
        user.dialog(StillRunning).stop()


def test_drafts_are_asked_about_after_the_job(user: User, job: LongJob) -> None:
    user.goes("acme", "config", "edit")
    user.types("{}")
    user.does("verify")
    user.does("close")
    job.ends("failed", Failure(DbException("No."), ""))
    user.dialog(Confirm).reject()
    assert user.session.database is not None
