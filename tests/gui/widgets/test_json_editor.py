"""The text editor for JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dbengine import parse_json, pretty
from gui.theme import theme
from gui.widgets import json_editor
from gui.widgets.json_editor import SLICE, JsonEditor, _units, typable


@pytest.fixture
def editor(qtbot: QtBot) -> JsonEditor:
    editor = JsonEditor()
    qtbot.addWidget(editor)
    editor.resize(400, 300)
    editor.show()
    return editor


def test_a_text_comes_back_as_it_was_given(editor: JsonEditor) -> None:
    for text in ("", "{}", '{\n  "a": "ä 🎉 עברית\u00a0\ufffc"\n}', "\n\n", "\t"):
        editor.set_text(text)
        assert editor.text() == text


@given(st.text(max_size=20))
def test_every_string_survives_the_editor(qapp: object, text: str) -> None:
    editor = JsonEditor()
    editor.set_text(pretty({"text": text}).decode())
    assert parse_json(editor.text()) == {"text": text}
    editor.deleteLater()


def test_what_is_pasted_survives_too(editor: JsonEditor) -> None:
    pasted = QMimeData()
    pasted.setText('"a\u2028b\u00a0c\u2029d"')
    editor.insertFromMimeData(pasted)
    assert parse_json(editor.text()) == "a\u2028b\u00a0c\u2029d"


def test_only_what_would_break_a_line_is_escaped() -> None:
    assert typable('"\u2028\u00a0é"') == '"\\u2028\u00a0é"'


def test_another_text_can_be_undone_when_it_replaces_one(editor: JsonEditor) -> None:
    editor.set_text("[1]")
    editor.replace_text("[2]")
    editor.undo()
    assert editor.text() == "[1]"
    editor.undo()
    assert editor.text() == "[1]"


def test_a_new_line_is_indented_as_the_one_above_and_deeper_behind_a_bracket(
    editor: JsonEditor,
) -> None:
    editor.setFocus()
    QTest.keyClicks(editor, "[")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "1,")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "2")
    assert editor.text() == "[\n  1,\n  2"


def test_tab_indents(editor: JsonEditor) -> None:
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.text() == "  "


def test_a_place_is_found_by_line_and_column(editor: JsonEditor) -> None:
    editor.set_text('{\n  "a": 1\n}')
    editor.go_to(2, 3)
    assert (editor.textCursor().blockNumber(), editor.textCursor().positionInBlock()) == (1, 2)
    editor.go_to(1, 99)
    assert editor.textCursor().positionInBlock() == 1
    editor.go_to(99, 1)
    assert editor.text() == '{\n  "a": 1\n}'


def test_a_wrong_line_is_marked_until_it_is_mended(editor: JsonEditor) -> None:
    editor.set_text("{\n\n}")
    before = len(editor.extraSelections())
    editor.show_error(2, 1)
    assert len(editor.extraSelections()) == before + 1
    editor.clear_error()
    assert len(editor.extraSelections()) == before


def test_keys_and_strings_have_colours_of_their_own(editor: JsonEditor) -> None:
    editor.set_text('{"🎉": "x"}')
    formats = editor.document().firstBlock().layout().formats()
    spans = {(f.start, f.length): f.format.foreground().color().name() for f in formats}
    assert len(set(spans.values())) >= 2
    assert max(start + length for start, length in spans) <= len('{"🎉": "x"}') + 1
    theme().changed.emit()
    assert len(editor.document().firstBlock().layout().formats()) == len(formats)


def test_a_large_text_is_not_coloured(editor: JsonEditor) -> None:
    editor.set_text("[\n" + "  1,\n" * 100_000 + "  1\n]")
    assert editor.document().firstBlock().layout().formats() == []


def test_the_gutter_is_as_wide_as_the_numbers(editor: JsonEditor) -> None:
    editor.set_text("\n" * 5)
    narrow = editor.gutter_width()
    editor.set_text("\n" * 12_345)
    assert editor.gutter_width() > narrow


def test_columns_are_counted_as_qt_counts_them() -> None:
    assert _units("a🎉b", 2) == 3


LONG = pretty({f"key {number}": number for number in range(9_000)}).decode()


def test_a_long_text_is_laid_out_slice_by_slice(editor: JsonEditor, qtbot: QtBot) -> None:
    """All at once, a document of 2 MB held the window for a third of a second."""
    laid_out: list[int] = []
    editor.document().contentsChange.connect(lambda _at, _gone, came: laid_out.append(came))
    editor.set_text(LONG)
    assert editor.text() == LONG
    assert editor.isReadOnly()
    with qtbot.assertNotEmitted(editor.edited):
        qtbot.waitUntil(lambda: not editor.isReadOnly())
    assert editor.text() == LONG
    assert len([came for came in laid_out if came]) == len(LONG) // SLICE + 1
    assert max(laid_out) < SLICE + 100


def test_a_long_text_can_be_edited_and_undone_when_it_is_whole(
    editor: JsonEditor, qtbot: QtBot
) -> None:
    editor.set_text(LONG)
    qtbot.waitUntil(lambda: not editor.isReadOnly())
    editor.undo()
    assert editor.text() == LONG
    with qtbot.waitSignal(editor.edited):
        QTest.keyClick(editor, Qt.Key.Key_Space)
    assert editor.text() == " " + LONG
    editor.undo()
    assert editor.text() == LONG


def test_another_text_may_come_before_a_long_one_is_whole(editor: JsonEditor, qtbot: QtBot) -> None:
    editor.set_text(LONG)
    editor.set_text("[1]")
    qtbot.wait(20)
    assert editor.text() == "[1]"
    assert not editor.isReadOnly()


def test_a_place_far_down_is_gone_to_before_a_long_text_is_whole(editor: JsonEditor) -> None:
    editor.set_text(LONG)
    editor.go_to(9_001, 1)
    assert editor.textCursor().blockNumber() == 9_000
    editor.set_text(LONG)
    editor.replace_text("[2]")
    editor.undo()
    assert editor.text() == LONG


def test_a_long_text_takes_up_new_colours_line_by_line(
    editor: JsonEditor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.set_text(LONG)
    qtbot.waitUntil(lambda: not editor.isReadOnly())
    coloured: list[str] = []
    monkeypatch.setattr(json_editor, "spans", lambda text: coloured.append(text) or ())
    theme().changed.emit()
    assert 0 < len(coloured) < 1_000
    qtbot.waitUntil(lambda: len(coloured) == editor.blockCount())
