from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from dbengine import DbEngine
from gui.jobs import Ref
from gui.models import tree_model
from gui.models.tree_model import TreeModel, TreeRole
from gui.session import Session


@pytest.fixture
def model(qtbot: QtBot, session: Session) -> TreeModel:
    """A model that has read the tenants."""
    model = TreeModel(session)
    settle(qtbot, session, model.reload)
    return model


def settle(qtbot: QtBot, session: Session, do: object = None) -> None:
    """Do something, and wait until all that was asked for is answered."""
    if do is not None:
        do()  # type: ignore[operator]
    qtbot.waitUntil(lambda: session._worker.idle)


def expand(qtbot: QtBot, session: Session, model: TreeModel, tenant: str) -> QModelIndex:
    index = model.find(tenant)
    settle(qtbot, session, lambda: model.fetchMore(index))
    return model.find(tenant)


def names(model: TreeModel, parent: QModelIndex | None = None) -> list[str]:
    parent = parent or QModelIndex()
    return [model.index(row, 0, parent).data() for row in range(model.rowCount(parent))]


def tree(model: TreeModel) -> dict[str, list[str]]:
    return {name: names(model, model.find(name)) for name in names(model)}


def others_write(qtbot: QtBot, session: Session) -> None:
    settle(qtbot, session, session._following.look)


def test_tenants_are_rows_with_their_number_of_entries(model: TreeModel) -> None:
    assert names(model) == ["acme", "globex"]
    acme = model.find("acme")
    assert acme.data(TreeRole.IS_TENANT)
    assert acme.data(TreeRole.COUNT) == 3
    assert model.hasChildren(acme)
    assert model.rowCount(acme) == 0


def test_entries_are_read_when_a_tenant_is_expanded(
    qtbot: QtBot, session: Session, model: TreeModel
) -> None:
    acme = model.find("acme")
    assert model.canFetchMore(acme)
    expand(qtbot, session, model, "acme")
    assert names(model, acme) == ["config", "list", "users"]
    assert not model.canFetchMore(acme)
    users = model.find("acme", "users")
    assert users.parent() == acme
    assert users.data(TreeRole.COUNT) == 4
    assert users.data(TreeRole.FORM) == "records"
    assert users.data(TreeRole.TENANT) == "acme"
    assert model.find("acme", "list").data(TreeRole.FORM) == "value"
    assert users.data(TreeRole.INFO).entry == "users"


def test_many_entries_come_by_pages_one_after_the_other(
    qtbot: QtBot, session: Session, model: TreeModel, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_model, "PAGE", 3)
    with DbEngine(root, durability="off") as db:
        for number in range(10):
            db.save("globex", "lena", f"entry{number}", number)
    globex = expand(qtbot, session, model, "globex")
    assert names(model, globex) == [*(f"entry{n}" for n in range(10)), "users"]


def test_a_write_changes_one_row_and_keeps_what_is_selected(
    qtbot: QtBot, session: Session, model: TreeModel
) -> None:
    expand(qtbot, session, model, "acme")
    selected = QPersistentModelIndex(model.find("acme", "users"))
    with qtbot.waitSignal(model.dataChanged):
        session.save(
            Ref("acme", "config", model.find("acme", "config").data(TreeRole.INFO).digest), "{}"
        )
    assert model.find("acme", "config").data(TreeRole.COUNT) == 2
    session.save(Ref("acme", "alpha"), "1")
    settle(qtbot, session)
    assert names(model, model.find("acme")) == ["alpha", "config", "list", "users"]
    assert model.find("acme").data(TreeRole.COUNT) == 4
    assert selected.data() == "users"


def test_a_deleted_entry_leaves_the_tree_and_comes_back(
    qtbot: QtBot, session: Session, model: TreeModel
) -> None:
    acme = expand(qtbot, session, model, "acme")
    digest = model.find("acme", "users").data(TreeRole.INFO).digest
    session.delete(Ref("acme", "users", digest))
    settle(qtbot, session)
    assert names(model, acme) == ["config", "list"]
    assert acme.data(TreeRole.COUNT) == 2
    settle(qtbot, session, lambda: model.set_show_deleted(True))
    assert model.find("acme", "users").data(TreeRole.DELETED)
    assert acme.data(TreeRole.COUNT) == 2
    settle(qtbot, session, session.undo)
    assert not model.find("acme", "users").data(TreeRole.DELETED)
    assert acme.data(TreeRole.COUNT) == 3
    settle(qtbot, session, lambda: model.set_show_deleted(False))
    assert names(model, acme) == ["config", "list", "users"]


def test_what_others_write_appears(
    qtbot: QtBot, session: Session, model: TreeModel, root: Path
) -> None:
    acme = expand(qtbot, session, model, "acme")
    with DbEngine(root) as db:
        db.save("acme", "marco", "new", 1)
        db.delete("acme", "marco", "list")
        db.init("hooli")
    others_write(qtbot, session)
    assert names(model) == ["acme", "globex", "hooli"]
    assert names(model, acme) == ["config", "new", "users"]
    assert acme.data(TreeRole.COUNT) == 3


