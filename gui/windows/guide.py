"""The user guide, in a window of its own."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from .. import assets
from .dialog import Dialog, tr
from .markdown import markdown_page, show_markdown


class Guide(Dialog):
    """Shows the guide that came with the program; links in it open outside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("User guide"), parent=parent)
        page = markdown_page()
        page.setAccessibleName(self.tr("User guide"))
        show_markdown(page, _body(assets.guide().read_text(encoding="utf-8")))
        self.body.addWidget(page)
        self.add_cancel(self.tr("Close"))
        self.resize(820, 700)


def _body(text: str) -> str:
    """Without the title, which the dialog has, and the pictures, which show this very window."""
    lines = text.splitlines()[1:]
    return "\n".join(line for line in lines if not line.startswith("!["))
