"""What callers hand to the engine, checked: the errors say what was wrong and what is right."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from dbengine import codec
from dbengine.errors import InvalidArgument
from dbengine.model import ANY, Expect
from dbengine.names import check_name


def check_root(root: str | os.PathLike[str]) -> Path:
    """The absolute path of a database's folder."""
    if isinstance(root, str) and "://" in root:
        raise InvalidArgument(f"A database is a folder; {root.split('://')[0]}:// is not served.")
    if not isinstance(root, str | os.PathLike) or not str(root) or "\0" in str(root):
        raise InvalidArgument("root must be the path of the database's folder.")
    return Path(root).absolute()


def check_keys(keys: Iterable[str] | None) -> list[str] | None:
    """The keys of records, None for all."""
    if keys is None:
        return None
    if isinstance(keys, str) or not isinstance(keys, Iterable):
        raise InvalidArgument(f"keys is a list of keys, not {type(keys).__name__}.")
    return [check_name("key", key) for key in keys]


def check_note(note: object) -> str:
    """A note that can be stored."""
    if not isinstance(note, str):
        raise InvalidArgument(f"A note is a string, not {type(note).__name__}.")
    try:
        note.encode()
    except UnicodeEncodeError as error:
        raise InvalidArgument(f"The note {note!r} has a lone surrogate in it.") from error
    return str.__str__(note)


def check_expect(expect: Expect) -> Expect:
    """What the head must be: a digest, None for none, `ANY`."""
    if expect is not ANY and expect is not None and not codec.is_digest(expect):
        raise InvalidArgument(f"expect is a whole digest, None or ANY, not {expect!r}.")
    return expect
