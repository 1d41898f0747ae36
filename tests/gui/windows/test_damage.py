"""What is damaged is told in the words of the window, whatever the engine calls it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbengine import DbEngine, HurtVersion, Problem
from gui.windows.damage import finding, ranges


def problems(root: Path, *, repair: bool = False) -> tuple[Problem, ...]:
    with DbEngine(root, durability="off") as db:
        return db.verify(repair=repair).problems


def objects(root: Path) -> list[Path]:
    return sorted(path for path in (root / "acme" / "objects").glob("??/*") if path.is_file())


@pytest.fixture
def loose(root: Path) -> Path:
    """A database whose objects are files of their own."""
    with DbEngine(root, durability="off") as db:
        for number in range(5):
            db.save("acme", "ana", "notes", f"note {number}")
    assert objects(root)
    return root


def test_what_is_whole_in_another_place_names_the_button(loose: Path) -> None:
    path = objects(loose)[0]
    whole = path.read_bytes()
    with DbEngine(loose, durability="off") as db:
        db.pack()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(whole.replace(b"{", b"["))
    (problem,) = problems(loose)
    assert problem.repairable
    told = finding(problem, writable=True)
    assert told.what.endswith("“Repair” puts it in order.")
    assert "open the database for writing" in finding(problem, writable=False).what
    assert str(path) in told.detail
    assert told.so == ""
    assert "`" not in told.what + told.detail
    assert problems(loose, repair=True) == ()


def test_of_what_a_repair_left_no_other_is_promised() -> None:
    """It was: the button came again, and did no more than before."""
    message = "Two bytes differ. A whole copy is kept elsewhere and is used instead."
    told = finding(Problem("acme", None, "ab" * 32, message), writable=True)
    assert (told.what, told.detail) == (message, "")


def test_what_is_lost_names_the_versions_that_it_hurts(loose: Path) -> None:
    with DbEngine(loose, read_only=True) as db:
        digest = db.history("acme", "notes")[2]
    next(path for path in objects(loose) if path.name == digest).unlink()
    (problem, *_) = problems(loose)
    assert not problem.repairable
    told = finding(problem, writable=True)
    assert told.where.startswith("acme")
    assert "no other copy" in told.what
    assert told.so.startswith("Cannot be read: version")
    assert digest in told.detail


def test_what_only_the_engine_has_words_for_is_told_in_them_and_once() -> None:
    problem = Problem("acme", "users", "ab" * 32, "Version 4 follows version 2.")
    told = finding(problem, writable=True)
    assert (told.what, told.detail) == ("Version 4 follows version 2.", "")


def test_versions_that_nothing_builds_on_are_explained() -> None:
    problem = Problem("acme", "users", "ab" * 32, "The head is behind.", certain=False)
    told = finding(problem, writable=True)
    assert told.what.endswith("They are still there.")
    assert told.detail == "The head is behind."


def test_a_command_of_the_engine_is_called_what_the_menu_calls_it() -> None:
    text = "The object is missing. Run `dbengine verify` to see what it hurts."
    hurt = HurtVersion("acme", "users", 3, "ef" * 32)
    told = finding(Problem("acme", "users", None, text, (hurt,)), writable=True)
    assert told.detail == (
        "The object is missing. Run “Verify” in the menu Database to see what it hurts."
    )


def test_numbers_are_told_in_ranges() -> None:
    assert ranges([1]) == "1"
    assert ranges([0, 3, 4, 5, 9]) == "?, 3–5, 9"
    assert ranges(range(1, 40, 2)).endswith("…")
