"""Packages of one tree are the same, whoever makes them and when."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from recipe import facts, trees


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return make(tmp_path / "one" / "program")


def make(folder: Path) -> Path:
    (folder / "b").mkdir(parents=True)
    (folder / "b" / "text").write_text("hello")
    (folder / "a").write_bytes(b"\x7fELF and so on")
    (folder / "a").chmod(0o700)
    (folder / "link").symlink_to("a")
    return folder


def test_two_packages_of_one_tree_are_the_same(made: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "two" / "program")
    os.utime(other / "b" / "text", (1, 1))
    (other / "b").chmod(0o777)
    for number, folder in enumerate((made, other)):
        trees.settle(folder)
        trees.tar(folder, tmp_path / f"{number}.tar.xz")
    assert (tmp_path / "0.tar.xz").read_bytes() == (tmp_path / "1.tar.xz").read_bytes()


def test_everything_belongs_to_root_and_has_the_date_of_the_commit(
    made: Path, tmp_path: Path
) -> None:
    trees.settle(made)
    trees.tar(made, tmp_path / "it.tar.xz")
    with tarfile.open(tmp_path / "it.tar.xz") as archive:
        members = {member.name: member for member in archive.getmembers()}
    assert {member.uname for member in members.values()} == {"root"}
    assert {member.mtime for member in members.values()} == {facts.epoch()}
    assert members["program/a"].mode == 0o755
    assert members["program/b/text"].mode == 0o644
    assert members["program/link"].linkname == "a"


def test_a_byte_that_differs_is_found(made: Path) -> None:
    before = trees.fingerprints(made)
    (made / "b" / "text").write_text("hallo")
    after = trees.fingerprints(made)
    assert {name for name in before if before[name] != after[name]} == {"b/text"}
