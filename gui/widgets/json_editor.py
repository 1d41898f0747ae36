"""A text editor for JSON: colours, line numbers, and a mark where the text is wrong."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMimeData, QPoint, QRect, QSize, Qt, Signal
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

_LINE_ENDS: Final = {0x2028: "\n", 0x2029: "\n"}
_HIGHLIGHTED = 400_000
"""Characters of a text that is coloured; a larger one would make typing slow."""


class JsonEditor(QPlainTextEdit):
    """Plain text with JSON's colours; it never changes what is typed except for indentation."""

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
        self.blockCountChanged.connect(self._fit_gutter)
        self.updateRequest.connect(self._scroll_gutter)
        self.cursorPositionChanged.connect(self._mark_lines)
        self.textChanged.connect(self.edited)
        theme().changed.connect(self._recolour)
        self._fit_gutter()
        self._mark_lines()

    def text(self) -> str:
        """What is typed, every character of it: `toPlainText` makes spaces of no-break spaces."""
        return self.document().toRawText().translate(_LINE_ENDS)

    def set_text(self, text: str) -> None:
        """Another text, as `typable` makes it, with an empty undo history."""
        self._highlighter.on = len(text) <= _HIGHLIGHTED
        self.setPlainText(typable(text))
        self.clear_error()

    def replace_text(self, text: str) -> None:
        """Another text in one step that can be undone."""
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

    def recolour(self) -> None:
        self._colors.clear()
        self.rehighlight()

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


def _units(text: str, index: int) -> int:
    """Qt counts UTF-16 units, Python characters."""
    return len(text[:index].encode("utf-16-le", "surrogatepass")) // 2
