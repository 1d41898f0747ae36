from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QLocale, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from dbengine import DbEngine, Info
from gui import jobs
from gui.jobs import Ref
from gui.models import history_model
from gui.models.history_model import HistoryModel, HistoryRole
from gui.session import Session
from gui.texts import version_title

USERS = Ref("acme", "users")
ROME = ZoneInfo("Europe/Rome")


@pytest.fixture(autouse=True)
def english():
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def model(qtbot: QtBot, session: Session, clock: object):
    """A model that shows nothing yet, watched by Qt's own tester."""
    model = HistoryModel(session, now=clock, zone=ROME)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    yield model
    assert tester.model() is model


class Others:
    """Write to the users as another program does, a record with each version."""

    def __init__(self, root: Path, clock: object) -> None:
        self._root = root
        self._clock = clock

    def write(self, *, user: str = "marco", count: int = 1) -> None:
        with DbEngine(self._root, clock=self._clock, durability="off") as db:
            for _ in range(count):
                number = db.info("acme", "users").seq
                db.put("acme", user, "users", f"key{number}", number)


@pytest.fixture
def others(root: Path, clock: object) -> Others:
    return Others(root, clock)


def settle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: session._worker.idle)


def show(qtbot: QtBot, session: Session, model: HistoryModel, ref: Ref = USERS) -> None:
    model.show(ref)
    settle(qtbot, session)


def rows(model: HistoryModel) -> list[object]:
    """Headings as they read, versions as their numbers."""
    found = (model.info_at(row) for row in range(model.rowCount()))
    return [info.seq if info else model.index(row, 0).data() for row, info in enumerate(found)]


def read_all(qtbot: QtBot, session: Session, model: HistoryModel) -> None:
    settle(qtbot, session)  # the model tester may have asked for a page already
    while model.canFetchMore(model.index(-1, -1)):
        model.fetchMore()
        settle(qtbot, session)


def first(model: HistoryModel) -> Info:
    info = model.info_at(1)
    assert info is not None
    return info


def test_versions_stand_under_days_newest_first(
    qtbot: QtBot, session: Session, model: HistoryModel, others: Others, clock: object
) -> None:
    for days in (3, 20, 2, 1):
        clock.advance(days=days)
        others.write()
    show(qtbot, session, model)
    assert rows(model) == [
        "Today",
        8,
        "Yesterday",
        7,
        "Wednesday 1 April",
        6,
        "March",
        5,
        4,
        3,
        2,
        1,
    ]
    assert model.count == 8


def test_rows_answer_for_the_delegate_and_for_screen_readers(
    qtbot: QtBot, session: Session, model: HistoryModel
) -> None:
    show(qtbot, session, model)
    heading, newest, second = (model.index(row, 0) for row in range(3))
    assert heading.data(HistoryRole.KIND) == "day"
    assert heading.flags() == Qt.ItemFlag.NoItemFlags
    assert heading.data(HistoryRole.INFO) is None
    assert newest.data(HistoryRole.KIND) == "version"
    assert newest.flags() & Qt.ItemFlag.ItemIsSelectable
    assert newest.data() == "New here"
    assert newest.data(HistoryRole.TIME) == "09:03"
    assert newest.data(Qt.ItemDataRole.ToolTipRole).startswith("Monday 9 March 2026, 09:03:00 CET")
    spoken = newest.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == ("New here, version 4 by marco, today, 09:03; 1 added, 0 changed, 0 removed")
    assert second.data() == "john"


def test_a_long_history_comes_by_pages(
    qtbot: QtBot,
    session: Session,
    model: HistoryModel,
    others: Others,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history_model, "PAGE", 3)
    others.write(count=10)
    model.show(USERS)
    qtbot.waitUntil(lambda: model.state == "ready")
    assert rows(model)[:4] == ["Today", 14, 13, 12]
    assert model.count == 14
    read_all(qtbot, session, model)
    assert rows(model) == ["Today", *range(14, 0, -1)]


def test_another_entry_replaces_the_one_before_even_while_it_is_read(
    qtbot: QtBot, session: Session, model: HistoryModel
) -> None:
    model.show(USERS)
    model.show(Ref("acme", "config"))
    settle(qtbot, session)
    assert rows(model) == ["Today", 1]
    assert first(model).entry == "config"
    assert model.state == "ready"


def test_another_version_of_the_same_entry_reads_nothing_again(
    qtbot: QtBot, session: Session, model: HistoryModel
) -> None:
    show(qtbot, session, model)
    model.show(Ref("acme", "users", "0" * 64))
    assert session._worker.idle
    assert model.state == "ready"


