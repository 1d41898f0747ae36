"""Packing a store that is in use: who sees what, what is merged, and what damage does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from dbengine import Corrupt, DbEngine, Locked, ReadOnly, codec
from dbengine.model import Packed
from dbengine.store import Change, Flaw, FolderStore, packing
from dbengine.store.files import Files
from dbengine.store.lock import WriteLock
from dbengine.store.pack import Pack
from tests.dbengine.helpers import object_files


class Stop(Exception):
    """Raised from `progress`."""


def opened(root: Path) -> FolderStore:
    store = FolderStore(root, files=Files(sync=False))
    store.create_tenant("t")
    return store


def things(numbers: Iterable[int]) -> dict[str, bytes]:
    datas = [
        codec.dump({"number": number, "text": "the same in all of them"}) for number in numbers
    ]
    return {codec.digest_of(data): data for data in datas}


def packs(root: Path) -> list[Path]:
    return sorted((root / "t" / "packs").glob("*.pack"))


def flaws(store: FolderStore) -> list[Flaw]:
    return [flaw for flaw in store.check("t") if flaw is not None]


def hurt(path: Path, at: int = 20) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_loose_objects_go_into_one_pack(root: Path) -> None:
    store, objects = opened(root), things(range(500))
    store.put("t", objects)
    assert 250 < store.loose("t") < 1000
    packed = store.pack("t", [])
    assert packed.objects == 500
    assert packed.before == sum(map(len, objects.values()))
    assert [path.stat().st_size for path in packs(root)] == [packed.after]
    assert packed.after < packed.before
    assert object_files(root) == []
    assert store.get("t", objects) == objects
    assert opened(root).get("t", objects) == objects


def test_objects_lie_in_the_order_that_was_asked_for(root: Path) -> None:
    store, objects = opened(root), things(range(50))
    store.put("t", objects)
    order = [*list(objects)[20:], "0" * 64, *list(objects)[20:30]]
    store.pack("t", order)
    [path] = packs(root)
    found = [digest for digest, _ in Pack(Files(), path).in_order()]
    assert found == list(objects)[20:] + sorted(list(objects)[:20])


def test_what_is_in_the_journal_stays_there(root: Path) -> None:
    store, objects = opened(root), things(range(3))
    for digest in objects:
        store.commit("t", Change(digest, None, (digest,)), {digest: objects[digest]})
    assert store.pack("t", []) == Packed(0, 0, 0)
    store.close()
    assert store.pack("t", []).objects == 3


def test_a_handle_that_knew_where_an_object_was_finds_it_in_a_pack(root: Path) -> None:
    store, reader, objects = opened(root), opened(root), things(range(20))
    store.put("t", objects)
    assert reader.get("t", objects) == objects
    store.pack("t", [])
    assert reader.get("t", objects) == objects
    store.put("t", more := things(range(20, 40)))
    store.pack("t", [])
    assert reader.get("t", objects | more) == objects | more
    assert reader.missing("t", objects | more) == set()
    assert len(packs(root)) == 1


def test_an_object_that_comes_again_is_dropped_for_its_copy_in_a_pack(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_SMALL", 0)
    store, objects = opened(root), things(range(100))
    store.put("t", objects)
    store.pack("t", [])
    before = packs(root)
    store.put("t", dict(list(objects.items())[:5]))
    assert len(object_files(root)) == 5
    store.pack("t", [])
    assert object_files(root) == []
    assert packs(root) == before
    assert list(store.check("t")) == [None] * 100


def test_many_packings_leave_few_packs_and_rewrite_little(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_SMALL", 0)
    store, written, most = opened(root), 0, 0
    for number in range(40):
        store.put("t", things(range(number * 10, number * 10 + 10)))
        written += store.pack("t", []).objects
        most = max(most, len(packs(root)))
    assert most <= 4
    assert written < 40 * 10 * 4
    assert store.get("t", things(range(400))) == things(range(400))


@pytest.mark.parametrize("what", ["objects packed", "objects read back", "loose copies removed"])
def test_packing_may_be_stopped_at_any_time(
    root: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(packing, "_EVERY", 1)
    store, objects = opened(root), things(range(30))
    store.put("t", objects)

    def stop(done: int, _total: int | None, now: str) -> None:
        if (done, now) == (7, what):
            raise Stop

    with pytest.raises(Stop):
        store.pack("t", [], stop)
    for handle in (store, opened(root)):
        assert handle.get("t", objects) == objects
        assert list(handle.check("t")) == [None] * 30
    assert not (root / "t" / "packs" / "unfinished").exists()
    store.pack("t", [])
    assert object_files(root) == []
    assert store.get("t", objects) == objects


def test_others_read_and_write_while_one_packs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_EVERY", 1)
    store, writer, reader = opened(root), opened(root), opened(root)
    known = things(range(8))
    store.put("t", known)

    def meanwhile(done: int, _total: int | None, _what: str) -> None:
        new = things([1000 + len(known), done])  # some are packed at this very moment
        for digest in new:
            head = writer.heads("t").get("n")
            if digest != head:
                writer.commit("t", Change("n", head, (digest,)), new)
        if done % 3 == 0:
            writer.close()
        known.update(new)
        assert reader.get("t", known) == known
        assert reader.missing("t", known) == set()
        assert set(reader.objects("t")) == set(known)

    for _ in range(2):
        store.pack("t", list(known), meanwhile)
    assert len(known) > 16
    assert opened(root).get("t", known) == known
    assert flaws(reader) == []


def test_two_do_not_pack_at_once(root: Path) -> None:
    store, objects = opened(root), things(range(5))
    store.put("t", objects)
    store.pack("t", [])
    lock = WriteLock(Files(), root / "t" / "packs" / "lock")
    store.put("t", things(range(9)))
    with lock.held(), pytest.raises(Locked, match="is being packed by someone else"):
        store.pack("t", [])
    assert store.pack("t", []).objects == 9


def test_a_store_for_reading_packs_nothing(root: Path) -> None:
    opened(root)
    with pytest.raises(ReadOnly):
        FolderStore(root, read_only=True).pack("t", [])


def test_what_a_killed_packer_left_goes_with_the_next(root: Path) -> None:
    store = opened(root)
    store.put("t", things(range(5)))
    (root / "t" / "packs").mkdir()
    (root / "t" / "packs" / "unfinished").write_bytes(b"half a pack")
    assert flaws(store) == []
    store.pack("t", [])
    assert [path.name for path in (root / "t" / "packs").iterdir() if path not in packs(root)] == [
        "lock"
    ]


def test_a_pack_that_does_not_read_back_is_not_used(root: Path) -> None:
    class Lying(Files):
        """Writes something else into the middle of a pack."""

        def write_at(self, descriptor: int, offset: int, data: bytes) -> None:
            super().write_at(descriptor, offset, data[:-1] + b"\x00" if offset == 8 else data)

    store, objects = FolderStore(root, files=Lying(sync=False)), things(range(5))
    store.create_tenant("t")
    store.put("t", objects)
    with pytest.raises(Corrupt, match="could not be read back as it was written"):
        store.pack("t", [])
    assert store.get("t", objects) == objects
    assert len(object_files(root)) == 5


class Windows(Files):
    """Refuses to remove or replace a file that is open, here or in another handle."""

    opened: dict[int, Path] = {}  # noqa: RUF012

    def open(self, path: Path, *, write: bool = False) -> int:
        descriptor = super().open(path, write=write)
        self.opened[descriptor] = path
        return descriptor

    def close(self, descriptor: int) -> None:
        self.opened.pop(descriptor, None)
        super().close(descriptor)

    def remove(self, path: Path) -> None:
        self._check(path)
        super().remove(path)

    def replace(self, source: Path, target: Path) -> None:
        self._check(source)
        self._check(target)
        super().replace(source, target)

    def _check(self, path: Path) -> None:
        if path in self.opened.values():
            raise PermissionError(13, "The file is in use", str(path))


def test_on_windows_too_the_packs_of_this_handle_are_merged(root: Path) -> None:
    store, objects = FolderStore(root, files=Windows(sync=False)), things(range(40))
    store.create_tenant("t")
    for start in range(0, 40, 10):
        store.put("t", things(range(start, start + 10)))
        store.pack("t", [])
        assert store.get("t", things(range(start))) == things(range(start))
        assert len(packs(root)) == 1
    store.put("t", objects)
    store.pack("t", [])  # all once more, under the same name
    assert object_files(root) == []
    assert store.get("t", objects) == objects
    store.close()
    assert Windows.opened == {}


def test_a_pack_that_another_has_open_on_windows_goes_the_next_time(root: Path) -> None:
    store = FolderStore(root, files=Windows(sync=False))
    store.create_tenant("t")
    store.put("t", things(range(5)))
    store.pack("t", [])
    reader = FolderStore(root, files=Windows(sync=False))
    assert reader.get("t", things(range(5))) == things(range(5))
    store.put("t", things(range(10)))
    store.pack("t", [])
    assert len(packs(root)) == 2
    assert reader.get("t", things(range(10))) == things(range(10))
    reader.close()
    store.put("t", things(range(15)))
    store.pack("t", [])
    assert len(packs(root)) == 1
    assert store.get("t", things(range(15))) == things(range(15))


# ---- damage ---------------------------------------------------------------------------------


def test_a_damaged_loose_object_is_not_packed_and_stays_to_be_told_of(root: Path) -> None:
    store, objects = opened(root), things(range(9))
    store.put("t", objects)
    bad = object_files(root)[4]
    hurt(bad, 3)
    assert store.pack("t", []).objects == 8
    assert object_files(root) == [bad]
    assert [flaw.digest for flaw in flaws(store)] == [bad.name]
    assert store.pack("t", []).objects in (0, 8)
    with pytest.raises(Corrupt, match="its bytes do not match its name"):
        store.get("t", [bad.name])


def test_a_damaged_loose_object_is_read_from_its_pack(root: Path) -> None:
    store, objects = opened(root), things(range(9))
    store.put("t", objects)
    store.pack("t", [])
    store.put("t", objects)
    hurt(object_files(root)[4], 3)
    assert store.get("t", objects) == objects
    assert opened(root).get("t", objects) == objects


def packed_and_hurt(root: Path, at: int = 20) -> FolderStore:
    store = opened(root)
    store.put("t", things(range(9)))
    store.pack("t", [])
    [path] = packs(root)
    hurt(path, at)
    return opened(root)


def test_a_damaged_pack_gives_nothing_wrong_and_names_what_it_hurts(root: Path) -> None:
    store = packed_and_hurt(root)
    [path] = packs(root)
    for digest in things(range(9)):
        with pytest.raises(Corrupt, match=r"A pack in .* is damaged"):
            store.get("t", [digest])
    assert {flaw.digest for flaw in flaws(store)} == {None, *things(range(9))}
    assert all(str(path) in flaw.message for flaw in flaws(store))


def test_objects_of_a_damaged_pack_come_from_wherever_they_are_whole(root: Path) -> None:
    store, objects = packed_and_hurt(root), things(range(9))
    store.put("t", objects)
    assert store.get("t", objects) == objects
    [flaw] = flaws(store)
    assert flaw.digest is None
    assert "bytes do not match its name" in flaw.message


def test_packing_again_replaces_a_damaged_pack_of_which_all_is_whole(root: Path) -> None:
    """The new one has the old one's name: it was taken for the old one, and removed."""
    store, reader, objects = packed_and_hurt(root), opened(root), things(range(9))
    assert reader.missing("t", objects) == set()
    store.put("t", objects)
    store.pack("t", [])
    assert flaws(store) == []
    assert len(packs(root)) == 1
    for handle in (store, reader, opened(root)):
        assert handle.get("t", objects) == objects


