"""Eight threads and four processes at once: no update lost, no chain broken, no half write seen."""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dbengine import Conflict, DbEngine, Shared, TenantNotFound
from dbengine.store import FolderStore, MemoryStore
from dbengine.store.files import Files

HERE = Path(__file__).parents[2]
THREADS, PROCESSES, ROUNDS = 8, 4, 12

WRITER = """
import sys
from dbengine import Conflict, DbEngine, Shared

root, name, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
db = DbEngine(root, durability="off")
for tenant in ("t", f"own-{name}"):
    db.init(tenant)
for number in range(rounds):
    db.put("t", name, "same", f"{name}-{number}", number)
    db.put("t", name, f"own {name}", "value", [number] * 200)
    db.put(f"own-{name}", name, "n", "value", Shared([number] * 200))
    while True:
        digest = db.get_digest("t", "counter")
        try:
            db.save("t", name, "counter", db.load("t", "counter", digest) + 1, expect=digest)
        except Conflict:
            continue
        break
"""


def together(jobs: Iterable[Callable[[], Any]]) -> None:
    """Run all at once, from one starting shot; raises what the first of them raised."""
    calls = list(jobs)
    start, errors = threading.Barrier(len(calls)), list[BaseException]()

    def run(job: Callable[[], Any]) -> None:
        try:
            start.wait()
            job()
        except BaseException as error:  # noqa: BLE001 - it is raised below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        raise error


def assert_whole(db: DbEngine, entry: str, versions: int) -> None:
    log = db.log("t", entry, limit=10_000)
    assert [info.seq for info in log] == list(range(versions, 0, -1))
    assert [info.parent for info in log] == [*(info.digest for info in log[1:]), None]


@pytest.mark.parametrize("own_handles", [False, True], ids=["one handle", "a handle each"])
def test_eight_threads_lose_no_update(root: Path, own_handles: bool) -> None:
    shared = DbEngine(root, durability="off")
    shared.init("t")
    handles = [DbEngine(root, durability="off") if own_handles else shared for _ in range(THREADS)]

    def work(db: DbEngine, name: int) -> None:
        for number in range(ROUNDS):
            assert db.put("t", f"u{name}", "same", f"{name}-{number}", number)
            assert db.put("t", f"u{name}", f"own {name}", "value", number)

    together(lambda db=db, name=name: work(db, name) for name, db in enumerate(handles))
    assert len(shared.keys("t", "same")) == THREADS * ROUNDS
    assert_whole(shared, "same", THREADS * ROUNDS)
    for name in range(THREADS):
        assert_whole(shared, f"own {name}", ROUNDS)
    assert shared.verify().ok


def test_four_processes_lose_no_update_and_readers_see_whole_versions(root: Path) -> None:
    db = DbEngine(root, durability="off")
    db.init("t")
    db.save("t", "parent", "counter", 0)
    children = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(root), f"p{n}", str(ROUNDS)], cwd=HERE)
        for n in range(PROCESSES)
    ]
    seen = -1
    while any(child.poll() is None for child in children):
        seen = read_everything(DbEngine(root, read_only=True), seen)
        db.put("t", "parent", "same", "parent", seen)
    assert [child.wait() for child in children] == [0] * PROCESSES
    assert db.load("t", "counter") == PROCESSES * ROUNDS
    assert_whole(db, "counter", PROCESSES * ROUNDS + 1)
    assert len(set(db.keys("t", "same")) - {"parent"}) == PROCESSES * ROUNDS
    for n in range(PROCESSES):
        assert_whole(db, f"own p{n}", ROUNDS)
        assert db.get(f"own-p{n}", "n", "value") == [ROUNDS - 1] * 200
    assert db.verify().ok


def read_everything(db: DbEngine, seen: int) -> int:
    counter = db.load("t", "counter")
    assert counter >= seen
    for tenant in db.tenants():
        for info in db.heads(tenant):
            db.load(tenant, info.entry, info.digest)
            if info.entry.startswith("own"):
                value = db.get(tenant, info.entry, "value")
                assert value == [value[0]] * 200
    assert isinstance(counter, int)
    return counter


def test_many_processes_make_one_database_at_once(root: Path) -> None:
    """Each wrote the marker under a name that only processes, not threads, kept apart."""
    code = "import sys; from dbengine import DbEngine; DbEngine(sys.argv[1]).init(sys.argv[2])"
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(root), name], cwd=HERE)
        for name in ("a", "a", "b", "c")
    ]
    assert [child.wait() for child in children] == [0] * 4
    assert DbEngine(root).tenants() == ["a", "b", "c"]


def test_many_threads_make_one_database_at_once(tmp_path: Path) -> None:
    for attempt in range(20):
        root = tmp_path / str(attempt)
        one = DbEngine(root, durability="off")
        handles = [one, one, DbEngine(root, durability="off"), DbEngine(root, durability="off")]
        together(
            lambda db=db, name=name: db.init(f"t{name % 3}") for name, db in enumerate(handles * 2)
        )
        assert one.tenants() == ["t0", "t1", "t2"]
        assert [path.name for path in root.rglob("tmp/*")] == []


