"""Man pages and completion, made from what the commands say of themselves."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dbengine.cli.app import app
from gui.__main__ import make_parser
from recipe import pages


def needs(command: str) -> None:
    if shutil.which(command) is None:
        pytest.skip(f"{command} is not installed (Debian: apt-get install {command})")


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


def test_an_argument_of_which_there_is_nothing_to_say_has_no_paragraph_of_its_own() -> None:
    page = pages.terminal_page(app)
    for kind, paragraph in itertools.pairwise(re.split(r"^(\.\w+.*)$", page, flags=re.MULTILINE)):
        if kind == ".TP":
            assert len(paragraph.strip().splitlines()) == 2, paragraph


def test_every_option_of_the_browser_is_in_its_man_page() -> None:
    page = pages.browser_page(make_parser())
    for option in ("--tenant", "--entry", "--at", "--compare", "--read-only", "--demo", "--tour"):
        assert option.replace("-", r"\-") in page


@pytest.mark.parametrize("name", ["dbengine.1", "dbengine-browser.1"])
def test_a_man_page_reads_without_complaint(folder: Path, name: str) -> None:
    needs("groff")
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


def test_fish_shows_what_an_option_is_for(folder: Path) -> None:
    needs("fish")
    script = folder / "completions" / "fish" / "dbengine-browser.fish"
    ask = f"source {script}; complete --do-complete 'dbengine-browser --tou'"
    done = subprocess.run(["fish", "-c", ask], capture_output=True, text=True, check=False)
    told = done.stdout.strip().split("\t")
    assert (done.returncode, done.stderr, told) == (0, "", ["--tour", help_of("--tour")])


def test_zsh_takes_what_an_option_is_for_in_one_piece(folder: Path) -> None:
    needs("zsh")
    script = folder / "completions" / "zsh" / "_dbengine-browser"
    check = f"_arguments() {{ print -rl -- $@ }}; source {script}"
    done = subprocess.run(["zsh", "-fc", check], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"--tour[{help_of('--tour')}]" in done.stdout.splitlines()


def help_of(option: str) -> str | None:
    [action] = [each for each in make_parser()._actions if option in each.option_strings]
    assert "'" in (action.help or ""), "which has to be escaped"
    return action.help
