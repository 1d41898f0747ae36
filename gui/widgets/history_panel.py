"""An entry's history as a timeline, newest first, with filters."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from dbengine import Info

from ..jobs import Users
from ..models.history_model import HistoryModel, HistoryRole
from ..texts import counted, signed_counts
from ..theme import mono_font, theme, ui_font
from .controls import ElidedLabel, SearchField, paint_tag
from .states import StateStack

_VERSION = 50
_DAY = 30
_PAUSE = 250
_SHORT_DIGEST = 7
_LONGEST_NAME = 24
Index = QModelIndex | QPersistentModelIndex


class HistoryPanel(QWidget):
    """Tells which version the user chose, and which one beside it (with Ctrl or Shift)."""

    chosen = Signal(object)
    """An `Info`."""
    pair_chosen = Signal(object, object)
    """Two `Info`s, the older one first."""
    menu_wanted = Signal(object, QPoint)
    users_wanted = Signal()

    def __init__(self, model: HistoryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._model = model
        self._chosen = ""
        self._count = ElidedLabel(role="faint")
        self._user = self._make_user_button()
        self._filter = SearchField(self.tr("Filter by user, date, note…"))
        self._table = _Table(model)
        self._table.pointed.connect(self.chosen)
        self._table.paired.connect(self.pair_chosen)
        self._table.menu_wanted.connect(self.menu_wanted)
        self._stack = StateStack(self._table)
        self._typing = QTimer(self, singleShot=True, interval=_PAUSE)
        self._typing.timeout.connect(self._apply_filter)
        self._filter.textChanged.connect(self._start_typing)
        model.count_changed.connect(self._show_count)
        model.state_changed.connect(self._show_state)
        model.revealed.connect(self._table.show_row)
        model.rowsInserted.connect(self._rows_came)
        self._lay_out()
        self._show_state(model.state)

    @property
    def table(self) -> QTableView:
        return self._table

    @property
    def filter_field(self) -> SearchField:
        return self._filter

    def reset_filter(self) -> None:
        """All versions of all users, as another entry begins."""
        self._filter.clear()
        self._typing.stop()
        self._user.setText(self.tr("All users ▾"))

    def show_users(self, users: Users) -> None:
        """Offer the users in the menu of the button."""
        menu = self._user.menu()
        menu.clear()
        menu.addAction(self.tr("All users"), self._choose_user).setData(None)
        menu.addSeparator()
        for name, number in users.names:
            text = f"{_literal(name)}   {number:,}"
            menu.addAction(text, self._choose_user).setData(name)

    def show_chosen(self, digest: str) -> None:
        """Mark a version, reading on until it is there."""
        self._chosen = digest
        self._model.reveal(digest)

    def _lay_out(self) -> None:
        title = QLabel(self.tr("History"))
        title.setFont(ui_font(weight=QFont.Weight.DemiBold))
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(title)
        head.addWidget(self._count, 1)
        head.addWidget(self._user)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self._filter)
        column.addWidget(self._stack, 1)

    def _make_user_button(self) -> QToolButton:
        button = QToolButton()
        button.setText(self.tr("All users ▾"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAccessibleName(self.tr("Show versions of one user"))
        menu = QMenu(button)
        menu.aboutToShow.connect(self.users_wanted)
        button.setMenu(menu)
        button.setToolTip(self.tr("Show versions of one user"))
        return button

    def _choose_user(self) -> None:
        action = self.sender()
        name = action.data() if isinstance(action, QAction) else None
        self._user.setText(f"{_literal(name)} ▾" if name else self.tr("All users ▾"))
        self._model.set_filter(self._filter.text().strip(), name)

    def _start_typing(self) -> None:
        self._typing.start()

    def _apply_filter(self) -> None:
        self._model.set_filter(self._filter.text().strip(), self._model.user)

    def _show_count(self, count: int) -> None:
        text = counted(count, self.tr("1 version"), self.tr("{number} versions"))
        self._count.setText(text if count else "")

    def _rows_came(self) -> None:
        """Where a filter took the chosen version away, and now it is there again, it is marked."""
        if self._model.state == "ready":
            self._stack.show_content()
        if self._table.currentIndex().isValid():
            return
        row = self._model.row_of(self._chosen)
        if row is not None:
            self._table.show_row(row)

    def _show_state(self, state: str) -> None:
        if state == "loading":
            self._stack.show_loading()
        elif state == "error":
            self._stack.show_error(self.tr("The history cannot be read"))
        elif state == "empty":
            self._stack.show_empty("clock", self.tr("No entry chosen"))
        elif self._model.rowCount() == 0:
            self._stack.show_empty("search", self.tr("No version fits"))
        else:
            self._stack.show_content()


class _Table(QTableView):
    """One column of versions under headings of days."""

    pointed = Signal(object)
    paired = Signal(object, object)
    menu_wanted = Signal(object, QPoint)

    def __init__(self, model: HistoryModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName(self.tr("History"))
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_VERSION)
        self.verticalHeader().setMinimumSectionSize(_DAY)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_menu)
        model.rowsInserted.connect(self._fit_headings)
        model.modelReset.connect(self._fit_all)
        model.layoutChanged.connect(self._fit_all)

    def show_row(self, row: int) -> None:
        """Mark a row, without saying that the user chose it."""
        index = self._model.index(row, 0)
        if index != self.currentIndex():
            self.setCurrentIndex(index)
        older = self._model.index(min(row + 1, self._model.rowCount() - 1), 0)
        self.scrollTo(older)  # what it is compared with, to begin with
        self.scrollTo(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        info = self._model.info_at(self.rowAt(round(event.position().y())))
        pairing = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if info is not None and event.button() == Qt.MouseButton.LeftButton:
            if event.modifiers() & pairing:
                self._pair(info)
                return
            super().mousePressEvent(event)
            self.pointed.emit(info)
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Dragging chooses nothing more."""
        if not event.buttons():
            super().mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        row = self.currentIndex().row()
        info = self._model.info_at(row)
        if row != before and info is not None:
            self.pointed.emit(info)

    def _pair(self, other: Info) -> None:
        current = self._model.info_at(self.currentIndex().row())
        if current is not None and current.digest != other.digest:
            older, newer = sorted((current, other), key=_seq)
            self.paired.emit(older, newer)

    def _ask_menu(self, point: QPoint) -> None:
        info = self._model.info_at(self.rowAt(point.y()))
        if info is not None:
            self.menu_wanted.emit(info, self.viewport().mapToGlobal(point))

    def _fit_all(self) -> None:
        self._fit_headings(QModelIndex(), 0, self._model.rowCount() - 1)

    def _fit_headings(self, _parent: QModelIndex, first: int, last: int) -> None:
        header = self.verticalHeader()
        for row in range(first, last + 1):
            wanted = _VERSION if self._model.info_at(row) else _DAY
            if header.sectionSize(row) != wanted:
                header.resizeSection(row, wanted)


