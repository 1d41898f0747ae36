"""One pack file: what was put in comes out, and of a damaged one nothing wrong ever does."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbengine import Corrupt, codec
from dbengine.store import pack
from dbengine.store.files import Files
from dbengine.store.pack import Pack, PackWriter

ABSENT = "0" * 64


def named(datas: Iterable[bytes]) -> dict[str, bytes]:
    return {codec.digest_of(data): data for data in datas}


def versions(count: int) -> dict[str, bytes]:
    """Much like each other, as objects that follow each other are."""
    chance = random.Random(3)
    records = {f"key {n}": chance.random() for n in range(30)}
    datas = []
    for _ in range(count):
        records[f"key {chance.randrange(30)}"] = chance.random()
        datas.append(codec.dump(dict(records)))
    return named(datas)


def written(path: Path, objects: dict[str, bytes]) -> Pack:
    writer = PackWriter(Files(sync=False), path)
    for digest, data in objects.items():
        writer.add(digest, data)
    name = writer.finish()
    writer.close()
    found = Pack(Files(), path)
    assert found.name() == name
    return found


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several groups of several blocks out of little."""
    monkeypatch.setattr(pack, "_BLOCK", 2000)
    monkeypatch.setattr(pack, "_GROUP", 3)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs") / "pack"


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=200), max_size=40))
def test_what_was_put_in_comes_out(shelf: Path, datas: list[bytes]) -> None:
    objects = named(datas)
    found = written(shelf, objects)
    assert {digest: found.read(digest) for digest in objects} == objects
    assert list(found.in_order()) == list(objects.items())
    assert list(found.digests()) == sorted(objects)
    assert len(found) == len(objects)
    assert found.read(ABSENT) is None
    assert not found.has(ABSENT)


@pytest.mark.usefixtures("small_blocks")
def test_many_blocks_in_any_order_of_reading(tmp_path: Path) -> None:
    objects = versions(100) | named([b"x" * 50_000, b""])
    found = written(tmp_path / "p", objects)
    for digest in random.Random(1).sample(list(objects), len(objects)):
        assert found.read(digest) == objects[digest]
    assert found.raw_size == sum(map(len, objects.values()))


def test_digests_are_found_by_their_beginning(tmp_path: Path) -> None:
    objects = versions(200)
    found = written(tmp_path / "p", objects)
    for digest in objects:
        assert list(found.digests(digest[:3])) == sorted(d for d in objects if d[:3] == digest[:3])
    assert list(found.digests(ABSENT)) == []


def test_objects_that_are_alike_take_little_room(tmp_path: Path) -> None:
    objects = versions(2000)
    found = written(tmp_path / "p", objects)
    assert found.size < found.raw_size / 8


def test_an_object_is_read_without_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two blocks, one bucket of the index, and nothing on opening but the table."""

    class Counting(Files):
        read_bytes = 0

        def read_at(self, descriptor: int, offset: int, size: int | None = None) -> bytes:
            data = super().read_at(descriptor, offset, size)
            self.read_bytes += len(data)
            return data

    monkeypatch.setattr(pack, "_BLOCK", 4000)
    objects = versions(3000)
    size = written(tmp_path / "p", objects).size
    disk = Counting()
    found = Pack(disk, tmp_path / "p")
    assert disk.read_bytes < size / 8
    disk.read_bytes = 0
    assert found.read(list(objects)[2000]) is not None
    assert disk.read_bytes < 4000


@pytest.mark.usefixtures("small_blocks")
def test_blocks_are_kept_only_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "_MOST_KEPT", 5000)
    objects = versions(100)
    found = written(tmp_path / "p", objects)
    for digest in objects:
        assert found.read(digest) == objects[digest]
        assert sum(map(len, found._kept.values())) == found._kept_size <= 5000


@pytest.mark.usefixtures("small_blocks")
def test_a_flipped_bit_anywhere_gives_nothing_wrong_and_is_found(tmp_path: Path) -> None:
    objects = versions(20)
    found = written(tmp_path / "p", objects)
    name, sound, chance = found.name(), found.path.read_bytes(), random.Random(5)
    lost = 0
    for at in range(0, len(sound), 3):
        flipped = sound[at] ^ 1 << chance.randrange(8)
        found.path.write_bytes(sound[:at] + bytes([flipped]) + sound[at + 1 :])
        try:
            hurt = Pack(Files(), found.path)
        except Corrupt as error:
            assert "Put back a copy of this file" in str(error)
            continue
        read = {digest: hurt.read(digest) for digest in objects}
        assert all(data in (None, objects[digest]) for digest, data in read.items())
        assert all(d is None or objects[digest] == d for digest, d in hurt.in_order())
        assert hurt.name() != name
        lost += None in read.values()
    assert lost > 100


@pytest.mark.parametrize("size", [0, 5, 8, 60, 1000, -1])
def test_a_pack_that_was_cut_off_is_none(tmp_path: Path, size: int) -> None:
    path = written(tmp_path / "p", versions(50)).path
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(Corrupt, match="its table cannot be read"):
        Pack(Files(), path)


def test_a_closed_pack_opens_again(tmp_path: Path) -> None:
    objects = versions(3)
    found = written(tmp_path / "p", objects)
    found.close()
    assert all(found.read(digest) == data for digest, data in objects.items())
