"""Comparisons, previews and writes for the background thread, and how a conflict is merged.

Plain functions `(db, ticket, ...) -> frozen result`, like those of `jobs`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from dbengine import (
    ANY,
    Conflict,
    DbEngine,
    DbException,
    Expect,
    Info,
    PatternError,
    parse_json,
    pretty,
)
from dbengine.diff import Change, Diff, Rows, diff, rows

from .big import is_big, printed
from .jobs import Ref, Side, Source, Ticket, head_of, read_side
from .lone import Lone
from .merge import MISSING, Path, merge, same

NEWEST: Final = 20
"""Versions to look at, at a time, for the one that we just wrote: it is nearly always the first."""

MOST_KEYS: Final = 20_000
"""Records that an editor offers to choose from."""

SCREEN: Final = 100
"""Rows about the first change that are made at once."""

FIRST: Final = 10_000
"""Rows that are shown before the rest of a larger comparison is laid out."""

_NOTHING: Final = Source(None, None, MISSING)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides and how they differ. A side without an info is a file, a draft, or nothing.

    Not `whole`: these are only the first of the rows, and `lay_out` makes the others.
    """

    a: Side | None
    b: Side | None
    a_info: Info | None
    b_info: Info | None
    rows: Rows | Lone
    unfolded: Rows | Lone
    diff: Diff
    whole: bool = True

    def documents(self) -> tuple[Any, ...]:
        return tuple(filter(is_big, (self.diff.left, self.diff.right)))

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.diff.changes

    @property
    def counts(self) -> Mapping[str, int]:
        """How many changes there are of each kind."""
        return MappingProxyType(Counter(change.kind for change in self.changes))


@dataclass(frozen=True, slots=True)
class Editable:
    """What an editor begins with: the text of the record `key`, or of the whole (None)."""

    base: Ref
    keys: tuple[str, ...]
    key: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a write would do: `head` is what is there now, `expect` its digest for the `Order`.

    `records` are the keys that differ, each with its kind: added, removed or changed.
    """

    head: Info | None
    comparison: Comparison
    records: tuple[tuple[str, str], ...] = ()

    @property
    def expect(self) -> str | None:
        return self.head.digest if self.head else None

    def documents(self) -> tuple[Any, ...]:
        return self.comparison.documents()


@dataclass(frozen=True, slots=True)
class Order:
    """Who writes where, and the digest of the head that they saw (None: there was none)."""

    tenant: str
    entry: str
    user: str
    expect: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A write that is done. Views refresh themselves from it; `undo` takes it back."""

    before: Info | None
    after: Info
    changed: bool


@dataclass(frozen=True, slots=True)
class Merge:
    """A draft brought together with what another wrote meanwhile.

    `text` is the draft with their changes in it; None where both changed the same places, which
    `overlaps` names. `comparison` shows what the draft would change on top of `theirs`.
    """

    theirs: Info | None
    text: str | None
    overlaps: tuple[Path, ...]
    comparison: Comparison

    def documents(self) -> tuple[Any, ...]:
        return self.comparison.documents()


def compare(db: DbEngine, ticket: Ticket, a: Side | None, b: Side | None) -> Comparison:
    """How two sides differ; None stands for nothing, as before the first version."""
    left = read_side(db, ticket, a) if a else _NOTHING
    right = read_side(db, ticket, b) if b else _NOTHING
    return _compared(ticket, left, right, first=FIRST)


def lay_out(_db: DbEngine, ticket: Ticket, begun: Comparison) -> Comparison:
    """All rows of a comparison of which so far there are the first.

    They are made anew from the difference: the window reads the first ones meanwhile.
    """
    shown = rows(begun.diff, noun=_noun(begun.diff))
    folded, unfolded = _looked_at(ticket, shown)
    return replace(begun, rows=folded, unfolded=unfolded, whole=True)


def compare_with_parent(db: DbEngine, ticket: Ticket, ref: Ref) -> Comparison:
    """What a version changed: its parent against it, or nothing against the first."""
    info = db.info(ref.tenant, ref.entry, ref.digest)
    before = replace(ref, digest=info.parent) if info.parent else None
    return compare(db, ticket, before, replace(ref, digest=info.digest))


def editable(
    db: DbEngine, ticket: Ticket, ref: Ref, key: str | None, whole: bool | None
) -> Editable:
    """The head's text: the whole if `whole`, else of the record `key`, or of the first one.

    With neither, what fits how the entry was written: whole after `save`, a record after `put`.
    """
    info = db.info(ref.tenant, ref.entry)
    base = replace(ref, digest=info.digest)
    value = {} if info.deleted else db.load(ref.tenant, ref.entry, info.digest, raw=True)
    keys = tuple(value) if isinstance(value, dict) else ()
    if whole is None:
        whole = key is None and not _is_collection(info, value)
    if whole or not keys:
        return Editable(base, keys[:MOST_KEYS], None, printed(value, ticket.check).decode())
    chosen = key if key in value else keys[0]
    return Editable(base, keys[:MOST_KEYS], chosen, pretty(value[chosen]).decode())


