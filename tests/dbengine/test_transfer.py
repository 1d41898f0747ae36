"""An entry leaves one database in a file and comes into another with the same history."""

from __future__ import annotations

import hashlib
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from dbengine import (
    Cancelled,
    Conflict,
    Corrupt,
    DbEngine,
    DbException,
    EntryNotFound,
    InvalidArgument,
    InvalidName,
    NewerFormat,
    ReadOnly,
    Shared,
    StorageError,
    TenantNotFound,
    codec,
    exchange,
)
from dbengine.store import SHARED, Change, FolderStore, MemoryStore
from tests.crash.disk import Died, Dying, killed
from tests.dbengine.helpers import Clock, listing, refused
from tests.dbengine.strategies import json_values

pytestmark = pytest.mark.usefixtures("contents_apart")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "t.dbx"


@pytest.fixture
def other(tmp_path: Path, clock: Clock) -> Iterator[DbEngine]:
    """Another database, in which nothing is yet."""
    with DbEngine(tmp_path / "other", clock=clock, durability="off") as engine:
        yield engine


@pytest.fixture
def full(db: DbEngine) -> DbEngine:
    """Two entries with what all share, one of them deleted."""
    db.put_many("t", "ann", "fruit", {"apple": 1, "pear": Shared({"big": Shared([1, 2])})})
    db.put("t", "bob", "fruit", "plum", {"a": [1.0, 1, True]}, note="why")
    db.save("t", "ann", "list", [1, 2, 3])
    db.delete("t", "ann", "list")
    return db


def everything(db: DbEngine, tenant: str = "t") -> dict[str, list[Any]]:
    """Each version's metadata and value."""
    return {
        entry: [
            (info, None if info.deleted else db.load(tenant, entry, info.digest))
            for info in db.log(tenant, entry, limit=1000)
        ]
        for entry in db.entries(tenant, deleted=True)
    }


def in_memory() -> DbEngine:
    return DbEngine(store=MemoryStore(), clock=Clock())


def lines(file: Path) -> list[Any]:
    data = zstandard.ZstdDecompressor().stream_reader(file.read_bytes()).read()
    return [codec.load(line) for line in data.splitlines()]


def write(file: Path, content: list[Any], *, sealed: bool = True) -> None:
    """A file of these lines; `sealed` with the checksum that fits them."""
    if sealed:
        body = b"".join(codec.dump(line) + b"\n" for line in content[:-1])
        digest = hashlib.sha256(body).hexdigest()
        content = [*content[:-1], {"lines": len(content) - 1, "sha256": digest}]
    data = b"".join(codec.dump(line) + b"\n" for line in content)
    file.write_bytes(zstandard.ZstdCompressor().compress(data))


# ---- there and back -----------------------------------------------------------------------------


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


# ---- what is in the file ------------------------------------------------------------------------


def test_the_file_can_be_checked_with_common_tools(full: DbEngine, file: Path) -> None:
    full.export("t", file)
    header, *body, end = lines(file)
    assert header == {
        "dbengine_export": 1,
        "tenant": "t",
        "entries": {e: full.get_digest("t", e) for e in ("fruit", "list")},
    }
    for line in body:
        (kind, digest), *rest = line.items()
        if kind != "entry":
            assert hashlib.sha256(rest[0][1].encode()).hexdigest() == digest
    raw = zstandard.ZstdDecompressor().stream_reader(file.read_bytes()).read()
    above = raw[: raw.rindex(b"\n", 0, -1) + 1]
    assert end == {"lines": len(body) + 1, "sha256": hashlib.sha256(above).hexdigest()}


def test_every_object_comes_after_what_it_refers_to(full: DbEngine, file: Path) -> None:
    full.export("t", file)
    kinds = [next(iter(line)) for line in lines(file)]
    assert kinds == [
        "dbengine_export",
        *("entry", "shared", "shared", "object", "version", "object", "version"),
        *("entry", "object", "version", "version"),
        "lines",
    ]


