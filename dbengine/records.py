"""The records of a collection: what may be asked of them, changed in them, and followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from dbengine import values
from dbengine.errors import PatternError, RecordNotFound
from dbengine.model import Json
from dbengine.snapshot import SnapshotObject
from dbengine.tree import MISSING, Content, Edited, Whole


def records_of(content: Content, tenant: str, entry: str) -> dict[str, Json]:
    """All records; `PatternError` where there can be none."""
    check_records(content, tenant, entry)
    records: dict[str, Json] = content.json
    return records


def check_records(content: Content | None, tenant: str, entry: str) -> None:
    """Raises `PatternError` for a content that is no collection."""
    if content is not None and content.form != "records":
        raise PatternError(
            f"{entry!r} holds a {values.kind(content)}, which has no records. Use load() and "
            "save() for it, or another entry for records.",
            tenant=tenant,
            entry=entry,
        )


def with_records(
    now: Content | None, then: Content, keys: list[str], tenant: str, entry: str
) -> Content:
    """The collection as it is now, but with these records as they were then."""
    for content in (now, then):
        check_records(content, tenant, entry)
    present = now or Whole("records", {})
    found = then.records(keys)
    put = {key: found[key] for key in keys if key in found}
    edited = Edited(present, put, frozenset(keys) - put.keys())
    for key in edited.gone:
        if edited.before[key] is MISSING:
            raise no_record(tenant, entry, key)
    return edited if now else Whole("records", edited.json)


def distinct_values(
    versions: Iterable[tuple[SnapshotObject, Content | None]],
    key: str,
    path: Sequence[str | int],
    same: Callable[[Json, Json], bool],
) -> Iterator[tuple[SnapshotObject, Json]]:
    """Each value that a record had, or that was at `path` in it, and the version that gave it.

    From versions oldest first; `MISSING` where it went away.
    """
    last: Json = MISSING
    for version, content in versions:
        now = content.record(key) if content and content.form == "records" else MISSING
        now = _value_at(now, path)
        if last is now or (last is not MISSING and now is not MISSING and same(last, now)):
            continue
        last = now
        yield version, now


def _value_at(value: Json, path: Sequence[str | int]) -> Json:
    for step in path:
        try:
            value = MISSING if isinstance(value, str) else value[step]
        except (LookupError, TypeError):
            return MISSING
    return value


def no_record(tenant: str, entry: str, key: str) -> RecordNotFound:
    """The error for a key that a collection does not have."""
    message = f"{entry!r} has no record {key!r}."
    return RecordNotFound(message, tenant=tenant, entry=entry, key=key)
