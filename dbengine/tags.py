"""Python objects ⇄ plain JSON: `{"__type__": …, "value": …}` for what JSON has no form for.

A class comes back as itself only if it was registered; nothing is imported or called because
stored bytes say so.
"""

from __future__ import annotations

import base64
import dataclasses
import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from itertools import islice
from typing import Any, Final
from uuid import UUID

import orjson

from dbengine.codec import MAX_DEPTH, MAX_INT, MIN_INT, canonical, digest_of, dump, is_digest
from dbengine.collector import BIG, collector_paused
from dbengine.errors import InvalidArgument, InvalidValue
from dbengine.model import Json

TYPE: Final = "__type__"
_TAG_KEYS: Final = {TYPE, "value"}
_SHARED: Final = "shared"
IN_JSON: Final = b'"__type__"'
"""Stands in all JSON that has a tag in it, as in some that has none."""
SHARED_IN_JSON: Final = b'"shared"'
"""The same for the tag of a shared object."""
NOT_PLAIN: Final = object()
"""What `plain` gives for all else."""
_DEEPEST: Final = 254
"""How many levels orjson writes."""
_LEAST: Final = 4
_BATCH: Final = 1000

Path = tuple[str | int, ...]
Fetch = Callable[[str], Json]


@dataclasses.dataclass(frozen=True, slots=True)
class Shared:
    """Marks a value to be stored once for all tenants, under its digest in `refs/`."""

    value: Any


_TO_TEXT: Final[tuple[tuple[type, str, Callable[[Any], str]], ...]] = (
    (datetime, "datetime", datetime.isoformat),  # before date, which it is a kind of
    (date, "date", date.isoformat),
    (time, "time", time.isoformat),
    (UUID, "uuid", str),
    (Decimal, "decimal", str),
    (bytes, "bytes", lambda data: base64.b64encode(data).decode()),
)
_FROM_TEXT: Final[dict[str, Callable[[str], Any]]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "uuid": UUID,
    "decimal": Decimal,
    "bytes": lambda text: base64.b64decode(text, validate=True),
}
_SEQUENCES: Final[dict[str, Callable[[Iterable[Any]], Any]]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}


class Types:
    """The dataclasses and Enums that a database gives back as themselves."""

    def __init__(self, classes: Iterable[type] = ()) -> None:
        self._classes: dict[str, type] = {}
        for cls in classes:
            self._register(cls)

    def _register(self, cls: type) -> None:
        if not (isinstance(cls, type) and (dataclasses.is_dataclass(cls) or issubclass(cls, Enum))):
            raise InvalidArgument(f"Only dataclasses and Enums can be registered, not {cls!r}.")
        if self._classes.setdefault(cls.__name__, cls) is not cls:
            raise InvalidArgument(f"Two registered classes are called {cls.__name__}.")

    def find(self, name: str) -> type | None:
        return self._classes.get(name)


# ---- Python to JSON -------------------------------------------------------------------------


