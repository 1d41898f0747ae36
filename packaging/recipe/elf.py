"""What the programs and libraries of a Linux bundle need from the system."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from recipe.facts import ask, run
from recipe.trimming import USED_IF_THERE

_NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[([^\]]+)\]")
_NAME = re.compile(r"\(SONAME\)\s+Library soname: \[([^\]]+)\]")
_RUNPATH = re.compile(r"\((?:RUNPATH|RPATH)\)\s+Library r\w+path: \[([^\]]+)\]")
_GLIBC = re.compile(r"Name: (GLIBC_[\d.]+)\s")
_CACHED = re.compile(r"^\s+(\S+) \(.*x86-64.*\) => ", re.MULTILINE)


def binaries(folder: Path) -> list[Path]:
    """All programs, libraries and modules below a folder, sorted."""
    return [path for path in sorted(folder.rglob("*")) if _is_elf(path)]


def requirements(folder: Path) -> list[str]:
    """What an RPM has to require, as rpm itself names it: libraries, and the newest glibc."""
    paths = [path for path in binaries(folder) if path.name not in USED_IF_THERE]
    told = _told(paths)
    newest = max(_GLIBC.findall(told), key=_numbers)
    others = sorted(_from_outside(paths, told) - {"ld-linux-x86-64.so.2"})
    return [f"libc.so.6({newest})(64bit)", *(f"{name}()(64bit)" for name in others)]


def lacking(folder: Path) -> list[str]:
    """Libraries that neither the folder nor this system has, sorted."""
    paths = binaries(folder)
    there = set(_CACHED.findall(ask(["/sbin/ldconfig", "-p"])))
    return sorted(_from_outside(paths, _told(paths)) - there)


def _told(paths: list[Path]) -> str:
    return "".join(
        ask(["readelf", "--wide", "--dynamic", "--version-info", path]) for path in paths
    )


def _from_outside(paths: list[Path], told: str) -> set[str]:
    """The libraries that these load and that are none of them."""
    return set(_NEEDED.findall(told)) - {path.name for path in paths} - set(_NAME.findall(told))


def forget_the_builder(folder: Path, patchelf: Path) -> None:
    """Remove search paths that lead out of the bundle, to where Python was built."""
    for path in binaries(folder):
        found = _RUNPATH.search(ask(["readelf", "--wide", "--dynamic", path]))
        if found and not found[1].startswith("$ORIGIN"):
            run([patchelf, "--remove-rpath", path])


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.removeprefix("GLIBC_").split("."))


def folders(paths: list[Path]) -> Iterator[Path]:
    """The folders that hold these files, each once."""
    yield from dict.fromkeys(path.parent for path in paths)
