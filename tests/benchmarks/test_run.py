"""The whole comparison, small: every workload runs, proves what it reads, and is reported."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from benchmarks import ground, measure
from benchmarks.ground import Ground
from benchmarks.measure import Cell, Wrong
from benchmarks.peers import BASE, KINDS, OURS, Json, Kind, Peer
from benchmarks.run import main, report, run
from benchmarks.scale import Scale
from benchmarks.story import Story
from benchmarks.tables import Results
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.real import AGGRESSIVE, ALL

TOY: Final = Scale(
    put_sizes=(20,),
    puts=12,
    save_sizes=(1_000,),
    saves=6,
    many_records=30,
    many_times=2,
    long_records=20,
    long_puts=20,
    history_sizes=(15,),
    cold_times=1,
    entries=3,
    entry_versions=4,
    read_sizes=(30,),
    read_versions=20,
    far=10,
    gets=6,
    loads=3,
    changes=5,
    real_versions=None,
    real_loads=5,
    seconds=5,
    build_seconds=20,
)


@pytest.fixture(autouse=True)
def leave_the_disk_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sync", lambda: None)


@pytest.fixture
def kinds() -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS if kind.name in (OURS, BASE, "plain JSON"))


@pytest.fixture
def place(tmp_path: Path, kinds: tuple[Kind, ...]) -> Ground:
    return Ground(tmp_path, kinds, TOY.seconds, TOY.build_seconds)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository of a JSON file in seven versions, one of them broken and one repeated."""
    folder = tmp_path / "source"
    folder.mkdir()
    git(folder, "init", "--quiet")
    texts = [json.dumps({"n": n, "list": list(range(n))}) for n in range(5)]
    for text in [*texts, "{broken", texts[-1]]:
        (folder / "data.json").write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--allow-empty", "-m", "a version")
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=ann", "-c", "user.email=ann@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True)


def test_every_workload_measures_every_peer(
    place: Ground, kinds: tuple[Kind, ...], repo: Path
) -> None:
    results = run(place, TOY, (), repo, "data.json")
    measured = {workload for workload, _case in results.cases}
    assert {"put", "save", "put_many", "endurance", "open", "real", "import-git"} <= measured
    for case in results.cases.values():
        for kind in kinds:
            if kind.name in case.cells:
                assert case.cells[kind.name].times, case.title
    saved = results.cases["real", ALL].cells
    assert {len(saved[kind.name].times) for kind in kinds} == {5}
    assert saved[AGGRESSIVE].numbers


def test_the_report_has_a_table_for_each_case_and_the_targets(
    place: Ground, kinds: tuple[Kind, ...]
) -> None:
    results = run(place, TOY, ("put",), None, "")
    text = report(results, kinds)
    assert "### One changed record put into 20 records" in text
    assert "| target | at least | reached | met |" in text
    assert text.count("not in this run") > 20


def toy_run(out: Path, *only: str) -> None:
    peers = ["--peers", OURS, BASE]
    main(["--quick", "--only", *only, *peers, "--folder", str(out.parent), "--out", str(out)])


def test_an_interrupted_run_leaves_a_report_of_what_it_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was written at the end only, and an hour's measurements were lost."""

    def interrupted(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks.run.QUICK", TOY)
    monkeypatch.setitem(WORKLOADS, "put_many", interrupted)
    with pytest.raises(KeyboardInterrupt):
        toy_run(tmp_path / "report.md", "put", "put_many", "read")
    text = (tmp_path / "report.md").read_text()
    assert "### One changed record put into 20 records" in text
    assert "not come to its end" in text
    assert "put_many, read." in text
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


def test_a_report_of_all_that_was_asked_for_does_not_say_that_it_is_partial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.run.QUICK", TOY)
    toy_run(tmp_path / "report.md", "put")
    text = (tmp_path / "report.md").read_text()
    assert "not come to its end" not in text
    assert capsys.readouterr().out == text + "\n"


class Forgetful:
    """A peer whose records all read back as the newest ones."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def __getattr__(self, name: str) -> object:
        return getattr(self._peer, name)

    def get(self, entry: str, key: str, _version: object = None) -> Json:
        return self._peer.get(entry, key)


def test_a_peer_that_reads_back_something_else_ends_the_run(
    place: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Kind.open
    monkeypatch.setattr(Kind, "open", lambda *given, **named: Forgetful(honest(*given, **named)))
    with pytest.raises(Wrong, match="record"):
        WORKLOADS["read"](place, TOY, Results())


def test_a_peer_that_would_take_too_long_to_build_is_left_out_and_says_so(place: Ground) -> None:
    built = replace(place, build_seconds=0).story("slow", Story(20, 20))
    assert built.kinds == {}
    assert "building it would take about" in built.left[OURS].skipped


def test_whole_copies_are_not_written_until_the_disk_is_full(
    place: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "MOST_COPIES", 1_000)
    built = place.story("big", Story(20, 20))
    assert set(built.kinds) == {OURS, BASE}
    assert "of whole copies" in built.left["plain JSON"].skipped


def test_peers_take_turns_and_stop_when_they_have_their_calls_or_their_time() -> None:
    told: list[str] = []

    def task(name: str) -> measure.Task:
        return measure.Task(lambda number: lambda: told.append(f"{name}{number}"))

    plan = measure.Plan(repeats=4, batch=2, seconds=60)
    cells = measure.interleave({"a": task("a"), "b": task("b")}, plan, Chance())
    assert told == ["b0", "b1", "a0", "a1", "b2", "b3", "a2", "a3"]
    assert {len(cell.times) for cell in cells.values()} == {4}
    no_time = measure.Plan(repeats=4, batch=2, seconds=0)
    cells = measure.interleave({"a": task("a")}, no_time, Chance())
    assert cells["a"].note == "stopped after 3 of 4"


class Chance(Random):
    """Shuffles by turning round."""

    def shuffle(self, items: Any) -> None:
        items.reverse()


def test_syncs_are_counted(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file, measure.counted_syncs() as count:
        os.fsync(file.fileno())
        os.fdatasync(file.fileno())
    assert count == [2]


def test_quantiles_are_calls_that_happened() -> None:
    cell = Cell([float(number) for number in range(100)])
    assert (cell.median, cell.quantile(0.95), cell.quantile(0.99), cell.worst) == (49.5, 95, 99, 99)
