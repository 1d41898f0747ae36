"""The description that the product was ordered by, sentence by sentence."""

from __future__ import annotations

import hashlib
import inspect
import logging
import re
import threading
from pathlib import Path
from typing import Any

import pytest

import db_engine
import dbengine
from dbengine import DbEngine, DbException, DigestNotFound
from tests.dbengine.helpers import Clock, object_files, settled

HERE = Path(__file__).parent
SPEC = HERE.parents[2] / "shared" / "spec" / "engine-readme.md"

SIGNATURES = """
init(tenant_id: str)
save(tenant_id: str, user_id: str, entry: str, obj: object) -> str
load(tenant_id: str, entry: str, digest: str = None) -> object
put(tenant_id: str, user_id: str, entry: str, key: str, value: object) -> bool
put_many(tenant_id: str, user_id: str, entry: str, items: list | dict) -> bool
get(tenant_id: str, entry: str, key: str = None, digest: str = None) -> object
exists(tenant_id: str, entry: str) -> bool
history(tenant_id: str, entry: str, digest: str = None, max_items: int = 1000) -> list
get_digest(tenant_id: str, entry: str) -> str
""".strip().splitlines()


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


OURS = blocks((HERE / "spec_blocks.txt").read_text())


@pytest.mark.skipif(not SPEC.exists(), reason="the description is not beside this checkout")
def test_our_copy_of_the_code_is_the_description() -> None:
    text = SPEC.read_text()
    assert blocks(text) == OURS
    assert re.findall(r"^#### `(.*)`$", text, re.MULTILINE) == SIGNATURES


def test_every_block_runs_in_order_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for number, block in enumerate(OURS):
        code = block.replace("/path/to/database", str(tmp_path / "database"))
        if "abc123..." not in code:
            exec(compile(code, f"block {number}", "exec"), names)
            continue
        with pytest.raises(DigestNotFound, match=r"abc123\.\.\."):  # made up, by its own dots
            exec(compile(code, f"block {number}", "exec"), names)
    assert capsys.readouterr().out == "Entry exists\n"
    # What these lines say that they do:
    assert names["user"] == {"name": "John", "age": 30}
    assert names["all_users"][-1] == {"name": "Jane", "age": 25}
    assert names["data"] == {"name": "John", "age": 30}
    assert names["old_data"] == {"name": "John", "age": 30, "john": {"name": "John", "age": 30}}
    assert names["db"].get("my_company", "settings") == ["dark", "en"]
    assert names["db"].load("my_company", "config") == {"theme": "dark", "language": "en"}
    assert names["db"].root == tmp_path / "database"
    assert not (tmp_path / ".mytools_db").exists()


def test_the_default_root_is_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    db = DbEngine()
    assert list(tmp_path.iterdir()) == []
    db.init("t")
    assert (tmp_path / ".mytools_db" / "t" / "head").is_file()


def test_the_layout_is_the_drawn_one(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "users", {"name": "John"})
    db.close()
    assert (root / "t" / "head").is_file()
    assert (root / "t" / "objects" / digest[:2] / digest).is_file()
    assert (root / "refs").is_dir()
    assert digest in (root / "t" / "head").read_text()


def test_an_object_is_json_named_by_the_sha256_of_its_bytes(db: DbEngine, root: Path) -> None:
    db.save("t", "ann", "users", {"name": "John"})
    for path in object_files(settled(db)):
        data = path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == path.name
        assert isinstance(dbengine.parse_json(data), dict)


def test_identical_objects_are_stored_only_once(db: DbEngine, root: Path) -> None:
    big = {"text": "x" * 10_000}
    db.save("t", "ann", "one", big)
    db.save("t", "ann", "two", big)
    sizes = [path.stat().st_size for path in object_files(settled(db))]
    assert sum(size > 10_000 for size in sizes) == 1


