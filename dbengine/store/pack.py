"""One pack: many objects in one compressed file, which is written once and read in pieces.

    MAGIC, blocks, block table, fan-out, index, footer

A block holds objects that lie together: their sizes, then their bytes, as one zstd frame. The
first block of a group is the dictionary of the others in it, so that reading an object takes two
blocks at most. The index holds the digests, sorted, each with the object's number in the order of
the blocks; the fan-out says how many digests begin with a byte up to this one.
"""

from __future__ import annotations

import hashlib
import struct
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final

import zstandard as zstd

from dbengine import codec
from dbengine.errors import Corrupt
from dbengine.store.files import Files

MAGIC: Final = b"dbepack\x01"
_BLOCK: Final = 256 * 1024
_GROUP: Final = 16
_LEVEL: Final = 12
_MOST_KEPT: Final = 8 * 1024 * 1024
_ALONE: Final = 0xFFFFFFFF
_CHECKSUM: Final = 8

_ROW: Final = struct.Struct(f"<QIIII{_CHECKSUM}s")
_FAN: Final = struct.Struct("<256I")
_ENTRY: Final = struct.Struct("<32sI")
_FOOTER: Final = struct.Struct(f"<IIQQ{_CHECKSUM}s")


@dataclass(frozen=True, slots=True)
class _Block:
    """Where a block is, how long before and after compression, its first object, its dictionary."""

    offset: int
    stored: int
    raw: int
    first: int
    base: int
    checksum: bytes


class PackWriter:
    """Writes a pack; what it holds in memory is a group's first block, the next one, the index."""

    def __init__(self, files: Files, path: Path) -> None:
        self._files = files
        self._hash = hashlib.sha256()
        self._end = 0
        self._blocks: list[_Block] = []
        self._digests: list[bytes] = []
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._first = 0
        self._base = b""
        self._total = 0
        files.write(path, b"", sync=False)
        self._descriptor = files.open(path, write=True)
        self._write(MAGIC)

    @property
    def count(self) -> int:
        """How many objects were added."""
        return len(self._digests)

    def add(self, digest: str, data: bytes) -> None:
        """Objects that are alike should follow each other."""
        if self._waiting and self._waiting_size + len(data) > _BLOCK:
            self._end_block()
        self._digests.append(bytes.fromhex(digest))
        self._waiting.append(data)
        self._waiting_size += len(data)

    def finish(self) -> str:
        """Write the index and make the file durable; the name that it is to have."""
        if self._waiting:
            self._end_block()
        start = self._end
        table = b"".join(_ROW.pack(*_fields(block)) for block in self._blocks)
        entries = sorted((digest, number) for number, digest in enumerate(self._digests))
        fan = _fan_out(digest for digest, _number in entries)
        footer = _footer(len(entries), len(self._blocks), start, self._total, table + fan)
        self._write(table + fan)
        self._write(b"".join(_ENTRY.pack(*entry) for entry in entries))
        self._write(footer)
        self._files.sync_data(self._descriptor)
        return self._hash.hexdigest()

    def close(self) -> None:
        self._files.close(self._descriptor)

    def _end_block(self) -> None:
        sizes = struct.pack(f"<{len(self._waiting)}I", *map(len, self._waiting))
        raw = b"".join((sizes, *self._waiting))
        number = len(self._blocks)
        base = number - number % _GROUP
        if base == number:
            self._base = raw
        stored = _compress(raw, b"" if base == number else self._base)
        above = _ALONE if base == number else base
        checksum = _checksum(stored)
        self._blocks.append(_Block(self._end, len(stored), len(raw), self._first, above, checksum))
        self._write(stored)
        self._first += len(self._waiting)
        self._total += self._waiting_size
        self._waiting, self._waiting_size = [], 0

    def _write(self, data: bytes) -> None:
        self._files.write_at(self._descriptor, self._end, data)
        self._hash.update(data)
        self._end += len(data)


