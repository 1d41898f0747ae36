"""A write that is interrupted at any step leaves the old version or the new one, nothing else."""

from __future__ import annotations

import contextlib
import errno
import shutil
from pathlib import Path

import pytest

from dbengine import DbEngine, ReadOnly, StorageError
from dbengine.store.files import Files
from tests.crash.disk import Died, Dying, Failing, Interrupted, Steps, killed
from tests.crash.scenario import IN_PARTS, WRITES, Write, keep_in_parts, lived, opened, state

QUICK = Files(sync=False)


class Case:
    """One write and the close after it, the database before it, and the states before and after.

    What was written before is in its place, or, where its writer was killed, in the journal.
    """

    def __init__(
        self,
        name: str,
        is_settled: bool,
        folder: Path,
        writes: dict[str, Write] = WRITES,
        every: int = 1,
    ) -> None:
        self.write = writes[name]
        self._before = folder / "before"
        self._folder = folder
        self._count = 0
        db = lived(self._before, QUICK, name, writes)
        self.old = state(db)
        db.close() if is_settled else killed(db)
        with opened(self.fresh(), QUICK) as db:
            self.write(db)
            self.new = state(db)
        counting = Steps()
        with opened(self.fresh(), counting) as db:
            self.write(db)
        self.steps = counting.taken
        self.some_steps = range(1, self.steps + 1, every)

    def fresh(self) -> Path:
        """A copy of the database as it is before the write."""
        self._count += 1
        copy = self._folder / str(self._count)
        if self._before.exists():
            shutil.copytree(self._before, copy)
        return copy


CASES = [
    *(pytest.param((WRITES, name, True, 1), id=name) for name in WRITES),
    *(
        pytest.param((WRITES, name, False, 1), id=f"{name}-in the journal", marks=pytest.mark.slow)
        for name in WRITES
    ),
    *(pytest.param((IN_PARTS, name, True, 9), id=name) for name in IN_PARTS if name != "init"),
    *(
        pytest.param((IN_PARTS, name, True, 1), id=f"{name}-all steps", marks=pytest.mark.slow)
        for name in IN_PARTS
    ),
]


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    writes, name, is_settled, every = request.param
    if writes is IN_PARTS:
        keep_in_parts(monkeypatch)
    return Case(name, is_settled, tmp_path, writes, every)


def test_a_write_takes_the_steps_that_the_other_tests_interrupt(case: Case) -> None:
    assert case.steps >= 10
    assert case.old != case.new


def test_killed_at_any_step(case: Case) -> None:
    seen = []
    for at in case.some_steps:
        root = case.fresh()
        db = opened(root, Dying(at))
        with pytest.raises(Died):
            case.write(db)
            db.close()
        killed(db)
        with opened(root, QUICK) as again:
            assert state(again) in (case.old, case.new)
            assert again.verify().ok
            seen.append(state(again) == case.new)
            if not seen[-1]:
                case.write(again)  # the lock is free, and what was left behind is no hindrance
                assert state(again) == case.new
        assert_usable(root)
    assert seen == sorted(seen)
    assert not seen[0]


def assert_usable(root: Path) -> None:
    """The next write sweeps what a killed one left; nothing else is amiss."""
    with opened(root, QUICK) as db:
        db.init("t")
        db.save("t", "eve", "last", {"a": 1})
    with opened(root, QUICK) as db:
        assert db.load("t", "last") == {"a": 1}
        assert db.verify().ok
    assert leftovers(root) == []


def test_refused_at_any_step(case: Case) -> None:
    for at in case.some_steps:
        root, disk = case.fresh(), Failing(at)
        with opened(root, disk) as db:
            try:
                case.write(db)
            except StorageError as error:
                check_refused(case, db, disk, str(error))
            else:
                assert state(db) == case.new  # refused is the close, or a removal
        with opened(root, QUICK) as again:
            assert state(again) in (case.old, case.new)
            assert again.verify().ok
        assert_usable(root)


def check_refused(case: Case, db: DbEngine, disk: Failing, told: str) -> None:
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


def test_a_disk_that_stays_full_leaves_nothing_behind(case: Case) -> None:
    """Temporary files of objects stayed until the next opening, and kept the disk full."""
    for at in case.some_steps:
        root, disk = case.fresh(), Failing(at, for_good=True)
        with opened(root, disk) as db:
            try:
                case.write(db)
            except StorageError:
                pass
            else:
                assert state(db) == case.new  # it is the close that is refused
        assert leftovers(root) == []
        with opened(root, QUICK) as again:
            assert state(again) in (case.old, case.new)
            assert again.verify().ok


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.EMFILE])
@pytest.mark.parametrize("name", ["put", "share", "append"])
def test_whatever_the_error_is_others_can_go_on(tmp_path: Path, name: str, code: int) -> None:
    """The lock is free at once, not only when the handle that was refused is closed."""
    case = Case(name, False, tmp_path)
    for at in range(1, case.steps + 1, 7):
        root, disk = case.fresh(), Failing(at, for_good=True, code=code)
        with opened(root, disk) as db:
            with contextlib.suppress(StorageError):
                case.write(db)
            assert state(db) in (case.old, case.new)
            with opened(root, QUICK) as other:
                assert state(other) in (case.old, case.new)
                other.save("t", "eve", "other", 1)
            assert db.load("t", "other") == 1


def test_interrupted_by_the_keyboard_at_any_step_the_same_handle_goes_on(case: Case) -> None:
    for at in case.some_steps:
        root = case.fresh()
        with opened(root, Interrupted(at)) as db:
            try:
                case.write(db)
                db.close()
            except KeyboardInterrupt:
                pass
            assert state(db) in (case.old, case.new)
            with opened(root, QUICK) as other:
                other.init("t")
                other.save("t", "eve", "other", 1)  # the lock is free
            db.save("t", "eve", "last", [1])
        with opened(root, QUICK) as again:
            assert again.load("t", "last") == [1]
            assert again.verify().ok


def leftovers(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and path.parent.name == "tmp"]
