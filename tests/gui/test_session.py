from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from dbengine import DbEngine
from gui.jobs import Opened, Ref, Tenant
from gui.journey import NOWHERE, Place
from gui.session import Session
from gui.worker import Request

NewSession = Callable[[], Session]


def answer(qtbot: QtBot, request: Request) -> object:
    with qtbot.waitSignal(request.done) as done:
        pass
    return done.args[0]


def head(root: Path, entry: str = "users") -> Ref:
    with DbEngine(root, read_only=True) as db:
        return Ref("acme", entry, db.get_digest("acme", entry))


def test_opening_tells_what_was_opened_and_remembers_it(session: Session, root: Path) -> None:
    assert session.database == Opened(root, read_only=False)
    assert session.writable
    assert session.settings.recents == (root,)
    assert session.place == NOWHERE


def test_read_only_is_not_writable(qtbot: QtBot, new_session: NewSession, root: Path) -> None:
    session = new_session()
    with qtbot.waitSignal(session.opened):
        session.open(root, read_only=True)
    assert not session.writable
    with qtbot.waitSignal(session.failed) as failed:
        session.put(head(root), "john", "1")
    assert failed.args[0].known


def test_what_cannot_be_opened_leaves_the_open_one(
    qtbot: QtBot, session: Session, tmp_path: Path, root: Path
) -> None:
    with qtbot.waitSignal(session.failed) as failed:
        session.open(tmp_path / "nowhere")
    assert "no folder" in str(failed.args[0].error)
    assert session.database == Opened(root, read_only=False)
    assert answer(qtbot, session.tree()) == (Tenant("acme", 3), Tenant("globex", 1))


def test_a_database_is_created(qtbot: QtBot, new_session: NewSession, tmp_path: Path) -> None:
    session = new_session()
    with qtbot.waitSignal(session.opened):
        session.create(tmp_path / "new.db", "acme")
    assert answer(qtbot, session.tree()) == (Tenant("acme", 0),)


def test_closing_forgets_everything(qtbot: QtBot, session: Session) -> None:
    session.go(Place("acme", "users"))
    with qtbot.waitSignal(session.closed):
        session.close()
    assert session.database is None
    assert session.place == NOWHERE
    assert not session.can_go_back


def test_without_a_database_reads_and_writes_fail_as_known(
    qtbot: QtBot, new_session: NewSession
) -> None:
    session = new_session()
    for ask in (session.tree, lambda: session.save(Ref("acme", "x"), "1")):
        with qtbot.waitSignal(session.failed) as failed:
            ask()
        assert failed.args[0].known


def test_places_are_gone_back_and_forward_to(session: Session) -> None:
    told: list[Place] = []
    session.place_changed.connect(told.append)
    one, two = Place("acme", "users"), Place("acme", "config")
    session.go(one)
    session.go(one)
    session.move(entry="config")
    session.back()
    session.forward()
    session.forward()
    assert told == [one, two, one, two]
    assert session.can_go_back
    assert not session.can_go_forward


def test_going_elsewhere_forgets_what_lay_ahead(session: Session) -> None:
    for entry in ("users", "config"):
        session.go(Place("acme", entry))
    session.back()
    session.go(Place("acme", "list"))
    assert not session.can_go_forward
    session.back()
    assert session.place == Place("acme", "users")


def test_steps_that_are_not_remembered_are_one_place(session: Session) -> None:
    session.go(Place("acme", "config"))
    session.go(Place("acme", "users"))
    for digest in ("a", "b", "c"):
        session.move(digest=digest, remember=False)
    session.back()
    assert session.place == Place("acme", "config")


def test_back_does_not_lead_out_of_the_database(session: Session) -> None:
    session.go(Place("acme", "users"))
    assert not session.can_go_back


def test_reads_answer(qtbot: QtBot, session: Session, root: Path) -> None:
    users = Ref("acme", "users")
    newest = answer(qtbot, session.log(users, limit=1)).infos[0]
    assert newest.seq == 4
    assert answer(qtbot, session.users(users)).names[0] == ("ana", 3)
    assert answer(qtbot, session.at(users, 4)) == newest
    assert answer(qtbot, session.at(users, datetime(2027, 1, 1, tzinfo=UTC))) == newest
    assert answer(qtbot, session.find(users, newest.digest[:8])) == newest
    assert b"Jane" in answer(qtbot, session.content(users)).document.data
    assert len(answer(qtbot, session.value_history(users, ("john", "age")))) == 3
    assert answer(qtbot, session.names("conf"))[0].heads[0].entry == "config"
    assert answer(qtbot, session.head(users)) == newest
    assert answer(qtbot, session.value(users, ("jane", "age"))) == "25"
    assert answer(qtbot, session.editable(users, "jane", None)).key == "jane"
    assert answer(qtbot, session.compare_with_parent(users)).b_info == newest
    comparison = answer(qtbot, session.compare(Ref("acme", "users", newest.parent), users))
    assert json.loads(answer(qtbot, session.patch(comparison.diff)))[0]["op"] == "add"