def test_a_reload_finds_what_changed_and_keeps_the_rest(
    qtbot: QtBot, session: Session, model: TreeModel, root: Path
) -> None:
    expand(qtbot, session, model, "acme")
    users = QPersistentModelIndex(model.find("acme", "users"))
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    with DbEngine(root) as db:
        db.save("acme", "marco", "zulu", 1)
        db.delete("acme", "marco", "config")
        db.init("beta")
    settle(qtbot, session, model.reload)
    assert tree(model) == {"acme": ["list", "users", "zulu"], "beta": [], "globex": []}
    assert users.data() == "users"
    assert resets == []


def test_a_filter_asks_the_store_and_not_only_what_was_read(
    qtbot: QtBot, session: Session, model: TreeModel
) -> None:
    with qtbot.waitSignal(model.rebuilt):
        model.set_filter("user")
    assert tree(model) == {"acme": ["users"], "globex": ["users"]}
    with qtbot.waitSignal(model.rebuilt):
        model.set_filter("")
    assert tree(model) == {"acme": [], "globex": []}


def test_a_newer_filter_supersedes_the_one_before(
    qtbot: QtBot, session: Session, model: TreeModel
) -> None:
    for text in ("u", "us", "conf"):
        model.set_filter(text)
    settle(qtbot, session)
    assert tree(model) == {"acme": ["config"]}


def test_a_filter_taken_away_before_it_was_answered_shows_nothing(
    qtbot: QtBot, session: Session, model: TreeModel
) -> None:
    model.set_filter("conf")
    model.set_filter("")
    settle(qtbot, session)
    assert names(model) == ["acme", "globex"]


def test_a_filtered_tree_follows_writes_and_so_does_the_one_behind_it(
    qtbot: QtBot, session: Session, model: TreeModel
) -> None:
    expand(qtbot, session, model, "acme")
    digest = model.find("acme", "users").data(TreeRole.INFO).digest
    settle(qtbot, session, lambda: model.set_filter("users"))
    session.put(Ref("acme", "users", digest), "jim", "1")
    session.save(Ref("acme", "another"), "1")
    session.add_tenant("hooli")
    settle(qtbot, session)
    assert model.find("acme", "users").data(TreeRole.COUNT) == 5
    settle(qtbot, session, lambda: model.set_filter(""))
    assert names(model, model.find("acme")) == ["another", "config", "list", "users"]
    assert model.find("acme", "users").data(TreeRole.COUNT) == 5
    assert names(model) == ["acme", "globex", "hooli"]


def test_closing_empties_the_tree(qtbot: QtBot, session: Session, model: TreeModel) -> None:
    states: list[str] = []
    model.state_changed.connect(states.append)
    with qtbot.waitSignal(session.closed):
        session.close()
    assert names(model) == []
    assert states == ["empty"]


def test_opening_another_database_shows_that_one(
    qtbot: QtBot, session: Session, model: TreeModel, tmp_path: Path
) -> None:
    expand(qtbot, session, model, "acme")
    with qtbot.waitSignal(session.opened):
        session.create(tmp_path / "other.db", "only")
    settle(qtbot, session)
    assert names(model) == ["only"]


def test_a_cancelled_read_can_be_asked_for_again(
    qtbot: QtBot, session: Session, model: TreeModel
) -> None:
    acme = model.find("acme")
    model.fetchMore(acme)
    settle(qtbot, session, session.cancel)
    assert model.canFetchMore(acme)
    expand(qtbot, session, model, "acme")
    assert model.rowCount(acme) == 3


def test_what_is_not_there_is_not_found(model: TreeModel) -> None:
    assert not model.find("nobody").isValid()
    assert not model.find("acme", "nothing").isValid()


def test_the_model_keeps_qts_rules_through_it_all(
    qtbot: QtBot, session: Session, model: TreeModel, root: Path
) -> None:
    """Qt's own tester complains by a warning, which fails the test; it expands everything."""
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    settle(qtbot, session)
    assert tree(model) == {"acme": ["config", "list", "users"], "globex": ["users"]}
    with DbEngine(root) as db:
        for name in ("alpha", "zulu"):
            db.save("acme", "marco", name, 1)
        db.delete("acme", "marco", "list")
        db.init("beta")
    settle(qtbot, session, session._following.look)
    settle(qtbot, session, lambda: model.set_show_deleted(True))
    settle(qtbot, session, lambda: model.set_filter("l"))
    settle(qtbot, session, lambda: model.set_filter(""))
    settle(qtbot, session, lambda: model.set_show_deleted(False))
    assert tree(model)["acme"] == ["alpha", "config", "users", "zulu"]
    settle(qtbot, session, session.close)
    assert tester.model() is model
