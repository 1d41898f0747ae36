"""Verify reads everything, says what is wrong, and which versions are hurt by it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbengine import Cancelled, Corrupt, DbEngine, DbException, Shared, StorageError, codec
from dbengine.model import HurtVersion
from dbengine.snapshot import SnapshotObject
from dbengine.store import Flaw, FolderStore, MemoryStore
from tests.dbengine.damage import content_of, flipped, forge, stored
from tests.dbengine.helpers import Clock, object_files, settled

pytestmark = pytest.mark.usefixtures("contents_apart")


def messages(db: DbEngine) -> str:
    return "\n".join(problem.message for problem in db.verify().problems)


def test_a_sound_database_is_counted(db: DbEngine) -> None:
    db.init("u")
    for number in range(5):
        db.save("t", "ann", "n", number)
        db.save("u", "ann", "m", {"a": number})
    db.delete("u", "ann", "m")
    report = db.verify()
    assert report.ok
    assert (report.tenants, report.entries, report.versions, report.objects) == (2, 2, 11, 21)


def test_an_empty_database_is_sound(root: Path) -> None:
    assert DbEngine(root).verify().ok
    db = DbEngine(root)
    db.init("t")
    assert db.verify().ok


def test_progress_is_told_and_can_cancel(db: DbEngine) -> None:
    for number in range(60):
        db.save("t", "ann", "n", number)
    told: list[tuple[int, int | None, str]] = []
    db.verify(lambda *step: told.append(step))
    assert (50, None, "objects of t") in told
    assert (50, None, "versions of t / n") in told

    def stop(_done: int, _total: int | None, _what: str) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        db.verify(stop)


# ---- damaged and missing objects -----------------------------------------------------------------


def truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.mark.parametrize("hurt", [flipped, truncated, lambda _data: b""])
def test_a_damaged_content_hurts_every_version_that_needs_it(
    db: DbEngine, hurt: Callable[[bytes], bytes]
) -> None:
    first = db.save("t", "ann", "n", [1])
    db.save("t", "ann", "n", [2])
    third = db.save("t", "ann", "n", [1])
    other = db.save("t", "ann", "other", [1])
    damaged = content_of(db, first)
    damaged.write_bytes(hurt(damaged.read_bytes()))
    [problem] = db.verify().problems
    assert "do not match its name" in problem.message
    assert (problem.tenant, problem.entry, problem.digest) == ("t", None, damaged.name)
    assert problem.object == damaged.name
    assert problem.hurts == (
        HurtVersion("t", "n", 1, first),
        HurtVersion("t", "n", 3, third),
        HurtVersion("t", "other", 1, other),
    )


def test_a_missing_content_hurts_its_version(db: DbEngine) -> None:
    digest = db.save("t", "ann", "n", [1])
    lost = content_of(db, digest)
    lost.unlink()
    [problem] = db.verify().problems
    assert (problem.tenant, problem.entry, problem.digest) == ("t", "n", digest)
    assert problem.object == lost.name
    assert problem.message == f"The object {lost.name} is missing."
    assert problem.hurts == (HurtVersion("t", "n", 1, digest),)


@pytest.mark.parametrize("lost", [b'"inner"', b'{"big":'])
def test_a_missing_shared_object_hurts_versions_of_all_tenants(
    db: DbEngine, root: Path, lost: bytes
) -> None:
    """Whether they refer to it themselves, or by another shared one."""
    db.init("u")
    shared = Shared({"big": Shared("inner")})
    db.put("t", "ann", "n", "k", shared)
    first = db.get_digest("t", "n")
    db.put("t", "ann", "n", "k", 1)
    second = db.save("u", "ann", "m", [shared])
    db.close()
    files = [path for path in (root / "refs").rglob("*") if path.is_file()]
    gone = next(path for path in files if path.read_bytes().startswith(lost))
    gone.unlink()
    [problem] = db.verify().problems
    assert (problem.tenant, problem.digest) == ("refs", gone.name)
    assert problem.hurts == (HurtVersion("t", "n", 1, first), HurtVersion("u", "m", 1, second))


def test_records_that_look_like_a_tag_are_no_problem(db: DbEngine) -> None:
    db.put_many("t", "ann", "n", {"__type__": "shared", "x": "shared"})
    db.put_many("t", "ann", "m", {"__type__": "dict", "value": "shared"})
    assert db.verify().ok


def test_an_object_that_nobody_can_have_written_is_a_problem(db: DbEngine, root: Path) -> None:
    """Its bytes fit its name, but say nothing."""
    data = b'{"shared", "x"'
    target = stored(settled(db), codec.digest_of(data))
    target.parent.mkdir()
    target.write_bytes(data)
    [problem] = db.verify().problems
    assert problem.digest == target.name
    assert "not as this program writes it" in problem.message


def test_what_only_an_interrupted_write_left_behind_hurts_nobody(db: DbEngine, root: Path) -> None:
    """A part of it may have reached the disk: a snapshot whose content did not."""
    db.save("t", "ann", "n", 1)
    forge(db, root, parent=db.get_digest("t", "n"), seq=2, content={"tree": "0" * 64})
    db.save("t", "ann", "m", 1)
    db.close()
    head = codec.load((root / "t" / "head").read_bytes())
    rest = SnapshotObject.from_bytes("", stored(root, head["n"]).read_bytes()).parent
    (root / "t" / "head").write_bytes(codec.dump(head | {"n": rest}))
    db.save("t", "bob", "n", 2)
    assert db.verify().problems == ()


# ---- damaged places ------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["t", "refs"])
def test_a_place_that_cannot_be_read_is_a_problem_and_the_others_are_still_read(
    place: str,
) -> None:
    class Broken(MemoryStore):
        """The disk refuses to list one folder."""

        def check(self, tenant: str) -> Iterator[Flaw | None]:
            yield from super().check(tenant)
            self._refuse(tenant)

        def objects(self, tenant: str) -> Iterator[str]:
            self._refuse(tenant)
            return super().objects(tenant)

        def _refuse(self, tenant: str) -> None:
            if tenant == place:
                raise StorageError(f"No permission for {tenant}.")

    db = DbEngine(store=Broken())
    for tenant in ("t", "u"):
        db.init(tenant)
        db.save(tenant, "ann", "n", 1)
    report = db.verify()
    assert [(p.tenant, p.message) for p in report.problems] == [
        (place, f"No permission for {place}.")
    ]
    assert report.versions == (1 if place == "t" else 2)


def test_a_damaged_journal_is_a_problem(db: DbEngine, root: Path) -> None:
    full = DbEngine(root)
    for number in range(4):
        full.save("t", "ann", "n", number)
    [segment] = (root / "t" / "journal").iterdir()
    data = segment.read_bytes()
    segment.write_bytes(data[:40] + b"X" + data[41:])
    messages = [problem.message for problem in DbEngine(root, read_only=True).verify().problems]
    assert len(messages) == 1
    assert f"{segment} is damaged at byte 0" in messages[0]
    segment.write_bytes(data)
    full.close()


def test_a_damaged_pack_says_which_versions_it_hurts(db: DbEngine, root: Path) -> None:
    for number in range(20):
        db.put("t", "ann", "n", f"{number}", {"number": number})
    db.save("t", "ann", "other", 1)
    settled(db)
    db.pack("t")
    settled(db)
    db.save("t", "ann", "later", 1)
    [pack] = [path for path in (root / "t" / "packs").iterdir() if path.stat().st_size > 200]
    data = pack.read_bytes()
    for at in range(0, len(data), 97):
        pack.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        report = DbEngine(root, read_only=True).verify()
        assert not report.ok
        hurt = {entry.entry for problem in report.problems for entry in problem.hurts}
        assert "later" not in hurt


def test_a_tenant_without_its_head_is_told_of_and_not_made_anew(db: DbEngine, root: Path) -> None:
    """It was no tenant any more: verify found nothing wrong, and `init` gave it an empty head."""
    db.save("t", "ann", "n", {"a": 1})
    head = settled(db) / "t" / "head"
    kept = head.read_bytes()
    head.unlink()
    with DbEngine(root) as again:
        assert again.tenants() == []
        report = again.verify()
        assert not report.ok
        assert "head is missing" in report.problems[0].message
        with pytest.raises(Corrupt, match="Put back a copy"):
            again.init("t")
        head.write_bytes(kept)
        again.init("t")
        assert again.load("t", "n") == {"a": 1}
        assert again.verify().ok


# ---- while others write -------------------------------------------------------------------------


@pytest.mark.parametrize("look", ["heads", "objects"])
def test_a_version_that_is_written_meanwhile_is_no_problem(look: str) -> None:
    class Busy(MemoryStore):
        """Somebody writes right after it was asked for heads, or for objects."""

        armed = False

        def heads(self, tenant: str, entries: Collection[str] | None = None) -> dict[str, str]:
            found = super().heads(tenant, entries)
            self._write("heads", tenant)
            return found

        def objects(self, tenant: str) -> Iterator[str]:
            found = list(super().objects(tenant))
            self._write("objects", tenant)
            return iter(found)

        def _write(self, asked: str, tenant: str) -> None:
            if self.armed and asked == look and tenant == "t":
                self.armed = False
                DbEngine(store=self).save("t", "ben", "n", [2])

    store = Busy()
    db = DbEngine(store=store)
    db.init("t")
    db.save("t", "ann", "n", [1])
    store.armed = True
    assert db.verify().problems == ()
    assert not store.armed


def test_an_object_on_its_way_between_two_places_is_not_missing() -> None:
    """A listing finds it in neither, if it looks into each at the wrong moment."""

    class Moving(MemoryStore):
        on_its_way = ""

        def objects(self, tenant: str) -> Iterator[str]:
            return (digest for digest in super().objects(tenant) if digest != self.on_its_way)

    store = Moving()
    db = DbEngine(store=store)
    db.init("t")
    for number in range(3):
        db.save("t", "ann", "n", [number])
    for digest in list(store.objects("t")):
        store.on_its_way = digest
        assert db.verify().problems == ()


# ---- strangers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["objects/00/x", "objects/stray", "stray", "objects/zz/y"])
def test_a_stranger_is_named(db: DbEngine, root: Path, place: str) -> None:
    path = root / "t" / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    assert f"{path} is not" in messages(db)


def test_a_stranger_among_the_shared_objects_is_named(db: DbEngine, root: Path) -> None:
    (root / "refs" / "stray").write_text("x")
    assert "stray is not an object" in messages(db)


def test_an_object_in_the_wrong_folder_is_named(db: DbEngine, root: Path) -> None:
    db.save("t", "ann", "n", 1)
    path = object_files(settled(db))[0]
    wrong = root / "t" / "objects" / "zz"
    wrong.mkdir()
    path.rename(wrong / path.name)
    assert "is not an object of this database" in messages(db)


# ---- every byte ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tenants, several entries, what all share, and a journal with something in it."""
    root = tmp_path_factory.mktemp("small") / "db"
    with DbEngine(root, clock=Clock(), durability="off") as db:
        db.init("t")
        db.init("u")
        db.put_many("t", "ann", "fruit", {"apple": 1, "pear": Shared({"big": [1, 2, 3]})})
        db.put("t", "ann", "fruit", "plum", 3)
        db.save("t", "ann", "list", [1, 2, 3])
        db.save("u", "ann", "list", Shared({"big": [1, 2, 3]}))
        db.delete("t", "ann", "list")
    with DbEngine(root, durability="off") as db:
        db.pack("u")
    left_open = DbEngine(root, clock=Clock())
    left_open.put("t", "bob", "fruit", "fig", 4)
    left_open.save("u", "bob", "list", "in the journal")
    assert isinstance(left_open._store, FolderStore)
    left_open._store.after_fork()  # it is killed: nothing of it settles
    return root


def all_values(db: DbEngine) -> dict[tuple[str, str, int], Any]:
    return {
        (tenant, entry, info.seq): None if info.deleted else db.load(tenant, entry, info.digest)
        for tenant in db.tenants()
        for entry in db.entries(tenant, deleted=True)
        for info in db.log(tenant, entry, limit=1000)
    }


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_flipped_byte_is_reported_or_harmless(small: Path, data: st.DataObject) -> None:
    whole = all_values(DbEngine(small, read_only=True))
    files = sorted(p for p in small.rglob("*") if p.is_file() and p.stat().st_size)
    path = data.draw(st.sampled_from(files), "file")
    before = path.read_bytes()
    at = data.draw(st.integers(0, len(before.rstrip(b"\n"))), "byte") % len(before)
    bit = data.draw(st.integers(0, 7), "bit")
    path.write_bytes(before[:at] + bytes([before[at] ^ 1 << bit]) + before[at + 1 :])
    try:
        with DbEngine(small, read_only=True) as db:
            if db.verify().problems:
                return
            found = all_values(db)
        assert found.items() <= whole.items()
        assert found == whole or path.parent.name == "journal"  # the end of it may be cut off
    except DbException:
        return
    finally:
        path.write_bytes(before)
