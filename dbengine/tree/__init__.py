"""Content: what a version holds, how it is kept as objects, and how two contents differ."""

from dbengine.tree.compare import compare, differing, same
from dbengine.tree.content import (
    MISSING,
    Content,
    Edited,
    Form,
    Stored,
    Unreadable,
    Whole,
)
from dbengine.tree.keeping import keep
from dbengine.tree.links import needs, shares
from dbengine.tree.sealed import Following, Sealed, follow, seal

__all__ = [
    "MISSING",
    "Content",
    "Edited",
    "Following",
    "Form",
    "Sealed",
    "Stored",
    "Unreadable",
    "Whole",
    "compare",
    "differing",
    "follow",
    "keep",
    "needs",
    "same",
    "seal",
    "shares",
]
