"""What both git peers share: names, and writing many records through `git fast-import`."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

import orjson

from benchmarks.peers.base import USER, Json, prefix

MAIL: Final = f"{USER}@example.org"
DOCUMENT: Final = "document"
HEADS: Final = "refs/heads/"


def branch(entry: str) -> str:
    """The reference of an entry."""
    return HEADS + quote(entry, safe="")


def entry_of(reference: str) -> str:
    """The entry of a reference."""
    return unquote(reference.removeprefix(HEADS))


def file_name(key: str) -> str:
    """A key as a name in its subtree."""
    return quote(key, safe="")


def key_of(path: str) -> str:
    """The key of a path `subtree/name`."""
    return unquote(path.rpartition("/")[2])


def import_records(repo: Path, entry: str, records: Mapping[str, Json], parent: bool) -> None:
    """One commit of many records, as one synced pack."""
    stream = b"".join(_stream(branch(entry), records, parent))
    _git(repo, "-c", "core.fsync=all", "fast-import", "--quiet", given=stream)


def collect(repo: Path, *, aggressive: bool = False) -> None:
    """Pack everything that is reachable and drop the rest."""
    _git(repo, "gc", "--quiet", "--prune=now", *(["--aggressive"] if aggressive else []))


def _git(repo: Path, *arguments: str, given: bytes = b"") -> None:
    """Run git, which warns each time that the setting libgit2 knows has a newer name."""
    done = subprocess.run(
        ["git", *arguments], cwd=repo, input=given, capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"git {arguments[0]} failed: {done.stderr.decode(errors='replace')}")


def _stream(reference: str, records: Mapping[str, Json], parent: bool) -> Iterator[bytes]:
    yield f"commit {reference}\ncommitter {USER} <{MAIL}> {int(time.time())} +0000\n".encode()
    yield b"data 0\n"
    if parent:
        yield f"from {reference}^0\n".encode()
    for key, value in records.items():
        data = orjson.dumps(value)
        path = f"{prefix(key)}/{file_name(key)}"
        yield f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"
