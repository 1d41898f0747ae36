"""The folder: what an interrupted start leaves, odd permissions, copies, and small syncs."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from dbengine import DbEngine, NotADatabase, ReadOnly, StorageError, codec
from dbengine.store import SHARED, Change, FolderStore
from dbengine.store.files import Files, SyncFailed
from tests.dbengine.helpers import listing, object_files


class Forbidding(Files):
    """A disk on which every file and folder of one name, and all below, is another user's."""

    def __init__(self, forbidden: str, root: Path) -> None:
        super().__init__(sync=False)
        self._forbidden = forbidden
        self._above = root.parent

    def _check(self, path: Path) -> None:
        if self._forbidden in path.relative_to(self._above).parts:
            raise PermissionError(13, "Permission denied", str(path))

    def read(self, path: Path) -> bytes:
        self._check(path)
        return super().read(path)

    def names(self, folder: Path) -> list[str]:
        self._check(folder)
        return super().names(folder)

    def write(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        self._check(path)
        super().write(path, data, sync=sync)

    def open(self, path: Path, *, write: bool = False) -> int:
        self._check(path)
        return super().open(path, write=write)

    def make_folder(self, folder: Path) -> bool:
        self._check(folder)
        return super().make_folder(folder)

    def open_lock(self, path: Path) -> int:
        self._check(path)
        return super().open_lock(path)


class NoSync(Files):
    """A disk that confirms nothing from some moment on."""

    broken = False

    def sync(self, descriptor: int) -> None:
        if self.broken:
            raise SyncFailed(5, "Input/output error")

    sync_data = sync


def database(root: Path, files: Files) -> DbEngine:
    return DbEngine(root, store=FolderStore(root, files=files))


def after_a_failed_sync(root: Path) -> DbEngine:
    """With the tenants `t` and `u`; the disk, which works again, did not confirm that n is 2."""
    disk = NoSync()
    db = database(root, disk)
    db.init("t")
    db.init("u")
    db.save("t", "ann", "n", 1)
    disk.broken = True
    with pytest.raises(StorageError, match="did not confirm a write"):
        db.save("t", "ann", "n", 2)
    disk.broken = False
    return db


def test_a_folder_in_which_init_was_interrupted_is_as_good_as_empty(root: Path) -> None:
    """It was refused as no database, for good."""
    (root / "refs" / "tmp").mkdir(parents=True)
    (root / "refs" / "tmp" / "format.json").write_text('{"dben')
    with pytest.raises(NotADatabase):
        DbEngine(root, read_only=True)
    with DbEngine(root) as db:
        assert db.tenants() == []
        db.init("t")
        assert db.verify().ok


def test_a_tenant_is_there_only_when_it_is_whole(db: DbEngine, root: Path) -> None:
    (root / "half" / "objects").mkdir(parents=True)
    assert db.tenants() == ["t"]
    db.init("half")
    assert db.tenants() == ["half", "t"]


@pytest.mark.parametrize("forbidden", ["objects", "tmp", "lock", "head"])
def test_a_place_without_permission_is_named_and_nothing_changes(
    db: DbEngine, root: Path, forbidden: str
) -> None:
    db.save("t", "ann", "n", {"a": 1})
    before = listing(root)
    with (
        database(root, Forbidding(forbidden, root)) as other,
        pytest.raises(StorageError, match=f"No permission for .*{forbidden}.*Check who owns it"),
    ):
        other.save("t", "ben", "m", {"b": 2})
    assert listing(root) == before


def test_a_database_without_permission_is_not_opened(db: DbEngine, root: Path) -> None:
    with pytest.raises(StorageError, match="No permission for"):
        database(root, Forbidding(root.name, root))


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(NotADatabase, match=r"^There is no folder .*nowhere\.$"):
        DbEngine(tmp_path / "nowhere", read_only=True)


def test_a_folder_without_permission_cannot_become_a_database(tmp_path: Path) -> None:
    db = database(tmp_path / "new", Forbidding("refs", tmp_path / "new"))
    with pytest.raises(StorageError, match=r"No permission for .*refs"):
        db.init("t")
    assert not (tmp_path / "new" / "format.json").exists()


def test_an_object_that_cannot_be_read_is_reported_by_verify(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", 1)
    db.close()
    [flaw] = filter(None, FolderStore(root, files=Forbidding(digest, root)).check("t"))
    assert flaw.digest == digest
    assert "cannot be read: Permission denied" in flaw.message


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do anything")
def test_a_real_folder_without_permission_is_named(db: DbEngine, root: Path) -> None:
    db.save("t", "ann", "n", 1)
    (root / "t" / "tmp").chmod(0o500)
    try:
        with pytest.raises(StorageError, match="No permission for"):
            db.save("t", "ann", "n", 2)
    finally:
        (root / "t" / "tmp").chmod(0o700)
    assert db.load("t", "n") == 1


def test_after_a_failed_sync_the_handle_is_read_only_for_every_tenant(root: Path) -> None:
    with after_a_failed_sync(root) as db:
        assert db.read_only
        for write in (lambda: db.save("u", "ann", "n", 1), lambda: db.init("v")):
            with pytest.raises(ReadOnly, match="failed earlier"):
                write()
        assert db.load("t", "n") in (1, 2)
    with database(root, NoSync()) as again:
        again.save("t", "ann", "n", 3)
        assert again.load("t", "n") == 3
        assert again.verify().ok


def test_a_commit_that_waited_for_its_turn_while_a_sync_failed_is_refused(root: Path) -> None:
    """It had been allowed before it began to wait."""

    class FailsMeanwhile(NoSync):
        """Another tenant's sync fails just before the turn for `t` is waited for."""

        armed = False

        def open_lock(self, path: Path) -> int:
            if self.armed and path.parent.name == "t":
                self.armed, self.broken = False, True
                with pytest.raises(StorageError, match="did not confirm"):
                    store.create_tenant("u")
                self.broken = False
            return super().open_lock(path)

    disk = FailsMeanwhile()
    FolderStore(root, files=disk).create_tenant("t")
    store = FolderStore(root, files=disk)
    disk.armed = True
    digest = codec.digest_of(b"1")
    with pytest.raises(ReadOnly, match="failed earlier"):
        store.commit("t", Change("n", None, (digest,)), {digest: b"1"})
    assert store.heads("t") == {}


def test_a_handle_whose_sync_failed_brings_nothing_to_its_place_when_it_is_closed(
    root: Path,
) -> None:
    """What the failed sync left in memory may look right and be on no disk."""
    db = after_a_failed_sync(root)
    before = listing(root)
    db.close()
    assert listing(root) == before


def test_init_again_syncs_the_name_of_a_head_that_is_there(root: Path) -> None:
    """Its maker may have been killed before it synced the name of `head`."""
    synced: list[Path] = []

    class Noting(Files):
        def sync_folder(self, folder: Path) -> None:
            synced.append(folder)

    store = FolderStore(root, files=Noting())
    store.create_tenant("t")
    synced.clear()
    store.create_tenant("t")
    assert synced == [root / "t"]


def test_a_writer_that_waited_while_a_sync_failed_does_not_write(root: Path) -> None:
    disk = NoSync()
    with database(root, disk) as db:
        db.init("t")
        refused: list[str] = []

        def wait_and_write() -> None:
            try:
                db.save("t", "ben", "n", 2)
            except ReadOnly as error:
                refused.append(str(error))

        waiting = threading.Thread(target=wait_and_write)
        store = FolderStore(root, files=Files(sync=False))
        with store.turn("t"):
            waiting.start()
            waiting.join(0.1)
            disk.broken = True
            with pytest.raises(StorageError, match="did not confirm"):
                db.init("u")
            disk.broken = False
        waiting.join()
        assert len(refused) == 1
        assert not db.exists("t", "n")


def test_the_marker_is_what_makes_a_folder_a_database(db: DbEngine, root: Path) -> None:
    assert (root / "format.json").read_text() == '{\n  "dbengine": 1\n}'
    (root / "format.json").unlink()
    with pytest.raises(NotADatabase):
        DbEngine(root)


def test_a_database_can_be_copied_and_moved(db: DbEngine, root: Path, tmp_path: Path) -> None:
    digest = db.save("t", "ann", "n", {"a": 1})
    db.close()
    root.rename(tmp_path / "moved")
    with DbEngine(tmp_path / "moved") as moved:
        assert moved.get_digest("t", "n") == digest
        moved.save("t", "ann", "n", {"a": 2})
        assert moved.verify().ok


def test_a_tenants_folder_may_be_a_symbolic_link(db: DbEngine, root: Path, tmp_path: Path) -> None:
    db.save("t", "ann", "n", 1)
    (root / "t").rename(tmp_path / "elsewhere")
    (root / "t").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with DbEngine(root) as again:
        again.save("t", "ann", "n", 2)
        assert again.history("t", "n", max_items=1) == [again.get_digest("t", "n")]
        assert again.tenants() == ["t"]


CALLS = {"write", "replace", "remove", "make_folder", "open", "open_lock", "write_at", "names"}
CALLS |= {"sync", "sync_data", "sync_folder", "sync_system"}


class Counting(Files):
    """A disk that notes each call that changes it, makes it durable, or lists names."""

    noted = CALLS

    def __init__(self) -> None:
        super().__init__(sync=False)
        self.calls: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if name in type(self).noted:
            self.calls.append(name)
        return super().__getattribute__(name)


def test_a_put_is_one_write_and_one_sync_and_nothing_else(root: Path) -> None:
    disk = Counting()
    with database(root, disk) as db:
        db.init("t")
        db.put("t", "ann", "n", "a", 0)
        for number in range(1, 200):
            disk.calls.clear()
            db.put("t", "ann", "n", "a", number)
            assert disk.calls in (["write_at", "sync_data"], ["write_at"] * 2 + ["sync_data"])


class CountingLooks(Counting):
    """Notes each look at a name or into a file, too."""

    noted = CALLS | {"stamp", "exists", "read", "read_at"}


def test_each_call_looks_once_for_what_others_wrote(root: Path) -> None:
    """Whether the tenant is there and its lock, then at `head`, the next segment, and this one.

    A put asked which file the open lock is, too, which never changes; a reader takes no lock.
    """
    disk, looks = CountingLooks(), ["stamp", "exists", "read_at"]
    with database(root, disk) as db:
        db.init("t")
        db.put("t", "ann", "n", "a", 0)
        for number in range(1, 50):
            disk.calls.clear()
            db.put("t", "ann", "n", "a", number)
            assert disk.calls == ["stamp", "stamp", *looks, "write_at", "sync_data"]
            disk.calls.clear()
            assert db.get("t", "n", "a") == number
            assert disk.calls == looks


def test_a_database_put_in_anothers_place_is_the_one_that_is_written(
    root: Path, tmp_path: Path
) -> None:
    """Though the lock of the one that was moved away is still open."""
    with DbEngine(tmp_path / "other") as other:
        other.init("t")
        other.put("t", "ann", "n", "b", 2)
    db = DbEngine(root)
    db.init("t")
    db.put("t", "ann", "n", "a", 1)
    root.rename(tmp_path / "away")
    (tmp_path / "other").rename(root)
    db.put("t", "ann", "n", "c", 3)
    assert db.load("t", "n") == {"b": 2, "c": 3}
    assert DbEngine(tmp_path / "away", read_only=True).load("t", "n") == {"a": 1}


def test_a_put_looks_at_no_file_of_an_object(root: Path) -> None:
    class Blind(Files):
        def read(self, path: Path) -> bytes:
            assert "objects" not in path.parts
            return super().read(path)

        def size(self, path: Path) -> int | None:
            assert "objects" not in path.parts
            return super().size(path)

    db = database(root, Blind(sync=False))
    db.init("t")
    for number in range(20):
        db.put("t", "ann", "n", "a", number)
    assert db.get("t", "n") == [19]
    db._store.after_fork()  # closing would bring the objects to their place


def test_a_checkpoint_comes_after_256_commits_or_4_megabytes(root: Path) -> None:
    with DbEngine(root, durability="off") as db:
        db.init("t")
        for number in range(257):
            assert object_files(root) == []
            db.save("t", "ann", "n", number)
        assert len(object_files(root)) == 256
        for number in range(5):
            db.save("t", "ann", "n", [number, str(number) * 900_000])
        assert len(object_files(root)) == 256
        db.save("t", "ann", "n", 0)
        assert len(object_files(root)) == 256 + 1 + 3 * 5


def test_objects_of_tenants_and_shared_ones_are_listed_apart(root: Path) -> None:
    store = FolderStore(root, files=Files(sync=False))
    store.create_tenant("t")
    data = b'{"a":1}'
    store.put(SHARED, {codec.digest_of(data): data})
    assert list(store.objects("t")) == []
    assert list(store.objects(SHARED)) == [codec.digest_of(data)]
