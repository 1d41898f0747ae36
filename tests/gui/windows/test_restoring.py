"""Bringing an old version back: now → after, which records, and Undo."""

from __future__ import annotations

from .user import User


def asks(user: User, steps: int = 3) -> None:
    """To an older version, and Restore."""
    user.goes("acme", "users")
    for _ in range(steps):
        user.does("older")
    user.does("restore")


def test_the_newest_version_cannot_be_restored(user: User) -> None:
    user.goes("acme", "users")
    assert not user.can("restore")


def test_an_old_version_becomes_a_new_one_on_top(user: User) -> None:
    asks(user)
    user.accepts_the_review()
    with user.another() as db:
        assert db.load("acme", "users") == {"john": {"name": "John", "age": 30}}
        assert db.info("acme", "users").seq == 5
    assert user.seq() == 5


def test_nothing_is_restored_when_the_review_is_left(user: User) -> None:
    asks(user)
    user.reviews().reject()
    user.settles()
    with user.another() as db:
        assert db.info("acme", "users").seq == 4


def test_only_ticked_records_come_back(user: User) -> None:
    asks(user)
    review = user.reviews()
    assert review.offered() == ["john", "jane"]
    review.tick(["john"])
    user.settles()
    user.accepts_the_review()
    with user.another() as db:
        assert db.load("acme", "users") == {
            "john": {"name": "John", "age": 30},
            "jane": {"name": "Jane", "age": 25},
        }


def test_with_nothing_ticked_there_is_nothing_to_write(user: User) -> None:
    asks(user)
    review = user.reviews()
    review.tick([])
    user.settles()
    assert not review.ready()
    review.reject()


def test_undo_takes_a_restore_back(user: User) -> None:
    asks(user)
    user.accepts_the_review()
    user.does("undo_write")
    with user.another() as db:
        assert db.keys("acme", "users") == ["john", "jane"]


def test_a_restore_that_came_too_late_writes_nothing(user: User) -> None:
    asks(user)
    review = user.reviews()
    with user.another() as db:
        db.put("acme", "lena", "users", "kim", 1)
    review.accept()
    user.settles()
    with user.another() as db:
        assert db.keys("acme", "users") == ["john", "jane", "kim"]
    assert user.message() != ""


def test_a_deleted_entry_is_restored_from_its_history(user: User) -> None:
    user.goes("acme", "config")
    user.does("delete_entry")
    user.accepts_the_review()
    user.does("older")
    user.does("restore")
    user.accepts_the_review()
    with user.another() as db:
        assert db.load("acme", "config")["theme"] == "dark"
