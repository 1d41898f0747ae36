"""One line of the journal: it comes back as it was written, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbengine import codec
from dbengine.store.journal import decode, encode, proven, whole_lines

OBJECTS = st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"")), max_size=4).map(
    lambda datas: {codec.digest_of(data): data for data in datas}
)
HEAD = "0" * 64


@given(st.integers(0, 10**6), st.text(), OBJECTS)
def test_a_line_comes_back(offset: int, entry: str, objects: dict[str, bytes]) -> None:
    raw, line = encode(offset, 7, entry, HEAD, objects)
    assert decode(offset, raw) == line
    assert b"\n" not in raw
    assert (line.entry, line.head, line.synced, line.end) == (entry, HEAD, 7, offset + len(raw) + 1)
    for digest, (start, size) in line.places.items():
        assert raw[start - offset :][:size] == objects[digest]


@given(OBJECTS, st.data())
def test_a_line_cut_anywhere_is_none(objects: dict[str, bytes], data: st.DataObject) -> None:
    raw, _line = encode(0, 0, "n", HEAD, objects)
    cut = data.draw(st.integers(0, len(raw) - 1))
    assert decode(0, raw[:cut]) is None
    assert decode(0, raw[:cut] + b"\x00" * (len(raw) - cut)) is None


@given(OBJECTS, st.data())
def test_a_flipped_byte_is_found_or_changes_nothing(
    objects: dict[str, bytes], data: st.DataObject
) -> None:
    raw, line = encode(0, 0, "n", HEAD, objects)
    at, mask = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(1, 255))
    found = decode(0, raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1 :])
    assert found in (None, line)


def test_a_line_that_has_strayed_to_another_place_is_none() -> None:
    raw, _line = encode(0, 0, "n", HEAD, {})
    assert decode(100, raw) is None


@pytest.mark.parametrize("more", [b"x", b"\t", b"\tx"])
def test_a_line_with_something_behind_it_is_none(more: bytes) -> None:
    assert decode(0, encode(0, 0, "n", HEAD, {})[0] + more) is None


def three_lines(synced: int) -> tuple[bytes, list[int]]:
    data, ends = b"", [0]
    for _number in range(3):
        data += encode(len(data), synced and len(data), "n", HEAD, {})[0] + b"\n"
        ends.append(len(data))
    return data, ends


def test_whole_lines_end_at_the_first_that_is_blank_or_damaged() -> None:
    data, ends = three_lines(1)
    assert [line.end for line in whole_lines(0, data + b"\n\n")] == ends[1:]
    assert [line.end for line in whole_lines(0, data[:-1])] == ends[1:3]
    for filler in (b"\n", b"\x00"):
        hurt = data[: ends[1]] + filler * (ends[2] - ends[1]) + data[ends[2] :]
        assert [line.end for line in whole_lines(0, hurt)] == ends[1:2]
        assert proven(0, hurt) == ends[2]


def test_lines_that_were_never_synced_prove_nothing() -> None:
    data, ends = three_lines(0)
    assert proven(0, b"x" + data[1 : ends[1]] + data[ends[1] :]) == 0
