"""The steps of the tour, each one job of a user's: what is done, what must be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ..models.noted import Noted
from ..windows.ask import AskMoment
from ..windows.review import Review
from ..windows.who_changed import WhoChanged
from . import upkeep
from .stage import NOW, Stage

Step = Callable[[Stage], None]
_TENANT: Final = "northwind"
_ENTRY: Final = "suppliers"
_RECORD: Final = "exotic-liquids"


def welcome(stage: Stage) -> None:
    """Without a database: what to do first."""
    stage.check(stage.window.welcome.isVisible(), "the welcome page is shown")
    stage.picture("welcome")


def wrong_folder(stage: Stage) -> None:
    """A folder that is no database is refused with a sentence."""
    stage.session.open(stage.root.parent)
    stage.wait(stage.window.welcome.problem, "the welcome page says what is wrong")
    stage.check("format.json" in stage.window.welcome.problem(), "it says how a database is known")
    stage.picture("wrong-folder")


def opened(stage: Stage) -> None:
    """Open the demo: three tenants, nothing chosen yet."""
    stage.session.open(stage.root)
    stage.wait(lambda: stage.window.tree_model.rowCount() == 3, "three tenants are shown")
    stage.picture("opened")


def inspect(stage: Stage) -> None:
    """An entry's newest version, and its history beside it."""
    stage.go(_TENANT, _ENTRY)
    stage.wait(lambda: stage.window.history_model.rowCount() > 50, "the history is shown")
    stage.check(stage.seq() == 142, "the newest version is 142")
    stage.check(stage.window.center.view.view.row_count() > 100, "its content is shown")
    stage.picture("inspect")


def walk(stage: Stage) -> None:
    """The arrow keys walk through time; Back leads home."""
    stage.window.history.table.setFocus()
    QTest.keyClick(stage.window.history.table, Qt.Key.Key_Down)
    stage.wait(lambda: stage.seq() == 141, "version 141 is shown")
    QTest.keyClick(stage.window.history.table, Qt.Key.Key_Down)
    stage.wait(lambda: stage.seq() == 140, "version 140 is shown")
    stage.do("back")
    stage.wait(lambda: stage.seq() == 141, "Back leads to version 141")
    stage.do("back")
    stage.wait(lambda: stage.seq() == 142, "and again to version 142")


def find(stage: Stage) -> None:
    """Find a word in the document."""
    stage.do("find")
    stage.type(stage.window.center.view.find_field, "Aniseed")
    QTest.keyClick(stage.window.center.view.find_field, Qt.Key.Key_Return)
    view = stage.window.center.view.view
    stage.wait(lambda: "Aniseed" in view.row_text(view.current_row()), "the word is found")
    stage.picture("find")
    QTest.keyClick(stage.window.center.view.find_field, Qt.Key.Key_Escape)
    QTest.keyClick(stage.window.center.view.find_field, Qt.Key.Key_Escape)


def compare(stage: Stage) -> None:
    """What a version changed: aligned, folded, with the changed words marked."""
    stage.do("compare_mode")
    panel = stage.window.center.compare
    stage.wait(lambda: panel.comparison is not None, "the comparison is shown")
    kinds = {change.kind for change in panel.comparison.changes} if panel.comparison else set()
    wanted = {"added", "removed", "changed", "type_changed", "moved"}
    stage.check(wanted <= kinds, f"changes of every kind are shown, {wanted - kinds} too")
    stage.check(panel.current == 0, "the first change is the current one")
    stage.do("next_change")
    stage.do("next_change")
    stage.check(panel.current == 2, "F8 goes from change to change")
    stage.picture("compare")


def moved(stage: Stage) -> None:
    """Both places of a moved item are joined."""
    panel = stage.window.center.compare
    for _ in range(len(panel.comparison.changes) if panel.comparison else 0):
        if panel.view.other_end >= 0:
            break
        stage.do("next_change")
    old, new = panel.view.current_row(), panel.view.other_end
    stage.do("other_end")
    stage.check(panel.view.current_row() == new, "one goes to where the moved item was")
    stage.picture("moved")
    stage.do("other_end")
    stage.check(panel.view.current_row() == old, "and back to where it is")


def unfold(stage: Stage) -> None:
    """Folded runs open, and everything can be unfolded."""
    panel = stage.window.center.compare
    folded = panel.view.row_count()
    stage.do("only_changes")
    stage.wait(lambda: panel.view.row_count() > folded, "all rows are shown")
    stage.do("only_changes")
    stage.wait(lambda: panel.view.row_count() == folded, "they are folded again")


def compare_far(stage: Stage) -> None:
    """Any two versions, many apart."""
    model = stage.window.history_model
    newest = model.neighbour(None, 0)
    old = model.neighbour(None, 4)
    stage.check(newest is not None and old is not None, "the history has five versions")
    if newest is not None and old is not None:
        stage.window.placing.comparing.compare_two(old, newest)
    panel = stage.window.center.compare
    stage.wait(
        lambda: panel.comparison and panel.comparison.a_info == old, "version 138 is on the left"
    )
    stage.check(isinstance(panel.view.source(), Noted), "the two are aligned")
    stage.picture("compare-far")


