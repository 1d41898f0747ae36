"""What is built from this checkout, tried as a stranger would; it is built first, which takes a
minute, and at the first time what it is built of comes from the package registry."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recipe import bundle
from recipe.facts import NAME, PACKAGING, megabytes

_TOOLS = ("dpkg", "readelf", "strip")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the release workflow does it"),
    pytest.mark.skipif(
        not all(map(shutil.which, _TOOLS)),
        reason=f"building needs {', '.join(_TOOLS)} (Debian: apt-get install dpkg-dev binutils)",
    ),
]


def python(*line: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *line], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built() -> Path:
    done = python(PACKAGING / "build.py", "bundle")
    assert done.returncode == 0, done.stdout + done.stderr
    return bundle.BUNDLE / NAME


def test_a_stranger_can_use_what_was_built(built: Path) -> None:
    done = python(PACKAGING / "smoke.py", built)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", [NAME, "dbengine"])
def test_who_only_asks_for_the_version_does_not_wait_for_qt(built: Path, name: str) -> None:
    """A hook of PyInstaller's loaded it before the program began: twice the time, in any child."""
    loud = {**os.environ, "LD_DEBUG": "files"}  # has the system's linker tell what it loads
    done = subprocess.run(
        [built / name, "--version"], env=loud, capture_output=True, text=True, check=True
    )
    assert "libpython" in done.stderr
    assert "libQt6" not in done.stderr


def test_it_is_not_large_and_knows_nothing_of_the_builder(built: Path) -> None:
    assert megabytes(built) <= bundle.MOST_MEGABYTES
    here = str(PACKAGING.parent).encode()
    telling = [p for p in built.rglob("*") if p.is_file() and here in p.read_bytes()]
    assert telling == []


def test_it_brings_the_licences_of_all_that_is_inside(built: Path) -> None:
    folder = built / "_internal/gui/_resources/licences"
    names = {path.stem for path in folder.iterdir()}
    assert {"README", "python", "lgpl-3.0", "orjson", "linux-libraries", "pyinstaller"} <= names
