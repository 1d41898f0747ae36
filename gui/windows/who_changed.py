"""Who changed this: the distinct values of one place through history."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSplitter, QWidget

from dbengine import show_path

from ..jobs import ValueVersion
from ..models.document import Document
from ..models.when import exact_text, short_text
from ..texts import error_text, version_name
from ..widgets.rows_view import RowsView
from ..widgets.states import StateStack
from ..widgets.view_panel import framed
from ..worker import Failure
from .dialog import Dialog, tr

_ITEM = 46
_GAP = " · "
_LONGEST = 30
_VERSION = Qt.ItemDataRole.UserRole


class WhoChanged(Dialog):
    """Values on the left, newest first; the chosen one on the right."""

    version_wanted = Signal(object)
    """The `Info` of the version to go to."""

    def __init__(
        self, path: tuple[str | int, ...], now: datetime, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Who changed this?"), show_path(path), parent)
        self._now = now
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Values through time"))
        self._list.currentItemChanged.connect(self._show_value)
        self._view = RowsView(panes=1)
        splitter = QSplitter()
        splitter.addWidget(framed(self._list))
        splitter.addWidget(self._view)
        splitter.setSizes([280, 520])
        splitter.setStretchFactor(1, 1)
        self._stack = StateStack(splitter)
        self._stack.show_loading(self.tr("Reading the history"))
        self.body.addWidget(self._stack, 1)
        self.add_cancel(self.tr("Close"))
        self.add_ok(self.tr("Go to This Version"))
        self.accepted.connect(self._go)
        self.resize(900, 560)

    @property
    def values(self) -> QListWidget:
        """The list on the left."""
        return self._list

    def show_values(self, values: tuple[ValueVersion, ...]) -> None:
        """What was found."""
        for value in values:
            info = value.info
            what = _GAP.join(filter(None, (version_name(info), _short(value.text))))
            text = f"{info.user}{_GAP}{short_text(info.when, self._now)}\n{what}"
            item = QListWidgetItem(
                text if value.present else self.tr("{who} — removed").format(who=text)
            )
            item.setSizeHint(QSize(0, _ITEM))
            item.setToolTip(exact_text(info.when))
            item.setData(_VERSION, value)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._stack.show_content()

    def show_failure(self, failure: Failure) -> None:
        """It could not be read."""
        self._stack.show_error(self.tr("This has no history"), error_text(failure.error))

    def _show_value(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            value: ValueVersion = item.data(_VERSION)
            self._view.set_source(Document(value.text.encode()))

    def _go(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self.version_wanted.emit(item.data(_VERSION).info)


def _short(text: str) -> str:
    """A value that one line can tell; of a longer one nothing, for it stands on the right."""
    line = text.strip()
    return line if len(line) <= _LONGEST and "\n" not in line else ""
