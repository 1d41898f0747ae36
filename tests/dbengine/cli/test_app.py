"""How the command ends, whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from dbengine import DbEngine, __version__
from dbengine.cli import main
from tests.dbengine.cli.conftest import Terminal


def process(root: Path, *arguments: str, **options: object) -> subprocess.Popen[str]:
    """The command as a process of its own, which hears Ctrl+C even where these tests do not.

    What a shell begins in the background ignores it, and so does what that begins.
    """
    command = [sys.executable, "-m", "dbengine", "--root", str(root), *arguments]
    pipe = subprocess.PIPE
    if os.name != "nt":
        options["preexec_fn"] = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **options)  # type: ignore[call-overload,no-any-return]


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"dbengine, version {__version__}\n"


def test_without_a_command_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    shown = capsys.readouterr().err
    for command in ("tenants", "entries", "log", "show", "diff", "put", "save", "delete",
                    "restore", "init", "verify", "import-git", "pack", "export", "import",
                    "watch"):  # fmt: skip
        assert f"\n  {command} " in shown


def test_the_root_is_taken_from_the_environment(
    db: DbEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBENGINE_ROOT", str(db.root))
    assert main(["tenants"]) == 0
    assert "t" in capsys.readouterr().out.split()


@pytest.mark.usefixtures("fruit")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("entries", "nope"), "`dbengine init` makes one"),
        (("log", "t", "nope"), "`dbengine entries --deleted`"),
        (("show", "t", "fruit", "nope"), "has no record 'nope'"),
        (("show", "t", "fruit", "--at", "99"), "`dbengine log` lists the versions"),
        (("show", "t", "fruit", "--at", "beef"), "has no version 'beef'"),
        (("show", "t", "fruit", "--at", "2001-01-01"), "had no version yet"),
        (("delete", "t", "fruit", "nope"), "has no record 'nope'"),
        (("restore", "t", "fruit", "99"), "has no version 99"),
        (("init", "../up"), "looks like a path"),
        (("put", "t", "fruit", "", "1"), "must not be empty"),
        (("put", "t", "fruit", "k", "NaN"), "NaN is not JSON"),
        (("put", "t", "fruit", "k", "@/no/such/file"), "/no/such/file cannot be read"),
    ],
)
def test_an_error_is_one_line_that_says_what_to_do(
    dbengine: Terminal, arguments: tuple[str, ...], message: str
) -> None:
    ran = dbengine(*arguments)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("dbengine: ")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.usefixtures("fruit")
@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("show", "t"),
        ("log", "t", "fruit", "--limit", "0"),
        ("show", "t", "fruit", "--at", "a banana"),
        ("show", "t", "fruit", "--at", "2026-02-31"),
        ("put", "t", "fruit", "k", "-5"),
    ],
)
def test_a_usage_error_is_one_line_and_ends_with_2(
    dbengine: Terminal, arguments: tuple[str, ...]
) -> None:
    ran = dbengine(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1


def test_a_folder_that_is_no_database_is_refused(dbengine: Terminal, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    dbengine.root = tmp_path
    ran = dbengine("tenants")
    assert ran.status == 1
    assert "is not a DbEngine database" in ran.err


def test_a_command_that_looks_makes_no_database(dbengine: Terminal) -> None:
    assert dbengine("tenants").status == 1
    assert not dbengine.root.exists()


def test_a_warning_of_the_engine_is_a_line_on_stderr(dbengine: Terminal, db: DbEngine) -> None:
    db.save("t", "ana", "e", {"a": 1})
    ran = dbengine("put", "t", "e", "b", "2", "--json")
    assert ran.json["written"] is True
    assert ran.err.startswith("dbengine: Entry 'e' of tenant 't' is written both by save()")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no broken pipes of this kind")
def test_a_reader_that_goes_away_is_no_error(root: Path, db: DbEngine) -> None:
    db.save("t", "ana", "e", ["x" * 100] * 20_000)
    with process(root, "show", "t", "e") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode in (0, 1)  # which of them is up to the version of click


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise on Windows")
def test_ctrl_c_ends_quietly_with_130(root: Path, db: DbEngine, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "value")
    running = process(root, "save", "t", "e", f"@{tmp_path / 'value'}")
    with running, (tmp_path / "value").open("w"):  # opens when the command reads
        time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        _out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert err.strip() == ""
    assert db.entries("t") == []


def test_an_encoding_that_lacks_a_sign_is_no_error(root: Path, db: DbEngine) -> None:
    db.put("t", "ana", "e", "k", 1, note="東京")
    db.delete("t", "ana", "e", "k")
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    with process(root, "log", "t", "e", env=environment) as running:
        out, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (0, "")
    assert r"\u6771\u4eac" in out
