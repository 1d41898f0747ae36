"""The small controls: what they say, how they elide, how the keyboard works them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.theme import theme
from gui.widgets.controls import (
    Chip,
    ElidedLabel,
    IconButton,
    SearchField,
    Segmented,
    Tag,
    VersionChip,
)

LONG = "a name that goes on and on " * 20

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
"""What the offscreen platform says of every window that has a smallest size."""


def segments(qtbot: QtBot) -> Segmented:
    control = Segmented("What to see")
    for key in ("view", "compare", "edit"):
        control.add(key, key.title())
    qtbot.addWidget(control)
    return control


def test_the_first_segment_is_chosen(qtbot: QtBot) -> None:
    assert segments(qtbot).current() == "view"


def test_a_click_chooses_a_segment_and_only_it(qtbot: QtBot) -> None:
    control = segments(qtbot)
    button = control.add("more", "More")
    with qtbot.waitSignal(control.chosen) as chosen:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert chosen.args == ["more"]
    assert control.current() == "more"


def test_choosing_what_is_chosen_says_nothing(qtbot: QtBot) -> None:
    control = segments(qtbot)
    with qtbot.assertNotEmitted(control.chosen):
        control.choose("view")


def test_a_segment_keeps_its_width_when_chosen(qtbot: QtBot) -> None:
    control = segments(qtbot)
    before = control.sizeHint().width()
    control.choose("compare")
    assert control.sizeHint().width() == before


def test_a_long_text_elides_and_its_tooltip_has_all_of_it(qtbot: QtBot) -> None:
    label = ElidedLabel(LONG)
    qtbot.addWidget(label)
    label.resize(100, 20)
    assert label.is_elided()
    assert LONG in label.toolTip()
    assert label.minimumSizeHint().width() == 0


def test_a_short_text_needs_no_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel("suppliers")
    qtbot.addWidget(label)
    label.resize(400, 20)
    assert label.toolTip() == ""


def test_markup_in_a_name_is_shown_as_characters(qtbot: QtBot) -> None:
    label = ElidedLabel("<b>bold</b>" * 20)
    qtbot.addWidget(label)
    label.resize(50, 20)
    assert "&lt;b&gt;" in label.toolTip()


def test_a_version_keeps_its_digest_whole_beside_long_names(qtbot: QtBot) -> None:
    chip = VersionChip("A", "removed")
    qtbot.addWidget(chip)
    chip.set_version(LONG, LONG, "8c1f0e2ab5566")
    chip.resize(260, 40)
    chip.show()
    digest = next(label for label in chip.findChildren(ElidedLabel) if label.text() == "8c1f0e2")
    assert not digest.is_elided()
    assert digest.geometry().right() < chip.width()


def test_a_version_is_a_button_to_mouse_and_keyboard(qtbot: QtBot) -> None:
    chip = VersionChip("B", "added")
    qtbot.addWidget(chip)
    chip.set_version("Version 142", "marco · today, 16:02", "3b97d4a")
    assert chip.accessibleName() == "B, Version 142, marco · today, 16:02, 3b97d4a"
    with qtbot.waitSignal(chip.clicked):
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(30, 20))
    with qtbot.waitSignal(chip.clicked):
        qtbot.keyClick(chip, Qt.Key.Key_Return)


def test_both_sides_ask_for_the_same_width(qtbot: QtBot) -> None:
    short, long = VersionChip("A", "removed"), VersionChip("B", "added")
    qtbot.addWidget(short)
    qtbot.addWidget(long)
    long.set_version(LONG, LONG, "3b97d4a")
    assert short.sizeHint() == long.sizeHint()


def test_escape_clears_a_search_first(qtbot: QtBot) -> None:
    field = SearchField("Filter", "Ctrl+F")
    qtbot.addWidget(field)
    field.setText("sup")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""


def test_the_shortcut_shows_only_while_there_is_room_and_no_text(qtbot: QtBot) -> None:
    field = SearchField("Search this entry’s history…", "Ctrl+Shift+F")
    qtbot.addWidget(field)
    keycap = field.findChild(QLabel)
    field.resize(360, 28)
    field.show()
    assert keycap.isVisibleTo(field)
    field.setText("chai")
    assert not keycap.isVisibleTo(field)
    field.clear()
    field.resize(120, 28)
    assert not keycap.isVisibleTo(field)


def test_an_icon_button_is_named(qtbot: QtBot) -> None:
    action = QAction("&Swap A and B")
    button = IconButton("swap", action=action)
    qtbot.addWidget(button)
    assert button.accessibleName() == "Swap A and B"
    with qtbot.waitSignal(action.triggered):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_chip_takes_the_colour_of_what_it_means(qtbot: QtBot) -> None:
    chip = Chip("Now", "clock")
    qtbot.addWidget(chip)
    before = chip.grab().toImage()
    chip.set_tone("error")
    assert chip.grab().toImage() != before


def test_a_tag_is_painted_in_its_role(qtbot: QtBot) -> None:
    tag = Tag("A", "removed")
    qtbot.addWidget(tag)
    assert tag.grab().toImage().pixelColor(10, 2).name() == theme().palette.removed_back


def test_who_and_when_are_left_out_where_they_cannot_be_read(qtbot: QtBot) -> None:
    """All that stood there in a narrow window was "…"."""
    chip = VersionChip("A", "removed")
    qtbot.addWidget(chip)
    chip.set_version("Version 142", "marco · today, 16:02", "3b97d4a")
    chip.resize(400, 40)
    chip.show()
    assert chip._detail.isVisible()
    chip.resize(215, 40)
    assert not chip._detail.isVisible()
