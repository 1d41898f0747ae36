"""The composition root: builds application, settings, session and window, and runs them."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QEvent, QLoggingCategory, QObject, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from dbengine import Info, __version__

from . import assets
from .jobs import Opened, Ref
from .journey import Place
from .logs import Logs, last_crash
from .session import Session
from .settings import Settings
from .theme import theme
from .windows.bug_report import BugReport
from .windows.choose_version import look_up
from .windows.main import MainWindow
from .windows.opening import demo_root

log = logging.getLogger(__name__)


def run(options: argparse.Namespace) -> int:
    """Run until the window is closed, or the tour is over; the exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    # A machine without fonts for every script would hear of each of them, again and again.
    QLoggingCategory.setFilterRules("qt.text.font.db=false")
    app = make_application()
    if options.tour is not None:
        return _take_tour(app, options)
    logs = Logs()
    try:
        return _open_window(app, options)
    finally:
        logs.close()


def _open_window(app: Application, options: argparse.Namespace) -> int:
    sys.excepthook = reporter = Reporter()
    settings = Settings()
    theme().apply(app, settings.theme)
    session = Session(settings)
    app.aboutToQuit.connect(session.join)
    window = MainWindow(session)
    reporter.window = window
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    arrival = Arrival(window, options)
    app.asked_to_open.connect(arrival.open)
    window.show()
    arrival.start()
    tell_last_crash(window)
    return app.exec()


def _take_tour(app: QApplication, options: argparse.Namespace) -> int:
    from .tour import run_tour, run_visit  # noqa: PLC0415 - only then

    if options.database is None:
        return run_tour(app, options.tour)
    root = folder_of(options.database)
    return run_visit(app, options.tour, root, options.tenant, options.entry)


class Application(QApplication):
    """The one application; `asked_to_open` has the path of what is opened in macOS's Finder."""

    asked_to_open = Signal(str)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            self.asked_to_open.emit(event.file())
            return True
        return super().event(event)


def make_application() -> Application:
    """The one application, with the names under which settings and data are kept."""
    QCoreApplication.setApplicationName("dbengine-browser")
    QCoreApplication.setOrganizationName("")
    QCoreApplication.setApplicationVersion(__version__)
    app = Application(sys.argv[:1])
    app.setApplicationDisplayName("DbEngine Browser")
    app.setDesktopFileName("dbengine-browser")
    app.setWindowIcon(assets.app_icon())
    return app


class Arrival(QObject):
    """Opens what the command line names and goes to the place that it names."""

    def __init__(self, window: MainWindow, options: argparse.Namespace) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._options = options
        self._root = folder_of(options.database) if options.database else None
        self._a: Ref | None = None

    def start(self) -> None:
        """Begin; what cannot be found is told in the window."""
        options = self._options
        if options.demo:
            self._session.opened.connect(self._go_to_showpiece)
            self._window.opening.open_demo()
        elif self._root is not None:
            self._session.opened.connect(self._go)
            self._session.open(self._root, read_only=options.read_only)

    def open(self, text: str) -> None:
        """Open the database that a folder, or the file in it that marks it, names."""
        self._window.opening.open(folder_of(Path(text)))

    def _go_to_showpiece(self, opened: Opened) -> None:
        self._session.opened.disconnect(self._go_to_showpiece)
        if opened.root == demo_root():
            self._session.go(Place("northwind", "suppliers", mode="compare"))

    def _go(self, opened: Opened) -> None:
        options = self._options
        if opened.root != self._root:
            return
        self._session.opened.disconnect(self._go)
        if options.tenant is not None:
            self._session.go(Place(options.tenant, options.entry))
        if options.compare:
            self._look_up(self._ref(), options.compare[0], self._found_a)
        elif options.at:
            self._look_up(self._ref(), options.at, self._found)

    def _ref(self) -> Ref:
        return Ref(self._options.tenant, self._options.entry)

    def _look_up(self, ref: Ref, text: str, then: object) -> None:
        moment = len(text) == len("YYYYMMDD HH:MM:SS") and " " in text
        request = self._session.at(ref, text) if moment else look_up(self._session, ref, text)
        request.done.connect(then)

    def _found(self, info: Info) -> None:
        self._session.go(Place(info.tenant, info.entry, info.digest), remember=False)

    def _found_a(self, info: Info) -> None:
        self._a = Ref(info.tenant, info.entry, info.digest)
        self._look_up(self._ref(), self._options.compare[1], self._found_b)

    def _found_b(self, info: Info) -> None:
        b = Ref(info.tenant, info.entry, info.digest)
        place = Place(info.tenant, info.entry, info.digest, mode="compare", a=self._a, b=b)
        self._session.go(place, remember=False)


def folder_of(path: Path) -> Path:
    """The folder of a database; file managers open files, so the one that marks it will do."""
    path = path.absolute()
    return path.parent if path.name == "format.json" else path


class Reporter:
    """Shows what nobody caught; the program goes on, unless it has no window yet."""

    def __init__(self, window: MainWindow | None = None) -> None:
        self.window = window

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        log.error("%s", text)
        if issubclass(kind, KeyboardInterrupt):
            return
        report = BugReport(f"{kind.__name__}: {error}", text, self.window)
        if self.window is None:
            report.exec()
        else:
            report.open()


def tell_last_crash(window: MainWindow) -> None:
    """Show what a crash of an earlier run left behind, once."""
    if stack := last_crash():
        summary = QCoreApplication.translate("app", "The program ended by itself the last time.")
        BugReport(summary, stack, window).open()
