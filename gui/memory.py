"""Where memory is freed: big documents in the background, cycles in the main thread.

Left to Python, the former would hold the window and the latter crash it. There is no thread here:
the worker's says when to let go of documents, and a timer of the main thread when to collect.
"""

from __future__ import annotations

import gc
import sys
from typing import Any, ClassVar

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from .big import crumble
from .jobs import Heavy


class Kept:
    """Holds on to the big documents of results until nobody else does, and frees them in pieces.

    Whoever lets go last frees; in the main thread, and at once, that would hold the window.
    """

    MOST: ClassVar = 8
    ONLY_OURS: ClassVar = 2  # the list, and the call that counts

    def __init__(self) -> None:
        self._documents: list[Any] = []

    def __bool__(self) -> bool:
        return bool(self._documents)

    def keep(self, outcome: Any) -> None:
        """Hold the documents of an outcome that has any."""
        if not isinstance(outcome, Heavy):
            return
        both = (*self._documents, *outcome.documents())
        once = {id(document): document for document in both}  # else it would never be only ours
        self._documents = list(once.values())[-self.MOST :]

    def let_go(self) -> None:
        """Free those that nobody else holds any more."""
        for at in reversed(range(len(self._documents))):
            if sys.getrefcount(self._documents[at]) <= self.ONLY_OURS:
                crumble([self._documents.pop(at)])


class Collector(QObject):
    """Collects garbage in the main thread only, as long as a worker lives.

    Python collects in whichever thread happens to allocate, and a cycle that is freed in the
    background thread deletes its Qt objects there, which crashes. It also keeps the collector from
    walking a document again and again while a job parses it.

    To walk a document of 100,000 records holds the window for 150 ms, and to walk the program
    itself for 50. So what was there from the start, what was walked once, and all there is where
    suddenly there is a flood of objects, is put aside (`gc.freeze`): it is freed as always when
    nobody needs it, but no more looked at for cycles, until nobody works in the window and no big
    document is `kept`.
    """

    PAUSE: ClassVar = 1_000
    YOUNG: ClassVar = 700
    FLOOD: ClassVar = 15_000
    FULL_EVERY: ClassVar = 60
    _living: ClassVar = 0

    def __init__(self, parent: QObject, kept: Kept) -> None:
        super().__init__(parent)
        self._rounds = 0
        self._kept = kept
        self._timer = QTimer(self, interval=self.PAUSE)
        self._timer.timeout.connect(self.collect)
        self._timer.start()
        Collector._living += 1
        gc.disable()
        gc.freeze()

    def collect(self) -> None:
        """The young objects each time, all that is new once a minute; not a flood of them."""
        self._rounds += 1
        young = len(gc.get_objects(0))  # `get_count` is less by what old ones were freed
        if young > self.FLOOD:
            gc.freeze()
        elif self._rounds % self.FULL_EVERY == 0:
            self.collect_all()
        elif young > self.YOUNG:
            gc.collect(1)

    def collect_all(self) -> None:
        """What is not put aside; and that, too, where it holds nobody up."""
        if _nobody_works() and not self._kept:
            gc.unfreeze()
        gc.collect()
        gc.freeze()

    def stop(self) -> None:
        """Leave it to Python again, unless another worker lives."""
        self._timer.stop()
        Collector._living -= 1
        if not Collector._living:
            gc.unfreeze()
            gc.enable()


def _nobody_works() -> bool:
    """Whether the user is in another program, so that the window may pause unnoticed."""
    return QGuiApplication.applicationState() != Qt.ApplicationState.ApplicationActive
