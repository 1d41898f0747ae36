"""How a version keeps its content: whole where that is short or new, else as what changed."""

from __future__ import annotations

from collections.abc import Mapping

from dbengine import codec
from dbengine.objects import Source
from dbengine.snapshot import Kept, SnapshotObject
from dbengine.tree import nodes, patch
from dbengine.tree.content import Content, Stored
from dbengine.tree.patch import Change

_SHORT = 1024
"""Up to this many bytes a content is kept whole in the snapshot: one read, and no base."""
_INLINE = 8 * 1024
"""Up to this many bytes it may be; beyond, it is a tree, whose parts can be shared."""
_TOLD = 64 * 1024
"""Up to this many bytes changes are told in the snapshot, where a key is found at once."""


def keep(
    new: Content,
    change: Change | None,
    parent: SnapshotObject | None,
    source: Source,
) -> tuple[Kept, dict[str, bytes]]:
    """How to keep a content, and the objects that this needs besides the snapshot.

    `change` is the one since `parent`, if it is known; for a collection it is, unless the parent
    was none.
    """
    if new.size > _SHORT:
        changed = _changed(new, change, parent, source)
        if changed is not None:
            return changed
    return _whole(new)


def _whole(new: Content) -> tuple[Kept, dict[str, bytes]]:
    if new.size <= _INLINE:
        return Kept(json=new.json), {}
    builder = nodes.Builder()
    root = builder.add(new.json)
    return Kept(tree=root), builder.objects


def _changed(
    new: Content,
    since_parent: Change | None,
    parent: SnapshotObject | None,
    source: Source,
) -> tuple[Kept, dict[str, bytes]] | None:
    """None where there is nothing to change, or where that is not half as long as the whole."""
    if parent is None or parent.content is None or parent.form != new.form:
        return None
    step = parent.content.step + 1
    *later, base = _path_to(parent, step & (step - 1), source)
    if since_parent is not None and since_parent[0] == "keys":
        change = ["keys", _since(base, later, since_parent[1], new, source)]
    else:
        change = _joined(later, since_parent) or patch.difference(
            Stored(base, source).json, new.json
        )
    size = len(codec.dump(change))
    if change[0] == "is" or 2 * size > new.size:
        return None
    if size <= _TOLD or change[0] != "keys":
        return Kept(base=base.digest, step=step, change=change), {}
    builder = nodes.Builder()
    root = builder.add(change[1])
    return Kept(base=base.digest, step=step, tree=root), builder.objects


def _path_to(version: SnapshotObject, step: int, source: Source) -> list[SnapshotObject]:
    """From a version to the one on its path that is at `step`."""
    path: list[SnapshotObject] = []
    for older in source.steps(version):
        path.append(older)
        if older.content is None or older.content.step <= step:
            break
    return path


def _joined(later: list[SnapshotObject], change: Change | None) -> Change | None:
    """The changes of the versions `later`, newest first, and one more, as one."""
    for version in later:
        before = version.content.change if version.content else None
        change = patch.joined(before, change) if before and change else None
    return change


def _since(
    base: SnapshotObject,
    later: list[SnapshotObject],
    changes: Mapping[str, Change],
    new: Content,
    source: Source,
) -> Mapping[str, Change]:
    """What changed by key since `base`: in the versions `later`, newest first, and now."""
    if not later:
        return changes
    told = Stored(later[0], source)
    merged: dict[str, Change] = {}
    for more in [*(told.edits(version) for version in reversed(later)), changes]:
        patch.stack(merged, more)
    old = Stored(base, source)
    for key, change in merged.items():
        if change is patch.UNCLEAR:
            merged[key] = patch.difference(old.record(key), patch.copy(new.record(key)))
    return merged
