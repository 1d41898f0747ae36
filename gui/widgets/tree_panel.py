"""Tenants and entries in a tree, with a filter that asks the store."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from dbengine import Info

from ..models.tree_model import TreeModel, TreeRole
from ..theme import theme, ui_font
from .controls import ElidedLabel, SearchField

_ROW = 28
_PAUSE = 200


class TreePanel(QWidget):
    """Tells which entry the user chose; the model reads what it needs by itself."""

    entry_chosen = Signal(str, str)
    tenant_chosen = Signal(str)
    menu_wanted = Signal(QPoint)

    def __init__(self, model: TreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._model = model
        self._filter = SearchField(self.tr("Filter tenants and entries"))
        self._tree = _Tree()
        self._set_up_tree()
        self._nothing = ElidedLabel(self.tr("Nothing has this in its name."), role="dim")
        self._nothing.hide()
        self._chosen: tuple[str | None, str | None] = None, None
        self._typing = QTimer(self, singleShot=True, interval=_PAUSE)
        self._typing.timeout.connect(self._apply_filter)
        self._filter.textChanged.connect(self._filter_changed)
        self._filter.installEventFilter(self)
        model.rebuilt.connect(self._show_hits)
        model.rowsInserted.connect(self._mark_again)
        model.rowsRemoved.connect(self._mark_again)
        heading = ElidedLabel(self.tr("TENANTS"), role="faint")
        heading.setFont(ui_font(11, QFont.Weight.DemiBold))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 10, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._filter)
        column.addSpacing(4)
        heading.setContentsMargins(8, 0, 0, 0)
        column.addWidget(heading)
        column.addWidget(self._nothing)
        column.addWidget(self._tree, 1)

    @property
    def tree(self) -> QTreeView:
        return self._tree

    @property
    def filter_field(self) -> SearchField:
        return self._filter

    def show_chosen(self, tenant: str | None, entry: str | None) -> None:
        """Mark the entry where one is, as soon as it is read; nobody is told of it."""
        self._chosen = tenant, entry
        if tenant:
            self.expand(tenant)
        index = self._model.find(tenant, entry) if tenant else QModelIndex()
        if index.isValid():
            self._tree.setCurrentIndex(index)
            self._tree.scrollTo(index)
        else:
            self._tree.setCurrentIndex(QModelIndex())

    def expand(self, tenant: str) -> None:
        """Show the entries of a tenant."""
        index = self._model.find(tenant)
        if index.isValid():
            self._tree.expand(index)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Down leads from the filter into the tree."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() not in (Qt.Key.Key_Down, Qt.Key.Key_Return):
            return False
        self._tree.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def _set_up_tree(self) -> None:
        tree = self._tree
        tree.setModel(self._model)
        tree.setHeaderHidden(True)
        tree.setUniformRowHeights(True)
        tree.setIndentation(14)
        tree.setRootIsDecorated(True)
        tree.setExpandsOnDoubleClick(True)
        tree.setItemDelegate(_Delegate(tree))
        tree.setAccessibleName(self.tr("Tenants and entries"))
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._ask_menu)
        tree.pointed.connect(self._choose)
        tree.clicked.connect(self._click)

    def _choose(self, index: QModelIndex) -> None:
        tenant, name = index.data(TreeRole.TENANT), index.data(Qt.ItemDataRole.DisplayRole)
        if not index.isValid() or tenant is None:
            return
        if index.data(TreeRole.IS_TENANT):
            self.tenant_chosen.emit(tenant)
        else:
            self.entry_chosen.emit(tenant, name)

    def _click(self, index: QModelIndex) -> None:
        """A click on a tenant opens it; its arrow still closes it."""
        self._choose(index)
        if index.data(TreeRole.IS_TENANT) and not self._tree.isExpanded(index):
            self._tree.expand(index)

    def _filter_changed(self) -> None:
        self._typing.start()

    def _apply_filter(self) -> None:
        self._model.set_filter(self._filter.text().strip())

    def _mark_again(self) -> None:
        """Rows came or went: the entry where one is may be there now, or its neighbour is not."""
        tenant, entry = self._chosen
        if tenant is None:
            return
        index = self._model.find(tenant, entry)
        if not index.isValid() or self._tree.currentIndex() != index:
            self.show_chosen(tenant, entry)

    def _show_hits(self) -> None:
        filtered = bool(self._model.filter_text)
        self._nothing.setVisible(filtered and not self._model.rowCount())
        if filtered:
            self._tree.expandAll()

    def _ask_menu(self, point: QPoint) -> None:
        self.menu_wanted.emit(self._tree.viewport().mapToGlobal(point))


class _Tree(QTreeView):
    """Tells what the keyboard chose, not what the program or a vanished row did."""

    pointed = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.currentIndex()
        super().keyPressEvent(event)
        if self.currentIndex() != before:
            self.pointed.emit(self.currentIndex())

    def drawRow(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The keyboard's frame is round the whole row, as its background is."""
        super().drawRow(painter, option, index)
        if self.hasFocus() and index == self.currentIndex():
            painter.setPen(theme().color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))


class _Delegate(QStyledItemDelegate):
    """Icon, name and count; a deleted entry is struck through."""

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(60, _ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, theme().color("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme().color("hover"))
        left = rect.left() + 4
        if not index.data(TreeRole.IS_TENANT):
            name, role = _icon(index.data(TreeRole.INFO), chosen)
            theme().icon(name, role).paint(
                painter, left, rect.top() + (rect.height() - 16) // 2, 16, 16
            )
            left += 22
        right = self._paint_count(painter, rect, index)
        self._paint_name(
            painter, QRect(left, rect.top(), right - left, rect.height()), index, chosen
        )
        painter.restore()

    def _paint_count(
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> int:
        count = index.data(TreeRole.COUNT)
        text = f"{count:,}" if isinstance(count, int) else ""
        painter.setFont(ui_font(11.5))
        painter.setPen(theme().color("faint"))
        align = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(rect.adjusted(0, 0, -8, 0), align, text)
        return rect.right() - 16 - painter.fontMetrics().horizontalAdvance(text)

    def _paint_name(
        self,
        painter: QPainter,
        rect: QRect,
        index: QModelIndex | QPersistentModelIndex,
        chosen: bool,
    ) -> None:
        deleted = bool(index.data(TreeRole.DELETED))
        font = ui_font(weight=QFont.Weight.DemiBold if chosen else QFont.Weight.Normal)
        font.setStrikeOut(deleted)
        painter.setFont(font)
        painter.setPen(theme().color("faint" if deleted else "text"))
        name = str(index.data(Qt.ItemDataRole.DisplayRole)).replace("\n", "⏎")
        text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, rect.width())
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter), text)


def _icon(info: Info, chosen: bool) -> tuple[str, str]:
    """The icon of an entry and the role of its colour."""
    if info.damage:
        return "warning", "changed"
    kind = "object" if info.action == "save" or info.form != "records" else "collection"
    return kind, "accent" if chosen else "faint"
