"""What an object refers to is read from its bytes, and nothing else is taken for a reference."""

from __future__ import annotations

from pathlib import Path

from dbengine import DbEngine


def test_a_dict_that_looks_like_a_shared_tag_hinders_no_maintenance(
    db: DbEngine, tmp_path: Path
) -> None:
    """Cut off from the tag around it, the look-alike was taken for a tag."""
    value = {"r": {"__type__": "shared", "value": "z" * 32_709}, "s": "y" * 70_000}
    db.save("t", "ann", "n", value)
    assert db.verify().ok
    db.pack()
    db.export("t", tmp_path / "t.dbx")
    assert db.load("t", "n") == value
