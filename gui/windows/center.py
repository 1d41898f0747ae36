"""The middle of the window: messages above, then View, Compare or Edit of one entry."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from ..actions import Actions
from ..widgets.compare_panel import ComparePanel
from ..widgets.controls import Segmented
from ..widgets.edit_panel import EditPanel
from ..widgets.message_bar import MessageBar
from ..widgets.states import StateView
from ..widgets.view_panel import ViewPanel

_MODES = ("view", "compare", "edit")
_NARROW = 640
"""Below this width what one edits with has no room beside the modes."""


class Center(QWidget):
    """Three panels, of which one is shown, each with its own part of the bar."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.messages = MessageBar()
        self.view = ViewPanel()
        self.compare = ComparePanel(actions)
        self.edit = EditPanel(actions)
        self.nothing = StateView()
        self._modes = Segmented(self.tr("What to see"))
        for mode, text in zip(
            _MODES, (self.tr("View"), self.tr("Compare"), self.tr("Edit")), strict=True
        ):
            self._modes.add(mode, text, actions[f"{mode}_mode"].toolTip())
            actions[f"{mode}_mode"].enabledChanged.connect(self._enable_modes)
        self._actions = actions
        self._modes.chosen.connect(self._choose_mode)
        self._bars = QStackedWidget()
        self._pages = QStackedWidget()
        self._grid = QGridLayout()
        self._below = False
        self._bar = self._make_bar()
        self._lay_out()
        self.show_nothing()

    @property
    def mode(self) -> str:
        """ "view", "compare", "edit", or "" where no entry is chosen."""
        return "" if self._bar.isHidden() else _MODES[self._pages.currentIndex()]

    def show_mode(self, mode: str) -> None:
        """Show that panel and its bar."""
        self._bar.show()
        index = _MODES.index(mode)
        self._bars.setCurrentIndex(index)
        self._pages.setCurrentIndex(index)
        self._modes.blockSignals(True)
        self._modes.choose(mode)
        self._modes.blockSignals(False)
        self._actions[f"{mode}_mode"].setChecked(True)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def show_nothing(self) -> None:
        """No entry is chosen."""
        self._bar.hide()
        self.nothing.show_empty(
            "collection",
            self.tr("Choose an entry"),
            self.tr("The tree on the left has all tenants and their entries."),
        )
        self._pages.setCurrentWidget(self.nothing)

    def focus(self) -> None:
        """Put the keyboard where the content is."""
        targets: dict[str, QWidget] = {
            "view": self.view.view,
            "compare": self.compare.view,
            "edit": self.edit.editor,
        }
        if self.mode:
            targets[self.mode].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _fit(self) -> None:
        """The bar of the editor stands below the modes where there is no room beside them."""
        below = self.mode == "edit" and self.width() < _NARROW
        if below == self._below:
            return
        self._below = below
        self._grid.removeWidget(self._bars)
        if below:
            self._grid.addWidget(self._bars, 1, 0, 1, 2)
        else:
            self._grid.addWidget(self._bars, 0, 1)

    def _make_bar(self) -> QWidget:
        bar = QWidget()
        bar.setLayout(self._grid)
        self._grid.setContentsMargins(12, 10, 12, 8)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self._modes, 0, 0)
        self._grid.addWidget(self._bars, 0, 1)
        return bar

    def _lay_out(self) -> None:
        for panel in (self.view, self.compare, self.edit):
            self._bars.addWidget(panel.bar)
            self._pages.addWidget(panel)
        self._pages.addWidget(self.nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self._bar)
        column.addWidget(self._pages, 1)

    def _choose_mode(self, mode: str) -> None:
        self._actions[f"{mode}_mode"].trigger()

    def _enable_modes(self) -> None:
        for mode in _MODES:
            self._modes.set_enabled(mode, self._actions[f"{mode}_mode"].isEnabled())
