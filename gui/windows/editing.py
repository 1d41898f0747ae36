"""Editing: drafts, the review before a write, conflicts, and deleting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from dbengine import Conflict, show_path

from ..drafts import Draft, Drafts
from ..edits import Editable, Merge, Preview, Written
from ..jobs import Moved, Ref
from ..journey import Place
from ..texts import counted, error_text
from ..widgets.edit_panel import EditPanel
from ..worker import Failure, Request
from .ask import Confirm
from .dialog import tr
from .new_item import NewItem
from .review import Review
from .shell import Shell

_PATHS_SHOWN = 3


class Editing(QObject):
    """Loads drafts into the panel and writes them; a draft is dropped only when it is written."""

    drafts_changed = Signal()

    def __init__(self, shell: Shell, panel: EditPanel) -> None:
        super().__init__(shell.window)
        self._shell = shell
        self._panel = panel
        self._drafts = Drafts()
        self._wanted: tuple[Ref, str | None] | None = None
        self._saving: Draft | None = None
        self._writing: Draft | None = None
        self._review: Review | None = None
        self._deleting: tuple[Ref, str | None] | None = None
        self._merging: Draft | None = None
        self._new: NewItem | None = None
        panel.edited.connect(self._keep)
        panel.whole_wanted.connect(self._show_whole)
        panel.record_wanted.connect(self._show_record)
        shell.session.conflicted.connect(self._conflict)
        shell.session.heads_moved.connect(self._moved)
        shell.session.closed.connect(self._closed)
        shell.session.opened.connect(self._closed)
        actions = shell.actions
        actions["save"].triggered.connect(self.save)
        actions["format"].triggered.connect(panel.format)
        actions["discard"].triggered.connect(self.ask_discard)
        actions["new_entry"].triggered.connect(self.ask_entry)
        actions["new_record"].triggered.connect(self.ask_record)
        actions["delete_entry"].triggered.connect(self.review_entry_deletion)

    @property
    def drafts(self) -> Drafts:
        return self._drafts

    @property
    def review(self) -> Review | None:
        """The review that is open."""
        return self._review

    # ---- showing ----------------------------------------------------------------------------

    def show(self, place: Place, key: str | None = None) -> None:
        """The entry's newest version as a draft, or the draft that was begun."""
        ref = place.ref
        if ref is None:
            return
        head = replace(ref, digest=None)
        draft = self._drafts.latest(head)
        if draft is not None and key in (None, draft.key):
            self._load(head, draft.key, whole=draft.key is None)
        else:
            self._load(head, key, whole=None if key is None else False)

    def _show_whole(self) -> None:
        if ref := self._ref():
            self._load(ref, None, whole=True)

    def _show_record(self, key: str) -> None:
        if ref := self._ref():
            self._load(ref, key, whole=False)

    def _load(self, ref: Ref, key: str | None, *, whole: bool | None) -> None:
        self._panel.stack.show_loading(self.tr("Reading"))
        request = self._shell.session.editable(ref, key, whole)
        request.done.connect(self._show_editable)
        request.failed.connect(self._cannot_edit)

    def _show_editable(self, found: Editable) -> None:
        self._panel.show_keys(found.keys)
        draft = self._drafts.of(found.base, found.key)
        if draft is None:
            draft = Draft(found.base, found.key, found.text, found.text)
        self._panel.show_draft(draft)
        self.drafts_changed.emit()

    def _cannot_edit(self, failure: Failure) -> None:
        self._panel.clear()
        self._panel.stack.show_error(self.tr("This cannot be edited"), error_text(failure.error))

    def _keep(self, draft: Draft) -> None:
        self._drafts.keep(draft)
        self.drafts_changed.emit()

    def _ref(self) -> Ref | None:
        ref = self._shell.session.place.ref
        return replace(ref, digest=None) if ref else None

    # ---- saving -----------------------------------------------------------------------------

    def save(self) -> None:
        """Show what the draft changes; the review's button writes it."""
        draft = self._panel.draft
        if draft is None or not draft.dirty or self._panel.problem() is not None:
            return
        self._saving = draft
        self._open_review(self.tr("Review and save"), _place_text(draft), self.tr("Save"))
        self._preview(draft).done.connect(self._show_preview)

    def _preview(self, draft: Draft) -> Request:
        session = self._shell.session
        if draft.key is None:
            request = session.preview_save(draft.base, draft.text)
        else:
            request = session.preview_put(draft.base, draft.key, draft.text)
        request.failed.connect(self._preview_failed)
        return request

    def _open_review(self, title: str, text: str, ok: str) -> Review:
        review = Review(title, text, ok, self._shell.window)
        review.finished.connect(self._review_closed)
        review.accepted.connect(self._write)
        review.rejected.connect(self._not_saving)
        self._review = review
        review.open()
        return review

    def _show_preview(self, preview: Preview) -> None:
        if self._review is not None:
            self._review.show_comparison(preview.comparison)

    def _preview_failed(self, failure: Failure) -> None:
        if self._review is not None and not isinstance(failure.error, Conflict):
            self._review.show_problem(error_text(failure.error))

    def _write(self) -> None:
        review, draft = self._review, self._saving
        if review is None:
            return
        if self._deleting is not None:
            base, key = self._deleting
            self._shell.session.delete(base, key, review.note)
        elif draft is not None:
            self._write_draft(draft, review.note)

    def _write_draft(self, draft: Draft, note: str) -> None:
        session = self._shell.session
        self._saving, self._writing = None, draft
        if draft.key is None:
            request = session.save(draft.base, draft.text, note)
        else:
            request = session.put(draft.base, draft.key, draft.text, note)
        request.done.connect(self._written)

    def _written(self, written: Written) -> None:
        """What was written is no draft any more, unless it was typed on meanwhile."""
        draft = self._writing
        self._writing = None
        if draft is None:
            return
        after = written.after
        base = Ref(after.tenant, after.entry, after.digest)
        shown = self._panel.draft
        self._drafts.drop(draft)
        if shown is not None and shown.key == draft.key and shown.base == draft.base:
            current = Draft(base, draft.key, draft.text, shown.text)
            self._drafts.keep(current)
            self._panel.show_draft(current)
        self.drafts_changed.emit()

    def _not_saving(self) -> None:
        self._saving = None

    def _review_closed(self) -> None:
        self._review = None
        self._deleting = None

    # ---- conflicts --------------------------------------------------------------------------

    def _conflict(self, conflict: Conflict) -> None:
        """Somebody was faster: the draft stays, and the two can be brought together."""
        draft = self._writing or self._saving or self._drafts.latest(_ref_of(conflict))
        self._saving = self._writing = None
        if self._review is not None:
            self._review.reject()
        if draft is None:
            self._shell.messages.post("warning", str(conflict))
        else:
            self._warn(draft, str(conflict))

    def _moved(self, moved: Moved) -> None:
        """Others wrote: tell it where there is a draft, else show what is there now."""
        for info in moved.heads:
            ref = Ref(info.tenant, info.entry)
            draft = self._drafts.latest(ref)
            if draft is not None and draft.base.digest != info.digest:
                text = self.tr("{user} changed “{entry}” after you began.")
                self._warn(draft, text.format(user=info.user, entry=info.entry))
            elif ref == self._ref() and self._shell.session.place.mode == "edit":
                self.show(self._shell.session.place)

    def _warn(self, draft: Draft, what: str) -> None:
        self._merging = draft
        self._shell.messages.post(
            "warning",
            f"{what} {self.tr('Your draft is kept.')}",
            self._shell.offer(self.tr("Bring Together…"), self.merge),
        )

    def merge(self) -> None:
        """Put what both changed into one text, where they touch different places."""
        draft = self._merging
        if draft is None:
            return
        shown = self._drafts.of(draft.base, draft.key) or draft
        self._merging = shown
        request = self._shell.session.merge(shown.base, shown.text, shown.key)
        request.done.connect(self._merged)

    def _merged(self, merge: Merge) -> None:
        draft = self._merging
        if draft is None:
            return
        digest = merge.theirs.digest if merge.theirs else None
        base = Ref(draft.base.tenant, draft.base.entry, digest)
        if merge.text is None:
            self._show_overlap(replace(draft, base=base), merge)
        else:
            self._take_merged(replace(draft, base=base, text=merge.text, stored=""), merge)

    def _take_merged(self, draft: Draft, merge: Merge) -> None:
        self._adopt(draft)
        text = self.tr("Both changes are in here: they touch different places.")
        self._open_review(self.tr("Review and save"), text, self.tr("Save")).show_comparison(
            merge.comparison
        )
        self._saving = draft

    def _show_overlap(self, draft: Draft, merge: Merge) -> None:
        paths = ", ".join(show_path(path) for path in merge.overlaps[:_PATHS_SHOWN])
        text = self.tr("Both of you changed {paths}. Left is theirs, right is your draft; saving "
                       "puts yours in place of theirs, which stays in the history.")  # fmt: skip
        self._adopt(draft)
        review = self._open_review(
            self.tr("Both changed the same"), text.format(paths=paths), self.tr("Save Mine")
        )
        review.show_comparison(merge.comparison)
        self._saving = draft

    def _adopt(self, draft: Draft) -> None:
        """Go on with the draft on top of their version; leaving the review loses nothing."""
        self._drafts.keep(draft)
        shown = self._panel.draft
        if shown is not None and _same_place(shown, draft):
            self._panel.show_draft(draft)
        self.drafts_changed.emit()

    # ---- discarding, making, deleting -------------------------------------------------------

    def ask_discard(self) -> None:
        """Give the draft up, after asking."""
        question = Confirm(
            self.tr("Discard your draft?"),
            self.tr("What you typed since the last save is lost."),
            self.tr("Discard"),
            self._shell.window,
        )
        question.accepted.connect(self._discard)
        question.open()

    def _discard(self) -> None:
        draft = self._panel.draft
        if draft is not None:
            self._drafts.drop(draft)
            self._load(replace(draft.base, digest=None), draft.key, whole=draft.key is None)

    def ask_entry(self) -> None:
        """The name and first content of a new entry."""
        dialog = NewItem(
            self.tr("New entry"),
            self.tr("A collection of records is a JSON object; a list or a value works too."),
            self.tr("Name of the entry"),
            self._shell.window,
        )
        dialog.made.connect(self._make_entry)
        dialog.rejected.connect(self._new_left)
        self._new = dialog
        dialog.open()

    def _make_entry(self, name: str, text: str) -> None:
        place = self._shell.session.place
        if place.tenant is not None:
            self._await(self._shell.session.save(Ref(place.tenant, name), text))

    def ask_record(self) -> None:
        """The key and first content of a new record."""
        dialog = NewItem(
            self.tr("New record"),
            self.tr("It is added at the end of the entry."),
            self.tr("Key of the record"),
            self._shell.window,
        )
        dialog.made.connect(self._make_record)
        dialog.rejected.connect(self._new_left)
        self._new = dialog
        dialog.open()

    def _make_record(self, key: str, text: str) -> None:
        if ref := self._ref():
            self._await(self._shell.session.add(ref, key, text))

    def _await(self, request: Request) -> None:
        request.done.connect(self._made)
        request.failed.connect(self._not_made)

    def _made(self, written: Written) -> None:
        if self._new is not None:
            self._new.end()
            self._new = None
        after, mode = written.after, self._shell.session.place.mode
        self._shell.session.go(Place(after.tenant, after.entry, mode=mode))

    def _new_left(self) -> None:
        self._new = None

    def _not_made(self, failure: Failure) -> None:
        """What was typed stays in the dialog, with what is wrong."""
        if self._new is None:
            return
        taken = isinstance(failure.error, Conflict)
        text = (
            self.tr("There is an entry of this name already.")
            if taken
            else error_text(failure.error)
        )
        self._new.refuse(text)

    def review_entry_deletion(self) -> None:
        self._review_deletion(None)

    def review_record_deletion(self, key: str) -> None:
        self._review_deletion(key)

    def _review_deletion(self, key: str | None) -> None:
        ref = self._ref()
        if ref is None:
            return
        what = f"{ref.tenant} / {ref.entry}" + (f" / {key}" if key is not None else "")
        title = self.tr("Delete this record?") if key else self.tr("Delete this entry?")
        text = self.tr("{what}. Its history stays, and restoring brings it back.")
        self._saving = None
        self._open_review(title, text.format(what=what), self.tr("Delete"))
        self._deleting = ref, key
        request = self._shell.session.preview_delete(ref, key)
        request.done.connect(self._show_deletion)
        request.failed.connect(self._preview_failed)

    def _show_deletion(self, preview: Preview) -> None:
        if self._deleting is not None:
            ref, key = self._deleting
            self._deleting = replace(ref, digest=preview.expect), key
        self._show_preview(preview)

    def _closed(self, _opened: object = None) -> None:
        """Another database, or none: drafts of the one before mean nothing there."""
        self._drafts.clear()
        self._panel.clear()
        self.drafts_changed.emit()

    def ask_to_leave(self, go_on: Callable[[], None]) -> None:
        """Go on, after asking where drafts would be lost."""
        if not self._drafts:
            go_on()
            return
        question = Confirm(
            self.tr("Leave without saving?"),
            loss_text(self._drafts),
            self.tr("Leave Without Saving"),
            self._shell.window,
        )
        question.accepted.connect(go_on)
        question.open()


def loss_text(drafts: Drafts) -> str:
    """What would be lost, for a question."""
    names = ", ".join(f"“{draft.base.entry}”" for draft in list(drafts)[:_PATHS_SHOWN])
    return counted(
        len(drafts),
        tr("Your draft of {names} is not saved.").format(names=names),
        tr("{number} drafts are not saved: {names}.").replace("{names}", names),
    )


def _ref_of(conflict: Conflict) -> Ref:
    return Ref(conflict.tenant or "", conflict.entry or "")


def _same_place(one: Draft, other: Draft) -> bool:
    return (one.base.tenant, one.base.entry, one.key) == (
        other.base.tenant,
        other.base.entry,
        other.key,
    )


def _place_text(draft: Draft) -> str:
    place = f"{draft.base.tenant} / {draft.base.entry}"
    return f"{place} / {draft.key}" if draft.key is not None else place
