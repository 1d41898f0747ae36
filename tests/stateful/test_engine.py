"""Any sequence of calls, against a model so plain that it is right by looking at it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
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
    InvalidArgument,
    PatternError,
    RecordNotFound,
    Version,
)
from dbengine.tree import keeping, nodes
from tests.crash.disk import killed
from tests.dbengine.helpers import Clock
from tests.stateful.other import other
from tests.stateful.values import (
    ENTRIES,
    GONE,
    INDEX,
    KEYS,
    PLAIN,
    RECORDS,
    SMALL,
    USERS,
    WHOLE,
    exact,
    plain,
    same,
)


@pytest.fixture(scope="module", autouse=True)
def no_process_stays() -> Iterator[None]:
    yield
    other().end()
    other.cache_clear()


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
        self.cursor = self.db._store.changes("t", None, 0, 1)[1]
        self.told: dict[str, str] = {}

    def open(self) -> None:
        self.db = DbEngine(self.folder / "db", clock=self.clock, durability="off")

    def teardown(self) -> None:
        self.see_every_head()
        assert self.db.verify().problems == ()
        self.db.close()
        other().call(self.db.root, "close")
        shutil.rmtree(self.folder, ignore_errors=True)  # a dropped handle may settle meanwhile

    def given(self, value: Any) -> Any:
        """What is written where a value is to be."""
        return value

    def now(self, entry: str) -> Any:
        return self.model.get(entry, [GONE])[-1]

    def becomes(self, entry: str, value: Any) -> bool:
        """Tell the model of a write; whether it must be a new version."""
        value = plain(value)
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
        digest = self.db.save("t", user, entry, self.given(value))
        self.becomes(entry, value)
        assert digest == self.digests[entry][-1]

    @rule(user=USERS, entry=ENTRIES, items=RECORDS, pairs=st.booleans())
    def put_many(self, user: str, entry: str, items: dict[str, Any], pairs: bool) -> None:
        items = self.given(items)
        given = list(items.items()) if pairs else items
        before = self.now(entry)
        if before is not GONE and not isinstance(before, dict):
            self.refused(PatternError, lambda: self.db.put_many("t", user, entry, given))
            return
        made = self.db.put_many("t", user, entry, given)
        after = {**({} if before is GONE else before), **plain(items)}
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

    @precondition(lambda self: self.model)
    @rule(user=USERS, entry=ENTRIES, index=INDEX, keys=st.lists(KEYS, max_size=3, unique=True))
    def restore_records(self, user: str, entry: str, index: int, keys: list[str]) -> None:
        if entry not in self.model:
            return
        index %= len(self.model[entry])
        then, digest = self.model[entry][index], self.digests[entry][index]
        now = self.now(entry)
        present = {} if now is GONE else now
        call = lambda: self.db.restore("t", user, entry, digest, keys=keys)  # noqa: E731
        if then is GONE:
            self.refused(InvalidArgument, call)
        elif keys and not (isinstance(then, dict) and isinstance(present, dict)):
            self.refused(PatternError, call)
        elif any(key not in then and key not in present for key in keys):
            self.refused(RecordNotFound, call)
        else:
            top = call()
            if keys:
                left = {k: v for k, v in present.items() if k not in keys or k in then}
                self.becomes(entry, {**left, **{k: then[k] for k in keys if k in then}})
            assert top == self.digests[entry][-1]

    @rule(user=USERS, entry=ENTRIES, values=st.lists(WHOLE, max_size=3))
    def append_history(self, user: str, entry: str, values: list[Any]) -> None:
        moment = self.clock()
        versions = [Version(user, moment, self.given(value)) for value in values]
        appended = self.db.append_history("t", entry, versions)
        written = 0
        for value in map(plain, values):
            if not same(self.now(entry), value):
                self.model.setdefault(entry, []).append(value)
                written += 1
        assert (appended.written, appended.unchanged) == (written, len(values) - written)
        if written:
            self.digests[entry] = self.db.history("t", entry)[::-1]

    @rule(entry=ENTRIES, value=WHOLE, index=INDEX)
    def save_on_an_expected_head(self, entry: str, value: Any, index: int) -> None:
        value, digests = self.given(value), self.digests.get(entry, [])
        expect = digests[index % len(digests)] if digests else None
        if digests and expect != digests[-1]:
            self.refused(Conflict, lambda: self.db.save("t", "ann", entry, value, expect=expect))
        else:
            self.db.save("t", "ann", entry, value, expect=expect)
            self.becomes(entry, value)

    # ---- another process --------------------------------------------------------------------

    @rule(user=USERS, entry=ENTRIES, value=PLAIN)
    def save_by_another_process(self, user: str, entry: str, value: Any) -> None:
        told = self.db.watch("t", timeout=0)
        digest = other().call(self.db.root, "save", "t", user, entry, value)
        changed = self.becomes(entry, value)
        assert digest == self.digests[entry][-1]
        assert [info.digest for info in told] == ([digest] if changed else [])

    @rule(user=USERS, entry=ENTRIES, key=KEYS, value=SMALL)
    def put_by_another_process(self, user: str, entry: str, key: str, value: Any) -> None:
        before = self.now(entry)
        if before is GONE or isinstance(before, dict):
            made = other().call(self.db.root, "put", "t", user, entry, key, value)
            assert made == self.becomes(entry, {**({} if before is GONE else before), key: value})

    @rule()
    def pack_by_another_process(self) -> None:
        other().call(self.db.root, "pack", "t")

    @rule()
    def checkpoint_by_another_process(self) -> None:
        other().call(self.db.root, "close")

    @rule(entry=ENTRIES)
    def read_by_another_process(self, entry: str) -> None:
        if self.now(entry) is not GONE:
            assert exact(other().call(self.db.root, "load", "t", entry)) == exact(self.now(entry))

    @rule()
    def see_every_head(self) -> None:
        """A feed of what moved misses no head, whoever moved it, and whichever handle asks."""
        while True:
            moves, self.cursor = self.db._store.changes("t", self.cursor, 0, 1)
            if not moves:
                break
            self.told.update(moves)
        assert self.told == {entry: digests[-1] for entry, digests in self.digests.items()}

    # ---- what must change nothing -----------------------------------------------------------

    @rule()
    def pack(self) -> None:
        self.db.pack("t")

    @rule()
    def verify_and_repair(self) -> None:
        report = self.db.verify(repair=True)
        assert report.problems == report.healed == ()
        assert report.versions == sum(map(len, self.digests.values()))

    @rule()
    def carry_over_into_a_second_database(self) -> None:
        """Again and again: it is brought forward each time."""
        self.db.export("t", self.folder / "file")
        with DbEngine(self.folder / "second", durability="off") as second:
            second.import_("t", self.folder / "file")
            for entry, digests in self.digests.items():
                assert second.history("t", entry) == digests[::-1]
                for digest, value in zip(digests, self.model[entry], strict=True):
                    if value is not GONE:
                        assert exact(second.load("t", entry, digest)) == exact(value)
            assert second.verify().problems == ()

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
            assert exact(self.db.load("t", entry, digest)) == exact(value)
            if isinstance(value, dict):
                assert self.db.keys("t", entry, digest) == list(value)
                assert exact(self.db.get("t", entry, digest=digest)) == exact([*value.values()])
                for key, record in value.items():
                    assert exact(self.db.get("t", entry, key, digest)) == exact(record)
        assert self.db.at("t", entry, index + 1) == digest
        assert self.db.resolve("t", entry, digest[:12]) == digest
        assert self.db.info("t", entry, digest).seq == index + 1
        assert self.db.history("t", entry, digest) == self.digests[entry][index::-1]

    @rule(entry=ENTRIES, index=INDEX)
    def read_as_of_a_moment(self, entry: str, index: int) -> None:
        if entry not in self.model:
            return
        log = self.db.log("t", entry, limit=1000)
        moment = log[index % len(log)].date
        assert self.db.at("t", entry, moment) == next(i.digest for i in log if i.date <= moment)

    @rule(entry=ENTRIES, one=INDEX, two=INDEX)
    def read_what_changed(self, entry: str, one: int, two: int) -> None:
        if entry not in self.model:
            return
        indexes = [index % len(self.model[entry]) for index in (one, two)]
        old, new = ({} if (v := self.model[entry][i]) is GONE else v for i in indexes)
        call = lambda: self.db.changes("t", entry, *(self.digests[entry][i] for i in indexes))  # noqa: E731
        if not (isinstance(old, dict) and isinstance(new, dict)):
            self.refused(PatternError, call)
            return
        found = [(c.kind, c.key, exact(c.old), exact(c.new)) for c in call()]
        none = exact(None)
        assert found == [
            *(("added", k, none, exact(new[k])) for k in sorted(new) if k not in old),
            *(
                ("changed", k, exact(old[k]), exact(new[k]))
                for k in sorted(old)
                if k in new and not same(old[k], new[k])
            ),
            *(("removed", k, exact(old[k]), none) for k in sorted(old) if k not in new),
        ]

    @rule(entry=ENTRIES, key=KEYS, path=st.sampled_from([(), ("a",)]))
    def read_the_history_of_a_record(self, entry: str, key: str, path: tuple[str, ...]) -> None:
        distinct: list[Any] = []
        for value in self.model.get(entry, []):
            record = value.get(key, GONE) if isinstance(value, dict) else GONE
            for step in path:
                record = record.get(step, GONE) if isinstance(record, dict) else GONE
            if not same(record, distinct[-1] if distinct else GONE):
                distinct.append(record)
        if distinct:
            found = self.db.record_history("t", entry, key, path=path)[::-1]
            values = [version.value if version.present else GONE for version in found]
            assert len(values) == len(distinct)
            assert all(same(a, b) for a, b in zip(values, distinct, strict=True))
        else:
            self.refused(DbException, lambda: self.db.record_history("t", entry, key, path=path))

    @invariant()
    def every_head_is_the_models(self) -> None:
        for entry in ("users", "a/b"):
            value = self.now(entry)
            assert self.db.exists("t", entry) == (value is not GONE)
            if value is not GONE:
                assert exact(self.db.load("t", entry)) == exact(value)
            if isinstance(value, dict):
                assert self.db.keys("t", entry) == list(value)
        live = [entry for entry in sorted(self.model) if self.now(entry) is not GONE]
        assert self.db.entries("t") == live
        assert self.db.entries("t", deleted=True) == sorted(self.model)
        heads = {info.entry: info.digest for info in self.db.heads("t")}
        assert heads == {entry: digests[-1] for entry, digests in self.digests.items()}

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

    def given(self, value: Any) -> Any:
        """A part never holds less than what refers to a shared object."""
        return plain(value)

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
