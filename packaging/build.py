"""Turns the checkout into what people install; a person, `make package` and CI all call this.

    python packaging/build.py all         everything that can be made on this system
    python packaging/build.py bundle      the program in one folder, build/packaging/bundle
    python packaging/build.py smoke       try the bundle as a stranger would
    python packaging/build.py starts      how long it takes to start, beside a pip install
    python packaging/build.py systems     archive and .deb in bare Debians: try, upgrade, remove
    python packaging/build.py reproduce   build twice and compare every byte

The packages come to dist/. Nothing is made outside the checkout.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from recipe import bundle, checks, linux, macos, published, starts, systems, windows
from recipe.facts import PACKAGING, RecipeError, run, say

_PACKERS: Final[dict[str, tuple[Callable[[Path], Path], ...]]] = {
    "linux": (linux.tarball, linux.deb, linux.rpm),
    "win32": (windows.installer,),
    "darwin": (macos.disk_image,),
}


def smoke(folder: Path) -> None:
    """Try what was built, in a process that knows nothing of the checkout."""
    run([sys.executable, PACKAGING / "smoke.py", bundle.programs(folder)])


def installers() -> None:
    """The packages of the system that this runs on."""
    for pack in _PACKERS[sys.platform]:
        say(f"Made {pack(bundle.existing())}.")


def everything() -> None:
    """The bundle, tried; this system's packages; wheel, source, SBOM and checksums."""
    smoke(bundle.make())
    installers()
    published.python_packages()
    published.sbom()
    published.checksums()


_STEPS: Final[dict[str, Callable[[], object]]] = {
    "all": everything,
    "bundle": bundle.make,
    "smoke": lambda: smoke(bundle.existing()),
    "installers": installers,
    "tar": lambda: linux.tarball(bundle.existing()),
    "deb": lambda: linux.deb(bundle.existing()),
    "rpm": lambda: linux.rpm(bundle.existing()),
    "windows": lambda: windows.installer(bundle.existing()),
    "macos": lambda: macos.disk_image(bundle.existing()),
    "python": published.python_packages,
    "sbom": published.sbom,
    "checksums": published.checksums,
    "lint": checks.lint,
    "starts": starts.compare,
    "systems": systems.try_all,
    "reproduce": checks.reproduce,
}


def main() -> int:
    """Take the steps that the command line names; the exit status."""
    parser = argparse.ArgumentParser(
        prog="build.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("steps", nargs="+", choices=_STEPS, metavar="STEP", help=", ".join(_STEPS))
    try:
        for step in parser.parse_args().steps:
            _STEPS[step]()
    except RecipeError as error:
        say(f"build.py: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
