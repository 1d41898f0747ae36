"""How long the window's main loop is held while one works with big documents; as a table.

    python benchmarks/window.py [DATABASE TENANT ENTRY]

Two documents of 100,000 records are made for it: thirty changes, and a change in every record. A
database of one's own may be looked at beside them, with the newest version of one entry. The whole
window is driven, without a screen. *Held* is the longest time between two turns of the loop, by the
clock on the wall, so that whatever else runs on the machine counts, too; *own* the longest that the
main thread itself worked in one turn. Of a comparison it is also told when its *first rows* are
shown.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from diff_inputs import records, thirty_changes

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, QTimer

from dbengine import DbEngine
from gui.app import make_application
from gui.session import Place, Session
from gui.settings import Settings
from gui.theme import theme
from gui.windows.main import MainWindow

COUNT = 100_000
PATIENCE = 120
"""Seconds after which a step counts as one that never ends."""

SETTLED = 0.3
"""Seconds that the loop goes on after a step: what it left to be done counts, too."""


class Turns(QObject):
    """Notes how long each turn of the main loop took, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[float] = []
        self.own: list[float] = []
        self._begin()
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._turn)
        self._timer.start()

    def restart(self) -> None:
        self.held.clear()
        self.own.clear()
        self._begin()

    def _begin(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.thread_time()

    def _turn(self) -> None:
        self.held.append(time.perf_counter() - self._wall)
        self.own.append(time.thread_time() - self._cpu)
        self._begin()


class Rig:
    """The real window on a database, and one row of the table for each step."""

    def __init__(self, folder: Path) -> None:
        self.app = make_application()
        theme().apply(self.app, "light")
        self.session = Session(Settings(folder / "settings.ini"))
        self.window = MainWindow(self.session)
        self.window.resize(1440, 900)
        self.window.show()
        self.turns = Turns()

    def step(
        self,
        name: str,
        do: Callable[[], object],
        done: Callable[[], object],
        begun: Callable[[], object] | None = None,
    ) -> None:
        """`begun` is for what is shown in part before it is done: that is timed, too."""
        self.turns.restart()
        began = time.perf_counter()
        do()
        if begun is not None:
            print(f"| {name}, first rows | {self._wait(name, began, begun):.2f} s | | |")
        took = self._wait(name, began, lambda: self.session.idle and done())
        while time.perf_counter() - began < took + SETTLED:
            self.app.processEvents()
        held, own = (max(times) * 1000 for times in (self.turns.held, self.turns.own))
        print(f"| {name} | {took:.2f} s | {held:.0f} ms | {own:.0f} ms |", flush=True)

    def _wait(self, name: str, began: float, until: Callable[[], object]) -> float:
        """Lets the loop go on until then; the seconds since it `began`."""
        while not until():
            self.app.processEvents()
            if time.perf_counter() - began > PATIENCE:
                raise TimeoutError(f"{name} never came to its end.")
        return time.perf_counter() - began

    def open(self, root: Path) -> None:
        self.step(
            f"open {root.name}",
            lambda: self.session.open(root, read_only=True),
            lambda: self.session.database and self.session.database.root == root,
        )

    def work_with(self, tenant: str, entry: str) -> None:
        """View, compare with the version before, walk, unfold and fold, edit."""
        panel, actions = self.window.center.compare, self.window.actions_
        before = panel.comparison
        self.step(
            f"{entry}: view",
            lambda: self.session.go(Place(tenant, entry)),
            lambda: self.window.placing.info and self.window.placing.info.entry == entry,
        )
        self.step(
            f"{entry}: compare",
            lambda: self.session.move(mode="compare"),
            lambda: panel.comparison not in (None, before) and panel.comparison.whole,
            lambda: panel.comparison not in (None, before),
        )
        names = {"next": "next_change", "unfold": "only_changes", "fold": "only_changes"}
        for said, name in names.items():
            self.step(f"{entry}: {said}", actions[name].trigger, lambda: True)
        self.step(f"{entry}: edit", lambda: self.session.move(mode="edit"), lambda: True)

    def recolour(self) -> None:
        for name in ("dark", "light"):
            self.step(
                f"{name} theme", lambda name=name: theme().apply(self.app, name), lambda: True
            )


def make(root: Path) -> None:
    """The two entries, of two versions each."""
    few, every = thirty_changes(COUNT), records(COUNT)
    edited = [{**one, "age": one["age"] + 1} for one in every]
    with DbEngine(root, durability="off") as db:
        db.init("t")
        for entry, pair in (("thirty changes", few), ("every record", (every, edited))):
            for value in pair:
                db.save("t", "ann", entry, value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", nargs="?", type=Path, help="one of your own")
    parser.add_argument("tenant", nargs="?")
    parser.add_argument("entry", nargs="?")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder) / "made")
        print("| step | done after | held | own |\n| --- | ---: | ---: | ---: |")
        rig = Rig(Path(folder))
        rig.open(Path(folder) / "made")
        for entry in ("thirty changes", "every record"):
            rig.work_with("t", entry)
        rig.recolour()
        if options.database:
            rig.open(options.database.absolute())
            rig.work_with(options.tenant, options.entry)
        rig.session.join()


if __name__ == "__main__":
    main()
