"""The tree of tenants and their entries: a window onto what the session has read so far.

Rows are sorted by name, as the engine sorts them, and change one by one, so that what is selected
or expanded stays so; only a filter, and leaving it, rebuilds the tree.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from enum import IntEnum, unique
from html import escape
from typing import Any, Final, Literal, TypeAlias

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from dbengine import Info

from ..jobs import EntryPage, Moved, Tenant
from ..session import Session
from ..worker import Failure

State: TypeAlias = Literal["empty", "loading", "ready", "error"]
Index: TypeAlias = QModelIndex | QPersistentModelIndex

PAGE: Final = 500
_ROOT: Final = QModelIndex()


@unique
class TreeRole(IntEnum):
    """What a row answers besides its name.

    COUNT is of a tenant its entries, of an entry its versions. FORM, "records" or "value", decides
    the icon; it and INFO, the head, are None for a tenant.
    """

    IS_TENANT = Qt.ItemDataRole.UserRole + 1
    TENANT = Qt.ItemDataRole.UserRole + 2
    COUNT = Qt.ItemDataRole.UserRole + 3
    FORM = Qt.ItemDataRole.UserRole + 4
    DELETED = Qt.ItemDataRole.UserRole + 5
    INFO = Qt.ItemDataRole.UserRole + 6


@dataclass(slots=True, eq=False)
class _Node:
    """A tenant's row. `serial` is what the indexes of its entries carry; `count` the live ones.

    `last` is the last entry that was read, shown or not; all is read when there is no `more`.
    """

    tenant: str
    serial: int
    count: int
    heads: list[Info] = field(default_factory=list)
    asked: bool = False
    more: bool = True
    last: str | None = None

    def at(self, entry: str) -> int:
        """Where the entry is, or would be."""
        return bisect_left(self.heads, entry, key=_entry)

    def head(self, entry: str) -> Info | None:
        at = self.at(entry)
        found = self.heads[at] if at < len(self.heads) else None
        return found if found and found.entry == entry else None

    def covers(self, entry: str) -> bool:
        """Whether the entry is in what was read, so that a new one belongs there."""
        return not self.more or (self.last is not None and entry <= self.last)

    def shown_in(self, page: EntryPage) -> range:
        """The rows that lie where the page lies."""
        start = 0 if page.after is None else bisect_right(self.heads, page.after, key=_entry)
        if not page.more or not page.heads:
            return range(start, len(self.heads))
        return range(start, bisect_right(self.heads, page.heads[-1].entry, key=_entry))


class TreeModel(QAbstractItemModel):
    """Follows the session: what it opens, writes, and sees others write.

    `state_changed` tells "empty" (no database), "loading", "ready" or "error". `rebuilt` comes when
    a filter was set or taken away: the view then expands again what it wants expanded.
    """

    state_changed = Signal(str)
    rebuilt = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._serials = itertools.count(1)
        self._by_serial: dict[int, _Node] = {}
        self._all: list[_Node] = []
        self._hits: list[_Node] | None = None
        self._show_deleted = False
        self.filter_text = ""
        self.state: State = "empty"
        session.opened.connect(self._opened)
        session.closed.connect(self._closed)
        session.written.connect(self._written)
        session.heads_moved.connect(self._moved)
        session.tenant_added.connect(self._tenant_added)

    # ---- what a view asks -------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        node = self._tenant_at(parent)
        return self.createIndex(row, column, node.serial if node else 0)

    def parent(self, index: Index = _ROOT) -> QModelIndex:  # type: ignore[override]
        if not index.isValid() or not index.internalId():
            return QModelIndex()
        return self._tenant_index(self._by_serial[index.internalId()])

    def rowCount(self, parent: Index = _ROOT) -> int:
        if not parent.isValid():
            return len(self._nodes)
        node = self._tenant_at(parent)
        return len(node.heads) if node else 0

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 1

    def hasChildren(self, parent: Index = _ROOT) -> bool:
        node = self._tenant_at(parent)
        if node is None:
            return not parent.isValid() and bool(self._nodes)
        return bool(node.heads) or (node.more and node.count > 0)

    def canFetchMore(self, parent: Index) -> bool:
        node = self._tenant_at(parent)
        return node is not None and node.more and not node.asked

    def fetchMore(self, parent: Index) -> None:
        node = self._tenant_at(parent)
        if node is not None and node.more and not node.asked:
            self._ask(node, node.last)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self._tenant_at(index)
        if node is not None:
            return _tenant_data(node, role)
        return _entry_data(self._by_serial[index.internalId()].heads[index.row()], role)

    # ---- what a panel asks ------------------------------------------------------------------

    def reload(self) -> None:
        """Read everything again; what did not change stays as it is."""
        self._set_state("loading")
        request = self._session.tree()
        request.done.connect(self._sync_tenants)
        request.failed.connect(self._failed)
        request.dropped.connect(self._dropped)

    def set_filter(self, text: str) -> None:
        """Show what has `text` in its name, wherever it is stored; "" shows all again."""
        self.filter_text = text.strip()
        if not self.filter_text:
            self._session.drop("names")
            self._rebuild(None)
            return
        request = self._session.names(self.filter_text)
        request.done.connect(self._show_hits)

    def set_show_deleted(self, on: bool) -> None:
        """Whether entries are shown whose last version says that they are deleted."""
        if on == self._show_deleted:
            return
        self._show_deleted = on
        for node in self._all:
            node.more = True
        self.reload()
        if self.filter_text:
            self.set_filter(self.filter_text)

    def find(self, tenant: str, entry: str | None = None) -> QModelIndex:
        """The row of a tenant or an entry; invalid where it is not shown or not read yet."""
        node = self._node(tenant)
        if node is None:
            return QModelIndex()
        if entry is None:
            return self._tenant_index(node)
        return self._entry_index(node, node.at(entry)) if node.head(entry) else QModelIndex()

    # ---- following the session --------------------------------------------------------------

    def _opened(self, _opened: object) -> None:
        self._clear()
        self.reload()

    def _closed(self) -> None:
        self._clear()
        self._set_state("empty")

    def _written(self, written: Any) -> None:
        self._apply(written.after)

    def _moved(self, moved: Moved) -> None:
        for tenant in moved.tenants:
            self._tenant_added(tenant)
        for info in moved.heads:
            self._apply(info)

    def _tenant_added(self, name: str) -> None:
        at = bisect_left(self._all, name, key=_tenant)
        if at < len(self._all) and self._all[at].tenant == name:
            return
        self._insert_tenant(at, Tenant(name, 0))

    def _failed(self, _failure: Failure) -> None:
        self._set_state("error")

    def _dropped(self) -> None:
        """The user stopped it, or something newer took over: one may ask again."""
        for node in self._all:
            node.asked = False
        if self.state == "loading":
            self._set_state("ready")

    def _page_failed(self, _failure: Failure) -> None:
        self._dropped()

    # ---- tenants ----------------------------------------------------------------------------

    @property
    def _nodes(self) -> list[_Node]:
        return self._all if self._hits is None else self._hits

    def _sync_tenants(self, tenants: tuple[Tenant, ...]) -> None:
        names = {tenant.name for tenant in tenants}
        for row in reversed(range(len(self._all))):
            if self._all[row].tenant not in names:
                self._remove_tenant(row)
        for row, tenant in enumerate(tenants):
            if row == len(self._all) or self._all[row].tenant != tenant.name:
                self._insert_tenant(row, tenant)
            self._refresh(self._all[row], tenant.entries)
        self._set_state("ready")

    def _refresh(self, node: _Node, count: int) -> None:
        """A tenant's number, and its entries again if any were read."""
        if node.count != count:
            node.count = count
            self._tenant_changed(node)
        if node.last is not None or not node.more:
            self._ask(node, None)

    def _insert_tenant(self, row: int, tenant: Tenant) -> None:
        node = _Node(tenant.name, next(self._serials), tenant.entries)
        self._by_serial[node.serial] = node
        if self._hits is not None:
            self._all.insert(row, node)
            return
        self.beginInsertRows(QModelIndex(), row, row)
        self._all.insert(row, node)
        self.endInsertRows()

    def _remove_tenant(self, row: int) -> None:
        if self._hits is not None:
            del self._by_serial[self._all.pop(row).serial]
            return
        self.beginRemoveRows(QModelIndex(), row, row)
        node = self._all.pop(row)
        self.endRemoveRows()
        del self._by_serial[node.serial]

    # ---- entries ----------------------------------------------------------------------------

    def _ask(self, node: _Node, after: str | None) -> None:
        node.asked = True
        request = self._session.entries(node.tenant, after=after, limit=PAGE)
        request.done.connect(self._add_page)
        request.failed.connect(self._page_failed)
        request.dropped.connect(self._dropped)

    def _add_page(self, page: EntryPage) -> None:
        """Make the rows where the page lies be the page's; then go on with the next one."""
        node = _find(self._all, page.tenant)
        if node is None:
            return
        heads = [info for info in page.heads if self._show_deleted or not info.deleted]
        self._sync_entries(node, node.shown_in(page), heads)
        node.asked, node.more = False, page.more
        node.last = page.heads[-1].entry if page.heads else node.last
        if page.more:
            self._ask(node, node.last)

    def _sync_entries(self, node: _Node, shown: range, heads: list[Info]) -> None:
        if not shown:
            self._insert_entries(node, shown.start, heads)
            return
        names = {info.entry for info in heads}
        for row in reversed(shown):
            if node.heads[row].entry not in names:
                self._remove_entry(node, row)
        for info in heads:
            self._put_entry(node, info)

    def _put_entry(self, node: _Node, info: Info) -> None:
        """Show the entry's head, in its row or in a new one."""
        row = node.at(info.entry)
        if node.head(info.entry) is None:
            self._insert_entries(node, row, [info])
        elif node.heads[row] != info:
            node.heads[row] = info
            if self._shows(node):
                index = self._entry_index(node, row)
                self.dataChanged.emit(index, index)

    def _insert_entries(self, node: _Node, row: int, heads: list[Info]) -> None:
        if not heads or not self._shows(node):
            node.heads[row:row] = heads
            return
        self.beginInsertRows(self._tenant_index(node), row, row + len(heads) - 1)
        node.heads[row:row] = heads
        self.endInsertRows()

    def _remove_entry(self, node: _Node, row: int) -> None:
        if not self._shows(node):
            del node.heads[row]
            return
        self.beginRemoveRows(self._tenant_index(node), row, row)
        del node.heads[row]
        self.endRemoveRows()

    def _apply(self, info: Info) -> None:
        """An entry has a new head."""
        node = _find(self._all, info.tenant)
        if node is not None:
            self._count(node, info)
            if node.covers(info.entry):
                self._place(node, info)
        hits = _find(self._hits or [], info.tenant)
        if hits is not None and hits.head(info.entry) is not None:
            self._place(hits, info)

    def _place(self, node: _Node, info: Info) -> None:
        if self._show_deleted or not info.deleted:
            self._put_entry(node, info)
        elif node.head(info.entry) is not None:
            self._remove_entry(node, node.at(info.entry))

    def _count(self, node: _Node, info: Info) -> None:
        """Of an entry that was not read one only knows whether it is new, or deleted now."""
        before = node.head(info.entry)
        lived = before is not None and not before.deleted
        if not node.covers(info.entry):
            lived = info.deleted or info.seq > 1
        change = (not info.deleted) - lived
        if change:
            node.count += change
            self._tenant_changed(node)

    # ---- the filter -------------------------------------------------------------------------

    def _show_hits(self, pages: tuple[EntryPage, ...]) -> None:
        self._rebuild([self._hit(page) for page in pages])

    def _hit(self, page: EntryPage) -> _Node:
        heads = [info for info in page.heads if self._show_deleted or not info.deleted]
        return _Node(page.tenant, next(self._serials), len(heads), heads, more=False)

    def _rebuild(self, hits: list[_Node] | None) -> None:
        if hits is None and self._hits is None:
            return
        self.beginResetModel()
        for node in self._hits or []:
            del self._by_serial[node.serial]
        self._hits = hits
        self._by_serial.update({node.serial: node for node in hits or []})
        self.endResetModel()
        self.rebuilt.emit()

    # ---- indexes ----------------------------------------------------------------------------

    def _tenant_at(self, index: Index) -> _Node | None:
        """The tenant whose row it is; None for the root and for entries."""
        if not index.isValid() or index.internalId():
            return None
        return self._nodes[index.row()]

    def _tenant_index(self, node: _Node) -> QModelIndex:
        return self.createIndex(bisect_left(self._nodes, node.tenant, key=_tenant), 0, 0)

    def _entry_index(self, node: _Node, row: int) -> QModelIndex:
        return self.createIndex(row, 0, node.serial)

    def _node(self, tenant: str) -> _Node | None:
        return _find(self._nodes, tenant)

    def _shows(self, node: _Node) -> bool:
        """Whether it is in the tree that is shown now, and not in the one behind a filter."""
        return self._node(node.tenant) is node

    def _tenant_changed(self, node: _Node) -> None:
        if self._shows(node):
            index = self._tenant_index(node)
            self.dataChanged.emit(index, index)

    def _clear(self) -> None:
        self.beginResetModel()
        self._all.clear()
        self._hits = None
        self._by_serial.clear()
        self.filter_text = ""
        self.endResetModel()

    def _set_state(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)


