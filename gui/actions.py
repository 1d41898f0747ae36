"""Every action of the browser in one table: text, shortcut, icon, tip, and when it makes sense.

Menus, the command palette and the cheat sheet are derived from it. The texts are translated in the
context "Actions" when they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal, TypeAlias

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu

Keys: TypeAlias = QKeySequence.StandardKey
Fact: TypeAlias = Literal[
    "database",  # one is open
    "writable",  # and may be written to
    "tenant",  # a tenant, or something in one, is chosen
    "entry",  # an entry is chosen
    "live",  # and it is not deleted
    "version",  # a version of it is chosen
    "old version",  # which is not the head
    "parent",  # which has a version before it
    "records",  # the entry's content is a dict
    "record",  # a record of it is chosen
    "own",  # what is chosen is of this entry, not of one that it is compared with
    "value",  # a row of the content is chosen
    "content",  # a document or a comparison is shown
    "compare",  # two sides are shown
    "both sides",  # neither of which is nothing
    "changes",  # and they differ
    "moved",  # and a row of an item is chosen that was moved
    "editing",  # the editor is shown
    "draft",  # and there is unsaved text in it
    "back",
    "forward",
    "as of",  # a moment of the past is chosen
    "written",  # there is a write to undo
    "job",  # something runs that can be cancelled
    "free",  # and no long job is among it
    "recents",
]
"""What a window knows to be so; an action is enabled when all that it `needs` is."""

FILE: Final = "&File"
EDIT: Final = "&Edit"
VIEW: Final = "&View"
GO: Final = "&Go"
COMPARE: Final = "&Compare"
DATABASE: Final = "&Database"
HELP: Final = "&Help"

_DB: Final[tuple[Fact, ...]] = ("database",)
_ENTRY: Final[tuple[Fact, ...]] = ("database", "entry")
_VERSION: Final[tuple[Fact, ...]] = (*_ENTRY, "version")
_WRITE: Final[tuple[Fact, ...]] = ("database", "writable")
_EDIT: Final[tuple[Fact, ...]] = (*_WRITE, "entry", "live")
_LONG: Final[tuple[Fact, ...]] = ("database", "free")
_LONG_WRITE: Final[tuple[Fact, ...]] = (*_WRITE, "free")

REASONS: Final[tuple[tuple[Fact, str], ...]] = (
    ("writable", "The database is open for reading only."),
    ("free", "Another long job is running."),
    ("both sides", "One side is nothing, so there is nothing to swap."),
    ("own", "What is chosen is in another entry, or in a file."),
)
"""Why an action is disabled, where one cannot see it: said in its tooltip."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One action. `keys` is a platform's standard key, `fallback` what holds where it has none.

    `section` parts its menu by lines. `radio` names the group of which exactly one is on.
    """

    name: str
    menu: str
    section: int
    text: str
    tip: str
    fallback: str = ""
    keys: Keys | None = None
    icon: str = ""
    needs: tuple[Fact, ...] = ()
    checkable: bool = False
    radio: str = ""

    @property
    def shortcut(self) -> QKeySequence:
        """The one shortcut that it has on this platform; empty if it has none."""
        bound = QKeySequence.keyBindings(self.keys) if self.keys is not None else []
        return bound[0] if bound else QKeySequence(self.fallback)

    @property
    def label(self) -> str:
        """The translated text without its mnemonic and dots, as a list shows it."""
        return translated(self.text).replace("&", "").removesuffix("…")


SPECS: Final = (
    Spec("open", FILE, 0, "&Open…", "Open a database folder", "Ctrl+O", Keys.Open, "open"),
    Spec("open_read_only", FILE, 0, "Open &Read-Only…", "Open a database without ever writing"),
    Spec("new_database", FILE, 0, "&New Database…", "Create a database", "Ctrl+Shift+N"),
    Spec("clear_recents", FILE, 0, "&Clear Recent", "Forget the recent ones", needs=("recents",)),
    Spec("reload", FILE, 1, "Re&load", "Read everything again", "F5", Keys.Refresh, "refresh", _DB),
    Spec("close", FILE, 1, "Clos&e Database", "Close it", "Ctrl+W", needs=_DB),
    Spec("preferences", FILE, 2, "&Preferences…", "Your name and habits", "Ctrl+,",
         Keys.Preferences),
    Spec("quit", FILE, 2, "&Quit", "Leave the browser", "Ctrl+Q", Keys.Quit),
    Spec("save", EDIT, 0, "&Save…", "Show what changes, then write it", "Ctrl+S", Keys.Save,
         "save", (*_WRITE, "editing", "draft")),
    Spec("format", EDIT, 0, "&Format", "Indent the text", "Ctrl+Shift+I", needs=("editing",)),
    Spec("discard", EDIT, 0, "Disc&ard Draft…", "Go back to what is stored",
         needs=("editing", "draft")),
    Spec("undo_write", EDIT, 1, "&Undo Last Write", "Put back what was there before", "Ctrl+J",
         icon="undo", needs=(*_WRITE, "written")),
    Spec("restore", EDIT, 1, "&Restore…", "Bring back this version, or records of it",
         "Ctrl+Shift+R", icon="restore", needs=(*_WRITE, "entry", "version", "old version")),
    Spec("new_entry", EDIT, 2, "New &Entry…", "Add an entry to this tenant", "Ctrl+N",
         Keys.New, "plus", (*_WRITE, "tenant")),
    Spec("new_record", EDIT, 2, "New Re&cord…", "Add a record to this entry", "Ctrl+I",
         needs=(*_EDIT, "records")),
    Spec("new_tenant", EDIT, 2, "New &Tenant…", "Add a tenant to this database", needs=_WRITE),
    Spec("delete_record", EDIT, 3, "&Delete Record…", "Delete it; its history stays", "Alt+Del",
         needs=(*_EDIT, "record", "own")),
    Spec("delete_entry", EDIT, 3, "Delete Entr&y…", "Delete it; its history stays",
         "Alt+Shift+Del", icon="trash", needs=_EDIT),
    Spec("copy_value", EDIT, 4, "Copy &Value", "Copy the value as JSON", "Ctrl+Shift+V",
         needs=("value",)),
    Spec("copy_path", EDIT, 4, "Copy &Path", "Copy where the value is", "Ctrl+Shift+C",
         needs=("value",)),
    Spec("copy_digest", EDIT, 4, "Copy Di&gest", "Copy the version's full digest",
         "Ctrl+Shift+D", needs=_VERSION),
    Spec("copy_patch", EDIT, 4, "Copy Patc&h", "Copy the differences as JSON Patch",
         "Ctrl+Shift+K", icon="copy", needs=("compare", "changes")),
    Spec("find", EDIT, 5, "F&ind…", "Find in what is shown", "Ctrl+F", Keys.Find, "search",
         ("content",)),
    Spec("find_next", EDIT, 5, "Find Ne&xt", "The next hit", "F3", Keys.FindNext, "", ("content",)),
    Spec("find_previous", EDIT, 5, "Find Previ&ous", "The hit before", "Shift+F3",
         Keys.FindPrevious, "", ("content",)),
    Spec("view_mode", VIEW, 0, "&View", "The document as it is", "Ctrl+1", needs=_ENTRY,
         checkable=True, radio="mode"),
    Spec("compare_mode", VIEW, 0, "&Compare", "Two versions side by side", "Ctrl+2", needs=_ENTRY,
         checkable=True, radio="mode"),
    Spec("edit_mode", VIEW, 0, "&Edit", "Change the document", "Ctrl+3",
         needs=(*_WRITE, "entry"), checkable=True, radio="mode"),
    Spec("only_changes", VIEW, 1, "&Only Changes", "Fold what is equal", "Ctrl+Shift+O",
         checkable=True),
    Spec("expand_all", VIEW, 1, "E&xpand All", "Unfold everything", "Ctrl+Shift+E",
         needs=("content",)),
    Spec("show_deleted", VIEW, 1, "Show &Deleted Entries", "Entries whose last version says so",
         checkable=True),
    Spec("theme_system", VIEW, 2, "Colours of the &System", "Follow the system", checkable=True,
         radio="theme"),
    Spec("theme_light", VIEW, 2, "&Light Colours", "Dark text on white", checkable=True,
         radio="theme"),
    Spec("theme_dark", VIEW, 2, "Dar&k Colours", "Light text on black", checkable=True,
         radio="theme"),
    Spec("zoom_in", VIEW, 3, "Zoom &In", "Larger text", "Ctrl++", Keys.ZoomIn),
    Spec("zoom_out", VIEW, 3, "Zoom O&ut", "Smaller text", "Ctrl+-", Keys.ZoomOut),
    Spec("zoom_reset", VIEW, 3, "&Normal Size", "Text of its normal size", "Ctrl+0"),
    Spec("full_screen", VIEW, 3, "&Full Screen", "Fill the screen", "F11", Keys.FullScreen,
         checkable=True),
    Spec("back", GO, 0, "&Back", "Where you were before", "Alt+Left", Keys.Back, "back",
         ("back",)),
    Spec("forward", GO, 0, "&Forward", "Where you came back from", "Alt+Right", Keys.Forward,
         "forward", ("forward",)),
    Spec("older", GO, 1, "&Older Version", "One step into the past", "Alt+Down", needs=_ENTRY),
    Spec("newer", GO, 1, "&Newer Version", "One step towards now", "Alt+Up", needs=_ENTRY),
    Spec("as_of", GO, 1, "&As Of…", "See everything as it was at a moment", "Ctrl+T",
         icon="clock", needs=_DB),
    Spec("go_now", GO, 1, "Back to No&w", "Leave the past", "Ctrl+Shift+T", needs=("as of",)),
    Spec("go_to", GO, 1, "Go to &Version…", "By its number or digest", "Ctrl+E", needs=_ENTRY),
    Spec("next_change", GO, 2, "Ne&xt Change", "The next difference", "F8", icon="down",
         needs=("compare", "changes")),
    Spec("previous_change", GO, 2, "&Previous Change", "The difference before", "Shift+F8",
         icon="up", needs=("compare", "changes")),
    Spec("other_end", GO, 2, "Other End of the &Move", "Where the moved item was, or is now",
         "Ctrl+F8", needs=("compare", "moved")),
    Spec("who_changed", GO, 3, "Who &Changed This…", "This value through history", "Ctrl+B",
         needs=(*_ENTRY, "value", "records")),
    Spec("filter_tree", GO, 4, "Filter &Entries", "Find a tenant or an entry", "Ctrl+L",
         needs=_DB),
    Spec("filter_history", GO, 4, "Filter &History", "By user, note, key, date or digest",
         "Ctrl+Shift+F", needs=_ENTRY),
    Spec("focus_tree", GO, 5, "To the &Tree", "Move the focus there", "Alt+1", needs=_DB),
    Spec("focus_content", GO, 5, "To the &Document", "Move the focus there", "Alt+2", needs=_DB),
    Spec("focus_history", GO, 5, "To the H&istory", "Move the focus there", "Alt+3", needs=_DB),
    Spec("compare_parent", COMPARE, 0, "With the &Version Before", "What this version changed",
         "Ctrl+D", needs=(*_VERSION, "parent")),
    Spec("compare_head", COMPARE, 0, "With the &Newest", "What changed since this version",
         "Ctrl+Shift+H", needs=(*_VERSION, "old version")),
    Spec("compare_file", COMPARE, 0, "With a &File…", "A file of JSON", needs=_VERSION),
    Spec("set_a", COMPARE, 1, "Set as &A", "This version on the left", "Ctrl+Shift+A",
         needs=_VERSION),
    Spec("set_b", COMPARE, 1, "Set as &B", "This version on the right", "Ctrl+Shift+B",
         needs=_VERSION),
    Spec("swap", COMPARE, 1, "&Swap A and B", "The other way round", "Ctrl+Shift+X", icon="swap",
         needs=("compare", "both sides")),
    Spec("import_git", DATABASE, 0, "Import from &Git…", "The history of a JSON file in git",
         needs=_LONG_WRITE),
    Spec("import_file", DATABASE, 0, "&Import…", "Bring in a file that Export wrote",
         needs=_LONG_WRITE),
    Spec("export", DATABASE, 0, "&Export…", "Write entries with their whole history to a file",
         needs=(*_LONG, "tenant")),
    Spec("verify", DATABASE, 1, "&Verify", "Read everything, and say what is damaged", needs=_LONG),
    Spec("pack", DATABASE, 1, "&Pack", "Keep old versions in less space", needs=_LONG_WRITE),
    Spec("guide", HELP, 0, "User &Guide", "How everything works", "F1", Keys.HelpContents, "info"),
    Spec("cheat_sheet", HELP, 0, "&Keyboard Shortcuts", "All on one page", "Ctrl+/"),
    Spec("palette", HELP, 0, "Find &Command…", "Any action by its name", "Ctrl+Shift+P"),
    Spec("cancel_job", HELP, 1, "Cancel Running &Job", "Stop what is running", "Ctrl+.",
         needs=("job",)),
    Spec("about", HELP, 2, "&About", "Version and licences"),
)  # fmt: skip
"""In the order of the menus."""

MENUS: Final = tuple(dict.fromkeys(spec.menu for spec in SPECS))


def translated(text: str) -> str:
    """A text of the table in the user's language."""
    return QCoreApplication.translate("Actions", text)