def test_no_entry_is_an_empty_history(qtbot: QtBot, session: Session, model: HistoryModel) -> None:
    show(qtbot, session, model)
    model.show(None)
    assert model.rowCount() == 0
    assert model.state == "empty"
    assert model.count == 0


def test_an_entry_that_is_not_there_is_an_error(
    qtbot: QtBot, session: Session, model: HistoryModel
) -> None:
    show(qtbot, session, model, Ref("acme", "nothing"))
    assert model.state == "error"
    assert not model.canFetchMore(model.index(-1, -1))


def test_the_history_is_filtered_by_user_and_text(
    qtbot: QtBot, session: Session, model: HistoryModel
) -> None:
    show(qtbot, session, model)
    model.set_filter(user="ana")
    settle(qtbot, session)
    assert rows(model) == ["Today", 3, 2, 1]
    model.set_filter("new here")
    settle(qtbot, session)
    assert rows(model) == ["Today", 4]
    model.set_filter("nobody wrote this")
    settle(qtbot, session)
    assert rows(model) == []
    assert model.state == "ready"
    model.set_filter()
    settle(qtbot, session)
    assert rows(model) == ["Today", 4, 3, 2, 1]
    assert model.count == 4


def test_a_filter_reads_on_until_it_finds_something(
    qtbot: QtBot,
    session: Session,
    model: HistoryModel,
    others: Others,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "LOG_SCAN", 2)
    others.write(user="lena", count=9)
    show(qtbot, session, model)
    model.set_filter("new here")
    qtbot.waitUntil(lambda: model.state == "ready")
    assert rows(model) == ["Today", 4]


def test_a_new_version_comes_on_top_and_the_selection_stays(
    qtbot: QtBot, session: Session, model: HistoryModel, clock: object
) -> None:
    show(qtbot, session, model)
    selected = QPersistentModelIndex(model.index(2, 0))
    session.put(Ref("acme", "users", first(model).digest), "john", "1")
    settle(qtbot, session)
    assert rows(model) == ["Today", 5, 4, 3, 2, 1]
    assert model.info_at(selected.row()).seq == 3
    clock.advance(days=1)
    model.follow_day()
    session.put(Ref("acme", "users", first(model).digest), "john", "2")
    settle(qtbot, session)
    assert rows(model) == ["Today", 6, "Yesterday", 5, 4, 3, 2, 1]
    assert model.info_at(selected.row()).seq == 3
    assert model.count == 6


def test_several_versions_of_others_come_on_top(
    qtbot: QtBot, session: Session, model: HistoryModel, others: Others
) -> None:
    with qtbot.waitSignals([session.tree().done, session.entries("acme").done]):
        pass
    show(qtbot, session, model)
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    others.write(count=3)
    session._following.look()
    settle(qtbot, session)
    assert rows(model) == ["Today", 7, 6, 5, 4, 3, 2, 1]
    assert resets == []
    assert model.count == 7


