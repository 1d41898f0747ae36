"""The texts in Linux packages: metadata with and without a home on the web, control fields."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from recipe import linux
from recipe.facts import PACKAGING, version


def metainfo(share: Path) -> Path:
    linux._metainfo(share)
    return share / "metainfo" / "dbengine-browser.metainfo.xml"


def test_screenshots_are_told_where_the_project_has_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBENGINE_HOMEPAGE", "https://example.org/browser/")
    tree = ElementTree.parse(metainfo(tmp_path))
    images = [image.text or "" for image in tree.iter("image")]
    assert len(images) == 3
    for image in images:
        path = image.removeprefix(f"https://example.org/browser/raw/v{version()}/")
        assert (PACKAGING.parent / path).exists()


@pytest.mark.parametrize("home", ["", "https://example.org/browser"])
def test_software_centres_take_the_description(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    if shutil.which("appstreamcli") is None:
        pytest.skip("appstreamcli is not installed (Debian: apt-get install appstream)")
    monkeypatch.setenv("DBENGINE_HOMEPAGE", home)
    command = ["appstreamcli", "validate", "--no-net", metainfo(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_menu_entry_is_as_the_desktop_wants_it() -> None:
    if shutil.which("desktop-file-validate") is None:
        pytest.skip("it is not installed (Debian: apt-get install desktop-file-utils)")
    command = ["desktop-file-validate", PACKAGING / "linux" / "dbengine-browser.desktop"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_menu_entry_takes_the_file_type_that_is_defined() -> None:
    entry = (PACKAGING / "linux" / "dbengine-browser.desktop").read_text(encoding="utf-8")
    tree = ElementTree.parse(PACKAGING / "linux" / "dbengine-browser.xml")
    [kind] = [each for each in tree.iter() if each.tag.endswith("mime-type")]
    assert f"MimeType={kind.get('type')};" in entry


def test_a_long_description_is_folded_as_a_control_file_has_it() -> None:
    folded = linux._folded(("word " * 40, "end"))
    lines = folded.splitlines()
    assert all(line.startswith(" ") and len(line) <= 78 for line in lines)
    assert lines[-2:] == [" .", " end"]


def test_what_is_packed_has_no_date_and_no_name_of_its_own(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        linux._pack(tmp_path / name, b"text")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"text"


def test_the_libraries_to_have_are_those_that_the_readme_names() -> None:
    names = linux.libraries_to_have()
    assert {"libegl1", "libglib2.0-0", "libdbus-1-3", "libwayland-egl1"} <= set(names)
    assert "libraries" not in names
