"""The editor of an entry: one record, or the whole document."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui.actions import Actions
from gui.drafts import Draft
from gui.jobs import Ref
from gui.widgets.edit_panel import LONGEST_LINE, EditPanel

BASE = Ref("acme", "users", "d")


@pytest.fixture
def panel(qtbot: QtBot) -> EditPanel:
    owner = QObject()
    panel = EditPanel(Actions(owner))
    panel._owner = owner  # type: ignore[attr-defined]
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.bar)
    panel.show()
    panel.bar.show()
    return panel


def draft(text: str, key: str | None = None) -> Draft:
    return Draft(BASE, key, text, text)


def test_what_is_stored_is_no_draft(panel: EditPanel) -> None:
    panel.show_draft(draft("{}"))
    assert not panel.dirty
    assert panel.said() == "As it is stored"


def test_typing_makes_a_draft_and_typing_back_ends_it(panel: EditPanel) -> None:
    panel.show_draft(draft("{}"))
    heard: list[Draft] = []
    panel.edited.connect(heard.append)
    panel.replace_text("[]")
    assert panel.dirty
    assert heard[-1] == Draft(BASE, None, "{}", "[]")
    panel.replace_text("{}")
    assert not panel.dirty


def test_an_error_is_told_with_line_and_column(panel: EditPanel) -> None:
    panel.show_draft(draft("{}"))
    panel.replace_text('{\n  "a" 1\n}')
    error = panel.problem()
    assert error is not None
    assert error.line == 2
    assert panel.said().startswith("✕ Line 2, column ")
    assert panel.editor.textCursor().blockNumber() == 1


def test_format_indents_what_is_right_and_leaves_what_is_wrong(panel: EditPanel) -> None:
    panel.show_draft(draft("{}"))
    panel.replace_text('{"a":[1]}')
    panel.format()
    assert panel.editor.text() == '{\n  "a": [\n    1\n  ]\n}'
    panel.replace_text("{")
    panel.format()
    assert panel.editor.text() == "{"


def test_records_can_be_chosen_where_there_are_some(panel: EditPanel) -> None:
    panel.show_keys(["john", "jane"])
    panel.show_draft(draft("1", "jane"))
    assert panel._key.isVisible()
    assert panel._key.currentText() == "jane"
    panel.show_keys([])
    panel.show_draft(draft("[]"))
    assert not panel._key.isVisible()
    assert not panel._what._buttons["record"].isEnabled()


def test_choosing_another_record_asks_for_it(qtbot: QtBot, panel: EditPanel) -> None:
    panel.show_keys(["john", "jane"])
    panel.show_draft(draft("1", "john"))
    panel._key.setCurrentIndex(1)
    with qtbot.waitSignal(panel.record_wanted) as wanted:
        panel._key.activated.emit(1)
    assert wanted.args == ["jane"]
    with qtbot.waitSignal(panel.whole_wanted):
        panel._what.choose("whole")


def test_too_large_a_document_is_edited_record_by_record(qtbot: QtBot, panel: EditPanel) -> None:
    panel.show_keys(["john", "jane"])
    panel.show_draft(draft('{\n"john": "' + "x" * LONGEST_LINE + '"\n}'))
    assert panel.draft is None
    assert "one by one" in panel.stack.state.text()
    with qtbot.waitSignal(panel.record_wanted) as wanted:
        panel._what.choose("record")
    assert wanted.args == ["john"]


def test_one_record_that_is_too_large_is_for_a_program(panel: EditPanel) -> None:
    panel.show_keys(["john", "jane"])
    panel.show_draft(draft('"' + "x" * LONGEST_LINE + '"', "john"))
    assert "for a program to write" in panel.stack.state.text()
    assert panel._key.isVisible()
    panel.show_draft(draft("1", "jane"))
    assert panel.stack.currentWidget() is panel.stack.content


def test_what_somebody_typed_is_shown_however_long(panel: EditPanel) -> None:
    text = '"' + "x" * LONGEST_LINE + '"'
    panel.show_draft(Draft(BASE, None, "{}", text))
    assert panel.editor.text() == text


def test_nothing_is_left_when_it_is_cleared(panel: EditPanel) -> None:
    panel.show_draft(draft("{}"))
    panel.clear()
    assert panel.draft is None
    assert panel.editor.text() == ""
