"""The composition root: builds application, settings, session and window, and runs them."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import traceback
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QLoggingCategory, QObject
from PySide6.QtWidgets import QApplication

from dbengine import Info, __version__

from . import assets
from .jobs import Opened, Ref
from .session import Place, Session
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
        from .tour import run_tour  # noqa: PLC0415 - only then

        return run_tour(app, options.tour)
    settings = Settings()
    theme().apply(app, settings.theme)
    session = Session(settings)
    app.aboutToQuit.connect(session.join)
    window = MainWindow(session)
    sys.excepthook = _Reporter(window)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    arrival = Arrival(window, options)
    window.show()
    arrival.start()
    return app.exec()


def make_application() -> QApplication:
    """The one application, with the names under which settings and data are kept."""
    QCoreApplication.setApplicationName("dbengine-browser")
    QCoreApplication.setOrganizationName("")
    QCoreApplication.setApplicationVersion(__version__)
    app = QApplication(sys.argv[:1])
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
        self._a: Ref | None = None

    def start(self) -> None:
        """Begin; what cannot be found is told in the window."""
        options = self._options
        if options.demo:
            self._session.opened.connect(self._go_to_showpiece)
            self._window.opening.open_demo()
        elif options.database is not None:
            self._session.opened.connect(self._go)
            self._session.open(options.database.absolute(), read_only=options.read_only)

    def _go_to_showpiece(self, opened: Opened) -> None:
        self._session.opened.disconnect(self._go_to_showpiece)
        if opened.root == demo_root():
            self._session.go(Place("northwind", "suppliers", mode="compare"))

    def _go(self, opened: Opened) -> None:
        options = self._options
        if opened.root != options.database.absolute():
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


class _Reporter:
    """Shows what nobody caught; the program goes on."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        log.error("%s", text)
        if not issubclass(kind, KeyboardInterrupt):
            BugReport(f"{kind.__name__}: {error}", text, self._window).open()
