"""The difference of two JSON values: a list of changes, a patch, and rows for two panes."""

from dbengine.diff.compare import diff
from dbengine.diff.result import Change, Diff
from dbengine.diff.rows import Line, Row, Rows, rows

__all__ = ["Change", "Diff", "Line", "Row", "Rows", "diff", "rows"]
