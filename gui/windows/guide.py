"""The user guide, in a window of its own."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QTextBrowser, QWidget

from .. import assets
from .dialog import Dialog, tr


class Guide(Dialog):
    """Shows the guide that came with the program; links in it open outside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("User guide"), parent=parent)
        path = assets.guide()
        page = QTextBrowser()
        page.setOpenExternalLinks(True)
        page.setAccessibleName(self.tr("User guide"))
        page.document().setBaseUrl(QUrl.fromLocalFile(f"{path.parent}/"))
        page.setMarkdown(_body(path.read_text(encoding="utf-8")))
        self.body.addWidget(page)
        self.add_cancel(self.tr("Close"))
        self.resize(820, 700)


def _body(text: str) -> str:
    """Without the title, which the dialog has, and the pictures, which show this very window."""
    lines = text.splitlines()[1:]
    return "\n".join(line for line in lines if not line.startswith("!["))
