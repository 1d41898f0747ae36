"""Which two sides are compared, and what can be done with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from gui import edits
from gui.edits import Comparison
from gui.jobs import Ref
from gui.windows.choose_version import ChooseVersion

from .user import User


def compares(user: User) -> Comparison:
    """What is compared when all is there."""
    user.settles()
    found = user.window.center.compare.comparison
    assert found is not None
    return found


def seqs(found: Comparison) -> tuple[int | None, int | None]:
    a, b = found.a_info, found.b_info
    return (a.seq if a else None, b.seq if b else None)


def chooses_file(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))


def test_one_version_is_compared_with_the_one_before(user: User) -> None:
    user.goes("acme", "users", "compare")
    assert seqs(compares(user)) == (3, 4)
    assert user.window.center.compare._count.text() == "1 change"


def test_the_first_version_is_compared_with_nothing(user: User) -> None:
    user.goes("acme", "config", "compare")
    assert seqs(compares(user)) == (None, 1)
    assert user.window.center.compare.view.row_count() > 0


def test_a_version_is_compared_with_the_newest(user: User) -> None:
    user.goes("acme", "users")
    user.does("older")
    user.does("older")
    user.does("compare_head")
    assert seqs(compares(user)) == (2, 4)


def test_two_versions_of_the_history_are_compared(user: User) -> None:
    user.goes("acme", "users")
    model = user.window.history_model
    older, newer = model.neighbour(None, 3), model.neighbour(None, 1)
    assert older is not None
    assert newer is not None
    user.window.history.pair_chosen.emit(older, newer)
    assert seqs(compares(user)) == (1, 3)


def test_the_sides_change_places(user: User) -> None:
    user.goes("acme", "users", "compare")
    user.does("swap")
    assert seqs(compares(user)) == (4, 3)


def test_next_and_previous_go_around(user: User) -> None:
    user.goes("acme", "users", "compare")
    user.window.placing.comparing._compare(Ref("acme", "config"), Ref("acme", "users"))
    total = len(compares(user).rows.starts)
    panel = user.window.center.compare
    assert total > 1
    user.does("previous_change")
    assert panel.current == total - 1
    user.does("next_change")
    assert panel.current == 0


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_side_can_be_of_another_tenant(user: User) -> None:
    user.goes("acme", "users", "compare")
    user.window.placing.comparing.offer_sides("a")
    user.window.placing.comparing._choose_any()
    dialog = user.dialog(ChooseVersion)
    user.settles()
    dialog._tenant.setCurrentText("globex")
    user.settles()
    dialog.accept()
    found = compares(user)
    assert found.a_info is not None
    assert found.a_info.tenant == "globex"
    assert seqs(found) == (1, 4)
    for menu in user.window.findChildren(QMenu):
        menu.hide()


def test_set_as_a_keeps_the_other_side(user: User) -> None:
    user.goes("acme", "users", "compare")
    compares(user)
    user.does("older")
    compares(user)
    user.does("older")
    compares(user)
    user.does("set_a")
    assert seqs(compares(user))[0] == 2


def test_a_version_is_compared_with_a_file(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"theme": "dark", "size": {"w": 1, "h": 3}}')
    chooses_file(monkeypatch, path)
    user.goes("acme", "config")
    user.does("compare_file")
    found = compares(user)
    assert [change.right_path for change in found.changes] == [("size", "h")]


@pytest.mark.parametrize("text", ["no json", "", "{"])
def test_a_file_that_is_no_json_is_told(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = tmp_path / "mine.json"
    path.write_text(text)
    chooses_file(monkeypatch, path)
    user.goes("acme", "config")
    user.does("compare_file")
    assert user.window.center.compare.stack.state.title() == "These cannot be compared"


def test_no_file_chosen_changes_nothing(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    user.goes("acme", "config")
    user.does("compare_file")
    assert user.session.place.mode == "view"


def test_the_differences_are_copied_as_json_patch(user: User) -> None:
    user.goes("acme", "users", "compare")
    compares(user)
    user.does("copy_patch")
    patch = json.loads(QGuiApplication.clipboard().text())
    assert patch == [{"op": "add", "path": "/jane", "value": {"name": "Jane", "age": 25}}]


def test_the_history_is_tagged_with_both_sides(user: User) -> None:
    user.goes("acme", "users", "compare")
    found = compares(user)
    assert found.a_info is not None
    assert user.window.history_model._side(found.a_info.digest) == "A"


def test_only_changes_folds_what_is_equal(user: User) -> None:
    with user.another() as db:
        db.save("acme", "ana", "long", list(range(100)))
        db.save("acme", "ana", "long", [*range(100), 100])
    user.goes("acme", "long", "compare")
    compares(user)
    view = user.window.center.compare.view
    folded = view.row_count()
    user.does("only_changes")
    assert view.row_count() > 100 > folded
    user.does("only_changes")
    assert view.row_count() == folded


def test_a_first_version_cannot_be_swapped_with_nothing_and_says_why(user: User) -> None:
    user.goes("acme", "config", "compare")
    assert user.window.center.compare.comparison.a is None  # type: ignore[union-attr]
    assert not user.can("swap")
    assert "One side is nothing" in user.window.actions_["swap"].toolTip()
    user.goes("acme", "users", "compare")
    assert user.can("swap")
    assert "One side is nothing" not in user.window.actions_["swap"].toolTip()


def test_a_record_of_another_entry_cannot_be_deleted_from_this_one(user: User) -> None:
    user.goes("acme", "users", "compare")
    comparing = user.window.placing.comparing
    comparing._compare(Ref("globex", "users"), Ref("acme", "users"))
    user.settles()
    view = user.window.center.compare.view
    view._side = "left"
    user.window.select_path(("hank",))
    assert not user.can("delete_record")
    assert "another entry" in user.window.actions_["delete_record"].toolTip()
    view._side = "right"
    user.window.select_path(("john",))
    assert user.can("delete_record")


def test_a_large_comparison_is_shown_before_all_of_it_is_laid_out(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "FIRST", 1)
    panel = user.window.center.compare
    shown: list[bool] = []
    show = panel.show_comparison

    def noting(found: Comparison, *args: object, **more: object) -> None:
        shown.append(found.whole)
        show(found, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(panel, "show_comparison", noting)
    user.goes("acme", "users", "compare")
    assert compares(user).whole
    assert shown == [False]
    assert panel._where.text() == "1 of 1"
