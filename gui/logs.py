"""The log: where it is kept, how it is limited, and what a crash leaves beside it."""

from __future__ import annotations

import faulthandler
import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final, TextIO

from PySide6.QtCore import QMessageLogContext, QStandardPaths, QtMsgType, qInstallMessageHandler

log = logging.getLogger(__name__)

_SIZE: Final = 500_000
_OLDER: Final = 3
"""How many full logs are kept beside the one that is written to."""

_LINE: Final = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
_LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def folder() -> Path:
    """Where the logs of this user are, by the platform's rules and the application's name."""
    state = QStandardPaths.StandardLocation.StateLocation
    return Path(QStandardPaths.writableLocation(state)) / "logs"


def log_file() -> Path:
    """The log that is written to; older ones beside it end in .1, .2 …"""
    return folder() / "dbengine-browser.log"


def crash_file() -> Path:
    """Where Python leaves its stack when something below it crashes; all windows share it."""
    return folder() / "crash.txt"


class Logs:
    """All that we and Qt log goes to a file as well, which never grows without end.

    Where no file can be written, the program goes on without.
    """

    def __init__(self) -> None:
        self._handler: logging.Handler | None = None
        self._crash: TextIO | None = None
        try:
            folder().mkdir(parents=True, exist_ok=True)
            self._handler = _handler()
            self._crash = crash_file().open("a", encoding="utf-8")
        except OSError as error:
            log.warning("There will be no log file: %s", error)
        if self._handler:
            logging.getLogger().addHandler(self._handler)
        if self._crash:
            faulthandler.enable(self._crash)
        qInstallMessageHandler(_heard)

    def close(self) -> None:
        """Let go of the files."""
        qInstallMessageHandler(None)
        if self._handler:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
        if self._crash:
            faulthandler.disable()
            self._crash.close()


def last_crash() -> str:
    """The stack that a crash left since the last time one asked; empty if there was none."""
    try:
        with crash_file().open("r+", encoding="utf-8", errors="replace") as file:
            found = file.read().strip()
            file.truncate(0)
    except OSError:
        return ""
    if found:
        log.error("The program crashed the last time:\n%s", found)
    return found


def _handler() -> logging.Handler:
    handler = RotatingFileHandler(log_file(), maxBytes=_SIZE, backupCount=_OLDER, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_LINE))
    return handler


def _heard(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger(context.category or "qt").log(_LEVELS[kind], "%s", message)
