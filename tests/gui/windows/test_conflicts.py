"""Another process was faster: the draft is kept, and the two can be brought together."""

from __future__ import annotations

from gui.windows.review import Review

from .user import User

_HERS = '{"name": "John", "age": 99}'


def begins(user: User, text: str = _HERS) -> None:
    """A draft of John's record."""
    user.goes("acme", "users", "edit")
    user.types(text)


def writes(user: User, key: str, value: object) -> None:
    with user.another() as db:
        db.put("acme", "lena", "users", key, value)


def test_a_draft_that_came_too_late_is_kept(user: User) -> None:
    begins(user)
    writes(user, "john", {"name": "Johnny", "age": 32})
    user.does("save")
    assert "Your draft is kept." in user.message()
    assert user.window.editing.review is None
    assert user.window.center.edit.editor.text() == _HERS


def test_a_head_that_moves_under_a_draft_is_told_at_once(user: User) -> None:
    begins(user)
    writes(user, "kim", 1)
    user.polls()
    assert "lena changed “users” after you began." in user.message()
    assert user.window.center.edit.editor.text() == _HERS


def test_changes_at_different_places_are_brought_together(user: User) -> None:
    begins(user)
    writes(user, "john", {"name": "Johnny", "age": 32})
    user.does("save")
    user.window.editing.merge()
    user.accepts_the_review()
    with user.another() as db:
        assert db.get("acme", "users", "john") == {"name": "Johnny", "age": 99}


def test_a_merged_draft_stays_when_its_review_is_left(user: User) -> None:
    begins(user)
    writes(user, "john", {"name": "Johnny", "age": 32})
    user.does("save")
    user.window.editing.merge()
    user.settles()
    user.reviews().reject()
    user.does("save")
    user.accepts_the_review()
    with user.another() as db:
        assert db.get("acme", "users", "john") == {"name": "Johnny", "age": 99}


def test_where_both_changed_the_same_mine_is_saved_only_when_i_say_so(user: User) -> None:
    begins(user)
    writes(user, "john", {"name": "John", "age": 50})
    user.does("save")
    user.window.editing.merge()
    user.settles()
    review = user.reviews()
    assert review.windowTitle() == "Both changed the same"
    review.accept()
    user.settles()
    with user.another() as db:
        assert db.get("acme", "users", "john") == {"name": "John", "age": 99}
        assert db.info("acme", "users").seq == 6


def test_a_second_conflict_is_a_conflict_again(user: User) -> None:
    begins(user)
    writes(user, "john", {"name": "Johnny", "age": 32})
    user.does("save")
    user.window.editing.merge()
    user.settles()
    review = user.reviews()
    writes(user, "kim", 1)
    review.accept()
    user.settles()
    assert "Your draft is kept." in user.message()
    with user.another() as db:
        assert db.get("acme", "users", "john") == {"name": "Johnny", "age": 32}


def test_without_a_draft_the_editor_shows_what_the_other_wrote(user: User) -> None:
    user.goes("acme", "users", "edit")
    writes(user, "john", {"name": "Johnny"})
    user.polls()
    assert "Johnny" in user.window.center.edit.editor.text()


def test_an_entry_deleted_under_a_draft_leaves_the_draft(user: User) -> None:
    begins(user)
    with user.another() as db:
        db.delete("acme", "lena", "users")
    user.polls()
    assert user.window.center.edit.editor.text() == _HERS
    user.window.editing.merge()
    user.settles()
    assert user.dialog(Review).ready()
    user.accepts_the_review()
    with user.another() as db:
        assert db.load("acme", "users") == {"john": {"name": "John", "age": 99}}


def test_undo_after_somebody_else_wrote_is_refused(user: User) -> None:
    begins(user)
    user.does("save")
    user.accepts_the_review()
    writes(user, "kim", 1)
    user.does("undo_write")
    assert "changed" in user.message()
    with user.another() as db:
        assert db.get("acme", "users", "john") == {"name": "John", "age": 99}


def test_a_deletion_that_came_too_late_deletes_nothing(user: User) -> None:
    user.goes("acme", "users")
    user.does("delete_entry")
    review = user.reviews()
    writes(user, "kim", 1)
    review.accept()
    user.settles()
    with user.another() as db:
        assert db.exists("acme", "users")
    assert user.message() != ""
