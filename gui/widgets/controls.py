"""Small reusable controls: segments, chips, tags, fields and labels that elide."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from ..theme import mono_font, theme, ui_font

_ACTIVATING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_SHORT_DIGEST = 7
_VERSION_WIDTH = 320
_CHIP_GAPS = 70
_SHORTEST_DETAIL = 40
_TITLE_WIDTH = 120
"""What a title keeps; beyond it, the details elide first."""


class ElidedLabel(QWidget):
    """One line of plain text that ends in "…" where it does not fit; the tooltip has all of it.

    `role` names the colour, one of the palette's; `bold` and `mono` choose the font.
    """

    def __init__(
        self,
        text: str = "",
        *,
        role: str = "text",
        bold: bool = False,
        mono: bool = False,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._role, self._elide = role, elide
        weight = QFont.Weight.DemiBold if bold else QFont.Weight.Normal
        self.setFont(mono_font(12) if mono else ui_font(weight=weight))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)
        self._text = ""
        self.setText(text)

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()
        self._update_tooltip()

    def is_elided(self) -> bool:
        """Whether the text is wider than its place."""
        wanted = self.fontMetrics().horizontalAdvance(_one_line(self._text))
        return wanted > self.contentsRect().width()

    def sizeHint(self) -> QSize:
        metrics, margins = self.fontMetrics(), self.contentsMargins()
        width = metrics.horizontalAdvance(_one_line(self._text)) + 1
        return QSize(width + margins.left() + margins.right(), metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def resizeEvent(self, _event: object) -> None:
        self._update_tooltip()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme().color(self._role if self.isEnabled() else "disabled"))
        place = self.contentsRect()
        text = self.fontMetrics().elidedText(_one_line(self._text), self._elide, place.width())
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, int(align | Qt.TextFlag.TextSingleLine), text)

    def _update_tooltip(self) -> None:
        self.setToolTip(_escaped(self._text) if self.is_elided() else "")


class IconButton(QToolButton):
    """A 28 px button with only an icon; `text` is its name and tooltip, `action` its work."""

    def __init__(
        self,
        icon: str,
        text: str = "",
        *,
        role: str = "dim",
        action: QAction | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon, self._role = icon, role
        if action is not None:
            self.setDefaultAction(action)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.setIconSize(QSize(16, 16))
        self.setFixedSize(28, 28)
        self.setAccessibleName(text or (action.text().replace("&", "") if action else ""))
        if text:
            self.setToolTip(text)
        theme().changed.connect(self._recolour)
        self._recolour()

    def set_icon(self, name: str, role: str = "dim") -> None:
        """Shows another icon, in the colour of that role."""
        self._icon, self._role = name, role
        self._recolour()

    def _recolour(self) -> None:
        self.setIcon(theme().icon(self._icon, self._role))


class FittingRow(QWidget):
    """A row of widgets of which the dispensable ones go, last first, where there is no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dispensable: list[QWidget] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)

    def add(self, widget: QWidget, *, stretch: int = 0, dispensable: bool = False) -> None:
        """Append a widget; whoever shows and hides it itself must not call it dispensable."""
        self._row.addWidget(widget, stretch)
        if dispensable:
            self._dispensable.append(widget)

    def add_stretch(self) -> None:
        self._row.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, _event: object) -> None:
        self._fit()

    def showEvent(self, _event: object) -> None:
        self._fit()

    def _fit(self) -> None:
        for widget in self._dispensable:
            widget.show()
        for widget in reversed(self._dispensable):
            if self._row.totalMinimumSize().width() <= self.width():
                return
            widget.hide()


class Segmented(QFrame):
    """A row of joined buttons of which exactly one is chosen."""

    chosen = Signal(str)
    """The key of the segment that the user chose, or `choose` did."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._group.buttonToggled.connect(self._report)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)

    def add(self, key: str, text: str, tooltip: str = "") -> QPushButton:
        """Appends a segment; the first one is chosen."""
        button = _Segment(text, self)
        button.setCheckable(True)
        button.setToolTip(tooltip)
        button.setChecked(not self._buttons)
        self._buttons[key] = button
        self._group.addButton(button)
        self._row.addWidget(button)
        self._round_ends()
        return button

    def current(self) -> str:
        """The key of the chosen segment; "" while there are none."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def choose(self, key: str) -> None:
        """Chooses that segment; KeyError where there is none."""
        self._buttons[key].setChecked(True)

    def set_enabled(self, key: str, enabled: bool) -> None:
        """Whether that segment can be chosen."""
        self._buttons[key].setEnabled(enabled)

    def _report(self, button: QPushButton, on: bool) -> None:
        key = next((key for key, one in self._buttons.items() if one is button), None)
        if on and key is not None:
            self.chosen.emit(key)

    def _round_ends(self) -> None:
        buttons = list(self._buttons.values())
        for index, button in enumerate(buttons):
            button.setProperty("place", _place(index, len(buttons)))
            button.style().unpolish(button)
            button.style().polish(button)


class _Segment(QPushButton):
    """A button that is as wide when chosen, and bold, as it is when it is not."""

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        bold = ui_font(weight=QFont.Weight.DemiBold)
        hint.setWidth(QFontMetrics(bold).horizontalAdvance(self.text()) + 28)
        return hint


