"""What all steps of the recipe share: places, the version, the one date, and running a command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGING: Final = ROOT / "packaging"
WORK: Final = ROOT / "build" / "packaging"
"""Everything that is made on the way; nothing is made outside the checkout."""

DIST: Final = ROOT / "dist"
NAME: Final = "dbengine-browser"
TITLE: Final = "DbEngine Browser"
SUMMARY: Final = "See, compare, edit and restore every version of your data"
MAINTAINER: Final = os.environ.get(
    "DBENGINE_MAINTAINER", "DbEngine Browser <dbengine-browser@example.org>"
)
"""Who answers for the packages; a person who publishes them names themselves."""


class RecipeError(Exception):
    """A step of the recipe cannot be done; the sentence says why and what to do."""


@lru_cache(maxsize=1)
def version() -> str:
    """The version of the product, as in `dbengine/_version.py`."""
    text = (ROOT / "dbengine" / "_version.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    if not found:
        raise RecipeError("dbengine/_version.py names no version.")
    return found[1]


@lru_cache(maxsize=1)
def epoch() -> int:
    """The one date in all that is made, in seconds since 1970: that of the commit.

    `SOURCE_DATE_EPOCH` goes first; a checkout without git has the date of its change log.
    """
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return int((ROOT / "CHANGELOG.md").stat().st_mtime)
    return int(told)


def homepage() -> str:
    """The project's address on the web, as `DBENGINE_HOMEPAGE` gives it; empty without one."""
    return os.environ.get("DBENGINE_HOMEPAGE", "").rstrip("/")


def environment(**more: str) -> dict[str, str]:
    """This process's environment, with all that makes a build come out the same again."""
    fixed = {"SOURCE_DATE_EPOCH": str(epoch()), "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8"}
    return {**os.environ, **fixed, **more}


def run(
    command: Sequence[str | Path],
    *,
    where: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a command and show what it says; raises `RecipeError` where it fails."""
    line = [str(word) for word in command]
    done = subprocess.run(line, cwd=where or ROOT, env=dict(env or environment()), check=False)
    if done.returncode:
        raise RecipeError(f"`{' '.join(line)}` failed with exit status {done.returncode}.")


def ask(command: Sequence[str | Path], *, where: Path | None = None) -> str:
    """What a command prints; raises `RecipeError` where it fails."""
    line = [str(word) for word in command]
    done = subprocess.run(
        line, cwd=where or ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RecipeError(f"`{' '.join(line)}` failed: {done.stderr.strip()}")
    return done.stdout


def say(text: str) -> None:
    """Tell the person who builds how far it is."""
    print(text, file=sys.stderr, flush=True)


def megabytes(folder: Path) -> float:
    """How much the files in a folder hold, in millions of bytes."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6
