"""The editor of an entry: one record by `put`, or the whole document by `save`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from dbengine import InvalidJson, parse_json, pretty

from ..actions import Actions
from ..drafts import Draft
from .controls import ElidedLabel, FittingRow, Segmented
from .json_editor import JsonEditor, typable
from .states import StateStack

_PAUSE = 300
_CHECKED_WHILE_TYPING = 300_000
"""Characters; a longer text is only checked when it is to be written."""

LARGEST = 4_000_000
"""Characters that the editor takes: a larger document is edited record by record."""

_WIDE = 100
"""So much more of the free space goes to the record's name than to nothing."""

LONGEST_LINE = 150_000
"""Characters of one line that the editor takes: a longer one is laid out anew at every key."""


class EditPanel(QWidget):
    """Shows one draft at a time; what it wants is told by signals, what it has by `draft`."""

    edited = Signal(object)
    """The `Draft`, after each change of its text."""
    whole_wanted = Signal()
    record_wanted = Signal(str)
    """Edit this record instead."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft: Draft | None = None
        self._collection = False
        self._editor = JsonEditor()
        self._what = Segmented(self.tr("What to edit"))
        self._what.add("record", self.tr("Record"), self.tr("Written by put()"))
        self._what.add("whole", self.tr("Document"), self.tr("Written by save()"))
        self._what.chosen.connect(self._choose_what)
        self._keys = QStringListModel(self)
        self._key = self._make_key_field()
        self._state = ElidedLabel(role="dim")
        self._stack = StateStack(self._framed())
        self._check_timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._check_timer.timeout.connect(self._check)
        self._editor.edited.connect(self._text_changed)
        self.bar = self._make_bar(actions)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 12, 12)
        column.setSpacing(8)
        column.addWidget(self._stack, 1)

    @property
    def editor(self) -> JsonEditor:
        return self._editor

    @property
    def stack(self) -> StateStack:
        """Says what is loading, missing or wrong."""
        return self._stack

    @property
    def draft(self) -> Draft | None:
        """What is shown, with the text as it is now."""
        return self._draft

    @property
    def dirty(self) -> bool:
        return self._draft is not None and self._draft.dirty

    def said(self) -> str:
        """What the line below the text says."""
        return self._state.text()

    def show_keys(self, keys: Sequence[str]) -> None:
        """The records that can be chosen; none where the entry is no collection."""
        self._collection = bool(keys)
        self._keys.setStringList(list(keys))
        self._what.set_enabled("record", self._collection)

    def show_draft(self, draft: Draft) -> None:
        """Another text, with what it is about."""
        self._draft = None
        self._what.blockSignals(True)
        self._what.choose("whole" if draft.key is None else "record")
        self._what.blockSignals(False)
        self._show_key(draft.key)
        if _too_large(draft.stored):
            self._refuse()
            return
        draft = replace(draft, text=typable(draft.text), stored=typable(draft.stored))
        self._editor.set_text(draft.text)
        self._draft = draft
        self._stack.show_content()
        self._check()

    def clear(self) -> None:
        """Nothing is being edited."""
        self._draft = None
        self._editor.set_text("")

    def replace_text(self, text: str) -> None:
        """Change the text in a way that Undo in the editor takes back."""
        self._editor.replace_text(text)

    def format(self) -> None:
        """Indent the text; if it is wrong, say where."""
        value = self._parsed()
        if value is not None:
            self._editor.replace_text(pretty(value[0]).decode())

    def problem(self) -> InvalidJson | None:
        """What is wrong with the text, and where; the cursor goes there."""
        try:
            parse_json(self._editor.text())
        except InvalidJson as error:
            self._show_problem(error)
            self._editor.go_to(error.line, error.column)
            return error
        return None

    def _parsed(self) -> tuple[object] | None:
        return None if self.problem() else (parse_json(self._editor.text()),)

    def _make_key_field(self) -> QComboBox:
        field = QComboBox()
        field.setEditable(True)
        field.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        field.setModel(self._keys)
        field.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )  # else all keys are measured
        field.setMinimumWidth(80)
        field.setMaximumWidth(320)
        field.setAccessibleName(self.tr("Record"))
        completer = QCompleter(self._keys, field)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        field.setCompleter(completer)
        field.setPlaceholderText(self.tr("Choose a record"))
        field.activated.connect(self._choose_key)
        return field

    def _make_bar(self, actions: Actions) -> QWidget:
        bar = FittingRow()
        bar.add(self._what)
        bar.add(self._key, stretch=_WIDE)
        bar.add_stretch()
        for name, text in (
            ("discard", self.tr("Discard")),
            ("format", self.tr("Format")),
            ("save", self.tr("Review and Save…")),
        ):
            button = _action_button(actions, name, text)
            button.setProperty("role", "primary" if name == "save" else "")
            bar.add(button, dispensable=name != "save")
        return bar

    def _framed(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("frame", True)
        column = QVBoxLayout(frame)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        self._editor.setProperty("bare", True)
        column.addWidget(self._editor, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 4, 12, 5)
        foot.addWidget(self._state, 1)
        column.addLayout(foot)
        return frame

    def _choose_what(self, what: str) -> None:
        if what == "whole":
            self.whole_wanted.emit()
        elif self._key.currentText() in self._keys.stringList():
            self.record_wanted.emit(self._key.currentText())
        elif self._keys.stringList():
            self.record_wanted.emit(self._keys.stringList()[0])
        self._key.setVisible(self._collection and what == "record")

    def _choose_key(self) -> None:
        key = self._key.currentText()
        if self._draft is None or key != self._draft.key:
            self.record_wanted.emit(key)

    def _refuse(self) -> None:
        self._editor.set_text("")
        text = self.tr("A text of this size, or with a line as long, is for a program to write.")
        if self._collection and self._what.current() == "whole":
            text = self.tr("Choose “Record” above, and edit its records one by one.")
        self._stack.show_empty("edit", self.tr("Too large for one page"), text)

    def _show_key(self, key: str | None) -> None:
        self._key.setVisible(self._collection and key is not None)
        if key is not None:
            self._key.setCurrentText(key)
            self._show_start_of_key()

    def _show_start_of_key(self) -> None:
        field = self._key.lineEdit()
        if field is not None:
            field.setCursorPosition(0)

    def _text_changed(self) -> None:
        if self._draft is None:
            return
        self._draft = replace(self._draft, text=self._editor.text())
        self._check_timer.start()
        self.edited.emit(self._draft)

    def _check(self) -> None:
        text = self._editor.text()
        self._editor.clear_error()
        if len(text) > _CHECKED_WHILE_TYPING:
            self._state.setText(self.tr("Checked before it is written"))
            return
        try:
            parse_json(text)
        except InvalidJson as error:
            self._show_problem(error)
        else:
            unsaved = self.tr("Draft, not saved · valid JSON")
            self._state.setText(unsaved if self.dirty else self.tr("As it is stored"))

    def _show_problem(self, error: InvalidJson) -> None:
        self._editor.show_error(error.line, error.column)
        text = self.tr("✕ Line {line}, column {column}: {message}")
        self._state.setText(text.format(line=error.line, column=error.column, message=error))


def _too_large(text: str) -> bool:
    return len(text) > LARGEST or max(map(len, text.split("\n"))) > LONGEST_LINE


def _action_button(actions: Actions, name: str, text: str) -> QPushButton:
    action = actions[name]
    button = QPushButton(text)
    button.setToolTip(action.toolTip())
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    return button
