"""The command line: a database in a terminal, for people and for scripts."""

from dbengine.cli.app import main

__all__ = ["main"]
