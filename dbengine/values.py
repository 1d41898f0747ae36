"""The user's values ⇄ the content of a version: tags, the raw form, and shared objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dbengine import codec, tree
from dbengine.errors import Corrupt, InvalidValue
from dbengine.model import Json
from dbengine.store import SHARED, Store
from dbengine.store.base import read_object
from dbengine.tags import SHARED_IN_JSON, TYPE, Decoder, Encoder, Types, expand
from dbengine.tree import MISSING, Content, Edited, Following, Sealed, Unreadable, Whole


class Values:
    """Encodes and decodes with the classes that one handle registered."""

    def __init__(self, store: Store, types: Iterable[type]) -> None:
        self._store = store
        self._decoder = Decoder(Types(types), self._fetch)

    def content(self, value: object, raw: bool, known: Sealed | None = None) -> Content:
        """What is to be stored for a value; with `raw` it is as `raw()` gives it.

        Much of it may be as in a content that is `known`.
        """
        records = _collection(value, raw)
        if known is not None:
            following = tree.follow(known, value if records is None else records)
            if following is not None:
                return following
        if records is not None:
            return self.records(records, raw)
        encoder = Encoder(raw=raw)
        return self._checked(
            Whole("value", encoder.encode(value), encoder.tagged, encoder.shared), raw
        )

    def records(self, items: Mapping[Any, Any], raw: bool) -> Content:
        """The same for records by key, of which none is mistaken for a tag."""
        encoder = Encoder(raw=raw)
        return self._checked(
            Whole("records", encoder.records(items), encoder.tagged, encoder.shared), raw
        )

    def _checked(self, content: Content, raw: bool) -> Content:
        if raw:
            try:
                self.value(content)
            except Corrupt as error:
                raise InvalidValue(f"A shared value cannot be read. {error}") from error
        return content

    def value(self, content: Content) -> Any:
        """What was saved."""
        value = content.json
        if not content.tagged:
            return value
        return self._decoder.records(value) if content.form == "records" else self.decode(value)

    def decode(self, value: Json) -> Any:
        """What was saved as one record, or as a list of them."""
        return self._decoder.decode(value)

    def settle(self, old: Content | None, new: Content) -> Content:
        """`new`, but with the old form of what is equal to it once shared objects are in place."""
        if old is None or old.form != new.form or isinstance(old, Unreadable):
            return new
        if isinstance(new, Following) and new.old is old:  # neither has a tag
            return new
        before, after = old.json, new.json
        if not (old.tagged or new.tagged):  # known now that both are read
            return new
        shared = {**old.shared, **new.shared}
        if new.form == "value":
            return old if self._settled(before, after, shared) is before else new
        kept = {
            key: self._settled(before.get(key, MISSING), value, shared)
            for key, value in after.items()
        }
        return Whole("records", kept, shared=shared)

    def edited(self, old: Content, new: Content) -> Edited:
        """The records of `new` over those of `old`, settled in the same way."""
        edited = Edited(old, new.json, shared=new.shared)
        before = edited.before
        if new.tagged or old.tagged:  # known now that both are read
            edited.put = {
                key: self._settled(before[key], value, new.shared)
                for key, value in new.json.items()
            }
        return edited

    def same(self, old: Json, new: Json) -> bool:
        """Whether two values are the same once shared objects are in place."""
        if tree.same(old, new):
            return True
        shared = any(SHARED_IN_JSON in codec.dump(value) for value in (old, new))
        return shared and self._same_expanded(old, new, {})

    def _settled(self, before: Json, after: Json, shared: Mapping[str, bytes]) -> Json:
        """`after`, whose keys may have another order, unless only what is shared differs."""
        if before is MISSING or tree.same(before, after):
            return after
        return before if self._same_expanded(before, after, shared) else after

    def _same_expanded(self, old: Json, new: Json, shared: Mapping[str, bytes]) -> bool:
        def fetch(digest: str) -> Json:
            return codec.load(shared[digest]) if digest in shared else self._fetch(digest)

        return tree.same(expand(old, fetch), expand(new, fetch))

    def _fetch(self, digest: str) -> Json:
        if not codec.is_digest(digest):
            raise ValueError(digest)
        return codec.load(read_object(self._store, SHARED, digest))


def raw(content: Content) -> Json:
    """The tagged JSON; a collection that looks like a tag is escaped like any other dict."""
    if content.form == "records" and TYPE in content.json:
        return {TYPE: "dict", "value": content.json}
    return content.json


def kind(content: Content) -> str:
    """What a content that is no collection is, in Python's words."""
    if isinstance(content.json, dict):
        return str(content.json[TYPE]).rpartition(":")[2]
    return type(content.json).__name__


def _collection(value: object, raw: bool) -> Mapping[Any, Any] | None:
    """The records that `value` consists of, or None where it is no collection."""
    if not isinstance(value, Mapping):
        return None
    if not raw or TYPE not in value:
        return value
    inner = value.get("value")
    escaped = value[TYPE] == "dict" and len(value) == 2 and isinstance(inner, Mapping)
    return inner if escaped else None
