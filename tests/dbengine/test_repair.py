"""Verify heals what is whole in a second place, on request, and says no more than it did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from dbengine import DbEngine, ReadOnly
from dbengine.store import Flaw, MemoryStore
from tests.dbengine.damage import content_of, flipped, stored
from tests.dbengine.helpers import settled

pytestmark = pytest.mark.usefixtures("contents_apart")


class TwoPlaces(MemoryStore):
    """Keeps a second copy of everything, as a journal or a pack does of some objects."""

    def __init__(self) -> None:
        super().__init__()
        self.damaged: set[str] = set()
        self.put_again: list[str] = []

    def check(self, tenant: str) -> Iterator[Flaw | None]:
        for digest in self.objects(tenant):
            yield Flaw(f"{digest} is damaged.", digest) if digest in self.damaged else None

    def put(self, tenant: str, objects: Mapping[str, bytes]) -> None:
        self.put_again += objects
        self.damaged -= objects.keys()
        super().put(tenant, objects)


def test_an_object_that_is_whole_in_a_second_place_is_healed_on_request() -> None:
    store = TwoPlaces()
    db = DbEngine(store=store)
    db.init("t")
    digest = db.save("t", "ann", "n", 1)
    store.damaged.add(digest)
    [problem] = db.verify().problems
    assert problem.repairable
    assert problem.message.endswith("A whole copy is kept elsewhere and is used instead.")
    assert problem.hurts == ()
    assert store.put_again == []
    report = db.verify(repair=True)
    assert report.ok
    assert [healed.digest for healed in report.healed] == [digest]
    assert store.put_again == [digest]
    assert db.verify(repair=True).healed == ()


def test_what_a_second_look_still_finds_is_not_said_to_be_healed() -> None:
    class Stubborn(TwoPlaces):
        """A place that cannot be written any more."""

        def put(self, tenant: str, objects: Mapping[str, bytes]) -> None:
            self.put_again += objects

    store = Stubborn()
    db = DbEngine(store=store)
    db.init("t")
    digest = db.save("t", "ann", "n", 1)
    store.damaged.add(digest)
    report = db.verify(repair=True)
    assert report.healed == ()
    [problem] = report.problems
    assert (problem.digest, problem.repairable) == (digest, False)
    assert "is used instead" in problem.message
    assert store.put_again == [digest]


def test_what_is_damaged_everywhere_is_not_said_to_be_healed(db: DbEngine) -> None:
    digest = db.save("t", "ann", "n", 1)
    content_of(db, digest).write_bytes(b"2")
    report = db.verify(repair=True)
    assert report.healed == ()
    [problem] = report.problems
    assert not problem.repairable


def test_a_damaged_file_is_healed_from_a_pack(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", [1])
    whole = stored(settled(db), digest).read_bytes()
    db.pack("t")
    damaged = stored(root, digest)
    damaged.parent.mkdir(exist_ok=True)
    damaged.write_bytes(flipped(whole))
    [problem] = db.verify().problems
    assert (problem.digest, problem.hurts) == (digest, ())
    report = db.verify(repair=True)
    assert [healed.digest for healed in report.healed] == [digest]
    assert damaged.read_bytes() == whole
    assert db.verify().problems == ()


def test_a_reader_repairs_nothing(db: DbEngine, root: Path) -> None:
    with pytest.raises(ReadOnly, match="nothing can be repaired"):
        DbEngine(root, read_only=True).verify(repair=True)
