"""What is bundled is pinned, and is what the program asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from packaging.requirements import Requirement
from recipe.facts import PACKAGING, ROOT
from recipe.licences import bundled_distributions, contents


def pinned(name: str) -> dict[str, Requirement]:
    lines = (PACKAGING / "requirements" / name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {requirement.name.lower(): requirement for requirement in found}


def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["gui"]]
    found = map(Requirement, lines)
    return [
        r for r in found if not (r.marker and "3.12" in str(r.marker) and ">=" in str(r.marker))
    ]


@pytest.mark.parametrize("name", ["program.txt", "tools.txt"])
def test_every_version_is_exact(name: str) -> None:
    for requirement in pinned(name).values():
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), requirement


def test_what_the_program_asks_for_is_there_in_a_version_that_it_takes() -> None:
    pins = pinned("program.txt")
    for requirement in wanted():
        [pin] = pins[requirement.name.lower()].specifier
        assert requirement.specifier.contains(pin.version), requirement


def test_what_is_only_needed_to_build_is_not_told_as_bundled() -> None:
    names = {name.lower() for name in bundled_distributions()}
    assert {"orjson", "pyside6-essentials"} <= names
    assert names.isdisjoint({"pyinstaller", "packaging", "setuptools"})


def test_the_list_of_what_is_bundled_names_versions_and_terms() -> None:
    text = contents([("orjson", "3.13.0", "MIT")])
    assert "| orjson | the program | 3.13.0 | MIT |" in text
    assert "Inter" in text
    assert "not bundled here" not in text
    assert "lgpl-3.0.txt" in text


def test_the_texts_that_no_package_brings_are_kept_here() -> None:
    for name in ("lgpl-3.0.txt", "gpl-3.0.txt"):
        assert len((Path(PACKAGING) / "licences" / name).read_text(encoding="utf-8")) > 5_000
