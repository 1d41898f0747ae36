"""The only module that finds what is bundled: icons, fonts, the style sheet, licences."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QFontDatabase, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_APP_ICON_SIZES: Final = (16, 24, 32, 48, 64, 128, 256, 512)
_DISABLED_OPACITY: Final = 0.4


class MissingResource(Exception):
    """A bundled file is not where it belongs: the installation is damaged."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is missing. Please install DbEngine Browser again.")
        self.path = path


def root() -> Path:
    """The folder of all that is bundled.

    It lies inside the package when installed or frozen, and beside it in a checkout.
    """
    package = Path(__file__).resolve().parent
    installed = package / "_resources"
    return installed if installed.is_dir() else package.parent / "resources"


def icon(name: str, color: str) -> QIcon:
    """The line icon of that name, drawn in `color` ("#rrggbb"), sharp at every scale.

    It is drawn when it is first seen: most icons of a palette never are.
    """
    result = QIcon(icon_file(name, color))
    result.addFile(icon_file(name, color, _DISABLED_OPACITY), mode=QIcon.Mode.Disabled)
    return result


def app_icon() -> QIcon:
    """The program's own icon."""
    renderer = QSvgRenderer(QByteArray(_read("icon.svg")))
    result = QIcon()
    for size in _APP_ICON_SIZES:
        result.addPixmap(_drawn(renderer, size))
    return result


def icon_file(name: str, color: str, opacity: float = 1.0) -> str:
    """The path of a recoloured icon, for style sheets, which take nothing but files."""
    source = _existing(f"icons/{name}.svg")
    path = _made_files() / f"{name}-{color.removeprefix('#')}-{round(opacity * 100)}.svg"
    if not path.exists():
        svg = source.read_bytes().replace(b"currentColor", color.encode())
        path.write_bytes(svg.replace(b"<svg ", f'<svg opacity="{opacity}" '.encode(), 1))
    return path.as_posix()


def icon_names() -> list[str]:
    """The names that `icon` knows, sorted."""
    return sorted(path.stem for path in _existing("icons").glob("*.svg"))


@lru_cache(maxsize=1)
def load_fonts() -> tuple[str, ...]:
    """Makes the bundled fonts known to Qt, once, and returns their families."""
    families: set[str] = set()
    for path in sorted(_existing("fonts").glob("*/*.[ot]tf")):
        families.update(_families(path))
    return tuple(sorted(families))


def style_sheet() -> str:
    """The style sheet's template; `theme` fills in its colours and icons."""
    return _read("themes/browser.qss").decode()


def guide() -> Path:
    """The user guide, in Markdown."""
    installed = root() / "guide.md"
    path = installed if installed.exists() else root().parent / "docs" / "guide.md"
    if not path.exists():
        raise MissingResource(path)
    return path


def licences() -> dict[str, str]:
    """What is bundled and under which terms: the name of each text and the text."""
    texts = {"Contents": _read("licences/README.md").decode()}
    for path in sorted(_existing("fonts").glob("*/OFL.txt")):
        texts[path.parent.name] = path.read_text(encoding="utf-8")
    for path in sorted(_existing("licences").glob("*.txt")):  # a packaged program brings more
        texts[path.stem] = path.read_text(encoding="utf-8")
    return texts


def _existing(name: str) -> Path:
    path = root() / name
    if not path.exists():
        raise MissingResource(path)
    return path


def _read(name: str) -> bytes:
    return _existing(name).read_bytes()


def _drawn(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


def _families(path: Path) -> list[str]:
    font = QFontDatabase.addApplicationFont(str(path))
    if font < 0:
        raise MissingResource(path)
    return QFontDatabase.applicationFontFamilies(font)


@lru_cache(maxsize=1)
def _made_files() -> Path:
    """A folder for recoloured icons that lives as long as the process."""
    folder = tempfile.mkdtemp(prefix="dbengine-browser-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