class _Delegate(QStyledItemDelegate):
    """A dot on a line, a title, and below it who, when, how much, and the digest."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, _VERSION if index.data(HistoryRole.KIND) == "version" else _DAY)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(HistoryRole.KIND) == "version":
            self._paint_version(painter, rect, index, state)
        else:
            self._paint_day(painter, rect, str(index.data()))
        painter.restore()

    def _paint_day(self, painter: QPainter, rect: QRect, title: str) -> None:
        painter.setFont(ui_font(11.5, QFont.Weight.DemiBold))
        painter.setPen(theme().color("dim"))
        align = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        painter.drawText(rect.adjusted(8, 0, -8, -5), align, title)

    def _paint_version(
        self, painter: QPainter, rect: QRect, index: Index, state: QStyle.StateFlag
    ) -> None:
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        _paint_back(painter, rect, chosen, bool(state & QStyle.StateFlag.State_MouseOver))
        side = str(index.data(HistoryRole.SIDE) or "")
        _paint_dot(painter, rect, chosen or bool(side))
        body = rect.adjusted(27, 6, -9, -6)
        right = body.right()
        if side:
            painter.setFont(ui_font(10, QFont.Weight.Bold))
            tag = QRectF(right - 16, body.top(), 16, 16)
            paint_tag(painter, tag, side, "removed" if side == "A" else "added")
            right -= 22
        painter.setFont(ui_font(13, QFont.Weight.Medium))
        painter.setPen(theme().color("text"))
        title = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, right - body.left()
        )
        painter.drawText(QRect(body.left(), body.top(), right - body.left(), 18), 0, title)
        self._paint_details(painter, body, index)

    def _paint_details(self, painter: QPainter, body: QRect, index: Index) -> None:
        info: Info = index.data(HistoryRole.INFO)
        line = QRect(body.left(), body.bottom() - 16, body.width(), 17)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        digest = info.digest[:_SHORT_DIGEST]
        painter.setFont(mono_font(11))
        painter.setPen(theme().color("faint"))
        painter.drawText(line, middle | int(Qt.AlignmentFlag.AlignRight), digest)
        space = line.width() - painter.fontMetrics().horizontalAdvance(digest) - 10
        counts = signed_counts(info)
        bold = QFontMetrics(ui_font(11, QFont.Weight.DemiBold))
        wanted = sum(bold.horizontalAdvance(text) + 8 for text, _role in counts)
        painter.setFont(ui_font(11.5))
        painter.setPen(theme().color("dim"))
        who = _who(painter, info.user, str(index.data(HistoryRole.TIME)), space - wanted)
        painter.drawText(line, middle, who)
        left = line.left() + painter.fontMetrics().horizontalAdvance(who) + 8
        painter.setFont(ui_font(11, QFont.Weight.DemiBold))
        for text, role in counts:
            painter.setPen(theme().color(role))
            painter.drawText(QRect(left, line.top(), 80, line.height()), middle, text)
            left += bold.horizontalAdvance(text) + 8


def _who(painter: QPainter, user: str, time: str, space: int) -> str:
    """ "marco · 16:02"; a long name is elided, the time stays whole."""
    rest = f" · {time}"
    metrics = painter.fontMetrics()
    room = max(20, space - metrics.horizontalAdvance(rest))
    return metrics.elidedText(user.replace("\n", " "), Qt.TextElideMode.ElideRight, room) + rest


def _paint_back(painter: QPainter, rect: QRect, chosen: bool, hovered: bool) -> None:
    if chosen or hovered:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("selection" if chosen else "hover"))
        painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 7, 7)


def _paint_dot(painter: QPainter, rect: QRect, full: bool) -> None:
    center = QPointF(rect.left() + 13, rect.top() + 16)
    painter.setPen(QPen(theme().color("line"), 2))
    painter.drawLine(
        QPointF(center.x(), rect.top()), QPointF(center.x(), rect.top() + rect.height())
    )
    painter.setPen(QPen(theme().color("accent" if full else "faint"), 2))
    painter.setBrush(theme().color("accent" if full else "panel"))
    painter.drawEllipse(center, 4, 4)


def _literal(name: str) -> str:
    """A name for a button or a menu, where "&" would underline the next letter."""
    short = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
    return short.replace("&", "&&").replace("\n", " ")


def _seq(info: Info) -> int:
    return info.seq
