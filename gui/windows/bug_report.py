"""What people see when the program itself is at fault: what happened, and a text to pass on."""

from __future__ import annotations

import platform

from PySide6 import __version__ as qt_version
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from dbengine import __version__

from ..logs import log_file
from ..theme import mono_font
from .dialog import Dialog, tr


class BugReport(Dialog):
    """Shows a traceback, which can be copied, and where the log is; nothing is sent anywhere."""

    def __init__(self, summary: str, trace: str, parent: QWidget | None = None) -> None:
        super().__init__(tr("Something went wrong in this program"), parent=parent)
        self.set_text(
            self.tr(
                "{summary}\n\nThis is a bug of ours, not a mistake of yours. Your database is "
                "untouched: a write is done as a whole or not at all. Nothing was sent anywhere; "
                "please pass on the text below. What happened before is in {log}."
            ).format(summary=summary, log=log_file())
        )
        self._report = QPlainTextEdit(_report(trace))
        self._report.setReadOnly(True)
        self._report.setFont(mono_font(11.5))
        self._report.setAccessibleName(self.tr("Report"))
        self.body.addWidget(self._report)
        self.add_button(self.tr("Copy Report")).clicked.connect(self._copy)
        self.add_button(self.tr("Open Log Folder")).clicked.connect(self._open_folder)
        self.add_cancel(self.tr("Close"))
        self.resize(720, 460)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report.toPlainText())

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_file().parent)))


def _report(trace: str) -> str:
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"DbEngine Browser {__version__}, Qt {qt_version}, {system}\n\n{trace}"
