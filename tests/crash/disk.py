"""Disks that die, refuse, or forget: stand-ins for `Files`."""

from __future__ import annotations

import errno
import itertools
import os
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dbengine import DbEngine
from dbengine.store import FolderStore
from dbengine.store.files import Files, Stamp, SyncFailed


class Died(BaseException):
    """The process was killed here; nothing that it does afterwards reaches the disk."""


def killed(db: DbEngine) -> None:
    """The process is no more: nothing of it settles, or holds a lock."""
    assert isinstance(db._store, FolderStore)
    db._store.after_fork()
    db.close()


class Steps(Files):
    """Counts every step that changes the disk or makes a change last.

    A write is three steps: the empty file, half of its bytes, and its sync; into an open file it
    is two.
    """

    def __init__(self) -> None:
        super().__init__(sync=False)
        self.taken = 0

    def step(self, what: str, *, sync: bool = False) -> None:
        """Called before each step."""
        self.taken += 1

    def make_folder(self, folder: Path) -> bool:
        self.step(f"make {folder.name}")
        return super().make_folder(folder)

    def write(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        self.step(f"open {path.name}")
        super().write(path, b"")
        self.step(f"write {path.name}")
        super().write(path, data[: len(data) // 2])
        self.step(f"write the rest of {path.name}")
        super().write(path, data)
        if sync:
            self.step(f"sync {path.name}", sync=True)

    def write_at(self, descriptor: int, offset: int, data: bytes) -> None:
        half = len(data) // 2
        self.step("write at")
        super().write_at(descriptor, offset, data[:half])
        self.step("write the rest at")
        super().write_at(descriptor, offset + half, data[half:])

    def sync_data(self, descriptor: int) -> None:
        self.step("sync data", sync=True)
        super().sync_data(descriptor)

    def sync_system(self, descriptor: int) -> None:
        self.step("sync system", sync=True)
        super().sync_system(descriptor)

    def replace(self, source: Path, target: Path) -> None:
        self.step(f"rename {target.name}")
        super().replace(source, target)

    def remove(self, path: Path) -> None:
        self.step(f"remove {path.name}")
        super().remove(path)

    def sync_folder(self, folder: Path) -> None:
        self.step(f"sync folder {folder.name}", sync=True)
        super().sync_folder(folder)

    def open_lock(self, path: Path) -> int:
        self.step(f"open {path.name}")
        return super().open_lock(path)


class Dying(Steps):
    """Dies at one step and stays dead, so that no clean-up can help."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._at = at

    def step(self, what: str, *, sync: bool = False) -> None:
        super().step(what, sync=sync)
        if self.taken >= self._at:
            raise Died(what)


class Interrupted(Steps):
    """Somebody presses Ctrl-C before one step; the program goes on after that."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._at = at

    def step(self, what: str, *, sync: bool = False) -> None:
        super().step(what, sync=sync)
        if self.taken == self._at:
            raise KeyboardInterrupt


class Failing(Steps):
    """Refuses one step: the disk is full, or for a sync, broken. With `for_good`, all after it."""

    def __init__(self, at: int, *, for_good: bool = False, code: int = errno.ENOSPC) -> None:
        super().__init__()
        self._at = at
        self._for_good = for_good
        self._code = code
        self.failed_sync = False

    def step(self, what: str, *, sync: bool = False) -> None:
        super().step(what, sync=sync)
        refused = self.taken >= self._at if self._for_good else self.taken == self._at
        if refused and sync:
            self.failed_sync = True
            raise SyncFailed(errno.EIO, "Input/output error")
        if refused and not what.startswith("remove"):
            raise OSError(self._code, os.strerror(self._code))


_NUMBERS = itertools.count(1_000_000)


@dataclass
class _Node:
    """A file or folder: its bytes as programs see them, as the platter has them, and on the way."""

    data: bytes | None  # None: a folder
    synced: bytes = b""
    pending: list[tuple[int, bytes]] = field(default_factory=list)
    number: int = field(default_factory=lambda: next(_NUMBERS))

    def put(self, offset: int, data: bytes) -> None:
        self.data = _patched(self.data or b"", offset, data)
        self.pending.append((offset, data))

    def sync(self) -> None:
        self.synced, self.pending = self.data or b"", []


class _Names:
    """Which file or folder each path names, folder by folder."""

    def __init__(self, nodes: Iterable[tuple[Path, _Node]] = ()) -> None:
        self._folders: dict[str, dict[str, _Node]] = {}
        for path, node in nodes:
            self[path] = node

    def __iter__(self) -> Iterator[Path]:
        for folder, inner in self._folders.items():
            yield from (Path(folder, name) for name in inner)

    def __contains__(self, path: Path) -> bool:
        return self.get(path) is not None

    def __setitem__(self, path: Path, node: _Node | None) -> None:
        folder, name = os.path.split(path)
        if node is None:
            self._folders.get(folder, {}).pop(name, None)
        else:
            self._folders.setdefault(folder, {})[name] = node

    def get(self, path: Path) -> _Node | None:
        folder, name = os.path.split(path)
        return self._folders.get(folder, {}).get(name)

    def inside(self, folder: Path) -> dict[str, _Node]:
        """What is in a folder; a copy."""
        found = dict(self._folders.get(str(folder), {}))
        found.pop("", None)  # the root is in itself
        return found

    def nodes(self) -> list[_Node]:
        return [node for inner in self._folders.values() for node in inner.values()]

    def copy(self) -> _Names:
        found = _Names()
        found._folders = {folder: dict(inner) for folder, inner in self._folders.items()}
        return found


def _patched(data: bytes, offset: int, piece: bytes) -> bytes:
    """Bytes with a piece put over them; what lies between is zeros, as in a sparse file."""
    return data[:offset].ljust(offset, b"\x00") + piece + data[offset + len(piece) :]


Loss = Callable[[random.Random], bool]
"""Whether something that was not synced is lost in this power cut."""

LOSSES: Final[list[tuple[Loss, int]]] = [
    (lambda _chance: True, 1),  # all is lost
    (lambda _chance: False, 2),  # names last, bytes are torn
    (lambda chance: chance.random() < 0.5, 8),
    (lambda chance: chance.random() < 0.9, 2),
]
"""And how often to try each."""


class Forgetful(Files):
    """A disk in memory that knows what was synced, can die at a step and lose its power.

    `ignored` says which syncs are without effect: of a folder or of a file's bytes.
    """

    def __init__(self, ignored: Callable[[Path], bool] = lambda _path: False) -> None:
        super().__init__()
        self._seen = _Names((folder, _Node(None)) for folder in (Path("/"), Path("/data")))
        self._lasting = self._seen.copy()
        self._open: dict[int, tuple[Path, _Node]] = {}
        self._locks: dict[int, _Node] = {}
        self.ignored = ignored
        self.taken = 0
        self.die_at = 0

    def _step(self) -> None:
        self.taken += 1
        if self.die_at and self.taken >= self.die_at:
            raise Died

    # ---- as programs see it -----------------------------------------------------------------

    def read(self, path: Path) -> bytes:
        node = self._seen.get(path)
        if node is None:
            raise FileNotFoundError(errno.ENOENT, "No such file", str(path))
        if node.data is None:
            raise IsADirectoryError(errno.EISDIR, "Is a directory", str(path))
        return node.data

    def size(self, path: Path) -> int | None:
        node = self._seen.get(path)
        return None if node is None else len(node.data or b"")

    def exists(self, path: Path) -> bool:
        return path in self._seen

    def names(self, folder: Path) -> list[str]:
        return sorted(self._seen.inside(folder))

    def make_folder(self, folder: Path) -> bool:
        if folder in self._seen:
            return False
        self._step()
        self._above(folder)
        self._seen[folder] = _Node(None)
        return True

    @property
    def syncs_together(self) -> bool:
        return True

    def stamp(self, file: Path | int) -> Stamp | None:
        node = self._locks[file] if isinstance(file, int) else self._seen.get(file)
        return None if node is None else (0, node.number, len(node.data or b""), hash(node.data))

    def write(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        self._above(path)
        for part in (b"", data[: len(data) // 2], data):
            self._step()
            node = self._seen.get(path) or _Node(b"")
            self._seen[path] = node
            node.data, node.pending = part, [(0, part)]
        if sync:
            self._step()
            if not self.ignored(path):
                node.sync()

    def open(self, path: Path, *, write: bool = False) -> int:
        node = self._seen.get(path)
        if node is None:
            raise FileNotFoundError(errno.ENOENT, "No such file", str(path))
        self._open[node.number] = path, node
        return node.number

    def close(self, descriptor: int) -> None:
        if descriptor not in self._open:
            super().close(descriptor)

    def read_at(self, descriptor: int, offset: int, size: int | None = None) -> bytes:
        data = self._open[descriptor][1].data or b""
        return data[offset:] if size is None else data[offset : offset + size]

    def write_at(self, descriptor: int, offset: int, data: bytes) -> None:
        node, half = self._open[descriptor][1], len(data) // 2
        for start, part in ((offset, data[:half]), (offset + half, data[half:])):
            self._step()
            node.put(start, part)

    def sync(self, descriptor: int) -> None:
        self.sync_data(descriptor)

    def sync_data(self, descriptor: int) -> None:
        self._step()
        path, node = self._open[descriptor]
        if not self.ignored(path):
            node.sync()

    def sync_system(self, descriptor: int) -> None:
        self._step()
        if self.ignored(self._open[descriptor][0]):
            return
        for node in self._seen.nodes():
            node.sync()
        self._lasting = self._seen.copy()

    def replace(self, source: Path, target: Path) -> None:
        self._step()
        self._above(target)
        self._seen[target] = self._seen.get(source)
        self._seen[source] = None

    def remove(self, path: Path) -> None:
        self._step()
        self._seen[path] = None

    def sync_folder(self, folder: Path) -> None:
        self._step()
        if self.ignored(folder):
            return
        for name in self._seen.inside(folder) | self._lasting.inside(folder):
            self._lasting[folder / name] = self._seen.get(folder / name)

    def open_lock(self, path: Path) -> int:
        self._above(path)
        node = self._seen[path] = self._seen.get(path) or _Node(b"")
        descriptor, name = tempfile.mkstemp()
        Path(name).unlink()
        self._locks[descriptor] = node
        return descriptor

    def _above(self, path: Path) -> None:
        if path.parent not in self._seen:
            raise FileNotFoundError(errno.ENOENT, "No such folder", str(path.parent))

    # ---- when the power goes ----------------------------------------------------------------

    def after_power_cut(self, loss: Loss, seed: int) -> Forgetful:
        """The disk as the next start may find it."""
        chance = random.Random(seed)
        found = Forgetful()
        for path in sorted({*self._seen, *self._lasting}):
            lost = self._seen.get(path) is not self._lasting.get(path) and loss(chance)
            node = (self._lasting if lost else self._seen).get(path)
            if node is not None and path.parent in found._seen:
                found._seen[path] = self._kept(node, loss, chance)
        found._lasting = found._seen.copy()
        return found

    @staticmethod
    def _kept(node: _Node, loss: Loss, chance: random.Random) -> _Node:
        """Of each write on its way all, one end, only the length, or nothing has arrived."""
        if node.data is None:
            return _Node(None)
        data = node.synced
        for offset, piece in node.pending:
            cut = chance.randrange(len(piece) + 1)
            kept = [(0, piece), (0, piece[:cut]), (cut, piece[cut:]), (0, b"\x00" * len(piece))]
            if not loss(chance):
                start, part = chance.choice(kept)
                data = _patched(data, offset + start, part)
        return _Node(data, data)

    @contextmanager
    def dying(self, at: int) -> Iterator[None]:
        """Inside, the program is killed at that step; afterwards the disk goes on."""
        self.taken, self.die_at = 0, at
        try:
            yield
        except Died:
            pass
        finally:
            self.die_at = 0
