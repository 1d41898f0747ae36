"""Texts that are not written yet: they survive whatever else one looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .jobs import Ref


@dataclass(frozen=True, slots=True)
class Draft:
    """A text in the editor: of a whole document, or of the record `key`.

    `base` is the version that it began from, `stored` the text that is there.
    """

    base: Ref
    key: str | None
    stored: str
    text: str

    @property
    def dirty(self) -> bool:
        """Whether there is something to lose."""
        return self.text != self.stored

    @property
    def _place(self) -> tuple[str, str, str | None]:
        return self.base.tenant, self.base.entry, self.key


class Drafts:
    """The unsaved drafts: one for each record, and one for the whole, of each entry."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, str, str | None], Draft] = {}

    def __iter__(self) -> Iterator[Draft]:
        return iter(list(self._drafts.values()))

    def __len__(self) -> int:
        return len(self._drafts)

    def of(self, ref: Ref, key: str | None) -> Draft | None:
        """The unsaved draft of a record, or of the whole entry, from whichever version."""
        return self._drafts.get((ref.tenant, ref.entry, key))

    def latest(self, ref: Ref | None) -> Draft | None:
        """The draft of that entry that was changed last."""
        mine = [d for d in self if ref and (d.base.tenant, d.base.entry) == (ref.tenant, ref.entry)]
        return mine[-1] if mine else None

    def keep(self, draft: Draft) -> None:
        """Remember a draft; one that says what is stored is no draft any more."""
        self.drop(draft)
        if draft.dirty:
            self._drafts[draft._place] = draft

    def drop(self, draft: Draft) -> None:
        self._drafts.pop(draft._place, None)

    def clear(self) -> None:
        self._drafts.clear()
