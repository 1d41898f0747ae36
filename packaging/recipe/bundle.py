"""Makes the bundle: one folder with both programs and all that they need."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from recipe import elf, environments
from recipe.facts import (
    NAME,
    PACKAGING,
    ROOT,
    SUMMARY,
    TITLE,
    WORK,
    RecipeError,
    environment,
    megabytes,
    run,
    say,
    version,
)  # fmt: skip

MOST_MEGABYTES: Final = 130.0
"""Unpacked, on Linux."""

PREPARED: Final = WORK / "prepared"
BUNDLE: Final = WORK / "bundle"


def make(target: Path = BUNDLE) -> Path:
    """Build the bundle anew below `target`; its folder (macOS: the folder with the app)."""
    prepare()
    python = environments.program()
    shutil.rmtree(target, ignore_errors=True)
    say(f"Bundling DbEngine Browser {version()}.")
    run(
        [python, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN",
         "--workpath", target / "work", "--distpath", target,
         PACKAGING / f"{NAME}.spec"],
        env=environment(
            DBENGINE_PACKAGING_WORK=str(PREPARED),
            PYINSTALLER_CONFIG_DIR=str(WORK / "pyinstaller"),
            PYTHONPATH=str(PACKAGING),
        ),
    )  # fmt: skip
    shutil.rmtree(target / "work")
    if sys.platform == "linux":
        elf.forget_the_builder(target / NAME, environments.tool("patchelf"))
        _check_libraries(target / NAME)
    _check_size(target / NAME)
    return target / NAME


def existing() -> Path:
    """The bundle that is there, or a new one."""
    return BUNDLE / NAME if _program(BUNDLE / NAME).exists() else make()


def programs(made: Path) -> Path:
    """The folder of the bundle that holds both programs."""
    app = made.parent / f"{TITLE}.app"
    return app / "Contents" / "MacOS" if sys.platform == "darwin" else made


def prepare() -> None:
    """Icons, licences, man pages and Windows' version resources, in `PREPARED`."""
    python = environments.program()
    shutil.rmtree(PREPARED, ignore_errors=True)
    paths = environment(PYTHONPATH=f"{PACKAGING}{os.pathsep}{ROOT}", QT_QPA_PLATFORM="offscreen")
    run([python, "-m", "recipe.icons", ROOT / "resources/icon.svg", PREPARED / "icons"], env=paths)
    run([python, "-m", "recipe.licences", PREPARED / "licences"], env=paths)
    run([python, "-m", "recipe.pages", PREPARED / "pages"], env=paths)
    for program, about in ((NAME, TITLE), ("dbengine", f"{TITLE}, command line")):
        text = version_resource(program, about, version())
        (PREPARED / f"{program}.version").write_text(text, encoding="utf-8")


def version_resource(program: str, about: str, number: str) -> str:
    """What Windows shows as a program's properties, in PyInstaller's notation."""
    numbers = (*map(int, number.split(".")[:3]), 0)
    strings = {
        "FileDescription": about, "FileVersion": number, "InternalName": program,
        "OriginalFilename": f"{program}.exe", "ProductName": TITLE, "ProductVersion": number,
        "Comments": SUMMARY,
    }  # fmt: skip
    pairs = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in strings.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}), kids=["
        f"StringFileInfo([StringTable('040904B0', [{pairs}])]), "
        "VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n"
    )


def _program(folder: Path) -> Path:
    if sys.platform == "darwin":
        return folder.parent / f"{TITLE}.app"
    return folder / (f"{NAME}.exe" if sys.platform == "win32" else NAME)


def _check_libraries(folder: Path) -> None:
    """What is not here can be neither in the bundle nor among what a package depends on."""
    if lacking := elf.lacking(folder):
        raise RecipeError(
            f"This system has no {', '.join(lacking)}. Install what "
            "packaging/requirements/debian.txt names, and build again."
        )


def _check_size(folder: Path) -> None:
    size = megabytes(folder)
    say(f"{folder} holds {size:.1f} MB.")
    if sys.platform == "linux" and size > MOST_MEGABYTES:
        raise RecipeError(f"That is more than {MOST_MEGABYTES:.0f} MB; see recipe/trimming.py.")
