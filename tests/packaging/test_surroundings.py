"""What the packaged program starts has the environment that it was started with itself."""

from __future__ import annotations

import sys

import pytest

import surroundings


class Os:
    """In the place of `os`: an environment of its own."""

    def __init__(self) -> None:
        self.environ = {"HOME": "/home/ana"}


@pytest.fixture(autouse=True)
def bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/bundle", raising=False)
    monkeypatch.setattr(surroundings, "os", Os())


def test_what_the_loader_set_is_gone() -> None:
    surroundings.os.environ |= {
        "LD_LIBRARY_PATH": "/opt/bundle",
        "QT_PLUGIN_PATH": "/opt/bundle/PySide6/Qt/plugins",
        "_PYI_ARCHIVE_FILE": "/opt/bundle/dbengine",
    }
    surroundings.give_back()
    assert surroundings.os.environ == {"HOME": "/home/ana"}


def test_what_the_user_had_set_is_back() -> None:
    surroundings.os.environ |= {
        "LD_LIBRARY_PATH": "/opt/bundle:/home/ana/lib",
        "LD_LIBRARY_PATH_ORIG": "/home/ana/lib",
        "QT_PLUGIN_PATH": "/home/ana/plugins",
    }
    surroundings.give_back()
    assert surroundings.os.environ == {
        "HOME": "/home/ana",
        "LD_LIBRARY_PATH": "/home/ana/lib",
        "QT_PLUGIN_PATH": "/home/ana/plugins",
    }
