"""A store to pack, with objects that are alike, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dbengine import codec
from dbengine.store import Flaw, FolderStore
from dbengine.store.files import Files


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
