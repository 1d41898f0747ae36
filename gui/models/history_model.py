"""An entry's history, newest first, under headings of days: a window onto pages of its log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from enum import IntEnum, unique
from itertools import islice
from typing import Any, Final, Literal, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from dbengine import Info

from ..jobs import LogPage, Moved, Ref
from ..session import Session
from ..texts import version_title
from ..worker import Failure
from . import when

State: TypeAlias = Literal["empty", "loading", "ready", "error"]
Index: TypeAlias = QModelIndex | QPersistentModelIndex
Row: TypeAlias = Info | str
"""A version, or the heading above some."""

PAGE: Final = 200
REVEAL_PAGE: Final = 500
"""More at a time would hold the window while their headings and heights are found."""

_ROOT: Final = QModelIndex()
_MINUTE: Final = 60_000


@unique
class HistoryRole(IntEnum):
    """What a row answers besides its title.

    KIND is "day" for a heading and "version" for the rest, which only versions answer: INFO, TIME
    (under its heading), and SIDE: "A", "B" or "".
    """

    KIND = Qt.ItemDataRole.UserRole + 1
    INFO = Qt.ItemDataRole.UserRole + 2
    TIME = Qt.ItemDataRole.UserRole + 3
    SIDE = Qt.ItemDataRole.UserRole + 4


class HistoryModel(QAbstractTableModel):
    """The history of one entry at a time; follows what is written to it, here or elsewhere.

    `state_changed` tells "empty" (no entry), "loading", "ready" or "error"; `count_changed` how
    many versions there are; `revealed` the row that `reveal` was asked for.
    """

    state_changed = Signal(str)
    count_changed = Signal(int)
    revealed = Signal(int)

    def __init__(
        self,
        session: Session,
        parent: QObject | None = None,
        *,
        now: Callable[[], datetime] | None = None,
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._now = now or _system_now
        self._zone = zone
        self._today = self._day()
        self._lane = "history"
        self._ref: Ref | None = None
        self._rows: list[Row] = []
        self._before: str | None = None
        self._more = False
        self._asked = False
        self._wanted: str | None = None
        self._sides = ("", "")
        self._titles: dict[date, str] = {}
        self.text = ""
        self.user: str | None = None
        self.count = 0
        self.state: State = "empty"
        session.closed.connect(self._closed)
        session.opened.connect(self._closed)
        session.written.connect(self._written)
        session.heads_moved.connect(self._moved)
        midnight = QTimer(self, interval=_MINUTE)
        midnight.timeout.connect(self.follow_day)
        midnight.start()

    # ---- what a view asks -------------------------------------------------------------------

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A heading can be neither chosen nor reached by the arrow keys."""
        if self.info_at(index.row()) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._more and not self._asked

    def fetchMore(self, parent: Index = _ROOT) -> None:
        if self.canFetchMore(parent):
            self._ask(PAGE)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        return self._heading(row, role) if isinstance(row, str) else self._version(row, role)

    # ---- what a panel asks ------------------------------------------------------------------

    def show(self, ref: Ref | None) -> None:
        """Show the history of the entry that `ref` names, whichever version it names."""
        place = Ref(ref.tenant, ref.entry) if ref else None
        if place == self._ref:
            return
        self._ref = place
        self.text, self.user = "", None
        self._set_count(0)
        self.reload()

    def set_filter(self, text: str = "", user: str | None = None) -> None:
        """Only versions by `user`, and with `text` in user, note, keys, date or digest."""
        if (text, user) != (self.text, self.user):
            self.text, self.user = text, user
            self.reload()

    def reload(self) -> None:
        """Read the history from its newest version on."""
        self._session.drop(self._lane)
        self.beginResetModel()
        self._rows.clear()
        self._titles.clear()
        self.endResetModel()
        self._before, self._wanted = None, None
        self._asked, self._more = False, self._ref is not None
        self._set_state("loading" if self._ref else "empty")
        self.fetchMore()

    def reveal(self, digest: str) -> None:
        """Read on until that version is there; `revealed` tells its row, maybe at once."""
        self._reveal_among(digest, 0)

    def _reveal_among(self, digest: str, first: int) -> None:
        """`reveal` it, where the rows before `first` are known to be others."""
        row = self.row_of(digest, first)
        if row is not None:
            self._wanted = None
            self.revealed.emit(row)
            return
        self._wanted = digest if self._more else None
        if self._more and not self._asked:
            self._ask(REVEAL_PAGE)

    def set_sides(self, a: str | None, b: str | None) -> None:
        """Which digests carry the tags A and B."""
        before, self._sides = self._sides, (a or "", b or "")
        for digest in {*before, *self._sides}:
            row = self.row_of(digest)
            if row is not None:
                index = self.index(row, 0)
                self.dataChanged.emit(index, index)

    def info_at(self, row: int) -> Info | None:
        """The version in that row; None for a heading, and beyond the rows."""
        found = self._rows[row] if 0 <= row < len(self._rows) else None
        return None if isinstance(found, str) else found

    def row_of(self, digest: str, first: int = 0) -> int | None:
        """The row of a version, if it was read and is not above `first`."""
        rows = enumerate(islice(self._rows, first, None), first)
        return next((n for n, row in rows if isinstance(row, Info) and row.digest == digest), None)

    def neighbour(self, digest: str | None, step: int) -> Info | None:
        """The version `step` rows further down, that is older; from the newest without a digest."""
        versions = [row for row in self._rows if isinstance(row, Info)]
        at = next((n for n, info in enumerate(versions) if info.digest == digest), 0)
        return versions[at + step] if 0 <= at + step < len(versions) else None

    def follow_day(self) -> None:
        """Group anew if the day has changed since: what was today is yesterday."""
        if self._day() == self._today:
            return
        self._today = self._day()
        self._titles.clear()
        self.layoutAboutToBeChanged.emit()
        kept = [(index, self.info_at(index.row())) for index in self.persistentIndexList()]
        versions = [row for row in self._rows if isinstance(row, Info)]
        self._rows = self._grouped(versions, "")
        for index, info in kept:
            row = self.row_of(info.digest) if info else None
            self.changePersistentIndex(index, QModelIndex() if row is None else self.index(row, 0))
        self.layoutChanged.emit()

    # ---- reading ----------------------------------------------------------------------------

    def _ask(self, limit: int) -> None:
        assert self._ref is not None
        self._asked = True
        request = self._session.log(
            self._ref,
            lane=self._lane,
            before=self._before,
            limit=limit,
            text=self.text,
            user=self.user,
        )
        request.done.connect(self._add)
        request.failed.connect(self._failed)
        request.dropped.connect(self._dropped)

    def _add(self, page: LogPage) -> None:
        self._asked, self._more, self._before = False, page.more, page.before
        first = len(self._rows)
        if page.infos:
            self._append(self._grouped(list(page.infos), self._last_title()))
            self._set_count(max(self.count, page.infos[0].seq))
        if page.more and not page.infos:
            self._ask(PAGE)  # a filter that has found nothing yet
            return
        self._set_state("ready")
        if self._wanted is not None:
            self._reveal_among(self._wanted, first)

    def _append(self, rows: list[Row]) -> None:
        first = len(self._rows)
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        self._rows += rows
        self.endInsertRows()

    def _failed(self, _failure: Failure) -> None:
        self._asked = self._more = False
        self._set_state("error")

    def _dropped(self) -> None:
        """Cancelled by the user, for a newer read would have taken over: one may go on later.

        A newer read of ours has set the flag again; then this is the older one's end.
        """
        if self.state == "loading" and not self._session.reading(self._lane):
            self._asked = False
            self._set_state("ready")

    # ---- following --------------------------------------------------------------------------

    def _closed(self, _opened: object = None) -> None:
        self.show(None)

    def _written(self, written: Any) -> None:
        self._new_head(written.after)

    def _moved(self, moved: Moved) -> None:
        for info in moved.heads:
            self._new_head(info)

    def _new_head(self, info: Info) -> None:
        """Put the versions that came on top there; what is below stays in place."""
        if self._ref != Ref(info.tenant, info.entry) or self.row_of(info.digest) is not None:
            return
        self._set_count(info.seq)
        top = self._top()
        if top is not None and top.digest == info.parent and not self.text and not self.user:
            self._prepend(info)
            return
        request = self._session.log(
            self._ref, lane=f"{self._lane} top", limit=PAGE, text=self.text, user=self.user
        )
        request.done.connect(self._add_top)

    def _add_top(self, page: LogPage) -> None:
        """Everything above the row that was the first one; all anew if that is not among it."""
        top = self._top()
        digests = [info.digest for info in page.infos]
        if top is None or top.digest not in digests:
            self.reload()
            return
        for info in reversed(page.infos[: digests.index(top.digest)]):
            self._prepend(info)

    def _prepend(self, info: Info) -> None:
        title = self._title(info)
        known = bool(self._rows) and self._rows[0] == title
        first, last = (1, 1) if known else (0, 1)
        self.beginInsertRows(QModelIndex(), first, last)
        self._rows[first:first] = [info] if known else [title, info]
        self.endInsertRows()

    # ---- rows -------------------------------------------------------------------------------

    def _heading(self, title: str, role: int) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return title
        return "day" if role == HistoryRole.KIND else None

    def _version(self, info: Info, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return version_title(info)
            case Qt.ItemDataRole.ToolTipRole:
                return when.exact_text(info.when, self._zone)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(info)
            case HistoryRole.KIND:
                return "version"
            case HistoryRole.INFO:
                return info
        return self._shown(info, role)

    def _shown(self, info: Info, role: int) -> str | None:
        if role == HistoryRole.TIME:
            return when.row_text(info.when, self._now(), self._zone)
        if role == HistoryRole.SIDE:
            return self._side(info.digest)
        return None

    def _spoken(self, info: Info) -> str:
        """The whole row for a screen reader."""
        moment = when.short_text(info.when, self._now(), self._zone)
        text = self.tr(
            "{title}, version {number} by {user}, {moment}; "
            "{added} added, {changed} changed, {removed} removed"
        )
        return text.format(
            title=version_title(info),
            number=info.seq,
            user=info.user,
            moment=moment,
            added=info.added,
            changed=info.changed,
            removed=info.removed,
        )

    def _side(self, digest: str) -> str:
        return "".join(
            name for name, side in zip("AB", self._sides, strict=True) if side == digest
        )[:1]

    def _grouped(self, infos: list[Info], title: str) -> list[Row]:
        """The versions with a heading above each group, after rows that ended under `title`."""
        rows: list[Row] = []
        for info in infos:
            heading = self._title(info)
            if heading != title:
                rows.append(heading)
                title = heading
            rows.append(info)
        return rows

    def _title(self, info: Info) -> str:
        """The heading of its day, which is worded once for all versions of a day."""
        moment = info.when
        day = moment.astimezone(self._zone).date()
        if day not in self._titles:
            self._titles[day] = when.group_title(moment, self._now(), self._zone)
        return self._titles[day]

    def _last_title(self) -> str:
        return self._title(self._rows[-1]) if self._rows else ""  # type: ignore[arg-type]

    def _top(self) -> Info | None:
        return self.info_at(1)

    def _day(self) -> object:
        return self._now().astimezone(self._zone).date()

    def _set_count(self, count: int) -> None:
        if count != self.count:
            self.count = count
            self.count_changed.emit(count)

    def _set_state(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)


def _system_now() -> datetime:
    return datetime.now().astimezone()
