"""Read everything that is stored, say what is wrong and which versions it hurts, and heal it.

The store reads its own files. Here is what they mean: that every object says what one of its kind
can say, that all that is needed is there, that every chain is whole, and that every head is the
end of its chain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import count, islice
from typing import Final

from dbengine.chains import Chains, Gap, Link
from dbengine.errors import Corrupt, ReadOnly, StorageError
from dbengine.model import HurtVersion, Problem, Progress, Report
from dbengine.reach import Key, needs
from dbengine.store import SHARED, Flaw, Store
from dbengine.store.base import all_entries
from dbengine.tree.shape import Shapes

_BATCH: Final = 64
_EVERY: Final = 50
_MALFORMED: Final = (
    "Every copy of it is the same, so it cannot be healed: where it hurts the newest version of "
    "an entry, restore an older one."
)
_NO_LOSS: Final = "A whole copy is kept elsewhere and is used instead."


def verify(store: Store, progress: Progress | None = None, *, repair: bool = False) -> Report:
    """A report on every object, chain and head; `progress` is called with what is done so far.

    With `repair`, an object that is damaged in one place and whole in another is written anew.
    """
    if repair and store.read_only:
        raise ReadOnly("The database is open for reading only, so nothing can be repaired.")
    return _Verifier(store, progress, repair).run()


class _Verifier:
    """One run over all tenants: their files, then what the objects need, then the chains."""

    def __init__(self, store: Store, progress: Progress | None, repair: bool) -> None:
        self._store = store
        self._progress = progress or (lambda _done, _total, _what: None)
        self._repair = repair
        self._entries = self._versions = self._objects = 0
        self._problems: list[Problem] = []
        self._healed: list[Problem] = []
        self._damaged: set[Key] = set()
        self._lost: dict[Key, str] = {}
        self._hurts: defaultdict[Key, list[HurtVersion]] = defaultdict(list)
        self._shared: set[str] = set()

    def run(self) -> Report:
        tenants = self._store.tenants()
        self._check_files(SHARED)
        self._check_shared()
        for tenant in tenants:
            self._check_files(tenant)
            self._check_meaning(tenant)
        self._tell_lost(SHARED, {})
        counts = len(tenants), self._entries, self._versions, self._objects
        return Report(*counts, tuple(dict.fromkeys(self._problems)), tuple(self._healed))

    def _check_shared(self) -> None:
        try:
            self._scan(SHARED, self._shared)
        except StorageError as error:
            self._problems.append(Problem(SHARED, None, None, str(error)))

    def _check_meaning(self, tenant: str) -> None:
        try:
            links = self._scan(tenant, set())
            heads = self._store.heads(tenant)  # after the objects, so that none runs ahead of them
            present = set(all_entries(self._store, tenant, deleted=False))
            later = self._store.heads(tenant)
        except StorageError as error:
            self._problems.append(Problem(tenant, None, None, str(error)))
            return
        chains = Chains(self._store, tenant, links, self._tick)
        for entry, head in sorted(heads.items()):
            chains.check(entry, head)
            if later.get(entry) == head:
                chains.check_mark(entry, head, deleted=entry not in present)
        chains.check_headless(heads.keys())
        self._entries += len(heads)
        self._versions += len(chains.reached)
        for digest, cause in chains.lost.items():
            self._lost.setdefault((tenant, digest), cause)
        self._find_hurt(tenant, chains.reached)
        self._tell_lost(tenant, chains.gaps)
        self._problems += chains.problems

    # ---- files ------------------------------------------------------------------------------

    def _check_files(self, place: str) -> None:
        flaws = []
        for flaw in self._check(place):
            self._objects += 1
            self._tick(self._objects, f"objects of {place}")
            flaws += [flaw] if flaw else []
        left = self._repaired(place, flaws) if self._repair else flaws
        self._healed += [Problem(place, None, f.digest, f.message) for f in flaws if f not in left]
        for flaw in left:
            self._take(place, flaw)

    def _check(self, place: str) -> Iterator[Flaw | None]:
        """What stops the store from looking further is a flaw, too, and no end of it all."""
        try:
            yield from self._store.check(place)
        except StorageError as error:
            yield Flaw(str(error))

    def _repaired(self, place: str, flaws: list[Flaw]) -> list[Flaw]:
        """The flaws that are left: only what a second look does not find any more is healed."""
        copies = {flaw.digest: self._copy(place, flaw.digest) for flaw in flaws if flaw.digest}
        whole = {digest: data for digest, data in copies.items() if data is not None}
        if not whole:
            return flaws
        for digest, data in whole.items():
            self._store.put(place, {digest: data})
        return [flaw for flaw in self._check(place) if flaw]

    def _take(self, place: str, flaw: Flaw) -> None:
        if flaw.digest is None:
            self._problems.append(Problem(place, None, None, flaw.message))
        elif self._copy(place, flaw.digest) is not None:
            message = f"{flaw.message} {_NO_LOSS}"
            self._problems.append(
                Problem(place, None, flaw.digest, message, repairable=not self._repair)
            )
        else:
            key = place, flaw.digest
            self._damaged.add(key)
            self._lost[key] = " ".join(filter(None, (self._lost.get(key), flaw.message)))

    def _copy(self, place: str, digest: str) -> bytes | None:
        """The object, if it is whole anywhere."""
        try:
            return self._store.get(place, [digest]).get(digest)
        except Corrupt:
            return None

    # ---- what objects need ------------------------------------------------------------------

    def _scan(self, place: str, seen: set[str]) -> list[Link]:
        """The versions among the objects of a place; what is needed and not there is lost."""
        links: list[Link] = []
        needed: set[Key] = set()
        shapes = Shapes()
        for digest, data in self._read_all(place, f"links of {place}"):
            seen.add(digest)
            needed.update(self._needs(place, digest, data))
            if place != SHARED:
                shapes.add(digest, data)
                links += _link(digest, data) if b'"__parent__"' in data else []
        self._miss(place, {d for where, d in needed if where == place} - seen)
        if place != SHARED:
            self._miss(SHARED, {d for where, d in needed if where == SHARED} - self._shared)
        counted = count(1)

        def read(digest: str) -> bytes | None:
            self._tick(next(counted), f"trees of {place}")
            return self._copy(place, digest)

        shapes.compare(read)
        for digest, what in shapes.faults.items():
            self._note_malformed(place, digest, f": {what}")
        return links

    def _note_malformed(self, place: str, digest: str, what: str) -> None:
        message = f"The object {digest} is whole, but not as this program writes it{what}."
        self._damaged.add((place, digest))
        self._lost[place, digest] = f"{message} {_MALFORMED}"

    def _needs(self, place: str, digest: str, data: bytes) -> list[Key]:
        try:
            return needs(place, data)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            if (place, digest) not in self._damaged:
                self._note_malformed(place, digest, "")
            return []

    def _read_all(self, place: str, what: str) -> Iterator[tuple[str, bytes]]:
        """Every object that is whole."""
        digests, done = self._store.objects(place), 0
        while batch := list(islice(digests, _BATCH)):
            for digest, data in self._whole(place, batch).items():
                done += 1
                self._tick(done, what)
                yield digest, data

    def _whole(self, place: str, digests: list[str]) -> Mapping[str, bytes]:
        try:
            return self._store.get(place, digests)
        except Corrupt:
            found = {digest: self._copy(place, digest) for digest in digests}
            return {digest: data for digest, data in found.items() if data is not None}

    def _miss(self, place: str, digests: Collection[str]) -> None:
        """Looked for once more, since they may have been on their way between two places."""
        for digest in sorted(self._store.missing(place, digests)):
            self._lost.setdefault((place, digest), f"The object {digest} is missing.")

    # ---- what is hurt -----------------------------------------------------------------------

    def _find_hurt(self, tenant: str, reached: Mapping[str, Link]) -> None:
        """Which versions need what is lost. Where nothing is, nothing is read."""
        lost = [key for key in self._lost if key[0] in (tenant, SHARED)]
        if not lost:
            return
        needers = self._needers(tenant)
        known: dict[frozenset[Key], list[HurtVersion]] = {}
        for key in lost:
            itself = [key] if key[0] == tenant and key[1] in reached else []
            first = frozenset([*needers[key], *itself])
            if first not in known:
                above = (digest for place, digest in _all_above(first, needers) if place == tenant)
                known[first] = [_hurt(tenant, reached[d]) for d in above if d in reached]
            self._hurts[key] += known[first]

    def _needers(self, tenant: str) -> defaultdict[Key, list[Key]]:
        """For each object that a tenant needs, by which others it is needed."""
        found: defaultdict[Key, list[Key]] = defaultdict(list)
        for place in (tenant, SHARED):
            for digest, data in self._read_all(place, f"what is hurt in {tenant}"):
                for need in self._needs(place, digest, data):
                    found[need].append((place, digest))
        return found

    def _tell_lost(self, place: str, gaps: Mapping[str, Gap]) -> None:
        """One problem an object; what only the rest of an interrupted write misses is none."""
        for digest, gap in gaps.items():
            self._lost.setdefault((place, digest), gap.cause)
        for key, cause in self._lost.items():
            gap_here = gaps.get(key[1])
            hurts = self._hurts[key] + ([gap_here.hurt] if gap_here else [])
            if key[0] == place and (hurts or key in self._damaged):
                message = f"{cause} {gap_here.left}" if gap_here else cause
                is_missing = key not in self._damaged and not gap_here
                self._problems.append(_problem(place, key[1], message, hurts, is_missing))

    def _tick(self, done: int, what: str) -> None:
        if done % _EVERY == 0:
            self._progress(done, None, what)


def _link(digest: str, data: bytes) -> list[Link]:
    try:
        return [Link.of(digest, data)]
    except Corrupt:
        return []


def _hurt(tenant: str, link: Link) -> HurtVersion:
    return HurtVersion(tenant, link.entry, link.seq, link.digest)


def _all_above(first: Collection[Key], needers: Mapping[Key, list[Key]]) -> set[Key]:
    """`first`, and all that needs one of them, directly or not."""
    met, waiting = set(first), list(first)
    while waiting:
        new = [key for key in needers.get(waiting.pop(), ()) if key not in met]
        met.update(new)
        waiting += new
    return met


def _problem(
    place: str, digest: str, message: str, hurts: list[HurtVersion], is_missing: bool
) -> Problem:
    """Of what is not there at all, a version tells best where to look."""
    hurts = sorted(hurts, key=lambda hurt: (hurt.tenant, hurt.entry, hurt.seq))
    entries = {(hurt.tenant, hurt.entry) for hurt in hurts}
    only = hurts[-1] if len(entries) == 1 else None
    tenant, name = (only.tenant, only.digest) if only and is_missing else (place, digest)
    entry = only.entry if only else None
    return Problem(tenant, entry, name, message, tuple(hurts), object=digest)
