"""The packs of one tenant, as one handle sees them: they come and go while others pack."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from dbengine import codec
from dbengine.errors import Corrupt
from dbengine.store.files import Files
from dbengine.store.pack import Pack

UNFINISHED: Final = "unfinished"
LOCK: Final = "lock"
_SUFFIX: Final = ".pack"
Answer = TypeVar("Answer")


class Packs:
    """What is asked for is looked up in the packs that were there at the last `refresh`."""

    def __init__(self, files: Files, folder: Path) -> None:
        self._files = files
        self._guard = threading.RLock()
        self._open: dict[str, Pack] | None = None
        self.damaged: dict[str, Corrupt] = {}
        self.folder = folder

    def path(self, name: str) -> Path:
        """Where the pack of this name is kept."""
        return self.folder / f"{name}{_SUFFIX}"

    def close(self) -> None:
        """Let go of the files; the next use opens them again."""
        with self._guard:
            for pack in (self._open or {}).values():
                pack.close()
            self._open = None

    def refresh(self) -> None:
        """See which packs there are now."""
        with self._guard:
            before = self._open or {}
            names = [n.removesuffix(_SUFFIX) for n in self._files.names(self.folder) if is_pack(n)]
            self._open, self.damaged = {}, {}
            for name in names:
                self._take(name, before.get(name))

    def all(self) -> list[Pack]:
        """The packs that can be read."""
        with self._guard:
            if self._open is None:
                self.refresh()
            return list((self._open or {}).values())

    def has(self, digest: str) -> bool:
        return any(self._ask(digest, lambda pack: pack.has(digest)))

    def read(self, digest: str) -> bytes | None:
        """The object, from any pack that holds it whole."""
        found = self._ask(digest, lambda pack: pack.read(digest))
        return next((data for data in found if data is not None), None)

    def digests(self, prefix: str = "") -> Iterator[str]:
        """All digests that begin with the prefix, by pack."""
        for pack in self.all():
            with suppress(FileNotFoundError):
                yield from pack.digests(prefix)

    def _ask(self, digest: str, question: Callable[[Pack], Answer]) -> Iterator[Answer]:
        """What each pack answers; one may be gone, merged into another since we looked."""
        for pack in self.all() if codec.is_digest(digest) else []:
            with suppress(FileNotFoundError):
                yield question(pack)

    def _take(self, name: str, pack: Pack | None) -> None:
        """Another file may have come under this name: written anew, because it was damaged."""
        assert self._open is not None
        if pack is not None and pack.stamp != self._files.stamp(pack.path):
            pack = None
        try:
            self._open[name] = pack or Pack(self._files, self.path(name))
        except FileNotFoundError:  # merged into another since we looked
            return
        except Corrupt as error:
            self.damaged[name] = error


def is_pack(name: str) -> bool:
    """Whether a file of this name is a pack."""
    return name.endswith(_SUFFIX) and codec.is_digest(name.removesuffix(_SUFFIX))
