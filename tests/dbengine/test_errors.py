"""Bad input: each kind has its own clear error, and nothing changes on disk."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dbengine import (
    DbEngine,
    DbException,
    DigestNotFound,
    EntryNotFound,
    InvalidArgument,
    InvalidName,
    InvalidValue,
    PatternError,
    RecordNotFound,
    Shared,
    TenantNotFound,
    errors,
)
from tests.dbengine.helpers import object_files, refused, settled

CIRCLE: list[Any] = [1]
CIRCLE.append({"inner": CIRCLE})


def test_the_errors_are_the_tree_that_their_module_draws() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"([│ ├└─]*)([A-Z]\w+)(?:\s|$)", line)
        if found and hasattr(errors, found[2]):
            depth = len(found[1]) // 4
            above[depth:] = [found[2]]
            drawn[found[2]] = above[depth - 1] if depth else "Exception"
    actual = {
        name: cls.__base__.__name__
        for name, cls in vars(errors).items()
        if inspect.isclass(cls) and issubclass(cls, BaseException)
    }
    assert drawn == actual


def test_errors_carry_what_they_are_about(db: DbEngine) -> None:
    db.put("t", "ann", "n", "a", 1)
    with pytest.raises(RecordNotFound) as record:
        db.get("t", "n", "b")
    assert (record.value.tenant, record.value.entry, record.value.key) == ("t", "n", "b")
    with pytest.raises(DigestNotFound) as version:
        db.load("t", "n", "0" * 64)
    assert (version.value.entry, version.value.digest) == ("n", "0" * 64)
    with pytest.raises(TenantNotFound) as tenant:
        db.load("u", "n")
    assert tenant.value.tenant == "u"
    with pytest.raises(EntryNotFound) as entry:
        db.load("t", "m")
    assert entry.value.entry == "m"
    with pytest.raises(InvalidValue) as value:
        db.save("t", "ann", "n", {"a": [{"b": {1: 2}}]})
    assert value.value.path == ("a", 0, "b")


@pytest.mark.parametrize("name", ["", None, 5, b"x", ["x"], "\ud800"], ids=repr)
def test_a_name_is_a_string_with_something_in_it(db: DbEngine, name: Any) -> None:
    digest = db.save("t", "ann", "n", {"a": 1})
    calls: list[Callable[[], Any]] = [
        lambda: db.init(name),
        lambda: db.save(name, "ann", "n", 1),
        lambda: db.save("t", name, "n", 1),
        lambda: db.save("t", "ann", name, 1),
        lambda: db.load(name, "n"),
        lambda: db.load("t", name),
        lambda: db.put(name, "ann", "n", "a", 1),
        lambda: db.put("t", name, "n", "a", 2),
        lambda: db.put("t", "ann", name, "a", 1),
        lambda: db.put("t", "ann", "n", name, 1),
        lambda: db.put_many("t", name, "n", {}),
        lambda: db.put_many("t", "ann", "n", {name if name.__hash__ else (): 1}),
        lambda: db.put_many("t", "ann", "n", [(name, 1)]),
        lambda: db.put_many("t", "ann", "n", [{"key": name}]) if name != 5 else db.init(""),
        lambda: db.get(name, "n"),
        lambda: db.get("t", name),
        lambda: db.get("t", "n", name) if name is not None else db.init(""),
        lambda: db.exists(name, "n"),
        lambda: db.exists("t", name),
        lambda: db.history("t", name),
        lambda: db.get_digest(name, "n"),
        lambda: db.entries(name),
        lambda: db.heads(name),
        lambda: db.keys("t", name),
        lambda: db.info("t", name),
        lambda: db.log("t", name),
        lambda: db.at("t", name, 1),
        lambda: db.resolve("t", name, "abcd"),
        lambda: db.delete("t", name, "n"),
        lambda: db.delete("t", "ann", name),
        lambda: db.restore("t", name, "n", digest),
        lambda: db.restore("t", "ann", name, digest),
        lambda: db.restore("t", "ann", "n", digest, keys=[name]),
        lambda: db.changes("t", name, digest, digest),
        lambda: db.record_history("t", "n", name),
        lambda: db.append_history("t", name, []),
    ]
    for call in calls:
        with refused(db, InvalidName, "must be a string|must not be empty|lone surrogate"):
            call()


@pytest.mark.parametrize(
    ("tenant", "match"),
    [
        ("..", "looks like a path"),
        (".", "looks like a path"),
        ("../t", "looks like a path"),
        ("a/../../t", "looks like a path"),
        ("..\\t", "looks like a path"),
        ("a\x00b", "control character"),
        ("a\nb", "control character"),
        ("refs", "reserved"),
        ("con", "reserved"),
        ("NUL", "reserved"),
        ("lpt1", "reserved"),
        ("x" * 201, "too long"),
        ("é" * 40, "too long"),
    ],
)
def test_a_tenant_is_no_path_and_no_device(db: DbEngine, tenant: str, match: str) -> None:
    for call in (
        lambda: db.init(tenant),
        lambda: db.save(tenant, "ann", "n", 1),
        lambda: db.load(tenant, "n"),
        lambda: db.entries(tenant),
    ):
        with refused(db, InvalidName, match):
            call()
    assert not db.exists(tenant, "n")


def test_writing_to_a_tenant_that_was_never_made_says_to_call_init(root: Path) -> None:
    with DbEngine(root) as db:
        for value in (1, Shared([1])):  # a shared value once made `refs/` before it failed
            with pytest.raises(TenantNotFound, match=r"no tenant 't'; call init\('t'\) first"):
                db.save("t", "ann", "n", value)
        assert not root.exists()
        db.init("other")
        with refused(db, TenantNotFound, "call init"):
            db.put("t", "ann", "n", "a", Shared([1]))
        with refused(db, TenantNotFound, "call init"):
            db.entries("t")
        with refused(db, TenantNotFound, "call init"):
            db.append_history("t", "n", [])


def test_a_refused_write_stores_no_shared_value_either(db: DbEngine) -> None:
    db.save("t", "ann", "list", [1])
    with refused(db, PatternError, "no records"):
        db.put("t", "ann", "list", "a", Shared({"big": 1}))
    with refused(db, errors.Conflict, "someone else"):
        db.save("t", "ann", "list", Shared({"big": 1}), expect="0" * 64)


@pytest.mark.parametrize("digest", ["", "abc123...", "0" * 64, "../../t/head", 5, b"", "F" * 64])
def test_a_digest_that_names_no_version_is_not_found(db: DbEngine, digest: Any) -> None:
    good = db.save("t", "ann", "n", {"a": 1})
    for call in (
        lambda: db.load("t", "n", digest),
        lambda: db.get("t", "n", "a", digest),
        lambda: db.history("t", "n", digest),
        lambda: db.info("t", "n", digest),
        lambda: db.keys("t", "n", digest),
        lambda: db.log("t", "n", before=digest),
        lambda: db.restore("t", "ann", "n", digest),
        lambda: db.changes("t", "n", digest, good),
        lambda: db.changes("t", "n", good, digest),
    ):
        with refused(db, DigestNotFound, "has no version"):
            call()


def test_a_digest_of_another_tenant_or_entry_is_not_found(db: DbEngine) -> None:
    db.init("u")
    db.save("t", "ann", "n", 1)
    foreign = db.save("u", "ann", "n", 2)
    other = db.save("t", "ann", "other", 3)
    with refused(db, DigestNotFound, "'n' has no version"):
        db.load("t", "n", foreign)
    with refused(db, DigestNotFound, "It is a version of 'other'"):
        db.load("t", "n", other)


def test_a_digest_of_content_is_no_version(db: DbEngine, root: Path) -> None:
    head = db.save("t", "ann", "n", {"a": "x" * 20_000})
    [content] = [path.name for path in object_files(settled(db)) if path.name != head]
    with refused(db, DigestNotFound, "has no version"):
        db.load("t", "n", content)


@pytest.mark.parametrize(
    ("value", "match"),
    [
        (float("nan"), r"nan at \$\.a\[1\]"),
        (float("inf"), r"inf at \$\.a\[1\]"),
        (-float("inf"), r"-inf at \$\.a\[1\]"),
        (2**64, r"beyond 64 bits"),
        (-(2**63) - 1, r"beyond 64 bits"),
        ("\ud800", r"\$\.a\[1\] has a lone surrogate"),
        ({"\udfff": 1}, r'\$\.a\[1\]\["\\udfff"\] has a lone surrogate'),
        ({1: 2}, r"must be a string, not int 1 \(\$\.a\[1\]\)"),
        ({None: 2}, r"must be a string, not NoneType"),
        (CIRCLE, r"contains itself at \$\.a\[1\]\[1\]\.inner"),
        (object(), r"type object cannot be stored \(\$\.a\[1\]\)"),
        (object, r"type type cannot be stored"),
        (1j, r"type complex"),
        (lambda: 1, r"type function"),
        (bytearray(b"x"), r"type bytearray"),
        (range(3), r"type range"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_value_that_cannot_be_kept_is_refused_with_its_path(
    db: DbEngine, value: Any, match: str
) -> None:
    for call in (
        lambda: db.save("t", "ann", "n", {"a": [0, value]}),
        lambda: db.put("t", "ann", "n", "a", [0, value]),
        lambda: db.put_many("t", "ann", "n", [("b", 1), ("a", [0, value])]),
        lambda: db.save("t", "ann", "n", {"a": (0, value)}),
    ):
        with refused(db, InvalidValue, match) as _:
            call()
    assert not db.exists("t", "n")


def test_a_message_about_a_lone_surrogate_can_be_printed(db: DbEngine) -> None:
    with pytest.raises(InvalidValue) as caught:
        db.save("t", "ann", "n", {"\ud800": 1})
    str(caught.value).encode()


@pytest.mark.parametrize("note", [None, 5, b"x", "\ud800"], ids=repr)
def test_a_note_is_a_string(db: DbEngine, note: Any) -> None:
    """A lone surrogate in a note came out as an error of the JSON library."""
    for call in (
        lambda: db.save("t", "ann", "n", 1, note=note),
        lambda: db.put("t", "ann", "n", "a", 1, note=note),
    ):
        with refused(db, InvalidArgument, "note"):
            call()


@pytest.mark.parametrize("items", ["ab", b"ab", 5, None, [5], ["ab"], [{"name": "x"}], [object()]])
def test_put_many_refuses_what_has_no_keys(db: DbEngine, items: Any) -> None:
    with refused(db, InvalidArgument, "put_many takes|carries no key"):
        db.put_many("t", "ann", "n", items)


@pytest.mark.parametrize(
    "tag",
    [
        {"__type__": "nothing", "value": 1},
        {"__type__": "datetime", "value": "yesterday"},
        {"__type__": "datetime"},
        {"__type__": "tuple", "value": [1], "more": 1},
        {"__type__": 5, "value": 1},
        {"__type__": "tuple", "value": 5},
        {"__type__": "dict", "value": [1]},
        {"__type__": "dataclass:X", "value": 5},
        {"__type__": "decimal", "value": "x"},
        {"__type__": "bytes", "value": "é"},
        {"__type__": "uuid", "value": 5},
        {"__type__": "shared", "value": "../../etc/passwd"},
        {"__type__": "shared", "value": 5},
    ],
    ids=str,
)
def test_raw_json_with_a_tag_that_names_no_type_is_refused(db: DbEngine, tag: Any) -> None:
    for call in (
        lambda: db.save("t", "ann", "n", tag, raw=True),
        lambda: db.save("t", "ann", "n", {"a": [tag]}, raw=True),
        lambda: db.put("t", "ann", "n", "a", tag, raw=True),
    ):
        with refused(db, InvalidValue, "does not name a type and its value"):
            call()


def test_raw_json_that_names_a_shared_value_that_is_not_there_is_refused(db: DbEngine) -> None:
    tag = {"__type__": "shared", "value": "0" * 64}
    with refused(db, InvalidValue, "shared value cannot be read"):
        db.save("t", "ann", "n", {"a": tag}, raw=True)


def test_every_error_of_bad_input_is_a_dbexception() -> None:
    assert all(
        issubclass(cls, DbException)
        for cls in vars(errors).values()
        if inspect.isclass(cls) and issubclass(cls, BaseException)
    )