def test_an_export_is_the_same_each_time(full: DbEngine, tmp_path: Path) -> None:
    full.export("t", tmp_path / "a")
    full.export("t", tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


# ---- an entry that is there ---------------------------------------------------------------------


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


# ---- files that are not as they should be -------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_flipped_byte_or_a_cut_is_an_error_and_changes_nothing(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x"
        here, there = in_memory(), in_memory()
        here.init("t")
        for number in range(4):
            here.put("t", "ann", "n", "k", {"number": number, "s": Shared("shared by all")})
        here.export("t", file)
        whole = file.read_bytes()
        at = data.draw(st.integers(0, len(whole) - 1))
        if data.draw(st.booleans(), "cut"):
            file.write_bytes(whole[:at])
        else:
            bit = 1 << data.draw(st.integers(0, 7))
            file.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
        try:
            there.import_("t", file)
        except StorageError as error:
            assert "Nothing was changed" in str(error)
            assert there.tenants() == []
        else:
            assert everything(there) == everything(here)


Edit = Callable[[list[Any]], object]


def version_of(content: list[Any], at: int) -> dict[str, Any]:
    """The last line but `at` that is a version, as what it says."""
    return codec.load([line for line in content if "version" in line][at]["data"].encode())


def reworded(content: list[Any], at: int, **fields: Any) -> None:
    """Another version in the place of one, whose digest fits."""
    places = [number for number, line in enumerate(content) if "version" in line]
    text = codec.dump(version_of(content, at) | {f"__{n}__": v for n, v in fields.items()})
    content[places[at]] = {"version": codec.digest_of(text), "data": text.decode()}


def replaced(content: list[Any], at: int, line: Any) -> None:
    content[at] = line


def deep(levels: int) -> dict[str, str]:
    text = "[" * levels + "]" * levels
    return {"object": codec.digest_of(text.encode()), "data": text}


HOSTILE: dict[str, tuple[Edit, str]] = {
    "a wrong digest": (lambda c: c[3].update(object="ab" * 32), "do not match their digest"),
    "a path as a digest": (lambda c: c[3].update(object="../../x"), "do not match their digest"),
    "a number as a digest": (lambda c: c[3].update(object=5), "do not match their digest"),
    "no text": (lambda c: c[3].update(data=5), "not as an export writes it"),
    "no data": (lambda c: c[3].pop("data"), "not as an export writes it"),
    "a list": (lambda c: replaced(c, 3, [1]), "not as an export writes it"),
    "a line of another kind": (lambda c: replaced(c, 3, {"x": 1}), "neither an entry nor"),
    "a head that is no digest": (lambda c: c[0].update(entries={"n": "../x"}), "not as an export"),
    "heads in a list": (lambda c: c[0].update(entries=["n"]), "not as an export writes it"),
    "an entry without a name": (lambda c: c[0].update(entries={"": "ab" * 32}), "not as an export"),
    "no tenant": (lambda c: c[0].pop("tenant"), "not as an export writes it"),
    "another head": (lambda c: c[0].update(entries={"n": "ab" * 32}), "do not end with its head"),
    "an entry too many": (lambda c: c.insert(2, {"entry": "x"}), "does not announce"),
    "an entry too few": (lambda c: c[0]["entries"].update(x="ab" * 32), "'x' is not in it"),
    "no entry": (lambda c: c.pop(1), "an object comes before its entry"),
    "a missing shared object": (lambda c: c.pop(2), "is missing before it is needed"),
    "a missing content": (lambda c: c.pop(3), "is missing before it is needed"),
    "a missing version": (lambda c: c.pop(4), "does not follow the one before"),
    "versions in a wrong order": (lambda c: c.insert(6, c.pop(4)), "does not follow"),
    "a version of another entry": (lambda c: reworded(c, 2, entry="x"), "does not follow"),
    "a parent elsewhere": (lambda c: reworded(c, 0, parent="ab" * 32), "does not follow"),
    "a number that jumps": (lambda c: reworded(c, 0, seq=2), "does not follow"),
    "a date before its parent's": (lambda c: reworded(c, 2, date="2"), "does not follow"),
    "a version that is none": (lambda c: reworded(c, 0, seq="1"), "not a snapshot"),
    "too many levels": (lambda c: c.insert(3, deep(900)), "not as this program writes it"),
    "far too many levels": (lambda c: c.insert(3, deep(9000)), "not as this program writes it"),
    "no JSON": (lambda c: c.insert(3, {"object": codec.digest_of(b"[" * 300), "data": "[" * 300}),
                "not as this program writes it"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_and_does_no_harm(
    db: DbEngine, other: DbEngine, file: Path, what: str
) -> None:
    edit, message = HOSTILE[what]
    for number in range(3):
        db.put("t", "ann", "n", "k", {"number": number, "s": Shared("shared by all")})
    db.export("t", file)
    content = lines(file)
    edit(content)
    write(file, content)
    with pytest.raises(Corrupt, match=message):
        other.import_("t", file)
    assert not other.root.exists()


def test_a_checksum_that_does_not_fit_is_an_error(
    full: DbEngine, other: DbEngine, file: Path
) -> None:
    full.export("t", file)
    content = lines(file)
    content[-1]["sha256"] = "ab" * 32
    write(file, content, sealed=False)
    with pytest.raises(Corrupt, match="its checksum does not fit"):
        other.import_("t", file)


@pytest.mark.parametrize("rest", [b"x", b"\x00" * 100])
def test_what_follows_the_end_is_an_error(
    full: DbEngine, other: DbEngine, file: Path, rest: bytes
) -> None:
    full.export("t", file)
    file.write_bytes(file.read_bytes() + rest)
    with pytest.raises(Corrupt, match=f"{file.name} cannot be imported"):
        other.import_("t", file)


def test_a_second_file_behind_the_first_is_an_error(
    full: DbEngine, other: DbEngine, file: Path
) -> None:
    full.export("t", file)
    file.write_bytes(file.read_bytes() * 2)
    with pytest.raises(Corrupt, match="something follows its end"):
        other.import_("t", file)


@pytest.mark.parametrize("data", [b"", b"hello\n", b"{}\n", b"PK\x03\x04"])
def test_a_file_of_another_kind_is_refused(other: DbEngine, file: Path, data: bytes) -> None:
    file.write_bytes(data)
    with pytest.raises(Corrupt, match="cannot be imported"):
        other.import_("t", file)
    file.write_bytes(zstandard.ZstdCompressor().compress(data))
    with pytest.raises(Corrupt, match="cannot be imported"):
        other.import_("t", file)


def test_a_newer_format_is_refused(full: DbEngine, other: DbEngine, file: Path) -> None:
    full.export("t", file)
    content = lines(file)
    content[0]["dbengine_export"] = 2
    write(file, content)
    with pytest.raises(NewerFormat, match="format 2; this program reads up to 1"):
        other.import_("t", file)


def test_a_bomb_is_refused_before_it_fills_the_memory(
    other: DbEngine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line without an end; the limit is lowered so that the test is small, too."""
    monkeypatch.setattr(exchange, "LONGEST_LINE", 1 << 20)
    file.write_bytes(zstandard.ZstdCompressor().compress(b"x" * (64 << 20)))
    tracemalloc.start()
    try:
        with pytest.raises(Corrupt, match="it is longer than 1,048,576 bytes"):
            other.import_("t", file)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_an_object_that_no_import_would_take_is_not_exported(
    db: DbEngine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LONGEST_LINE", 1 << 10)
    db.save("t", "ann", "n", "x" * 2000)
    with pytest.raises(InvalidArgument, match="too large to be exported"):
        db.export("t", file)
    assert list(file.parent.glob("*.dbx*")) == []


def test_a_tenant_that_looks_like_a_path_is_refused(
    full: DbEngine, other: DbEngine, file: Path
) -> None:
    full.export("t", file)
    content = lines(file)
    content[0]["tenant"] = "../../t"
    write(file, content)
    with pytest.raises(InvalidName, match="looks like a path"):
        other.import_(None, file)
    assert other.import_("safe", file).tenant == "safe"


# ---- interrupted --------------------------------------------------------------------------------


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


# ---- refused ------------------------------------------------------------------------------------


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


def test_importing_what_is_no_database_error_is_never_a_bug(other: DbEngine, file: Path) -> None:
    """Whatever the bytes are, the error is one for people."""
    for size in (1, 10, 1000):
        file.write_bytes(bytes(range(256)) * size)
        with pytest.raises(DbException):
            other.import_("t", file)
