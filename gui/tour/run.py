"""Runs the tour in light and dark, and says how it went."""

from __future__ import annotations

import shutil
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TextIO

from PySide6.QtCore import QLoggingCategory, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from ..demo import build_demo
from ..settings import ThemeMode
from ..theme import theme
from .stage import NOW, Stage, StepFailed
from .steps import STEPS, Step
from .visit import Visit

_MODES: Final[tuple[ThemeMode, ...]] = ("light", "dark")


def run_tour(app: QApplication, folder: Path) -> int:
    """Take every step in both colours; pictures go to `folder`. The exit status: 0 if all went."""
    _silence_offscreen()
    if not _made(folder):
        return 1
    with TemporaryDirectory(prefix="dbengine-tour-") as place:
        demo = Path(place) / "demo.db"
        build_demo(demo, now=NOW)
        failed = sum(_run_on_copy(app, mode, demo, folder) for mode in _MODES)
    return _summed_up(folder, failed)


def run_visit(app: QApplication, folder: Path, root: Path, tenant: str, entry: str) -> int:
    """The short tour of one entry, on a copy of the database `root` that stays in `folder`."""
    _silence_offscreen()
    if not _made(folder):
        return 1
    copy = folder / root.name
    try:
        shutil.copytree(root, copy)
    except OSError as error:
        _say(f"{root} cannot be copied to {copy}: {error.strerror or error}", sys.stderr)
        return 1
    theme().apply(app, "light")
    stage = Stage(app, copy, folder, "light", datetime.now(UTC))
    return _summed_up(folder, _run(stage, "light", Visit(tenant, entry).steps))


def _made(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _say(f"{folder} cannot be made: {error.strerror}", sys.stderr)
        return False
    return True


def _summed_up(folder: Path, failed: int) -> int:
    pictures = len(list(folder.glob("*.png")))
    _say(f"{pictures} pictures are in {folder.absolute()}.")
    return 1 if failed else 0


def _silence_offscreen() -> None:
    """Qt's offscreen platform and a machine without many fonts talk much, and to nobody."""
    QLoggingCategory.setFilterRules("qt.text.font.db=false\nqt.qpa.plugin=false")
    qInstallMessageHandler(_heard)


def _heard(_kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    if not message.startswith("This plugin does not support"):
        _say(message, sys.stderr)


def _run_on_copy(app: QApplication, mode: ThemeMode, demo: Path, folder: Path) -> int:
    """All steps in one mode, on a copy of the demo; how many failed."""
    root = demo.parent / mode / "northwind.db"
    shutil.copytree(demo, root)
    theme().apply(app, mode)
    return _run(Stage(app, root, folder, mode), mode, STEPS)


def _run(stage: Stage, mode: ThemeMode, steps: Sequence[Step]) -> int:
    """The steps up to one that fails, and leaving; how many failed."""
    failed = 0
    for step in steps:
        try:
            step(stage)
        except StepFailed as error:
            failed += 1
            _say(f"FAILED  {mode:5}  {step.__name__}: {error}", sys.stderr)
            break  # each step stands on the one before
        except Exception:  # noqa: BLE001 - told, and counted
            failed += 1
            _say(f"FAILED  {mode:5}  {step.__name__}\n{traceback.format_exc()}", sys.stderr)
            break
        _say(f"ok      {mode:5}  {(step.__doc__ or step.__name__).splitlines()[0]}")
    stage.leave()
    return failed


def _say(text: str, stream: TextIO | None = None) -> None:
    print(text, file=stream or sys.stdout, flush=True)
