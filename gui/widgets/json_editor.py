"""A text editor for JSON: colours, line numbers, and a mark where the text is wrong."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMimeData, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from ..theme import MONO_SIZE, mono_font, theme
from .json_tokens import spans

_INDENT = "  "
_OPENERS = {"{": "}", "[": "]"}
_BREAKS: Final = {ord(char): f"\\u{ord(char):04x}" for char in "\u2028\u2029\ufdd0\ufdd1"}
"""What Qt's documents take for the end of a line or a frame; in JSON it stands only in strings."""

_HIGHLIGHTED = 400_000
"""Characters of a text that is coloured; a larger one would make typing slow."""

SLICE: Final = 30_000
"""Characters that are laid out at once: more would hold the window."""

_LINES_AT_ONCE: Final = 500
"""Lines that are coloured anew at once."""


class JsonEditor(QPlainTextEdit):
    """Plain text with JSON's colours; it never changes what is typed except for indentation.

    A long text comes slice by slice, so that the window goes on meanwhile. Until it is whole it
    can be read and scrolled, not changed; `text` is the whole text at any time.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(mono_font())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setAccessibleName(self.tr("JSON text"))
        self.setTabChangesFocus(False)
        self._highlighter = _Highlighter(self.document())
        self._gutter = _Gutter(self)
        self._error_line = 0
        self._rest = ""
        self._filling = QTimer(self, interval=0)
        self._filling.timeout.connect(self._fill)
        self.blockCountChanged.connect(self._fit_gutter)
        self.updateRequest.connect(self._scroll_gutter)
        self.cursorPositionChanged.connect(self._mark_lines)
        self.textChanged.connect(self._report)
        theme().changed.connect(self._recolour)
        self._fit_gutter()
        self._mark_lines()

    def text(self) -> str:
        """What is typed, every character of it: `toPlainText` makes spaces of no-break spaces."""
        shown = self.document().toRawText().replace("\u2029", "\n").replace("\u2028", "\n")
        return shown + self._rest

    def set_text(self, text: str) -> None:
        """Another text, as `typable` makes it, with an empty undo history."""
        self._highlighter.on = len(text) <= _HIGHLIGHTED
        first, self._rest = _sliced(typable(text))
        self.document().setUndoRedoEnabled(not self._rest)
        self.setReadOnly(bool(self._rest))
        self.setPlainText(first)
        self.clear_error()
        if self._rest:
            self._filling.start()
        else:
            self._filling.stop()

    def replace_text(self, text: str) -> None:
        """Another text in one step that can be undone."""
        self._fill_up()
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(typable(text))

    def insertFromMimeData(self, source: QMimeData) -> None:
        self.insertPlainText(typable(source.text()))

    def set_zoom(self, steps: int) -> None:
        """Make the text larger or smaller than usual by so many pixels."""
        self.setFont(mono_font(MONO_SIZE + steps))
        self._fit_gutter()

    def show_error(self, line: int, _column: int) -> None:
        """Mark the line, counted from 1, where the text is wrong."""
        self._error_line = line
        self._mark_lines()

    def clear_error(self) -> None:
        self._error_line = 0
        self._mark_lines()

    def go_to(self, line: int, column: int) -> None:
        """Put the cursor there; both count from 1."""
        self._fill_up()
        block = self.document().findBlockByNumber(line - 1)
        cursor = QTextCursor(block)
        steps = min(column - 1, max(0, block.length() - 1))
        cursor.movePosition(QTextCursor.MoveOperation.Right, n=steps)
        self.setTextCursor(cursor)
        self.centerCursor()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.isReadOnly():
            self._new_line()
        elif key == Qt.Key.Key_Tab and not self.textCursor().hasSelection():
            self.insertPlainText(_INDENT)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(
            QRect(area.left(), area.top(), self._gutter.sizeHint().width(), area.height())
        )

    def paint_gutter(self, painter: QPainter, area: QRect) -> None:
        """Line numbers of what is visible; a wrong line has a sign, not only a colour."""
        painter.fillRect(area, theme().color("panel"))
        painter.setFont(mono_font(11))
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= area.bottom():
            height = self.blockBoundingRect(block).height()
            number = block.blockNumber() + 1
            wrong = number == self._error_line
            painter.setPen(theme().color("removed" if wrong else "faint"))
            place = QRect(0, round(top), self._gutter.width() - 10, round(height))
            align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, int(align), f"✕ {number}" if wrong else str(number))
            top += height
            block = block.next()

    def gutter_width(self) -> int:
        digits = max(3, len(str(self.blockCount()))) + 2
        return self.fontMetrics().horizontalAdvance("0") * digits + 16

    def _fill(self) -> None:
        """One more slice of a long text."""
        part, rest = _sliced(self._rest)
        end = QTextCursor(self.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        end.insertText(part)
        self._rest = rest
        if not rest:
            self._filling.stop()
            self.document().setUndoRedoEnabled(True)
            self.setReadOnly(False)

    def _fill_up(self) -> None:
        while self._rest:
            self._fill()

    def _report(self) -> None:
        """Somebody changed the text; that more of it came is no change."""
        if not self._rest:
            self.edited.emit()

    def _new_line(self) -> None:
        """Indent as the line above, deeper behind a bracket that opens."""
        line = self.textCursor().block().text()[: self.textCursor().positionInBlock()]
        indent = line[: len(line) - len(line.lstrip(" "))]
        deeper = line.rstrip()[-1:] in _OPENERS
        self.insertPlainText("\n" + indent + (_INDENT if deeper else ""))

    def _fit_gutter(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)
        self._gutter.update()

    def _scroll_gutter(self, area: QRect, by: int) -> None:
        if by:
            self._gutter.scroll(0, by)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())

    def _mark_lines(self) -> None:
        marks = [self._mark(self.textCursor(), "fold")]
        if self._error_line:
            block = self.document().findBlockByNumber(self._error_line - 1)
            marks.append(self._mark(QTextCursor(block), "removed_back"))
        self.setExtraSelections(marks)
        self._gutter.update()

    def _mark(self, cursor: QTextCursor, role: str) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        look = QTextCharFormat()
        look.setBackground(theme().color(role))
        look.setProperty(QTextCharFormat.Property.FullWidthSelection, True)
        mark.format = look
        cursor.clearSelection()
        mark.cursor = cursor
        return mark

    def _recolour(self) -> None:
        self._highlighter.recolour()
        self._mark_lines()


class _Gutter(QWidget):
    def __init__(self, editor: JsonEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._editor.paint_gutter(painter, self.rect().united(QRect(QPoint(0, 0), self.size())))
        painter.end()


class _Highlighter(QSyntaxHighlighter):
    """Colours one line at a time, as the viewer does."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.on = True
        self._colors: dict[str, QColor] = {}
        self._next = 0
        self._recolouring = QTimer(self, interval=0)
        self._recolouring.timeout.connect(self._go_on)

    def recolour(self) -> None:
        """Takes up the theme's colours, from the top, some lines at a time."""
        self._colors.clear()
        if self.on:
            self._next = 0
            self._recolouring.start()
            self._go_on()

    def _go_on(self) -> None:
        block = self.document().findBlockByNumber(self._next)
        self._next += _LINES_AT_ONCE
        while block.isValid() and block.blockNumber() < self._next:
            self.rehighlightBlock(block)
            block = block.next()
        if not block.isValid():
            self._recolouring.stop()

    def highlightBlock(self, text: str) -> None:
        if not self.on:
            return
        wide = any(ord(char) > 0xFFFF for char in text)
        for start, end, role in spans(text):
            first = _units(text, start) if wide else start
            last = _units(text, end) if wide else end
            self.setFormat(first, last - first, self._color(role))

    def _color(self, role: str) -> QColor:
        if role not in self._colors:
            self._colors[role] = theme().color(role)
        return self._colors[role]


def typable(text: str) -> str:
    """The same JSON without the characters that an editor would take for line ends."""
    return text.translate(_BREAKS)


def _sliced(text: str) -> tuple[str, str]:
    """The first lines, as many as are laid out at once, and the rest."""
    end = text.find("\n", SLICE) + 1
    return (text[:end], text[end:]) if end else (text, "")


def _units(text: str, index: int) -> int:
    """Qt counts UTF-16 units, Python characters."""
    return len(text[:index].encode("utf-16-le", "surrogatepass")) // 2
