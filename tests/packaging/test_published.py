"""The list of parts and the checksums."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from recipe import published


def part(name: str, version: str = "1.0") -> dict[str, Any]:
    return {"name": name, "version": version, "bom-ref": f"{name}=={version}"}


def test_the_list_of_parts_has_what_is_bundled_and_none_of_the_tools() -> None:
    told = published.narrowed(
        {
            "components": [part("PySide6_Essentials", "6.11.3"), part("orjson"), part("pip")],
            "dependencies": [
                {"ref": "orjson==1.0", "dependsOn": ["pip==1.0"]},
                {"ref": "pip==1.0"},
            ],
            "metadata": {},
            "serialNumber": "never the same",
        }
    )
    names = [each["name"] for each in told["components"]]
    assert names == ["PySide6_Essentials", "orjson", "Python", "Qt"]
    assert told["components"][-1]["version"] == "6.11.3"
    assert told["dependencies"] == [{"ref": "orjson==1.0", "dependsOn": []}]
    assert "serialNumber" not in told


def test_the_checksums_are_as_sha256sum_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "DIST", tmp_path)
    (tmp_path / "b.deb").write_bytes(b"two")
    (tmp_path / "a.rpm").write_bytes(b"one")
    published.checksums()
    sums = [hashlib.sha256(data).hexdigest() for data in (b"one", b"two")]
    expected = f"{sums[0]}  a.rpm\n{sums[1]}  b.deb\n"
    assert published.checksums().read_text(encoding="utf-8") == expected
