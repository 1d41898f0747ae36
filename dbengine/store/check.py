"""Reading everything that is kept for one tenant, file by file, and saying what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from dbengine import codec
from dbengine.errors import Corrupt
from dbengine.store.base import Flaw
from dbengine.store.files import Files
from dbengine.store.pack import Pack
from dbengine.store.packs import LOCK, UNFINISHED, is_pack
from dbengine.store.tenant import Tenant
from dbengine.store.view import segment_numbers

Found = Iterator[Flaw | None]

_TENANT = {"head", "journal", "lock", "objects", "packs", "tmp"}


class Check:
    """Reads once, from front to back; every sound object is told once."""

    def __init__(self, files: Files, tenant: Tenant) -> None:
        self._files = files
        self._tenant = tenant
        self._place = tenant.place
        self._packs = tenant.packs
        self._seen: set[str] = set()

    def everything(self) -> Found:
        """In the direction in which objects move, so that none is missed."""
        yield from self._check_journal()
        yield from self._strangers(self._place.folder, _TENANT)
        yield from self.objects()
        yield from self._check_packs()

    def objects(self) -> Found:
        """What is loose, unless it was found in the journal."""
        for path in self._place.object_files():
            if path.name not in self._seen:
                yield from self._check_object(path)

    def _check_journal(self) -> Found:
        folder = self._place.journal
        names = self._files.names(folder)
        yield from self._strangers(folder, {name for name in names if segment_numbers([name])})
        try:
            view = self._tenant.fresh_view()
        except Corrupt as error:
            yield Flaw(str(error))
            return
        self._seen.update(digest for digest in view.recent() if view.read(digest) is not None)
        yield from (None for _digest in self._seen)

    def _check_object(self, path: Path) -> Found:
        if not codec.is_digest(path.name) or path.parent.name != path.name[:2]:
            yield Flaw(f"{path} is not an object of this database.")
            return
        try:
            data = self._files.read(path)
        except FileNotFoundError:  # packed meanwhile
            return
        except OSError as error:
            yield Flaw(f"{path} cannot be read: {error.strerror}.", path.name)
            return
        if codec.digest_of(data) != path.name:
            yield Flaw(f"{path} is damaged: its bytes do not match its name.", path.name)
            return
        self._seen.add(path.name)
        yield None

    def _check_packs(self) -> Found:
        folder = self._packs.folder
        self._packs.refresh()
        known = {name for name in self._files.names(folder) if is_pack(name)}
        yield from self._strangers(folder, known | {LOCK, UNFINISHED})
        yield from (Flaw(str(error)) for error in self._packs.damaged.values())
        for pack in self._packs.all():
            yield from self._check_pack(pack)

    def _check_pack(self, pack: Pack) -> Found:
        """A damaged object that is whole elsewhere is no loss; then the pack alone is named."""
        try:
            if pack.name() != pack.path.stem:
                yield Flaw(f"{pack.path} is damaged: its bytes do not match its name.")
            yield from self._check_packed(pack)
        except FileNotFoundError:  # merged into another meanwhile
            return

    def _check_packed(self, pack: Pack) -> Found:
        for digest, data in pack.in_order():
            if digest in self._seen:
                continue
            if data is not None or self._tenant.find(digest) is not None:
                self._seen.add(digest)
                yield None
            else:
                yield Flaw(f"{pack.path} is damaged: an object in it is not whole.", digest)

    def _strangers(self, folder: Path, known: Iterable[str]) -> Iterator[Flaw]:
        for name in self._files.names(folder):
            if name not in known:
                yield Flaw(f"{folder / name} is not a file of this database.")
