from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dbengine import Cancelled, DbEngine, DbException, Info, InvalidJson, NotADatabase, StorageError
from gui import jobs
from gui.jobs import Known, Ref, Tenant


class Ticket:
    """Counts how often it was asked; cancels after so many times."""

    def __init__(self, patience: int | None = None) -> None:
        self.patience = patience
        self.checks = 0

    def check(self) -> None:
        self.checks += 1
        if self.patience is not None and self.checks > self.patience:
            raise Cancelled("Cancelled.")

    def progress(self, done: int, total: int | None, what: str) -> None:
        self.check()


@pytest.fixture
def db(root: Path, clock: object) -> Iterator[DbEngine]:
    with DbEngine(root, clock=clock, durability="off") as db:
        yield db


def write_many(db: DbEngine, count: int) -> None:
    db.init("big")
    for number in range(count):
        user = "lena" if number % 10 == 0 else "ana"
        db.put("big", user, "log", f"key{number}", number)


def test_a_database_is_opened_and_described(root: Path) -> None:
    swap = jobs.open_database(None, Ticket(), root, read_only=True)
    assert swap.result == jobs.Opened(root, True)
    swap.db.close()


def test_a_missing_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(NotADatabase, match="no folder"):
        jobs.open_database(None, Ticket(), tmp_path / "nowhere")


def test_an_empty_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(NotADatabase, match="is empty"):
        jobs.open_database(None, Ticket(), tmp_path)


def test_a_folder_of_other_things_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(NotADatabase):
        jobs.open_database(None, Ticket(), tmp_path)


def test_a_database_is_created_with_its_first_tenant(tmp_path: Path) -> None:
    swap = jobs.create_database(None, Ticket(), tmp_path / "new.db", "acme")
    assert swap.db.tenants() == ["acme"]
    swap.db.close()


