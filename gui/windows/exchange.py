"""What an import or an export has to know: from where, to where, and how much of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)

from dbengine import InvalidName, check_name

from .dialog import Dialog, flaw_label, tr
from .opening import tenant_flaw

_WIDTH = 380


class GitImport(Dialog):
    """Asks for a file in a git repository and an entry; `answered` carries all four."""

    answered = Signal(object, str, str, str)
    """The repository's folder, the file's path in it, the tenant, the entry."""

    def __init__(
        self, tenants: Sequence[str], tenant: str | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            tr("Import from git"),
            tr("Every commit that changed the file becomes a version, with its author, date and "
               "message. Run again, it adds only what is new."),
            parent,
        )  # fmt: skip
        self._repo = _line(self.tr("A folder with a clone"), self.tr("Repository"))
        self._file = _line(self.tr("As in data/prices.json"), self.tr("File"))
        self._tenant = _tenants(tenants, tenant, self.tr("Tenant"))
        self._entry = _line(self.tr("The file’s name"), self.tr("Entry"))
        browse = QPushButton(self.tr("Choose…"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._choose)
        self._flaw = flaw_label()
        form = QFormLayout()
        form.addRow(self.tr("Repository"), _beside(self._repo, browse))
        form.addRow(self.tr("File in it"), self._file)
        form.addRow(self.tr("Tenant"), self._tenant)
        form.addRow(self.tr("Entry"), self._entry)
        form.addRow("", self._flaw)
        self.body.addLayout(form)
        self.add_cancel()
        self._ok = self.add_ok(self.tr("Import"))
        for field in (self._repo, self._file, self._entry):
            field.textChanged.connect(self._judge)
        self._tenant.currentTextChanged.connect(self._judge)
        self.accepted.connect(self._answer)
        self._judge()

    def fill(self, repo: Path, file: str, tenant: str, entry: str = "") -> None:
        """As if all of it were typed."""
        self._repo.setText(str(repo))
        self._file.setText(file)
        self._tenant.setCurrentText(tenant)
        self._entry.setText(entry)

    def flaw(self) -> str:
        """What is wrong with what was typed; empty if nothing is, or too little is there."""
        return self._flaw.text()

    def ready(self) -> bool:
        return self._ok.isEnabled()

    def _entry_name(self) -> str:
        return self._entry.text().strip() or Path(self._file.text().strip()).stem

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Choose a git repository"))
        if chosen:
            self._repo.setText(chosen)

    def _judge(self) -> None:
        self._entry.setPlaceholderText(self._entry_name() or self.tr("The file’s name"))
        repo, file = self._repo.text().strip(), self._file.text().strip()
        flaw = ""
        if repo and not Path(repo).is_dir():
            flaw = self.tr("There is no such folder.")
        elif self._tenant.currentText().strip():
            flaw = tenant_flaw(self._tenant.currentText())
        self._flaw.setText(flaw)
        complete = repo and file and self._tenant.currentText().strip()
        self._ok.setEnabled(bool(complete) and not flaw)

    def _answer(self) -> None:
        repo, file = Path(self._repo.text().strip()), self._file.text().strip()
        tenant = self._tenant.currentText().strip()
        self.answered.emit(repo, file, tenant, self._entry_name())


class FileImport(Dialog):
    """Asks how much of an export file to bring in, and into which tenant."""

    answered = Signal(object, object)
    """The tenant, or None for the one that it came from; the entry, or None for all."""

    def __init__(self, file: Path, tenants: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Import"),
            tr("{file} is checked as a whole before anything is written. Entries that are older "
               "here are brought forward; if one has gone another way, nothing is imported.")
            .format(file=file.name),
            parent,
        )  # fmt: skip
        self._tenant = _tenants(tenants, None, self.tr("Tenant"))
        self._entry = _line(self.tr("All that are in the file"), self.tr("Entry"))
        edit = self._tenant.lineEdit()
        assert edit is not None, "it is editable"
        edit.setPlaceholderText(self.tr("The one that they came from"))
        self._flaw = flaw_label()
        form = QFormLayout()
        form.addRow(self.tr("Into tenant"), self._tenant)
        form.addRow(self.tr("Only entry"), self._entry)
        form.addRow("", self._flaw)
        self.body.addLayout(form)
        self.add_cancel()
        self._ok = self.add_ok(self.tr("Import"))
        self._tenant.currentTextChanged.connect(self._judge)
        self._entry.textChanged.connect(self._judge)
        self.accepted.connect(self._answer)

    def fill(self, tenant: str, entry: str = "") -> None:
        """As if it were typed."""
        self._tenant.setCurrentText(tenant)
        self._entry.setText(entry)

    def ready(self) -> bool:
        return self._ok.isEnabled()

    def _judge(self) -> None:
        tenant, entry = self._tenant.currentText().strip(), self._entry.text()
        flaw = tenant_flaw(tenant) if tenant else ""
        flaw = flaw or (_entry_flaw(entry) if entry else "")
        self._flaw.setText(flaw)
        self._ok.setEnabled(not flaw)

    def _answer(self) -> None:
        self.answered.emit(self._tenant.currentText().strip() or None, self._entry.text() or None)


class ExportChoice(Dialog):
    """Asks how much to export; `answered` carries the entry, or None for the whole tenant."""

    answered = Signal(object)

    def __init__(self, tenant: str, entry: str | None, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Export"),
            tr("To one file that another database can import, with every version: who wrote it, "
               "when, and what."),
            parent,
        )  # fmt: skip
        self._entry = entry
        self._one = QRadioButton(self.tr("The entry “{entry}”").format(entry=entry or ""))
        self._all = QRadioButton(self.tr("All entries of “{tenant}”").format(tenant=tenant))
        self._one.setVisible(entry is not None)
        (self._all if entry is None else self._one).setChecked(True)
        self.body.addWidget(self._one)
        self.body.addWidget(self._all)
        self.add_cancel()
        self.add_ok(self.tr("Choose File…"))
        self.accepted.connect(self._answer)

    def choose_all(self) -> None:
        """As a click on the second choice."""
        self._all.setChecked(True)

    def _answer(self) -> None:
        self.answered.emit(self._entry if self._one.isChecked() else None)


def _entry_flaw(name: str) -> str:
    try:
        check_name("entry", name)
    except InvalidName as error:
        return str(error)
    return ""


def _line(hint: str, name: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(hint)
    field.setAccessibleName(name)
    field.setMinimumWidth(_WIDTH)
    return field


def _tenants(names: Sequence[str], current: str | None, name: str) -> QComboBox:
    """All there are, and room for another."""
    box = QComboBox()
    box.setEditable(True)
    box.setAccessibleName(name)
    box.addItems(list(names))
    box.setCurrentText(current or "")
    return box


def _beside(field: QLineEdit, button: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    row.addWidget(field, 1)
    row.addWidget(button)
    return row