def who_changed(stage: Stage) -> None:
    """The values of one place through time."""
    stage.go(_TENANT, _ENTRY)
    stage.window.select_path((_RECORD, "rating"))
    stage.do("who_changed")
    dialog = stage.dialog()
    stage.check(isinstance(dialog, WhoChanged), "the list of values opens")
    if isinstance(dialog, WhoChanged):
        stage.wait(lambda: dialog.values.count() > 1, "several values are listed")
        stage.picture("who-changed")
        dialog.reject()


def as_of(stage: Stage) -> None:
    """Everything as it was at a moment."""
    stage.do("as_of")
    dialog = stage.dialog()
    stage.check(isinstance(dialog, AskMoment), "the question for a moment opens")
    stage.picture("as-of")
    dialog.accept()
    moment = NOW.replace(year=2025, month=9, day=1)
    stage.window.placing.go_to_moment(moment)
    stage.wait(lambda: 0 < stage.seq() < 142, "an older version is shown")
    info = stage.window.placing.info
    stage.check(info is not None and info.when <= moment, "it is from before that moment")
    stage.do("go_now")
    stage.wait(lambda: stage.seq() == 142, "and now is now again")


def filter_history(stage: Stage) -> None:
    """Only what one user did, or what has a word in it."""
    stage.do("filter_history")
    stage.type(stage.window.history.filter_field, "price update")
    model = stage.window.history_model
    stage.wait(lambda: model.text == "price update" and model.state == "ready", "it is filtered")
    stage.check(0 < model.rowCount() < 60, "only some versions are left")
    stage.picture("filter-history")
    stage.window.history.filter_field.clear()
    stage.wait(lambda: model.text == "" and model.rowCount() > 60, "all versions are back")


def filter_tree(stage: Stage) -> None:
    """Entries by a part of their name, in every tenant."""
    stage.do("filter_tree")
    stage.type(stage.window.tree.filter_field, "config")
    stage.wait(lambda: stage.window.tree_model.filter_text == "config", "the filter is set")
    stage.wait(lambda: stage.window.tree_model.rowCount() == 2, "two tenants have such entries")
    stage.picture("filter-tree")
    stage.window.tree.filter_field.clear()
    stage.wait(lambda: stage.window.tree_model.rowCount() == 3, "all tenants are back")


def edit_error(stage: Stage) -> None:
    """Text that is no JSON: line and column, nothing written."""
    stage.go(_TENANT, _ENTRY)
    stage.window.select_path((_RECORD, "rating"))
    stage.do("edit_mode")
    panel = stage.window.center.edit
    stage.wait(lambda: panel.draft and panel.draft.key == _RECORD, "the record is being edited")
    text = panel.editor.text()
    panel.editor.replace_text(text.replace('"rating":', '"rating"'))
    stage.wait(lambda: "Line" in panel.said(), "the error is shown with its line")
    stage.do("save")
    stage.check(stage.window.editing.review is None, "what is no JSON cannot be saved")
    stage.picture("edit-error")
    panel.editor.replace_text(text)


def edit(stage: Stage) -> None:
    """Change a record, review, save."""
    panel = stage.window.center.edit
    text = panel.editor.text()
    panel.editor.replace_text(text.replace("Cooper-Hale", "Cooper-Hale (on leave)"))
    stage.settle()
    stage.wait(lambda: "Draft" in panel.said(), "it says that there is a draft")
    stage.picture("edit")
    stage.do("save")
    review = shown_review(stage)
    stage.picture("review")
    review.accept()
    stage.wait(lambda: stage.seq() == 143, "version 143 is written")
    stage.check(not panel.dirty, "there is no draft any more")
    stage.picture("saved")


def drafts_survive(stage: Stage) -> None:
    """A draft stays while one looks at something else."""
    panel = stage.window.center.edit
    changed = panel.editor.text().replace("(on leave)", "(back in May)")
    panel.editor.replace_text(changed)
    stage.settle()
    stage.go(_TENANT, "config")
    stage.go(_TENANT, _ENTRY, "edit")
    stage.wait(lambda: panel.dirty and panel.editor.text() == changed, "the draft is still there")


