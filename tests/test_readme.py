"""What the README shows runs as it stands."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from dbengine.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def git(repository: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=repository, check=True)


def test_the_python_blocks_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(block, names)
    said = capsys.readouterr().out
    assert "('marco', ('exotic-liquids',)), ('ana', ('exotic-liquids',))" in said
    assert "marco {'country': 'UK', 'rating': 4.25}" in said
    assert names["db"].load("northwind", "suppliers") == names["old"]  # type: ignore[attr-defined]


def test_the_import_that_it_shows_brings_a_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = tmp_path / "path" / "to" / "repository"
    repository.mkdir(parents=True)
    git(repository, "init", "-q")
    for number in (1, 2):
        (repository / "data.json").write_text(f'{{"n": {number}}}')
        git(repository, "add", "data.json")
        git(repository, "commit", "-qm", f"n is {number}")
    monkeypatch.chdir(tmp_path)
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    command = next(line for line in lines if "import-git" in line)
    assert main(command.split()[1:]) == 0
    assert "2 versions written" in capsys.readouterr().out


def test_every_file_that_it_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
