"""An entry leaves one database in a file and comes into another with the same history."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbengine import (
    Cancelled,
    Conflict,
    Corrupt,
    DbEngine,
    EntryNotFound,
    InvalidArgument,
    ReadOnly,
    StorageError,
    TenantNotFound,
    transfer,
)
from dbengine.store import SHARED, Change, FolderStore, MemoryStore
from tests.crash.disk import Died, Dying, killed
from tests.dbengine.helpers import everything, in_memory, listing, nested, refused
from tests.dbengine.strategies import json_values

pytestmark = pytest.mark.usefixtures("contents_apart")


# ---- there and back ------------------------------------------------------------------------------


def test_a_tenant_comes_with_its_whole_history(full: DbEngine, other: DbEngine, file: Path) -> None:
    exported = full.export("t", file)
    assert (exported.entries, exported.versions) == (2, 4)
    assert exported.size == file.stat().st_size
    imported = other.import_(None, file)
    assert [(e.entry, e.was, e.written) for e in imported.entries] == [
        ("fruit", "missing", 2),
        ("list", "missing", 2),
    ]
    assert imported.written == 4
    assert everything(other) == everything(full)
    assert other.verify().problems == ()


def test_an_entry_comes_alone(full: DbEngine, other: DbEngine, file: Path) -> None:
    full.export("t", file, "fruit")
    assert other.import_("t", file).written == 2
    assert other.entries("t", deleted=True) == ["fruit"]
    assert everything(other)["fruit"] == everything(full)["fruit"]


def test_one_entry_is_taken_out_of_a_file_of_many(
    full: DbEngine, other: DbEngine, file: Path
) -> None:
    full.save("t", "ann", "same", [1, 2, 3])  # shares its content with `list`
    full.export("t", file)
    other.import_("t", file, "same")
    assert other.entries("t", deleted=True) == ["same"]
    assert other.load("t", "same") == [1, 2, 3]
    assert other.verify().objects == 2


def test_a_tenant_may_come_in_under_another_name(
    full: DbEngine, other: DbEngine, file: Path
) -> None:
    full.export("t", file)
    assert other.import_("Ünë", file).tenant == "Ünë"
    assert other.get_digest("Ünë", "fruit") == full.get_digest("t", "fruit")


def test_values_as_deep_as_can_be_saved_come_too(db: DbEngine, other: DbEngine, file: Path) -> None:
    db.save("t", "ann", "n", nested(200))
    db.put("t", "ann", "m", "k", nested(199))
    db.put("t", "ann", "m", "k", {"a": nested(198, 1)})
    db.put("t", "ann", "m", "k", {"a": nested(198, 2)})
    db.export("t", file)
    other.import_("t", file)
    assert everything(other) == everything(db)


def test_an_import_holds_few_objects_in_memory(
    db: DbEngine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Weighing(MemoryStore):
        """Notes how many bytes come at once."""

        def put(self, tenant: str, objects: Mapping[str, bytes]) -> None:
            weights.append(sum(map(len, objects.values())))
            super().put(tenant, objects)

    monkeypatch.setattr(transfer, "_MOST_BYTES", 10_000)
    weights: list[int] = []
    for number in range(20):
        db.save("t", "ann", "n", f"{number}" * 1_000)
    db.export("t", file)
    DbEngine(store=Weighing()).import_("t", file)
    assert sum(weights) > 30_000
    assert max(weights) < 15_000


def test_an_empty_tenant_comes_too(db: DbEngine, other: DbEngine, file: Path) -> None:
    assert db.export("t", file).entries == 0
    assert other.import_(None, file).entries == ()
    assert other.tenants() == ["t"]


@settings(max_examples=30, deadline=None)
@given(values=st.lists(json_values, min_size=1, max_size=5), name=st.text(min_size=1, max_size=5))
def test_whatever_was_saved_comes_back(values: list[Any], name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x"
        here, there = in_memory(), in_memory()
        here.init("t")
        for value in values:
            here.save("t", "ann", name, value)
        here.export("t", file)
        there.import_("t", file)
        assert everything(there) == everything(here)


# ---- an entry that is there ----------------------------------------------------------------------


def test_an_older_entry_is_brought_forward(full: DbEngine, other: DbEngine, file: Path) -> None:
    full.export("t", file)
    other.import_("t", file)
    for number in range(3):
        full.put("t", "ann", "fruit", "fig", number)
    full.export("t", file)
    fruit, unchanged = other.import_("t", file).entries
    assert (fruit.was, fruit.written, fruit.head) == ("older", 3, full.get_digest("t", "fruit"))
    assert (unchanged.was, unchanged.written) == ("same", 0)
    assert everything(other) == everything(full)


def test_the_same_and_a_newer_entry_are_left_alone(
    full: DbEngine, other: DbEngine, file: Path
) -> None:
    full.export("t", file)
    other.import_("t", file)
    other.put("t", "eve", "fruit", "fig", 1)
    before = listing(other.root)
    fruit, same = other.import_("t", file).entries
    assert (fruit.was, same.was) == ("newer", "same")
    assert fruit.head == other.get_digest("t", "fruit")
    assert listing(other.root) == before


def test_an_entry_that_went_another_way_is_refused_and_nothing_is_imported(
    full: DbEngine, other: DbEngine, file: Path
) -> None:
    full.export("t", file, "fruit")
    other.import_("t", file)
    other.put("t", "eve", "fruit", "fig", 1)
    full.put("t", "ann", "fruit", "kiwi", 2)
    full.export("t", file)
    with refused(other, Conflict, "has gone two ways") as _:
        other.import_("t", file)
    with pytest.raises(Conflict) as caught:
        other.import_("t", file)
    assert caught.value.current == other.get_digest("t", "fruit")
    assert full.get_digest("t", "fruit") in str(caught.value)
    assert "import it into another tenant" in str(caught.value)


def test_entries_of_one_name_without_a_common_version_are_refused(
    full: DbEngine, other: DbEngine, file: Path
) -> None:
    other.init("t")
    other.save("t", "eve", "list", 1)
    full.export("t", file)
    with refused(other, Conflict, "neither is in the other's history"):
        other.import_("t", file)


def test_a_writer_that_overtakes_an_import_is_not_overwritten(full: DbEngine, file: Path) -> None:
    class Overtaken(MemoryStore):
        def put(self, tenant: str, objects: Mapping[str, bytes]) -> None:
            super().put(tenant, objects)
            if tenant != SHARED and not self.heads(tenant):
                self.commit(tenant, Change("list", None, ("ab" * 32,)), {})

    full.export("t", file, "list")
    store = Overtaken()
    with pytest.raises(Conflict, match="changed while it was imported"):
        DbEngine(store=store).import_("t", file)
    assert store.heads("t") == {"list": "ab" * 32}


# ---- interrupted ---------------------------------------------------------------------------------


def test_a_cancelled_export_leaves_the_older_file(full: DbEngine, file: Path) -> None:
    full.export("t", file)
    before = file.read_bytes()
    for number in range(60):
        full.save("t", "ann", "n", number)

    def stop(_done: int, _total: int | None, _what: str) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        full.export("t", file, progress=stop)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.glob("*.dbx*")] == [file.name]


def test_an_export_of_what_is_damaged_leaves_no_file(db: DbEngine, file: Path) -> None:
    db.save("t", "ann", "n", [1])
    db.close()
    for path in (db.root / "t" / "objects").rglob("*"):
        if path.is_file() and b'"items":[' in path.read_bytes():
            path.unlink()
    with pytest.raises(Corrupt, match="is missing"):
        db.export("t", file)
    assert list(file.parent.glob("*.dbx*")) == []


@pytest.mark.parametrize("part", range(8))
def test_a_process_that_dies_while_it_imports_can_begin_again(
    full: DbEngine, file: Path, tmp_path: Path, part: int
) -> None:
    """At each step of the disk, of which every part tries one in eight."""
    full.export("t", file)
    whole = everything(full)
    for at in range(1 + part, 1000, 8):
        root = tmp_path / f"killed-{at}"
        files = Dying(at)
        db = DbEngine(root, store=FolderStore(root, files=files))
        try:
            db.import_("t", file)
            db.close()
        except Died:
            killed(db)
        again = DbEngine(root)
        for tenant in again.tenants():
            found = everything(again, tenant)
            assert all(found[entry] == whole[entry] for entry in found)
            assert again.verify().ok
        again.import_("t", file)
        assert everything(again) == whole
        again.close()
        if files.taken < at:
            assert at > 30
            return
    pytest.fail("an import never came to its end")


def test_a_file_that_changes_while_it_is_read_moves_no_head(
    full: DbEngine, other: DbEngine, file: Path, tmp_path: Path
) -> None:
    """It is read twice, and both times must be the same."""
    full.export("t", tmp_path / "later", "list")
    for number in range(60):
        full.save("t", "ann", "fruit", {"apple": number})
    full.export("t", file, "fruit")

    def change(_done: int, total: int | None, _what: str) -> None:
        if total is None:
            (tmp_path / "later").replace(file)

    with pytest.raises(Corrupt, match="it was changed while it was read"):
        other.import_("t", file, progress=change)
    assert other.entries("t") == []


def test_progress_is_told(db: DbEngine, other: DbEngine, file: Path) -> None:
    for number in range(60):
        db.save("t", "ann", "n", number)
    told: list[tuple[int, int | None, str]] = []
    db.export("t", file, progress=lambda *step: told.append(step))
    other.import_("t", file, progress=lambda *step: told.append(step))
    assert told == [
        (50, None, "versions of t / n"),
        (50, None, "versions checked"),
        (50, 60, "versions written"),
        (60, 60, "versions written"),
    ]


# ---- refused -------------------------------------------------------------------------------------


def test_what_is_not_there_is_not_exported(db: DbEngine, file: Path) -> None:
    with pytest.raises(EntryNotFound, match="no entry 'nope'"):
        db.export("t", file, "nope")
    with pytest.raises(TenantNotFound):
        db.export("u", file)
    with pytest.raises(InvalidArgument, match="is a folder"):
        db.export("t", file.parent)
    with pytest.raises(StorageError, match="No such file"):
        db.export("t", file.parent / "no" / "where")
    assert not file.exists()


def test_what_is_not_there_is_not_imported(full: DbEngine, other: DbEngine, file: Path) -> None:
    full.export("t", file)
    with pytest.raises(EntryNotFound, match="no entry 'nope' in"):
        other.import_("t", file, "nope")
    with pytest.raises(StorageError, match="No such file"):
        other.import_("t", file.parent / "nothing")
    with pytest.raises(InvalidArgument, match="is a folder"):
        other.import_("t", file.parent)
    assert not other.root.exists()


def test_a_reader_imports_nothing(full: DbEngine, file: Path) -> None:
    full.export("t", file)
    with (
        DbEngine(full.root, read_only=True) as reader,
        pytest.raises(ReadOnly, match="nothing can be imported"),
    ):
        reader.import_("u", file)
