"""The power goes while contents are written that are kept as trees and as changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dbengine import DbEngine
from dbengine.codec import load
from tests.crash.disk import Forgetful, killed
from tests.crash.power import (
    ROOT,
    Ignored,
    Lost,
    cut_the_power,
    syncs_that_matter,
)
from tests.crash.scenario import IN_PARTS, keep_in_parts, lived, opened

NAMES = [name for name in IN_PARTS if name != "init"]


@pytest.fixture(autouse=True)
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_in_parts(monkeypatch)


def same_handle(disk: Forgetful, until: str) -> DbEngine:
    return lived(ROOT, disk, until, IN_PARTS)


def settled(disk: Forgetful, until: str) -> DbEngine:
    same_handle(disk, until).close()
    return opened(ROOT, disk)


def in_the_journal(disk: Forgetful, until: str) -> DbEngine:
    killed(same_handle(disk, until))
    return opened(ROOT, disk)


Before = Callable[[Forgetful, str], DbEngine]
BEFORE: list[Before] = [same_handle, settled, in_the_journal]


def kept(db: DbEngine) -> list[set[str]]:
    """How each version of the scenario keeps its content, oldest first."""
    objects = [db._store.get("t", [digest])[digest] for digest in db.history("t", "doc")]
    return [set(load(data)["__content__"]) for data in reversed(objects)]


def test_this_life_has_trees_and_changes_of_every_kind() -> None:
    with same_handle(Forgetful(), "") as db:
        told, tree, in_a_tree = {"base", "step", "change"}, {"tree"}, {"base", "step", "tree"}
        assert kept(db)[:4] == [tree, told, in_a_tree, in_a_tree]
        assert len(list(db._store.objects("t"))) > 15


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", NAMES)
def test_what_was_acknowledged_lasts(name: str, before: Before) -> None:
    cut_the_power(
        lambda disk: before(disk, name), IN_PARTS[name], every=31, first=1 + len(name) % 31
    )


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", NAMES)
def test_what_was_acknowledged_lasts_at_many_steps(name: str, before: Before) -> None:
    cut_the_power(lambda disk: before(disk, name), IN_PARTS[name], every=5, first=1 + len(name) % 5)


SYNCS: dict[str, Ignored] = {
    "the line": lambda p: p.parent.name == "journal",
    "the objects of a checkpoint": lambda p: p == ROOT / "t" / "tmp",
    "the name of the head": lambda p: p == ROOT / "t",
}


@pytest.mark.parametrize("what", SYNCS)
def test_without_any_one_of_the_syncs_something_is_lost(what: str) -> None:
    name = "put a tree of changes"
    with pytest.raises(Lost):
        cut_the_power(lambda disk: in_the_journal(disk, name), IN_PARTS[name], SYNCS[what], every=3)


@pytest.mark.parametrize("name", ["save a tree", "put a tree of changes"])
def test_no_sync_is_one_too_many(name: str) -> None:
    assert syncs_that_matter(lambda disk: same_handle(disk, name), IN_PARTS[name]) >= 1
