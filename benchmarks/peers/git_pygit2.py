"""git through pygit2: a branch an entry, a commit a put."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import orjson
import pygit2
from pygit2.enums import DeltaStatus, FileMode, SortMode

from benchmarks.peers import git
from benchmarks.peers.base import USER, Changed, Json, Past, Version, date_of, prefix


class Pygit2Peer:
    """One bare repository; its versions are the ids of commits."""

    def __init__(self, repo: pygit2.Repository, folder: Path) -> None:
        self._repo = repo
        self._folder = folder

    def put(self, entry: str, key: str, value: Json) -> None:
        parent = self._head(entry)
        place = prefix(key)
        root = self._builder(parent.tree if parent else None)
        old = root.get(place)
        records = self._builder(old if isinstance(old, pygit2.Tree) else None)
        blob = self._repo.create_blob(orjson.dumps(value))
        records.insert(git.file_name(key), blob, FileMode.BLOB)
        root.insert(place, records.write(), FileMode.TREE)
        self._commit(entry, root.write(), parent)

    def put_many(self, entry: str, records: Mapping[str, Json]) -> None:
        git.import_records(self._folder, entry, records, self._head(entry) is not None)

    def save(self, entry: str, document: Json) -> None:
        root = self._builder(None)
        blob = self._repo.create_blob(orjson.dumps(document))
        root.insert(git.DOCUMENT, blob, FileMode.BLOB)
        self._commit(entry, root.write(), self._head(entry))

    def load(self, entry: str, version: Version = None) -> Json:
        root = self._tree(entry, version)
        if git.DOCUMENT in root:
            return self._parse(root[git.DOCUMENT].id)
        return {
            git.key_of(str(blob.name)): self._parse(blob.id)
            for records in root
            if isinstance(records, pygit2.Tree)
            for blob in records
        }

    def get(self, entry: str, key: str, version: Version = None) -> Json:
        path = f"{prefix(key)}/{git.file_name(key)}"
        return self._parse(self._tree(entry, version)[path].id)

    def history(self, entry: str, limit: int | None = None) -> list[Past]:
        head = self._repo.references[git.branch(entry)].target
        assert isinstance(head, pygit2.Oid)
        walk = self._repo.walk(head, SortMode.NONE)
        return [
            Past(commit.id, commit.committer.name, date_of(commit.commit_time))
            for commit in islice(walk, limit)
        ]

    def changes(self, entry: str, old: Version, new: Version) -> list[Changed]:
        return self._changes(self._tree(entry, old), self._tree(entry, new))

    def changes_by_hand(self, entry: str, old: Version, new: Version) -> list[Changed]:
        """The same for the subtrees that differ only, which the library would not skip."""
        before, after = self._tree(entry, old), self._tree(entry, new)
        ids = {place.name: place.id for place in before}
        touched = [str(place.name) for place in after if ids.get(place.name) != place.id]
        return [
            change
            for place in touched
            for change in self._changes(self._subtree(before, place), self._subtree(after, place))
        ]

    def entries(self) -> list[str]:
        return [git.entry_of(name) for name in self._repo.references]

    def pack(self) -> bool:
        git.collect(self._folder)
        return True

    def close(self) -> None:
        self._repo.free()

    def _builder(self, tree: pygit2.Tree | None) -> pygit2.TreeBuilder:
        return self._repo.TreeBuilder() if tree is None else self._repo.TreeBuilder(tree)

    def _head(self, entry: str) -> pygit2.Commit | None:
        reference = self._repo.references.get(git.branch(entry))
        return None if reference is None else reference.peel(pygit2.Commit)

    def _commit(self, entry: str, tree: pygit2.Oid, parent: pygit2.Commit | None) -> None:
        """Move the branch, under its lock; the library refuses if `parent` is not its tip."""
        who = pygit2.Signature(USER, git.MAIL)
        parents = [] if parent is None else [parent.id]
        self._repo.create_commit(git.branch(entry), who, who, "", tree, parents)

    def _tree(self, entry: str, version: Version) -> pygit2.Tree:
        commit = self._head(entry) if version is None else self._repo[version]
        assert isinstance(commit, pygit2.Commit)
        return commit.tree

    def _subtree(self, tree: pygit2.Tree, name: str) -> pygit2.Tree:
        """One of the 256, or an empty one."""
        found = tree[name] if name in tree else self._repo[self._repo.TreeBuilder().write()]
        assert isinstance(found, pygit2.Tree)
        return found

    def _changes(self, old: pygit2.Tree, new: pygit2.Tree) -> list[Changed]:
        return [
            Changed(
                git.key_of(delta.new_file.path),
                None if delta.status == DeltaStatus.ADDED else self._parse(delta.old_file.id),
                None if delta.status == DeltaStatus.DELETED else self._parse(delta.new_file.id),
            )
            for delta in old.diff_to_tree(new).deltas
        ]

    def _parse(self, blob: pygit2.Oid) -> Json:
        found = self._repo[blob]
        assert isinstance(found, pygit2.Blob)
        return orjson.loads(found.data)


def open_peer(folder: Path, durable: bool) -> Pygit2Peer:
    path = folder / "repo.git"
    repo = pygit2.init_repository(str(path), bare=True)
    repo.config["core.fsyncObjectFiles"] = durable  # files, folders and references alike
    repo.config["gc.auto"] = 0
    return Pygit2Peer(pygit2.Repository(str(path)), path)
