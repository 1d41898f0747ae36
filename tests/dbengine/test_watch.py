"""Whoever watches sees every version once, in order, whatever the store tells of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbengine import Corrupt, DbEngine, Info, InvalidName, TenantNotFound, Version
from dbengine.store import FolderStore, MemoryStore
from tests.dbengine.helpers import Clock


class Told(MemoryStore):
    """A feed that the test writes: what each call of `changes` tells, then nothing more."""

    def __init__(self) -> None:
        super().__init__()
        self.feed: list[list[tuple[str, str]]] = []
        self.cursors: list[str | None] = []
        self.waits: list[float] = []
        self.read: list[str] = []

    def changes(
        self, tenant: str, cursor: str | None, wait: float, limit: int
    ) -> tuple[list[tuple[str, str]], str]:
        self._place(tenant)
        self.cursors.append(cursor)
        self.waits.append(wait)
        found = self.feed.pop(0) if cursor and self.feed else []
        return found, str(len(self.cursors))

    def get(self, tenant: str, digests: Collection[str]) -> dict[str, bytes]:
        self.read += digests
        return super().get(tenant, digests)


@pytest.fixture
def store() -> Told:
    return Told()


@pytest.fixture
def db(store: Told, clock: Clock) -> DbEngine:
    engine = DbEngine(store=store, clock=clock)
    engine.init("t")
    return engine


def seqs(watched: Iterator[Info]) -> list[tuple[str, int]]:
    return [(info.entry, info.seq) for info in watched]


def test_a_new_version_is_told_with_all_that_is_known_of_it(db: DbEngine, store: Told) -> None:
    watched = db.watch("t", timeout=0)
    digest = db.put("t", "ann", "n", "k", 1, note="why") and db.get_digest("t", "n")
    store.feed = [[("n", digest)]]
    assert list(watched) == [db.info("t", "n")]


def test_all_versions_between_two_heads_are_told_the_oldest_first(
    db: DbEngine, store: Told
) -> None:
    db.save("t", "ann", "n", 0)
    watched = db.watch("t", timeout=0)
    for number in range(1, 6):
        db.save("t", "ann", "n", number)
    store.feed = [[("n", db.get_digest("t", "n"))]]
    assert seqs(watched) == [("n", 2), ("n", 3), ("n", 4), ("n", 5), ("n", 6)]


def test_what_was_there_before_is_not_told(db: DbEngine, store: Told) -> None:
    digest = db.save("t", "ann", "n", 0)
    watched = db.watch("t", timeout=0)
    store.feed = [[("n", digest)]]
    store.read.clear()
    assert list(watched) == []
    assert store.read == []


def test_what_is_written_before_the_first_look_is_not_lost(db: DbEngine, store: Told) -> None:
    """The cursor is taken when `watch` is called, not when its first version is asked for."""
    watched = db.watch("t", timeout=0)
    assert store.cursors == [None]
    digest = db.save("t", "ann", "n", 0)
    store.feed = [[("n", digest)]]
    assert seqs(watched) == [("n", 1)]
    assert store.cursors[:2] == [None, "1"]


class Overtaken(Told):
    """A writer slips in between the two looks with which watching begins."""

    def heads(self, tenant: str, entries: Collection[str] | None = None) -> dict[str, str]:
        if self.cursors == [None]:
            self.cursors.append("written")
            DbEngine(store=self, clock=Clock()).save(tenant, "ann", "n", "between")
        return super().heads(tenant, entries)


def test_what_comes_between_cursor_and_heads_is_not_told_twice() -> None:
    """It belongs to what was there before, though the feed tells of it."""
    store = Overtaken()
    db = DbEngine(store=store, clock=Clock())
    db.init("t")
    watched = db.watch("t", timeout=0)
    between = db.get_digest("t", "n")
    store.feed = [[("n", between)], [("n", db.save("t", "ann", "n", "later"))]]
    assert seqs(watched) == [("n", 2)]


@settings(max_examples=60, deadline=None)
@given(
    writes=st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 4)), max_size=6),
    data=st.data(),
)
def test_none_twice_and_none_lost_however_often_and_in_whatever_order_heads_are_told(
    writes: list[tuple[str, int]], data: st.DataObject
) -> None:
    store = Told()
    db = DbEngine(store=store, clock=Clock())
    db.init("t")
    db.save("t", "ann", "a", -1)
    watched = db.watch("t", timeout=0)
    heads = []
    for entry, count in writes:
        db.append_history("t", entry, [Version("ann", Clock()(), {entry: n}) for n in range(count)])
        heads.append((entry, db.get_digest("t", entry)))
    again = data.draw(st.lists(st.sampled_from(heads), max_size=4)) if heads else []
    told = data.draw(st.permutations([*heads, *again]))
    store.feed = [[change] for change in told]
    found = seqs(watched)
    for entry in "ab":
        numbers = [seq for name, seq in found if name == entry]
        last = len(db.log("t", entry)) if entry in db.entries("t") else 0
        assert numbers == list(range(2 if entry == "a" else 1, last + 1))


def test_other_entries_are_left_out(db: DbEngine, store: Told) -> None:
    watched = db.watch("t", entry="n", timeout=0)
    store.feed = [[("m", db.save("t", "ann", "m", 0)), ("n", db.save("t", "ann", "n", 0))]]
    assert seqs(watched) == [("n", 1)]


def test_a_deletion_is_told_too(db: DbEngine, store: Told) -> None:
    db.save("t", "ann", "n", 0)
    watched = db.watch("t", timeout=0)
    db.delete("t", "ann", "n")
    store.feed = [[("n", db.get_digest("t", "n"))]]
    assert [info.deleted for info in watched] == [True]


def test_only_what_is_new_is_read(db: DbEngine, store: Told) -> None:
    for number in range(300):
        db.save("t", "ann", "n", number)
    watched = db.watch("t", timeout=0)
    store.feed = [[("n", db.save("t", "ann", "n", -1))]]
    store.read.clear()
    assert seqs(watched) == [("n", 301)]
    assert len(store.read) == 3  # the head told last, the new one, and its metadata


def test_it_waits_in_the_store_and_ends_after_a_quiet_time(db: DbEngine, store: Told) -> None:
    assert list(db.watch("t", timeout=0.01)) == []
    assert store.waits[0] == 0
    assert all(0 <= wait <= 0.01 for wait in store.waits[1:])


def test_without_a_timeout_it_goes_on(db: DbEngine, store: Told) -> None:
    watched = db.watch("t")
    store.feed = [[], [], [("n", db.save("t", "ann", "n", 0))], []]
    assert next(watched).seq == 1
    assert store.waits[1:] == [5.0, 5.0, 5.0]


def test_a_damaged_version_is_an_error(db: DbEngine, store: Told) -> None:
    watched = db.watch("t", timeout=0)
    db.save("t", "ann", "n", 0)
    middle = db.save("t", "ann", "n", 1)
    head = db.save("t", "ann", "n", 2)
    del store._place("t").objects[middle]
    store.feed = [[("n", head)]]
    with pytest.raises(Corrupt, match="is missing"):
        list(watched)


def test_a_tenant_that_is_not_there_is_an_error_at_once(db: DbEngine) -> None:
    with pytest.raises(TenantNotFound):
        db.watch("u")
    with pytest.raises(InvalidName):
        db.watch("../up")


def test_an_import_is_told_version_by_version(db: DbEngine, store: Told, tmp_path: Path) -> None:
    source = DbEngine(store=MemoryStore(), clock=Clock())
    source.init("t")
    for number in range(5):
        source.save("t", "ann", "n", number)
    source.export("t", tmp_path / "file")
    watched = db.watch("t", timeout=0)
    db.import_("t", tmp_path / "file")
    store.feed = [[("n", source.get_digest("t", "n"))]]
    assert seqs(watched) == [("n", number) for number in range(1, 6)]


def test_a_head_of_long_ago_is_not_told_again(db: DbEngine, store: Told) -> None:
    """A store may tell of a head again that went by long ago."""
    digests = [db.save("t", "ann", "n", number) for number in range(3)]
    watched = db.watch("t", timeout=0)
    store.feed = [[("n", digests[0])], [("n", digests[1])]]
    assert list(watched) == []


# ---- a folder and other processes ---------------------------------------------------------------

WRITER = """
import sys
from dbengine import DbEngine
with DbEngine(sys.argv[1]) as db:
    for number in range(int(sys.argv[2])):
        db.put("t", "ann", "n", "k", {"by": sys.argv[3], "number": number})
