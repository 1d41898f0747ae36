"""How two contents differ: by record, and what of that counts as a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from dbengine import codec
from dbengine.collector import collector_paused
from dbengine.model import Json
from dbengine.snapshot import Delta
from dbengine.tree import patch
from dbengine.tree.content import MISSING, Content, Edited, Stored, Unreadable
from dbengine.tree.patch import GONE, Change

_FEW: Final = 16


def same(old: Json, new: Json) -> bool:
    """Whether two JSON values are the same: types count, the order of keys does not."""
    if old is new:
        return True
    return old == new and codec.canonical(old) == codec.canonical(new)


def compare(old: Content | None, new: Content | None) -> tuple[Delta, Mapping[str, Change] | None]:
    """What differs at the top level, and for two collections the exact changes by key.

    The delta is empty exactly when two contents of one form are the same. The order of a
    collection's records does not count for it, the order of a list's items does.
    """
    if isinstance(old, Unreadable):
        return Delta(counts=(new.count if new else 0, 0, old.count), complete=False), None
    if old is not None and new is not None and old.form != new.form:
        return Delta(counts=(new.count, 0, old.count), complete=False), None
    if (new or old) is None or (new or old).form == "records":  # type: ignore[union-attr]
        return _compare_records(old, new)
    if old is None or new is None:
        return Delta(counts=(new.count if new else 0, 0, old.count if old else 0)), None
    return _compare_values(old.json, new.json), None


def _compare_records(
    old: Content | None, new: Content | None
) -> tuple[Delta, Mapping[str, Change] | None]:
    if old is None:
        return Delta.of_keys(list(new.json) if new else [], [], []), None
    if isinstance(new, Edited) and new.old is old:
        before: Mapping[str, Json] = new.before
        changes = _edits(new)
        after: Mapping[str, Json] = new.put
    else:
        before = old.json
        after = new.json if new else {}
        changes = patch.keys_between(before, after)
    return _delta(before, after, changes), changes


def _edits(edited: Edited) -> dict[str, Change]:
    changes: dict[str, Change] = dict.fromkeys(edited.gone, GONE)
    for key, value in edited.put.items():
        old = edited.before[key]
        if old is MISSING:
            changes[key] = ["last", value]
        elif patch.exact(old) != patch.exact(value):
            changes[key] = patch.difference(old, value)
    return changes


def _delta(
    old: Mapping[str, Json], new: Mapping[str, Json], changes: Mapping[str, Change]
) -> Delta:
    added, changed, removed = [], [], []
    for key, change in changes.items():
        if change[0] == "gone":
            removed.append(key)
        elif old.get(key, MISSING) is MISSING:
            added.append(key)
        elif not same(old[key], new[key]):
            changed.append(key)
    return Delta.of_keys(added, changed, removed)


def _compare_values(old: Json, new: Json) -> Delta:
    if same(old, new):
        return Delta()
    if not (isinstance(old, list) and isinstance(new, list)):
        return Delta(counts=(0, 1, 0))
    before = Counter(map(codec.canonical, old))
    after = Counter(map(codec.canonical, new))
    gone, come = (before - after).total(), (after - before).total()
    moved = 0 if gone or come else sum(not same(a, b) for a, b in zip(old, new, strict=True))
    changed = min(gone, come)
    return Delta(counts=(come - changed, changed + moved, gone - changed))


def differing(
    old: Content, new: Content, alike: Callable[[Json, Json], bool] = same
) -> tuple[dict[str, Json], dict[str, tuple[Json, Json]], dict[str, Json]]:
    """The records that were added, changed and removed between two collections, sorted by key.

    Of what both share, neither is read.
    """
    keys = sorted(_suspects(old, new))
    with collector_paused(len(keys) > _FEW):
        before, after = _records_of_both(old, new, keys)
    if not (old.tagged or new.tagged):  # then nothing in them stands for something else
        alike = same
    both = [key for key in keys if key in before and key in after]
    return (
        {key: after[key] for key in keys if key in after and key not in before},
        {key: (before[key], after[key]) for key in both if not alike(before[key], after[key])},
        {key: before[key] for key in keys if key in before and key not in after},
    )


def _records_of_both(
    old: Content, new: Content, keys: list[str]
) -> tuple[dict[str, Json], dict[str, Json]]:
    if isinstance(old, Stored) and isinstance(new, Stored):
        before, after = old.records_and(new, set(keys))
        return before, after
    return old.records(keys), new.records(keys)


def _suspects(old: Content, new: Content) -> set[str]:
    """Keys, among them those of all records that differ."""
    if not (isinstance(old, Stored) and isinstance(new, Stored)):
        return {*old.json, *new.json}
    between = _between(*sorted((old, new), key=lambda content: content.version.seq))
    if between is not None:
        return between
    known = {version.digest for version in old.path} & {version.digest for version in new.path}
    keys = {
        key
        for content in (old, new)
        for version in content.path
        if version.digest not in known and version.content and version.content.base
        for key in content.edits(version)
    }
    return keys if known else keys | _unshared(old, new)


def _between(older: Stored, newer: Stored) -> set[str] | None:
    """The keys that a few versions say they changed; None where they are many, or do not say."""
    keys, version = set[str](), newer.version
    for _version in range(_FEW):
        if version.digest == older.version.digest:
            return keys
        if not version.delta.complete or version.deleted or version.parent is None:
            return None
        keys.update(*version.delta.keys)
        version = newer.source.snapshot(version.parent)
    return None


def _unshared(old: Stored, new: Stored) -> set[str]:
    """The keys in the parts of the whole versions that only one of them has."""
    before, after = old.leaves(), new.leaves()
    if before is None or after is None:
        return {*old.json, *new.json}
    keys = {key for digest in before - after for key in old.leaf_keys(digest)}
    return keys | {key for digest in after - before for key in new.leaf_keys(digest)}
