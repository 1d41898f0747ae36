"""The spec read plainly: the whole content as one object a version, and a `head` file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.peers.base import (
    USER,
    Changed,
    Json,
    Past,
    Version,
    differing,
    make_folder,
    now,
    write_file,
)

CONTENT: Final = "__content__"


class PlainPeer:
    """One tenant's folder; its versions are digests."""

    def __init__(self, folder: Path, durable: bool) -> None:
        self._folder = folder
        self._durable = durable
        make_folder(folder / "objects", durable)

    def put(self, entry: str, key: str, value: Json) -> None:
        self.put_many(entry, {key: value})

    def put_many(self, entry: str, records: Mapping[str, Json]) -> None:
        heads = self._heads()
        old = self._object(heads[entry])[CONTENT] if entry in heads else {}
        self._write(heads, entry, {**old, **records})

    def save(self, entry: str, document: Json) -> None:
        self._write(self._heads(), entry, document)

    def load(self, entry: str, version: Version = None) -> Json:
        return self._object(version or self._heads()[entry])[CONTENT]

    def get(self, entry: str, key: str, version: Version = None) -> Json:
        return self.load(entry, version)[key]

    def history(self, entry: str, limit: int | None = None) -> list[Past]:
        return list(islice(self._walk(entry), limit))

    def changes(self, entry: str, old: Version, new: Version) -> list[Changed]:
        return differing(self.load(entry, old), self.load(entry, new))

    def entries(self) -> list[str]:
        return sorted(self._heads())

    def pack(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing stays open between calls."""

    def _walk(self, entry: str) -> Iterator[Past]:
        digest = self._heads()[entry]
        while digest is not None:
            found = self._object(digest)
            yield Past(digest, found["__user__"], found["__date__"])
            digest = found["__parent__"]

    def _heads(self) -> dict[str, Any]:
        path = self._folder / "head"
        heads: dict[str, Any] = orjson.loads(path.read_bytes()) if path.exists() else {}
        return heads

    def _place(self, digest: str) -> Path:
        return self._folder / "objects" / digest[:2] / digest

    def _object(self, digest: str) -> Any:
        return orjson.loads(self._place(digest).read_bytes())

    def _write(self, heads: dict[str, Any], entry: str, content: Json) -> None:
        metadata = {"__parent__": heads.get(entry), "__user__": USER, "__date__": now()}
        data = orjson.dumps({**metadata, CONTENT: content})
        digest = hashlib.sha256(data).hexdigest()
        make_folder(self._place(digest).parent, self._durable)
        write_file(self._place(digest), data, self._durable)
        write_file(self._folder / "head", orjson.dumps({**heads, entry: digest}), self._durable)


def open_peer(folder: Path, durable: bool) -> PlainPeer:
    return PlainPeer(folder, durable)
