"""A write that is interrupted at any step leaves the old version or the new one, nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dbengine import ReadOnly, StorageError
from dbengine.store.files import Files
from tests.crash.disk import Died, Dying, Failing, Steps
from tests.crash.scenario import WRITES, lived, opened, state

QUICK = Files(sync=False)


class Case:
    """One write, the database before it, and the states before and after."""

    def __init__(self, name: str, folder: Path) -> None:
        self.write = WRITES[name]
        self._before = folder / "before"
        self._folder = folder
        self._count = 0
        with lived(self._before, QUICK, until=name) as db:
            self.old = state(db)
        with opened(self.fresh(), QUICK) as db:
            self.write(db)
            self.new = state(db)
        counting = Steps()
        with opened(self.fresh(), counting) as db:
            self.write(db)
        self.steps = counting.taken

    def fresh(self) -> Path:
        """A copy of the database as it is before the write."""
        self._count += 1
        copy = self._folder / str(self._count)
        if self._before.exists():
            shutil.copytree(self._before, copy)
        return copy


@pytest.fixture(params=WRITES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    return Case(request.param, tmp_path)


def test_a_write_takes_the_steps_that_the_other_tests_interrupt(case: Case) -> None:
    assert case.steps >= 10
    assert case.old != case.new


def test_killed_at_any_step(case: Case) -> None:
    seen = []
    for at in range(1, case.steps + 1):
        root = case.fresh()
        db = opened(root, Dying(at))
        with pytest.raises(Died):
            case.write(db)
        db.close()
        with opened(root, QUICK) as again:
            assert state(again) in (case.old, case.new)
            assert again.verify().ok
            seen.append(state(again) == case.new)
            if not seen[-1]:
                case.write(again)  # the lock is free, and what was left behind is no hindrance
                assert state(again) == case.new
            assert again.verify().ok
            assert leftovers(root) == []
    assert seen == sorted(seen)
    assert not seen[0]


def test_refused_at_any_step(case: Case) -> None:
    for at in range(1, case.steps + 1):
        root, disk = case.fresh(), Failing(at)
        with opened(root, disk) as db:
            try:
                case.write(db)
            except StorageError as error:
                told = str(error)
            else:
                continue  # a leftover that could not be removed is no reason to fail
            assert state(db) in (case.old, case.new)
            if disk.failed_sync:
                assert "read-only until it is opened again" in told
                assert db.read_only
                with pytest.raises(ReadOnly, match="open the database again"):
                    case.write(db)
            else:
                assert "No space left on device" in told
                assert "Nothing was changed" in told
                assert not db.read_only
                assert state(db) == case.old
                case.write(db)
                assert state(db) == case.new
        with opened(root, QUICK) as again:
            assert state(again) in (case.old, case.new)
            assert again.verify().ok


def test_a_disk_that_stays_full_leaves_nothing_behind(case: Case) -> None:
    """Temporary files of objects stayed until the next opening, and kept the disk full."""
    for at in range(1, case.steps + 1):
        root, disk = case.fresh(), Failing(at, for_good=True)
        with opened(root, disk) as db, pytest.raises(StorageError):
            case.write(db)
        assert leftovers(root) == []
        with opened(root, QUICK) as again:
            assert state(again) in (case.old, case.new)
            assert again.verify().ok


def leftovers(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and path.parent.name == "tmp"]
