"""Import, export and repair that are killed, refused, or cut off from power at any step."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from dbengine import DbEngine, DbException, Shared, StorageError, transfer
from dbengine.store import FolderStore
from dbengine.store.files import Files
from tests.crash.disk import Died, Dying, Failing, Forgetful, Steps, killed
from tests.crash.power import (
    ROOT,
    Ignored,
    Lost,
    aftermaths,
    cut_the_power,
    no_sync,
)
from tests.crash.scenario import IN_PARTS, State, keep_in_parts, lived, opened, state

QUICK = Files(sync=False)
Act = Callable[[DbEngine, Files], None]
FILE: Final = "from-elsewhere.export"


@pytest.fixture(autouse=True)
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_in_parts(monkeypatch)


@pytest.fixture(
    params=[7, pytest.param(1, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])],
    ids=["some", "all"],
)
def every(request: pytest.FixtureRequest) -> int:
    """How many steps lie between those that are interrupted."""
    chosen: int = request.param
    return chosen


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Files], None]:
    """The files through which exports are written and read from now on."""
    return lambda files: monkeypatch.setattr(transfer, "Files", lambda: files)


@pytest.fixture
def exported(tmp_path: Path) -> bytes:
    """A file with a longer history of `doc`, and with an entry that refers to a shared object."""
    with opened(tmp_path / "source", QUICK) as db:
        for write in IN_PARTS.values():
            write(db)
        db.put("t", "ann", "other", "a", Shared({"big": [1]}))
        db.export("t", tmp_path / FILE)
    return (tmp_path / FILE).read_bytes()


# ---- import ---------------------------------------------------------------------------------


def younger(root: Path, files: Files) -> DbEngine:
    """The database that the file is brought into: `doc` is some versions behind."""
    return lived(root, files, "put a tree of changes", IN_PARTS)


def between(old: State, new: State) -> list[State]:
    """The heads move one after the other."""
    return [{"t": old["t"] | {"doc": new["t"]["doc"]}}]


def import_without_power(
    exported: bytes,
    use: Callable[[Files], None],
    ignored: Ignored = no_sync,
    *,
    every: int = 1,
) -> None:
    def make(disk: Forgetful) -> DbEngine:
        use(disk)
        disk.write(Path("/data") / FILE, exported)
        younger(ROOT, disk).close()
        return opened(ROOT, disk)

    def bring(db: DbEngine) -> None:
        db.import_("t", Path("/data") / FILE)

    with make(Forgetful()) as db:
        old = state(db)
        bring(db)
        new = state(db)
    cut_the_power(make, bring, ignored, between=between(old, new), every=every)


def test_an_import_that_was_acknowledged_lasts(
    exported: bytes, use: Callable[[Files], None], every: int
) -> None:
    import_without_power(exported, use, every=3 * every)


SYNCS: Final[dict[str, Ignored]] = {
    "the objects": lambda p: p.name == "tmp",
    "the shared objects": lambda p: len(p.name) == 64 and p.parent.parent.parent == ROOT,
    "the moves of the heads": lambda p: p.parent.name == "journal",
}


@pytest.mark.parametrize("what", SYNCS)
def test_without_any_one_of_its_syncs_something_is_lost(
    exported: bytes, use: Callable[[Files], None], what: str
) -> None:
    with pytest.raises(Lost):
        import_without_power(exported, use, SYNCS[what], every=5)


class Interrupted:
    """A database and what is done to it, again and again from the same start."""

    def __init__(self, folder: Path, make: Callable[[Path, Files], None]) -> None:
        self._folder = folder
        self._numbers: Iterator[int] = iter(range(1, 100_000))
        make(folder / "0", QUICK)

    def fresh(self) -> Path:
        return Path(shutil.copytree(self._folder / "0", self._folder / str(next(self._numbers))))

    def before_and_after(self, act: Act) -> tuple[State, State]:
        """What is in it, and what nobody stops puts there."""
        with opened(self.fresh(), QUICK) as db:
            before = state(db)
            act(db, QUICK)
            return before, state(db)

    def steps(self, act: Act) -> int:
        counting = Steps()
        with opened(self.fresh(), counting) as db:
            act(db, counting)
            return counting.taken


@pytest.fixture
def importing(tmp_path: Path) -> Interrupted:
    return Interrupted(tmp_path, lambda root, files: younger(root, files).close())


@pytest.fixture
def bring(exported: bytes, use: Callable[[Files], None], tmp_path: Path) -> Act:
    """Import that file, which is read through these files."""

    def act(db: DbEngine, files: Files) -> None:
        use(files)
        db.import_("t", tmp_path / FILE)

    return act


def test_an_import_killed_at_any_step_can_be_run_again(
    importing: Interrupted, bring: Act, every: int
) -> None:
    old, new = importing.before_and_after(bring)
    for at in range(1 + every // 2, importing.steps(bring) + 1, every):
        root, dying = importing.fresh(), Dying(at)
        db = opened(root, dying)
        with pytest.raises(Died):
            bring(db, dying)
        killed(db)
        with opened(root, QUICK) as again:
            assert state(again) in [old, *between(old, new), new]
            assert again.verify().ok
            bring(again, QUICK)
            assert state(again) == new
            assert again.verify().ok


@pytest.mark.parametrize("for_good", [False, True])
def test_an_import_refused_at_any_step_changes_nothing_by_halves(
    importing: Interrupted, bring: Act, for_good: bool, every: int
) -> None:
    old, new = importing.before_and_after(bring)
    for at in range(1 + every // 2, importing.steps(bring) + 1, every):
        root, disk = importing.fresh(), Failing(at, for_good=for_good)
        with opened(root, disk) as db:
            with pytest.raises(StorageError):
                bring(db, disk)
            assert state(db) in [old, *between(old, new), new]
            assert db.read_only == disk.failed_sync
            if not disk.failed_sync and not for_good:
                bring(db, QUICK)  # the lock is free
                assert state(db) == new
        with opened(root, QUICK) as again:
            bring(again, QUICK)
            assert state(again) == new
            assert again.verify().ok


# ---- export ---------------------------------------------------------------------------------

OUT: Final = Path("/data/out.export")


def exports(disk: Forgetful) -> DbEngine:
    """A database of which an older export is there already."""
    db = lived(ROOT, disk, "put a change", IN_PARTS)
    db.export("t", OUT)
    IN_PARTS["put a change"](db)
    db.close()
    return opened(ROOT, disk)


def export_without_power(
    use: Callable[[Files], None], ignored: Ignored = no_sync, *, every: int = 1
) -> None:
    """The file is the old one or the new one, and after the export's return the new one."""
    for at in range(1, 1000, every):
        disk = Forgetful()
        use(disk)
        db = exports(disk)
        disk.ignored = ignored
        allowed = [1, 2]
        with disk.dying(at):
            db.export("t", OUT)
            allowed = [2]
        finished = disk.taken < at
        killed(db)
        for found in aftermaths(disk):
            if versions_in(found, use) not in allowed:
                raise Lost(f"step {at}")
        if finished:
            break


