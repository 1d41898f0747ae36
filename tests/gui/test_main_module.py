"""The command line of the browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from gui.__main__ import has_display, main, parse


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--demo some.db", "leave out the other one"),
        ("some.db --entry users", "--entry needs --tenant"),
        ("--tenant acme", "--tenant needs a database"),
        ("some.db --at 3", "--at and --compare need"),
        ("some.db --tenant acme --compare 1 2", "--at and --compare need"),
        ("some.db --tenant a --entry e --at 3 --compare 1 2", "choose one of them"),
        ("some.db --tenant a --entry e --compare 1", "expected 2 arguments"),
        ("--demo --read-only", "--read-only needs a database"),
        ("some.db --tour pictures", "--tour of a database needs"),
        ("--nonsense", "unrecognized"),
    ],
)
def test_what_makes_no_sense_is_told(
    line: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(line.split())
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_a_place_can_be_named() -> None:
    options = parse(["some.db", "--tenant", "a", "--entry", "e", "--compare", "1", "2"])
    assert options.database == Path("some.db")
    assert options.compare == ["1", "2"]


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("dbengine-browser ")


def test_without_a_display_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main(["some.db"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_a_display_is_known_by_the_environment(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for other in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(other, raising=False)
    assert not has_display()
    monkeypatch.setenv(name, "x")
    assert has_display()
