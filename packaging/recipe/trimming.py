"""What is left out of the bundle: parts of Qt, Python and the system that it does without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

EXCLUDED_MODULES: Final = [
    # Python's own, which something in the standard library would use if it were there
    "_bz2", "_curses", "_curses_panel", "_dbm", "_gdbm", "_lzma", "_sqlite3", "_ssl", "_tkinter",
    "bz2", "curses", "dbm", "ensurepip", "idlelib", "lib2to3", "lzma", "pdb", "pydoc_data",
    "readline", "sqlite3", "ssl", "tkinter", "turtledemo", "unittest", "xmlrpc",
    # what deepdiff, rich and rapidfuzz would use if it were there
    "IPython", "markdown_it", "numpy", "pandas", "pip", "pkg_resources", "polars", "pydantic",
    "pygments", "pytest", "setuptools", "tomli_w", "toml", "yaml",
]  # fmt: skip

BUNDLED_LIBRARIES: Final = re.compile(
    r"lib(xcb-(cursor|icccm|image|keysyms|render-util|util)|xkbcommon(-x11)?|ffi|crypto)\.so\."
)
"""Linux: what a desktop may lack, or has in another version; the rest is the desktop's own."""

USED_IF_THERE: Final = frozenset({"libqgtk3.so"})
"""Linux: what works with libraries that are on some desktops only, and is skipped elsewhere."""

_PLUGINS: Final = {
    "iconengines": {"qsvgicon"},
    "imageformats": {"qsvg", "qico", "qicns"},
    "platforms": {"qxcb", "qwayland", "qoffscreen", "qminimal", "qwindows", "qcocoa"},
    "platforminputcontexts": {
        "composeplatforminputcontextplugin",
        "ibusplatforminputcontextplugin",
    },
    "platformthemes": {"qgtk3", "qxdgdesktopportal"},
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-graphics-integration-client": {"qt-plugin-wayland-egl"},
    "wayland-shell-integration": {"xdg-shell"},
    "xcbglintegrations": {"qxcb-egl-integration", "qxcb-glx-integration"},
}
"""The plugins of Qt that stay, by kind; a kind that is not here goes as a whole."""

_PARTS: Final = {
    "Core", "Gui", "Widgets", "Svg", "Test", "DBus", "OpenGL", "XcbQpa", "WaylandClient",
    "WlShellIntegration",
}  # fmt: skip
_PLUGIN: Final = re.compile(r"PySide6/(?:Qt/)?plugins/([^/]+)/(?:lib)?([^/]+?)\.(?:so|dll|dylib)$")
_PART: Final = re.compile(
    r"(?:.*/)?(?:lib)?Qt6?([A-Z][A-Za-z0-9]*?)(?:\.framework|\.abi3|\.so|\.dll|\.pyd|$)"
)
_NEVER: Final = re.compile(
    r"PySide6/(Qt/)?(translations|qml|resources|libexec|glue|include|typesystems)/"
    r"|PySide6/opengl32sw\.dll"  # 20 MB of OpenGL in software; widgets paint without any
    r"|rapidfuzz/(fuzz|process|utils)_cpp"  # only its distances are used; these have a Python twin
    r"|\.dist-info/|\.pyi$|(^|/)py\.typed$"
)
_KNOWN_FIRST: Final = re.compile(r"PySide6/|(lib)?Qt6?[A-Z]")


def is_wanted(name: str) -> bool:
    """Whether the file with that name inside the bundle stays."""
    name = name.replace("\\", "/")
    if _NEVER.search(name):
        return False
    if plugin := _PLUGIN.search(name):
        return plugin[2] in _PLUGINS.get(plugin[1], ())
    if not _KNOWN_FIRST.match(name):
        return True
    part = _PART.match(name)
    return part is None or part[1] in _PARTS


def is_wanted_library(name: str, source: str) -> bool:
    """Linux: whether a library stays; of the system's own, only a few do."""
    if not source.startswith(("/lib", "/usr/lib")) or "/" in name:
        return True
    return bool(BUNDLED_LIBRARIES.match(name)) or name.startswith("libpython")


def without_loose_ends(
    kept: Iterable[tuple[str, str, str]], needs: Callable[[str], Iterable[str]]
) -> set[str]:
    """The names of all kept files but libraries that nothing kept needs any more.

    `kept` are PyInstaller's (name, source, kind); `needs` gives the base names that a file loads.
    """
    entries = list(kept)
    roots = [entry for entry in entries if not _is_plain_library(entry[0])]
    by_base = {entry[0].rpartition("/")[2]: entry for entry in entries}
    seen, todo = {entry[0] for entry in roots}, [entry[1] for entry in roots]
    while todo:
        for base in needs(todo.pop()):
            entry = by_base.get(base)
            if entry and entry[0] not in seen:
                seen.add(entry[0])
                todo.append(entry[1])
    links = {
        name
        for name, _source, kind in entries
        if kind == "SYMLINK" and _base(name) in map(_base, seen)
    }
    return seen | links


def _is_plain_library(name: str) -> bool:
    """A library that is there for others only, and no module or plugin."""
    in_lib = name.startswith("PySide6/Qt/lib/") or "/" not in name
    return in_lib and ".so" in name and not name.startswith("libpython")


def _base(name: str) -> str:
    return name.rpartition("/")[2]