class Chip(QPushButton):
    """A small rounded button that says what is in force, such as "Now" or "Read-only".

    `tone` is "accent", "neutral", "warning" or "error"; `icon` one of the bundled icons.
    """

    _ROLES = {"accent": "accent", "neutral": "dim", "warning": "changed", "error": "removed"}  # noqa: RUF012

    def __init__(
        self, text: str = "", icon: str = "", tone: str = "accent", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._icon, self._tone = icon, tone
        self.setFont(ui_font(12, QFont.Weight.Medium))
        self.setIconSize(QSize(14, 14))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._recolour)
        self.set_tone(tone)

    def set_tone(self, tone: str) -> None:
        """Colours the chip by what it means."""
        self._tone = tone
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self._recolour()

    def _recolour(self) -> None:
        if self._icon:
            self.setIcon(theme().icon(self._icon, self._ROLES[self._tone]))


class Tag(QWidget):
    """A small coloured square with a letter: which side a version is on.

    `role` names the colour of the text; its background is the role's `_back`.
    """

    def __init__(self, text: str, role: str, size: int = 20, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._role = text, role
        self.setFont(ui_font(size * 0.55, QFont.Weight.Bold))
        self.setFixedSize(size, size)
        self.setAccessibleName(text)
        theme().changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_tag(painter, QRectF(self.rect()), self._text, self._role)


class VersionChip(QFrame):
    """One side of a comparison: its tag, title, who and when, and short digest.

    A button to the keyboard and the mouse; long names elide, the digest stays whole.
    """

    clicked = Signal()

    def __init__(self, tag: str, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tag = Tag(tag, role)
        self._title = ElidedLabel(bold=True)
        self._detail = ElidedLabel(role="dim", elide=Qt.TextElideMode.ElideLeft)
        self._digest = ElidedLabel(role="faint", mono=True)
        self.setFixedHeight(40)
        self.setMinimumWidth(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._lay_out()

    def set_version(self, title: str, detail: str = "", digest: str = "") -> None:
        """Shows "Version 141", "ana · 12 Mar, 09:14" and the first 7 of the digest."""
        self._title.setText(title)
        self._title.setMinimumWidth(min(_TITLE_WIDTH, self._title.sizeHint().width()))
        self._detail.setText(detail)
        self._digest.setText(digest[:_SHORT_DIGEST])
        self._digest.setFixedWidth(self._digest.sizeHint().width())
        self._fit()
        parts = (self._tag.accessibleName(), title, detail, digest[:_SHORT_DIGEST])
        self.setAccessibleName(", ".join(part for part in parts if part))

    def resizeEvent(self, _event: object) -> None:
        self._fit()

    def _fit(self) -> None:
        """Of who and when something must be readable, or it goes."""
        title = min(_TITLE_WIDTH, self._title.sizeHint().width())
        taken = self._tag.width() + title + self._digest.sizeHint().width()
        self._detail.setVisible(self.width() - taken - _CHIP_GAPS >= _SHORTEST_DETAIL)

    def sizeHint(self) -> QSize:
        """The same for both sides, so that a layout makes them as wide."""
        return QSize(_VERSION_WIDTH, 40)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ACTIVATING_KEYS:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(10)
        row.addWidget(self._tag)
        row.addWidget(self._title)
        row.addWidget(self._detail)
        row.addStretch(1)
        row.addWidget(self._digest)


class SearchField(QLineEdit):
    """A line to search in: magnifier, clear button, and a hint of the shortcut that leads here."""

    def __init__(
        self, placeholder: str = "", shortcut: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder.rstrip("…"))
        self._keycap = QLabel(shortcut, self)
        self._keycap.setProperty("role", "keycap")
        self._keycap.setFont(ui_font(11))
        self._keycap.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._magnifier = QAction(self)
        self._clear = QAction(self.tr("Clear"), self)
        self._clear.triggered.connect(self.clear)
        self.addAction(self._magnifier, QLineEdit.ActionPosition.LeadingPosition)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self.textChanged.connect(self._show_what_fits)
        theme().changed.connect(self._recolour)
        self._recolour()
        self._show_what_fits()

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._show_what_fits()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def _show_what_fits(self) -> None:
        self._clear.setVisible(bool(self.text()))
        self._keycap.adjustSize()
        left = self.width() - self._keycap.width() - 8
        self._keycap.move(left, (self.height() - self._keycap.height()) // 2)
        needed = self.fontMetrics().horizontalAdvance(self.placeholderText()) + 40
        empty = not self.text() and bool(self._keycap.text())
        self._keycap.setVisible(empty and needed < left)

    def _recolour(self) -> None:
        self._magnifier.setIcon(theme().icon("search", "faint"))
        self._clear.setIcon(theme().icon("close", "dim"))


def paint_tag(painter: QPainter, rect: QRectF, text: str, role: str) -> None:
    """Draws a tag with the painter's font; for delegates, which have no widgets."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color(f"{role}_back"))
    radius = rect.height() / 4
    painter.drawRoundedRect(rect, radius, radius)
    painter.setPen(theme().color(role))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), text)


def _place(index: int, count: int) -> str:
    if count == 1:
        return "only"
    return {0: "first", count - 1: "last"}.get(index, "middle")


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))


def _escaped(text: str) -> str:
    """As rich text, so that a tooltip wraps it and shows its markup as characters."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<span>{safe}</span>"
