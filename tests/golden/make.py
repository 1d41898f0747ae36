"""Databases of format 1, made once and kept, and what must be read from them for ever.

Run as `python -m tests.golden.make` only when the format has a new number; then keep the old ones.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from dbengine import DbEngine, Shared, Version
from tests.crash.disk import killed
from tests.dbengine.helpers import Clock

HERE: Final = Path(__file__).parent
EXPECTED: Final = HERE / "expected.json"
EXPORT: Final = "settled.export"

_LONG: Final = 1000
"""Of a value with a longer JSON, what is expected is the SHA-256 of that."""

TYPES: Final = {
    "datetime": datetime(2026, 1, 31, 12, 30, tzinfo=UTC),
    "date": date(2026, 1, 31),
    "uuid": UUID(int=7),
    "decimal": Decimal("1.10"),
    "bytes": b"\x00\xff",
    "tuple": (1, (2, "three")),
    "set": {"one"},
    "frozenset": frozenset([1]),
    "a user's own": {"__type__": "date", "value": "no date"},
    "numbers": [1, 1.0, True, -0.0, 2**63 - 1, 1e300],
    "texts": ["", "ä€😀", "tab\tnewline\n", "\x00"],
}


def opened(root: Path) -> DbEngine:
    return DbEngine(root, clock=Clock())


def settled(db: DbEngine) -> None:
    """Every kind of version, in contents of every size, and everything in its place."""
    db.init("northwind")
    db.init("Acme & Söhne")
    db.save("northwind", "ann", "config", {"theme": "dark", "language": "en"}, note="first")
    db.put("northwind", "ben", "config", "theme", "light")
    db.delete("northwind", "ben", "config", "language")
    db.delete("northwind", "cat", "config", note="no longer needed")
    db.restore("northwind", "ann", "config", db.at("northwind", "config", 1))
    for value in ([1, 2, 3], [1, 3], "a text", None, {}):
        db.save("northwind", "ann", "a/b: any name", value)
    moment = datetime(2020, 2, 29, 23, 59, 59, tzinfo=UTC)
    versions = [Version("eve", moment, {"n": n}, note=f"from elsewhere {n}") for n in range(12)]
    db.append_history("Acme & Söhne", "brought", versions)
    big(db)
    db.close()


def big(db: DbEngine) -> None:
    """A tree, changes to it, and changes that are a tree themselves."""
    records = {f"r{n * 7 % 4000:04}": record(n) for n in range(4000)}
    db.put_many("northwind", "ann", "stock", records)
    for number in (100, 100, 7, 4001):
        db.put("northwind", "ben", "stock", f"r{number:04}", record(-number))
    db.put_many("northwind", "ann", "stock", {f"r{n:04}": record(-n) for n in range(1300)})
    db.delete("northwind", "ann", "stock", "r0777")
    db.save("northwind", "ann", "report", {"lines": [line(n) for n in range(700)], "by": "ann"})
    lines = [line(n) for n in range(700) if n != 300]
    db.save("northwind", "ben", "report", {"lines": [*lines[:50], "new", *lines[50:]], "by": "ben"})
    db.save("northwind", "ben", "long text", "once upon a time " * 3000)
    db.save("northwind", "ben", "long text", "once upon a time " * 2000 + "it was " * 1000)


def record(number: int) -> dict[str, Any]:
    return {"number": number, "name": f"thing {number}", "tags": ["a", "b", number % 7]}


def line(number: int) -> dict[str, Any]:
    return {"line": number, "text": "what it says " * 5}


def journal(db: DbEngine) -> None:
    """Left by a program that was killed: half is in its place, half in the journal."""
    db.init("t")
    db.save("t", "ann", "n", {"a": 1})
    db.close()
    db.put("t", "ben", "n", "b", [2])
    db.save("t", "ann", "m", [1, 2, 3], note="in the journal alone")
    db.delete("t", "cat", "n", "a")
    killed(db)


def deleted(db: DbEngine) -> None:
    """Entries that are no more, as `head` says or the journal alone, and one that is back."""
    db.init("t")
    for entry in ("kept", "gone", "back"):
        db.save("t", "ann", entry, {"a": entry})
    db.delete("t", "ben", "gone")
    db.delete("t", "ben", "back")
    db.close()
    db.delete("t", "cat", "kept")
    db.restore("t", "cat", "back", db.at("t", "back", 1))
    killed(db)


def packed(db: DbEngine) -> None:
    """Two packs' worth of objects in one, and loose ones beside it."""
    settled(db)
    db.pack()
    db.put("northwind", "cat", "stock", "r0001", record(1))
    db.close()


def shared(db: DbEngine) -> None:
    """Objects that two tenants share, and each type that JSON lacks."""
    for tenant in ("one", "two"):
        db.init(tenant)
        db.save(tenant, "ann", "types", TYPES)
        db.save(tenant, "ann", "shared", {"s": Shared({"inner": Shared([1, 2])}), "plain": 1})
        db.put(tenant, "ben", "shared", "plain", 2)
    db.save("two", "ann", "all of it", Shared(["everything"]))
    db.close()


MAKERS: Final[dict[str, Callable[[DbEngine], None]]] = {
    "settled": settled,
    "journal": journal,
    "deleted": deleted,
    "packed": packed,
    "shared": shared,
}


def story(db: DbEngine) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Every version of every entry of every tenant, newest first."""
    return {
        tenant: {
            info.entry: [
                {
                    "digest": version.digest,
                    "user": version.user,
                    "date": version.date,
                    "note": version.note,
                    "action": version.action,
                    "counts": [version.added, version.changed, version.removed],
                    **({} if version.deleted else content(db, tenant, info.entry, version.digest)),
                }
                for version in db.log(tenant, info.entry, limit=1000)
            ]
            for info in db.heads(tenant)
        }
        for tenant in db.tenants()
    }


def content(db: DbEngine, tenant: str, entry: str, digest: str) -> dict[str, Any]:
    """What a version holds, its order of keys included."""
    value = db.load(tenant, entry, digest, raw=True)
    text = json.dumps(value)
    if len(text) <= _LONG:
        return {"value": value}
    return {"sha256": hashlib.sha256(text.encode()).hexdigest()}


def zipped(root: Path, target: Path) -> None:
    """The same bytes each time: no dates, and empty folders, too."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root).as_posix() + ("/" if path.is_dir() else "")
            data = b"" if path.is_dir() else path.read_bytes()
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def main(folder: Path) -> None:
    expected = {}
    for name, make in MAKERS.items():
        root = folder / name
        make(opened(root))
        zipped(root, HERE / f"{name}.zip")
        with DbEngine(root, read_only=True) as db:
            expected[name] = story(db)
            if name == "settled":
                db.export("northwind", HERE / EXPORT)
    EXPECTED.write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        main(Path(made))
