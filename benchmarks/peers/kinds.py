"""The list of peers, which are imported when they are first opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, cast

from benchmarks.peers.base import Peer

Opener = Callable[[Path, bool], Peer]


@dataclass(frozen=True)
class Kind:
    """One peer: `opener` is `module:function`, `needs` the package that it stands on.

    With `copies_all` each version holds the whole content again, which is why long histories
    of big collections are not asked of it.
    """

    name: str
    opener: str
    needs: str
    about: str
    copies_all: bool = False

    @property
    def installed(self) -> bool:
        return find_spec(self.needs) is not None

    @property
    def slug(self) -> str:
        """The name as a folder's name."""
        return self.name.lower().replace(" ", "-")

    def prepare(self) -> Opener:
        """Import what the peer needs; the function that opens a folder, durably or not."""
        module, function = self.opener.split(":")
        return cast(Opener, getattr(import_module(f"benchmarks.peers.{module}"), function))

    def open(self, folder: Path, durable: bool = True) -> Peer:
        """Open the database in `folder`, or make it."""
        folder.mkdir(parents=True, exist_ok=True)
        return self.prepare()(folder, durable)


OURS: Final = "DbEngine"
BASE: Final = "SQLite FULL"
GIT: Final = ("git pygit2", "git dulwich")

KINDS: Final = (
    Kind(OURS, "own:open_peer", "dbengine", 'its public API, `durability="full"`'),
    Kind(
        BASE,
        "sqlite:open_full",
        "sqlite3",
        "a hand-written history table, WAL, `synchronous=FULL`: a sync a commit",
    ),
    Kind(
        "SQLite NORMAL",
        "sqlite:open_normal",
        "sqlite3",
        "the same, synced at its checkpoints only: the last commits can be lost with the power",
    ),
    Kind(
        "ZODB",
        "zodb:open_peer",
        "ZODB",
        "FileStorage, a BTree an entry, old versions through historical connections; one process",
    ),
    Kind(
        GIT[0],
        "git_pygit2:open_peer",
        "pygit2",
        "a branch an entry, a blob a record in 256 subtrees, a commit a put, all of it synced",
    ),
    Kind(GIT[1], "git_dulwich:open_peer", "dulwich", "the same in pure Python"),
    Kind(
        "TinyDB",
        "tiny:open_peer",
        "tinydb",
        "a file a version, synced; read and written by orjson; no lock",
        copies_all=True,
    ),
    Kind(
        "plain JSON",
        "plain:open_peer",
        "orjson",
        "the spec read plainly: the whole content in `objects/`, then `head`, synced; no lock",
        copies_all=True,
    ),
)
