"""Where one is, and the places one has been at before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from .jobs import Ref, Side

MOST_PLACES: Final = 200
Mode: TypeAlias = Literal["view", "compare", "edit"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is. Nothing chosen: None; no digest: the head, whatever it becomes.

    In "compare", `b` None is the version of this place, and `a` None the version before `b`.
    `as_of` is the moment of the past in which one moves about, or None for now.
    """

    tenant: str | None = None
    entry: str | None = None
    digest: str | None = None
    mode: Mode = "view"
    a: Side | None = None
    b: Side | None = None
    as_of: datetime | None = None

    @property
    def ref(self) -> Ref | None:
        if self.tenant is None or self.entry is None:
            return None
        return Ref(self.tenant, self.entry, self.digest)


NOWHERE: Final = Place()


class Journey:
    """The places one has been at, and at which of them one is: Nowhere, to begin with."""

    def __init__(self) -> None:
        self._places = [NOWHERE]
        self._at = 0

    @property
    def place(self) -> Place:
        return self._places[self._at]

    @property
    def can_go_back(self) -> bool:
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        return self._at < len(self._places) - 1

    def go(self, place: Place, *, remember: bool = True) -> None:
        """Be somewhere else. Without `remember`, Back leads to before the place one was at.

        What lay ahead is forgotten. Nowhere is no place to come back to.
        """
        keep = self._at + 1 if remember and self.place != NOWHERE else self._at
        self._places = [*self._places[:keep], place][-MOST_PLACES:]
        self._at = len(self._places) - 1

    def step(self, by: int) -> None:
        """Back (-1) or forward (1), where one can."""
        self._at = min(max(0, self._at + by), len(self._places) - 1)
