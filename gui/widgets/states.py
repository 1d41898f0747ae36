"""What a view shows while it has nothing to show: empty, loading, error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QFont, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ..theme import theme, ui_font

SPINNER_DELAY: Final = 150
"""Milliseconds of loading before a spinner shows: most loads are faster, and need none."""

_FRAME: Final = 40
_STEP: Final = 12
_WIDEST_TEXT: Final = 420


class Spinner(QWidget):
    """A turning arc; it turns only while it can be seen."""

    def __init__(self, size: int = 28, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._angle = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME)
        self._timer.timeout.connect(self._turn)
        self.setFixedSize(size, size)
        self.setAccessibleName(self.tr("Loading"))

    def showEvent(self, _event: QShowEvent) -> None:
        self._timer.start()

    def hideEvent(self, _event: QHideEvent) -> None:
        self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        painter.setPen(QPen(theme().color("line"), 2.5))
        painter.drawEllipse(rect)
        pen = QPen(theme().color("accent"), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(rect, -self._angle * 16, 100 * 16)

    def _turn(self) -> None:
        self._angle = (self._angle + _STEP) % 360
        self.update()


class StateView(QWidget):
    """A page with an icon or spinner, a title, a text, and buttons for what one can do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._role = "", "faint"
        self._picture = QLabel()
        self._spinner = Spinner()
        self._title = _centred(ui_font(15, QFont.Weight.DemiBold))
        self._text = _centred(ui_font())
        self._text.setProperty("tone", "dim")
        self._buttons: list[QPushButton] = []
        self._lay_out()
        theme().changed.connect(self._recolour)

    def show_empty(self, icon: str, title: str, text: str = "", *actions: QAction) -> None:
        """Nothing is there, and that is fine; the first action is the one to take."""
        self._show(icon, "faint", title, text, actions)

    def show_loading(self, title: str = "") -> None:
        """Something is on its way."""
        self._show("", "faint", title, "", ())

    def show_error(self, title: str, text: str = "", *actions: QAction) -> None:
        """What went wrong, and what one can do."""
        self._show("error", "removed", title, text, actions)

    def title(self) -> str:
        return self._title.text()

    def text(self) -> str:
        return self._text.text()

    def buttons(self) -> list[QPushButton]:
        """The buttons of the actions, in their order."""
        return list(self._buttons)

    def _show(
        self, icon: str, role: str, title: str, text: str, actions: Sequence[QAction]
    ) -> None:
        self._icon, self._role = icon, role
        self._spinner.setVisible(not icon)
        self._picture.setVisible(bool(icon))
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self._replace_buttons(actions)
        self._recolour()

    def _replace_buttons(self, actions: Sequence[QAction]) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [_button(action) for action in actions]
        for place, button in enumerate(self._buttons, start=1):
            self._row.insertWidget(place, button)

    def _recolour(self) -> None:
        if self._icon:
            icon = theme().icon(self._icon, self._role)
            self._picture.setPixmap(icon.pixmap(QSize(40, 40), self.devicePixelRatioF()))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        for widget in (self._picture, self._spinner):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self._title, self._text):
            column.addLayout(_in_the_middle(label))
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 8, 0, 0)
        self._row.addStretch(1)
        self._row.addStretch(1)
        column.addLayout(self._row)
        column.addStretch(3)


class StateStack(QStackedWidget):
    """A content widget, and the state that stands in for it while it has nothing to show.

    Loading keeps what is there for `SPINNER_DELAY` ms, so that a fast load does not flicker.
    """

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = StateView()
        self.content = content
        self._loading = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SPINNER_DELAY)
        self._timer.timeout.connect(self._show_spinner)
        self.addWidget(content)
        self.addWidget(self.state)

    def show_content(self) -> None:
        """The content has arrived."""
        self._timer.stop()
        self.setCurrentWidget(self.content)

    def show_loading(self, title: str = "") -> None:
        """The content was asked for; what is there stays until that takes long."""
        self._loading = title
        if not self._timer.isActive():
            self._timer.start()

    def show_empty(self, icon: str, title: str, text: str = "", *actions: QAction) -> None:
        """See `StateView.show_empty`."""
        self._timer.stop()
        self.state.show_empty(icon, title, text, *actions)
        self.setCurrentWidget(self.state)

    def show_error(self, title: str, text: str = "", *actions: QAction) -> None:
        """See `StateView.show_error`."""
        self._timer.stop()
        self.state.show_error(title, text, *actions)
        self.setCurrentWidget(self.state)

    def _show_spinner(self) -> None:
        self.state.show_loading(self._loading)
        self.setCurrentWidget(self.state)


def _centred(font: QFont) -> QLabel:
    label = QLabel()
    label.setFont(font)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    label.setMaximumWidth(_WIDEST_TEXT)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    return label


def _in_the_middle(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(widget, 100)
    row.addStretch(1)
    return row


def _button(action: QAction) -> QPushButton:
    button = QPushButton(action.text())
    button.setToolTip(action.toolTip())
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)
    return button
