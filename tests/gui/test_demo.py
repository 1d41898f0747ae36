"""The demo database: rich, the same for the same moment, and there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dbengine import Cancelled, DbEngine, Info, NotADatabase
from dbengine.diff import diff
from gui.demo import build_demo

NOW = datetime(2026, 3, 19, 16, 6, tzinfo=UTC)  # a Thursday


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "demo.db"
    build_demo(root, now=NOW)
    return root


@pytest.fixture
def db(root: Path) -> Iterator[DbEngine]:
    with DbEngine(root, read_only=True) as engine:
        yield engine


def whole_log(db: DbEngine, tenant: str, entry: str) -> list[Info]:
    return db.log(tenant, entry, limit=5000)


def every_log(db: DbEngine) -> Iterator[list[Info]]:
    for tenant in db.tenants():
        for entry in db.entries(tenant, deleted=True):
            yield whole_log(db, tenant, entry)


def strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)


def test_three_tenants_are_there_with_the_shop_of_the_pictures(db: DbEngine) -> None:
    assert db.tenants() == ["acme-eu", "northwind", "wide-world"]
    shop = {"config", "customers", "price_list", "suppliers", "tax_rules"}
    assert set(db.entries("northwind")) == shop


def test_some_thousand_versions_by_several_users_fill_two_years(db: DbEngine) -> None:
    versions = [info for log in every_log(db) for info in log]
    assert 2_000 < len(versions) < 6_000
    assert {info.user for info in versions} == {"ana", "import", "lena", "marco"}
    assert (NOW - min(info.when for info in versions)).days > 700
    assert (NOW - max(info.when for info in versions)).seconds < 600


def test_versions_come_in_the_order_of_their_dates_and_none_in_the_future(db: DbEngine) -> None:
    for log in every_log(db):
        assert all(newer.when > older.when for newer, older in pairwise(log))
        assert log[0].when <= NOW


def test_work_is_done_on_weekdays_mostly(db: DbEngine) -> None:
    versions = [info for log in every_log(db) for info in log]
    at_weekends = sum(info.when.weekday() >= 5 for info in versions)
    assert 0 < at_weekends < len(versions) / 10


def test_both_patterns_are_there_and_never_mixed(db: DbEngine) -> None:
    assert {info.action for info in whole_log(db, "northwind", "config")} == {"save"}
    for log in every_log(db):
        assert not {"save", "put"} <= {info.action for info in log}


def test_the_newest_versions_of_suppliers_differ_in_every_way(db: DbEngine) -> None:
    new, old = db.log("northwind", "suppliers", limit=2)
    left = db.load("northwind", "suppliers", old.digest, raw=True)
    right = db.load("northwind", "suppliers", new.digest, raw=True)
    found = {change.kind for change in diff(left, right).changes}
    assert found == {"added", "removed", "changed", "type_changed", "moved"}


def test_there_is_something_to_bring_back_and_something_brought_back(db: DbEngine) -> None:
    deleted = set(db.entries("acme-eu", deleted=True)) - set(db.entries("acme-eu"))
    assert deleted == {"orders_2024"}
    assert any(info.action == "restore" for info in whole_log(db, "northwind", "suppliers"))
    assert any(info.action == "delete" for info in whole_log(db, "northwind", "customers"))


@pytest.mark.parametrize("char", ["é", "Ł", "Ε", "К", "א", "ا", "東", "서", "ก", "म", "🎁"])
def test_many_scripts_are_there(db: DbEngine, char: str) -> None:
    heads = [info for tenant in db.tenants() for info in db.heads(tenant) if not info.deleted]
    texts = (
        text
        for info in heads
        for text in (info.entry, *strings_in(db.load(info.tenant, info.entry, raw=True)))
    )
    assert any(char in text for text in texts)


def test_a_long_text_is_edited_in_the_middle(db: DbEngine) -> None:
    new, old = (db.load("acme-eu", "terms", info.digest) for info in db.log("acme-eu", "terms")[:2])
    assert len(new) > 800
    assert new != old
    assert (new[:200], new[-50:]) == (old[:200], old[-50:])


def test_nothing_in_it_is_wrong(db: DbEngine) -> None:
    assert db.verify().ok


def test_the_same_moment_gives_the_same_digests(root: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.db"
    build_demo(again, now=NOW)
    with DbEngine(root, read_only=True) as one, DbEngine(again, read_only=True) as two:
        assert one.tenants() == two.tenants()
        for tenant in one.tenants():
            assert one.heads(tenant) == two.heads(tenant)


def test_a_demo_that_is_there_is_left_alone(root: Path) -> None:
    before = (root / "northwind" / "head").stat().st_mtime_ns
    build_demo(root, refuse)
    assert (root / "northwind" / "head").stat().st_mtime_ns == before


def refuse(_done: int, _total: int | None, _what: str) -> None:
    raise AssertionError("it was built again")


def stop_after(count: int) -> Callable[[int, int | None, str], None]:
    def progress(done: int, _total: int | None, _what: str) -> None:
        if done >= count:
            raise Cancelled("stopped")

    return progress


def test_a_cancelled_build_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        build_demo(tmp_path / "demo.db", stop_after(20), now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_up_to_the_total(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []

    def progress(done: int, total: int | None, _what: str) -> None:
        seen.append((done, total))
        if done == 200:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        build_demo(tmp_path / "demo.db", progress, now=NOW)
    assert [done for done, _total in seen] == list(range(1, 201))
    assert len({total for _done, total in seen}) == 1


def test_what_a_killed_build_left_is_swept_away_later(tmp_path: Path) -> None:
    left = tmp_path / ".demo.db-killed"
    left.mkdir()
    os.utime(left, (0, 0))
    with pytest.raises(Cancelled):
        build_demo(tmp_path / "demo.db", stop_after(1), now=NOW)
    assert not left.exists()


def test_a_folder_of_something_else_is_not_touched(tmp_path: Path) -> None:
    root = tmp_path / "demo.db"
    root.mkdir()
    (root / "letter.txt").write_text("mine")
    with pytest.raises(NotADatabase):
        build_demo(root, refuse)
    assert (root / "letter.txt").read_text() == "mine"
