"""The journal in the life of a database: who sees what, when it is emptied, what it heals."""

from __future__ import annotations

import gc
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dbengine import Corrupt, DbEngine, StorageError, codec
from dbengine.store import Change, FolderStore
from dbengine.store.files import Files
from tests.crash.disk import killed
from tests.dbengine.helpers import listing, object_files, settled

HERE = Path(__file__).parents[3]


def opened(root: Path) -> DbEngine:
    db = DbEngine(root, durability="off")
    db.init("t")
    return db


def segments(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "t" / "journal").iterdir())


def test_a_commit_is_seen_by_every_open_handle_at_once(root: Path) -> None:
    one, other = opened(root), opened(root)
    reader = DbEngine(root, read_only=True)
    for number in range(600):
        (one if number % 2 else other).put("t", "ann", "n", "a", number)
        assert reader.get("t", "n", "a") == number
    assert [info.seq for info in reader.log("t", "n", limit=1000)] == list(range(600, 0, -1))
    assert reader.verify().ok


def test_the_first_commit_of_all_is_seen_by_a_handle_that_had_looked_before(root: Path) -> None:
    writer = opened(root)
    reader = DbEngine(root, read_only=True)
    assert reader.entries("t") == []
    writer.save("t", "ann", "n", 1)
    assert reader.load("t", "n") == 1


class Meanwhile(Files):
    """Lets something happen right after the first look at what has this name."""

    def __init__(self, name: str, happens: Callable[[], None]) -> None:
        super().__init__(sync=False)
        self._name = name
        self._happens: Callable[[], None] | None = happens

    def read(self, path: Path) -> bytes:
        data = super().read(path)
        self._looked(path)
        return data

    def names(self, folder: Path) -> list[str]:
        names = super().names(folder)
        self._looked(folder)
        return names

    def _looked(self, path: Path) -> None:
        if path.name == self._name and self._happens:
            happens, self._happens = self._happens, None
            happens()


@pytest.mark.parametrize("name", ["head", "journal"])
def test_a_checkpoint_between_two_looks_of_a_reader_hides_nothing_from_it(
    root: Path, name: str
) -> None:
    writer = opened(root)
    digest = writer.save("t", "ann", "n", 1)
    reader = FolderStore(root, read_only=True, files=Meanwhile(name, writer.close))
    assert reader.heads("t") == {"n": digest}


def test_a_head_put_in_place_while_it_is_read_is_seen_at_the_next_look(root: Path) -> None:
    db = opened(root)
    db.save("t", "ann", "n", 1)
    older = (settled(db) / "t" / "head").read_bytes()
    db.save("t", "ann", "n", 2)
    db.close()
    copy = root.parent / "copy"
    copy.write_bytes(older)

    def put_back() -> None:
        copy.replace(root / "t" / "head")

    reader = FolderStore(root, read_only=True, files=Meanwhile("head", put_back))
    assert reader.heads("t") != codec.load(older)
    assert reader.heads("t") == codec.load(older)


def test_nothing_is_in_its_place_before_a_close_and_all_is_after_it(root: Path) -> None:
    db = opened(root)
    digest = db.save("t", "ann", "n", {"a": 1})
    assert object_files(root) == []
    assert object_files(settled(db)) != []
    assert codec.load((root / "t" / "head").read_bytes()) == {"n": digest}
    [segment] = segments(root)
    assert (root / "t" / "journal" / segment).read_bytes() == b""


def test_a_handle_that_is_dropped_without_close_settles(root: Path) -> None:
    db = opened(root)
    db.save("t", "ann", "n", {"a": 1})
    del db
    gc.collect()
    assert len(object_files(root)) == 1


def test_a_handle_that_is_dropped_while_another_writes_does_not_wait(root: Path) -> None:
    db = opened(root)
    db.save("t", "ann", "n", {"a": 1})
    with FolderStore(root).turn("t"):
        del db
        gc.collect()
    assert object_files(root) == []
    assert DbEngine(root).load("t", "n") == {"a": 1}


@pytest.mark.parametrize(
    "scope", ["", "def main():\n    global db\n    "], ids=["module", "function"]
)
def test_a_program_that_ends_without_close_settles(root: Path, scope: str) -> None:
    code = f"from dbengine import DbEngine; import sys\n{scope}db = DbEngine(sys.argv[1])\n"
    code += "main()\n" * bool(scope) + "db.init('t'); db.save('t', 'ann', 'n', [1])"
    subprocess.run([sys.executable, "-c", code, str(root)], cwd=HERE, check=True)
    assert len(object_files(root)) == 1