def test_more_new_versions_than_a_page_are_read_from_the_top(
    qtbot: QtBot,
    session: Session,
    model: HistoryModel,
    others: Others,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with qtbot.waitSignals([session.tree().done, session.entries("acme").done]):
        pass
    show(qtbot, session, model)
    monkeypatch.setattr(history_model, "PAGE", 3)
    others.write(count=5)
    session._following.look()
    settle(qtbot, session)
    read_all(qtbot, session, model)
    assert rows(model) == ["Today", *range(9, 0, -1)]


def test_a_filtered_history_takes_only_new_versions_that_fit(
    qtbot: QtBot, session: Session, model: HistoryModel, root: Path
) -> None:
    show(qtbot, session, model)
    head = first(model)
    model.set_filter(user="marco")
    settle(qtbot, session)
    session.put(Ref("acme", "users", head.digest), "john", "1")
    settle(qtbot, session)
    assert rows(model) == ["Today", 4]
    assert model.count == 5


def test_writes_to_other_entries_change_nothing(
    qtbot: QtBot, session: Session, model: HistoryModel
) -> None:
    show(qtbot, session, model)
    session.save(Ref("acme", "new"), "1")
    settle(qtbot, session)
    assert rows(model) == ["Today", 4, 3, 2, 1]


def test_sides_are_tagged(qtbot: QtBot, session: Session, model: HistoryModel) -> None:
    show(qtbot, session, model)
    a, b = model.info_at(2), model.info_at(1)
    with qtbot.waitSignal(model.dataChanged):
        model.set_sides(a.digest, b.digest)
    tags = [model.index(row, 0).data(HistoryRole.SIDE) for row in (1, 2, 3)]
    assert tags == ["B", "A", ""]
    model.set_sides(None, None)
    assert model.index(1, 0).data(HistoryRole.SIDE) == ""


def test_a_version_far_back_is_revealed(
    qtbot: QtBot,
    session: Session,
    model: HistoryModel,
    others: Others,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history_model, "PAGE", 2)
    monkeypatch.setattr(history_model, "REVEAL_PAGE", 3)
    others.write(count=10)
    with DbEngine(root, read_only=True) as db:
        digest = db.at("acme", "users", 2)
    model.show(USERS)
    with qtbot.waitSignal(model.revealed) as revealed:
        model.reveal(digest)
    assert model.info_at(revealed.args[0]).seq == 2
    with qtbot.waitSignal(model.revealed):
        model.reveal(digest)


def test_a_version_that_does_not_exist_is_looked_for_to_the_end(
    qtbot: QtBot, session: Session, model: HistoryModel
) -> None:
    show(qtbot, session, model)
    with qtbot.assertNotEmitted(model.revealed):
        model.reveal("0" * 64)
        settle(qtbot, session)


def test_neighbours_are_older_and_newer(
    qtbot: QtBot, session: Session, model: HistoryModel
) -> None:
    show(qtbot, session, model)
    newest = first(model)
    older = model.neighbour(None, 1)
    assert older.seq == 3
    assert model.neighbour(older.digest, -1) == newest
    assert model.neighbour(newest.digest, -1) is None
    assert model.neighbour(older.digest, 9) is None


def test_at_midnight_today_becomes_yesterday(
    qtbot: QtBot, session: Session, model: HistoryModel, clock: object
) -> None:
    show(qtbot, session, model)
    selected = QPersistentModelIndex(model.index(2, 0))
    model.follow_day()
    assert rows(model)[0] == "Today"
    clock.advance(days=1)
    model.follow_day()
    assert rows(model) == ["Yesterday", 4, 3, 2, 1]
    assert model.info_at(selected.row()).seq == 3


def test_a_cancelled_page_can_be_asked_for_again(
    qtbot: QtBot, session: Session, model: HistoryModel
) -> None:
    model.show(USERS)
    session.cancel()
    settle(qtbot, session)
    assert model.state == "ready"
    model.fetchMore()
    settle(qtbot, session)
    assert rows(model) == ["Today", 4, 3, 2, 1]


def test_closing_the_database_empties_the_history(
    qtbot: QtBot, session: Session, model: HistoryModel
) -> None:
    show(qtbot, session, model)
    with qtbot.waitSignal(session.closed):
        session.close()
    assert model.rowCount() == 0


def test_versions_without_a_note_are_called_by_what_they_did(
    qtbot: QtBot, session: Session, model: HistoryModel, root: Path, clock: object
) -> None:
    with DbEngine(root, clock=clock, durability="off") as db:
        db.delete("acme", "ana", "users")
        db.save("acme", "ana", "list", [1])
    show(qtbot, session, model)
    titles = [model.index(row, 0).data() for row in range(1, model.rowCount())]
    assert titles == ["Entry deleted", "New here", "john", "john", "Created"]
    show(qtbot, session, model, Ref("acme", "list"))
    assert version_title(first(model)) == "Edited"


def test_a_heading_is_worded_once_for_all_versions_of_its_day(
    qtbot: QtBot,
    session: Session,
    model: HistoryModel,
    others: Others,
    clock: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was once for each version, a tenth of a millisecond each: a page held the window."""
    worded: list[str] = []
    word = history_model.when.group_title

    def counting(*args: object) -> str:
        worded.append(word(*args))  # type: ignore[arg-type]
        return worded[-1]

    others.write(count=30)
    clock.advance(days=1)  # type: ignore[attr-defined]
    others.write(count=30)
    monkeypatch.setattr(history_model.when, "group_title", counting)
    show(qtbot, session, model)
    read_all(qtbot, session, model)
    assert worded == [row for row in rows(model) if isinstance(row, str)]


def test_a_version_far_back_is_looked_for_among_the_new_rows_only(
    qtbot: QtBot, session: Session, model: HistoryModel, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_model, "PAGE", 1)
    monkeypatch.setattr(history_model, "REVEAL_PAGE", 1)
    with DbEngine(root, read_only=True) as db:
        digest = db.at("acme", "users", 1)
    asked: list[int] = []
    row_of = model.row_of

    def noting(digest: str, first: int = 0) -> int | None:
        asked.append(first)
        return row_of(digest, first)

    monkeypatch.setattr(model, "row_of", noting)
    show(qtbot, session, model)
    with qtbot.waitSignal(model.revealed):
        model.reveal(digest)
    assert asked == sorted(set(asked))