class Encoder:
    """Turns one value into plain JSON and collects the `Shared` objects met on the way.

    With `raw`, a dict that looks like a tag is one; otherwise it is the user's own and escaped.
    Afterwards `tagged` says whether there is any tag. Levels are those of the JSON, tags included.
    """

    def __init__(self, *, raw: bool = False) -> None:
        self._raw = raw
        self.shared: dict[str, bytes] = {}
        self.tagged = False
        self._open: set[int] = set()

    def encode(self, value: Any, path: Path = (), level: int = 1) -> Json:
        """Plain JSON for `value`; raises `InvalidValue` naming the path of what cannot be kept."""
        copy = plain(value, MAX_DEPTH + 1 - level)
        return self._tag(value, path, level) if copy is NOT_PLAIN else copy

    def records(self, items: Mapping[Any, Any]) -> dict[str, Json]:
        """Each record encoded; the collection itself is never mistaken for a tag."""
        self._open.add(id(items))
        try:
            return self._records(items) if len(items) <= _BATCH else self._in_batches(items)
        finally:
            self._open.discard(id(items))

    def _in_batches(self, items: Mapping[Any, Any]) -> dict[str, Json]:
        """A few at a time: what one batch needed is in the processor's cache for the next."""
        encoded: dict[str, Json] = {}
        waiting = iter(list(items.items()))  # another thread may add to them
        with collector_paused():
            while batch := dict(islice(waiting, _BATCH)):
                encoded.update(self._records(batch))
        return encoded

    def _records(self, items: Mapping[Any, Any]) -> dict[str, Json]:
        copy = plain(items, MAX_DEPTH)
        if copy is not NOT_PLAIN:
            return copy  # type: ignore[no-any-return]
        return {
            self._key(key, ()): self.encode(item, (key,), level=2) for key, item in items.items()
        }

    def _tag(self, value: Any, path: Path, level: int) -> Json:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Enum):
            inner = self._tag(value.value, path, level + 1)
            return self._tagged(f"enum:{type(value).__name__}", inner, path, level)
        if isinstance(value, str | int | float):
            return _scalar(value, path)
        for kind, name, to_text in _TO_TEXT:
            if isinstance(value, kind):
                return self._tagged(name, to_text(_finite(value, path)), path, level)
        return self._container(value, path, level)

    def _container(self, value: Any, path: Path, level: int) -> Json:
        """Three calls a level, for Python's own limit on recursion."""
        if id(value) in self._open:
            raise InvalidValue(f"The value contains itself at {show_path(path)}.", path)
        self._open.add(id(value))
        try:
            if isinstance(value, Mapping):
                return self._dict(value, path, level)
            if isinstance(value, list):
                return self._items(value, path, level)
            return self._tagged(*self._object(value, path, level + 1), path, level)
        finally:
            self._open.discard(id(value))

    def _object(self, value: Any, path: Path, level: int) -> tuple[str, Json]:
        """The name and the value of the tag for what is no container of JSON's own."""
        if isinstance(value, tuple):
            return "tuple", self._items(value, path, level)
        if isinstance(value, set | frozenset):
            name = "set" if isinstance(value, set) else "frozenset"
            return name, sorted(self._items(value, path, level), key=canonical)
        if isinstance(value, Shared):
            return _SHARED, self._share(value, path, level)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return f"dataclass:{type(value).__name__}", self._fields(value, path, level)
        raise InvalidValue(
            f"Objects of type {type(value).__name__} cannot be stored ({show_path(path)}). "
            "Use JSON's types, dataclass, Enum, datetime, date, time, UUID, Decimal, bytes, "
            "tuple, set or frozenset.",
            path,
        )

    def _dict(self, value: Mapping[Any, Any], path: Path, level: int) -> Json:
        _check_level(level, path)
        inner = level + 1 if self._raw or TYPE not in value else level + 2
        plain: dict[str, Json] = {}
        for key, item in value.items():
            plain[self._key(key, path)] = self._tag(item, (*path, key), inner)
        if TYPE not in plain:
            return plain
        self.tagged = True
        return plain if self._raw else self._tagged("dict", plain, path, level)

    def _items(self, value: Iterable[Any], path: Path, level: int) -> list[Json]:
        _check_level(level, path)
        result: list[Json] = []
        for index, item in enumerate(value):
            result.append(self._tag(item, (*path, index), level + 1))
        return result

    def _fields(self, value: Any, path: Path, level: int) -> dict[str, Json]:
        _check_level(level, path)
        fields: dict[str, Json] = {}
        for field in dataclasses.fields(value):
            item = getattr(value, field.name)
            fields[field.name] = self._tag(item, (*path, field.name), level + 1)
        return fields

    def _tagged(self, name: str, value: Json, path: Path, level: int) -> dict[str, Json]:
        _check_level(level, path)
        self.tagged = True
        return {TYPE: name, "value": value}

    def _share(self, value: Shared, path: Path, level: int) -> str:
        data = dump(self._tag(value.value, path, level))
        digest = digest_of(data)
        self.shared[digest] = data
        return digest

    def _key(self, key: object, path: Path) -> str:
        if not isinstance(key, str):
            raise InvalidValue(
                f"A key must be a string, not {type(key).__name__} {key!r} ({show_path(path)}).",
                path,
            )
        plain = str(key.value) if isinstance(key, Enum) else str(key)
        return _text(plain, (*path, plain))


