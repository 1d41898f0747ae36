"""Where objects and heads are kept: the protocol, and the stores that speak it."""

from dbengine.store.base import SHARED, Change, Flaw, Store
from dbengine.store.folder import FolderStore
from dbengine.store.memory import MemoryStore

__all__ = ["SHARED", "Change", "Flaw", "FolderStore", "MemoryStore", "Store"]