def test_a_reader_writes_nothing_over_a_journal_that_a_killed_writer_left(root: Path) -> None:
    db = opened(root)
    db.save("t", "ann", "n", {"a": 1})
    killed(db)
    with (root / "t" / "journal" / "00000001").open("r+b") as file:
        file.seek(len(file.read().rstrip(b"\n")) + 1)
        file.write(b"torn")
    before = listing(root)
    with DbEngine(root, read_only=True) as reader:
        assert reader.load("t", "n") == {"a": 1}
        assert reader.verify().ok
    assert listing(root) == before


def test_the_first_writer_after_a_kill_begins_a_new_segment(root: Path) -> None:
    db = opened(root)
    db.save("t", "ann", "n", {"a": 1})
    killed(db)
    again = opened(root)
    assert again.load("t", "n") == {"a": 1}
    assert segments(root) == ["00000001"]
    again.save("t", "ann", "n", {"a": 2})
    assert segments(root) == ["00000002"]
    assert len(object_files(root)) == 1


def test_an_older_segment_that_a_crash_left_does_not_count(root: Path) -> None:
    db = opened(root)
    db.save("t", "ann", "n", 1)
    old = (root / "t" / "journal" / "00000001").read_bytes()
    db.close()
    db.save("t", "ann", "n", 2)
    (root / "t" / "journal" / "00000001").write_bytes(old)
    assert DbEngine(root, read_only=True).load("t", "n") == 2
    db.close()
    assert segments(root) == ["00000003"]
    assert db.load("t", "n") == 2


def test_a_damaged_object_is_healed_by_the_journal(root: Path) -> None:
    db = opened(root)
    db.save("t", "ann", "n", {"a": 1})
    for path in object_files(settled(db)):
        data = path.read_bytes()
        path.write_bytes(b"\x00" * len(data))
        FolderStore(root)  # a commit brings the bytes again
        store = FolderStore(root)
        store.commit("t", Change(path.name, None, (path.name,)), {path.name: data})
        assert store.get("t", [path.name]) == {path.name: data}
        assert all(flaw is None or flaw.digest != path.name for flaw in store.check("t"))
        store.close()
        assert path.read_bytes() == data


def test_a_damaged_journal_is_refused_and_reported(root: Path) -> None:
    db = DbEngine(root)
    db.init("t")
    for number in range(3):
        db.save("t", "ann", "n", number)
    path = root / "t" / "journal" / "00000001"
    path.write_bytes(path.read_bytes().replace(b'"entry"', b'"eNtry"', 1))
    with DbEngine(root) as again:
        for call in (lambda: again.load("t", "n"), lambda: again.save("t", "ann", "m", 1)):
            with pytest.raises(Corrupt, match="00000001 is damaged at byte 0"):
                call()
        assert "00000001 is damaged at byte 0" in again.verify().problems[0].message
    killed(db)


