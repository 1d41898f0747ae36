"""The chains of a tenant's entries as they are stored: walked from each head, and around gaps."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from dbengine.errors import Corrupt
from dbengine.model import HurtVersion, Problem
from dbengine.snapshot import SnapshotObject, skip_of
from dbengine.store import Store

UNKNOWN: Final = 0
"""The number of a version whose own object is lost, where nothing else tells it."""


@dataclass(frozen=True, slots=True)
class Link:
    """As much of a snapshot as its place in a chain depends on."""

    digest: str
    entry: str
    seq: int
    date: str
    parent: str | None
    skip: str | None = None
    deleted: bool = False

    @classmethod
    def of(cls, digest: str, data: bytes) -> Link:
        """The link that a snapshot object is; `Corrupt` where it is none."""
        found = SnapshotObject.from_bytes(digest, data)
        entry = sys.intern(found.entry)
        links = found.parent, found.skip
        return cls(digest, entry, found.seq, found.date, *links, found.deleted)


@dataclass(frozen=True, slots=True)
class Gap:
    """A head or parent that leads nowhere: the version that is gone, why, and what is left."""

    hurt: HurtVersion
    cause: str
    left: str


class Chains:
    """Checks entries one by one; each version is visited once.

    Then `reached` has every version of a chain, `gaps` the links that lead nowhere, by the digest
    that they name, `lost` those of them that are damaged or missing, `problems` all else.
    """

    def __init__(
        self, store: Store, tenant: str, links: Iterable[Link], tick: Callable[[int, str], None]
    ) -> None:
        self._store = store
        self._tenant = tenant
        self._tick = tick
        self._links: dict[str, Link] = {}
        self._by_entry: defaultdict[str, list[Link]] = defaultdict(list)
        for link in sorted(links, key=lambda link: link.seq):
            if link.digest not in self._links:  # one on its way is found in two places
                self._links[link.digest] = link
                self._by_entry[link.entry].append(link)
        self.reached: dict[str, Link] = {}
        self.gaps: dict[str, Gap] = {}
        self.lost: dict[str, str] = {}
        self.problems: list[Problem] = []

    def check(self, entry: str, head: str) -> None:
        """Walk from the head; below a gap, go on with whatever is stored of the entry."""
        newest = self._follow(entry, head, None)
        gap = self._walk(newest) if newest else sys.maxsize
        for link in reversed(self._by_entry[entry]):
            if link.seq < gap and link.digest not in self.reached:
                self._walk(link)
        if newest:
            self._check_above(entry, head)

    def check_mark(self, entry: str, head: str, *, deleted: bool) -> None:
        """Whether the entry is deleted just where the store says so beside its head."""
        link = self._links.get(head)
        if link is None or link.deleted == deleted:
            return
        listed, is_so = ("deleted", "no deletion") if deleted else ("there", "its deletion")
        message = f"{entry!r} is listed as {listed}, but its newest version is {is_so}."
        self._tell(entry, head, f"{message} The next write to it sets that right.")

    def check_headless(self, entries: Collection[str]) -> None:
        """Versions that are stored of other entries than those that have a head."""
        for entry in sorted(self._by_entry.keys() - set(entries)):
            links = self._by_entry[entry]
            message = f"No head names the entry {entry!r}, but {_versions(links)} stored."
            self._tell_unreached(entry, links[-1], message)

    def _walk(self, link: Link) -> int:
        """Down to the first version, or to one met before: 0; else the number above the gap."""
        while link.digest not in self.reached:
            self.reached[link.digest] = link
            self._tick(len(self.reached), f"versions of {self._tenant} / {link.entry}")
            if link.parent is None:
                return self._check_first(link)
            parent = self._follow(link.entry, link.parent, link)
            if parent is None:
                return link.seq
            self._check_order(parent, link)
            link = parent
        return 0

    def _follow(self, entry: str, digest: str, child: Link | None) -> Link | None:
        """The version that a head or a child names; None where that leads nowhere."""
        try:
            link = self._links.get(digest) or Link.of(digest, self._read(digest))
        except Corrupt as error:
            self._note_gap(entry, digest, child, str(error))
            return None
        if link.entry == entry:
            return link
        what = f"parent of version {child.seq}" if child else "head"
        message = f"The {what} of {entry!r} belongs to the entry {link.entry!r}."
        self._tell(entry, digest, f"{message} {self._left(entry, child)}")
        return None

    def _read(self, digest: str) -> bytes:
        """An object that is not among the links: `Corrupt` where it is not whole, so lost."""
        try:
            return self._store.get(self._tenant, [digest])[digest]
        except KeyError:
            self.lost[digest] = f"The object {digest} is missing."
            raise Corrupt(self.lost[digest]) from None
        except Corrupt as error:
            self.lost[digest] = str(error)
            raise

    def _note_gap(self, entry: str, digest: str, child: Link | None, cause: str) -> None:
        seq = child.seq - 1 if child else UNKNOWN
        what = f"version {seq}" if child else "the head"
        left = f"It is {what} of {entry!r}. {self._left(entry, child)}"
        self.gaps[digest] = Gap(HurtVersion(self._tenant, entry, seq, digest), cause, left)

    def _left(self, entry: str, child: Link | None) -> str:
        """What is stored of the entry below a gap."""
        stored = self._by_entry[entry]
        below = [link for link in stored if child is None or link.seq < child.seq - 1]
        if not below:
            return "Nothing older is stored."
        older = "older" if child else "whole"
        return (
            f"{_versions(below, older)} still there, readable by digest; the newest is version "
            f"{below[-1].seq}, {below[-1].digest}."
        )

    def _check_first(self, link: Link) -> int:
        if link.seq == 1:
            return 0
        message = f"The chain ends at version {link.seq}; older versions cannot be reached."
        self._tell(link.entry, link.digest, message)
        return link.seq

    def _check_order(self, parent: Link, child: Link) -> None:
        if parent.seq != child.seq - 1:
            message = f"Version {child.seq} follows version {parent.seq}."
            self._tell(child.entry, parent.digest, message)
        if parent.date > child.date:
            message = f"Version {parent.seq} is dated after the version that follows it."
            self._tell(child.entry, parent.digest, message)
        near = self._skipped(parent)
        far = self._skipped(near) if near else None
        if near and far and child.skip != skip_of(parent, near, far):
            message = f"The skip of version {child.seq} leads to the wrong version."
            self._tell(child.entry, child.digest, message)

    def _skipped(self, link: Link) -> Link | None:
        """Where a skip leads; None where that is no version of the entry, which is told of it."""
        return self._links.get(link.skip) if link.skip else link

    def _check_above(self, entry: str, head: str) -> None:
        """Whether versions are stored whose chain goes on from the head."""
        above = {head}
        newer: list[Link] = []
        for link in self._by_entry[entry]:
            if link.parent in above and link.digest not in self.reached:
                above.add(link.digest)
                newer.append(link)
        if newer:
            message = f"The head of {entry!r} is behind: {_versions(newer, 'newer')} stored."
            self._tell_unreached(entry, newer[-1], message)

    def _tell_unreached(self, entry: str, newest: Link, message: str) -> None:
        """Which of the two it is, the bytes do not tell."""
        text = f"{message} {_UNREACHED} The newest is version {newest.seq}, {newest.digest}."
        self.problems.append(Problem(self._tenant, entry, newest.digest, text, certain=False))

    def _tell(self, entry: str, digest: str, message: str) -> None:
        self.problems.append(Problem(self._tenant, entry, digest, message))


_UNREACHED: Final = (
    "Either an older `head` was put in place, or a write was interrupted and is to be repeated. "
    "They are still there."
)


def _versions(links: Collection[Link], which: str = "") -> str:
    words = f"{len(links):,} {which}".strip()
    return f"{words} version is" if len(links) == 1 else f"{words} versions are"
