"""The long jobs of the window: what they are asked, how they are told, and leaving while one runs.

They run in a process of their own; browsing goes on meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from dbengine import Exported, Imported, Packed, Report
from dbengine.importers import ImportResult, Skipped

from ..journey import Place
from ..texts import counted, size_text
from ..worker import Request
from .damage import finding
from .dialog import Dialog, tr
from .exchange import ExportChoice, FileImport, GitImport
from .findings import Finding, Findings
from .shell import Shell

MANY_LOOSE: Final = 20_000
"""From so many objects on it is worth a word that they could be packed."""

_SUFFIX: Final = ".dbexport"
_UNSAFE: Final = re.compile(r"[^\w.-]+")


class Upkeep(QObject):
    """Starts the jobs of the menu Database, one at a time."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.window)
        self._shell = shell
        self._file: Path | None = None
        self._target = Place()
        self._skipped: tuple[Skipped, ...] = ()
        self._suggested = False
        self._then: Callable[[], None] | None = None
        for name, does in (
            ("verify", self.verify),
            ("pack", self.pack),
            ("export", self.ask_export),
            ("import_file", self.ask_import),
            ("import_git", self.ask_git),
        ):
            shell.actions[name].triggered.connect(does)
        shell.session.opened.connect(self._look_for_loose)

    # ---- verify ------------------------------------------------------------------------------

    def verify(self) -> None:
        """Read everything, and tell what is wrong."""
        self._started(self._shell.session.verify()).done.connect(self._show_report)

    def repair(self) -> None:
        """The same, and heal what is whole in another place."""
        if self._is_free():
            request = self._shell.session.verify(repair=True)
            self._started(request).done.connect(self._show_report)

    def _show_report(self, report: Report) -> None:
        healed = self._healed_text(report)
        if not report.problems:
            text = self.tr("All is well: {objects}, {versions}.")
            self._tell(f"{healed} {text}".strip().format(**self._read(report)))
            return
        count = len(report.problems)
        text = self.tr("Read: {objects}, {versions}.").format(**self._read(report))
        dialog = Findings(
            counted(count, self.tr("1 problem"), self.tr("{number} problems")),
            " ".join(filter(None, (healed, text))),
            [finding(each, writable=self._shell.session.writable) for each in report.problems],
            mend=self.tr("Repair") if self._can_mend(report) else "",
            parent=self._shell.window,
        )
        dialog.mend_wanted.connect(self.repair)
        dialog.open()
        self._then = None

    def _read(self, report: Report) -> dict[str, str]:
        return {
            "objects": counted(report.objects, self.tr("1 object"), self.tr("{number} objects")),
            "versions": counted(
                report.versions, self.tr("1 version"), self.tr("{number} versions")
            ),
        }

    def _healed_text(self, report: Report) -> str:
        one, many = self.tr("1 damage is healed."), self.tr("{number} damages are healed.")
        return counted(len(report.healed), one, many) if report.healed else ""

    def _can_mend(self, report: Report) -> bool:
        """Whether something is damaged in one place that is whole in another."""
        return self._shell.session.writable and any(p.repairable for p in report.problems)

    # ---- pack --------------------------------------------------------------------------------

    def pack(self) -> None:
        """Keep old versions in less space."""
        self._started(self._shell.session.pack()).done.connect(self._show_packed)

    def _show_packed(self, packed: Packed) -> None:
        text = self.tr("{objects} packed: {before} became {after}.").format(
            objects=counted(packed.objects, self.tr("1 object"), self.tr("{number} objects")),
            before=size_text(packed.before),
            after=size_text(packed.after),
        )
        self._tell(text if packed.objects else self.tr("There is nothing to pack."))

    def _look_for_loose(self, _opened: object) -> None:
        if not self._suggested and self._shell.session.writable:
            self._shell.session.loose().done.connect(self._suggest)

    def _suggest(self, count: int) -> None:
        """Once a session, quietly."""
        if count < MANY_LOOSE or self._suggested or self._shell.messages.message() is not None:
            return
        self._suggested = True
        text = self.tr("About {number} objects could be packed to take less space. "
                       "You can go on working meanwhile.")  # fmt: skip
        offer = self._shell.offer(self.tr("Pack"), self._shell.actions["pack"].trigger)
        self._shell.messages.post("info", text.format(number=f"{count:,}"), offer)

    # ---- export ------------------------------------------------------------------------------

    def ask_export(self) -> None:
        """How much of it, and to which file."""
        place = self._shell.session.place
        if place.tenant is not None:
            dialog = ExportChoice(place.tenant, place.entry, self._shell.window)
            self._target = place
            dialog.answered.connect(self._ask_target)
            dialog.open()

    def _ask_target(self, entry: str | None) -> None:
        tenant = self._target.tenant or ""
        chosen, _kind = QFileDialog.getSaveFileName(
            self._shell.window,
            self.tr("Export to"),
            _file_name("-".join(filter(None, (tenant, entry)))),
            self.tr("DbEngine export (*{suffix});;All (*)").format(suffix=_SUFFIX),
        )
        if chosen and self._is_free():
            self._file = Path(chosen)
            request = self._shell.session.export(tenant, entry, self._file)
            self._started(request).done.connect(self._show_exported)

    def _show_exported(self, done: Exported) -> None:
        text = self.tr("{versions} of {entries} written to {file}, {size}.")
        self._tell(
            text.format(
                versions=self._versions(done.versions),
                entries=counted(done.entries, self.tr("1 entry"), self.tr("{number} entries")),
                file=self._file,
                size=size_text(done.size),
            )
        )

    # ---- import ------------------------------------------------------------------------------

    def ask_import(self) -> None:
        """Which file, and how much of it."""
        chosen, _kind = QFileDialog.getOpenFileName(
            self._shell.window,
            self.tr("Import"),
            "",
            self.tr("DbEngine export (*{suffix});;All (*)").format(suffix=_SUFFIX),
        )
        if chosen:
            self._file = Path(chosen)
            dialog = FileImport(self._file, self._shell.session.tenants, self._shell.window)
            dialog.answered.connect(self._import)
            dialog.open()

    def _import(self, tenant: str | None, entry: str | None) -> None:
        if self._file is not None and self._is_free():
            request = self._shell.session.import_file(self._file, tenant, entry)
            self._started(request).done.connect(self._show_imported)

    def _show_imported(self, done: Imported) -> None:
        self._shell.actions["reload"].trigger()
        text = self.tr("{versions} imported into {tenant}.")
        if not done.written:
            text = self.tr("All that is in the file is in {tenant} already.")
        text = text.format(versions=self._versions(done.written), tenant=done.tenant)
        only = done.entries[0].entry if len(done.entries) == 1 else None
        self._offer_to_go(text, Place(done.tenant, only))

    def ask_git(self) -> None:
        """Which file of which repository, and into which entry."""
        session = self._shell.session
        dialog = GitImport(session.tenants, session.place.tenant, self._shell.window)
        dialog.answered.connect(self._import_git)
        dialog.open()

    def _import_git(self, repo: Path, path: str, tenant: str, entry: str) -> None:
        if self._is_free():
            self._target = Place(tenant, entry)
            request = self._shell.session.import_git(repo, path, tenant, entry)
            request.failed.connect(self._reload)
            self._started(request).done.connect(self._show_from_git)

    def _show_from_git(self, done: ImportResult) -> None:
        self._reload()
        text = self.tr("{versions} imported from {commits}.").format(
            versions=self._versions(done.written),
            commits=counted(done.commits, self.tr("1 commit"), self.tr("{number} commits")),
        )
        self._skipped = done.skipped
        self._offer_to_go(text, self._target)

    def _offer_to_go(self, text: str, place: Place) -> None:
        self._target = place
        offers = [self._shell.offer(self.tr("Show"), self._go)] if place.entry else []
        if self._skipped and place.entry:
            count = len(self._skipped)
            label = counted(count, self.tr("1 Skipped…"), self.tr("{number} Skipped…"))
            offers.append(self._shell.offer(label, self._show_skipped))
        self._shell.messages.post("success", text, *offers)

    def _go(self) -> None:
        self._shell.session.go(self._target)

    def _show_skipped(self) -> None:
        findings = [
            Finding(f"{s.commit[:12]} · {s.date.astimezone():%Y-%m-%d %H:%M}", s.reason)
            for s in self._skipped
        ]
        count = len(findings)
        Findings(
            counted(count, self.tr("1 skipped commit"), self.tr("{number} skipped commits")),
            self.tr("What they left is no JSON document, so there is no version of it."),
            findings,
            parent=self._shell.window,
        ).open()

    # ---- leaving -----------------------------------------------------------------------------

    def ask_to_leave(self, go_on: Callable[[], None]) -> None:
        """Go on; while a job runs, ask whether to wait for it or to stop it."""
        job = self._shell.session.long_job
        if job is None:
            go_on()
            return
        if self._then is None:
            question = StillRunning(job, self._shell.window)
            question.accepted.connect(self._leave)
            question.rejected.connect(self._stay)
            question.open()
        self._then = go_on

    def _stay(self) -> None:
        self._then = None

    def _leave(self) -> None:
        """Unless the job had something to say that one must see first."""
        then, self._then = self._then, None
        if then is not None:
            then()

    # ---- what they have in common ------------------------------------------------------------

    def _is_free(self) -> bool:
        """Whether none has begun while the dialog was open."""
        if self._shell.session.long_job is None and self._shell.session.database is not None:
            return True
        self._shell.messages.post("warning", self.tr("Another long job is running; try again."))
        return False

    def _started(self, request: Request) -> Request:
        self._skipped = ()
        request.dropped.connect(self._show_stopped)
        return request

    def _show_stopped(self) -> None:
        self._reload()
        self._shell.messages.post(
            "info", self.tr("Stopped. Nothing is damaged by that, and it can be run again.")
        )

    def _tell(self, text: str) -> None:
        self._shell.messages.post("success", text)

    def _reload(self, _failure: object = None) -> None:
        """The views begin anew from the heads; where the window closes there is nothing to read."""
        if self._shell.session.database is not None:
            self._shell.actions["reload"].trigger()

    def _versions(self, count: int) -> str:
        return counted(count, self.tr("1 version"), self.tr("{number} versions"))


class StillRunning(Dialog):
    """Shown to who wants to leave while a job runs: it ends with the job, or is sent away."""

    def __init__(self, job: Request, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("{job} is still running").format(job=job.title),
            tr("When it is done, this goes on by itself. You can also stop it: nothing is damaged "
               "by that, and it can be run again."),
            parent,
        )  # fmt: skip
        self._job = job
        self._stop = self.add_button(self.tr("Stop It"))
        self._stop.clicked.connect(self.stop)
        self.add_cancel(self.tr("Stay Here"))
        for end in (job.done, job.failed, job.dropped):
            end.connect(self.accept)

    def stop(self) -> None:
        """It takes a moment; what one wanted to do comes after it."""
        self._stop.setEnabled(False)
        self.set_text(self.tr("Stopping…"))
        self._job.cancel()


def _file_name(name: str) -> str:
    """A file name that every system takes."""
    return _UNSAFE.sub("_", name)[:100] + _SUFFIX
