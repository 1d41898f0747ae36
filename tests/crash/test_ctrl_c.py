"""Ctrl+C wherever it can reach a write: nobody is locked out, and no version is lost."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from dbengine import DbEngine
from dbengine.store import FolderStore
from dbengine.store.files import Files


class CtrlC(KeyboardInterrupt):
    """The user had enough."""


class AtPlace:
    """Interrupts at the n-th place where Python looks for signals.

    That is where a function begins, and behind each call of one that is written in C.
    """

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, _frame: FrameType, event: str, _value: Any) -> None:
        if event in ("call", "c_return"):
            self.left -= 1
            if self.left == 0:
                raise CtrlC


def interrupted(number: int, call: Callable[[int], object]) -> bool:
    """Whether the call was interrupted at that place of it, and not over before."""
    interrupt = AtPlace(number)
    sys.setprofile(interrupt)
    try:
        call(number)
    except CtrlC:
        pass
    finally:
        sys.setprofile(None)
    return interrupt.left <= 0


def opened(root: Path) -> DbEngine:
    return DbEngine(store=FolderStore(root, files=Files(sync=False)))


def is_locked(root: Path) -> bool:
    """For another process: each handle has a lock of its own."""
    with FolderStore(root, files=Files(sync=False))._tenant("t").lock.held(wait=False) as is_held:
        return not is_held


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "db"


# Python swallows what is raised while it frees something.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    """What it frees at some moment is not what is interrupted here."""
    gc.disable()
    yield
    gc.enable()


def check_every_place(root: Path, before: Callable[[int], object]) -> int:
    """Interrupt a put at each place, go on with the same handle; at how many places that was."""
    db, place, was_interrupted = opened(root), 0, True
    db.init("t")
    db.put("t", "ann", "n", "calm", 0)

    def put(value: int) -> None:
        db.put("t", "ann", "n", "hasty", value)

    while was_interrupted:
        place += 1
        before(place)
        was_interrupted = interrupted(place, put)
        assert not is_locked(root), f"locked for good at place {place}"
        seen = opened(root).load("t", "n")
        db.put("t", "ann", "n", "calm", place)
        assert opened(root).load("t", "n") == {**seen, "calm": place}, f"lost at place {place}"
        assert db.load("t", "n") == {**seen, "calm": place}
    assert db.verify().problems == ()
    log = db.log("t", "n", limit=10_000)
    assert [version.seq for version in log] == list(range(len(log), 0, -1))
    return place


def test_a_handle_that_was_interrupted_goes_on(root: Path) -> None:
    """A put that Ctrl+C stopped kept its lock, or hid from the next one what it had written."""
    assert check_every_place(root, lambda _place: None) > 200


@pytest.mark.slow
def test_a_handle_that_was_interrupted_sees_what_another_wrote(root: Path) -> None:
    """Whose line it had counted and not yet applied: its next put went on from the older head."""

    def another_writes(place: int) -> None:
        opened(root).put("t", "bob", "n", "other", place)

    assert check_every_place(root, another_writes) > 200
