"""The values that the engine hands out: snapshots that know their version, dates, information."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest

from dbengine import DbEngine, Snapshot, Version, format_date, parse_date


@pytest.fixture
def snap(db: DbEngine) -> Snapshot:
    db.save("t", "ann", "n", {"a": 1})
    db.save("t", "ben", "n", {"a": 1, "b": None})
    loaded = db.load("t", "n")
    assert type(loaded) is Snapshot
    return loaded


def test_a_snapshot_knows_its_version(db: DbEngine, snap: Snapshot) -> None:
    head, first = db.history("t", "n")
    assert (snap.digest, snap.parent, snap.user, snap.seq) == (head, first, "ben", 2)
    assert snap.date == "20260131 12:00:02"


def test_a_snapshot_answers_its_metadata(snap: Snapshot) -> None:
    assert snap["__parent__"] == snap.parent
    assert snap["__user__"] == "ben"
    assert snap["__date__"] == snap.date
    assert snap.get("__user__") == "ben"
    assert "__date__" in snap
    with pytest.raises(KeyError):
        snap["__seq__"]
    with pytest.raises(KeyError):
        snap["c"]
    assert "c" not in snap
    assert snap.get("c") is None
    assert snap.get("c", 5) == 5
    assert snap.get("b", 5) is None


def test_everything_else_sees_only_the_users_items(snap: Snapshot) -> None:
    user = {"a": 1, "b": None}
    assert snap == user
    assert user == snap
    assert list(snap) == ["a", "b"]
    assert len(snap) == 2
    assert dict(snap) == user
    assert {**snap} == user
    assert snap | {} == user
    assert json.loads(json.dumps(snap)) == user
    assert type(snap.copy()) is dict


def test_a_key_of_the_users_own_wins(db: DbEngine) -> None:
    db.save("t", "ann", "n", {"__user__": None, "__parent__": [1]})
    snap = db.load("t", "n")
    assert snap["__user__"] is None
    assert snap.get("__user__", 5) is None
    assert snap["__parent__"] == [1]
    assert snap["__date__"] == "20260131 12:00:01"
    assert (snap.user, snap.parent) == ("ann", None)


def test_a_snapshot_is_copied_and_pickled_with_its_version(snap: Snapshot) -> None:
    for twin in (copy.copy(snap), copy.deepcopy(snap), pickle.loads(pickle.dumps(snap))):
        assert type(twin) is Snapshot
        assert twin == snap
        assert (twin.digest, twin["__user__"]) == (snap.digest, "ben")


def test_a_date_is_written_in_utc_to_the_second() -> None:
    zone = timezone(timedelta(hours=-5))
    moment = datetime(2025, 12, 31, 23, 59, 59, 999_999, zone)
    assert format_date(moment) == "20260101 04:59:59"
    assert parse_date("20260101 04:59:59") == datetime(2026, 1, 1, 4, 59, 59, tzinfo=UTC)
    assert format_date(datetime(7, 1, 1, tzinfo=UTC)) == "00070101 00:00:00"


@pytest.mark.usefixtures("snap")
def test_what_is_handed_out_cannot_be_changed(db: DbEngine) -> None:
    for value in (db.info("t", "n"), Version("ann", datetime.now(UTC), 1)):
        with pytest.raises(AttributeError):
            value.user = "eve"  # type: ignore[misc]
