"""Histories kept elsewhere, read into an entry."""

from dbengine.importers.git import ImportResult, Skipped, import_git
from dbengine.importers.repository import GitError

__all__ = ["GitError", "ImportResult", "Skipped", "import_git"]
