from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QTimer


def test_void_calls_do_not_lose_references_to_none(qapp: object) -> None:
    """PySide6 6.12.0 on Python 3.11 loses one a call, and aborts the process in the end."""
    thing, timer = QObject(), QTimer()
    before = sys.getrefcount(None)
    for _ in range(20_000):
        thing.setObjectName("x")
        timer.stop()
    assert sys.getrefcount(None) > before - 1_000
