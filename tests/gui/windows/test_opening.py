"""Opening, making and leaving databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QFileDialog

from dbengine import DbEngine
from gui.windows.ask import AskText, Confirm
from gui.windows.opening import tenant_flaw

from .user import User


def chooses(monkeypatch: pytest.MonkeyPatch, path: Path | str) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(path))


def test_a_chosen_folder_is_opened(
    visitor: User, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chooses(monkeypatch, root)
    with visitor.qtbot.waitSignal(visitor.session.opened):
        visitor.does("open")
    visitor.settles()
    assert visitor.session.writable


def test_a_chosen_folder_is_opened_read_only(
    visitor: User, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chooses(monkeypatch, root)
    with visitor.qtbot.waitSignal(visitor.session.opened):
        visitor.does("open_read_only")
    visitor.settles()
    assert not visitor.session.writable


def test_no_folder_chosen_opens_nothing(visitor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    chooses(monkeypatch, "")
    visitor.does("open")
    visitor.does("new_database")
    assert visitor.session.database is None


def test_a_new_database_has_its_first_tenant(
    visitor: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = tmp_path / "new.db"
    new.mkdir()
    chooses(monkeypatch, new)
    visitor.does("new_database")
    question = visitor.dialog(AskText)
    question.field().setText(" acme ")
    with visitor.qtbot.waitSignal(visitor.session.opened):
        question.accept()
    visitor.settles()
    with DbEngine(new, read_only=True) as db:
        assert db.tenants() == ["acme"]


def test_a_folder_with_something_in_it_takes_no_new_database(
    visitor: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    chooses(monkeypatch, tmp_path)
    visitor.does("new_database")
    question = visitor.dialog(AskText)
    question.field().setText("acme")
    with visitor.qtbot.waitSignal(visitor.session.failed):
        question.accept()
    assert "not empty" in visitor.window.welcome.problem()


def test_a_new_tenant_is_in_the_tree(user: User) -> None:
    user.does("new_tenant")
    question = user.dialog(AskText)
    question.field().setText("initech")
    question.accept()
    user.settles()
    assert user.window.tree_model.find("initech").isValid()


@pytest.mark.parametrize("name", ["", "  ", "..", "con", "refs", "a\x00b", "x" * 300])
def test_a_tenant_that_cannot_be_is_told_while_typing(name: str) -> None:
    assert tenant_flaw(name)


def test_another_database_is_opened_only_after_asking_about_drafts(
    user: User, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    with DbEngine(other, durability="off") as db:
        db.init("acme")
    user.goes("acme", "config", "edit")
    user.types("{}")
    user.window.opening.open(other)
    user.dialog(Confirm).reject()
    user.settles()
    assert user.session.database is not None
    assert user.session.database.root == user.root
    assert len(user.window.editing.drafts) == 1


def test_what_cannot_be_opened_leaves_drafts_as_they_are(user: User, tmp_path: Path) -> None:
    user.goes("acme", "config", "edit")
    user.types("{}")
    user.window.opening.open(tmp_path / "nowhere")
    with user.qtbot.waitSignal(user.session.failed):
        user.dialog(Confirm).accept()
    assert len(user.window.editing.drafts) == 1
    assert user.window.center.edit.editor.text() == "{}"


def test_only_folders_can_be_dropped(user: User, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("dear")
    data = QMimeData()
    for urls, fits in (([letter], False), ([letter, tmp_path], True), ([], False)):
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in urls])
        assert user.window.opening.accepts(data) is fits
    data.setUrls([QUrl("https://example.org/")])
    assert not user.window.opening.accepts(data)


def test_recent_databases_stand_in_the_menu_and_vanished_ones_cannot_be_chosen(
    visitor: User, root: Path, tmp_path: Path
) -> None:
    settings = visitor.session.settings
    menu = visitor.window.top.recents
    menu.aboutToShow.emit()
    assert [action.isEnabled() for action in menu.actions()] == [False]
    settings.add_recent(tmp_path / "gone & away.db")
    settings.add_recent(root)
    menu.aboutToShow.emit()
    there, gone = menu.actions()
    assert (there.isEnabled(), gone.isEnabled()) == (True, False)
    with visitor.qtbot.waitSignal(visitor.session.opened):
        there.trigger()
    visitor.settles()
    assert visitor.session.database is not None
    assert visitor.session.database.root == root
