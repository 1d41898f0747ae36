"""Help and habits: about, shortcuts, palette, guide, your name, colours, size of text."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from dbengine import InvalidName, check_name

from ..settings import ThemeMode
from ..theme import theme
from .about import About
from .ask import AskText
from .cheat_sheet import CheatSheet
from .guide import Guide
from .palette import CommandPalette
from .shell import Shell

_THEMES: tuple[ThemeMode, ...] = ("system", "light", "dark")


class Helping(QObject):
    """The actions that touch no data."""

    zoomed = Signal(int)
    """Steps by which text is larger than usual."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.window)
        self._shell = shell
        self._settings = shell.session.settings
        actions = shell.actions
        actions["about"].triggered.connect(self.show_about)
        actions["cheat_sheet"].triggered.connect(self.show_cheat_sheet)
        actions["palette"].triggered.connect(self.show_palette)
        actions["guide"].triggered.connect(self.show_guide)
        actions["preferences"].triggered.connect(self.ask_user)
        actions["zoom_in"].triggered.connect(self._zoom_in)
        actions["zoom_out"].triggered.connect(self._zoom_out)
        actions["zoom_reset"].triggered.connect(self._zoom_reset)
        for mode in _THEMES:
            action = actions[f"theme_{mode}"]
            action.setData(mode)
            action.setChecked(mode == self._settings.theme)
            action.triggered.connect(self._choose_theme)

    def show_about(self) -> None:
        About(self._shell.window).open()

    def show_cheat_sheet(self) -> None:
        CheatSheet(self._shell.window).open()

    def show_palette(self) -> None:
        CommandPalette(self._shell.actions, self._shell.window).show()

    def show_guide(self) -> None:
        Guide(self._shell.window).open()

    def ask_user(self) -> None:
        """The name that goes with what one writes."""
        question = AskText(
            self.tr("Your name"),
            self.tr("It stands beside every version that you write."),
            self.tr("Name"),
            self.tr("Use This Name"),
            value=self._settings.user,
            check=user_flaw,
            parent=self._shell.window,
        )
        question.answered.connect(self._set_user)
        question.open()

    def _set_user(self, name: str) -> None:
        self._settings.user = name

    def _choose_theme(self) -> None:
        action = self.sender()
        app = QApplication.instance()
        if action is None or not isinstance(app, QApplication):
            return
        mode: ThemeMode = action.data()  # type: ignore[attr-defined]
        self._settings.theme = mode
        theme().apply(app, mode)

    def _zoom_in(self) -> None:
        self._zoom(self._settings.text_zoom + 1)

    def _zoom_out(self) -> None:
        self._zoom(self._settings.text_zoom - 1)

    def _zoom_reset(self) -> None:
        self._zoom(0)

    def _zoom(self, steps: int) -> None:
        self._settings.text_zoom = steps
        self.zoomed.emit(self._settings.text_zoom)


def user_flaw(name: str) -> str:
    """What is wrong with a user's name; empty if nothing is."""
    try:
        check_name("name", name.strip())
    except InvalidName as error:
        return str(error)
    return ""