def _entry(info: Info) -> str:
    return info.entry


def _tenant(node: _Node) -> str:
    return node.tenant


def _find(nodes: list[_Node], tenant: str) -> _Node | None:
    at = bisect_left(nodes, tenant, key=_tenant)
    return nodes[at] if at < len(nodes) and nodes[at].tenant == tenant else None


def _tenant_data(node: _Node, role: int) -> Any:
    answers: dict[int, Any] = {
        Qt.ItemDataRole.DisplayRole: node.tenant,
        Qt.ItemDataRole.ToolTipRole: escape(node.tenant),
        TreeRole.IS_TENANT: True,
        TreeRole.TENANT: node.tenant,
        TreeRole.COUNT: node.count,
        TreeRole.DELETED: False,
    }
    return answers.get(role)


def _entry_data(info: Info, role: int) -> Any:
    answers: dict[int, Any] = {
        Qt.ItemDataRole.DisplayRole: info.entry,
        Qt.ItemDataRole.ToolTipRole: escape(info.damage or info.entry),
        TreeRole.IS_TENANT: False,
        TreeRole.TENANT: info.tenant,
        TreeRole.COUNT: None if info.damage else info.seq,
        TreeRole.FORM: info.form,
        TreeRole.DELETED: info.deleted,
        TreeRole.INFO: info,
    }
    return answers.get(role)
