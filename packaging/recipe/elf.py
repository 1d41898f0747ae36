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


def binaries(folder: Path) -> list[Path]:
    """All programs, libraries and modules below a folder, sorted."""
    return [path for path in sorted(folder.rglob("*")) if _is_elf(path)]


def requirements(folder: Path) -> list[str]:
    """What an RPM has to require, as rpm itself names it: libraries, and the newest glibc."""
    needed, own, glibc = set(), set(), set()
    for path in binaries(folder):
        if path.name in USED_IF_THERE:
            continue
        told = ask(["readelf", "--wide", "--dynamic", "--version-info", path])
        needed |= set(_NEEDED.findall(told))
        own |= {path.name, *_NAME.findall(told)}
        glibc |= set(_GLIBC.findall(told))
    newest = max(glibc, key=_numbers)
    others = sorted(needed - own - {"ld-linux-x86-64.so.2"})
    return [f"libc.so.6({newest})(64bit)", *(f"{name}()(64bit)" for name in others)]


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
