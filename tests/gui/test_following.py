"""What other processes write is seen, and what one knows already is no news."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from dbengine import DbEngine
from gui.jobs import Ref
from gui.session import Session

from .test_session import NewSession, answer, head


def poll(qtbot: QtBot, session: Session) -> list[object]:
    """Look at what others wrote, now; what was heard of it."""
    heard: list[object] = []
    session.heads_moved.connect(heard.append)
    session._following.look()
    answer(qtbot, session.content(Ref("acme", "config"), lane="settle"))
    session.heads_moved.disconnect(heard.append)
    return heard


def test_what_another_process_writes_is_seen(qtbot: QtBot, session: Session, root: Path) -> None:
    answer(qtbot, session.tree())
    answer(qtbot, session.entries("acme"))
    assert poll(qtbot, session) == []
    with DbEngine(root) as db:
        db.put("acme", "marco", "users", "jim", {})
        db.save("acme", "marco", "new", 1)
        db.init("hooli")
    (moved,) = poll(qtbot, session)
    assert sorted(info.entry for info in moved.heads) == ["new", "users"]
    assert moved.tenants == ("hooli",)
    assert poll(qtbot, session) == []


def test_ones_own_writes_are_no_news(qtbot: QtBot, session: Session, root: Path) -> None:
    answer(qtbot, session.tree())
    answer(qtbot, session.entries("acme"))
    session.put(head(root), "john", "1")
    session._worker.write(lambda _db, _ticket: None)
    answer(qtbot, session.tree())
    assert poll(qtbot, session) == []


def test_a_poll_on_its_way_while_one_writes_is_no_news_either(
    qtbot: QtBot, session: Session, root: Path
) -> None:
    answer(qtbot, session.tree())
    answer(qtbot, session.entries("acme"))
    heard: list[object] = []
    session.heads_moved.connect(heard.append)
    base = head(root)
    session._following.look()
    session.put(base, "john", "1")
    session._following.look()
    answer(qtbot, session.tree())
    assert heard == []


def test_the_head_of_what_was_read_is_known(qtbot: QtBot, session: Session, root: Path) -> None:
    users = Ref("acme", "users")
    assert session.known_head(users) is None
    answer(qtbot, session.log(users))
    assert session.known_head(users) == head(root).digest
    with qtbot.waitSignal(session.written) as written:
        session.put(head(root), "john", "1")
    newest = written.args[0].after.digest
    assert session.known_head(users) == newest
    answer(qtbot, session.log(users, before=newest))
    answer(qtbot, session.log(users, user="marco"))
    assert session.known_head(users) == newest


def test_polls_go_on_by_themselves(qtbot: QtBot, new_session: NewSession, root: Path) -> None:
    session = new_session()
    session._following.pause = 1
    with qtbot.waitSignal(session.opened):
        session.open(root)
    answer(qtbot, session.tree())
    answer(qtbot, session.entries("acme"))
    with qtbot.waitSignal(session.heads_moved), DbEngine(root) as db:
        db.put("acme", "marco", "users", "jim", {})
    with qtbot.waitSignal(session.heads_moved), DbEngine(root) as db:
        db.put("acme", "marco", "users", "jill", {})


def test_polls_are_not_shown_as_work(qtbot: QtBot, session: Session) -> None:
    answer(qtbot, session.tree())
    told: list[object] = []
    session.busy_changed.connect(lambda busy: told.append(busy and busy.title))
    poll(qtbot, session)
    assert set(told) <= {None, "Reading"}
