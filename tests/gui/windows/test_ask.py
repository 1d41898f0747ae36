"""Small questions."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gui.windows.ask import AskMoment, AskText, Confirm

MOMENT = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)


def asked(qtbot: QtBot, value: str = "") -> AskText:
    question = AskText("Name", "Which?", "Name", "Use", value=value, check=_long_enough)
    qtbot.addWidget(question)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    return question


def _long_enough(text: str) -> str:
    return "" if len(text) > 2 else f"<b>{text}</b> is too short"


def test_an_answer_is_trimmed(qtbot: QtBot) -> None:
    question = asked(qtbot, " anna ")
    with qtbot.waitSignal(question.answered) as answered:
        question.accept()
    assert answered.args == ["anna"]


def test_a_wrong_answer_cannot_be_given(qtbot: QtBot) -> None:
    question = asked(qtbot)
    question.field().setText("<")
    assert question._flaw.text() == "<b><</b> is too short"
    assert not question._ok.isEnabled()
    question.field().setText("long")
    assert question._flaw.text() == ""
    assert question._ok.isEnabled()


def test_what_is_wrong_is_not_taken_for_markup(qtbot: QtBot) -> None:
    assert asked(qtbot)._flaw.textFormat() == Qt.TextFormat.PlainText


def test_nothing_is_wrong_before_one_types(qtbot: QtBot) -> None:
    question = asked(qtbot)
    assert question._flaw.text() == ""
    assert not question._ok.isEnabled()


def test_a_moment_is_answered_to_the_second(qtbot: QtBot) -> None:
    question = AskMoment(MOMENT)
    qtbot.addWidget(question)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    with qtbot.waitSignal(question.answered) as answered:
        question.accept()
    assert answered.args == [MOMENT]


def test_escape_answers_no(qtbot: QtBot) -> None:
    question = Confirm("Leave?", "Really?", "Leave")
    qtbot.addWidget(question)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    question.show()
    with qtbot.waitSignal(question.rejected), qtbot.assertNotEmitted(question.accepted):
        QTest.keyClick(question, Qt.Key.Key_Escape)


def test_a_question_says_on_its_button_what_yes_does(qtbot: QtBot) -> None:
    question = Confirm("Leave?", "Really?", "Leave")
    qtbot.addWidget(question)
    assert [button.text() for button in question.findChildren(QPushButton)] == ["Cancel", "Leave"]
