"""Read everything that is stored and say what is wrong with it, and which versions it hurts."""

from __future__ import annotations

from collections.abc import Iterator

from dbengine import codec, tree
from dbengine.errors import Corrupt, StorageError
from dbengine.model import Problem, Progress, Report
from dbengine.snapshot import SnapshotObject
from dbengine.store import SHARED, Store
from dbengine.store.base import read_object
from dbengine.tags import shared_in

_PAGE = 500
_EVERY = 50


def verify(store: Store, progress: Progress | None = None) -> Report:
    """A report on every object and every chain; `progress` is called with versions and objects."""
    return _Verifier(store, progress).run()


class _Verifier:
    def __init__(self, store: Store, progress: Progress | None) -> None:
        self._store = store
        self._progress = progress or (lambda _done, _total, _what: None)
        self._problems: list[Problem] = []
        self._entries = self._versions = self._objects = 0
        self._lost: dict[tuple[str, str, str], str] = {}

    def run(self) -> Report:
        tenants = self._store.tenants()
        for tenant in tenants:
            self._check_objects(tenant)
            self._check_chains(tenant)
        if tenants:
            self._check_objects(SHARED)
        return Report(
            len(tenants), self._entries, self._versions, self._objects, tuple(self._problems)
        )

    def _check_objects(self, tenant: str) -> None:
        for flaw in self._store.check(tenant):
            self._objects += 1
            self._tick(self._objects, f"objects of {tenant}")
            if flaw is not None:
                self._problems.append(Problem(tenant, None, flaw.digest, flaw.message))

    def _check_chains(self, tenant: str) -> None:
        try:
            heads = self._store.heads(tenant)
        except StorageError as error:
            self._problems.append(Problem(tenant, None, None, str(error)))
            return
        for entry, head in sorted(heads.items()):
            self._entries += 1
            try:
                self._check_chain(tenant, entry, head)
            except Corrupt as error:
                self._problems.append(Problem(tenant, entry, error.digest, str(error)))

    def _check_chain(self, tenant: str, entry: str, head: str) -> None:
        child: SnapshotObject | None = None
        for version in self._walk(tenant, head):
            self._versions += 1
            self._tick(self._versions, f"versions of {tenant} / {entry}")
            for message in self._flaws(tenant, entry, version, child):
                self._problems.append(Problem(tenant, entry, version.digest, message))
            child = version
        if child is not None and child.seq != 1:
            message = f"The chain ends at version {child.seq}; older versions cannot be reached."
            self._problems.append(Problem(tenant, entry, child.digest, message))

    def _walk(self, tenant: str, head: str) -> Iterator[SnapshotObject]:
        digest: str | None = head
        while digest:
            version = SnapshotObject.from_bytes(digest, read_object(self._store, tenant, digest))
            yield version
            digest = version.parent

    def _flaws(
        self, tenant: str, entry: str, version: SnapshotObject, child: SnapshotObject | None
    ) -> Iterator[str]:
        if version.entry != entry:
            yield f"Version {version.seq} belongs to the entry {version.entry!r}."
        if child is not None and version.seq != child.seq - 1:
            yield f"Version {child.seq} follows version {version.seq}."
        if child is not None and version.date > child.date:
            yield f"Version {version.seq} is dated after the version that follows it."
        lost = self._lost_object(tenant, version.digest)
        if lost:
            yield f"Version {version.seq} cannot be read: the object {lost} is damaged or missing."

    def _lost_object(self, tenant: str, digest: str, form: str = "value") -> str:
        """Of an object and the shared ones that it needs, one that is not whole; else empty."""
        place = tenant, digest, form
        if place not in self._lost:
            self._lost[place] = self._find_lost(*place)
        return self._lost[place]

    def _find_lost(self, tenant: str, digest: str, form: str) -> str:
        try:
            data = read_object(self._store, tenant, digest)
        except Corrupt:
            return digest
        if tenant == SHARED:
            inner = shared_in(codec.load(data))
            return next(filter(None, (self._lost_object(SHARED, digest) for digest in inner)), "")
        lost = (self._lost_object(tenant, inner) for inner in tree.needs(data))
        shared = (self._lost_object(SHARED, inner) for inner in tree.shares(data))
        return next(filter(None, (*lost, *shared)), "")

    def _tick(self, done: int, what: str) -> None:
        if done % _EVERY == 0:
            self._progress(done, None, what)
