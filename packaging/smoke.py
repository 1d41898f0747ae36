"""Tries the programs that were built as a stranger would: nothing of the checkout is in reach.

    python packaging/smoke.py FOLDER [--platform xcb]

FOLDER holds `dbengine-browser` and `dbengine`. Everything happens in a new, empty folder, with an
environment that has next to nothing in it. A wrong exit status fails it, and so does any line on
stderr. git must be there, for the import. Needs nothing but Python's standard library.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_PATIENCE: Final = 300.0
_STARTED: Final = 5.0
"""Seconds after which a window that is still there has started."""

_KEPT: Final = ("PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "DISPLAY", "XAUTHORITY")
_VERSIONS: Final = 3


class Failed(Exception):
    """Something is not as a stranger may expect it."""


class Stranger:
    """Somebody with an empty home, who has only the programs in `programs`."""

    def __init__(self, programs: Path, place: Path, platform: str) -> None:
        self._programs = programs
        self.place = place
        home = place / "home"
        home.mkdir(mode=0o700)
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        homes = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"), str(home))
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP", "XDG_RUNTIME_DIR"), str(home))
        self.environment = {
            **kept, **homes, **temporary,
            "LANG": "C.UTF-8", "USER": "stranger", "USERNAME": "stranger",
            "QT_QPA_PLATFORM": platform,
        }  # fmt: skip

    def program(self, name: str) -> str:
        """The path of a program that was built."""
        return str(self._programs / (f"{name}.exe" if sys.platform == "win32" else name))

    def run(self, name: str, *arguments: str | Path, status: int = 0, silent: bool = True) -> str:
        """Run it and give what it prints; anything unexpected fails."""
        return self.call([self.program(name), *map(str, arguments)], status, silent)

    def call(self, command: Sequence[str], status: int = 0, silent: bool = True) -> str:
        """As `run`, of any command."""
        done = subprocess.run(
            command, cwd=self.place, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", errors="replace",
            timeout=_PATIENCE, check=False,
        )  # fmt: skip
        line = " ".join(command)
        if done.returncode != status:
            raise Failed(f"`{line}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        if silent and done.stderr:
            raise Failed(f"`{line}` complained:\n{done.stderr}")
        return done.stdout


def versions(stranger: Stranger) -> None:
    """Both programs say their version, the same one."""
    said = stranger.run("dbengine", "--version").split()[-1]
    told = stranger.run("dbengine-browser", "--version").split()
    if told != ["dbengine-browser", said] and not (sys.platform == "win32" and not told):
        raise Failed(f"dbengine is {said}, dbengine-browser {' '.join(told)}.")


def tour(stranger: Stranger) -> None:
    """The tour takes every step on the demo, in light and dark."""
    folder = stranger.place / "tour"
    said = stranger.run("dbengine-browser", "--tour", folder)
    light, dark = list(folder.glob("*-light.png")), list(folder.glob("*-dark.png"))
    if not light or len(light) != len(dark) or "FAILED" in said:
        raise Failed(f"The tour left {len(light)} light and {len(dark)} dark pictures:\n{said}")


def imported(stranger: Stranger) -> None:
    """A file's history comes from git into a database."""
    repository = stranger.place / "repository"
    stranger.call(["git", "init", "--quiet", str(repository)])
    who = ("-c", "user.name=ana", "-c", "user.email=ana@example.org")
    for number in range(_VERSIONS):
        text = json.dumps({"pears": {"price": number}, "plums": {"price": 7, "from": "Košice"}})
        (repository / "fruit.json").write_text(text, encoding="utf-8")
        stranger.call(["git", "-C", str(repository), "add", "fruit.json"])
        stranger.call(["git", "-C", str(repository), *who, "commit", "--quiet", "-m", f"{number}"])
    root = stranger.place / "shop.db"
    where = ("--tenant", "shop", "--entry", "fruit")
    stranger.run("dbengine", "--root", root, "import-git", repository, "fruit.json", *where)
    _expect_versions(stranger, root, _VERSIONS)


