"""What was built, tried as a stranger would; built first where it is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recipe import bundle
from recipe.facts import PACKAGING, megabytes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the release workflow does it"),
]


@pytest.fixture(scope="module")
def built() -> Path:
    done = subprocess.run(
        [sys.executable, PACKAGING / "build.py", "bundle"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return bundle.BUNDLE / "dbengine-browser"


@pytest.mark.timeout(1800)
def test_a_stranger_can_use_what_was_built(built: Path) -> None:
    done = subprocess.run(
        [sys.executable, PACKAGING / "smoke.py", built], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(1800)
def test_it_is_not_large_and_knows_nothing_of_the_builder(built: Path) -> None:
    assert megabytes(built) <= bundle.MOST_MEGABYTES
    here = str(PACKAGING.parent).encode()
    telling = [p for p in built.rglob("*") if p.is_file() and here in p.read_bytes()]
    assert telling == []


def test_it_brings_the_licences_of_all_that_is_inside(built: Path) -> None:
    folder = built / "_internal/gui/_resources/licences"
    names = {path.stem for path in folder.iterdir()}
    assert {"README", "python", "lgpl-3.0", "orjson", "linux-libraries", "pyinstaller"} <= names
