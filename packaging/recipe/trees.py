"""Folders as packages hold them: same order, owners, rights and dates wherever they are made."""

from __future__ import annotations

import hashlib
import lzma
import os
import tarfile
from pathlib import Path

from recipe.facts import epoch


def settle(folder: Path) -> None:
    """Give everything in a folder the rights and the date that it has in a package."""
    for path in (folder, *sorted(folder.rglob("*"))):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or _is_program(path) else 0o644)
        os.utime(path, (epoch(), epoch()), follow_symlinks=False)


def tar(folder: Path, target: Path) -> None:
    """Pack a settled folder, under its own name."""
    with (
        lzma.open(target, "wb", preset=6) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for path in (folder, *sorted(folder.rglob("*"))):
            archive.add(path, path.relative_to(folder.parent), recursive=False, filter=_nobody)


def fingerprints(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder, or where a link leads, by its path in it."""
    return {
        path.relative_to(folder).as_posix(): _fingerprint(path)
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def _fingerprint(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def _is_program(path: Path) -> bool:
    """A program or script, and no library: those are only read."""
    with path.open("rb") as file:
        head = file.read(4)
    return os.access(path, os.X_OK) and (
        head[:2] == b"#!" or (head == b"\x7fELF" and "." not in path.name)
    )
