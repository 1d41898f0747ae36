"""Packing where something is damaged: nothing whole is lost, and nothing wrong is packed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbengine import Corrupt
from dbengine.store import FolderStore, packing
from dbengine.store.files import Files
from tests.dbengine.helpers import object_files
from tests.dbengine.store.packed import flaws, hurt, opened, packs, things

ENTRY = 36
"""The bytes of a digest in a pack's index, and of the number behind it."""


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


def test_a_pack_whose_index_came_out_of_order_is_not_used(root: Path) -> None:
    """All objects are in it and whole, but whoever looks for one by its digest may miss it."""

    class Swapping(Files):
        """Writes two digests that begin alike in the other order."""

        swapped = 0

        def write_at(self, descriptor: int, offset: int, data: bytes) -> None:
            if len(data) == ENTRY * len(objects):
                entries = [data[at : at + ENTRY] for at in range(0, len(data), ENTRY)]
                at = next(n for n in range(len(entries)) if entries[n][0] == entries[n + 1][0])
                entries[at : at + 2] = entries[at + 1], entries[at]
                data, self.swapped = b"".join(entries), 1
            super().write_at(descriptor, offset, data)

    disk, objects = Swapping(sync=False), things(range(300))
    store = FolderStore(root, files=disk)
    store.create_tenant("t")
    store.put("t", objects)
    with pytest.raises(Corrupt, match="could not be read back as it was written"):
        store.pack("t", [])
    assert disk.swapped
    assert store.get("t", objects) == objects
    assert packs(root) == []


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


def test_the_only_whole_copy_is_not_dropped_for_a_damaged_one_in_a_pack_that_stays(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_SMALL", 0)  # so that the old pack is too large to be merged
    store, objects = opened(root), things(range(50))
    store.put("t", objects)
    store.pack("t", [])
    [old] = packs(root)
    hurt(old)
    store, once_more = opened(root), dict(list(objects.items())[:1])
    store.put("t", once_more)
    store.pack("t", [])
    assert old in packs(root)
    assert opened(root).get("t", once_more) == once_more


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