def test_of_eight_that_expect_one_head_one_wins(db: DbEngine) -> None:
    for entry in ("a", "b", "c"):
        head = db.save("t", "ann", entry, "start")
        won, lost = list[str](), list[Conflict]()

        def attempt(name: int, entry: str = entry, head: str = head) -> None:
            try:
                won.append(db.save("t", "ann", entry, name, expect=head))  # noqa: B023
            except Conflict as error:
                lost.append(error)  # noqa: B023

        together(lambda name=name: attempt(name) for name in range(THREADS))
        assert len(won) == 1
        assert {error.current for error in lost} == {won[0]}
        assert len(lost) == THREADS - 1
        assert_whole(db, entry, 2)


def test_of_eight_that_create_one_entry_one_wins(db: DbEngine) -> None:
    results: list[bool] = []

    def attempt(name: int) -> None:
        try:
            db.save("t", "ann", "new", {"by": name}, expect=None)
            results.append(True)
        except Conflict:
            results.append(False)

    together(lambda name=name: attempt(name) for name in range(THREADS))
    assert sorted(results) == [False] * (THREADS - 1) + [True]


def test_eight_threads_that_put_the_same_value_write_it_once(db: DbEngine) -> None:
    results: list[bool] = []
    together(
        lambda: results.append(db.put("t", "ann", "n", "a", {"same": [1]})) for _ in range(THREADS)
    )
    assert sorted(results) == [False] * (THREADS - 1) + [True]
    assert_whole(db, "n", 1)


def test_closing_a_handle_that_others_use_loses_nothing(root: Path) -> None:
    """Closing gave up the lock of a write that was under way in another thread."""
    one, other = (DbEngine(root, durability="off") for _ in range(2))
    one.init("t")
    done = threading.Event()

    def write(db: DbEngine, name: str) -> None:
        for number in range(40):
            db.put("t", name, "n", f"{name}-{number}", number)

    def close() -> None:
        while not done.is_set():
            one.close()

    closer = threading.Thread(target=close)
    closer.start()
    together([lambda: write(one, "a"), lambda: write(one, "b"), lambda: write(other, "c")])
    done.set()
    closer.join()
    assert_whole(one, "n", 120)
    assert len(one.keys("t", "n")) == 120


def test_a_new_handle_sweeps_nothing_that_another_is_writing(root: Path) -> None:
    """What lies in `tmp` while somebody writes is not a leftover."""
    inside, go_on = threading.Event(), threading.Event()

    class Slow(Files):
        def replace(self, source: Path, target: Path) -> None:
            inside.set()
            go_on.wait(20)
            super().replace(source, target)

    quick = DbEngine(root)
    quick.init("t")
    slow = DbEngine(root, store=FolderStore(root, files=Slow(sync=False)))
    slow.save("t", "ann", "slow", 1)
    writer = threading.Thread(target=slow.close)
    sweeper = threading.Thread(target=quick.save, args=("t", "ben", "quick", 2))
    writer.start()
    assert inside.wait(20)
    assert list((root / "t" / "tmp").iterdir()) != []
    sweeper.start()
    sweeper.join(0.05)
    assert quick.entries("t") == ["slow"]  # a reader in between sees all that was committed
    go_on.set()
    writer.join()
    sweeper.join()
    assert quick.entries("t") == ["quick", "slow"]
    assert quick.verify().ok


def child_puts(db: DbEngine, name: str) -> None:
    for number in range(ROUNDS):
        db.put("t", name, "n", f"{name}-{number}", number)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_handle_works_on_in_forked_children_beside_its_parent(root: Path) -> None:
    fork = multiprocessing.get_context("fork")
    db = DbEngine(root, durability="off")
    db.init("t")
    db.put("t", "parent", "n", "first", 0)
    children = [fork.Process(target=child_puts, args=(db, f"c{n}")) for n in range(3)]
    for child in children:
        child.start()
    child_puts(db, "parent")
    for child in children:
        child.join()
        assert child.exitcode == 0
    assert_whole(db, "n", 4 * ROUNDS + 1)


def test_a_tenant_deleted_while_it_is_open_is_gone_and_can_be_made_again(root: Path) -> None:
    """The old handle went on locking a file that was no longer there."""
    one, other = (DbEngine(root, durability="off") for _ in range(2))
    one.init("t")
    one.put("t", "ann", "n", "a", 1)
    shutil.rmtree(root / "t")
    assert not one.exists("t", "n")
    for call in (lambda: one.load("t", "n"), lambda: one.put("t", "ann", "n", "b", 1)):
        with pytest.raises(TenantNotFound):
            call()
    assert not (root / "t").exists()
    other.init("t")
    together(
        lambda db=db, name=name: child_puts(db, f"h{name}") for name, db in enumerate([one, other])
    )
    assert_whole(one, "n", 2 * ROUNDS)


def test_a_whole_database_deleted_while_it_is_open_can_be_made_again(root: Path) -> None:
    db = DbEngine(root, durability="off")
    db.init("t")
    db.put("t", "ann", "n", "a", Shared([1]))
    shutil.rmtree(root)
    assert db.tenants() == []
    db.init("t")
    db.put("t", "ann", "n", "a", Shared([2]))
    assert db.get("t", "n") == [[2]]
    assert db.verify().ok


def test_threads_may_save_to_more_entries_than_are_remembered() -> None:
    store = MemoryStore()
    DbEngine(store=store).init("t")
    db = DbEngine(store=store)

    def work(name: str) -> None:
        for number in range(40):
            db.save("t", "ann", name, {"value": number})

    together(partial(work, f"n{number}") for number in range(12))
    assert [info.seq for info in db.heads("t")] == [40] * 12
