"""The two palettes, the fonts, and the theme that puts them on the application."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from string import Template
from typing import Final, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from . import assets

Mode = Literal["system", "light", "dark"]

UI_SIZE: Final = 13
MONO_SIZE: Final = 12
"""Both in whole device-independent pixels, so that rows measure the same everywhere."""

_ICON_RULE: Final = re.compile(r"icon\(([a-z-]+), (\w+)\)")

_FONT_CLASSES: Final = ("QMenu", "QMenuBar", "QMessageBox", "QTipLabel", "QHeaderView")
"""Classes for which some platforms keep a font of their own unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they mean, as "#rrggbb".

    `window` lies behind the panels, `panel` behind what is read. `dim` is for secondary text,
    `faint` for the least: both are readable on every background that they stand on. Each kind of
    change has a colour for signs, one for its rows (`_back`) and one for the changed words
    (`_mark`).
    """

    dark: bool
    window: str
    panel: str
    line: str
    text: str
    dim: str
    faint: str
    disabled: str
    accent: str
    accent_back: str
    accent_strong: str
    accent_mark: str
    on_accent: str
    selection: str
    fold: str
    hover: str
    scroll: str
    added: str
    added_back: str
    added_mark: str
    removed: str
    removed_back: str
    removed_mark: str
    changed: str
    changed_back: str
    changed_mark: str
    moved: str
    moved_back: str
    moved_mark: str
    key: str
    string: str
    number: str
    keyword: str


LIGHT: Final = Palette(
    dark=False,
    window="#f6f7f9",
    panel="#ffffff",
    line="#e3e6ea",
    text="#1d2430",
    dim="#556070",
    faint="#606a7a",
    disabled="#a5adb8",
    accent="#2264d7",
    accent_back="#e6effd",
    accent_strong="#1a56bd",
    accent_mark="#c5dafb",
    on_accent="#ffffff",
    selection="#e2ecfd",
    fold="#f1f3f6",
    hover="#eef1f5",
    scroll="#cdd3db",
    added="#197948",
    added_back="#e3f5ea",
    added_mark="#c4ecd4",
    removed="#b24839",
    removed_back="#fbe9e6",
    removed_mark="#f8d6d0",
    changed="#8d6100",
    changed_back="#fdf3dc",
    changed_mark="#f8e2ac",
    moved="#6a4fc4",
    moved_back="#eeeafb",
    moved_mark="#e0daf8",
    key="#0f5ea8",
    string="#1f6e49",
    number="#8b38bd",
    keyword="#9c491a",
)

DARK: Final = Palette(
    dark=True,
    window="#15181d",
    panel="#1c2027",
    line="#2c323b",
    text="#dfe4ec",
    dim="#a6afbd",
    faint="#919aa6",
    disabled="#5a6370",
    accent="#6ba1ff",
    accent_back="#22324e",
    accent_strong="#86b2ff",
    accent_mark="#34507f",
    on_accent="#10151d",
    selection="#22314a",
    fold="#20252d",
    hover="#262c35",
    scroll="#434b57",
    added="#5fce93",
    added_back="#18312a",
    added_mark="#1f4d38",
    removed="#f0897a",
    removed_back="#382220",
    removed_mark="#5f302b",
    changed="#e7b85a",
    changed_back="#322a18",
    changed_mark="#544219",
    moved="#ab97f5",
    moved_back="#292441",
    moved_mark="#3c3466",
    key="#84b8f5",
    string="#8fd3a8",
    number="#d1a0f1",
    keyword="#f0a877",
)


class Theme(QObject):
    """Which palette is in use; tells painters when that changes."""

    changed = Signal()
    """The palette is another one now: repaint, and ask for icons again."""

    def __init__(self) -> None:
        super().__init__()
        self._mode: Mode = "system"
        self._palette = LIGHT
        self._app: QApplication | None = None

    @property
    def palette(self) -> Palette:
        return self._palette

    @property
    def mode(self) -> Mode:
        return self._mode

    def apply(self, app: QApplication, mode: Mode = "system") -> None:
        """Dresses the application: style, fonts, palette and style sheet."""
        self._mode = mode
        if self._app is not app:
            self._prepare(app)
        _ask_platform_for(app, mode)
        self._dress(app)

    def icon(self, name: str, role: str = "dim") -> QIcon:
        """The icon of that name in the colour of that role, for the palette in use."""
        return assets.icon(name, getattr(self._palette, role))

    def color(self, role: str) -> QColor:
        """The colour of that role in the palette in use."""
        return QColor(getattr(self._palette, role))

    def _prepare(self, app: QApplication) -> None:
        self._app = app
        assets.load_fonts()
        app.setStyle("Fusion")
        app.setFont(ui_font())
        for name in _FONT_CLASSES:
            app.setFont(ui_font(), name)  # type: ignore[arg-type] # the stub says bytes, which it refuses
        app.styleHints().colorSchemeChanged.connect(self._follow_system)

    def _follow_system(self) -> None:
        if self._mode == "system" and self._app is not None:
            self._dress(self._app)

    def _dress(self, app: QApplication) -> None:
        self._palette = _palette_for(app, self._mode)
        app.setPalette(qt_palette(self._palette))
        app.setStyleSheet(style_sheet(self._palette))
        self.changed.emit()


@lru_cache(maxsize=1)
def theme() -> Theme:
    """The theme of this application; there is one, as there is one QApplication."""
    return Theme()


def ui_font(size: float = UI_SIZE, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The font of all that is not data; `size` in device-independent pixels."""
    font = QFont(["Inter", "Segoe UI", "Helvetica Neue", "sans-serif"])
    _measure(font, size, weight)
    return font


