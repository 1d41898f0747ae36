"""What all dialogs share: margins, a title inside, and a row of buttons."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from ..theme import ui_font

_WIDEST_TEXT = 460


def tr(text: str) -> str:
    """A text in the user's language, where there is no object yet to ask."""
    return QCoreApplication.translate("windows", text)


def flaw_label() -> QLabel:
    """A line for what is wrong; names in it are shown as they are, markup too."""
    label = QLabel()
    label.setProperty("tone", "error")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


class Dialog(QDialog):
    """A window-modal dialog: `body` is filled by the kind, `ok` is what its title promises."""

    def __init__(self, title: str, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 18, 20, 16)
        outer.setSpacing(12)
        heading = QLabel(title)
        heading.setFont(ui_font(16, QFont.Weight.DemiBold))
        outer.addWidget(heading)
        self._text = QLabel(text)
        self._text.setWordWrap(True)
        self._text.setProperty("tone", "dim")
        self._text.setMinimumWidth(min(_WIDEST_TEXT, 360))
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setVisible(bool(text))
        outer.addWidget(self._text)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        outer.addLayout(self.body, 1)
        self._buttons = QDialogButtonBox()
        outer.addWidget(self._buttons)

    def set_text(self, text: str) -> None:
        """Replace the lines below the title."""
        self._text.setText(text)
        self._text.setVisible(bool(text))

    def add_ok(self, text: str) -> QPushButton:
        """The button that does it, by default on Enter."""
        button = self._buttons.addButton(text, QDialogButtonBox.ButtonRole.AcceptRole)
        button.setDefault(True)
        self._buttons.accepted.connect(self.accept)
        return button

    def add_cancel(self, text: str = "") -> QPushButton:
        """The button that leaves everything as it is."""
        button = self._buttons.addButton(
            text or self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole
        )
        button.setAutoDefault(False)
        self._buttons.rejected.connect(self.reject)
        return button

    def add_button(self, text: str) -> QPushButton:
        """Another button, on the far side."""
        button = self._buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
        button.setAutoDefault(False)
        return button
