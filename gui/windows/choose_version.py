"""Choose any version of any entry of any tenant."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QWidget

from dbengine import Info

from ..jobs import EntryPage, Ref, Tenant
from ..session import Session
from ..texts import error_text
from ..worker import Failure, Request
from .dialog import Dialog, flaw_label, tr


class ChooseVersion(Dialog):
    """`chosen` carries a `Ref`; without a version typed, that of the newest."""

    chosen = Signal(object)

    def __init__(self, session: Session, start: Ref, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Choose a version"),
            tr("A number such as 138, or the first characters of a digest."),
            parent,
        )
        self._session = session
        self._tenant = QComboBox()
        self._tenant.addItem(start.tenant)
        self._entry = QComboBox()
        self._entry.setEditable(True)
        self._entry.setCurrentText(start.entry)
        self._version = QLineEdit()
        self._version.setPlaceholderText(self.tr("Newest"))
        self._flaw = flaw_label()
        form = QFormLayout()
        form.addRow(self.tr("Tenant"), self._tenant)
        form.addRow(self.tr("Entry"), self._entry)
        form.addRow(self.tr("Version"), self._version)
        form.addRow("", self._flaw)
        self.body.addLayout(form)
        self.add_cancel()
        self.add_ok(self.tr("Choose"))
        self._tenant.currentTextChanged.connect(self._load_entries)
        session.tree().done.connect(self._show_tenants)
        self._load_entries(start.tenant)
        self._version.setFocus()

    def version_field(self) -> QLineEdit:
        """Where the version is typed."""
        return self._version

    def accept(self) -> None:
        """Look the version up; the dialog stays where there is none."""
        ref = Ref(self._tenant.currentText(), self._entry.currentText())
        typed = self._version.text().strip().lstrip("#")
        request = look_up(self._session, ref, typed)
        request.done.connect(self._found)
        request.failed.connect(self._not_found)

    def _found(self, info: Info) -> None:
        self.chosen.emit(Ref(info.tenant, info.entry, info.digest))
        super().accept()

    def _not_found(self, failure: Failure) -> None:
        self._flaw.setText(error_text(failure.error))

    def _show_tenants(self, tenants: tuple[Tenant, ...]) -> None:
        for tenant in tenants:
            if self._tenant.findText(tenant.name) < 0:
                self._tenant.addItem(tenant.name)

    def _load_entries(self, tenant: str) -> None:
        self._session.entries(tenant, lane="choose").done.connect(self._show_entries)

    def _show_entries(self, page: EntryPage) -> None:
        """Offer what is there; what is typed stays, as there may be more than one page."""
        if page.tenant != self._tenant.currentText():
            return
        typed = self._entry.currentText()
        self._entry.clear()
        self._entry.addItems([info.entry for info in page.heads])
        if page.more or self._entry.findText(typed) >= 0 or self._entry.count() == 0:
            self._entry.setCurrentText(typed)


def look_up(session: Session, ref: Ref, typed: str) -> Request:
    """The version that people mean: a number, the start of a digest, or nothing for the newest."""
    if not typed:
        return session.head(ref)
    if typed.isdecimal() and len(typed) < 8:
        return session.at(ref, int(typed))
    return session.find(ref, typed)
