"""The content of one version, with a bar to find something in it."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from dbengine import Info

from ..models.document import Document
from ..models.when import exact_text, short_text
from ..texts import signed_counts, version_name, version_title
from .controls import ElidedLabel, IconButton, SearchField
from .rows_view import RowsView
from .states import StateStack


class ViewPanel(QWidget):
    """Keeps what it shows until the next document is there."""

    path_selected = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = RowsView(panes=1)
        self._view.setAccessibleName(self.tr("Document"))
        self._view.path_selected.connect(self.path_selected)
        self._info: Info | None = None
        self._title = ElidedLabel(bold=True)
        self._when = ElidedLabel(role="dim")
        self._find = FindBar()
        self._find.wanted.connect(self._find_text)
        self._find.closed.connect(self._stop_seeking)
        self._find.hide()
        self.bar = self._make_bar()
        self.stack = StateStack(self._view)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 12, 12)
        column.setSpacing(8)
        column.addWidget(self._find)
        column.addWidget(self.stack, 1)

    @property
    def view(self) -> RowsView:
        return self._view

    @property
    def info(self) -> Info | None:
        """The version that is shown."""
        return self._info

    def show_document(self, info: Info, document: Document, now: datetime) -> None:
        """Another version: what it is above, what it holds below.

        One walks through an entry's versions at one place of the document.
        """
        before, self._info = self._info, info
        same_entry = before is not None and _place(before) == _place(info)
        self._title.setText(f"{version_name(info)} — {version_title(info)}")
        counts = "  ".join(text for text, _role in signed_counts(info))
        self._when.setText(f"{info.user} · {short_text(info.when, now)}   {counts}")
        self._when.setToolTip(exact_text(info.when))
        self._view.set_source(document, keep_position=same_entry)
        self.stack.show_content()
        self.path_selected.emit(self._view.path_at(self._view.current_row(), "left"))

    def clear(self) -> None:
        """No version is chosen."""
        self._info = None
        self._title.setText("")
        self._when.setText("")
        self._view.set_source(None)
        self.path_selected.emit(None)

    @property
    def find_field(self) -> SearchField:
        """Where one types what to find."""
        return self._find.field

    def start_find(self) -> None:
        self._find.start()

    def find_again(self, *, backward: bool) -> None:
        self._find.ask(backward)

    def _make_bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._title)
        row.addWidget(self._when)
        row.addStretch(1)
        return bar

    def _stop_seeking(self) -> None:
        self._view.set_sought("")

    def _find_text(self, text: str, backward: bool) -> None:
        source = self._view.source()
        self._view.set_sought(text)
        if not isinstance(source, Document) or not text:
            self._find.tell("")
            return
        here = max(0, self._view.current_row())
        start = here - 1 if backward else here + 1
        row = source.find(text, start, backward) if 0 <= start < len(source) else None
        wrapped = row is None
        if row is None:
            row = source.find(text, len(source) - 1 if backward else 0, backward)
        if row is None:
            self._find.tell(self.tr("Not found"))
        else:
            self._view.go_to_row(row)
            self._find.tell(self.tr("From the other end") if wrapped else "")


class FindBar(QFrame):
    """A field with next, previous and close; Escape hides it."""

    wanted = Signal(str, bool)
    """The text, and whether to look backwards."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = SearchField(self.tr("Find in this document…"))
        self.field.returnPressed.connect(self._next)
        self._said = QLabel()
        self._said.setProperty("tone", "dim")
        up = IconButton("up", self.tr("Previous hit"))
        up.clicked.connect(self._previous)
        down = IconButton("down", self.tr("Next hit"))
        down.clicked.connect(self._next)
        close = IconButton("close", self.tr("Close"))
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.field, self._said, up, down, close):
            row.addWidget(widget, 1 if widget is self.field else 0)

    def start(self) -> None:
        """Show it, ready to type."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def hideEvent(self, event: QHideEvent) -> None:
        """Closed; not merely out of sight with the panel that it is in."""
        super().hideEvent(event)
        if self.isHidden():
            self.closed.emit()

    def ask(self, backward: bool) -> None:
        self.wanted.emit(self.field.text(), backward)

    def tell(self, text: str) -> None:
        self._said.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _next(self) -> None:
        self.ask(False)

    def _previous(self) -> None:
        self.ask(True)


def _place(info: Info) -> tuple[str, str]:
    return info.tenant, info.entry


def framed(view: QWidget) -> QFrame:
    """A view within the rounded frame that all content has."""
    frame = QFrame()
    frame.setProperty("frame", True)
    column = QVBoxLayout(frame)
    column.setContentsMargins(1, 1, 1, 1)
    column.addWidget(view)
    return frame
