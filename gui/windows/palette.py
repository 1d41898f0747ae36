"""The command palette: any action by a few letters of its name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ..actions import Actions, Spec
from ..theme import theme, ui_font
from ..widgets.controls import SearchField

_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
_ACTION = Qt.ItemDataRole.UserRole
_KEYS = Qt.ItemDataRole.UserRole + 1


class CommandPalette(QDialog):
    """A field and the actions that fit; Enter runs the one that is marked.

    It goes when one turns to another window. (Not a popup: Wayland shows those only in answer to a
    key or click that it has just delivered.)
    """

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("Find a command"))
        self._runnable = [(spec, action) for spec, action in actions.runnable() if _useful(spec)]
        self._field = SearchField(self.tr("Find a command…"))
        self._field.textChanged.connect(self._filter)
        self._field.installEventFilter(self)
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Commands"))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setItemDelegate(_Delegate(self._list))
        self._list.itemClicked.connect(self._run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.addWidget(self._field)
        layout.addWidget(self._list)
        self.resize(520, 420)
        self._filter("")

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowDeactivate:
            self.close()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(theme().color("line"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def showEvent(self, event: object) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        window = parent.window()
        top = window.mapToGlobal(window.rect().topLeft())
        self.move(top.x() + (window.width() - self.width()) // 2, top.y() + 60)
        self._field.setFocus()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._move(_STEPS[key])
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self._list.currentItem())
            return True
        return False

    def _filter(self, text: str) -> None:
        self._list.clear()
        fitting = [(spec, action) for spec, action in self._runnable if fits(text, spec.label)]
        for spec, action in sorted(fitting, key=lambda found: distance(text, found[0].label)):
            self._list.addItem(_item(spec, action))
        self._list.setCurrentRow(0)

    def _move(self, steps: int) -> None:
        last = self._list.count() - 1
        self._list.setCurrentRow(max(0, min(last, self._list.currentRow() + steps)))

    def _run(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        action: QAction = item.data(_ACTION)
        self.close()
        action.trigger()


class _Delegate(QStyledItemDelegate):
    """The name on the left, the shortcut on the right."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        painter.save()
        painter.setFont(ui_font(11.5))
        painter.setPen(theme().color("faint"))
        place = option.rect.adjusted(0, 0, -10, 0)
        align = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(place, align, str(index.data(_KEYS)))
        painter.restore()


def fits(typed: str, label: str) -> bool:
    """Whether the letters that were typed occur in the label, in their order."""
    letters = iter(label.casefold())
    return all(letter in letters for letter in typed.casefold() if not letter.isspace())


def distance(typed: str, label: str) -> int:
    """How far a label that fits is from what was typed; those that are as near keep their order."""
    typed, label = typed.strip().casefold(), label.casefold()
    if label.startswith(typed):
        return 0
    if f" {typed}" in label:
        return 1
    return 2 if typed in label else 3


def _useful(spec: Spec) -> bool:
    return spec.name != "palette"


def _item(spec: Spec, action: QAction) -> QListWidgetItem:
    keys = spec.shortcut.toString(QKeySequence.SequenceFormat.NativeText)
    item = QListWidgetItem(spec.label)
    item.setData(_KEYS, keys)
    item.setData(_ACTION, action)
    item.setToolTip(action.statusTip())
    return item
