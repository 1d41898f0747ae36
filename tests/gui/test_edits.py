from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbengine import Cancelled, Conflict, DbEngine, EntryNotFound, InvalidJson, PatternError
from gui import edits
from gui.edits import Order
from gui.jobs import Ref


class Ticket:
    def check(self) -> None:
        pass

    def progress(self, done: int, total: int | None, what: str) -> None:
        pass


TICKET = Ticket()


@pytest.fixture
def db(root: Path, clock: object) -> Iterator[DbEngine]:
    with DbEngine(root, clock=clock, durability="off") as db:
        yield db


def head(db: DbEngine, entry: str = "users") -> Ref:
    return Ref("acme", entry, db.get_digest("acme", entry))


def order(db: DbEngine, entry: str = "users", user: str = "ana") -> Order:
    return Order("acme", entry, user, db.get_digest("acme", entry))


def test_a_comparison_counts_its_changes_and_names_its_sides(db: DbEngine) -> None:
    newest, older = db.log("acme", "users")[:2]
    found = edits.compare(
        db, TICKET, Ref("acme", "users", older.digest), Ref("acme", "users", newest.digest)
    )
    assert (found.a_info, found.b_info) == (older, newest)
    assert dict(found.counts) == {"added": 1}
    assert found.changes[0].right_path == ("jane",)


def test_before_the_first_version_there_was_nothing(db: DbEngine) -> None:
    first = db.log("acme", "users")[-1]
    found = edits.compare(db, TICKET, None, Ref("acme", "users", first.digest))
    assert dict(found.counts) == {"added": 1}
    assert found.a_info is None


def test_a_plain_value_came_from_nothing_and_not_from_an_object(db: DbEngine) -> None:
    db.save("acme", "ana", "flag", True)
    found = edits.compare_with_parent(db, TICKET, Ref("acme", "flag"))
    (row,) = found.rows
    assert (row.kind, row.left, row.right.text, row.right.hint) == ("added", None, "true", "")
    db.delete("acme", "ana", "flag")
    found = edits.compare_with_parent(db, TICKET, Ref("acme", "flag"))
    (row,) = found.rows
    assert (row.kind, row.left.text, row.right) == ("removed", "true", None)


def test_a_version_compares_with_the_one_before_it(db: DbEngine) -> None:
    newest, before, *_, first = db.log("acme", "users")
    found = edits.compare_with_parent(db, TICKET, Ref("acme", "users"))
    assert (found.a_info, found.b_info) == (before, newest)
    found = edits.compare_with_parent(db, TICKET, Ref("acme", "users", first.digest))
    assert (found.a_info, found.b_info) == (None, first)


def long_comparison(db: DbEngine) -> tuple[Ref, Ref]:
    """Two versions whose every record differs."""
    for age in (1, 2):
        db.save("acme", "ana", "many", {f"k{at}": {"age": age} for at in range(1_000)})
    return tuple(Ref("acme", "many", digest) for digest in reversed(db.history("acme", "many")))


def test_of_a_large_comparison_the_first_rows_come_first(
    db: DbEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "FIRST", 20)
    begun = edits.compare(db, TICKET, *long_comparison(db))
    assert not begun.whole
    whole = edits.lay_out(db, TICKET, begun)
    assert whole.whole
    assert 20 <= len(begun.rows) < len(whole.rows)
    assert list(begun.rows) == list(whole.rows)[: len(begun.rows)]
    assert len(whole.rows.starts) == len(whole.changes) == len(begun.changes) == 1_000
    assert whole.diff is begun.diff


def test_a_comparison_that_fits_is_whole_at_once(db: DbEngine) -> None:
    assert edits.compare(db, TICKET, *long_comparison(db)).whole


def test_a_preview_is_always_whole(db: DbEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "FIRST", 20)
    old, _new = long_comparison(db)
    assert edits.preview_restore(db, TICKET, old).comparison.whole


