"""About: which version this is, and the licences of what it brings along."""

from __future__ import annotations

import platform

from PySide6 import __version__ as qt_version
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from dbengine import __version__

from .. import assets
from .dialog import Dialog
from .markdown import markdown_page, show_markdown


class About(Dialog):
    """Name, version and licences; nothing to decide."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("DbEngine Browser", parent=parent)
        self.set_text(
            self.tr("Version {version} · Python {python} · Qt {qt}").format(
                version=__version__, python=platform.python_version(), qt=qt_version
            )
        )
        self._licences = assets.licences()
        self._names = QComboBox()
        self._names.addItems(list(self._licences))
        self._names.setAccessibleName(self.tr("Bundled software"))
        self._names.currentTextChanged.connect(self._show)
        self._page = markdown_page()
        self._page.setAccessibleName(self.tr("Licence"))
        self._lay_out()
        self._show(self._names.currentText())
        self.add_cancel(self.tr("Close"))
        self.resize(620, 520)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        picture = QLabel()
        picture.setPixmap(assets.app_icon().pixmap(64, 64))
        row.addWidget(picture)
        claim = QLabel(self.tr("Every version of your data: look, compare, edit, restore."))
        claim.setWordWrap(True)
        row.addWidget(claim, 1, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)
        self.body.addWidget(self._names)
        self.body.addWidget(self._page, 1)

    def _show(self, name: str) -> None:
        text = self._licences.get(name, "")
        if name == self._names.itemText(0):
            show_markdown(self._page, text)
        else:
            self._page.setPlainText(text)
