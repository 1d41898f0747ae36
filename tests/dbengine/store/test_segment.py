"""A journal's file: what one handle writes another sees, torn ends are left, damage is refused."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from dbengine import Corrupt, codec
from dbengine.store.files import Files, SyncFailed
from dbengine.store.segment import Segment

HEAD = "0" * 64


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "00000001").touch()
    return tmp_path / "00000001"


def written(path: Path, entries: str, *, sync: bool = True) -> list[int]:
    """Where each line ends, after the start."""
    segment = Segment(Files(), path)
    segment.load()
    return [segment.end] + [segment.append(e, HEAD, {}, sync=sync).end for e in entries]


def entries(path: Path) -> str:
    return "".join(line.entry for line in Segment(Files(), path).load())


def hurt(path: Path, at: int, data: bytes) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + data + whole[at + len(data) :])


def test_what_one_writes_another_reads_on(path: Path) -> None:
    writer, reader = Segment(Files(), path), Segment(Files(), path)
    assert writer.load() == reader.load() == reader.read_on() == []
    data = b'{"a":1}'
    for entry in "abc":
        line = writer.append(entry, HEAD, {codec.digest_of(data): data}, sync=True)
        assert reader.read_on() == [line]
        assert reader.read(*line.places[codec.digest_of(data)]) == data
    assert reader.read_on() == []
    assert (reader.end, reader.lines) == (writer.end, 3)


def test_where_nothing_was_added_one_byte_is_read(path: Path) -> None:
    class Counting(Files):
        read = 0

        def read_at(self, descriptor: int, offset: int, size: int | None = None) -> bytes:
            data = super().read_at(descriptor, offset, size)
            self.read += len(data)
            return data

    disk = Counting()
    segment = Segment(disk, path)
    segment.append("a", HEAD, {}, sync=True)
    assert segment.read_on() == []
    assert disk.read == 1


def test_lines_longer_than_a_look_are_read_whole(path: Path) -> None:
    writer, reader = Segment(Files(), path), Segment(Files(), path)
    data = codec.dump("x" * 300_000)
    lines = [writer.append(e, HEAD, {codec.digest_of(data): data}, sync=True) for e in "ab"]
    assert reader.read_on() == lines


def test_a_closed_segment_opens_again(path: Path) -> None:
    segment = Segment(Files(), path)
    segment.append("a", HEAD, {}, sync=True)
    segment.close()
    segment.append("b", HEAD, {}, sync=True)
    segment.close()
    assert segment.read_on() == []
    assert entries(path) == "ab"


def test_a_segment_that_is_gone_says_so(path: Path) -> None:
    path.unlink()
    with pytest.raises(FileNotFoundError):
        Segment(Files(), path).load()


@pytest.mark.parametrize("torn", [b"x", b"\x00" * 50, b"half a line"])
def test_a_torn_end_is_left_out_and_nothing_goes_behind_it(path: Path, torn: bytes) -> None:
    end = written(path, "ab")[-1]
    hurt(path, end, torn)
    segment = Segment(Files(), path)
    assert [line.entry for line in segment.load()] == ["a", "b"]
    assert not segment.is_sound


@pytest.mark.parametrize("damage", [b"\x00\x00", b"\n" * 20, b"x"])
def test_damage_that_a_later_line_proves_is_refused(path: Path, damage: bytes) -> None:
    ends = written(path, "abc")
    hurt(path, ends[1] + 3, damage)
    with pytest.raises(Corrupt, match=rf"00000001 is damaged at byte {ends[1]}.*Put back a copy"):
        Segment(Files(), path).load()


def test_a_line_missing_as_a_whole_is_refused(path: Path) -> None:
    ends = written(path, "abc")
    hurt(path, 0, b"\n" * ends[1])
    with pytest.raises(Corrupt, match="damaged at byte 0"):
        Segment(Files(), path).load()


def test_a_torn_end_does_not_hide_what_a_line_before_it_proves(path: Path) -> None:
    ends = written(path, "abcd")
    hurt(path, ends[1] + 3, b"x")
    hurt(path, ends[4] - 4, b"torn")
    with pytest.raises(Corrupt, match=f"damaged at byte {ends[1]}"):
        Segment(Files(), path).load()


def test_a_line_that_was_synced_proves_nothing_of_those_behind_it(path: Path) -> None:
    segment = Segment(Files(), path)
    ends = [segment.append(e, HEAD, {}, sync=e == "a").end for e in "abc"]
    hurt(path, ends[0] + 3, b"x")
    assert entries(path) == "a"


def test_damage_that_was_never_synced_ends_the_segment(path: Path) -> None:
    ends = written(path, "abc", sync=False)
    hurt(path, ends[1], b"\x00\x00")
    assert entries(path) == "a"


def test_a_disk_that_does_not_sync_promises_nothing(path: Path) -> None:
    segment = Segment(Files(sync=False), path)
    ends = [segment.append(e, HEAD, {}, sync=True).end for e in "abc"]
    hurt(path, ends[0], b"\x00\x00")
    assert entries(path) == "a"


@pytest.mark.parametrize("times", [1, 2])
def test_a_reader_beside_a_writer_that_sees_only_the_later_line_looks_again(
    path: Path, times: int
) -> None:
    """A read is not atomic: its first page may be older than its second."""

    class Late(Files):
        """Shows the first line late, in so many looks."""

        late = times

        def read_at(self, descriptor: int, offset: int, size: int | None = None) -> bytes:
            data = super().read_at(descriptor, offset, size)
            if self.late and data[:1] != b"\n":
                self.late -= size is None
                return b"\x00" * 10 + data[10:]
            return data

    written(path, "abc")
    reader = Segment(Late(), path)
    reader.load()
    assert not reader.is_sound
    assert [line.entry for line in reader.read_on()] == ["a", "b", "c"]
    assert reader.is_sound


def test_after_a_failed_sync_no_writer_goes_on_in_the_segment(path: Path) -> None:
    class Broken(Files):
        def sync_data(self, descriptor: int) -> None:
            raise SyncFailed(errno.EIO, "Input/output error")

    with pytest.raises(SyncFailed):
        Segment(Broken(), path).append("a", HEAD, {}, sync=True)
    segment = Segment(Files(), path)
    assert [line.entry for line in segment.load()] == ["a"]  # it may last, or not
    assert not segment.is_sound


def test_a_line_for_which_there_is_no_room_leaves_no_trace_to_be_read(path: Path) -> None:
    class Full(Files):
        def write_at(self, descriptor: int, offset: int, data: bytes) -> None:
            super().write_at(descriptor, offset, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

    written(path, "a")
    full = Segment(Full(), path)
    full.load()
    with pytest.raises(OSError, match="No space"):
        full.append("b", HEAD, {}, sync=True)
    assert entries(path) == "a"
