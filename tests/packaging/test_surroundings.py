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
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(sys, "platform", "linux")
    fake = Os()
    monkeypatch.setattr(surroundings, "os", fake)
    return fake.environ


def test_what_the_loader_set_is_gone(environment: dict[str, str]) -> None:
    environment |= {"LD_LIBRARY_PATH": "/opt/bundle", "_PYI_ARCHIVE_FILE": "/opt/bundle/dbengine"}
    surroundings.put_right()
    assert environment == {"HOME": "/home/ana"}


def test_what_the_user_had_set_is_back(environment: dict[str, str]) -> None:
    environment |= {
        "LD_LIBRARY_PATH": "/opt/bundle:/home/ana/lib",
        "LD_LIBRARY_PATH_ORIG": "/home/ana/lib",
    }
    surroundings.put_right()
    assert environment == {"HOME": "/home/ana", "LD_LIBRARY_PATH": "/home/ana/lib"}


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_plugins_for_another_qt_are_not_loaded_into_ours(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    environment["QT_PLUGIN_PATH"] = "/usr/lib/qt6/plugins"
    surroundings.put_right()
    assert environment == {"HOME": "/home/ana"}


def test_on_windows_nothing_that_the_loader_set_harms_others(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    environment["_PYI_ARCHIVE_FILE"] = "dbengine.exe"
    surroundings.put_right()
    assert environment == {"HOME": "/home/ana", "_PYI_ARCHIVE_FILE": "dbengine.exe"}
