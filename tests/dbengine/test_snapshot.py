"""A snapshot's object: its bytes, and what is no content of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbengine import DbEngine
from dbengine.model import Json
from dbengine.snapshot import Kept, SnapshotObject


def test_a_snapshot_object_survives_its_bytes(db: DbEngine, root: Path) -> None:
    digest = db.save("t", "ann", "n", {"a": 1}, note="why")
    db.close()
    data = (root / "t" / "objects" / digest[:2] / digest).read_bytes()
    assert SnapshotObject.from_bytes(digest, data).to_bytes() == data


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"json": 1, "tree": "0" * 64},
        {"tree": "x"},
        {"base": "0" * 64, "step": 1},
        {"base": "0" * 64, "step": True, "change": ["is", 1]},
        {"base": "0" * 64, "step": 0, "change": ["is", 1]},
        {"base": "0" * 64, "step": 1, "change": ["is", 1], "tree": "0" * 64},
        {"base": "0" * 64, "step": 1, "change": ["keys", []]},
        {"base": "0" * 64, "step": 1, "change": ["never"]},
        {"base": "0" * 64, "step": 1, "change": {}},
    ],
    ids=str,
)
def test_a_content_that_we_do_not_write_is_no_content(content: dict[str, Json]) -> None:
    with pytest.raises(TypeError):
        Kept.from_json(content)
