"""Linux: how long what was built takes to start, beside the same program from a `pip install`."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from recipe import bundle, environments
from recipe.facts import NAME, RecipeError, run, say

MOST: Final = 1.5
"""So many times as long the bundle may take."""

_ROUNDS: Final = 15
_PATIENCE: Final = 60.0
_LOOKS: Final = 0.002
"""Seconds between two looks whether the window is there."""

Case = Callable[[Path], float]
"""Starts a program of a folder of programs; the seconds until it has answered."""


def compare() -> None:
    """Print both medians of each case; more than `MOST` times as long fails."""
    built, installed = bundle.programs(bundle.existing()), environments.installed()
    with TemporaryDirectory(prefix="starts-") as place:
        cases = _cases(built, Path(place))
        times = _measured(cases, (built, installed))
    slow = [name for name in cases if _tell(name, times[name, built], times[name, installed])]
    if slow:
        raise RecipeError(f"Too slow beside the same from a virtual environment: {slow}.")


def _cases(built: Path, home: Path) -> dict[str, Case]:
    root, environment = home / "fruit.db", _environment(home)
    for words in (("init", "shop"), ("put", "shop", "fruit", "pears", "7")):
        run([built / "dbengine", "--root", root, *words], env=environment)
    return {
        "dbengine-browser --version": _answers([NAME, "--version"], environment),
        "dbengine-browser DATABASE": _opens(root, environment),
        "dbengine --version": _answers(["dbengine", "--version"], environment),
        "dbengine verify": _answers(["dbengine", "--root", str(root), "verify"], environment),
    }


def _environment(home: Path) -> dict[str, str]:
    config = str(home / "config")
    fixed = {"QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
    return {**fixed, "HOME": str(home), "USER": "ana", "XDG_CONFIG_HOME": config}


def _answers(line: list[str], environment: dict[str, str]) -> Case:
    """Until the program has ended."""

    def once(programs: Path) -> float:
        begun = time.perf_counter()
        command = [str(programs / line[0]), *line[1:]]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun

    return once


def _opens(root: Path, environment: dict[str, str]) -> Case:
    """Until the window has opened the database: then it is among those to open again."""
    settings = Path(environment["XDG_CONFIG_HOME"]) / NAME / "settings.ini"

    def once(programs: Path) -> float:
        settings.unlink(missing_ok=True)
        begun = time.perf_counter()
        with subprocess.Popen([programs / NAME, root], env=environment) as window:
            try:
                return _until_named(settings, root, begun)
            finally:
                window.terminate()

    return once


def _until_named(settings: Path, root: Path, begun: float) -> float:
    while (passed := time.perf_counter() - begun) < _PATIENCE:
        if settings.exists() and str(root) in settings.read_text(encoding="utf-8"):
            return passed
        time.sleep(_LOOKS)
    raise RecipeError(f"The window has not opened {root} in {_PATIENCE:.0f} seconds.")


def _measured(
    cases: dict[str, Case], folders: tuple[Path, ...]
) -> dict[tuple[str, Path], list[float]]:
    """Every case from every folder, in another order each round; a first round only warms up."""
    pairs = [(name, folder) for name in cases for folder in folders]
    times: dict[tuple[str, Path], list[float]] = {pair: [] for pair in pairs}
    for _ in range(_ROUNDS + 1):
        for name, folder in random.sample(pairs, len(pairs)):
            times[name, folder].append(cases[name](folder))
    return {pair: taken[1:] for pair, taken in times.items()}


def _tell(name: str, built: list[float], installed: list[float]) -> bool:
    """Print a line; whether it is too slow."""
    a, b = statistics.median(built), statistics.median(installed)
    say(f"{name:28} {1e3 * a:7.0f} ms, from a virtual environment {1e3 * b:7.0f} ms: {a / b:.2f}×")
    return a / b > MOST
