"""A page of Markdown with the sizes and spaces of the rest of the window."""

from __future__ import annotations

from PySide6.QtGui import QFont, QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextBrowser

from ..theme import ui_font

_HEADINGS = {1: 16.0, 2: 14.5}
_LINE = 135
"""Height of a line of text, in percent."""


def markdown_page() -> QTextBrowser:
    """An empty page; links in it open outside."""
    page = QTextBrowser()
    page.setOpenExternalLinks(True)
    page.document().setDocumentMargin(14)
    return page


def show_markdown(page: QTextBrowser, text: str) -> None:
    """Show a text in Markdown, from its top."""
    page.setMarkdown(text)
    block = page.document().begin()
    while block.isValid():
        _space(block)
        block = block.next()
    page.moveCursor(QTextCursor.MoveOperation.Start)


def _space(block: QTextBlock) -> None:
    look, level = block.blockFormat(), block.blockFormat().headingLevel()
    in_table = QTextCursor(block).currentTable() is not None
    look.setTopMargin(14 if level else 0)
    look.setBottomMargin(0 if in_table else 4 if level else 8)
    look.setLineHeight(_LINE, 1)
    cursor = QTextCursor(block)
    cursor.setBlockFormat(look)
    if level:
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        font = QTextCharFormat()
        font.setFont(ui_font(_HEADINGS.get(level, 13.5), QFont.Weight.DemiBold))
        cursor.mergeCharFormat(font)
