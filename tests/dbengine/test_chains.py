"""Verify follows every chain from its head, and tells where one is broken, forged or behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dbengine import DbEngine, Version, codec
from dbengine.chains import Chains, Link
from dbengine.model import HurtVersion
from dbengine.snapshot import SnapshotObject
from dbengine.store import MemoryStore
from tests.dbengine.damage import content_of, forge, stored

pytestmark = pytest.mark.usefixtures("contents_apart")


def messages(db: DbEngine) -> str:
    return "\n".join(problem.message for problem in db.verify().problems)


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("hurt", [Path.unlink, lambda path: path.write_bytes(b"{}")])
def test_a_broken_chain_is_followed_beyond_the_gap(
    db: DbEngine, root: Path, hurt: Callable[[Path], None]
) -> None:
    digests = [db.save("t", "ann", "n", [number]) for number in range(5)]
    db.save("t", "ann", "other", 1)
    below = content_of(db, digests[0])
    hurt(stored(root, digests[2]))
    below.unlink()
    report = db.verify()
    gap, content = sorted(report.problems, key=lambda problem: -len(problem.message))
    assert (gap.entry, gap.digest) == ("n", digests[2])
    assert "It is version 3 of 'n'. 2 older versions are still there" in gap.message
    assert digests[1] in gap.message
    assert gap.hurts == (HurtVersion("t", "n", 3, digests[2]),)
    assert content.hurts == (HurtVersion("t", "n", 1, digests[0]),)
    assert (report.entries, report.versions) == (2, 5)


def test_a_head_ahead_of_what_is_stored_is_found_and_the_rest_is_read(
    db: DbEngine, root: Path
) -> None:
    digests = [db.save("t", "ann", "n", [number]) for number in range(3)]
    lost = content_of(db, digests[0])
    lost.unlink()
    (root / "t" / "head").write_bytes(codec.dump({"n": "ab" * 32}))
    missing, content = DbEngine(root).verify().problems[::-1]
    assert "It is the head of 'n'. 3 whole versions are still there" in missing.message
    assert digests[2] in missing.message
    assert missing.hurts == (HurtVersion("t", "n", 0, "ab" * 32),)
    assert content.hurts == (HurtVersion("t", "n", 1, digests[0]),)


def test_a_head_behind_its_versions_is_found(db: DbEngine, root: Path) -> None:
    digests = [db.save("t", "ann", "n", number) for number in range(5)]
    db.save("t", "ann", "other", 1)
    db.close()
    heads = codec.load((root / "t" / "head").read_bytes())
    (root / "t" / "head").write_bytes(codec.dump(heads | {"n": digests[1]}))
    report = DbEngine(root).verify()
    [problem] = report.problems
    assert problem.message.startswith("The head of 'n' is behind: 3 newer versions are stored.")
    assert (problem.entry, problem.digest, problem.certain) == ("n", digests[4], False)
    assert report.ok  # it may be the rest of an interrupted write


def test_an_entry_without_its_head_is_found(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", 1)
    db.close()
    (root / "t" / "head").write_bytes(b"{}")
    [problem] = DbEngine(root).verify().problems
    assert problem.message.startswith("No head names the entry 'n', but 1 version is stored.")
    assert (problem.entry, problem.digest) == ("n", digest)


def test_a_damaged_head_file_is_a_problem_and_other_tenants_are_still_read(
    db: DbEngine, root: Path
) -> None:
    db.init("u")
    db.save("u", "ann", "m", 1)
    db.close()
    (root / "t" / "head").write_bytes(b"{")
    report = DbEngine(root).verify()
    [problem] = report.problems
    assert (problem.tenant, problem.digest) == ("t", None)
    assert "head is damaged" in problem.message
    assert report.versions == 1


# ---- forged --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"parent": None}, "chain ends at version 2; older versions cannot be reached"),
        ({"seq": 7}, "Version 7 follows version 1"),
        ({"date": "20000101 00:00:00"}, "dated after the version that follows it"),
        ({"skip": None}, "The skip of version 2 leads to the wrong version"),
        ({"entry": "other"}, "The head of 'n' belongs to the entry 'other'. 2 whole versions"),
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
    digest = db.save("t", "ann", "n", {"a": 1})
    name = content_of(db, digest).name
    (root / "t" / "head").write_bytes(codec.dump({"n": name}))
    assert "is not a snapshot" in messages(db)


def link(name: str, seq: int, parent: str | None) -> Link:
    return Link(name, "n", seq, "20260101 00:00:00", parent)


def test_what_is_as_new_as_a_gap_is_not_said_to_be_older() -> None:
    """Versions of a write that was given up have the numbers of the gap and of its child."""
    trunk = [link("1", 1, None), link("2", 2, "1"), link("3", 3, "2"), link("5", 5, "4")]
    given_up = [link("4x", 4, "3"), link("5x", 5, "4x")]
    chains = Chains(MemoryStore(), "refs", [*trunk, *given_up], lambda _done, _what: None)
    chains.check("n", "5")
    assert "3 older versions are still there" in chains.gaps["4"].left
    assert "the newest is version 3" in chains.gaps["4"].left
    assert chains.reached.keys() == {"5", "4x", "3", "2", "1"}


# ---- what it costs -------------------------------------------------------------------------------


class Counting(MemoryStore):
    """Counts how often each object is read, and can lose one."""

    def __init__(self) -> None:
        super().__init__()
        self.read: Counter[str] = Counter()

    def get(self, tenant: str, digests: Collection[str]) -> dict[str, bytes]:
        self.read.update(digests)
        return super().get(tenant, digests)

    def lose(self, digest: str, *, whole: bool) -> None:
        objects = self._place("t").objects
        content = SnapshotObject.from_bytes(digest, objects[digest]).content
        del objects[digest if whole or content is None else content.tree or ""]


@pytest.mark.parametrize("hurt", ["objects", "versions"])
def test_a_long_history_is_read_once(hurt: str) -> None:
    """However many versions there are, none is read more often; with damage, once more."""
    store = Counting()
    db = DbEngine(store=store)
    db.init("t")
    db.append_history("t", "n", [Version("ann", NOON, [number]) for number in range(1500)])
    store.read.clear()
    assert db.verify().ok
    assert set(store.read.values()) == {1}
    store.lose(db.at("t", "n", 700), whole=hurt == "versions")
    store.read.clear()
    assert len(db.verify().problems) == 1
    assert max(store.read.values()) <= 3


def test_each_version_is_visited_once_even_where_chains_run_together() -> None:
    """Below a gap every stored version is a beginning, those of given up writes too."""
    trunk = [link(f"{seq}", seq, f"{seq - 1}" if seq > 1 else None) for seq in range(1, 50)]
    twigs = [link(f"{seq}x", seq, f"{seq - 1}") for seq in range(2, 50)]
    visited: list[int] = []
    chains = Chains(MemoryStore(), "refs", [*trunk, *twigs], lambda done, _: visited.append(done))
    chains.check("n", "lost")
    assert visited == list(range(1, len(trunk) + len(twigs) + 1))
