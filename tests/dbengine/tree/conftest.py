"""Parts so small that toys are cut into many."""

from __future__ import annotations

import pytest

from dbengine.tree import keeping, nodes


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "PART", 512)
    monkeypatch.setattr(keeping, "_SHORT", 16)
    monkeypatch.setattr(keeping, "_INLINE", 128)
    monkeypatch.setattr(keeping, "_TOLD", 128)
