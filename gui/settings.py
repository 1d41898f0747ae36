"""What the browser remembers between runs: recents, window state, theme, user name.

Kept in one ini file. What is damaged counts as never set; what a newer version of the program
wrote is left as it is, and this run remembers in memory only.
"""

from __future__ import annotations

import getpass
import logging
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

log = logging.getLogger(__name__)

VERSION: Final = 1
MOST_RECENTS: Final = 10
ThemeMode: TypeAlias = Literal["system", "light", "dark"]


def default_path() -> Path:
    """Where the settings of this user are, by the platform's rules and the application's name."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)
    return Path(folder) / "settings.ini"


class Settings:
    """Typed access to the settings file `path`."""

    def __init__(self, path: Path | None = None) -> None:
        self._store = QSettings(str(path or default_path()), QSettings.Format.IniFormat)
        self._now: dict[str, Any] = {}
        self.newer = self._stored_version() > VERSION
        if self.newer:
            log.warning("%s is of a newer version; it is left as it is.", self._store.fileName())
        else:
            self._set("version", VERSION)

    @property
    def recents(self) -> tuple[Path, ...]:
        """Databases that were opened: those that exist now first, each group latest first."""
        stored = self._get("recents", [])
        names = [stored] if isinstance(stored, str) else stored
        if not isinstance(names, list):
            return ()
        paths = [Path(name) for name in names if isinstance(name, str) and name]
        return tuple(sorted(paths, key=lambda path: not path.is_dir()))

    def add_recent(self, path: Path) -> None:
        """Put `path` first; the oldest beyond ten falls off."""
        path = path.absolute()
        others = [other for other in self.recents if other != path]
        self._set("recents", [str(each) for each in (path, *others)][:MOST_RECENTS])

    def remove_recent(self, path: Path) -> None:
        self._set("recents", [str(other) for other in self.recents if other != path])

    def clear_recents(self) -> None:
        self._set("recents", [])

    @property
    def theme(self) -> ThemeMode:
        stored = self._get("theme", "system")
        return cast(ThemeMode, stored) if stored in get_args(ThemeMode) else "system"

    @theme.setter
    def theme(self, mode: ThemeMode) -> None:
        self._set("theme", mode)

    @property
    def user(self) -> str:
        """The name that writes carry: the login name until another is chosen."""
        stored = self._get("user", "")
        return stored if isinstance(stored, str) and stored else _login_name()

    @user.setter
    def user(self, name: str) -> None:
        self._set("user", name.strip())

    @property
    def text_zoom(self) -> int:
        """Steps by which the text is larger (or, negative, smaller) than it is by default."""
        stored = str(self._get("text_zoom", 0))
        return max(-4, min(12, int(stored))) if stored.lstrip("-").isdecimal() else 0

    @text_zoom.setter
    def text_zoom(self, steps: int) -> None:
        self._set("text_zoom", steps)

    def flag(self, name: str, default: bool = False) -> bool:
        """An on/off choice of the user's, as "only_changes"."""
        stored = str(self._get(f"flags/{name}", default)).lower()
        return stored == "true" if stored in ("true", "false") else default

    def set_flag(self, name: str, on: bool) -> None:
        self._set(f"flags/{name}", on)

    def state(self, name: str) -> QByteArray:
        """What `saveGeometry()` or `saveState()` gave under this name; empty if there is none."""
        stored = self._get(f"state/{name}", None)
        return stored if isinstance(stored, QByteArray) else QByteArray()

    def set_state(self, name: str, state: QByteArray) -> None:
        self._set(f"state/{name}", state)

    def sync(self) -> None:
        """Write to disk now; Qt does it at exit, too."""
        self._store.sync()

    def _stored_version(self) -> int:
        stored = str(self._store.value("version", VERSION))
        return int(stored) if stored.isdecimal() else VERSION

    def _get(self, name: str, default: Any) -> Any:
        return self._now[name] if name in self._now else self._store.value(name, default)

    def _set(self, name: str, value: Any) -> None:
        if self.newer:
            self._now[name] = value
        else:
            self._store.setValue(name, value)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a process without a name, as in some containers
        return "user"