def patch_text(_db: DbEngine, ticket: Ticket, found: Diff) -> str:
    """A difference as a JSON Patch (RFC 6902), for the clipboard."""
    ticket.check()
    return pretty(found.patch()).decode()


def preview_save(db: DbEngine, ticket: Ticket, base: Ref, text: str) -> Preview:
    """What saving the draft `text`, begun from `base`, would change.

    A base without a digest is that of a new entry. Raises `Conflict` if the head is not the base
    any more, `InvalidJson` if the text is none.
    """
    now = _now(db, ticket, base, expect=base.digest)
    return _preview(ticket, now, parse_json(text))


def preview_put(db: DbEngine, ticket: Ticket, base: Ref, key: str, text: str) -> Preview:
    """What putting the draft of one record would change; raises like `preview_save`."""
    now = _now(db, ticket, base, expect=base.digest)
    return _preview(ticket, _only(now, key), {key: parse_json(text)})


def preview_delete(db: DbEngine, ticket: Ticket, ref: Ref, key: str | None = None) -> Preview:
    """What deleting a record, or without a key the entry, would take away."""
    now = _now(db, ticket, ref)
    return _preview(ticket, now, MISSING) if key is None else _preview(ticket, _only(now, key), {})


def preview_restore(
    db: DbEngine, ticket: Ticket, ref: Ref, keys: tuple[str, ...] | None = None
) -> Preview:
    """Now → after bringing back the version `ref`, or of it only the records `keys`.

    `records` names all that differ, whatever `keys` says: they are what one can tick.
    """
    now, then = _now(db, ticket, ref), read_side(db, ticket, ref)
    after = then.value if keys is None else _picked(now, then, keys)
    records = _record_changes(now.value, then.value)
    return replace(_preview(ticket, now, after), records=records)


def write_init(db: DbEngine, _ticket: Ticket, tenant: str) -> str:
    """Make a new tenant; its name is the result."""
    db.init(tenant)
    return tenant


def write_save(db: DbEngine, _ticket: Ticket, by: Order, text: str) -> Written:
    """Save the draft of a whole document."""
    before, value = head_of(db, by.tenant, by.entry), parse_json(text)
    db.save(by.tenant, by.user, by.entry, value, note=by.note, expect=by.expect, raw=True)
    return _written(db, by, before)


def write_put(db: DbEngine, _ticket: Ticket, by: Order, key: str, text: str) -> Written:
    """Put the draft of one record."""
    before, value = head_of(db, by.tenant, by.entry), parse_json(text)
    db.put(by.tenant, by.user, by.entry, key, value, note=by.note, expect=by.expect, raw=True)
    return _written(db, by, before)


def write_new_record(db: DbEngine, ticket: Ticket, by: Order, key: str, text: str) -> Written:
    """Put a record that is not there yet, whatever the head is; else nothing is changed."""
    before = head_of(db, by.tenant, by.entry)
    by = replace(by, expect=before.digest if before else None)
    if before and not before.deleted and key in db.keys(by.tenant, by.entry, before.digest):
        raise DbException(f"There is already a record “{key}”: choose another key.")
    return write_put(db, ticket, by, key, text)


def write_delete(db: DbEngine, _ticket: Ticket, by: Order, key: str | None = None) -> Written:
    """Delete a record, or without a key the entry; its history stays."""
    before = head_of(db, by.tenant, by.entry)
    db.delete(by.tenant, by.user, by.entry, key, note=by.note, expect=by.expect)
    return _written(db, by, before)


def write_restore(
    db: DbEngine, _ticket: Ticket, by: Order, digest: str, keys: tuple[str, ...] | None = None
) -> Written:
    """Bring back a version, or of it only the records `keys`, as a new version."""
    before = head_of(db, by.tenant, by.entry)
    db.restore(by.tenant, by.user, by.entry, digest, keys=keys, note=by.note, expect=by.expect)
    return _written(db, by, before)


def undo(db: DbEngine, ticket: Ticket, user: str, written: Written, note: str = "") -> Written:
    """Take a write back, by a version on top; `Conflict` if somebody wrote after it."""
    after, before = written.after, written.before
    by = Order(after.tenant, after.entry, user, after.digest, note)
    if before is None or before.deleted:
        return write_delete(db, ticket, by)
    return write_restore(db, ticket, by, before.digest)


def merge_draft(
    db: DbEngine, ticket: Ticket, base: Ref, text: str, key: str | None = None
) -> Merge:
    """Bring a draft begun from `base` together with the head; of one record where `key` says."""
    now = _now(db, ticket, base)
    started = read_side(db, ticket, base).value if base.digest else MISSING
    theirs, mine = now.value, parse_json(text)
    if key is not None:
        started, theirs = _record(started, key), _record(theirs, key)
    merged = merge(started, theirs, mine)
    overlaps = ((),) if merged.value is MISSING else merged.overlaps
    after = mine if overlaps else merged.value
    shown = after if key is None else {key: after}
    preview = _preview(ticket, now if key is None else _only(now, key), shown)
    merged_text = None if overlaps else pretty(after).decode()
    return Merge(now.info, merged_text, overlaps, preview.comparison)


