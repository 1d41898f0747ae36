"""The short tour of somebody's own database: look at an entry, compare, edit, restore, close."""

from __future__ import annotations

from typing import Any, Final

from dbengine import parse_json, pretty

from .stage import Stage
from .steps import shown_review

_TRACE: Final = "seen by the tour"


class Visit:
    """The steps, each with what it does as its first line; they write to `stage.root`."""

    def __init__(self, tenant: str, entry: str) -> None:
        self._place = tenant, entry
        self._seq = 0
        self.steps = (self.opened, self.inspect, self.compare, self.edit, self.restore)

    def opened(self, stage: Stage) -> None:
        """Open the database."""
        stage.session.open(stage.root)
        stage.wait(lambda: stage.window.tree_model.rowCount() > 0, "its tenants are shown")
        stage.picture("visit-opened")

    def inspect(self, stage: Stage) -> None:
        """The entry's newest version, and its history beside it."""
        stage.go(*self._place)
        stage.wait(lambda: stage.window.history_model.rowCount() > 0, "the history is shown")
        stage.wait(lambda: stage.window.center.view.view.row_count() > 0, "its content is shown")
        self._seq = stage.seq()
        stage.picture("visit-inspect")

    def compare(self, stage: Stage) -> None:
        """What the newest version changed."""
        stage.do("compare_mode")
        panel = stage.window.center.compare
        stage.wait(lambda: panel.comparison is not None, "the comparison is shown")
        stage.picture("visit-compare")

    def edit(self, stage: Stage) -> None:
        """Change the text, review, save."""
        stage.do("edit_mode")
        panel = stage.window.center.edit
        stage.wait(lambda: panel.draft is not None, "its text can be edited")
        panel.whole_wanted.emit()  # an entry that was saved as a whole stays one
        stage.wait(lambda: panel.draft and panel.draft.key is None, "it is the whole entry's")
        value = parse_json(panel.editor.text())
        panel.editor.replace_text(pretty(_changed(value)).decode())
        stage.wait(lambda: panel.dirty, "there is a draft")
        stage.do("save")
        shown_review(stage).accept()
        stage.wait(lambda: stage.seq() == self._seq + 1, "one more version is written")
        stage.picture("visit-saved")

    def restore(self, stage: Stage) -> None:
        """Bring back what was there before."""
        stage.do("view_mode")
        before = stage.window.history_model.neighbour(None, 1)
        stage.check(before is not None, "there is a version before")
        if before is not None:
            stage.window.placing.go_to_version(before)
            stage.wait(lambda: stage.seq() == before.seq, "the version before is shown")
        stage.do("restore")
        shown_review(stage).accept()
        stage.wait(lambda: stage.seq() == self._seq + 2, "a version is written on top")
        stage.picture("visit-restored")


def _changed(value: Any) -> Any:
    """The value with a trace of the tour, whatever it is."""
    if isinstance(value, dict):
        return {**value, _TRACE: True}
    return [*value, _TRACE] if isinstance(value, list) else _TRACE
