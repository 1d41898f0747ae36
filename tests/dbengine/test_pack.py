"""What the engine asks of a store that packs: which objects, in which order, and when."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from dbengine import Corrupt, DbEngine, Progress, Shared, StorageError
from dbengine.pack import MANY, suggest
from dbengine.snapshot import SnapshotObject
from dbengine.store import MemoryStore
from tests.dbengine.helpers import Clock

pytestmark = pytest.mark.usefixtures("contents_apart")


@dataclass(frozen=True)
class Moved:
    objects: int
    before: int
    after: int


class Packs(MemoryStore):
    """Notes what it is asked to pack."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: dict[str, list[str]] = {}
        self.count = 0

    def loose(self, tenant: str) -> int:
        self._place(tenant)
        return self.count

    def pack(self, tenant: str, order: Iterable[str], progress: Progress | None = None) -> Moved:
        self.orders[tenant] = list(order)
        if progress:
            progress(1, 1, "packing")
        return Moved(len(self.orders[tenant]), 1000, 10)


@pytest.fixture
def store() -> Packs:
    return Packs()


@pytest.fixture
def db(store: Packs, clock: Clock) -> DbEngine:
    engine = DbEngine(store=store, clock=clock)
    engine.init("t")
    return engine


def content_of(store: Packs, digest: str) -> str:
    content = SnapshotObject.from_bytes(digest, store.get("t", [digest])[digest]).content
    assert content
    assert content.tree
    return content.tree


def test_each_version_comes_oldest_first_right_after_what_it_needs(
    db: DbEngine, store: Packs
) -> None:
    one = [db.save("t", "ann", "one", [number]) for number in (1, 2, 1)]
    two = [db.save("t", "ann", "two", number) for number in (1, 2)]
    db.pack("t")
    first, second = content_of(store, one[0]), content_of(store, one[1])
    assert store.orders["t"][:5] == [first, one[0], second, one[1], one[2]]
    assert [d for d in store.orders["t"] if d in two] == two


def test_what_all_tenants_share_is_not_packed(db: DbEngine, store: Packs) -> None:
    db.put("t", "ann", "n", "k", Shared("big"))
    db.pack("t")
    assert set(store.orders["t"]) == set(store.objects("t"))


def test_all_tenants_are_packed_and_counted_together(db: DbEngine, store: Packs) -> None:
    db.init("u")
    db.save("t", "ann", "n", [1])
    db.save("u", "ann", "n", [1])
    told: list[tuple[int, int | None, str]] = []
    packed = db.pack(progress=lambda *step: told.append(step))
    assert (packed.objects, packed.before, packed.after) == (4, 2000, 20)
    assert store.orders.keys() == {"t", "u"}
    assert told == [(1, 1, "packing")] * 2


def test_what_is_damaged_is_not_packed(db: DbEngine, store: Packs) -> None:
    digest = db.save("t", "ann", "n", [1])
    del store._place("t").objects[content_of(store, digest)]
    with pytest.raises(Corrupt, match="is missing"):
        db.pack("t")


def test_loose_objects_are_counted_over_all_tenants(db: DbEngine, store: Packs) -> None:
    db.init("u")
    store.count = 7
    assert db.loose("t") == 7
    assert db.loose() == 14


@pytest.mark.parametrize(("count", "says"), [(MANY, False), (MANY + 1, True)])
def test_packing_is_suggested_where_it_is_worth_it(
    db: DbEngine, store: Packs, caplog: pytest.LogCaptureFixture, count: int, says: bool
) -> None:
    store.count = count
    with caplog.at_level(logging.INFO, "dbengine"):
        suggest(store)
    assert ("run `dbengine pack`" in caplog.text) is says


def test_a_suggestion_that_cannot_be_made_is_no_error() -> None:
    """It is asked for when a database is closed, whatever state that is in."""

    class Broken(Packs):
        def loose(self, tenant: str) -> int:
            raise StorageError("No permission.")

    broken = Broken()
    broken.create_tenant("t")
    suggest(broken)