def test_no_database_is_created_over_other_files(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(NotADatabase, match="not empty"):
        jobs.create_database(None, Ticket(), tmp_path, "acme")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_without_a_database_a_job_says_so() -> None:
    with pytest.raises(DbException, match="No database is open"):
        jobs.on_database(None, Ticket(), jobs.tree)


def test_the_tree_counts_living_entries(db: DbEngine) -> None:
    db.delete("acme", "ana", "list")
    assert jobs.tree(db, Ticket()) == (Tenant("acme", 2), Tenant("globex", 1))


def test_entries_come_by_pages(db: DbEngine) -> None:
    first = jobs.tenant_entries(db, Ticket(), "acme", limit=2)
    assert [info.entry for info in first.heads] == ["config", "list"]
    assert first.more
    rest = jobs.tenant_entries(db, Ticket(), "acme", after="list", limit=2)
    assert [info.entry for info in rest.heads] == ["users"]
    assert not rest.more
    assert rest.after == "list"


def test_a_filter_finds_entries_in_every_tenant(db: DbEngine) -> None:
    pages = jobs.filter_names(db, Ticket(), "USER")
    assert [(page.tenant, [info.entry for info in page.heads]) for page in pages] == [
        ("acme", ["users"]),
        ("globex", ["users"]),
    ]


def test_a_filter_that_names_a_tenant_gives_all_its_entries(db: DbEngine) -> None:
    (page,) = jobs.filter_names(db, Ticket(), "acm")
    assert [info.entry for info in page.heads] == ["config", "list", "users"]


def test_a_filter_can_be_cancelled(db: DbEngine) -> None:
    with pytest.raises(Cancelled):
        jobs.filter_names(db, Ticket(patience=1), "user")


def test_the_log_comes_by_pages(db: DbEngine) -> None:
    page = jobs.log_page(db, Ticket(), "acme", "users", limit=3)
    assert [info.seq for info in page.infos] == [4, 3, 2]
    assert page.more
    rest = jobs.log_page(db, Ticket(), "acme", "users", limit=3, before=page.before)
    assert [info.seq for info in rest.infos] == [1]
    assert not rest.more


@pytest.mark.parametrize(
    ("text", "seqs"), [("NEW HERE", [4]), ("jane", [4]), ("marco", [4]), ("2026", [4, 3, 2, 1])]
)
def test_the_log_is_filtered_by_text(db: DbEngine, text: str, seqs: list[int]) -> None:
    page = jobs.log_page(db, Ticket(), "acme", "users", text=text)
    assert [info.seq for info in page.infos] == seqs


def test_the_log_is_filtered_by_digest_and_user(db: DbEngine) -> None:
    third = db.log("acme", "users")[1]
    by_digest = jobs.log_page(db, Ticket(), "acme", "users", text=third.digest[:12])
    assert by_digest.infos == (third,)
    by_user = jobs.log_page(db, Ticket(), "acme", "users", user="marco")
    assert [info.seq for info in by_user.infos] == [4]


def test_pages_of_a_filtered_log_are_all_that_fits_and_nothing_twice(
    db: DbEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LOG_SCAN", 16)
    write_many(db, 60)
    seqs: list[int] = []
    before, more = None, True
    while more:
        page = jobs.log_page(db, Ticket(), "big", "log", user="lena", before=before, limit=2)
        assert len(page.infos) <= 2
        seqs += [info.seq for info in page.infos]
        before, more = page.before, page.more
    assert seqs == [51, 41, 31, 21, 11, 1]


def test_users_come_by_how_much_they_wrote(db: DbEngine) -> None:
    users = jobs.users(db, Ticket(), "acme", "users")
    assert users.names == (("ana", 3), ("marco", 1))
    assert users.complete


def test_content_is_pretty_json_of_any_version(db: DbEngine) -> None:
    oldest = db.log("acme", "users")[-1]
    content = jobs.content(db, Ticket(), Ref("acme", "users", oldest.digest))
    assert content.info == oldest
    assert json.loads(content.document) == {"john": {"name": "John", "age": 30}}
    assert content.document.count(b"\n") == 5


def test_content_of_a_deletion_is_nothing(db: DbEngine) -> None:
    db.delete("acme", "ana", "users")
    content = jobs.content(db, Ticket(), Ref("acme", "users"))
    assert content.info.deleted
    assert content.document == b""


def test_a_version_is_found_by_date_number_and_short_digest(db: DbEngine) -> None:
    third = db.log("acme", "users")[1]
    assert jobs.at_date(db, Ticket(), "acme", "users", 3) == third
    moment = datetime(2026, 3, 9, 8, 2, 30, tzinfo=UTC)
    assert jobs.at_date(db, Ticket(), "acme", "users", moment) == third
    assert jobs.find_version(db, Ticket(), "acme", "users", third.digest[:10]) == third


def test_who_changed_this_names_the_versions_that_gave_a_value(db: DbEngine) -> None:
    versions = jobs.record_history(db, Ticket(), "acme", "users", ("john", "age"))
    assert [(version.text, version.info.seq) for version in versions] == [
        ("32", 3),
        ("31", 2),
        ("30", 1),
    ]


def test_a_value_that_stayed_when_its_record_changed_has_one_version(db: DbEngine) -> None:
    (version,) = jobs.record_history(db, Ticket(), "acme", "users", ("john", "name"))
    assert (version.text, version.info.seq) == ('"John"', 1)


def test_a_value_that_came_later_and_went_again_is_absent_only_afterwards(db: DbEngine) -> None:
    db.put("acme", "lena", "users", "john", {"name": "John", "vip": True})
    db.put("acme", "lena", "users", "john", {"name": "John"})
    versions = jobs.record_history(db, Ticket(), "acme", "users", ("john", "vip"))
    assert [(version.text, version.present) for version in versions] == [
        ("", False),
        ("true", True),
    ]


def test_a_poll_sees_new_heads_entries_and_tenants(db: DbEngine) -> None:
    heads = {info.entry: info.digest for info in db.heads("acme")}
    known = Known({"acme": heads}, frozenset({"acme", "globex"}), frozenset({"acme"}))
    assert not jobs.poll(db, Ticket(), known)
    db.save("acme", "lena", "new", 1)
    db.put("acme", "lena", "users", "jim", {})
    db.init("hooli")
    moved = jobs.poll(db, Ticket(), known)
    assert [info.entry for info in moved.heads] == ["new", "users"]
    assert moved.tenants == ("hooli",)


class Counting:
    """A database that counts how often all heads of a tenant are read."""

    def __init__(self, db: DbEngine) -> None:
        self._db = db
        self.listings = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._db, name)

    def heads(self, tenant: str) -> list[Info]:
        self.listings += 1
        return self._db.heads(tenant)


def test_only_the_first_poll_reads_all_heads_and_later_ones_what_moved(db: DbEngine) -> None:
    counting = Counting(db)
    known = Known({"acme": {}}, frozenset({"acme", "globex"}), frozenset())
    first = jobs.poll(counting, Ticket(), known)
    known = Known(dict(first.seen), known.tenants, frozenset({"acme"}), first.cursors)
    for number in range(3):
        written = db.save("acme", "lena", "new", number)
        moved = jobs.poll(counting, Ticket(), known)
        assert [(info.entry, info.digest) for info in moved.heads] == [("new", written)]
        known = Known(
            {"acme": {**known.heads["acme"], **moved.seen["acme"]}},
            known.tenants,
            known.complete,
            moved.cursors,
        )
    assert not jobs.poll(counting, Ticket(), known)
    assert counting.listings == 1


def test_a_cursor_of_another_handle_tells_too_much_and_never_too_little(
    db: DbEngine, root: Path
) -> None:
    heads = {info.entry: info.digest for info in db.heads("acme")}
    with DbEngine(root, read_only=True) as other:
        _none, foreign = other.moved("acme")
    db.put("acme", "lena", "users", "jim", {})
    known = Known({"acme": heads}, frozenset({"acme"}), frozenset({"acme"}), {"acme": foreign})
    assert [info.entry for info in jobs.poll(db, Ticket(), known).heads] == ["users"]


def test_a_poll_takes_unread_entries_for_known_where_not_all_were_read(db: DbEngine) -> None:
    known = Known({"acme": {}}, frozenset({"acme", "globex"}), frozenset())
    moved = jobs.poll(db, Ticket(), known)
    assert not moved
    assert set(moved.seen["acme"]) == {"config", "list", "users"}


def test_a_file_is_a_side(db: DbEngine, tmp_path: Path) -> None:
    path = tmp_path / "side.json"
    path.write_text('{"a": 1}')
    assert jobs.read_side(db, Ticket(), path).value == {"a": 1}


def test_a_file_that_is_not_json_says_where(db: DbEngine, tmp_path: Path) -> None:
    path = tmp_path / "side.json"
    path.write_text('{"a": 1,\n b}')
    with pytest.raises(InvalidJson) as caught:
        jobs.read_side(db, Ticket(), path)
    assert (caught.value.line, caught.value.column) == (2, 2)


def test_a_file_that_is_not_there_says_so(db: DbEngine, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"side\.json cannot be read"):
        jobs.read_side(db, Ticket(), tmp_path / "side.json")