def test_an_object_of_the_journal_that_rots_stops_the_checkpoint(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The segment is all that could still be mended; it must not be dropped."""
    db = opened(root)
    db.save("t", "ann", "n", {"rots": 1})
    path = root / "t" / "journal" / "00000001"
    path.write_bytes(path.read_bytes().replace(b"rots", b"ROTS"))
    assert not db.verify().ok
    with caplog.at_level(logging.WARNING):
        db.close()
    assert "stays in the journal" in caplog.text
    assert segments(root) == ["00000001"]
    killed(db)


def test_a_stranger_in_the_journal_is_named(root: Path) -> None:
    db = opened(root)
    (root / "t" / "journal" / "stray").touch()
    assert "stray is not a file" in db.verify().problems[0].message


def test_objects_that_would_break_a_line_go_to_their_place(root: Path) -> None:
    store = FolderStore(root, files=Files(sync=False))
    store.create_tenant("t")
    data = b'{\n"a": 1}'
    digest = codec.digest_of(data)
    store.commit("t", Change("n", None, (digest,)), {digest: data})
    assert [path.name for path in object_files(root)] == [digest]
    assert FolderStore(root).get("t", [digest]) == {digest: data}
    assert FolderStore(root).heads("t") == {"n": digest}


def test_a_large_value_goes_to_its_place_and_is_committed_by_a_line(root: Path) -> None:
    db = opened(root)
    db.save("t", "ann", "n", "x" * 5_000_000)
    assert [path.stat().st_size for path in object_files(root)] == [5_000_031]
    assert db.load("t", "n") == "x" * 5_000_000
    assert DbEngine(root).load("t", "n") == "x" * 5_000_000


def test_an_object_that_the_journal_has_is_not_written_twice(root: Path) -> None:
    db = opened(root)
    db.save("t", "ann", "one", "y" * 10_000)
    db.save("t", "ann", "two", "y" * 10_000)
    assert (root / "t" / "journal" / "00000001").read_bytes().count(b"y" * 10_000) == 1


def test_a_checkpoint_writes_what_seems_to_be_in_its_place(root: Path) -> None:
    """After a failed sync the system may show bytes that no disk has, and sync them no more."""

    class Recording(Files):
        def write(self, path: Path, data: bytes, *, sync: bool = True) -> None:
            written.append(path.name)
            super().write(path, data, sync=sync)

    written: list[str] = []
    db = opened(root)
    db.save("t", "ann", "n", {"a": 1})
    names = {path.name for path in object_files(settled(db))}
    store = FolderStore(root, files=Recording(sync=False))
    for name in names:
        data = store.get("t", [name])[name]
        store.commit("t", Change(name, None, (name,)), {name: data})
    store.close()
    assert names <= set(written)


def test_a_checkpoint_of_many_objects_takes_three_syncs(root: Path) -> None:
    class Counting(Files):
        @property
        def syncs_together(self) -> bool:
            return True

        def sync_system(self, descriptor: int) -> None:
            synced.append("system")

        def sync_folder(self, folder: Path) -> None:
            synced.append(folder.name)

        def sync(self, descriptor: int) -> None:
            synced.append("file")

        def sync_data(self, descriptor: int) -> None:
            synced.append("line")

    synced: list[str] = []
    with DbEngine(root, store=FolderStore(root, files=Counting())) as db:
        db.init("t")
        for number in range(256):
            db.put("t", "ann", "n", "a", number)
        synced.clear()
        db.put("t", "ann", "n", "a", -1)
        assert [what for what in synced if what != "objects"] == ["system", "t", "journal", "line"]


def test_a_folder_of_objects_that_was_removed_is_made_anew(root: Path) -> None:
    store = FolderStore(root, files=Files(sync=False))
    store.create_tenant("t")
    for text in (b"1", b"2"):
        digest = codec.digest_of(text)
        store.commit("t", Change(digest, None, (digest,)), {digest: text})
        store.close()
        (root / "t" / "objects" / digest[:2] / digest).unlink()
        (root / "t" / "objects" / digest[:2]).rmdir()
        store.commit("t", Change("m" + digest, None, (digest,)), {digest: text})
        store.close()
        assert store.get("t", [digest]) == {digest: text}


def test_with_durability_normal_a_commit_is_not_synced_and_a_close_is(root: Path) -> None:
    class Counting(Files):
        commits = folders = 0

        def sync_data(self, descriptor: int) -> None:
            self.commits += 1

        def sync_folder(self, folder: Path) -> None:
            self.folders += 1

    disk = Counting()
    db = DbEngine(root, store=FolderStore(root, files=disk, sync_commits=False))
    db.init("t")
    for number in range(20):
        db.save("t", "ann", "n", number)
    assert disk.commits == 0
    before = disk.folders
    db.close()
    assert disk.folders > before
    with DbEngine(root, durability="normal") as again:
        again.save("t", "ann", "n", 20)
    assert DbEngine(root).load("t", "n") == 20


def test_with_durability_normal_a_close_that_fails_says_so(root: Path) -> None:
    class Full(Files):
        full = False

        def write(self, path: Path, data: bytes, *, sync: bool = True) -> None:
            if self.full:
                raise OSError(28, "No space left on device", str(path))
            super().write(path, data, sync=sync)

    disk = Full()
    db = DbEngine(root, store=FolderStore(root, files=disk, sync_commits=False))
    db.init("t")
    db.save("t", "ann", "n", 1)
    disk.full = True
    with pytest.raises(StorageError, match="No space left"):
        db.close()
    disk.full = False
    db.close()
    assert len(object_files(root)) == 1