def versions_in(disk: Forgetful, use: Callable[[Files], None]) -> int:
    """How many versions the export that is there brings into an empty database."""
    use(disk)
    try:
        with opened(Path("/data/fresh"), disk) as db:
            return db.import_("t", OUT).written
    except DbException as error:
        raise Lost(str(error)) from error


def test_an_export_that_was_acknowledged_lasts(use: Callable[[Files], None], every: int) -> None:
    export_without_power(use, every=every)


@pytest.mark.parametrize("what", [OUT.with_name("out.export.part"), OUT.parent])
def test_without_any_one_of_its_syncs_an_export_is_lost(
    use: Callable[[Files], None], what: Path
) -> None:
    with pytest.raises(Lost):
        export_without_power(use, lambda path: path == what)


def test_an_export_killed_or_refused_at_any_step_leaves_the_old_file_or_the_new(
    use: Callable[[Files], None], tmp_path: Path
) -> None:
    db = lived(tmp_path / "db", QUICK, "put a change", IN_PARTS)
    target = tmp_path / "out.export"
    db.export("t", target)
    old = target.read_bytes()
    IN_PARTS["put a change"](db)
    db.export("t", target)
    new = target.read_bytes()
    for make in (Dying, Failing, lambda at: Failing(at, for_good=True)):
        for at in range(1, 100):
            target.write_bytes(old)
            files = make(at)
            use(files)
            try:
                db.export("t", target)
            except (Died, StorageError):
                assert target.read_bytes() in (old, new)
            else:
                assert target.read_bytes() == new
                break
        assert at > 8
    assert not target.with_name("out.export.part").exists()
    db.close()


# ---- repair ---------------------------------------------------------------------------------


def hurt(root: Path, files: Files) -> None:
    """Three objects are damaged in their place and whole in a pack."""
    db = lived(root, files, "delete a record of a tree", IN_PARTS)
    db.close()
    assert isinstance(db._store, FolderStore)
    db.pack("t")
    for digest in sorted(db._store.objects("t"))[:3]:
        folder = root / "t" / "objects" / digest[:2]
        files.make_folder(folder)
        files.write(folder / digest, b"damaged")
        files.sync_folder(folder.parent)
        files.sync_folder(folder)
    db.close()


def repair(db: DbEngine) -> None:
    report = db.verify(repair=True)
    assert report.ok
    assert len(report.healed) == 3


def repair_without_power(ignored: Ignored = no_sync, *, every: int = 1) -> None:
    """Every version is there all the time; after the return nothing is amiss any more."""
    for at in range(1, 1000, every):
        disk = Forgetful()
        hurt(ROOT, disk)
        db = opened(ROOT, disk)
        whole, is_done = state(db), False
        disk.ignored = ignored
        with disk.dying(at):
            repair(db)
            is_done = True
        killed(db)
        for found in aftermaths(disk):
            with opened(ROOT, found) as db:
                if state(db) != whole or (is_done and db.verify().problems):
                    raise Lost(f"step {at}")
                assert db.verify(repair=True).ok
        if is_done:
            break


def test_a_repair_that_was_acknowledged_lasts(every: int) -> None:
    repair_without_power(every=every)


@pytest.mark.parametrize("length", [64, 2], ids=["the bytes", "the names"])
def test_without_any_one_of_its_syncs_a_repair_is_lost(length: int) -> None:
    with pytest.raises(Lost):
        repair_without_power(lambda path: len(path.name) == length)


def test_a_repair_killed_or_refused_at_any_step_can_be_run_again(
    tmp_path: Path, every: int
) -> None:
    repairing = Interrupted(tmp_path, hurt)
    with opened(repairing.fresh(), QUICK) as db:
        whole = state(db)
    steps = repairing.steps(lambda db, _files: repair(db))
    assert steps > 10
    for make in (Dying, Failing, lambda at: Failing(at, for_good=True)):
        for at in range(1 + every // 2, steps + 1, every):
            root = repairing.fresh()
            db = opened(root, make(at))
            with pytest.raises((Died, StorageError)):
                repair(db)
            assert state(db) == whole
            killed(db)
            with opened(root, QUICK) as db:
                assert db.verify(repair=True).ok
                assert state(db) == whole
                assert not db.verify().problems