def test_rows_are_laid_out_no_further_when_nobody_wants_them(
    db: DbEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient(Ticket):
        told = 0

        def progress(self, done: int, total: int | None, what: str) -> None:
            self.told += 1
            raise Cancelled("Cancelled.")

    begun = edits.compare(db, TICKET, *long_comparison(db))
    monkeypatch.setattr(edits, "FIRST", 20)
    ticket = Impatient()
    with pytest.raises(Cancelled):
        edits.lay_out(db, ticket, begun)
    assert ticket.told == 1


def test_an_entry_kept_by_put_is_edited_record_by_record(db: DbEngine) -> None:
    found = edits.editable(db, TICKET, Ref("acme", "users"), None, None)
    assert found.base == head(db)
    assert (found.key, found.keys) == ("john", ("john", "jane"))
    assert json.loads(found.text) == {"name": "John", "age": 32}


@pytest.mark.parametrize("entry", ["config", "list"])
def test_an_entry_kept_by_save_is_edited_as_a_whole(db: DbEngine, entry: str) -> None:
    found = edits.editable(db, TICKET, Ref("acme", entry), None, None)
    assert found.key is None
    assert json.loads(found.text) == db.load("acme", entry)


def test_one_can_say_what_to_edit(db: DbEngine) -> None:
    users = Ref("acme", "users")
    assert edits.editable(db, TICKET, users, None, True).key is None
    assert edits.editable(db, TICKET, users, "jane", False).key == "jane"


def test_the_items_of_a_first_list_are_additions_too(db: DbEngine) -> None:
    found = edits.compare(db, TICKET, None, Ref("acme", "list"))
    assert {change.kind for change in found.changes} == {"added"}


def test_a_deletion_compares_as_nothing(db: DbEngine) -> None:
    db.delete("acme", "ana", "users")
    deleted, before = db.log("acme", "users")[:2]
    found = edits.compare(
        db, TICKET, Ref("acme", "users", before.digest), Ref("acme", "users", deleted.digest)
    )
    assert dict(found.counts) == {"removed": 2}


def test_different_entries_and_files_can_be_compared(db: DbEngine, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"theme": "light", "size": {"w": 1, "h": 2}}')
    found = edits.compare(db, TICKET, Ref("acme", "config"), path)
    assert [(change.kind, change.new) for change in found.changes] == [("changed", "light")]
    assert json.loads(edits.patch_text(None, TICKET, found.diff)) == [
        {"op": "replace", "path": "/theme", "value": "light"}
    ]


def test_a_preview_of_save_shows_what_changes(db: DbEngine) -> None:
    text = '{"theme": "light", "size": {"w": 1, "h": 2}}'
    preview = edits.preview_save(db, TICKET, head(db, "config"), text)
    assert preview.records == (("theme", "changed"),)
    assert preview.expect == db.get_digest("acme", "config")
    assert dict(preview.comparison.counts) == {"changed": 1}


def test_a_preview_says_where_the_text_is_wrong(db: DbEngine) -> None:
    with pytest.raises(InvalidJson) as caught:
        edits.preview_save(db, TICKET, head(db, "config"), '{"theme":\n  oops}')
    assert (caught.value.line, caught.value.column) == (2, 3)


def test_a_preview_from_an_old_head_is_a_conflict(db: DbEngine) -> None:
    base = head(db)
    db.put("acme", "marco", "users", "jim", {})
    with pytest.raises(Conflict, match="marco") as caught:
        edits.preview_put(db, TICKET, base, "john", "{}")
    assert caught.value.current == db.get_digest("acme", "users")


def test_a_preview_of_put_shows_one_record(db: DbEngine) -> None:
    preview = edits.preview_put(db, TICKET, head(db), "john", '{"name": "John", "age": 40}')
    assert preview.records == (("john", "changed"),)
    assert [change.right_path for change in preview.comparison.changes] == [("john", "age")]


def test_a_record_cannot_be_put_into_a_list(db: DbEngine) -> None:
    with pytest.raises(PatternError):
        edits.preview_put(db, TICKET, head(db, "list"), "john", "{}")


def test_a_new_entry_is_previewed_and_saved(db: DbEngine) -> None:
    preview = edits.preview_save(db, TICKET, Ref("acme", "new"), '{"a": 1}')
    assert preview.head is None
    assert dict(preview.comparison.counts) == {"added": 1}
    written = edits.write_save(
        db, TICKET, Order("acme", "new", "ana", preview.expect, "First"), '{"a": 1}'
    )
    assert written.before is None
    assert (written.after.note, written.after.user) == ("First", "ana")
    assert db.load("acme", "new") == {"a": 1}


def test_a_new_entry_that_exists_already_is_a_conflict(db: DbEngine) -> None:
    with pytest.raises(Conflict):
        edits.preview_save(db, TICKET, Ref("acme", "config"), "{}")
    with pytest.raises(Conflict):
        edits.write_save(db, TICKET, Order("acme", "config", "ana", None), "{}")


def test_a_new_entry_may_take_the_name_of_a_deleted_one(db: DbEngine) -> None:
    db.delete("acme", "ana", "config")
    preview = edits.preview_save(db, TICKET, Ref("acme", "config"), "[1]")
    written = edits.write_save(db, TICKET, Order("acme", "config", "ana", preview.expect), "[1]")
    assert written.changed
    assert written.before == preview.head


def test_a_put_writes_one_record_and_says_what_it_did(db: DbEngine) -> None:
    before = db.info("acme", "users")
    written = edits.write_put(db, TICKET, order(db), "john", '{"name": "Johnny"}')
    assert written.before == before
    assert written.after == db.info("acme", "users")
    assert written.changed
    assert db.get("acme", "users", "jane") == {"name": "Jane", "age": 25}


def test_a_write_that_changes_nothing_says_so(db: DbEngine) -> None:
    written = edits.write_put(db, TICKET, order(db), "jane", '{"age": 25, "name": "Jane"}')
    assert not written.changed
    assert written.before == written.after == db.info("acme", "users")


def test_what_was_written_is_told_apart_from_what_others_wrote_after(db: DbEngine) -> None:
    by, before = order(db), db.info("acme", "users")
    db.put("acme", "ana", "users", "ours", 1)
    for number in range(30):
        db.put("acme", "lena", "users", f"later{number}", number)
    assert edits._written(db, by, before).after.keys == ("ours",)


def test_editing_strips_no_type(db: DbEngine) -> None:
    db.save("acme", "ana", "typed", {"when": {1, 2}, "n": 1})
    raw = db.load("acme", "typed", raw=True)
    edits.write_save(db, TICKET, order(db, "typed"), json.dumps({**raw, "n": 2}))
    assert db.load("acme", "typed") == {"when": {1, 2}, "n": 2}


def test_a_record_is_deleted_after_a_preview(db: DbEngine) -> None:
    preview = edits.preview_delete(db, TICKET, head(db), "jane")
    assert preview.records == (("jane", "removed"),)
    edits.write_delete(db, TICKET, order(db), "jane")
    assert db.keys("acme", "users") == ["john"]


def test_an_entry_is_deleted_after_a_preview(db: DbEngine) -> None:
    preview = edits.preview_delete(db, TICKET, head(db))
    assert dict(preview.comparison.counts) == {"removed": 2}
    written = edits.write_delete(db, TICKET, order(db))
    assert written.after.deleted
    assert not db.exists("acme", "users")


def test_restore_shows_now_and_after_and_what_can_be_ticked(db: DbEngine) -> None:
    first = db.log("acme", "users")[-1]
    then = Ref("acme", "users", first.digest)
    preview = edits.preview_restore(db, TICKET, then)
    assert preview.records == (("john", "changed"), ("jane", "removed"))
    assert dict(preview.comparison.counts) == {"changed": 1, "removed": 1}
    some = edits.preview_restore(db, TICKET, then, ("john",))
    assert some.records == preview.records
    assert dict(some.comparison.counts) == {"changed": 1}


def test_only_the_ticked_records_come_back(db: DbEngine) -> None:
    first = db.log("acme", "users")[-1]
    edits.write_restore(db, TICKET, order(db), first.digest, ("john",))
    assert db.load("acme", "users") == {
        "john": {"name": "John", "age": 30},
        "jane": {"name": "Jane", "age": 25},
    }


def test_a_deleted_entry_is_restored(db: DbEngine) -> None:
    before = db.get_digest("acme", "users")
    db.delete("acme", "ana", "users")
    preview = edits.preview_restore(db, TICKET, Ref("acme", "users", before))
    assert dict(preview.comparison.counts) == {"added": 2}
    by = Order("acme", "users", "ana", preview.expect)
    edits.write_restore(db, TICKET, by, before)
    assert db.keys("acme", "users") == ["john", "jane"]


def test_undo_puts_back_what_was_there(db: DbEngine) -> None:
    before = db.load("acme", "users")
    written = edits.write_put(db, TICKET, order(db), "john", "1")
    undone = edits.undo(db, TICKET, "ana", written, "Undo")
    assert db.load("acme", "users") == before
    assert undone.after.note == "Undo"
    edits.undo(db, TICKET, "ana", undone)
    assert db.get("acme", "users", "john") == 1


def test_undo_of_a_creation_deletes_the_entry(db: DbEngine) -> None:
    written = edits.write_save(db, TICKET, Order("acme", "new", "ana", None), "1")
    edits.undo(db, TICKET, "ana", written)
    assert not db.exists("acme", "new")


def test_undo_of_a_deletion_brings_the_entry_back(db: DbEngine) -> None:
    written = edits.write_delete(db, TICKET, order(db))
    edits.undo(db, TICKET, "ana", written)
    assert db.keys("acme", "users") == ["john", "jane"]


def test_undo_does_not_run_over_what_others_wrote(db: DbEngine) -> None:
    written = edits.write_put(db, TICKET, order(db), "john", "1")
    db.put("acme", "marco", "users", "jim", 2)
    with pytest.raises(Conflict):
        edits.undo(db, TICKET, "ana", written)
    assert db.get("acme", "users", "jim") == 2


def test_a_draft_takes_in_what_others_changed_elsewhere(db: DbEngine) -> None:
    base = head(db, "config")
    db.put("acme", "marco", "config", "theme", "light")
    draft = '{"theme": "dark", "size": {"w": 9, "h": 2}}'
    merged = edits.merge_draft(db, TICKET, base, draft)
    assert merged.overlaps == ()
    assert json.loads(merged.text or "") == {"theme": "light", "size": {"w": 9, "h": 2}}
    assert [change.right_path for change in merged.comparison.changes] == [("size", "w")]
    assert merged.theirs == db.info("acme", "config")


def test_a_draft_of_what_others_changed_too_is_not_merged(db: DbEngine) -> None:
    base = head(db, "config")
    db.put("acme", "marco", "config", "theme", "light")
    merged = edits.merge_draft(db, TICKET, base, '{"theme": "blue"}')
    assert merged.text is None
    assert merged.overlaps == (("theme",),)
    assert ("theme",) in [change.right_path for change in merged.comparison.changes]


def test_the_draft_of_a_record_is_merged_within_the_record(db: DbEngine) -> None:
    base = head(db)
    db.put("acme", "marco", "users", "john", {"name": "John", "age": 40})
    merged = edits.merge_draft(db, TICKET, base, '{"name": "Johnny", "age": 32}', "john")
    assert json.loads(merged.text or "") == {"name": "Johnny", "age": 40}
    assert [change.right_path for change in merged.comparison.changes] == [("john", "name")]


def test_the_draft_of_a_record_that_others_deleted_overlaps(db: DbEngine) -> None:
    base = head(db)
    db.delete("acme", "marco", "users", "john")
    merged = edits.merge_draft(db, TICKET, base, '{"name": "Johnny"}', "john")
    assert merged.text is None
    assert dict(merged.comparison.counts) == {"added": 1}


def test_the_draft_of_an_entry_that_others_deleted_overlaps(db: DbEngine) -> None:
    base = head(db, "config")
    db.delete("acme", "marco", "config")
    assert edits.merge_draft(db, TICKET, base, '{"theme": "blue"}').text is None


def test_an_unchanged_draft_of_a_deleted_entry_overlaps_too(db: DbEngine) -> None:
    base = head(db, "config")
    text = json.dumps(db.load("acme", "config"))
    db.delete("acme", "marco", "config")
    merged = edits.merge_draft(db, TICKET, base, text)
    assert (merged.text, merged.overlaps) == (None, ((),))


def test_a_version_that_is_not_there_is_not_found(db: DbEngine) -> None:
    with pytest.raises(EntryNotFound):
        edits.compare(db, TICKET, None, Ref("acme", "nothing"))