def test_each_snapshot_has_its_metadata(db: DbEngine) -> None:
    first = db.save("t", "ann", "users", {"a": 1})
    second = db.save("t", "ben", "users", {"a": 2})
    old, new = db.load("t", "users", first), db.load("t", "users")
    assert (old["__parent__"], old["__user__"]) == (None, "ann")
    assert (new["__parent__"], new["__user__"]) == (first, "ben")
    assert re.fullmatch(r"\d{8} \d\d:\d\d:\d\d", new["__date__"])
    assert (old["__date__"], new["__date__"]) == ("20260131 12:00:01", "20260131 12:00:02")
    assert new.digest == second


@pytest.mark.parametrize("line", SIGNATURES)
def test_each_signature_holds(line: str) -> None:
    name, parameters = re.fullmatch(r"(\w+)\((.*?)\).*", line).groups()  # type: ignore[union-attr]
    actual = list(inspect.signature(getattr(DbEngine, name)).parameters.values())[1:]
    plain = [p for p in actual if p.kind is p.POSITIONAL_OR_KEYWORD]
    stated = [part.strip() for part in parameters.split(",")]
    assert [p.name for p in plain] == [part.split(":")[0] for part in stated]
    for parameter, part in zip(plain, stated, strict=True):
        default = part.split(" = ")[1] if " = " in part else inspect.Parameter.empty
        assert str(parameter.default) == str(default)
    assert all(p.kind is p.KEYWORD_ONLY and p.default is not p.empty for p in actual[len(plain) :])


def test_the_two_spellings_of_the_import_are_one_class() -> None:
    assert db_engine.DbEngine is dbengine.DbEngine is DbEngine
    assert db_engine.DbException is dbengine.DbException


def test_every_public_name_is_there_and_every_error_is_a_dbexception() -> None:
    public = {name: getattr(dbengine, name) for name in dbengine.__all__}
    errors = {value for value in public.values() if inspect.isclass(value)}
    assert all(
        issubclass(error, DbException) for error in errors if issubclass(error, BaseException)
    )
    assert sorted(dbengine.__all__) == sorted(set(dbengine.__all__))


def test_put_and_put_many_say_whether_there_is_a_new_snapshot(db: DbEngine) -> None:
    assert db.put("t", "ann", "users", "john", {"age": 30}) is True
    assert db.put("t", "ann", "users", "john", {"age": 30}) is False
    assert db.put_many("t", "ann", "users", {"jane": 1, "john": {"age": 30}}) is True
    assert db.put_many("t", "ann", "users", {"jane": 1}) is False
    assert len(db.history("t", "users")) == 2


def test_get_without_a_key_is_the_list_of_all_records(db: DbEngine) -> None:
    db.put_many("t", "ann", "users", {"john": 1, "jane": 2})
    assert db.get("t", "users") == [1, 2]


def test_history_is_limited_by_max_items(db: DbEngine) -> None:
    digests = [db.save("t", "ann", "n", n) for n in range(5)]
    assert db.history("t", "n") == digests[::-1]
    assert db.history("t", "n", max_items=2) == digests[:2:-1]
    assert db.history("t", "n", digests[2]) == digests[2::-1]
    assert db.get_digest("t", "n") == digests[-1]


def test_tenants_are_isolated(db: DbEngine) -> None:
    db.init("u")
    db.save("t", "ann", "users", {"a": 1})
    assert not db.exists("u", "users")
    with pytest.raises(DbException):
        db.load("u", "users")


def test_one_rlock_makes_a_handle_safe_for_threads(db: DbEngine) -> None:
    lock = db._store._tenant("t").lock  # type: ignore[attr-defined]
    assert type(lock._threads) is type(threading.RLock())


def test_the_first_mixed_call_logs_a_warning_once(
    db: DbEngine, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "dbengine"):
        db.save("t", "ann", "users", {"a": 1})
        db.put("t", "ann", "users", "b", 2)
        db.save("t", "ann", "users", {"a": 3})
    assert [record.getMessage().split(" is ")[0] for record in caplog.records] == [
        "Entry 'users' of tenant 't'"
    ]
    assert db.load("t", "users") == {"a": 3}


def test_the_clock_of_the_tests_is_used(db: DbEngine, clock: Clock) -> None:
    db.save("t", "ann", "n", 1)
    assert db.info("t", "n").when == clock.now
