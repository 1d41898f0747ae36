"""A handle on a folder: what opening makes and refuses, reading only, closing and dropping it."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from dbengine import (
    DbEngine,
    InvalidArgument,
    NewerFormat,
    NotADatabase,
    ReadOnly,
    Snapshot,
    StorageError,
)
from dbengine.store import MemoryStore
from tests.dbengine.helpers import Clock, listing, object_files, refused


def test_opening_creates_nothing(root: Path) -> None:
    DbEngine(root).close()
    assert not root.exists()


def test_init_makes_a_tenant_and_doing_it_twice_changes_nothing(root: Path) -> None:
    with DbEngine(root) as db:
        db.init("t")
        db.save("t", "ann", "n", 1)
        before = listing(root)
        db.init("t")
        assert listing(root) == before
        assert db.tenants() == ["t"]


def test_a_database_is_made_below_folders_that_do_not_exist(tmp_path: Path) -> None:
    with DbEngine(tmp_path / "a" / "b" / "c") as db:
        db.init("t")
        db.save("t", "ann", "n", 1)
    assert DbEngine(str(tmp_path / "a" / "b" / "c")).load("t", "n") == 1


def test_a_relative_root_stays_where_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    db = DbEngine("here")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    db.init("t")
    assert db.root == tmp_path / "here"
    assert (tmp_path / "here" / "t").is_dir()


def test_a_root_may_be_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with DbEngine(tmp_path / "link") as db:
        db.init("t")
        db.save("t", "ann", "n", 1)
    assert DbEngine(tmp_path / "real").load("t", "n") == 1


# ---- what is no database -------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["", None, 5, "postgresql://host/db", "a\x00b"], ids=repr)
def test_a_root_is_the_path_of_a_folder(root: Any) -> None:
    with pytest.raises(InvalidArgument):
        DbEngine(root)


def test_durability_is_full_normal_or_off(root: Path) -> None:
    with pytest.raises(InvalidArgument, match="'full', 'normal' or 'off'"):
        DbEngine(root, durability="some")  # type: ignore[arg-type]


def test_only_dataclasses_and_enums_are_registered(root: Path) -> None:
    for types in ([int], [5], [dict]):
        with pytest.raises(InvalidArgument, match="Only dataclasses and Enums"):
            DbEngine(root, types=types)  # type: ignore[arg-type]


def test_a_folder_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear John")
    before = listing(tmp_path)
    for read_only in (False, True):
        with pytest.raises(NotADatabase, match=r"has no format\.json"):
            DbEngine(tmp_path, read_only=read_only)
    assert listing(tmp_path) == before


def test_a_folder_that_became_something_else_is_refused_by_init(tmp_path: Path) -> None:
    db = DbEngine(tmp_path)
    (tmp_path / "letter.txt").write_text("Dear John")
    with refused(db, NotADatabase, "has no format"):
        db.init("t")


def test_a_file_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("{}")
    with pytest.raises(NotADatabase, match="is a file; a database is a folder"):
        DbEngine(tmp_path / "file")
    with pytest.raises(StorageError):
        DbEngine(tmp_path / "file" / "below")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"other": 1}', "\x00"])
def test_a_marker_that_says_something_else_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "format.json").write_text(text)
    with pytest.raises(NotADatabase, match="does not describe"):
        DbEngine(tmp_path)


@pytest.mark.parametrize("version", ["2", '"1"', "1.5", "99999999999"])
def test_a_newer_format_is_refused(tmp_path: Path, version: str) -> None:
    (tmp_path / "format.json").write_text(f'{{"dbengine": {version}}}')
    with pytest.raises(NewerFormat, match="Install a newer version"):
        DbEngine(tmp_path)


# ---- reading only --------------------------------------------------------------------------------


def test_a_read_only_handle_reads_and_changes_nothing(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", {"a": 1})
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    with DbEngine(root, read_only=True) as reader:
        assert reader.read_only
        assert reader.load("t", "n") == {"a": 1}
        assert reader.verify().ok
        writes = [
            lambda: reader.init("t"),
            lambda: reader.init("new"),
            lambda: reader.save("t", "ann", "n", {"a": 1}),
            lambda: reader.put("t", "ann", "n", "a", 2),
            lambda: reader.put_many("t", "ann", "n", {}),
            lambda: reader.delete("t", "ann", "n"),
            lambda: reader.restore("t", "ann", "n", digest),
            lambda: reader.append_history("t", "n", []),
        ]
        for write in writes:
            with pytest.raises(ReadOnly, match="for reading only"):
                write()
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_a_read_only_handle_sees_what_others_write(db: DbEngine, root: Path) -> None:
    with DbEngine(root, read_only=True) as reader:
        db.save("t", "ann", "n", 1)
        assert reader.load("t", "n") == 1
        db.save("t", "ann", "n", 2)
        assert reader.load("t", "n") == 2


def test_reading_only_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotADatabase):
        DbEngine(tmp_path / "nothing", read_only=True)


# ---- in use --------------------------------------------------------------------------------------


def test_a_closed_handle_opens_its_files_again_when_it_is_used(db: DbEngine) -> None:
    db.save("t", "ann", "n", 1)
    db.close()
    db.close()
    db.save("t", "ann", "n", 2)
    assert db.load("t", "n") == 2


def test_handles_that_are_dropped_without_closing_leave_no_file_open(root: Path) -> None:
    """The descriptor of the lock was left open for good."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("counts open files through /proc")
    DbEngine(root).init("t")
    gc.collect()
    before = len(list(descriptors.iterdir()))
    for number in range(5):
        DbEngine(root).save("t", "ann", "n", number)
    gc.collect()
    assert len(list(descriptors.iterdir())) == before


def test_an_engine_runs_on_a_store_in_memory(tmp_path: Path) -> None:
    with DbEngine(tmp_path / "none", store=MemoryStore()) as db:
        db.init("t")
        db.put("t", "ann", "n", "a", 1)
        assert type(db.load("t", "n")) is Snapshot
        assert db.verify().ok
    assert not (tmp_path / "none").exists()


def test_durability_off_keeps_the_same_files(tmp_path: Path) -> None:
    roots = [tmp_path / "full", tmp_path / "off"]
    for root, durability in zip(roots, ("full", "off"), strict=True):
        with DbEngine(root, clock=Clock(), durability=durability) as db:  # type: ignore[arg-type]
            db.init("t")
            db.put("t", "ann", "n", "a", 1)
    assert listing(roots[0]) == listing(roots[1])
    assert len(object_files(roots[0])) == 1


def test_folders_that_a_copy_left_out_are_made_again(db: DbEngine, root: Path) -> None:
    """Archives and version control do not keep empty folders; writing failed in such a copy."""
    for empty in (root / "t" / "tmp", root / "t" / "objects", root / "refs" / "tmp"):
        empty.rmdir()
    with DbEngine(root) as copy:
        copy.save("t", "ann", "n", 1)
        assert copy.load("t", "n") == 1
