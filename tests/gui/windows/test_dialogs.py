"""The dialogs that show something, or ask for a name and a text."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLabel, QTextBrowser
from pytestqt.qtbot import QtBot

from dbengine import Info
from gui.actions import SPECS
from gui.jobs import ValueVersion
from gui.windows.about import About
from gui.windows.bug_report import BugReport
from gui.windows.cheat_sheet import CheatSheet, _balanced
from gui.windows.guide import Guide, _body
from gui.windows.new_item import NewItem
from gui.windows.who_changed import WhoChanged
from gui.worker import Failure

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)


def kept(qtbot: QtBot, dialog: QDialog) -> None:
    """The dialog lives as long as the test."""
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)


def version(seq: int, user: str = "ana") -> Info:
    return Info(
        tenant="acme", entry="users", digest=f"{seq:064}", parent=None, user=user,
        date="20260309 07:00:00", seq=seq, note="", action="put", form="records",
        added=0, changed=1, removed=0, keys=("john",), size=10, count=1,
    )  # fmt: skip


def test_about_shows_the_licence_that_one_chooses(qtbot: QtBot) -> None:
    about = About()
    kept(qtbot, about)
    first = about._page.toPlainText()
    about._names.setCurrentIndex(about._names.count() - 1)
    assert about._page.toPlainText() not in ("", first)


def test_a_report_can_be_copied_whole(qtbot: QtBot) -> None:
    report = BugReport("<i>odd</i>", "Traceback of it")
    kept(qtbot, report)
    report._copy()
    assert "Traceback of it" in QGuiApplication.clipboard().text()
    assert "Python" in QGuiApplication.clipboard().text()


def test_the_cheat_sheet_has_every_shortcut(qtbot: QtBot) -> None:
    sheet = CheatSheet()
    kept(qtbot, sheet)
    shown = {label.text() for label in sheet.findChildren(QLabel)}
    assert {spec.label for spec in SPECS if not spec.shortcut.isEmpty()} <= shown


def test_menus_are_dealt_into_columns_in_their_order() -> None:
    menus = [(name, [("a", "b")] * rows) for name, rows in (("x", 9), ("y", 4), ("z", 4))]
    columns = _balanced(menus)
    assert [title for column in columns for title, _rows in column] == ["x", "y", "z"]
    assert len(columns) == 2


def test_the_guide_is_shown_without_its_title_and_pictures(qtbot: QtBot) -> None:
    guide = Guide()
    kept(qtbot, guide)
    assert len(guide.findChildren(QTextBrowser)[0].toPlainText()) > 1_000
    assert _body("# Title\ntext\n![x](y.png)\nmore") == "text\nmore"


def test_a_new_item_needs_a_name_and_json(qtbot: QtBot) -> None:
    dialog = NewItem("New", "", "Name")
    kept(qtbot, dialog)
    assert not dialog._ok.isEnabled()
    dialog.name_field.setText("x")
    assert dialog._ok.isEnabled()
    dialog.editor.replace_text("{")
    assert not dialog._ok.isEnabled()
    assert dialog._flaw.text().startswith("Line 1, column 2")


def test_a_new_item_is_offered_once_at_a_time(qtbot: QtBot) -> None:
    dialog = NewItem("New", "", "Name")
    kept(qtbot, dialog)
    dialog.name_field.setText("x")
    offered: list[str] = []
    dialog.made.connect(lambda name, _text: offered.append(name))
    dialog.accept()
    dialog.accept()
    assert offered == ["x"]
    dialog.refuse("It is taken.")
    dialog.accept()
    assert offered == ["x", "x"]


def test_the_values_of_a_place_are_listed_newest_first(qtbot: QtBot) -> None:
    dialog = WhoChanged(("john", "age"), NOW)
    kept(qtbot, dialog)
    dialog.show_values(
        (ValueVersion(version(3), "", False), ValueVersion(version(2, "marco"), "31", True))
    )
    assert dialog.values.item(0).text().endswith("— removed")
    assert dialog.values.item(1).text().startswith("marco")
    assert dialog.values.item(1).text().endswith("Version 2 · 31")
    dialog.values.setCurrentRow(1)
    assert "31" in dialog._view.row_text(0)


def test_values_that_cannot_be_read_say_why(qtbot: QtBot) -> None:
    dialog = WhoChanged(("john",), NOW)
    kept(qtbot, dialog)
    dialog.show_failure(Failure(OSError("The disk is gone"), ""))
    assert dialog._stack.state.text() == "The disk is gone"


def test_no_value_chosen_leads_nowhere(qtbot: QtBot) -> None:
    dialog = WhoChanged(("john",), NOW)
    kept(qtbot, dialog)
    with qtbot.assertNotEmitted(dialog.version_wanted):
        dialog.accept()