def conflict(stage: Stage) -> None:
    """Somebody else writes first: the draft is kept, and both are brought together."""
    with stage.somebody_else() as db:
        record = db.get(_TENANT, _ENTRY, _RECORD)
        db.put(_TENANT, "marco", _ENTRY, _RECORD, {**record, "rating": 4.75})
    stage.do("save")
    bar = stage.window.center.messages
    stage.wait(lambda: _says(stage, "Your draft is kept"), "the conflict is told")
    stage.check(stage.window.center.edit.dirty, "the draft is kept")
    stage.picture("conflict")
    message = bar.message()
    stage.check(message is not None and bool(message.actions), "there is a way on")
    stage.window.editing.merge()
    review = shown_review(stage)
    stage.picture("merge")
    review.accept()
    stage.wait(lambda: stage.seq() == 145, "version 145 has both changes")
    with stage.somebody_else() as db:
        record = db.get(_TENANT, _ENTRY, _RECORD)
    both = record["rating"] == 4.75 and "back in May" in record["contact"]
    stage.check(both, "both changes are in the database")
    bar.clear()


def restore(stage: Stage) -> None:
    """An old version: now → after, some records ticked, and it is back."""
    stage.do("view_mode")
    stage.wait(lambda: stage.window.center.mode == "view", "the document is shown")
    info = stage.window.history_model.neighbour(None, 8)
    stage.check(info is not None, "there is an older version")
    if info is not None:
        stage.window.placing.go_to_version(info)
        stage.wait(lambda: stage.seq() == info.seq, "the old version is shown")
    stage.do("restore")
    review = shown_review(stage)
    stage.check(len(review.offered()) > 1, "several records can be ticked")
    review.tick(review.offered()[:2])
    stage.wait(lambda: review.ready() and review.keys() is not None, "two are ticked")
    stage.picture("restore")
    review.accept()
    stage.wait(lambda: stage.seq() == 146, "version 146 is written")
    stage.wait(lambda: _says(stage, "Restored 2 records"), "it is told, with Undo")
    stage.do("compare_mode")
    stage.settle()
    stage.picture("restored")


def undo(stage: Stage) -> None:
    """Undo takes the restore back, by one more version."""
    with stage.somebody_else() as db:
        before = db.load(_TENANT, _ENTRY, db.at(_TENANT, _ENTRY, 145))
    stage.do("undo_write")
    stage.wait(lambda: stage.seq() == 147, "version 147 is written")
    with stage.somebody_else() as db:
        stage.check(db.load(_TENANT, _ENTRY) == before, "all is as it was before")
    stage.window.center.messages.clear()


def delete(stage: Stage) -> None:
    """An entry is deleted, seen as deleted, and brought back."""
    stage.go(_TENANT, "tax_rules")
    stage.do("delete_entry")
    review = shown_review(stage)
    stage.picture("delete")
    review.accept()
    stage.wait(lambda: _says(stage, "is deleted"), "it is told")
    stage.check(stage.info_is(_TENANT, "tax_rules"), "the deleted entry is still chosen")
    stage.picture("deleted")
    stage.do("undo_write")
    stage.wait(lambda: stage.window.center.view.view.row_count() > 5, "its content is back")
    stage.window.center.messages.clear()


def help_pages(stage: Stage) -> None:
    """Shortcuts, commands, the guide, and About."""
    for name, picture in (
        ("cheat_sheet", "keys"), ("palette", "commands"), ("guide", "guide"), ("about", "about"),
    ):  # fmt: skip
        stage.do(name)
        dialog = stage.dialog()
        stage.picture(picture)
        dialog.close()
        stage.settle()


def narrow(stage: Stage) -> None:
    """A small window still shows everything that matters."""
    stage.go(_TENANT, _ENTRY, "compare")
    stage.window.resize(900, 640)
    stage.settle()
    stage.check(stage.window.width() <= 900, "the window can be small")
    stage.picture("narrow")
    stage.window.resize(1440, 900)
    stage.settle()


def read_only(stage: Stage) -> None:
    """Read-only: said, and nothing can be written."""
    stage.session.open(stage.root, read_only=True)
    stage.wait(lambda: not stage.session.writable, "the database is read-only")
    stage.go("acme-eu", "newsletter")
    stage.check(not stage.window.actions_["edit_mode"].isEnabled(), "nothing can be edited")
    stage.picture("read-only")


STEPS: Final[tuple[Step, ...]] = (
    welcome,
    wrong_folder,
    opened,
    inspect,
    walk,
    find,
    compare,
    moved,
    unfold,
    compare_far,
    who_changed,
    as_of,
    filter_history,
    filter_tree,
    edit_error,
    edit,
    drafts_survive,
    conflict,
    restore,
    undo,
    delete,
    upkeep.import_git,
    upkeep.verify,
    upkeep.export,
    help_pages,
    narrow,
    read_only,
)


def shown_review(stage: Stage) -> Review:
    """The review that opens, when it can be accepted."""
    window = stage.window
    stage.wait(lambda: window.editing.review or window.restoring.review, "the review opens")
    found = stage.dialog()
    assert isinstance(found, Review)
    stage.wait(found.ready, "the review shows what changes")
    stage.check(found.view.sides() == 2, "now and after stand side by side")
    return found


def _says(stage: Stage, words: str) -> bool:
    message = stage.window.center.messages.message()
    return message is not None and words in message.text
