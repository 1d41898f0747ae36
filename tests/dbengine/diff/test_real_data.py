"""The history of a real document: neighbours differ in little, and the changes lead on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from dbengine.diff import diff, rows
from tests.dbengine.diff.helpers import apply_patch, pretty, strict

BUNDLE = Path(__file__).parents[4] / "shared" / "data" / "ca-fires.bundle"
PATH = "incidents.json"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BUNDLE.exists(), reason="the real data is not there"),
]


def git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fires")
    git(folder, "clone", "--quiet", "--bare", str(BUNDLE), "repo")
    return folder / "repo"


def documents(clone: Path) -> Iterator[Any]:
    """Every readable version, oldest first."""
    for commit in git(clone, "log", "--reverse", "--format=%H", "--", PATH).decode().split():
        try:
            yield json.loads(git(clone, "show", f"{commit}:{PATH}"))
        except json.JSONDecodeError:
            continue


def test_neighbours_differ_by_few_changes_that_lead_on(clone: Path) -> None:
    counts = []
    for left, right in islice(pairwise(documents(clone)), 0, None, 10):
        found = diff(left, right)
        assert strict(found.apply(left)) == strict(right)
        assert strict(apply_patch(left, found.patch())) == strict(right)
        counts.append(len(found.changes))
    assert len(counts) > 200
    assert sorted(counts)[len(counts) // 2] <= 20


def test_a_page_of_rows_prints_the_document(clone: Path) -> None:
    left, right = list(islice(documents(clone), 2))
    page = rows(diff(left, right)).unfold_all()
    printed = ["  " * row.right.depth + row.right.text for row in page if row.right]
    assert printed == pretty(right)