def _check_level(level: int, path: Path) -> None:
    if level > MAX_DEPTH:
        raise InvalidValue(f"More than {MAX_DEPTH} levels at {show_path(path[:6])}….", path)


def plain(value: Any, levels: int) -> Json:
    """A copy of `value` if it is JSON as it stands: exact types, in range, no look-alike of a tag.

    Else `NOT_PLAIN`. Four calls that run in C instead of a look at each part: marshal takes no
    subclasses, orjson no cycles and nothing beyond 64 bits, and what it makes other types into
    differs from them.
    """
    try:
        data = _dump_within(value, levels, len(marshal.dumps(value, 4)))
        if IN_JSON in data:
            return NOT_PLAIN
        with collector_paused(len(data) > BIG):
            copy = orjson.loads(data)
    except (ValueError, TypeError, RecursionError):
        return NOT_PLAIN
    return copy if copy == value else NOT_PLAIN


def _dump_within(value: Any, levels: int, size: int) -> bytes:
    """Its JSON; a `TypeError` if it has more levels: inside so many others, orjson's limit tells.

    `size` is its length as marshal writes it: a dict or list takes four bytes at least.
    """
    if size < _LEAST * levels:
        return orjson.dumps(value)
    around = _DEEPEST - levels
    for _level in range(around):
        value = [value]
    return orjson.dumps(value)[around:-around]


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _scalar(value: str | int | float, path: Path) -> Json:
    if isinstance(value, str):
        return _text(str(value), path)
    if isinstance(value, int):
        if not MIN_INT <= value <= MAX_INT:
            raise InvalidValue(
                f"The integer at {show_path(path)} is beyond 64 bits; keep it as a string.", path
            )
        return int(value)
    return float(_finite(value, path))


def _text(text: str, path: Path) -> str:
    if _has_surrogate(text):
        raise InvalidValue(f"The string at {show_path(path)} has a lone surrogate.", path)
    return text


def _finite(value: Any, path: Path) -> Any:
    finite = value.is_finite() if isinstance(value, Decimal) else True
    if isinstance(value, float):
        finite = value - value == 0
    if not finite:
        raise InvalidValue(f"{value} at {show_path(path)} cannot be stored in JSON.", path)
    return value


def show_path(path: Path) -> str:
    """`$["exotic-liquids"].address[2]`, for messages."""
    return "$" + "".join(
        f".{step}" if isinstance(step, str) and step.isidentifier() else f"[{_step(step)}]"
        for step in path
    )


def _step(step: object) -> str:
    if not isinstance(step, str):
        return repr(step)
    return f'"{step}"'.encode(errors="backslashreplace").decode()


# ---- JSON to Python -------------------------------------------------------------------------


