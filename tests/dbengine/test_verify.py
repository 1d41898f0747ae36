"""Verify reads everything, says what is wrong, and which versions are hurt by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dbengine import Cancelled, DbEngine, codec
from dbengine.snapshot import SnapshotObject
from tests.dbengine.helpers import object_files, settled


def messages(db: DbEngine) -> str:
    return "\n".join(problem.message for problem in db.verify().problems)


def content_of(db: DbEngine, digest: str) -> Path:
    folder = settled(db) / "t" / "objects"
    data = codec.load((folder / digest[:2] / digest).read_bytes())
    name = data["__content__"]["tree"]
    return folder / name[:2] / name


def forge(db: DbEngine, root: Path, **changes: Any) -> str:
    """Put a head that nobody wrote in place: the present one with other metadata."""
    head = db.get_digest("t", "n")
    db.close()
    data = codec.load((root / "t" / "objects" / head[:2] / head).read_bytes())
    forged = codec.dump(data | {f"__{name}__": value for name, value in changes.items()})
    digest = codec.digest_of(forged)
    target = root / "t" / "objects" / digest[:2] / digest
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(forged)
    (root / "t" / "head").write_bytes(codec.dump({"n": digest}))
    return digest


def test_a_sound_database_is_counted(db: DbEngine) -> None:
    db.init("u")
    for number in range(5):
        db.save("t", "ann", "n", number)
        db.save("u", "ann", "m", {"a": number})
    db.delete("u", "ann", "m")
    report = db.verify()
    assert report.ok
    assert (report.tenants, report.entries, report.versions, report.objects) == (2, 2, 11, 11)


def test_an_empty_database_is_sound(root: Path) -> None:
    assert DbEngine(root).verify().ok
    db = DbEngine(root)
    db.init("t")
    assert db.verify().ok


def test_a_damaged_content_hurts_every_version_that_needs_it(db: DbEngine, root: Path) -> None:
    large = ["x" * 20_000]
    first = db.save("t", "ann", "n", large)
    db.save("t", "ann", "n", [2])
    third = db.save("t", "ann", "n", large)
    content_of(db, first).write_bytes(b"[3]")
    problems = db.verify().problems
    assert "does not match" in problems[0].message or "do not match" in problems[0].message
    assert {p.digest for p in problems if p.entry == "n"} == {first, third}
    assert all("cannot be read" in p.message for p in problems if p.entry == "n")


def test_a_missing_content_hurts_its_version(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", ["x" * 20_000])
    lost = content_of(db, digest)
    lost.unlink()
    [problem] = db.verify().problems
    assert (problem.tenant, problem.entry, problem.digest) == ("t", "n", digest)
    assert lost.name in problem.message


def test_a_broken_chain_is_found_and_the_other_entries_are_still_read(
    db: DbEngine, root: Path
) -> None:
    digests = [db.save("t", "ann", "n", number) for number in range(3)]
    db.save("t", "ann", "other", 1)
    db.close()
    (root / "t" / "objects" / digests[1][:2] / digests[1]).unlink()
    [problem] = db.verify().problems
    assert (problem.entry, problem.digest) == ("n", digests[1])
    assert db.verify().entries == 2


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"parent": None}, "chain ends at version 2; older versions cannot be reached"),
        ({"seq": 7}, "Version 7 follows version 1"),
        ({"date": "20000101 00:00:00"}, "dated after the version that follows it"),
        ({"entry": "other"}, "belongs to the entry 'other'"),
        ({"parent": "../../x"}, "is not a snapshot"),
        ({"parent": 5}, "is not a snapshot"),
        ({"content": "../../../head"}, "is not a snapshot"),
        ({"content": 5}, "is not a snapshot"),
        ({"seq": "2"}, "is not a snapshot"),
        ({"user": None}, "is not a snapshot"),
        ({"counts": 5}, "is not a snapshot"),
    ],
    ids=str,
)
def test_a_forged_version_is_found(
    db: DbEngine, root: Path, changes: dict[str, Any], match: str
) -> None:
    db.save("t", "ann", "n", 1)
    db.save("t", "ann", "n", 2)
    forge(db, root, **changes)
    assert match in messages(db)


def test_a_head_that_names_content_is_found(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", {"a": "x" * 20_000})
    name = content_of(db, digest).name
    (root / "t" / "head").write_bytes(codec.dump({"n": name}))
    assert "is not a snapshot" in messages(db)


@pytest.mark.parametrize("place", ["objects/00/x", "objects/stray", "stray", "objects/zz/y"])
def test_a_stranger_is_named(db: DbEngine, root: Path, place: str) -> None:
    path = root / "t" / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    assert f"{path} is not" in messages(db)


def test_a_stranger_among_the_shared_objects_is_named(db: DbEngine, root: Path) -> None:
    (root / "refs" / "stray").write_text("x")
    assert "stray is not an object" in messages(db)


def test_an_object_in_the_wrong_folder_is_named(db: DbEngine, root: Path) -> None:
    db.save("t", "ann", "n", 1)
    path = object_files(settled(db))[0]
    wrong = root / "t" / "objects" / "zz"
    wrong.mkdir()
    path.rename(wrong / path.name)
    assert "is not an object of this database" in messages(db)


def test_progress_is_told_and_can_cancel(db: DbEngine) -> None:
    for number in range(60):
        db.save("t", "ann", "n", number)
    told: list[tuple[int, int | None, str]] = []
    db.verify(lambda *step: told.append(step))
    assert (50, None, "objects of t") in told
    assert (50, None, "versions of t / n") in told

    def stop(_done: int, _total: int | None, _what: str) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        db.verify(stop)


def test_a_snapshot_object_survives_its_bytes(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", {"a": 1}, note="why")
    db.close()
    data = (root / "t" / "objects" / digest[:2] / digest).read_bytes()
    assert SnapshotObject.from_bytes(digest, data).to_bytes() == data
