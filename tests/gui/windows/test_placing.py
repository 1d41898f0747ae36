"""The panels follow the place where one is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.jobs import Ref
from gui.journey import Place
from gui.windows.ask import AskMoment, AskText

from .user import User


def test_an_entry_is_shown_at_its_newest_version_with_its_history(user: User) -> None:
    user.goes("acme", "users")
    assert user.seq() == 4
    assert '"Jane"' in user.shown()
    assert user.window.history_model.count == 4


def test_the_arrow_keys_walk_through_time(user: User) -> None:
    user.goes("acme", "users")
    QTest.keyClick(user.window.history.table, Qt.Key.Key_Down)
    user.settles()
    assert user.seq() == 3
    assert '"Jane"' not in user.shown()


def test_older_and_newer_step_through_time(user: User) -> None:
    user.goes("acme", "users")
    user.does("older")
    user.does("older")
    assert user.seq() == 2
    user.does("newer")
    assert user.seq() == 3


def test_the_newest_version_is_followed_the_older_ones_are_not(user: User) -> None:
    user.goes("acme", "users")
    user.does("older")
    assert user.session.place.digest is not None
    user.does("newer")
    assert user.session.place.digest is None


def test_walking_through_time_stays_at_one_place_of_the_document(user: User) -> None:
    user.goes("acme", "users")
    view = user.window.center.view.view
    view.go_to_row(3)
    user.does("older")
    assert view.current_row() == 3
    user.goes("acme", "config")
    assert view.current_row() == 0


def test_back_leads_to_where_one_was(user: User) -> None:
    user.goes("acme", "users")
    user.goes("acme", "config")
    user.does("back")
    assert user.session.place.entry == "users"
    user.does("forward")
    assert user.session.place.entry == "config"


def test_a_moment_of_the_past_stays_while_one_moves_between_entries(user: User) -> None:
    user.goes("acme", "users")
    user.window.placing.go_to_moment(datetime(2026, 3, 9, 8, 1, tzinfo=UTC))
    user.settles()
    assert user.seq() == 2
    user.window.placing.go_to_entry("acme", "config")
    user.settles()
    assert user.window.center.view.stack.state.title() == "Not there yet"
    user.does("go_now")
    assert user.seq() == 1


def test_before_the_first_version_nothing_is_shown_and_nothing_is_wrong(user: User) -> None:
    user.goes("acme", "users")
    user.window.placing.go_to_moment(datetime(2020, 1, 1, tzinfo=UTC))
    user.settles()
    assert "for the first time after" in user.window.center.view.stack.state.text()
    assert user.message() == ""
    assert user.window.placing.info is None
    assert not user.can("restore")


def test_the_question_for_a_moment_begins_at_the_version_shown(user: User) -> None:
    user.goes("acme", "users")
    user.does("as_of")
    question = user.dialog(AskMoment)
    info = user.window.placing.info
    assert info is not None
    assert question.field().dateTime().toSecsSinceEpoch() == int(info.when.timestamp())
    question.accept()
    user.settles()
    assert user.session.place.as_of == info.when


@pytest.mark.parametrize("typed", ["2", "#2", " 2 "])
def test_a_version_is_found_by_its_number(user: User, typed: str) -> None:
    user.goes("acme", "users")
    user.does("go_to")
    question = user.dialog(AskText)
    question.field().setText(typed)
    question.accept()
    user.settles()
    assert user.seq() == 2


def test_a_version_that_is_not_there_is_told(user: User) -> None:
    user.goes("acme", "users")
    user.does("go_to")
    question = user.dialog(AskText)
    question.field().setText("77")
    question.accept()
    user.settles()
    assert "77" in user.message()
    assert user.seq() == 4


def test_an_answer_about_the_place_before_comes_too_late(user: User) -> None:
    user.session.go(Place("acme", "users", None, "edit"))
    user.session.go(Place("acme", "config"))
    user.settles()
    info = user.window.placing.info
    assert info is not None
    assert info.entry == "config"


def test_a_moment_that_one_has_left_does_not_come_back(user: User) -> None:
    user.goes("acme", "users")
    user.window.placing.go_to_moment(datetime(2026, 3, 9, 8, 1, tzinfo=UTC))
    user.window.placing.go_now()
    user.settles()
    assert user.session.place.digest is None
    assert user.seq() == 4


def test_what_another_process_writes_is_followed(user: User) -> None:
    user.goes("acme", "users")
    with user.another() as db:
        db.put("acme", "lena", "users", "kim", {"name": "Kim"})
    user.polls()
    assert user.seq() == 5
    assert '"Kim"' in user.shown()
    assert user.message() == "lena wrote version 5."


def test_an_older_version_stays_when_another_process_writes(user: User) -> None:
    user.goes("acme", "users")
    user.does("older")
    with user.another() as db:
        db.put("acme", "lena", "users", "kim", {"name": "Kim"})
    user.polls()
    assert user.seq() == 3
    assert user.window.history_model.count == 5


def test_an_entry_that_another_process_deletes_is_shown_as_deleted(user: User) -> None:
    user.goes("acme", "users")
    with user.another() as db:
        db.delete("acme", "lena", "users")
    user.polls()
    assert user.window.center.view.stack.state.title() == "“users” is deleted"
    assert not user.can("delete_entry")


def test_an_entry_that_is_not_there_is_told(user: User) -> None:
    user.goes("acme", "nothing")
    assert user.window.center.view.stack.state.title() == "This is not there"
    assert user.window.placing.info is None


def test_a_broken_object_is_told_and_the_rest_still_works(visitor: User, root: Path) -> None:
    user = visitor
    with user.another() as db:
        digest = db.get_digest("acme", "config")
    [path] = [p for p in root.rglob(f"*{digest[2:]}*") if p.is_file()]
    path.write_bytes(path.read_bytes()[:-2])
    user.opens(root)
    user.goes("acme", "config")
    assert user.window.center.view.stack.state.title() == "This version cannot be shown"
    user.goes("acme", "users")
    assert user.seq() == 4


def test_reload_shows_what_is_there_now(user: User) -> None:
    user.goes("acme", "users")
    with user.another() as db:
        db.put("acme", "lena", "users", "kim", {"name": "Kim"})
    user.does("reload")
    assert user.seq() == 5
    assert user.window.history_model.count == 5


def test_a_tenant_can_be_where_one_is_without_an_entry(user: User) -> None:
    user.window.tree.tenant_chosen.emit("globex")
    assert user.session.place == Place("globex")
    assert user.can("new_entry")
    assert not user.can("view_mode")


def test_choosing_a_mode_forgets_which_sides_were_compared(user: User) -> None:
    user.goes("acme", "users")
    user.session.move(mode="compare", a=Ref("acme", "config"), b=Ref("acme", "users"))
    user.settles()
    user.does("compare_mode")
    assert user.session.place.a is None
    assert user.session.place.b is None


def test_the_users_of_an_entry_can_be_chosen(user: User) -> None:
    user.goes("acme", "users")
    user.window.history.users_wanted.emit()
    user.settles()
    menu = user.window.history._user.menu()
    assert [action.data() for action in menu.actions() if action.data()] == ["ana", "marco"]