def test_a_damaged_pack_is_kept_while_something_is_only_in_it(root: Path) -> None:
    store, objects = packed_and_hurt(root), things(range(9))
    [path] = packs(root)
    store.put("t", dict(list(objects.items())[1:]))
    store.pack("t", [])
    assert path in packs(root)
    assert {flaw.digest for flaw in flaws(store)} == {None, next(iter(objects))}
    hurt(path)  # a sound copy of the file is put back
    assert opened(root).get("t", objects) == objects


def test_a_pack_without_a_table_is_told_of_and_left_alone(root: Path) -> None:
    store, objects = packed_and_hurt(root, -1), things(range(9))
    [path] = packs(root)
    assert store.get("t", objects) == {}
    assert [str(path) in flaw.message for flaw in flaws(store)] == [True]
    store.put("t", objects)
    store.pack("t", [])
    assert path in packs(root)
    assert store.get("t", objects) == objects


def test_a_stranger_among_the_packs_is_named(root: Path) -> None:
    store = opened(root)
    store.put("t", things(range(3)))
    store.pack("t", [])
    (root / "t" / "packs" / "stray.pack").touch()
    [flaw] = flaws(store)
    assert "stray.pack is not a file of this database" in flaw.message


# ---- with the engine ------------------------------------------------------------------------


def test_a_packed_database_is_as_good_as_any(root: Path) -> None:
    def worked(then: Callable[[DbEngine], object]) -> DbEngine:
        db = DbEngine(root, durability="off")
        db.init("t")
        then(db)
        db.close()
        opened(root).pack("t", [])
        return db

    for number in range(20):
        worked(lambda db, n=number: db.put("t", "ann", "n", f"k{n % 5}", n))
    db = worked(lambda db: db.restore("t", "ben", "n", db.at("t", "n", 7)))
    assert db.load("t", "n") == {"k0": 5, "k1": 6, "k2": 2, "k3": 3, "k4": 4}
    assert [info.seq for info in db.log("t", "n", limit=99)] == list(range(21, 0, -1))
    assert object_files(root) == []
    assert db.verify().ok
