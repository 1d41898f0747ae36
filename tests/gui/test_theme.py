"""Both palettes are readable, complete, and follow the system or the user."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from gui.theme import DARK, LIGHT, Palette, mono_font, style_sheet, theme, ui_font

KINDS = ("added", "removed", "changed", "moved")
BACKS = tuple(f"{kind}_back" for kind in KINDS)
MARKS = tuple(f"{kind}_mark" for kind in KINDS)
PLAIN = ("panel", "window", "selection", "fold", "hover")
TOKENS = ("text", "key", "string", "number", "keyword")

PAIRS = (
    [(token, back) for token in TOKENS for back in ("panel", "selection", *BACKS, *MARKS)]
    + [("text", back) for back in (*PLAIN, "accent_mark", "accent_back")]
    + [("dim", back) for back in (*PLAIN, "accent_back")]
    + [("faint", back) for back in ("panel", "window", "selection", "fold", *BACKS)]
    + [("accent", back) for back in ("panel", "window", "accent_back", "hover")]
    + [(kind, back) for kind in KINDS for back in ("panel", "window", "selection", f"{kind}_back")]
    + [("on_accent", back) for back in ("accent", "accent_strong")]
)


@pytest.fixture(autouse=True)
def light_again(qapp: QApplication) -> Iterator[None]:
    yield
    theme().apply(qapp, "light")


def luminance(color: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in QColor(color).getRgbF()[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_is_readable_on_every_background_it_stands_on(palette: Palette) -> None:
    colors = asdict(palette)
    weak = [pair for pair in PAIRS if contrast(colors[pair[0]], colors[pair[1]]) < 4.5]
    assert weak == []


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_focus_ring_stands_out(palette: Palette) -> None:
    backs = (palette.panel, palette.window, palette.line)
    assert all(contrast(palette.accent, back) >= 3 for back in backs)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_are_whole_names(palette: Palette) -> None:
    colors = [value for name, value in asdict(palette).items() if name != "dark"]
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_style_sheet_has_no_colour_of_its_own(palette: Palette) -> None:
    text = re.sub(r'url\("[^"]*"\)', "", style_sheet(palette))
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", text)) <= set(map(str, asdict(palette).values()))
    assert "$" not in text
    assert "icon(" not in text


def test_a_mode_chosen_by_the_user_is_applied(qapp: QApplication) -> None:
    theme().apply(qapp, "dark")
    assert theme().palette is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == DARK.window
    theme().apply(qapp, "light")
    assert theme().palette is LIGHT
    assert qapp.palette().color(QPalette.ColorRole.Text).name() == LIGHT.text


def test_the_system_decides_where_the_user_does_not(qapp: QApplication) -> None:
    theme().apply(qapp, "system")
    assert theme().mode == "system"
    assert theme().palette is LIGHT


def test_painters_hear_of_a_change(qapp: QApplication, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme().changed):
        theme().apply(qapp, "dark")


def test_an_icon_follows_the_palette(qapp: QApplication) -> None:
    theme().apply(qapp, "dark")
    dark = theme().icon("plus").pixmap(16).toImage().pixelColor(8, 8)
    theme().apply(qapp, "light")
    assert dark != theme().icon("plus").pixmap(16).toImage().pixelColor(8, 8)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_dialog_is_painted_in_the_palette(qapp: QApplication, qtbot: QtBot, mode: str) -> None:
    theme().apply(qapp, mode)  # type: ignore[arg-type]
    box = QMessageBox()
    qtbot.addWidget(box)
    box.setText("Discard the draft?")
    box.resize(300, 120)
    assert box.grab().toImage().pixelColor(2, 2).name() == theme().palette.window


def test_a_button_cannot_be_pressed_into_its_text(qapp: QApplication, qtbot: QtBot) -> None:
    theme().apply(qapp, "light")
    button = QPushButton("A longer text")
    qtbot.addWidget(button)
    needed = button.fontMetrics().horizontalAdvance(button.text())
    assert button.minimumSizeHint().width() > needed


def test_a_character_of_data_is_a_column(qapp: QApplication) -> None:
    from PySide6.QtGui import QFontMetricsF

    theme().apply(qapp, "light")
    metrics = QFontMetricsF(mono_font())
    assert metrics.horizontalAdvance("->==!=") == pytest.approx(6 * metrics.horizontalAdvance("0"))
    assert ui_font().pixelSize() == 13