class Pack:
    """Reads a pack; any thread may. Raises `Corrupt` where it is not one, or its table is hurt."""

    def __init__(self, files: Files, path: Path) -> None:
        self._files = files
        self._guard = threading.RLock()
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._kept_size = 0
        self.path = path
        self._count = 0
        self._descriptor: int | None = None
        self.stamp = files.stamp(path)
        try:
            self._read_table()
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        with self._guard:
            if self._descriptor is not None:
                self._files.close(self._descriptor)
                self._descriptor = None

    __del__ = close

    def has(self, digest: str) -> bool:
        return self._number(bytes.fromhex(digest)) is not None

    def read(self, digest: str) -> bytes | None:
        """The object; None where it is not in this pack, or not whole."""
        with self._guard:
            number = self._number(bytes.fromhex(digest))
            data = None if number is None else self._object(number)
        return data if data is not None and codec.digest_of(data) == digest else None

    def digests(self, prefix: str = "") -> Iterator[str]:
        """All digests that begin with the prefix, sorted."""
        low = int(prefix[:2].ljust(2, "0"), 16)
        high = int(prefix[:2].ljust(2, "f"), 16)
        for byte in range(low, high + 1):
            for digest, _number in _ENTRY.iter_unpack(self._bucket(byte)):
                name: str = digest.hex()
                if name.startswith(prefix):
                    yield name

    def in_order(self) -> Iterator[tuple[str, bytes | None]]:
        """Every object, None for one that is not whole, in the order of the blocks."""
        names = [b""] * self._count
        for byte in range(256):
            for digest, number in _ENTRY.iter_unpack(self._bucket(byte)):
                if number < self._count:
                    names[number] = digest
        for number, name in enumerate(names):
            with self._guard:
                data = self._object(number)
            is_sound = data is not None and hashlib.sha256(data).digest() == name
            yield name.hex(), data if is_sound else None

    def name(self) -> str:
        """What the file is to be called: the SHA-256 of its bytes as they are now."""
        found, offset = hashlib.sha256(), 0
        while data := self._read_at(offset, _BLOCK):
            found.update(data)
            offset += len(data)
        return found.hexdigest()

    def _read_table(self) -> None:
        self.size = self._files.size(self.path) or 0
        at = self.size - _FOOTER.size
        footer = self._read_at(max(at, 0), _FOOTER.size)
        if len(footer) < _FOOTER.size or self._read_at(0, len(MAGIC)) != MAGIC:
            raise _damaged(self.path)
        self._count, blocks, start, self.raw_size, _sum = _FOOTER.unpack(footer)
        self._index = start + blocks * _ROW.size + _FAN.size
        if self._index + self._count * _ENTRY.size != at:
            raise _damaged(self.path)
        table = self._read_at(start, self._index - start)
        if _footer(self._count, blocks, start, self.raw_size, table) != footer:
            raise _damaged(self.path)
        self._fan: tuple[int, ...] = (0, *_FAN.unpack(table[-_FAN.size :]))
        self._blocks = [_Block(*row) for row in _ROW.iter_unpack(table[: -_FAN.size])]
        self._firsts = [block.first for block in self._blocks]

    def _bucket(self, byte: int) -> bytes:
        """The part of the index for digests that begin with this byte."""
        start, stop = self._fan[byte], self._fan[byte + 1]
        data = self._read_at(self._index + start * _ENTRY.size, (stop - start) * _ENTRY.size)
        return data[: len(data) // _ENTRY.size * _ENTRY.size]

    def _number(self, digest: bytes) -> int | None:
        bucket = self._bucket(digest[0])
        low, high = 0, len(bucket) // _ENTRY.size
        while low < high:
            middle = (low + high) // 2
            found, number = _ENTRY.unpack_from(bucket, middle * _ENTRY.size)
            if found == digest:
                return int(number)
            low, high = (middle + 1, high) if found < digest else (low, middle)
        return None

    def _object(self, number: int) -> bytes | None:
        if number >= self._count:
            return None
        at = bisect_right(self._firsts, number) - 1
        raw = self._block(at)
        if raw is None:
            return None
        end = self._firsts[at + 1] if at + 1 < len(self._firsts) else self._count
        count, index = end - self._firsts[at], number - self._firsts[at]
        start = 4 * count + sum(struct.unpack_from(f"<{index}I", raw))
        (size,) = struct.unpack_from("<I", raw, 4 * index)
        return raw[start : start + size]

    def _block(self, at: int) -> bytes | None:
        """A block as it was before compression; None where it or its dictionary is damaged."""
        if at in self._kept:
            self._kept.move_to_end(at)
            return self._kept[at]
        block = self._blocks[at]
        base = b"" if block.base == _ALONE else self._block(block.base)
        stored = self._read_at(block.offset, block.stored)
        if base is None or _checksum(stored) != block.checksum:
            return None
        raw = _decompress(stored, base, block.raw)
        self._keep(at, raw)
        return raw

    def _keep(self, at: int, raw: bytes) -> None:
        self._kept[at] = raw
        self._kept_size += len(raw)
        while self._kept_size > _MOST_KEPT and len(self._kept) > 1:
            self._kept_size -= len(self._kept.popitem(last=False)[1])

    def _read_at(self, offset: int, size: int) -> bytes:
        with self._guard:
            if self._descriptor is None:
                self._descriptor = self._files.open(self.path)
            return self._files.read_at(self._descriptor, offset, size)


def _compress(raw: bytes, base: bytes) -> bytes:
    params = zstd.ZstdCompressionParameters.from_level(
        _LEVEL, source_size=len(raw), dict_size=len(base)
    )
    return zstd.ZstdCompressor(compression_params=params, dict_data=_dictionary(base)).compress(raw)


def _decompress(stored: bytes, base: bytes, size: int) -> bytes:
    reader = zstd.ZstdDecompressor(dict_data=_dictionary(base))
    return reader.decompress(stored, max_output_size=size)


def _dictionary(base: bytes) -> zstd.ZstdCompressionDict | None:
    return zstd.ZstdCompressionDict(base, dict_type=zstd.DICT_TYPE_RAWCONTENT) if base else None


def _checksum(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:_CHECKSUM]


def _fields(block: _Block) -> tuple[int, int, int, int, int, bytes]:
    return block.offset, block.stored, block.raw, block.first, block.base, block.checksum


def _fan_out(digests: Iterator[bytes]) -> bytes:
    counts = [0] * 256
    for digest in digests:
        counts[digest[0]] += 1
    return _FAN.pack(*accumulate(counts))


def _footer(count: int, blocks: int, start: int, total: int, table: bytes) -> bytes:
    """The last bytes of the file: they say where all else is, and cover the table."""
    numbers = struct.pack("<IIQQ", count, blocks, start, total)
    return numbers + _checksum(numbers + table)


def _damaged(path: Path) -> Corrupt:
    return Corrupt(
        f"{path} is damaged: its table cannot be read. Put back a copy of this file; what is in "
        "it alone cannot be read until then."
    )
