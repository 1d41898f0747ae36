"""An entry's history as a timeline."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dbengine import DbEngine, Info
from gui.jobs import Ref, Users
from gui.models.history_model import HistoryModel
from gui.session import Session
from gui.widgets.history_panel import HistoryPanel, _literal

USERS = Ref("acme", "users")


@pytest.fixture
def panel(qtbot: QtBot, session: Session, clock: object) -> HistoryPanel:
    model = HistoryModel(session, now=clock)  # type: ignore[arg-type]
    panel = HistoryPanel(model)
    panel._kept = model  # type: ignore[attr-defined]
    qtbot.addWidget(panel)
    panel.resize(320, 500)
    panel.show()
    model.show(USERS)
    qtbot.waitUntil(lambda: model.state == "ready")
    return panel


def versions(panel: HistoryPanel) -> list[Info]:
    rows = (panel._model.info_at(row) for row in range(panel._model.rowCount()))
    return [info for info in rows if info is not None]


def place(panel: HistoryPanel, seq: int) -> QPoint:
    """Where that version stands."""
    info = next(info for info in versions(panel) if info.seq == seq)
    row = panel._model.row_of(info.digest)
    assert row is not None
    return panel.table.visualRect(panel._model.index(row, 0)).center()


def click(panel: HistoryPanel, seq: int, *, ctrl: bool = False) -> None:
    keys = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    viewport = panel.table.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, keys, place(panel, seq))


def test_versions_stand_newest_first_under_their_day(panel: HistoryPanel) -> None:
    assert panel._model.info_at(0) is None
    assert [info.seq for info in versions(panel)] == [4, 3, 2, 1]
    assert panel._count.text() == "4 versions"


def test_a_click_chooses_a_version(qtbot: QtBot, panel: HistoryPanel) -> None:
    with qtbot.waitSignal(panel.chosen) as chosen:
        click(panel, 2)
    assert chosen.args[0].seq == 2


def test_a_click_on_a_day_chooses_nothing(qtbot: QtBot, panel: HistoryPanel) -> None:
    with qtbot.assertNotEmitted(panel.chosen):
        top = panel.table.visualRect(panel._model.index(0, 0)).center()
        QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=top)


def test_a_second_version_with_ctrl_makes_a_pair_older_first(
    qtbot: QtBot, panel: HistoryPanel
) -> None:
    click(panel, 2)
    with qtbot.waitSignal(panel.pair_chosen) as pair:
        click(panel, 4, ctrl=True)
    assert [info.seq for info in pair.args] == [2, 4]


def test_one_version_twice_is_no_pair(qtbot: QtBot, panel: HistoryPanel) -> None:
    click(panel, 2)
    with qtbot.assertNotEmitted(panel.pair_chosen):
        click(panel, 2, ctrl=True)


def test_the_arrow_keys_skip_headings(qtbot: QtBot, panel: HistoryPanel) -> None:
    panel.show_chosen(versions(panel)[1].digest)
    with qtbot.waitSignal(panel.chosen) as chosen:
        QTest.keyClick(panel.table, Qt.Key.Key_Up)
    assert chosen.args[0].seq == 4
    with qtbot.assertNotEmitted(panel.chosen):
        QTest.keyClick(panel.table, Qt.Key.Key_Up)


def test_showing_a_version_tells_nobody(qtbot: QtBot, panel: HistoryPanel) -> None:
    with qtbot.assertNotEmitted(panel.chosen):
        panel.show_chosen(versions(panel)[3].digest)
    assert panel._model.info_at(panel.table.currentIndex().row()) == versions(panel)[3]


def test_a_filter_leaves_what_fits(qtbot: QtBot, panel: HistoryPanel) -> None:
    panel.filter_field.setText("new here")
    qtbot.waitUntil(lambda: [info.seq for info in versions(panel)] == [4])
    panel.filter_field.setText("nothing like that")
    qtbot.waitUntil(lambda: panel._stack.state.title() == "No version fits")
    panel.filter_field.clear()
    qtbot.waitUntil(lambda: len(versions(panel)) == 4)


def test_versions_of_one_user_can_be_chosen(qtbot: QtBot, panel: HistoryPanel) -> None:
    panel.show_users(Users((("ana", 3), ("marco", 1)), True))
    everybody, _line, _ana, marco = panel._user.menu().actions()
    marco.trigger()
    qtbot.waitUntil(lambda: [info.seq for info in versions(panel)] == [4])
    assert panel._user.text() == "marco ▾"
    everybody.trigger()
    qtbot.waitUntil(lambda: len(versions(panel)) == 4)


def test_another_entry_begins_without_a_filter(qtbot: QtBot, panel: HistoryPanel) -> None:
    panel.filter_field.setText("new here")
    panel.reset_filter()
    assert panel.filter_field.text() == ""
    assert not panel.filter_field._clear.isVisible()
    assert not panel._typing.isActive()
    assert panel._user.text() == "All users ▾"


def test_an_exact_time_stands_in_the_tooltip(panel: HistoryPanel) -> None:
    row = panel._model.row_of(versions(panel)[0].digest)
    assert row is not None
    assert "2026" in panel._model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_every_user_and_note_can_be_painted(qtbot: QtBot, panel: HistoryPanel, root: Path) -> None:
    with DbEngine(root, durability="off") as db:
        for user in ("u" * 300, "two\nlines", "עברית", "<b>R&D</b>"):
            db.put("acme", user, "users", "john", user, note=f"{user}\n{user}")
    panel._model.reload()
    qtbot.waitUntil(lambda: len(versions(panel)) == 8)
    assert not panel.grab().isNull()


def test_a_name_on_a_button_is_short_and_literal() -> None:
    assert _literal("R&D\nteam") == "R&&D team"
    assert len(_literal("x" * 300)) < 30


def test_a_right_click_on_a_version_asks_for_its_menu(qtbot: QtBot, panel: HistoryPanel) -> None:
    with qtbot.waitSignal(panel.menu_wanted) as wanted:
        panel.table.customContextMenuRequested.emit(place(panel, 3))
    assert wanted.args[0].seq == 3


def test_without_an_entry_it_says_so(qtbot: QtBot, panel: HistoryPanel) -> None:
    panel._model.show(None)
    assert panel._stack.state.title() == "No entry chosen"


def test_the_chosen_version_is_marked_again_when_a_filter_is_gone(
    qtbot: QtBot, panel: HistoryPanel
) -> None:
    newest = versions(panel)[0]
    panel.show_chosen(newest.digest)
    panel.filter_field.setText("nobody wrote this")
    qtbot.waitUntil(lambda: versions(panel) == [])
    assert not panel.table.currentIndex().isValid()
    with qtbot.assertNotEmitted(panel.chosen):
        panel.filter_field.clear()
        qtbot.waitUntil(lambda: panel.table.currentIndex().isValid())
    assert panel._model.info_at(panel.table.currentIndex().row()) == newest


def test_below_a_version_that_is_shown_stands_the_one_before_it(
    qtbot: QtBot, panel: HistoryPanel
) -> None:
    panel.resize(320, 240)
    panel.show_chosen(versions(panel)[2].digest)
    shown = panel.table.viewport().rect()
    assert shown.contains(place(panel, 1))
    assert shown.contains(place(panel, 2))