def test_a_write_is_told_and_can_be_undone_and_done_again(
    qtbot: QtBot, session: Session, root: Path
) -> None:
    base = head(root)
    preview = answer(qtbot, session.preview_put(base, "john", "1"))
    with qtbot.waitSignal(session.written) as written:
        session.put(Ref("acme", "users", preview.expect), "john", "1", "Why")
    assert written.args[0].after.note == "Why"
    assert written.args[0].after.user == "ana"
    assert session.undoable == written.args[0]
    with qtbot.waitSignal(session.written) as undone:
        session.undo()
    assert undone.args[0].after.note == "Undo of version 5"
    with DbEngine(root, read_only=True) as db:
        assert db.get("acme", "users", "john")["age"] == 32
    with qtbot.waitSignal(session.written):
        session.undo()
    with DbEngine(root, read_only=True) as db:
        assert db.get("acme", "users", "john") == 1


def test_a_write_that_changes_nothing_cannot_be_undone(
    qtbot: QtBot, session: Session, root: Path
) -> None:
    with qtbot.waitSignal(session.written) as written:
        session.save(head(root, "list"), "[1, 2, 3]")
    assert not written.args[0].changed
    assert session.undoable is None


def test_records_and_entries_are_deleted_and_restored(
    qtbot: QtBot, session: Session, root: Path
) -> None:
    old = head(root)
    with qtbot.waitSignal(session.written):
        session.delete(old, "jane")
    with qtbot.waitSignal(session.written):
        session.delete(head(root))
    with qtbot.waitSignal(session.written) as restored:
        session.restore(head(root), old.digest)
    assert restored.args[0].after.count == 2


def test_a_tenant_is_added(qtbot: QtBot, session: Session) -> None:
    with qtbot.waitSignal(session.tenant_added) as added:
        session.add_tenant("hooli")
    assert added.args == ["hooli"]


def test_two_sessions_on_one_database_conflict_and_merge(
    qtbot: QtBot, session: Session, new_session: NewSession, root: Path
) -> None:
    other = new_session()
    with qtbot.waitSignal(other.opened):
        other.open(root)
    base = head(root, "config")
    with qtbot.waitSignal(other.written):
        other.put(base, "theme", '"light"')
    draft = '{"theme": "dark", "size": {"w": 9, "h": 2}}'
    with qtbot.waitSignal(session.conflicted) as lost:
        session.save(base, draft)
    now = head(root, "config")
    assert lost.args[0].current == now.digest
    merge = answer(qtbot, session.merge(base, draft))
    assert merge.theirs.user == "marco"
    with qtbot.waitSignal(session.written):
        session.save(now, merge.text)
    with DbEngine(root, read_only=True) as db:
        assert db.load("acme", "config") == {"theme": "light", "size": {"w": 9, "h": 2}}


def test_a_preview_that_comes_too_late_is_a_conflict_and_not_a_failure(
    qtbot: QtBot, session: Session, root: Path
) -> None:
    base = head(root)
    with qtbot.waitSignal(session.written):
        session.put(base, "john", "1")
    failures: list[object] = []
    session.failed.connect(failures.append)
    with qtbot.waitSignal(session.conflicted):
        session.preview_put(base, "john", "2")
    assert failures == []


def test_shutdown_waits_for_a_write_in_flight(
    qtbot: QtBot, new_session: NewSession, root: Path
) -> None:
    session = new_session()
    with qtbot.waitSignal(session.opened):
        session.open(root)
    session.put(head(root), "john", "1")
    assert session.pending_writes == 1
    with qtbot.waitSignal(session.finished):
        session.shutdown()
    with DbEngine(root, read_only=True) as db:
        assert db.get("acme", "users", "john") == 1


def test_a_bug_in_a_job_is_told_as_one(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_db: object, _ticket: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gui.jobs.tree", broken)
    with qtbot.waitSignal(session.failed) as failed:
        session.tree()
    assert not failed.args[0].known
    assert "broken" in failed.args[0].trace


def test_a_cancelled_read_is_neither_answered_nor_a_failure(qtbot: QtBot, session: Session) -> None:
    failures: list[object] = []
    session.failed.connect(failures.append)
    request = session.tree()
    with qtbot.waitSignal(request.dropped):
        session.cancel()
    assert failures == []
