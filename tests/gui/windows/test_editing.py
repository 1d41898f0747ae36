"""Drafts, the review before a write, and what is made and deleted."""

from __future__ import annotations

from dbengine import DbEngine
from gui.jobs import Ref
from gui.windows.ask import Confirm
from gui.windows.new_item import NewItem

from .user import User


def edits(user: User, entry: str, text: str) -> None:
    user.goes("acme", entry, "edit")
    user.types(text)


def test_what_was_written_by_put_is_edited_record_by_record(user: User) -> None:
    user.goes("acme", "users", "edit")
    draft = user.window.center.edit.draft
    assert draft is not None
    assert draft.key == "john"


def test_what_was_written_by_save_is_edited_as_a_whole(user: User) -> None:
    user.goes("acme", "config", "edit")
    draft = user.window.center.edit.draft
    assert draft is not None
    assert draft.key is None


def test_the_record_that_one_looks_at_is_the_one_that_is_edited(user: User) -> None:
    user.goes("acme", "users")
    user.window.select_path(("jane", "age"))
    user.does("edit_mode")
    draft = user.window.center.edit.draft
    assert draft is not None
    assert draft.key == "jane"


def test_nothing_is_written_before_the_review_is_accepted(user: User) -> None:
    edits(user, "config", '{"theme": "light"}')
    user.does("save")
    user.reviews().reject()
    user.settles()
    with user.another() as db:
        assert db.load("acme", "config")["theme"] == "dark"
    assert user.window.center.edit.dirty


def test_a_reviewed_draft_is_written_with_its_note(user: User) -> None:
    edits(user, "config", '{"theme": "light"}')
    user.does("save")
    user.reviews()._note.setText("Brighter")
    user.accepts_the_review()
    with user.another() as db:
        assert db.load("acme", "config") == {"theme": "light"}
        assert db.info("acme", "config").note == "Brighter"
    assert not user.window.center.edit.dirty
    assert len(user.window.editing.drafts) == 0


def test_a_record_is_written_and_the_others_stay(user: User) -> None:
    edits(user, "users", '{"name": "Johnny"}')
    user.does("save")
    user.accepts_the_review()
    with user.another() as db:
        assert db.load("acme", "users") == {
            "john": {"name": "Johnny"},
            "jane": {"name": "Jane", "age": 25},
        }
    assert user.message() == "Saved. This is version 5."


def test_what_is_no_json_is_not_even_reviewed(user: User) -> None:
    edits(user, "config", '{"theme": }')
    user.does("save")
    assert user.window.editing.review is None
    assert "Line 1, column 11" in user.window.center.edit.said()


def test_what_the_engine_would_refuse_is_told_before_the_review(user: User) -> None:
    edits(user, "config", '{"big": 99999999999999999999999}')
    user.does("save")
    assert "beyond 64 bits" in user.window.center.edit.said()
    assert user.window.editing.review is None


def test_a_draft_survives_looking_at_something_else(user: User) -> None:
    edits(user, "config", '{"theme": "light"}')
    user.goes("acme", "users")
    user.goes("acme", "config", "edit")
    assert user.window.center.edit.editor.text() == '{"theme": "light"}'


def test_a_draft_that_says_what_is_stored_is_none(user: User) -> None:
    user.goes("acme", "config", "edit")
    stored = user.window.center.edit.editor.text()
    user.types("{}")
    assert len(user.window.editing.drafts) == 1
    user.types(stored)
    assert len(user.window.editing.drafts) == 0


def test_a_draft_is_discarded_only_after_asking(user: User) -> None:
    edits(user, "config", "{}")
    user.does("discard")
    user.dialog(Confirm).reject()
    assert user.window.center.edit.editor.text() == "{}"
    user.does("discard")
    user.dialog(Confirm).accept()
    user.settles()
    assert '"dark"' in user.window.center.edit.editor.text()


def test_what_is_typed_while_a_draft_is_being_written_stays_a_draft(user: User) -> None:
    edits(user, "config", '{"theme": "light"}')
    user.does("save")
    user.reviews().accept()
    user.types('{"theme": "lighter"}')
    user.settles()
    assert user.window.center.edit.dirty
    assert user.window.center.edit.editor.text() == '{"theme": "lighter"}'
    with user.another() as db:
        assert db.load("acme", "config") == {"theme": "light"}


def test_a_review_that_was_left_is_not_what_a_later_write_is_about(user: User) -> None:
    edits(user, "config", '{"theme": "light"}')
    user.does("save")
    user.reviews().reject()
    user.goes("acme", "list")
    user.does("delete_entry")
    user.accepts_the_review()
    assert [draft.base.entry for draft in user.window.editing.drafts] == ["config"]


