"""Restoring: now → after, which records to take, and the write."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from dbengine import Conflict, Info

from ..edits import Preview
from ..jobs import Ref
from ..models.when import short_text
from ..texts import error_text
from ..worker import Failure
from .review import Review
from .shell import Shell


class Restoring(QObject):
    """Brings back an old version, as a new one on top."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.window)
        self._shell = shell
        self._review: Review | None = None
        self._version: Ref | None = None
        self._expect: str | None = None
        shell.session.conflicted.connect(self._conflict)

    @property
    def review(self) -> Review | None:
        """The review that is open."""
        return self._review

    def ask(self, info: Info) -> None:
        """Show what restoring that version would change; the button does it."""
        self._version = Ref(info.tenant, info.entry, info.digest)
        moment = short_text(info.when, self._shell.now())
        text = self.tr("“{entry}” as {user} left it ({moment}). It becomes a new version on top; "
                       "nothing in between is lost.")  # fmt: skip
        review = Review(
            self.tr("Restore version {number}").format(number=f"{info.seq:,}"),
            text.format(entry=info.entry, user=info.user, moment=moment),
            self.tr("Restore"),
            self._shell.window,
        )
        review.keys_changed.connect(self._preview)
        review.accepted.connect(self._restore)
        review.finished.connect(self._review_closed)
        self._review = review
        review.open()
        self._preview(None)

    def _preview(self, keys: tuple[str, ...] | None) -> None:
        if self._version is not None:
            request = self._shell.session.preview_restore(self._version, keys)
            request.done.connect(self._show)
            request.failed.connect(self._fail)

    def _show(self, preview: Preview) -> None:
        if self._review is not None:
            self._expect = preview.expect
            self._review.offer_records(preview.records)
            self._review.show_comparison(preview.comparison)

    def _fail(self, failure: Failure) -> None:
        if self._review is not None:
            self._review.show_problem(error_text(failure.error))

    def _restore(self) -> None:
        review, version = self._review, self._version
        if review is not None and version is not None and version.digest is not None:
            base = replace(version, digest=self._expect)
            self._shell.session.restore(base, version.digest, review.keys(), review.note)

    def _review_closed(self) -> None:
        self._review = None

    def _conflict(self, conflict: Conflict) -> None:
        """The entry moved on while one looked: look again at what restoring would change now."""
        if self._review is not None:
            self._preview(self._review.keys())
