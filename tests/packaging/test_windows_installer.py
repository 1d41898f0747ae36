"""The installer for Windows, compiled here and tried under Wine with files that stand in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recipe import bundle, icons, windows
from recipe.facts import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="Wine is for Linux"),
    pytest.mark.skipif(
        not (shutil.which("makensis") and shutil.which("wine")),
        reason="needs makensis and wine (Debian: apt-get install nsis wine)",
    ),
]

ID = "DbEngineBrowser"
KEYS = (
    rf"HKCU\Software\{ID}",
    rf"HKCU\Software\Classes\{ID}\shell\open\command",
    rf"HKCU\Software\Classes\Directory\shell\{ID}\command",
    rf"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\{ID}",
)


class Wine:
    """A Windows of its own for one test module."""

    def __init__(self, place: Path) -> None:
        self.drive = place / "wine" / "drive_c"
        self._environment = {
            **os.environ,
            "WINEPREFIX": str(place / "wine"), "WINEDEBUG": "-all", "DISPLAY": "",
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
        }  # fmt: skip

    def run(self, *command: str | Path) -> int:
        """Run a program and all that it starts to their end; the exit status."""
        line = ["wine", *map(str, command)]
        status = subprocess.run(line, env=self._environment, capture_output=True, check=False)
        server = shutil.which("wineserver") or "/usr/lib/wine/wineserver64"
        subprocess.run([server, "--wait"], env=self._environment, check=False)
        return status.returncode

    def has(self, key: str) -> bool:
        """Whether the registry has that key."""
        return self.run("reg", "query", key) == 0

    def find(self, name: str) -> list[Path]:
        """All files of that name."""
        return sorted(self.drive.rglob(name))


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Wine:
    return Wine(tmp_path_factory.mktemp("windows"))


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("setup")
    payload = place / "payload"
    (payload / "_internal" / "deep").mkdir(parents=True)
    for name in ("dbengine.exe", "dbengine-browser.exe", "_internal/deep/part.dll"):
        (payload / name).write_text("stands in")
    if not (bundle.PREPARED / "icons/icon.ico").exists():
        icons.draw(ROOT / "resources/icon.svg", bundle.PREPARED / "icons")
    windows.compile_installer(payload, place / "dbengine-browser-setup.exe")
    return place / "dbengine-browser-setup.exe"


@pytest.mark.timeout(600)
def test_installing_and_uninstalling_silently_leaves_nothing_but_the_users_own(
    wine: Wine, setup: Path
) -> None:
    assert wine.run(setup, "/S") == 0
    [program] = wine.find("dbengine-browser.exe")
    assert program.parent.name == "DbEngine Browser"
    assert "AppData" in program.parts, "for one user, without an administrator"
    assert (program.parent / "_internal/deep/part.dll").exists()
    assert len(wine.find("DbEngine Browser.lnk")) == 1
    assert all(wine.has(key) for key in KEYS)

    (program.parent / "_internal/left-by-an-older-version.dll").write_text("")
    (program.parent / "my.db").mkdir()
    assert wine.run(setup, "/S") == 0
    assert not wine.find("left-by-an-older-version.dll")

    assert wine.run(program.parent / "uninstall.exe", "/S") == 0
    assert [path.name for path in program.parent.iterdir()] == ["my.db"]
    assert not wine.find("DbEngine Browser.lnk")
    assert not any(wine.has(key) for key in KEYS)


@pytest.mark.timeout(600)
def test_another_folder_can_be_named(wine: Wine, setup: Path) -> None:
    assert wine.run(setup, "/S", r"/D=C:\elsewhere\browser") == 0
    folder = wine.drive / "elsewhere" / "browser"
    assert (folder / "dbengine-browser.exe").exists()
    assert wine.run(folder / "uninstall.exe", "/S") == 0
    assert not folder.exists()