def _now(db: DbEngine, ticket: Ticket, ref: Ref, expect: Expect = ANY) -> Source:
    """The entry as it is now; `Conflict` if a head is expected and it is another."""
    head = head_of(db, ref.tenant, ref.entry)
    current = head.digest if head and not (expect is None and head.deleted) else None
    if expect not in (ANY, current):
        message = f"“{ref.entry}” was changed meanwhile{f' by {head.user}' if head else ''}."
        raise Conflict(message, tenant=ref.tenant, entry=ref.entry, current=current)
    if head is None:
        return _NOTHING
    return read_side(db, ticket, Ref(ref.tenant, ref.entry, head.digest))


def _preview(ticket: Ticket, now: Source, after: Any) -> Preview:
    comparison = _compared(ticket, now, Source(None, None, after))
    return Preview(now.info, comparison, _record_changes(now.value, after))


def _compared(ticket: Ticket, a: Source, b: Source, first: int = 0) -> Comparison:
    """The comparison; with `first`, of a large one only so many rows, and `lay_out` the rest."""
    left = _empty_like(b.value) if a.missing else a.value
    right = _empty_like(a.value) if b.missing else b.value
    found = diff(left, right, ticket.progress)
    ticket.check()
    if a.missing != b.missing and not isinstance(right if a.missing else left, dict | list):
        lone = Lone(right, "added") if a.missing else Lone(left, "removed")
        return Comparison(a.side, b.side, a.info, b.info, lone, lone, found)
    shown = rows(found, noun=_noun(found))
    begin = shown.first(first) if first else shown
    whole = not first or len(begin) < first
    folded, unfolded = _looked_at(ticket, begin)
    return Comparison(a.side, b.side, a.info, b.info, folded, unfolded, found, whole)


def _noun(found: Diff) -> str:
    """What the top level of both documents holds."""
    return "records" if isinstance(found.left, dict) and isinstance(found.right, dict) else "items"


def _looked_at(ticket: Ticket, shown: Rows) -> tuple[Rows, Rows]:
    """The rows, folded and unfolded, laid out here and not in the main thread.

    They are when they are first looked at; the first ones about a change are made, too.
    """
    count = FIRST
    while len(shown.first(count)) >= count:
        ticket.progress(count, None, "rows")
        count += FIRST
    parts = shown, shown.unfold_all()
    for each in parts:
        ticket.check()
        first = each.starts[0] if each.marks and each.starts else 0
        each[max(0, first - SCREEN) : min(len(each), first + SCREEN)]
    return parts


def _is_collection(info: Info, value: Any) -> bool:
    """Whether an entry is written by `put`; where its last version does not tell, it looks so."""
    if info.action in ("put", "delete", "save"):
        return info.action != "save"
    return isinstance(value, dict) and all(isinstance(item, dict) for item in value.values())


def _written(db: DbEngine, by: Order, before: Info | None) -> Written:
    """The version that we wrote on top of `before`; another process may be further already."""
    parent = before.digest if before else None
    page = db.log(by.tenant, by.entry, limit=NEWEST)
    while True:
        for info in page:
            if info.digest == parent:
                return Written(info, info, changed=False)
            if info.parent == parent:
                return Written(before, info, changed=True)
        page = db.log(by.tenant, by.entry, before=page[-1].digest, limit=NEWEST)


def _only(now: Source, key: str) -> Source:
    """The document reduced to one record, or to none if it is not there."""
    records = _records(now)
    return replace(now, value={key: records[key]} if key in records else {})


def _picked(now: Source, then: Source, keys: tuple[str, ...]) -> dict[str, Any]:
    """The records of now, those in `keys` as they were then."""
    records, old = dict(_records(now)), _records(then)
    for key in keys:
        if key in old:
            records[key] = old[key]
        else:
            records.pop(key, None)
    return records


def _records(document: Source) -> dict[str, Any]:
    if document.missing:
        return {}
    if not isinstance(document.value, dict):
        raise PatternError("This entry holds a list or a plain value: edit it as a whole.")
    return document.value


def _record(value: Any, key: str) -> Any:
    return value.get(key, MISSING) if isinstance(value, dict) else MISSING


def _record_changes(now: Any, after: Any) -> tuple[tuple[str, str], ...]:
    old, new = (value if isinstance(value, dict) else {} for value in (now, after))
    return tuple(
        (key, "added" if key not in old else "removed" if key not in new else "changed")
        for key in (*old, *(key for key in new if key not in old))
        if not same(old.get(key, MISSING), new.get(key, MISSING))
    )


def _empty_like(value: Any) -> Any:
    """Nothing, in the form of the other side, so that a first version is all additions."""
    return [] if isinstance(value, list) else {}
