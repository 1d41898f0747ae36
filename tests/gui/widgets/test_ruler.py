"""The overview at the right of a document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from gui.theme import theme
from gui.widgets.ruler import WIDTH, Ruler

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
"""What the offscreen platform says of every window that has a smallest size."""


def made(qtbot: QtBot, height: int = 300) -> Ruler:
    ruler = Ruler()
    qtbot.addWidget(ruler)
    ruler.resize(ruler.width(), height)
    return ruler


def test_marks_of_a_short_document_stand_beside_their_rows(qtbot: QtBot) -> None:
    ruler = made(qtbot)
    ruler.set_marks([(0, "added"), (4, "removed")], rows=5, height=110)
    assert list(ruler.marks_shown().values()) == ["added", "removed"]
    assert max(ruler.marks_shown()) < 110


def test_a_hundred_thousand_marks_are_no_more_than_fit(qtbot: QtBot) -> None:
    ruler = made(qtbot)
    ruler.set_marks(((row, "changed") for row in range(100_000)), 100_000, 2_200_000)
    assert len(ruler.marks_shown()) <= 300 // 4
    assert max(ruler.marks_shown()) < 300
    assert not ruler.grab().isNull()


def test_a_click_asks_for_that_part(qtbot: QtBot) -> None:
    ruler = made(qtbot)
    with qtbot.waitSignal(ruler.jumped) as asked:
        qtbot.mouseClick(ruler, Qt.MouseButton.LeftButton, pos=QPoint(5, 150))
    assert asked.args == [0.5]


def test_the_thumb_shows_what_is_in_view(qtbot: QtBot) -> None:
    ruler = made(qtbot)
    ruler.set_view(0.0, 1.0)
    assert ruler.grab().toImage().pixelColor(7, 20).name() == theme().palette.window
    ruler.set_view(0.0, 0.3)
    assert ruler.grab().toImage().pixelColor(7, 20).name() != theme().palette.window


@given(
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["added", "changed"])), max_size=60),
    st.integers(1, 500),
    st.integers(1, 12_000),
)
def test_of_marks_that_fall_together_the_first_is_shown(
    qapp: object, marks: list[tuple[int, str]], height: int, content: int
) -> None:
    marks = sorted(marks, key=lambda mark: mark[0])
    ruler = Ruler()
    ruler.resize(WIDTH, height)
    ruler.set_marks(marks, 401, content)
    wanted: dict[int, str] = {}
    for row, kind in marks:
        y = ruler._place(row)
        wanted.setdefault(y - y % 5, kind)
    assert ruler.marks_shown() == wanted
    ruler.deleteLater()


def test_of_very_many_marks_only_those_that_show_are_looked_at(qtbot: QtBot) -> None:
    class Counted(int):
        """A row that counts how often it is looked at."""

        seen = 0

        def __lt__(self, other: int) -> bool:
            Counted.seen += 1
            return int(self) < other

        def __rmul__(self, other: int) -> int:
            Counted.seen += 1
            return other * int(self)

    ruler = Ruler()
    qtbot.addWidget(ruler)
    ruler.resize(WIDTH, 400)
    ruler.set_marks([(Counted(row), "changed") for row in range(100_000)], 100_000, 2_200_000)
    assert len(ruler.marks_shown()) > 50
    assert Counted.seen < 5_000
