"""The tour's steps through the long jobs: a history from git, verify, export and import."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from ..journey import Place
from ..windows.exchange import ExportChoice, GitImport
from .stage import NOW, Stage

_PRICES: Final = ('{"tea": 4.5}', '{"tea": 4.5, "coffee": 6}', '{"tea": 4.75, "coffee": 6}')
_ROSA: Final = (
    "-c",
    "user.name=Rosa",
    "-c",
    "user.email=rosa@example.org",
    "-c",
    "commit.gpgsign=false",
)
_TENANT: Final = "from-git"
_ENTRY: Final = "prices"


def import_git(stage: Stage) -> None:
    """A file's history comes from git, while one goes on browsing."""
    repo = stage.root.parent / "price-repository"
    if not _make_repository(repo):
        return
    stage.do("import_git")
    question = stage.dialog()
    stage.check(isinstance(question, GitImport), "the question for a repository opens")
    if isinstance(question, GitImport):
        question.fill(repo, "prices.json", _TENANT)
        stage.check(question.ready(), "what is asked for is there")
        stage.picture("import-git")
        question.accept()
    stage.go("northwind", "config")
    _wait_for_the_job(stage)
    stage.check(_says(stage, "3 versions imported"), "three versions came in")
    stage.session.go(Place(_TENANT, _ENTRY))
    stage.wait(lambda: stage.info_is(_TENANT, _ENTRY), "the entry is shown")
    stage.check(stage.seq() == len(_PRICES), "its newest version is the newest commit")
    stage.picture("imported")


def verify(stage: Stage) -> None:
    """Read everything: all is well."""
    stage.do("verify")
    stage.check(not stage.window.actions_["pack"].isEnabled(), "one long job runs at a time")
    _wait_for_the_job(stage)
    stage.check(_says(stage, "All is well"), "all is well")
    stage.picture("verified")


def export(stage: Stage) -> None:
    """An entry goes to a file, and comes from there into another tenant."""
    file = stage.root.parent / "suppliers.dbexport"
    stage.go("northwind", "suppliers")
    seq = stage.seq()
    stage.do("export")
    question = stage.dialog()
    stage.check(isinstance(question, ExportChoice), "the question for how much opens")
    stage.picture("export")
    question.reject()
    stage.session.export("northwind", "suppliers", file)  # the file dialog is the system's own
    _wait_for_the_job(stage)
    stage.session.import_file(file, "copied", None)
    _wait_for_the_job(stage)
    stage.do("reload")
    stage.session.go(Place("copied", "suppliers"))
    stage.wait(lambda: stage.info_is("copied", "suppliers"), "the copy is shown")
    stage.check(stage.seq() == seq, "it has all versions")
    stage.window.center.messages.clear()


def _wait_for_the_job(stage: Stage) -> None:
    stage.wait(lambda: stage.session.long_job is None, "the long job ends")


def _says(stage: Stage, words: str) -> bool:
    message = stage.window.center.messages.message()
    return message is not None and words in message.text


def _make_repository(repo: Path) -> bool:
    """Three commits of one file; False where there is no git to make them."""
    if shutil.which("git") is None:
        return False
    repo.mkdir()
    _git(repo, "init", "--quiet")
    for text in _PRICES:
        (repo / "prices.json").write_text(text)
        _git(repo, "add", "prices.json")
        _git(repo, "commit", "--quiet", "--message", "Prices of the week")
    return True


def _git(repo: Path, *words: str) -> None:
    then = {f"GIT_{who}_DATE": NOW.isoformat() for who in ("AUTHOR", "COMMITTER")}
    command = ["git", "-C", str(repo), *_ROSA, *words]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **then})
