"""The tour, as `make run` takes it where there is no display."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from dbengine import DbEngine

SIZE = (1440, 900)
WRITES = ("edit", "review", "conflict", "merge", "restore", "restored")


def take(folder: Path, *more: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run the tour in a process of its own; `code` is run in it before."""
    script = f"import sys\nfrom gui.__main__ import main\n{code}\nsys.exit(main(sys.argv[1:]))"
    root = Path(__file__).parents[2]
    home = {"HOME": str(folder.parent), "XDG_RUNTIME_DIR": str(folder.parent)}
    environment = {**os.environ, **home, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", script, "--tour", str(folder), *more]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=110, check=False
    )


@pytest.fixture(scope="module")
def tour(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path_factory.mktemp("tour") / "pictures"
    return take(folder), folder


def colours(path: Path) -> set[int]:
    """Those on a coarse grid of a picture."""
    image = QImage(str(path))
    assert (image.width(), image.height()) == SIZE or "narrow" in path.name, path.name
    return {image.pixel(x, y) for x in range(5, image.width(), 7) for y in range(5, 600, 5)}


def test_the_tour_goes_through_and_complains_of_nothing(
    tour: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, _folder = tour
    assert done.stderr == ""
    assert done.returncode == 0
    assert "FAILED" not in done.stdout


def test_every_step_is_photographed_in_light_and_dark(
    tour: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    _done, folder = tour
    light = {path.name.removesuffix("-light.png") for path in folder.glob("*-light.png")}
    dark = {path.name.removesuffix("-dark.png") for path in folder.glob("*-dark.png")}
    assert light == dark
    assert set(WRITES) < light


def test_no_picture_is_blank_and_dark_is_darker(
    tour: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    _done, folder = tour
    for path in folder.glob("*-light.png"):
        dark = path.with_name(path.name.replace("-light", "-dark"))
        both = colours(path), colours(dark)
        assert min(map(len, both)) > 8, path.name
        assert _lightness(path) > _lightness(dark) + 60, path.name


def _lightness(path: Path) -> float:
    """Of a picture on the whole, from 0 to 255."""
    image = QImage(str(path)).scaled(8, 8)
    pixels = [QColor(image.pixel(x, y)).lightness() for x in range(8) for y in range(8)]
    return sum(pixels) / len(pixels)


def test_a_step_that_fails_is_told_by_the_exit_status(tmp_path: Path) -> None:
    broken = (
        "from gui.tour import run, steps\n"
        "def broken(stage):\n"
        "    '''A step that fails.'''\n"
        "    stage.check(False, 'two is three')\n"
        "run.STEPS = (steps.welcome, broken, steps.opened)\n"
    )
    done = take(tmp_path / "pictures", code=broken)
    assert done.returncode == 1
    assert "FAILED  light  broken: It is not so that two is three." in done.stderr
    assert "FAILED  dark   broken" in done.stderr
    assert "three tenants" not in done.stdout


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = take(tmp_path / "file" / "pictures")
    assert done.returncode == 1
    assert "cannot be made" in done.stderr


@pytest.fixture
def database(tmp_path: Path) -> Path:
    root = tmp_path / "shop.db"
    with DbEngine(root, durability="off") as db:
        db.init("shop")
        for price in (1, 2):
            db.save("shop", "ana", "fruit", {"pears": {"price": price}})
    return root


def test_an_entry_of_ones_own_is_visited_on_a_copy(tmp_path: Path, database: Path) -> None:
    where = ("--tenant", "shop", "--entry", "fruit")
    done = take(tmp_path / "visit", str(database), *where)
    assert (done.stderr, done.returncode) == ("", 0)
    with DbEngine(database, read_only=True) as before:
        assert before.info("shop", "fruit").seq == 2
    with DbEngine(tmp_path / "visit" / "shop.db", read_only=True) as after:
        assert after.info("shop", "fruit").seq == 4
        assert after.load("shop", "fruit") == {"pears": {"price": 2}}


def test_a_second_visit_to_the_same_folder_is_refused(tmp_path: Path, database: Path) -> None:
    (tmp_path / "visit" / "shop.db").mkdir(parents=True)
    where = ("--tenant", "shop", "--entry", "fruit")
    done = take(tmp_path / "visit", str(database), *where)
    assert done.returncode == 1
    assert "cannot be copied" in done.stderr
