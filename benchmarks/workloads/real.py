"""A real history: one JSON file of a git repository, imported version by version."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson

from benchmarks.ground import Built, Ground
from benchmarks.measure import Cell, Task, disk_use, expect, interleave, say, seconds
from benchmarks.peers import OURS, Json, Kind, Peer
from benchmarks.peers.git import collect
from benchmarks.scale import Scale
from benchmarks.tables import Results
from benchmarks.workloads.endurance import PACKED
from dbengine import DbEngine
from dbengine.importers import import_git

DOCUMENT: Final = "real"
ALL: Final = "all versions"
AGGRESSIVE: Final = "git gc --aggressive"
_CHUNK: Final = 25
_PATIENCE: Final = 20
"""So many times the time of another case."""


def real(ground: Ground, scale: Scale, results: Results, repo: Path, file: str) -> None:
    """Import what `file` was in each commit of `repo`; then load any of it."""
    clone = ground.folder / "real clone"
    command = ["git", "clone", "--quiet", "--bare", "--template="]
    subprocess.run([*command, str(repo), str(clone)], check=True)
    built = ground.build(DOCUMENT, lambda _kind, _peer: None)
    cells, digests = _import_all(ground, scale, built, _documents(clone, file))
    for kind in built.kinds.values():
        _pack(kind, ground.place(DOCUMENT, kind), cells[kind.name])
    title = f"Real data: {len(digests):,} versions of one document saved, one commit each"
    case = results.add("real", _case(scale), title, cells)
    _load(ground, scale, built, results, digests)
    if scale.real_versions is None:
        _import_at_once(ground, results, clone, file)
        collect(clone, aggressive=True)
        case.cells[AGGRESSIVE] = Cell(numbers={PACKED: _packs(clone)})


def _packs(clone: Path) -> int:
    """The packs alone: git reads them without the graphs and bitmaps that stand beside."""
    return sum(pack.stat().st_size for pack in (clone / "objects" / "pack").glob("*.pack"))


def _case(scale: Scale) -> object:
    return scale.real_versions or ALL


def _documents(clone: Path, file: str) -> Iterator[tuple[str, Json]]:
    """Every version, oldest first, that is JSON and differs from the one before; its digest too."""
    before = ""
    for data in _contents(clone, file):
        try:
            document = orjson.loads(data)
        except orjson.JSONDecodeError:
            continue
        digest = _digest(document)
        if digest != before:
            before = digest
            yield digest, document


def _contents(clone: Path, file: str) -> Iterator[bytes]:
    log = ["git", "log", "--first-parent", "--reverse", "--format=%H", "--", file]
    commits = subprocess.run(log, cwd=clone, capture_output=True, check=True, text=True).stdout
    command = ["git", "cat-file", "--batch"]
    with subprocess.Popen(
        command, cwd=clone, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin and process.stdout
        for commit in commits.split():
            process.stdin.write(f"{commit}:{file}\n".encode())
            process.stdin.flush()
            header = process.stdout.readline().split()
            if header[-1] != b"missing":
                yield process.stdout.read(int(header[-1]) + 1)[:-1]
        process.stdin.close()


def _import_all(
    ground: Ground, scale: Scale, built: Built, documents: Iterator[tuple[str, Json]]
) -> tuple[dict[str, Cell], list[str]]:
    """Save each version with each peer, a few at a time, in turns; the digests of all of them."""
    say("  importing the real data")
    peers = {kind.name: kind.open(ground.place(DOCUMENT, kind)) for kind in built.kinds.values()}
    cells = {name: Cell() for name in peers}
    digests: list[str] = []
    wanted = islice(documents, scale.real_versions)
    while pairs := list(islice(wanted, _CHUNK)):
        digests += [digest for digest, _document in pairs]
        chunk = [document for _digest, document in pairs]
        for name in ground.chance.sample(list(peers), len(peers)):
            os.sync()
            _save_chunk(peers[name], cells[name], chunk, ground.seconds * _PATIENCE)
    for name, peer in peers.items():
        cells[name].close = seconds(peer.close)
        if cells[name].note:
            cells[name].note = f"stopped after {len(cells[name].times):,} of {len(digests):,}"
    for kind in built.kinds.values():
        cells[kind.name].numbers["disk"] = disk_use(ground.place(DOCUMENT, kind))
    return cells, digests


def _save_chunk(peer: Peer, cell: Cell, chunk: list[Json], limit: float) -> None:
    for document in chunk:
        if cell.note or sum(cell.times) > limit:
            cell.note = "stopped"
            return
        cell.times.append(seconds(partial(peer.save, DOCUMENT, document)))


def _pack(kind: Kind, folder: Path, cell: Cell) -> None:
    say(f"  packing {kind.name}")
    peer = kind.open(folder)
    if peer.pack():
        peer.close()
        cell.numbers[PACKED] = disk_use(folder)
    else:
        peer.close()


def _load(ground: Ground, scale: Scale, built: Built, results: Results, digests: list[str]) -> None:
    with built.opened(ground, DOCUMENT) as peers:
        tasks = {name: _load_task(peer, digests) for name, peer in peers.items()}
        plan = ground.plan(scale.real_loads, batch=10)
        cells = interleave(tasks, plan, ground.chance)
    title = "Real data: load of a random version, packed where the peer can"
    results.add("real load", _case(scale), title, cells)


def _load_task(peer: Peer, digests: list[str]) -> Task:
    names = [past.version for past in reversed(peer.history(DOCUMENT))]

    def prepare(number: int) -> Callable[[], Any]:
        name = names[Random(number).randrange(len(names))]
        return lambda: peer.load(DOCUMENT, name)

    def check(number: int, found: Any) -> None:
        at = Random(number).randrange(len(names))
        expect(_digest(found), digests[at], f"version {at + 1}")

    return Task(prepare, check)


def _import_at_once(ground: Ground, results: Results, clone: Path, file: str) -> None:
    """The way a user of DbEngine would take: all that git holds, in big commits."""
    say("  dbengine import-git")
    folder = ground.folder / "import-git"
    with DbEngine(folder) as db:
        took = seconds(lambda: import_git(db, clone, file, "bench", DOCUMENT))
    cell = Cell([took], numbers={"disk": disk_use(folder)})
    title = "Real data: `dbengine import-git`, reading git included"
    results.add("import-git", ALL, title, {OURS: cell})


def _digest(document: Json) -> str:
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()
