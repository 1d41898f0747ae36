"""The objects of an entry in one order: each version, oldest first, right after what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbengine import codec, tree
from dbengine.errors import Corrupt
from dbengine.history import History
from dbengine.objects import Objects
from dbengine.store import SHARED, Store
from dbengine.store.base import read_object
from dbengine.tags import shared_in

Key = tuple[str, str]
"""A tenant, or `SHARED`, and the digest of an object there."""


@dataclass(frozen=True, slots=True)
class Reached:
    """An object and where it is kept: with its tenant, or among the shared ones."""

    place: str
    digest: str
    data: bytes
    is_version: bool = False


def objects_of(store: Store, tenant: str, entry: str, head: str) -> Iterator[Reached]:
    """Every object of the entry's history up to `head`, once, none before what it refers to.

    Raises `Corrupt` where one cannot be read. Memory grows with their number, not their size.
    """
    chain = [
        head,
        *(version.digest for version in History(store, Objects(store)).older(tenant, entry, head)),
    ]
    done: set[tuple[str, bytes]] = set()
    for digest in reversed(chain):
        for found in _with_needs(store, tenant, digest, done):
            is_version = found.digest == digest and found.place == tenant
            yield Reached(found.place, found.digest, found.data, is_version)


def _with_needs(
    store: Store, tenant: str, digest: str, done: set[tuple[str, bytes]]
) -> Iterator[Reached]:
    """What was not met before of an object's needs, and then itself, without recursion."""
    path = [iter([(tenant, digest)])]
    met: list[Reached] = []
    while path:
        for place, name in path[-1]:
            key = place, bytes.fromhex(name)
            if key in done:
                continue
            done.add(key)
            met.append(Reached(place, name, read_object(store, place, name)))
            path.append(iter(_needs_of(met[-1])))
            break
        else:
            path.pop()
            if met:
                yield met.pop()


def _needs_of(found: Reached) -> list[Key]:
    try:
        return needs(found.place, found.data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"The object {found.digest} is not as this program writes it."
        hint = "Run `dbengine verify` to see what it hurts."
        raise Corrupt(f"{message} {hint}", tenant=found.place, digest=found.digest) from error


def needs(place: str, data: bytes) -> list[Key]:
    """What must be readable for an object's content to be: the shared objects last."""
    if place == SHARED:
        return [(SHARED, digest) for digest in shared_in(codec.load(data))]
    shared = ((SHARED, digest) for digest in tree.shares(data))
    return [*((place, digest) for digest in tree.needs(data)), *shared]
