"""Choosing any version of any entry of any tenant."""

from __future__ import annotations

from gui.jobs import Ref
from gui.windows.choose_version import ChooseVersion, look_up

from .user import User


def opened(user: User) -> tuple[ChooseVersion, list[Ref]]:
    dialog = ChooseVersion(user.session, Ref("acme", "users"), user.window)
    chosen: list[Ref] = []
    dialog.chosen.connect(chosen.append)
    dialog.open()
    user.settles()
    return dialog, chosen


def test_without_a_version_the_newest_is_meant(user: User) -> None:
    dialog, chosen = opened(user)
    dialog.accept()
    user.settles()
    with user.another() as db:
        assert chosen == [Ref("acme", "users", db.get_digest("acme", "users"))]


def test_a_version_is_chosen_by_number_or_digest(user: User) -> None:
    with user.another() as db:
        second = db.at("acme", "users", 2)
    for typed in ("2", "#2", second[:10], second):
        dialog, chosen = opened(user)
        dialog.version_field().setText(typed)
        dialog.accept()
        user.settles()
        assert chosen == [Ref("acme", "users", second)], typed


def test_a_version_that_is_not_there_keeps_the_dialog_open(user: User) -> None:
    for typed in ("99", "zz", "0", "-1", "12345678", "…"):
        dialog, chosen = opened(user)
        dialog.version_field().setText(typed)
        dialog.accept()
        user.settles()
        assert dialog._flaw.text(), typed
        assert chosen == []
        dialog.reject()


def test_entries_are_those_of_the_chosen_tenant(user: User) -> None:
    dialog, _chosen = opened(user)
    dialog._tenant.setCurrentText("globex")
    dialog._tenant.setCurrentText("acme")
    user.settles()
    names = [dialog._entry.itemText(row) for row in range(dialog._entry.count())]
    assert names == ["config", "list", "users"]
    assert dialog._entry.currentText() == "users"
    dialog.reject()


def test_an_entry_beyond_the_first_page_stays_chosen(user: User) -> None:
    with user.another() as db:
        for number in range(201):
            db.save("acme", "ana", f"a{number:03}", {})
    dialog, _chosen = opened(user)
    assert dialog._entry.currentText() == "users"
    dialog.reject()


def test_the_tree_goes_on_reading_while_one_chooses(user: User) -> None:
    tree = user.window.tree_model
    tree.fetchMore(tree.find("acme"))
    dialog, _chosen = opened(user)
    assert tree.find("acme", "users").isValid()
    dialog.reject()


def test_a_number_a_digest_and_nothing_are_told_apart(user: User) -> None:
    found: list[int] = []
    for typed in ("", "1"):
        request = look_up(user.session, Ref("acme", "users"), typed)
        request.done.connect(lambda info: found.append(info.seq))
        user.settles()
    assert found == [4, 1]
