"""What DbEngine is compared with, each behind one Protocol."""

from benchmarks.peers.base import Changed, Json, Past, Peer, Version
from benchmarks.peers.kinds import BASE, GIT, KINDS, OURS, Kind

__all__ = [
    "BASE",
    "GIT",
    "KINDS",
    "OURS",
    "Changed",
    "Json",
    "Kind",
    "Past",
    "Peer",
    "Version",
]
