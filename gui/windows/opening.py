"""Opening, making and closing databases, recents, and the demo."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QMenu

from dbengine import InvalidName, check_tenant

from ..demo import build_demo
from .ask import AskText
from .shell import Shell


class Opening(QObject):
    """Asks for folders and tells the session.

    `leave` asks first about what the database that is open now would lose.
    """

    def __init__(self, shell: Shell, leave: Callable[[Callable[[], None]], None]) -> None:
        super().__init__(shell.window)
        self._shell = shell
        self._leave = leave
        self._new: Path | None = None
        actions = shell.actions
        actions["open"].triggered.connect(self.choose)
        actions["open_read_only"].triggered.connect(self.choose_read_only)
        actions["new_database"].triggered.connect(self.choose_new)
        actions["new_tenant"].triggered.connect(self.ask_tenant)

    def choose(self) -> None:
        if path := self._ask_folder(self.tr("Open a DbEngine database")):
            self.open(path)

    def choose_read_only(self) -> None:
        if path := self._ask_folder(self.tr("Open a DbEngine database, read-only")):
            self.open(path, read_only=True)

    def choose_new(self) -> None:
        """A new or empty folder, then the name of its first tenant."""
        self._new = self._ask_folder(self.tr("Choose a new, empty folder for the database"))
        if self._new is None:
            return
        question = AskText(
            self.tr("New database"),
            self.tr("It will be made in {folder}. A database holds tenants, each with its own "
                    "entries; name the first.").format(folder=self._new),
            self.tr("Tenant"),
            self.tr("Create"),
            check=tenant_flaw,
            parent=self._shell.window,
        )  # fmt: skip
        question.answered.connect(self._create)
        question.open()

    def ask_tenant(self) -> None:
        """The name of another tenant."""
        question = AskText(
            self.tr("New tenant"),
            self.tr("A tenant has its own entries and history, apart from all others."),
            self.tr("Tenant"),
            self.tr("Add"),
            check=tenant_flaw,
            parent=self._shell.window,
        )
        question.answered.connect(self._shell.session.add_tenant)
        question.open()

    def open(self, path: Path, *, read_only: bool = False) -> None:
        self._leave(partial(self._shell.session.open, path, read_only=read_only))

    def offer_recents(self, menu: QMenu) -> None:
        """Fill a menu with the databases that were open before; one that is gone is greyed."""
        menu.clear()
        recents = self._shell.session.settings.recents
        for path in recents:
            action = menu.addAction(str(path).replace("&", "&&"), partial(self.open, path))
            action.setEnabled(path.is_dir())
        if not recents:
            menu.addAction(self.tr("Nothing yet")).setEnabled(False)

    def open_demo(self) -> None:
        """The built-in demo, made at the first time."""
        self._leave(partial(self._shell.session.make_demo, build_demo, demo_root()))

    def accepts(self, data: QMimeData) -> bool:
        """Whether something that is dragged here is a folder."""
        return _dropped_folder(data) is not None

    def drop(self, data: QMimeData) -> None:
        """Open the folder that was dropped."""
        path = _dropped_folder(data)
        if path is not None:
            self.open(path)

    def _create(self, tenant: str) -> None:
        if self._new is not None:
            self._leave(partial(self._shell.session.create, self._new, tenant))

    def _ask_folder(self, title: str) -> Path | None:
        recents = self._shell.session.settings.recents
        start = str(recents[0].parent) if recents else ""
        chosen = QFileDialog.getExistingDirectory(self._shell.window, title, start)
        return Path(chosen) if chosen else None


def demo_root() -> Path:
    """Where the demo database is kept between runs."""
    data = QStandardPaths.StandardLocation.AppDataLocation
    return Path(QStandardPaths.writableLocation(data)) / "demo.db"


def _dropped_folder(data: QMimeData) -> Path | None:
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return next((path for path in paths if path.is_dir()), None)


def tenant_flaw(name: str) -> str:
    """What is wrong with a tenant's name; empty if nothing is."""
    try:
        check_tenant(name.strip())
    except InvalidName as error:
        return str(error)
    return ""
