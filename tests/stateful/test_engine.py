"""Any sequence of calls, against a model so plain that it is right by looking at it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dbengine import (
    Conflict,
    DbEngine,
    DbException,
    EntryNotFound,
    PatternError,
    RecordNotFound,
    Version,
    canonical,
)
from dbengine.tree import keeping, nodes
from tests.crash.disk import killed
from tests.dbengine.helpers import Clock

GONE = object()
ENTRIES = st.sampled_from(["users", "a/b"])
KEYS = st.sampled_from(["a", "b", "__type__"])
SMALL = st.sampled_from(
    [None, 0, 1, 1.0, True, "", [], [1], {}, {"b": 1, "a": 2}, {"a": 2, "b": 1}]
)
RECORDS = st.dictionaries(KEYS, SMALL, max_size=3)
WHOLE = RECORDS | SMALL | st.lists(SMALL, max_size=2)
USERS = st.sampled_from(["ann", "ben"])
INDEX = st.integers(0, 30)


def same(one: Any, other: Any) -> bool:
    if one is GONE or other is GONE:
        return one is other
    return canonical(one) == canonical(other)


class Life(RuleBasedStateMachine):
    """The model: for each entry the list of what each version held, oldest first."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.model: dict[str, list[Any]] = {}
        self.digests: dict[str, list[str]] = {}
        self.open()
        self.db.init("t")

    def open(self) -> None:
        self.db = DbEngine(self.folder / "db", clock=self.clock, durability="off")

    def teardown(self) -> None:
        assert self.db.verify().ok
        self.db.close()
        shutil.rmtree(self.folder, ignore_errors=True)  # a dropped handle may settle meanwhile

    def now(self, entry: str) -> Any:
        return self.model.get(entry, [GONE])[-1]

    def becomes(self, entry: str, value: Any) -> bool:
        """Tell the model of a write; whether it must be a new version."""
        changed = not same(self.now(entry), value)
        if changed:
            self.model.setdefault(entry, []).append(value)
            self.digests.setdefault(entry, []).append(self.db.get_digest("t", entry))
        return changed

    def refused(self, error: type[DbException], call: Callable[[], Any]) -> None:
        with pytest.raises(error):
            call()

    # ---- writes -----------------------------------------------------------------------------

    @rule(user=USERS, entry=ENTRIES, value=WHOLE)
    def save(self, user: str, entry: str, value: Any) -> None:
        digest = self.db.save("t", user, entry, value)
        self.becomes(entry, value)
        assert digest == self.digests[entry][-1]

    @rule(user=USERS, entry=ENTRIES, items=RECORDS, pairs=st.booleans())
    def put_many(self, user: str, entry: str, items: dict[str, Any], pairs: bool) -> None:
        given = list(items.items()) if pairs else items
        before = self.now(entry)
        if before is not GONE and not isinstance(before, dict):
            self.refused(PatternError, lambda: self.db.put_many("t", user, entry, given))
            return
        made = self.db.put_many("t", user, entry, given)
        after = {**({} if before is GONE else before), **items}
        assert made == (bool(items) and self.becomes(entry, after))

    @rule(user=USERS, entry=ENTRIES, key=KEYS)
    def delete_record(self, user: str, entry: str, key: str) -> None:
        before = self.now(entry)
        if before is GONE:
            self.refused(EntryNotFound, lambda: self.db.delete("t", user, entry, key))
        elif not isinstance(before, dict):
            self.refused(PatternError, lambda: self.db.delete("t", user, entry, key))
        elif key not in before:
            self.refused(RecordNotFound, lambda: self.db.delete("t", user, entry, key))
        else:
            assert self.db.delete("t", user, entry, key)
            assert self.becomes(entry, {k: v for k, v in before.items() if k != key})

    @rule(user=USERS, entry=ENTRIES)
    def delete(self, user: str, entry: str) -> None:
        if self.now(entry) is GONE:
            self.refused(EntryNotFound, lambda: self.db.delete("t", user, entry))
        else:
            assert self.db.delete("t", user, entry)
            assert self.becomes(entry, GONE)

    @precondition(lambda self: self.model)
    @rule(user=USERS, entry=ENTRIES, index=INDEX)
    def restore(self, user: str, entry: str, index: int) -> None:
        if entry not in self.model:
            return
        index %= len(self.model[entry])
        then, digest = self.model[entry][index], self.digests[entry][index]
        if then is GONE:
            self.refused(DbException, lambda: self.db.restore("t", user, entry, digest))
        else:
            top = self.db.restore("t", user, entry, digest)
            self.becomes(entry, then)
            assert top == self.digests[entry][-1]

    @rule(user=USERS, entry=ENTRIES, values=st.lists(WHOLE, max_size=3))
    def append_history(self, user: str, entry: str, values: list[Any]) -> None:
        moment = self.clock()
        versions = [Version(user, moment, value) for value in values]
        appended = self.db.append_history("t", entry, versions)
        written = 0
        for value in values:
            if not same(self.now(entry), value):
                self.model.setdefault(entry, []).append(value)
                written += 1
        assert (appended.written, appended.unchanged) == (written, len(values) - written)
        if written:
            self.digests[entry] = self.db.history("t", entry)[::-1]

    @rule(entry=ENTRIES, value=WHOLE, index=INDEX)
    def save_on_an_expected_head(self, entry: str, value: Any, index: int) -> None:
        digests = self.digests.get(entry, [])
        expect = digests[index % len(digests)] if digests else None
        if digests and expect != digests[-1]:
            self.refused(Conflict, lambda: self.db.save("t", "ann", entry, value, expect=expect))
        else:
            self.db.save("t", "ann", entry, value, expect=expect)
            self.becomes(entry, value)

    # ---- what must change nothing -----------------------------------------------------------

    @rule()
    def reopen(self) -> None:
        self.db.close()
        self.open()

    @rule()
    def be_killed_and_reopen(self) -> None:
        killed(self.db)
        self.open()

    @rule()
    def open_another_handle_and_leave_the_old_one(self) -> None:
        self.open()

    @rule()
    def init_again(self) -> None:
        self.db.init("t")

    @rule(entry=ENTRIES)
    def save_the_raw_head_back(self, entry: str) -> None:
        if self.now(entry) is not GONE:
            raw = self.db.load("t", entry, raw=True)
            assert self.db.save("t", "eve", entry, raw, raw=True) == self.digests[entry][-1]

    # ---- reading ----------------------------------------------------------------------------

    @rule(entry=ENTRIES, index=INDEX)
    def read_an_old_version(self, entry: str, index: int) -> None:
        if entry not in self.model:
            return
        index %= len(self.model[entry])
        value, digest = self.model[entry][index], self.digests[entry][index]
        if value is GONE:
            self.refused(EntryNotFound, lambda: self.db.load("t", entry, digest))
        else:
            assert same(self.db.load("t", entry, digest), value)
            if isinstance(value, dict):
                assert self.db.keys("t", entry, digest) == list(self.db.load("t", entry, digest))
        assert self.db.at("t", entry, index + 1) == digest
        assert self.db.history("t", entry, digest) == self.digests[entry][index::-1]

    @rule(entry=ENTRIES, key=KEYS)
    def read_the_history_of_a_record(self, entry: str, key: str) -> None:
        distinct: list[Any] = []
        for value in self.model.get(entry, []):
            record = value.get(key, GONE) if isinstance(value, dict) else GONE
            if not same(record, distinct[-1] if distinct else GONE):
                distinct.append(record)
        if distinct:
            found = self.db.record_history("t", entry, key)[::-1]
            values = [version.value if version.present else GONE for version in found]
            assert len(values) == len(distinct)
            assert all(same(a, b) for a, b in zip(values, distinct, strict=True))
        else:
            self.refused(DbException, lambda: self.db.record_history("t", entry, key))

    @invariant()
    def every_head_is_the_models(self) -> None:
        for entry in ("users", "a/b"):
            value = self.now(entry)
            assert self.db.exists("t", entry) == (value is not GONE)
            if value is not GONE:
                assert same(self.db.load("t", entry), value)
            if isinstance(value, dict):
                assert self.db.keys("t", entry) == list(self.now(entry)) or same(
                    dict.fromkeys(self.db.keys("t", entry)), dict.fromkeys(value)
                )
                assert len(self.db.get("t", entry)) == len(value)
        live = [entry for entry in sorted(self.model) if self.now(entry) is not GONE]
        assert self.db.entries("t") == live
        assert self.db.entries("t", deleted=True) == sorted(self.model)

    @invariant()
    def every_chain_is_whole(self) -> None:
        for entry, digests in self.digests.items():
            log = self.db.log("t", entry, limit=1000)
            assert [info.digest for info in log] == digests[::-1]
            assert [info.seq for info in log] == list(range(len(digests), 0, -1))
            dates = [info.date for info in log]
            assert dates == sorted(dates, reverse=True)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25)


class LifeInParts(Life):
    """The same where next to nothing is small enough to be kept whole, or in one part."""

    def __init__(self) -> None:
        self.sizes = nodes.PART, keeping._SHORT, keeping._INLINE, keeping._TOLD
        nodes.PART, keeping._SHORT, keeping._INLINE, keeping._TOLD = 24, 2, 16, 32
        super().__init__()

    def teardown(self) -> None:
        super().teardown()
        nodes.PART, keeping._SHORT, keeping._INLINE, keeping._TOLD = self.sizes


TestLifeInParts = LifeInParts.TestCase
TestLifeInParts.settings = settings(max_examples=60, stateful_step_count=25)


@pytest.mark.slow
@pytest.mark.timeout(1200)
class TestLongLifeInParts(LifeInParts.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=600, stateful_step_count=60)


@pytest.mark.slow
@pytest.mark.timeout(1200)
class TestLongLife(Life.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=600, stateful_step_count=60)
