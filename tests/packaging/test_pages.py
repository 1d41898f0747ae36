"""Man pages and completion, made from what the commands say of themselves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dbengine.cli.app import app
from gui.__main__ import make_parser
from recipe import pages


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    pages.write(folder)
    return folder


def test_every_command_and_option_is_in_the_man_page() -> None:
    page = pages.terminal_page(app)
    for name, command in app.commands.items():
        assert rf".SS dbengine {name.replace('-', chr(92) + '-')} " in page
        assert (command.help or "").split()[0] in page
    assert r"\-\-root" in page


def test_every_option_of_the_browser_is_in_its_man_page() -> None:
    page = pages.browser_page(make_parser())
    for option in ("--tenant", "--entry", "--at", "--compare", "--read-only", "--demo", "--tour"):
        assert option.replace("-", r"\-") in page


@pytest.mark.parametrize("name", ["dbengine.1", "dbengine-browser.1"])
def test_a_man_page_reads_without_complaint(folder: Path, name: str) -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z", folder / "man" / name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""


def test_the_pages_are_the_same_each_time(folder: Path, tmp_path: Path) -> None:
    pages.write(tmp_path)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("command", ["dbengine", "dbengine-browser"])
def test_bash_takes_the_completion(folder: Path, command: str) -> None:
    script = folder / "completions" / "bash" / command
    check = f"source {script} && complete -p {command}"
    done = subprocess.run(["bash", "-c", check], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert command in done.stdout
