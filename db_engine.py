"""`from db_engine import DbEngine`, as the engine's own description spells it."""

from dbengine import DbEngine, DbException

__all__ = ["DbEngine", "DbException"]
