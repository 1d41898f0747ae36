"""What is in an exported file, and what an import makes of one that is not as it should be."""

from __future__ import annotations

import hashlib
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from dbengine import (
    Corrupt,
    DbEngine,
    DbException,
    InvalidArgument,
    InvalidName,
    NewerFormat,
    Shared,
    StorageError,
    codec,
    exchange,
)
from tests.dbengine.helpers import everything, in_memory

pytestmark = pytest.mark.usefixtures("contents_apart")


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


# ---- files that are not as they should be --------------------------------------------------------


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


def test_importing_what_is_no_database_error_is_never_a_bug(other: DbEngine, file: Path) -> None:
    """Whatever the bytes are, the error is one for people."""
    for size in (1, 10, 1000):
        file.write_bytes(bytes(range(256)) * size)
        with pytest.raises(DbException):
            other.import_("t", file)