def mono_font(size: float = MONO_SIZE, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The font of data, without ligatures, so that a character is a column."""
    font = QFont(["JetBrains Mono", "Consolas", "Menlo", "monospace"])
    font.setStyleHint(QFont.StyleHint.Monospace)
    _measure(font, size, weight)
    for feature in ("calt", "liga"):
        font.setFeature(QFont.Tag(feature), 0)
    return font


def style_sheet(palette: Palette) -> str:
    """The application's style sheet in these colours."""
    colors = {name: str(value) for name, value in asdict(palette).items()}
    text = Template(assets.style_sheet()).substitute(colors)
    return _ICON_RULE.sub(lambda rule: _icon_url(rule[1], colors[rule[2]]), text)


def qt_palette(palette: Palette) -> QPalette:
    """The same colours for what Qt's own style draws."""
    result = QPalette()
    for role, color in _roles(palette).items():
        result.setColor(role, QColor(color))
    for role in _DISABLED_ROLES:
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(palette.disabled))
    return result


_Role = QPalette.ColorRole

_DISABLED_ROLES: Final = (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.PlaceholderText)


def _roles(palette: Palette) -> dict[QPalette.ColorRole, str]:
    return {
        _Role.Window: palette.window,
        _Role.WindowText: palette.text,
        _Role.Base: palette.panel,
        _Role.AlternateBase: palette.fold,
        _Role.Text: palette.text,
        _Role.PlaceholderText: palette.faint,
        _Role.Button: palette.panel,
        _Role.ButtonText: palette.text,
        _Role.BrightText: palette.removed,
        _Role.ToolTipBase: palette.panel,
        _Role.ToolTipText: palette.text,
        _Role.Highlight: palette.selection,
        _Role.HighlightedText: palette.text,
        _Role.Accent: palette.accent,
        _Role.Link: palette.accent,
        _Role.LinkVisited: palette.moved,
        _Role.Light: palette.panel,
        _Role.Midlight: palette.fold,
        _Role.Mid: palette.line,
        _Role.Dark: palette.line,
        _Role.Shadow: palette.window,
    }


def _palette_for(app: QApplication, mode: Mode) -> Palette:
    if mode == "system":
        mode = "dark" if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"
    return DARK if mode == "dark" else LIGHT


def _ask_platform_for(app: QApplication, mode: Mode) -> None:
    """So that title bars and native dialogs match; some platforms ignore it."""
    schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    if mode == "system":
        app.styleHints().unsetColorScheme()
    else:
        app.styleHints().setColorScheme(schemes[mode])


def _measure(font: QFont, size: float, weight: QFont.Weight) -> None:
    """Hinted upwards only: letters keep their width, whatever the system's own setting is."""
    font.setPixelSize(round(size))
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)


def _icon_url(name: str, color: str) -> str:
    return f'url("{assets.icon_file(name, color)}")'
