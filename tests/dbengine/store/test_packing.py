"""Packing a store that is in use: who sees what, and what is merged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dbengine import DbEngine, Locked, ReadOnly
from dbengine.model import Packed
from dbengine.store import Change, FolderStore, packing
from dbengine.store.files import Files
from dbengine.store.lock import WriteLock
from dbengine.store.pack import Pack
from tests.dbengine.helpers import object_files
from tests.dbengine.store.packed import flaws, opened, packs, things


class Stop(Exception):
    """Raised from `progress`."""


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