"""


def writer(root: Path, count: int, name: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(root), str(count), name]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})


def test_what_other_processes_write_is_told_without_a_gap(root: Path) -> None:
    """More of it than a checkpoint lets stand in the journal, by two writers at once."""
    with DbEngine(root) as db:
        db.init("t")
        db.save("t", "ann", "n", {})
    with DbEngine(root, read_only=True) as db:
        watched = db.watch("t", entry="n", timeout=60)
        with writer(root, 300, "one"), writer(root, 300, "two"):
            found = [next(watched).seq for _ in range(600)]
    assert found == list(range(2, 602))


def test_what_this_handle_writes_in_another_thread_is_told(root: Path) -> None:
    with DbEngine(root) as db:
        db.init("t")
        watched = db.watch("t", timeout=60)
        thread = threading.Thread(
            target=lambda: [db.save("t", "ann", "n", number) for number in range(20)]
        )
        thread.start()
        found = [next(watched).seq for _ in range(20)]
        thread.join()
    assert found == list(range(1, 21))


def test_watching_a_folder_that_rests_reads_no_object(root: Path) -> None:
    class Counting(FolderStore):
        def get(self, tenant, digests):  # type: ignore[no-untyped-def]
            raise AssertionError("an object was read")

    with DbEngine(root) as db:
        db.init("t")
        db.save("t", "ann", "n", 1)
    assert list(DbEngine(root, store=Counting(root)).watch("t", timeout=0.3)) == []


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_a_look_now_and_then_tells_every_head_that_moved(kind: str, tmp_path: Path) -> None:
    db = DbEngine(store=MemoryStore()) if kind == "memory" else DbEngine(tmp_path / "db")
    db.init("t")
    db.put("t", "ana", "before", "k", 1)
    infos, cursor = db.moved("t")
    assert infos == []
    for number in range(2):
        db.put("t", "ana", "users", "k", number)
    last = db.info("t", "users")
    infos, cursor = db.moved("t", cursor)
    assert infos == [last]
    assert db.moved("t", cursor)[0] == []
    everything, _cursor = db.moved("t", "of long ago")
    assert {info.entry for info in everything} == {"before", "users"}
    db.close()


def test_what_moved_is_asked_of_a_tenant_that_is_there(db: DbEngine) -> None:
    with pytest.raises(TenantNotFound):
        db.moved("nobody")
