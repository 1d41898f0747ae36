"""What this format's first program wrote is read to the letter, and is still written the same."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard

from dbengine import DbEngine
from dbengine.store import FolderStore
from tests.dbengine.helpers import listing
from tests.golden.make import EXPECTED, EXPORT, HERE, MAKERS, TYPES, opened, story


@pytest.fixture(params=MAKERS)
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def kept(name: str, tmp_path: Path) -> Path:
    """A copy of a database that was made when the format was new."""
    root = tmp_path / "kept"
    with zipfile.ZipFile(HERE / f"{name}.zip") as archive:
        archive.extractall(root)
    return root


def expected(name: str) -> Any:
    return json.loads(EXPECTED.read_text())[name]


def exact(value: Any) -> str:
    return json.dumps(value)


def test_every_version_is_read_as_it_was_written(kept: Path, name: str) -> None:
    before = listing(kept)
    with DbEngine(kept, read_only=True) as db:
        assert exact(story(db)) == exact(expected(name))
        assert db.verify().problems == ()
    assert listing(kept) == before


def test_it_can_be_written_to_packed_and_carried_over(
    kept: Path, name: str, tmp_path: Path
) -> None:
    with DbEngine(kept) as db:
        whole = story(db)
        for tenant, entries in whole.items():
            for entry in entries:
                db.save(tenant, "eve", entry, {"new": 1})
        db.pack()
        assert db.verify().problems == ()
        for tenant, entries in story(db).items():
            assert {entry: log[1:] for entry, log in entries.items()} == whole[tenant]
            db.export(tenant, tmp_path / "file")
            with DbEngine(tmp_path / "other") as other:
                other.import_(None, tmp_path / "file")
                assert story(other)[tenant] == entries


def test_todays_program_writes_the_same_bytes(kept: Path, name: str, tmp_path: Path) -> None:
    """If this fails, the format has changed: `FORMAT` and `docs/FORMAT.md` must say so."""
    MAKERS[name](opened(tmp_path / "now"))
    then, now = listing(kept), listing(tmp_path / "now")
    packs = {path for path in then | now if path.endswith(".pack")}
    assert {p: data for p, data in now.items() if p not in packs} == {
        p: data for p, data in then.items() if p not in packs
    }
    assert objects(tmp_path / "now") == objects(kept)


def objects(root: Path) -> dict[str, bytes]:
    """All that is stored, packed or not: how well it was compressed is no matter of the format."""
    store = FolderStore(root, read_only=True)
    found = {
        digest: store.get(place, [digest])[digest]
        for place in [*store.tenants(), "refs"]
        for digest in store.objects(place)
    }
    store.close()
    return found


def test_the_kept_databases_have_everything_that_the_format_has(tmp_path: Path) -> None:
    names = {name for each in MAKERS for name in zipfile.ZipFile(HERE / f"{each}.zip").namelist()}
    assert any(name.endswith(".pack") for name in names)
    assert any(name.startswith("refs/") and len(name) > 64 for name in names)
    with zipfile.ZipFile(HERE / "settled.zip") as archive:
        text = b"\n".join(archive.read(name) for name in archive.namelist())
    kinds = (b'{"tree":"', b'{"json":', b'["keys",', b'["items",', b'["text",', b'"step":3')
    assert [kind for kind in kinds if kind not in text] == []
    parts = ('"keys"', '"items"', '"value"', '"parts"')
    assert [part for part in parts if f'{{"__node__":{part}'.encode() not in text] == []
    assert re.search(rb'"step":\d+,"tree":', text)
    assert b'"order":"' in text
    assert b'"trees":{' in text
    with zipfile.ZipFile(HERE / "journal.zip") as archive:
        segments = [name for name in archive.namelist() if name.startswith("t/journal/0")]
        assert [archive.read(name).strip(b"\n").count(b"\n") for name in segments] == [2]


def test_which_entries_are_deleted_stands_beside_their_heads(tmp_path: Path) -> None:
    with zipfile.ZipFile(HERE / "deleted.zip") as archive:
        archive.extractall(tmp_path)
    heads = json.loads((tmp_path / "t" / "head").read_bytes())
    assert {name: type(head) for name, head in heads.items()} == {
        "kept": str,
        "gone": dict,
        "back": dict,
    }
    with DbEngine(tmp_path, read_only=True) as db:
        assert db.entries("t") == ["back"]
        assert db.entries("t", deleted=True) == ["back", "gone", "kept"]


def test_each_type_comes_back_as_itself(tmp_path: Path) -> None:
    with zipfile.ZipFile(HERE / "shared.zip") as archive:
        archive.extractall(tmp_path)
    with DbEngine(tmp_path, read_only=True) as db:
        assert db.load("one", "types") == TYPES
        assert [type(value) for value in db.get("one", "types")] == list(map(type, TYPES.values()))
        assert db.load("two", "shared") == {"s": {"inner": [1, 2]}, "plain": 2}


def test_the_kept_export_is_imported_and_written_the_same(tmp_path: Path) -> None:
    with DbEngine(tmp_path / "db") as db:
        assert db.import_(None, HERE / EXPORT).tenant == "northwind"
        assert exact(story(db)["northwind"]) == exact(expected("settled")["northwind"])
        assert db.verify().problems == ()
        db.export("northwind", tmp_path / "file")
    assert lines(tmp_path / "file") == lines(HERE / EXPORT)


def lines(path: Path) -> bytes:
    with path.open("rb") as file:
        return zstandard.ZstdDecompressor().stream_reader(file).read()