def cheat_sheet() -> list[tuple[str, list[tuple[str, str]]]]:
    """Menu titles, each with (action, shortcut as this platform writes it), where there is one."""
    sheet = [(translated(menu).replace("&", ""), _shortcuts(menu)) for menu in MENUS]
    return [(title, shortcuts) for title, shortcuts in sheet if shortcuts]


def _shortcuts(menu: str) -> list[tuple[str, str]]:
    native = QKeySequence.SequenceFormat.NativeText
    specs = [spec for spec in _of(menu) if not spec.shortcut.isEmpty()]
    return [(spec.label, spec.shortcut.toString(native)) for spec in specs]


class Actions(QObject):
    """The actions of one window, made from the table: `actions["open"].triggered.connect(...)`."""

    def __init__(self, parent: QObject, icon: Callable[[str], QIcon] | None = None) -> None:
        super().__init__(parent)
        self._groups: dict[str, QActionGroup] = {}
        self._actions = {spec.name: self._make(spec) for spec in SPECS}
        if icon:
            self.set_icons(icon)
        self.set_facts(set())

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def set_facts(self, facts: Set[Fact]) -> None:
        """Enable what makes sense now, and nothing else."""
        for spec in SPECS:
            missing = set(spec.needs) - facts
            self[spec.name].setEnabled(not missing)
            self[spec.name].setToolTip(_tooltip(spec, missing))

    def set_icons(self, icon: Callable[[str], QIcon]) -> None:
        """Draw the icons anew, as after a change of colours."""
        for spec in SPECS:
            if spec.icon:
                self[spec.name].setIcon(icon(spec.icon))

    def menu(self, title: str, parent: QMenu) -> None:
        """Fill a menu with the actions under one of the titles in `MENUS`."""
        parent.setToolTipsVisible(True)
        for section, specs in groupby(_of(title), key=lambda spec: spec.section):
            if section:
                parent.addSeparator()
            parent.addActions([self[spec.name] for spec in specs])

    def runnable(self) -> list[tuple[Spec, QAction]]:
        """What the command palette offers: all that is enabled now."""
        return [(spec, self[spec.name]) for spec in SPECS if self[spec.name].isEnabled()]

    def _make(self, spec: Spec) -> QAction:
        action = QAction(translated(spec.text), self)
        action.setObjectName(spec.name)
        action.setShortcut(spec.shortcut)
        action.setCheckable(spec.checkable)
        action.setToolTip(_tooltip(spec, set()))
        action.setStatusTip(translated(spec.tip))
        if spec.radio:
            self._group(spec.radio).addAction(action)
        return action

    def _group(self, name: str) -> QActionGroup:
        if name not in self._groups:
            self._groups[name] = QActionGroup(self)
        return self._groups[name]


def _of(menu: str) -> list[Spec]:
    return [spec for spec in SPECS if spec.menu == menu]


def _tooltip(spec: Spec, missing: Set[Fact]) -> str:
    keys = spec.shortcut.toString(QKeySequence.SequenceFormat.NativeText)
    tip = translated(spec.tip)
    tip = f"{tip} ({keys})" if keys else tip
    if missing & {"database", "compare"}:
        return tip
    return "\n".join([tip, *(translated(why) for fact, why in REASONS if fact in missing)])