def test_a_new_entry_is_made_and_shown(user: User) -> None:
    user.goes("acme", "users")
    user.does("new_entry")
    dialog = user.dialog(NewItem)
    dialog.name_field.setText("a/b\tc 🎉")
    dialog.editor.replace_text("[1]")
    dialog.accept()
    user.settles()
    assert user.session.place.ref == Ref("acme", "a/b\tc 🎉")
    assert user.seq() == 1


def test_a_new_entry_of_a_name_that_is_taken_stays_in_the_dialog(user: User) -> None:
    user.goes("acme", "users")
    user.does("new_entry")
    dialog = user.dialog(NewItem)
    dialog.name_field.setText("config")
    dialog.editor.replace_text('{"mine": 1}')
    dialog.accept()
    user.settles()
    assert dialog.isVisible()
    assert dialog._flaw.text() == "There is an entry of this name already."
    dialog.name_field.setText("config 2")
    dialog.accept()
    user.settles()
    with user.another() as db:
        assert db.load("acme", "config 2") == {"mine": 1}
        assert db.info("acme", "config").seq == 1


def test_a_new_record_never_takes_the_place_of_another(user: User) -> None:
    user.goes("acme", "users")
    user.does("new_record")
    dialog = user.dialog(NewItem)
    dialog.name_field.setText("john")
    dialog.accept()
    user.settles()
    assert "already a record" in dialog._flaw.text()
    with user.another() as db:
        assert db.get("acme", "users", "john") == {"name": "John", "age": 32}
    dialog.reject()


def test_a_new_record_goes_on_top_of_what_another_process_wrote(user: User) -> None:
    user.goes("acme", "users")
    with user.another() as db:
        db.put("acme", "lena", "users", "kim", 1)
    user.does("new_record")
    dialog = user.dialog(NewItem)
    dialog.name_field.setText("lee")
    dialog.editor.replace_text("2")
    dialog.accept()
    user.settles()
    with user.another() as db:
        assert db.keys("acme", "users") == ["john", "jane", "kim", "lee"]


def test_a_new_entry_is_shown_as_it_is_now_whatever_was_compared(user: User) -> None:
    user.goes("acme", "users")
    a, b = Ref("acme", "config"), Ref("acme", "users")
    user.session.move(mode="compare", a=a, b=b)
    user.settles()
    user.does("new_entry")
    dialog = user.dialog(NewItem)
    dialog.name_field.setText("new")
    dialog.accept()
    user.settles()
    place = user.session.place
    assert (place.entry, place.a, place.b, place.as_of) == ("new", None, None, None)


def test_a_record_is_deleted_after_a_review(user: User) -> None:
    user.goes("acme", "users")
    user.window.select_path(("john", "age"))
    user.does("delete_record")
    user.accepts_the_review()
    with user.another() as db:
        assert db.keys("acme", "users") == ["jane"]
    assert user.message().startswith("The record is deleted.")


def test_a_deleted_entry_comes_back_by_undo(user: User) -> None:
    user.goes("acme", "config")
    user.does("delete_entry")
    user.accepts_the_review()
    assert user.window.center.view.stack.state.title() == "“config” is deleted"
    user.does("undo_write")
    assert '"dark"' in user.shown()


def test_undo_twice_does_it_again(user: User) -> None:
    edits(user, "config", '{"theme": "light"}')
    user.does("save")
    user.accepts_the_review()
    user.does("undo_write")
    user.does("undo_write")
    with user.another() as db:
        assert db.load("acme", "config") == {"theme": "light"}
        assert db.info("acme", "config").seq == 4


def test_drafts_of_one_database_are_not_shown_in_another(user: User, tmp_path: object) -> None:
    edits(user, "config", '{"theme": "light"}')
    other = user.root.parent / "other.db"
    with DbEngine(other, durability="off") as db:
        db.init("acme")
        db.save("acme", "ana", "config", {"theme": "blue"})
    user.window.opening.open(other)
    user.dialog(Confirm).accept()
    user.settles()
    user.goes("acme", "config", "edit")
    assert '"blue"' in user.window.center.edit.editor.text()


def test_no_break_spaces_and_odd_line_ends_survive_an_edit(user: User) -> None:
    odd = "a\u00a0b\u2028c\u2029d\ufdd0e"
    with user.another() as db:
        db.save("acme", "ana", "odd", {"text": odd, "n": 1})
    user.goes("acme", "odd", "edit")
    panel = user.window.center.edit
    assert not panel.dirty
    user.types(panel.editor.text().replace('"n": 1', '"n": 2'))
    user.does("save")
    user.accepts_the_review()
    with user.another() as db:
        assert db.load("acme", "odd") == {"text": odd, "n": 2}