def children(stranger: Stranger) -> None:
    """What the program starts, as git, has the environment that the stranger has."""
    real = shutil.which("git", path=stranger.environment["PATH"])
    if sys.platform == "win32" or real is None:
        return
    spy = stranger.place / "spy" / "git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\nenv > "$0.heard"\nexec {real} "$@"\n', encoding="utf-8")
    spy.chmod(0o755)
    root, path = stranger.place / "spied.db", stranger.environment["PATH"]
    stranger.environment["PATH"] = f"{spy.parent}{os.pathsep}{path}"
    what = (stranger.place / "repository", "fruit.json", "--tenant", "shop", "--entry", "fruit")
    stranger.run("dbengine", "--root", root, "import-git", *what)
    stranger.environment["PATH"] = path
    lines = Path(f"{spy}.heard").read_text(encoding="utf-8").splitlines()
    heard = {line.partition("=")[0] for line in lines}
    strange = sorted(name for name in heard if name.endswith("_PATH") or name.startswith("_PYI_"))
    if strange:
        raise Failed(f"git was started with {', '.join(strange)}.")


def visited(stranger: Stranger) -> None:
    """The window opens it, compares, edits, restores and closes; the database stays whole."""
    root, folder = stranger.place / "shop.db", stranger.place / "visit"
    where = ("--tenant", "shop", "--entry", "fruit")
    stranger.run("dbengine-browser", "--tour", folder, root, *where)
    copy = folder / "shop.db"
    _expect_versions(stranger, copy, _VERSIONS + 2)
    stranger.run("dbengine", "--root", copy, "verify")
    before = stranger.run("dbengine", "--root", root, "show", "shop", "fruit")
    if stranger.run("dbengine", "--root", copy, "show", "shop", "fruit") != before:
        raise Failed("Restoring did not bring back what was there before.")


def written(stranger: Stranger) -> None:
    """The command line writes, compares and restores, and refuses with a sentence."""
    root = ("--root", stranger.place / "shop.db")
    stranger.run("dbengine", *root, "put", "shop", "fruit", "figs", '{"price": 9}', silent=False)
    stranger.run("dbengine", *root, "diff", "shop", "fruit")
    stranger.run("dbengine", *root, "restore", "shop", "fruit", "1")
    stranger.run("dbengine", *root, "verify")
    stranger.run("dbengine", *root, "show", "shop", "nothing", status=1, silent=False)


def window(stranger: Stranger) -> None:
    """The program itself starts, on the database, and goes on until it is ended."""
    command = [stranger.program("dbengine-browser"), str(stranger.place / "shop.db")]
    complaints = stranger.place / "stderr.txt"
    with complaints.open("wb") as stream:
        running = subprocess.Popen(
            command, cwd=stranger.place, env=stranger.environment, stderr=stream
        )
        try:
            ended = running.wait(_STARTED)
        except subprocess.TimeoutExpired:
            ended = None
            running.terminate()
            running.wait(_PATIENCE)
    if ended is not None or complaints.stat().st_size:
        raise Failed(f"The window ended with {ended}:\n{complaints.read_text(encoding='utf-8')}")


CHECKS: Final[tuple[Callable[[Stranger], None], ...]] = (
    versions, tour, imported, children, visited, written, window,
)  # fmt: skip


def main() -> int:
    """Make all checks; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("programs", type=Path, help="the folder of the programs that were built")
    parser.add_argument("--platform", default="offscreen", help="of Qt: offscreen, xcb …")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="smoke-", ignore_cleanup_errors=True) as place:
        stranger = Stranger(options.programs.absolute(), Path(place), options.platform)
        for check in CHECKS:
            begun = time.monotonic()
            try:
                check(stranger)
            except (Failed, OSError, subprocess.TimeoutExpired) as error:
                print(f"FAILED  {check.__name__}: {error}", file=sys.stderr)
                return 1
            print(f"ok  {time.monotonic() - begun:5.1f} s  {check.__doc__}", flush=True)
    return 0


def _expect_versions(stranger: Stranger, root: Path, number: int) -> None:
    count = len(
        json.loads(stranger.run("dbengine", "--root", root, "log", "shop", "fruit", "--json"))
    )
    if count != number:
        raise Failed(f"{root} has {count} versions of its entry, and should have {number}.")


if __name__ == "__main__":
    sys.exit(main())
