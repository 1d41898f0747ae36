"""The bar at the top: menu, back and forward, where one is, which time, and restore."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from ..actions import MENUS, Actions, translated
from .controls import Chip, ElidedLabel, IconButton

_ARROW = "  ›  "


class TopBar(QFrame):
    """Buttons for actions of the table, and what they act on."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("bar", "top")
        self.setFixedHeight(46)
        self.recents = QMenu(self.tr("Open &Recent"), self)
        """Filled by its owner when it is about to show."""
        self._menu = self._make_menu(actions)
        self._crumbs = ElidedLabel(role="dim", elide=Qt.TextElideMode.ElideMiddle)
        self._entry = ElidedLabel(bold=True)
        self._moment = Chip(self.tr("Now"), "clock")
        self._moment.setToolTip(actions["as_of"].toolTip())
        self._moment.clicked.connect(actions["as_of"].trigger)
        self._read_only = Chip(self.tr("Read-only"), "lock", "warning")
        self._palette = _hint_button(actions)
        self._restore = QPushButton(self.tr("Restore…"))
        self._restore.setToolTip(actions["restore"].toolTip())
        self._restore.clicked.connect(actions["restore"].trigger)
        self._restore.setEnabled(actions["restore"].isEnabled())
        actions["restore"].enabledChanged.connect(self._restore.setEnabled)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 12, 0)
        row.setSpacing(6)
        row.addWidget(self._menu)
        row.addWidget(IconButton("back", action=actions["back"]))
        row.addWidget(IconButton("forward", action=actions["forward"]))
        row.addSpacing(4)
        row.addWidget(self._crumbs)
        row.addWidget(self._entry)
        row.addStretch(1)
        for widget in (self._read_only, self._moment, self._palette, self._restore):
            row.addWidget(widget)
        self.show_place("", "", "")
        self.show_moment("")
        self._read_only.hide()

    @property
    def menu_button(self) -> QToolButton:
        return self._menu

    def show_place(self, database: str, tenant: str, entry: str) -> None:
        """orders.db › northwind › suppliers; empty parts are left out."""
        before = [part for part in (database, tenant) if part]
        after = _ARROW.rstrip() if entry else ""  # the row's spacing follows
        self._crumbs.setText(_ARROW.join(before) + after)
        self._entry.setText(entry)

    def show_moment(self, text: str) -> None:
        """The moment of the past in which one moves; empty: now."""
        self._moment.setText(text or self.tr("Now"))
        self._moment.set_tone("warning" if text else "accent")

    def show_access(self, *, open_: bool, read_only: bool) -> None:
        """What is offered depends on whether a database is open, and for writing."""
        self._read_only.setVisible(open_ and read_only)
        self._restore.setVisible(open_ and not read_only)
        self._moment.setVisible(open_)

    def _make_menu(self, actions: Actions) -> QToolButton:
        button = IconButton("menu", self.tr("Menu"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        for title in MENUS:
            actions.menu(title, menu.addMenu(translated(title)))
        menu.insertMenu(menu.actions()[0], self.recents)
        button.setMenu(menu)
        return button


def _hint_button(actions: Actions) -> QPushButton:
    """Looks like a search field; opens the palette of commands."""
    action = actions["palette"]
    button = QPushButton()
    button.setProperty("role", "hint")
    button.setFixedWidth(230)
    button.setAccessibleName(action.text().replace("&", ""))
    button.clicked.connect(action.trigger)
    row = QHBoxLayout(button)
    row.setContentsMargins(10, 0, 6, 0)
    text = QLabel(QCoreApplication.translate("TopBar", "Find a command…"))
    text.setProperty("tone", "faint")
    keys = QLabel(action.shortcut().toString())
    keys.setProperty("role", "keycap")
    middle = Qt.AlignmentFlag.AlignVCenter
    row.addWidget(text, 1, middle)
    row.addWidget(keys, 0, middle)
    return button
