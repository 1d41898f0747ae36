"""Ways to hurt the files of a database, and where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dbengine import DbEngine, codec
from tests.dbengine.helpers import settled


def stored(root: Path, digest: str) -> Path:
    """The file of an object of `t`."""
    return root / "t" / "objects" / digest[:2] / digest


def content_of(db: DbEngine, digest: str) -> Path:
    """The file of what a version of `t` holds, which is closed for it."""
    data = codec.load(stored(settled(db), digest).read_bytes())
    return stored(db.root, data["__content__"]["tree"])


def flipped(data: bytes) -> bytes:
    """With another last bit."""
    return data[:-1] + bytes([data[-1] ^ 1])


def forge(db: DbEngine, root: Path, **changes: Any) -> str:
    """Put a head that nobody wrote in place: the present one with other metadata."""
    head = db.get_digest("t", "n")
    db.close()
    data = codec.load(stored(root, head).read_bytes())
    forged = codec.dump(data | {f"__{name}__": value for name, value in changes.items()})
    digest = codec.digest_of(forged)
    target = stored(root, digest)
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(forged)
    (root / "t" / "head").write_bytes(codec.dump({"n": digest}))
    return digest
