"""git through dulwich, in pure Python: a branch an entry, a commit a put."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

import orjson
from dulwich.objects import ZERO_SHA, Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from benchmarks.peers import git
from benchmarks.peers.base import (
    USER,
    Changed,
    Json,
    Past,
    Version,
    date_of,
    prefix,
    sync_folder,
)

FILE: Final = 0o100644
FOLDER: Final = 0o040000
WHO: Final = f"{USER} <{git.MAIL}>".encode()
_HEADS: Final = Ref(git.HEADS.rstrip("/").encode())


class DulwichPeer:
    """One bare repository; its versions are the ids of commits."""

    def __init__(self, repo: Repo, folder: Path, durable: bool) -> None:
        self._repo = repo
        self._folder = folder
        self._durable = durable

    def put(self, entry: str, key: str, value: Json) -> None:
        parent = self._head(entry)
        place = prefix(key).encode()
        root = self._tree(parent.tree) if parent else Tree()
        records = self._tree(root[place][1]) if place in root else Tree()
        records.add(git.file_name(key).encode(), FILE, self._add(_blob(value)))
        root.add(place, FOLDER, self._add(records))
        self._commit(entry, root, parent)

    def put_many(self, entry: str, records: Mapping[str, Json]) -> None:
        git.import_records(self._folder, entry, records, self._head(entry) is not None)

    def save(self, entry: str, document: Json) -> None:
        root = Tree()
        root.add(git.DOCUMENT.encode(), FILE, self._add(_blob(document)))
        self._commit(entry, root, self._head(entry))

    def load(self, entry: str, version: Version = None) -> Json:
        root = self._root(entry, version)
        if git.DOCUMENT.encode() in root:
            return self._parse(root[git.DOCUMENT.encode()][1])
        return {
            git.key_of(blob.path.decode()): self._parse(blob.sha)
            for place in root.items()
            for blob in self._tree(place.sha).items()
        }

    def get(self, entry: str, key: str, version: Version = None) -> Json:
        _mode, place = self._root(entry, version)[prefix(key).encode()]
        _mode, blob = self._tree(place)[git.file_name(key).encode()]
        return self._parse(blob)

    def history(self, entry: str, limit: int | None = None) -> list[Past]:
        return [
            Past(commit.id, commit.committer.decode().split(" <")[0], date_of(commit.commit_time))
            for commit in islice(self._walk(entry), limit)
        ]

    def changes(self, entry: str, old: Version, new: Version) -> list[Changed]:
        store = self._repo.object_store
        found = store.tree_changes(self._root(entry, old).id, self._root(entry, new).id)
        return [
            Changed(
                git.key_of((after or before or b"").decode()),
                None if sha_before is None else self._parse(sha_before),
                None if sha_after is None else self._parse(sha_after),
            )
            for (before, after), _modes, (sha_before, sha_after) in found
        ]

    def entries(self) -> list[str]:
        return [git.entry_of(name.decode()) for name in self._repo.refs.keys(_HEADS)]

    def pack(self) -> bool:
        git.collect(self._folder)
        return True

    def close(self) -> None:
        self._repo.close()

    def _walk(self, entry: str) -> Iterator[Commit]:
        commit = self._head(entry)
        while commit is not None:
            yield commit
            commit = self._found(commit.parents[0]) if commit.parents else None

    def _head(self, entry: str) -> Commit | None:
        tip = self._repo.refs.read_ref(_reference(entry))
        return None if tip is None else self._found(ObjectID(tip))

    def _commit(self, entry: str, tree: Tree, parent: Commit | None) -> None:
        """Move the branch, under its lock, if `parent` is still its tip."""
        commit = Commit()
        commit.tree = self._add(tree)
        commit.parents = [] if parent is None else [parent.id]
        commit.author = commit.committer = WHO
        commit.author_time = commit.commit_time = int(time.time())
        commit.author_timezone = commit.commit_timezone = 0
        commit.message = b""
        old = ZERO_SHA if parent is None else parent.id
        if not self._repo.refs.set_if_equals(_reference(entry), old, self._add(commit)):
            raise RuntimeError(f"Somebody else wrote to {entry!r} at the same time.")
        if self._durable:  # the library syncs files only; the names before this one last with it
            sync_folder(self._folder / git.HEADS)

    def _add(self, new: ShaFile) -> ObjectID:
        self._repo.object_store.add_object(new)
        return new.id

    def _root(self, entry: str, version: Version) -> Tree:
        commit = self._head(entry) if version is None else self._found(version)
        assert commit is not None
        return self._tree(commit.tree)

    def _found(self, commit: ObjectID) -> Commit:
        found = self._repo.object_store[commit]
        assert isinstance(found, Commit)
        return found

    def _tree(self, tree: ObjectID) -> Tree:
        found = self._repo.object_store[tree]
        assert isinstance(found, Tree)
        return found

    def _parse(self, blob: ObjectID) -> Json:
        found = self._repo.object_store[blob]
        assert isinstance(found, Blob)
        return orjson.loads(found.data)


def _blob(value: Json) -> Blob:
    return Blob.from_string(orjson.dumps(value))


def _reference(entry: str) -> Ref:
    return Ref(git.branch(entry).encode())


def open_peer(folder: Path, durable: bool) -> DulwichPeer:
    path = folder / "repo.git"
    if not path.exists():
        made = Repo.init_bare(str(path), mkdir=True)
        made.close()
    repo = Repo(str(path))
    config = repo.get_config()
    config.set((b"core",), b"fsyncObjectFiles", durable)
    config.set((b"gc",), b"auto", b"0")
    config.write_to_path()
    repo.close()
    return DulwichPeer(Repo(str(path)), path, durable)
