from __future__ import annotations

import logging
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from gui.settings import MOST_RECENTS, Settings


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    return tmp_path / "settings.ini"


def reopened(settings: Settings, ini: Path) -> Settings:
    settings.sync()
    return Settings(ini)


def test_everything_is_there_after_a_restart(ini: Path, tmp_path: Path) -> None:
    settings = Settings(ini)
    settings.theme = "dark"
    settings.user = " lena "
    settings.text_zoom = -2
    settings.set_flag("only_changes", True)
    settings.set_state("window", QByteArray(b"\x00\x01geometry"))
    settings.add_recent(tmp_path)
    again = reopened(settings, ini)
    assert again.theme == "dark"
    assert again.user == "lena"
    assert again.text_zoom == -2
    assert again.flag("only_changes")
    assert again.state("window") == QByteArray(b"\x00\x01geometry")
    assert again.recents == (tmp_path,)


def test_defaults_hold_where_nothing_was_set(ini: Path) -> None:
    settings = Settings(ini)
    assert settings.theme == "system"
    assert settings.user != ""
    assert settings.text_zoom == 0
    assert settings.flag("x", default=True)
    assert settings.state("window").isEmpty()
    assert settings.recents == ()


def test_an_empty_user_name_means_the_login_name(
    ini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "marco")
    settings = Settings(ini)
    settings.user = "  "
    assert settings.user == "marco"


def test_the_latest_recent_is_first_and_none_is_there_twice(ini: Path, tmp_path: Path) -> None:
    settings = Settings(ini)
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
        settings.add_recent(folder)
    settings.add_recent(folders[0])
    assert settings.recents == (folders[0], folders[2], folders[1])


def test_recents_that_are_gone_come_last(ini: Path, tmp_path: Path) -> None:
    settings = Settings(ini)
    (tmp_path / "here").mkdir()
    settings.add_recent(tmp_path / "here")
    settings.add_recent(tmp_path / "gone")
    assert settings.recents == (tmp_path / "here", tmp_path / "gone")


def test_the_oldest_recent_falls_off(ini: Path, tmp_path: Path) -> None:
    settings = Settings(ini)
    for number in range(MOST_RECENTS + 2):
        settings.add_recent(tmp_path / str(number))
    assert len(settings.recents) == MOST_RECENTS
    assert tmp_path / "0" not in settings.recents


def test_a_recent_can_be_removed_and_all_cleared(ini: Path, tmp_path: Path) -> None:
    settings = Settings(ini)
    settings.add_recent(tmp_path / "a")
    settings.add_recent(tmp_path / "b")
    settings.remove_recent(tmp_path / "a")
    assert reopened(settings, ini).recents == (tmp_path / "b",)
    settings.clear_recents()
    assert reopened(settings, ini).recents == ()


def test_damaged_values_count_as_never_set(ini: Path) -> None:
    ini.write_text(
        "[General]\nversion=x\ntheme=purple\ntext_zoom=huge\nuser=\nrecents=5\n"
        "[flags]\nonly_changes=perhaps\n[state]\nwindow=7\n"
    )
    settings = Settings(ini)
    assert settings.theme == "system"
    assert settings.text_zoom == 0
    assert not settings.flag("only_changes")
    assert settings.state("window").isEmpty()
    assert all(isinstance(path, Path) for path in settings.recents)


def test_a_file_that_is_no_ini_file_is_survived(ini: Path) -> None:
    ini.write_bytes(bytes(range(256)))
    settings = Settings(ini)
    settings.theme = "light"
    assert reopened(settings, ini).theme == "light"


def test_a_newer_version_is_left_alone_and_remembered_in_memory(
    ini: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = "[General]\nversion=99\ntheme=dark\n"
    ini.write_text(text)
    with caplog.at_level(logging.WARNING):
        settings = Settings(ini)
    assert "newer version" in caplog.text
    assert settings.theme == "dark"
    settings.theme = "light"
    settings.sync()
    assert settings.theme == "light"
    assert ini.read_text() == text