class Decoder:
    """Turns plain JSON back into what was saved; `fetch` reads a shared object by its digest."""

    def __init__(self, types: Types, fetch: Fetch) -> None:
        self._types = types
        self._fetch = fetch

    def decode(self, value: Json, path: Path = ()) -> Any:
        """The saved value; raises `InvalidValue` for a tag that does not fit its value."""
        if type(value) is list:
            return [self.decode(item, (*path, index)) for index, item in enumerate(value)]
        if type(value) is not dict:
            return value
        if TYPE not in value:
            return {key: self.decode(item, (*path, key)) for key, item in value.items()}
        return self._untag(value, path)

    def records(self, items: dict[str, Json]) -> dict[str, Any]:
        """Each record decoded; the collection itself is never a tag."""
        return {key: self.decode(item, (key,)) for key, item in items.items()}

    def _untag(self, tag: dict[str, Json], path: Path) -> Any:
        name, value = tag[TYPE], tag.get("value")
        if tag.keys() != _TAG_KEYS or not isinstance(name, str):
            raise _bad_tag(tag, path)
        try:
            return self._value_of(name, value, path)
        except (ValueError, TypeError, ArithmeticError, AttributeError) as error:
            raise _bad_tag(tag, path) from error

    def _value_of(self, name: str, value: Json, path: Path) -> Any:
        if name in _FROM_TEXT:
            return _FROM_TEXT[name](value)
        if name in _SEQUENCES:
            return _sequence(name, self.decode(value, path))
        if name == "dict":
            return {key: self.decode(item, (*path, key)) for key, item in value.items()}
        if name == _SHARED:
            return self.decode(self._fetch(value), path)
        kind, _, class_name = name.partition(":")
        if kind == "enum":
            return self._enum(class_name, self.decode(value, path))
        if kind == "dataclass":
            fields = {key: self.decode(item, (*path, key)) for key, item in value.items()}
            return self._dataclass(class_name, fields, path)
        raise ValueError(name)

    def _enum(self, class_name: str, value: Any) -> Any:
        cls = self._types.find(class_name)
        return cls(value) if cls and issubclass(cls, Enum) else value

    def _dataclass(self, class_name: str, fields: dict[str, Any], path: Path) -> Any:
        cls = self._types.find(class_name)
        if not (cls and dataclasses.is_dataclass(cls)):
            return fields
        made = cls.__new__(cls)
        for field in dataclasses.fields(cls):
            object.__setattr__(made, field.name, _field_value(field, fields, class_name, path))
        return made


def _sequence(name: str, items: Iterable[Any]) -> Any:
    """A set of objects whose class is not registered has plain dicts in it: that is a list."""
    try:
        return _SEQUENCES[name](items)
    except TypeError:
        if not isinstance(items, list):
            raise
        return items


def expand(value: Json, fetch: Fetch) -> Json:
    """`value` with every shared object in its place; all other tags stay."""
    if type(value) is list:
        return [expand(item, fetch) for item in value]
    if type(value) is not dict:
        return value
    if value.get(TYPE) == _SHARED:
        return expand(fetch(value["value"]), fetch)
    if _holds_fields(value):
        fields = {key: expand(item, fetch) for key, item in value["value"].items()}
        return {TYPE: value[TYPE], "value": fields}
    return {key: expand(item, fetch) for key, item in value.items()}


def shared_in(value: Json) -> Iterator[str]:
    """The digests of the shared objects that a value refers to."""
    if type(value) is list:
        for item in value:
            yield from shared_in(item)
    elif type(value) is dict:
        if value.get(TYPE) == _SHARED and value.keys() == _TAG_KEYS and is_digest(value["value"]):
            yield value["value"]
            return
        for item in (value["value"] if _holds_fields(value) else value).values():
            yield from shared_in(item)


def _holds_fields(value: dict[str, Json]) -> bool:
    """Whether it is a tag around a dict that is not a tag itself, whatever it looks like."""
    name = str(value.get(TYPE, ""))
    return name == "dict" or name.startswith("dataclass:")


def _field_value(
    field: dataclasses.Field[Any], stored: dict[str, Any], class_name: str, path: Path
) -> Any:
    if field.name in stored:
        return stored[field.name]
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    raise InvalidValue(
        f"The stored {class_name} at {show_path(path)} has no field {field.name!r}, and the "
        "registered class gives it no default. Read it with raw=True, or add a default.",
        path,
    )


def _bad_tag(tag: dict[str, Json], path: Path) -> InvalidValue:
    return InvalidValue(
        f"The tag {str(tag)[:80]} at {show_path(path)} does not name a type and its value. "
        f'Look at it with raw=True; a dict of your own with a key "{TYPE}" is written as '
        f'{{"{TYPE}": "dict", "value": {{…}}}}.',
        path,
    )
