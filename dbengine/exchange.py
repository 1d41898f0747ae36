"""The file that carries entries from one database to another: written, and read with suspicion.

It is lines of JSON, compressed by zstandard, so that `zstd -dc FILE` shows all there is:

    {"dbengine_export": 1, "tenant": …, "entries": {NAME: DIGEST OF ITS HEAD, …}}
    {"entry": NAME}                              from here on, its objects
    {"shared": DIGEST, "data": TEXT}             one of those that all tenants share
    {"object": DIGEST, "data": TEXT}             a part of a content
    {"version": DIGEST, "data": TEXT}            a snapshot
    …
    {"lines": HOW MANY ABOVE, "sha256": OF ALL THEIR BYTES}

A digest is the SHA-256 of the text's UTF-8. Within an entry nothing stands before what it refers
to, and its versions stand oldest first; what two entries need, each of them brings.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import zstandard

from dbengine import codec
from dbengine.errors import Corrupt, InvalidArgument, NewerFormat, StorageError
from dbengine.model import Json
from dbengine.names import check_name
from dbengine.store.files import Files, speaking

if TYPE_CHECKING:
    from typing_extensions import Buffer

FORMAT: Final = 1
LONGEST_LINE: Final = 512 * 1024 * 1024
"""Bytes; a longer line is refused, so that a hostile file cannot fill the memory."""

DEEPEST: Final = codec.MAX_DEPTH + 20
"""Levels of an object: those of a value, and what it is wrapped in."""

_MAGIC: Final = "dbengine_export"
_WINDOW: Final = 24
_LARGEST_WINDOW: Final = 1 << 27
_CHUNK: Final = 256 * 1024

Kind = Literal["shared", "object", "version"]
_KINDS: Final[tuple[Kind, ...]] = ("shared", "object", "version")


@dataclass(frozen=True, slots=True)
class Header:
    """Whose file it is, and the head of each entry in it."""

    tenant: str
    heads: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """An object, and the entry that brings it."""

    entry: str
    kind: Kind
    digest: str
    data: bytes


# ---- writing --------------------------------------------------------------------------------


class ExportFile:
    """A file being written, which appears at `path` when the block is left: whole, or not at all.

    `size` is what it has of bytes.
    """

    def __init__(self, files: Files, path: Path, header: Header) -> None:
        if path.is_dir():
            raise InvalidArgument(f"{path} is a folder; an export is a file.")
        self._files = files
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._header = header
        self._checksum = hashlib.sha256()
        self._lines = 0
        parameters = zstandard.ZstdCompressionParameters.from_level(
            9, window_log=_WINDOW, enable_ldm=True, write_checksum=True
        )
        self._compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
        self.size = 0

    def __enter__(self) -> Self:
        with speaking(self._path):
            self._files.write(self._part, b"", sync=False)
            self._descriptor = self._files.open(self._part, write=True)
        heads = dict(self._header.heads)
        self._line({_MAGIC: FORMAT, "tenant": self._header.tenant, "entries": heads})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._finish()
        except BaseException:
            self._discard()
            raise
        if error is not None:
            self._discard()

    def begin(self, entry: str) -> None:
        """What follows belongs to `entry`."""
        self._line({"entry": entry})

    def add(self, kind: Kind, digest: str, data: bytes) -> None:
        """One object; `Corrupt` where it is no text, which it always is."""
        try:
            self._line({kind: digest, "data": data.decode()})
        except UnicodeDecodeError as error:
            raise Corrupt(f"The object {digest} is not a text.", digest=digest) from error

    def _finish(self) -> None:
        """The last line, then all of it on the disk, then its name."""
        self._line({"lines": self._lines, "sha256": self._checksum.hexdigest()})
        self._write(self._compressor.flush())
        with speaking(self._path):
            self._files.sync(self._descriptor)
            self._files.close(self._descriptor)
            self._files.replace(self._part, self._path)
            self._files.sync_folder(self._path.parent)

    def _discard(self) -> None:
        self._files.close(self._descriptor)
        with speaking(self._path):
            self._files.remove(self._part)

    def _line(self, value: Json) -> None:
        line = codec.dump(value) + b"\n"
        if len(line) > LONGEST_LINE:
            raise InvalidArgument(f"An object of {len(line):,} bytes is too large to be exported.")
        self._checksum.update(line)
        self._lines += 1
        self._write(self._compressor.compress(line))

    def _write(self, data: bytes) -> None:
        with speaking(self._path):
            self._files.write_at(self._descriptor, self.size, data)
        self.size += len(data)


# ---- reading --------------------------------------------------------------------------------


class _Source(io.RawIOBase):
    """A file as a stream of bytes, through the only module that opens any."""

    def __init__(self, files: Files, descriptor: int) -> None:
        self._files = files
        self._descriptor = descriptor
        self._offset = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        data = self._files.read_at(self._descriptor, self._offset, len(view))
        view[: len(data)] = data
        self._offset += len(data)
        return len(data)


class ImportFile:
    """A file being read, once; `Corrupt` for whatever `ExportFile` would not have written."""

    def __init__(self, files: Files, path: Path) -> None:
        if path.is_dir():
            raise InvalidArgument(f"{path} is a folder; an export is a file.")
        self._files = files
        self._path = path
        self._checksum = hashlib.sha256()
        self._lines = 0

    def __enter__(self) -> Self:
        with speaking(self._path):
            self._descriptor = self._files.open(self._path)
        source = io.BufferedReader(_Source(self._files, self._descriptor), _CHUNK)
        decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        stream = decompressor.stream_reader(source, read_size=_CHUNK, read_across_frames=True)
        self._stream = io.BufferedReader(stream, _CHUNK)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._files.close(self._descriptor)

    @property
    def checksum(self) -> str:
        """Of all that was read so far."""
        return self._checksum.hexdigest()

    def header(self) -> Header:
        """The first line; `NewerFormat` where a later version of this program wrote it."""
        fields = self._next()
        if _MAGIC not in fields:
            raise self.damaged("it is no export of a DbEngine database")
        if fields[_MAGIC] != FORMAT:
            raise NewerFormat(
                f"{self._path} has format {fields[_MAGIC]}; this program reads up to {FORMAT}. "
                "Install a newer version of dbengine-browser."
            )
        with self._speaking():
            heads = {check_name("entry", name): head for name, head in fields["entries"].items()}
            if not all(map(codec.is_digest, heads.values())):
                raise ValueError("digest")
            return Header(check_name("tenant", fields["tenant"]), heads)

    def items(self, header: Header) -> Iterator[Item]:
        """Every object, its digest checked, entry by entry as the header names them."""
        entries = iter(header.heads)
        entry: str | None = None
        while True:
            lines, checksum = self._lines, self.checksum
            fields = self._next()
            if "sha256" in fields:
                self._check_end(fields, lines, checksum, next(entries, None))
                return
            if "entry" in fields:
                entry = next(entries, None)
                if entry is None or fields["entry"] != entry:
                    raise self.damaged("an entry comes that the first line does not announce")
            elif entry is None:
                raise self.damaged("an object comes before its entry")
            else:
                yield self._item(entry, fields)

    def _item(self, entry: str, fields: dict[str, Any]) -> Item:
        kind = next((kind for kind in _KINDS if kind in fields), None)
        if kind is None:
            raise self.damaged("a line is neither an entry nor an object")
        with self._speaking():
            digest, data = fields[kind], fields["data"].encode()
        if codec.digest_of(data) != digest:
            raise self.damaged(f"the bytes of {str(digest)[:64]!r} do not match their digest")
        return Item(entry, kind, digest, data)

    def _check_end(
        self, fields: dict[str, Any], lines: int, checksum: str, entry: str | None
    ) -> None:
        if entry is not None:
            raise self.damaged(f"the entry {entry!r} is not in it")
        if fields.get("lines") != lines or fields["sha256"] != checksum:
            raise self.damaged("its checksum does not fit")
        if self._read_line():
            raise self.damaged("something follows its end")

    def _next(self) -> dict[str, Any]:
        self._lines += 1
        line = self._read_line()
        if not line.endswith(b"\n"):
            raise self.damaged("it ends too early")
        self._checksum.update(line)
        with self._speaking():
            fields = codec.load(line)
            if not isinstance(fields, dict):
                raise TypeError("line")
        return fields

    def _read_line(self) -> bytes:
        try:
            line = self._stream.readline(LONGEST_LINE + 1)
        except zstandard.ZstdError as error:
            raise self.damaged("it cannot be decompressed") from error
        except OSError as error:
            raise StorageError(f"{self._path} cannot be read: {error.strerror}.") from error
        if len(line) > LONGEST_LINE:
            raise self.damaged(f"it is longer than {LONGEST_LINE:,} bytes")
        return line

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """What goes wrong with a line that looks otherwise than ours."""
        try:
            yield
        except (ValueError, KeyError, TypeError, AttributeError, InvalidArgument) as error:
            raise self.damaged("it is not as an export writes it") from error

    def damaged(self, what: str) -> Corrupt:
        """The error for this file at the line that was read last."""
        where = f"{self._path} cannot be imported: at line {self._lines}, {what}."
        return Corrupt(f"{where} Nothing was changed. Export it once more.")
