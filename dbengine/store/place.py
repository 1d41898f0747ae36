"""The folder of one tenant, or of what all share: where its files are, and how they get there."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dbengine import codec
from dbengine.store.files import Files

_FEW: Final = 8
_SAMPLE: Final = [f"{number:02x}" for number in range(0, 256, 16)]
_log = logging.getLogger("dbengine")


class Folders:
    """Makes folders durably, and remembers which of them it knows to last."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._durable: set[Path] = set()

    def make(self, *folders: Path) -> None:
        """One that is there may be by a writer killed before its sync."""
        new = [f for f in folders if self._files.make_folder(f) or f not in self._durable]
        for parent in sorted({folder.parent for folder in new}):
            self._files.sync_folder(parent)
        self._durable.update(new)

    def unsure(self, folders: Iterable[Path]) -> list[Path]:
        """Those of which it is not known that they last."""
        return [folder for folder in folders if folder not in self._durable]


class Place:
    """Whole files come to their place by way of `tmp`, where whoever holds the lock is alone."""

    def __init__(self, files: Files, folders: Folders, folder: Path, objects: Path) -> None:
        self._files = files
        self._folders = folders
        self.folder = folder
        self.objects = objects
        self.tmp = folder / "tmp"
        self.head = folder / "head"
        self.journal = folder / "journal"
        self._made: dict[str, Path] = {}

    def path(self, digest: str) -> Path:
        """Where an object is kept."""
        return self._folder(digest[:2]) / digest

    def _folder(self, name: str) -> Path:
        """Kept, since putting paths together would be a good part of a checkpoint."""
        if name not in self._made:
            self._made[name] = self.objects / name
        return self._made[name]

    def _folders_of(self, digests: Iterable[str]) -> list[Path]:
        return [self._folder(name) for name in sorted({digest[:2] for digest in digests})]

    def exists(self) -> bool:
        """Whether this is a tenant; one whose making was interrupted is none."""
        return self._files.size(self.head) is not None

    def is_headless(self) -> bool:
        """Whether there is no `head` though there are objects: whoever makes a tenant makes it
        before anything else."""
        if self.exists():
            return False
        packs = self._files.names(self.folder / "packs")
        lines = (self._files.size(self.journal / name) for name in self._files.names(self.journal))
        return bool(packs) or any(lines) or next(self.object_files(), None) is not None

    def read(self, digest: str) -> bytes | None:
        """The object's file as it is, damaged or not; None where there is none."""
        try:
            return self._files.read(self.path(digest))
        except FileNotFoundError:
            return None

    def has(self, digest: str) -> bool:
        return self._files.size(self.path(digest)) is not None

    def object_files(self) -> Iterator[Path]:
        """Every file where objects are kept, strangers included."""
        for name in self._files.names(self.objects):
            if self.objects == self.folder and name in ("tmp", "lock"):
                continue
            folder = self.objects / name
            try:
                yield from (folder / inner for inner in self._files.names(folder))
            except NotADirectoryError:
                yield folder

    def names_of(self, folder: str) -> list[str]:
        """The digests in one of the folders of objects."""
        names = self._files.names(self.objects / folder)
        return [name for name in names if codec.is_digest(name) and name[:2] == folder]

    def estimate(self) -> int:
        """How many objects there are, judged by some of their folders."""
        looked = sum(len(self._files.names(self.objects / folder)) for folder in _SAMPLE)
        return looked * 256 // len(_SAMPLE)

    def put_objects(self, objects: Mapping[str, bytes]) -> None:
        """Bring objects to their place by way of `tmp`, so that there is never a part of one.

        All temporary files first, then all names, then the folders: a batch costs few syncs.
        The folders of objects that are there already too: their writer may have been killed
        before it synced their names.
        """
        self._sweep()
        new = {d: data for d, data in objects.items() if not self._is_stored(d, data)}
        folders = self._folders_of(objects)
        with self._syncing_together(len(new)) as system:
            with self._discarding([self.tmp / digest for digest in new]):
                self._write_temporaries(new, system)
                self._folders.make(*folders)
                for digest in new:
                    self._files.replace(self.tmp / digest, self.path(digest))
            self._sync_folders(folders, system)

    def settle(self, objects: Mapping[str, bytes], head: bytes) -> None:
        """Bring what the journal holds to its place, and then `head`.

        The objects go there at once, whatever is there already: the journal has them durably and
        is asked first. What a killed writer left may be a part, or on no disk in spite of its look.
        """
        self._sweep()
        folders = self._folders_of(objects)
        with self._syncing_together(len(objects)) as system:
            self._folders.make(*self._folders.unsure(folders))
            with self._discarding([self.tmp / self.head.name]):
                self._files.write(self.tmp / self.head.name, head, sync=system is None)
                for digest, data in objects.items():
                    self._write_in_place(self.path(digest), data, sync=system is None)
                self._sync_folders(folders, system)
                self._files.replace(self.tmp / self.head.name, self.head)
        self._files.sync_folder(self.folder)

    def _write_in_place(self, path: Path, data: bytes, *, sync: bool) -> None:
        try:
            self._files.write(path, data, sync=sync)
        except FileNotFoundError:  # the folder was there, and somebody removed it
            self._folders.make(path.parent)
            self._files.write(path, data, sync=sync)

    def replace(self, target: Path, data: bytes) -> None:
        """Put a whole file in another's place, durably."""
        temporary = self.tmp / target.name
        with self._discarding([temporary]):
            self._files.write(temporary, data)
            self._files.replace(temporary, target)
        self._files.sync_folder(target.parent)

    @contextmanager
    def _syncing_together(self, count: int) -> Iterator[int | None]:
        """For many files, what a sync of all of them at once needs."""
        if count <= _FEW or not self._files.syncs_together:
            yield None
            return
        system = self._files.open(self.tmp)
        try:
            yield system
        finally:
            self._files.close(system)

    def _write_temporaries(self, objects: Mapping[str, bytes], system: int | None) -> None:
        for digest, data in objects.items():
            self._files.write(self.tmp / digest, data, sync=system is None)
        if system is not None:
            self._files.sync_system(system)

    def _sync_folders(self, folders: Collection[Path], system: int | None) -> None:
        if system is not None:
            self._files.sync_system(system)
            return
        for folder in folders:
            self._files.sync_folder(folder)

    def _sweep(self) -> None:
        """Remove what a killed writer left in `tmp`.

        The folders themselves may be gone: not every way to copy a database keeps empty ones.
        """
        self._folders.make(self.objects, self.tmp)
        for name in self._files.names(self.tmp):
            self._files.remove(self.tmp / name)

    def _is_stored(self, digest: str, data: bytes) -> bool:
        """Whether the object is there and whole: a damaged one is written again."""
        path = self.path(digest)
        return self._files.size(path) == len(data) and self._files.read(path) == data

    @contextmanager
    def _discarding(self, temporaries: Iterable[Path]) -> Iterator[None]:
        """If the disk refuses inside, leave nothing behind that fills it further."""
        try:
            yield
        except OSError:
            for path in temporaries:
                self._discard(path)
            raise

    def _discard(self, temporary: Path) -> None:
        try:
            self._files.remove(temporary)
        except OSError as error:
            _log.warning("A temporary file stays behind: %s (%s)", temporary, error)
