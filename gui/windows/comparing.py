"""The compare view: which two sides, what to do with them, and choosing others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from dbengine import Info

from ..edits import Comparison
from ..jobs import Ref, Side
from ..journey import Place
from ..texts import error_text
from ..widgets.compare_panel import ComparePanel
from ..worker import Failure
from .choose_version import ChooseVersion
from .shell import Shell


class Comparing(QObject):
    """Loads what a place compares into the panel."""

    def __init__(self, shell: Shell, panel: ComparePanel) -> None:
        super().__init__(shell.window)
        self._shell = shell
        self._panel = panel
        self._choosing = ""
        panel.side_clicked.connect(self.offer_sides)
        actions = shell.actions
        actions["swap"].triggered.connect(self.swap)
        actions["next_change"].triggered.connect(panel.next)
        actions["previous_change"].triggered.connect(panel.previous)
        actions["other_end"].triggered.connect(panel.view.go_to_other_end)
        actions["only_changes"].toggled.connect(panel.set_folded)
        actions["copy_patch"].triggered.connect(self.copy_patch)
        actions["compare_parent"].triggered.connect(self.with_parent)
        actions["compare_head"].triggered.connect(self.with_head)
        actions["compare_file"].triggered.connect(self.with_file)
        actions["set_a"].triggered.connect(self.set_a)
        actions["set_b"].triggered.connect(self.set_b)

    def show(self, place: Place) -> None:
        """Compare what the place says; what is shown stays until the answer is there."""
        ref = place.ref
        if ref is None:
            return
        self._panel.stack.show_loading(self.tr("Comparing"))
        session = self._shell.session
        b = place.b or ref
        if place.a is None and isinstance(b, Ref):
            request = session.compare_with_parent(b)
        else:
            request = session.compare(place.a, b)
        request.done.connect(self._show)
        request.failed.connect(self._fail)

    # ---- choosing sides ---------------------------------------------------------------------

    def with_parent(self) -> None:
        """This version against the one before it."""
        self._shell.session.move(mode="compare", a=None, b=None)

    def with_head(self) -> None:
        """This version against the newest."""
        place = self._shell.session.place
        if place.ref is not None:
            self._compare(place.ref, replace(place.ref, digest=None))

    def with_file(self) -> None:
        """This version against a file of JSON."""
        if path := self._ask_file():
            self._compare(self._here(), path)

    def set_a(self) -> None:
        """This version on the left, and the other side stays."""
        self._set_side("a", self._here())

    def set_b(self) -> None:
        self._set_side("b", self._here())

    def compare_two(self, older: Info, newer: Info) -> None:
        """Two versions that were chosen in the history."""
        self._compare(_ref(older), _ref(newer))

    def swap(self) -> None:
        """The other way round; nothing can stand on the left only."""
        shown = self._panel.comparison
        if shown is not None and shown.a is not None and shown.b is not None:
            self._compare(shown.b, shown.a)

    def offer_sides(self, side: str) -> None:
        """What else that side can be."""
        self._choosing = side
        menu = QMenu(self._shell.window)
        menu.addAction(self.tr("Newest version"), self._choose_newest)
        menu.addAction(self.tr("Any version of any entry…"), self._choose_any)
        menu.addAction(self.tr("A file…"), self._choose_file)
        menu.aboutToHide.connect(menu.deleteLater)
        chip = self._panel.chip(side)
        menu.popup(chip.mapToGlobal(QPoint(0, chip.height() + 2)))

    def copy_patch(self) -> None:
        """The way from A to B as JSON Patch, to the clipboard."""
        shown = self._panel.comparison
        if shown is not None:
            self._shell.session.patch(shown.diff).done.connect(self._copy)

    def _choose_newest(self) -> None:
        place = self._shell.session.place
        if place.ref is not None:
            self._set_side(self._choosing, replace(place.ref, digest=None))

    def _choose_any(self) -> None:
        place = self._shell.session.place
        if place.ref is None:
            return
        dialog = ChooseVersion(self._shell.session, place.ref, self._shell.window)
        dialog.chosen.connect(self._chosen)
        dialog.open()

    def _choose_file(self) -> None:
        if path := self._ask_file():
            self._set_side(self._choosing, path)

    def _chosen(self, ref: Ref) -> None:
        self._set_side(self._choosing, ref)

    def _set_side(self, which: str, side: Side) -> None:
        shown = self._panel.comparison
        a, b = (shown.a, shown.b) if shown else (None, None)
        a, b = (side, b or self._here()) if which == "a" else (a or self._here(), side)
        self._compare(a, b)

    def _compare(self, a: Side, b: Side) -> None:
        self._shell.session.move(mode="compare", a=a, b=b)

    def _here(self) -> Ref:
        ref = self._shell.session.place.ref
        assert ref is not None, "these actions need an entry"
        return ref

    def _ask_file(self) -> Path | None:
        chosen, _kind = QFileDialog.getOpenFileName(
            self._shell.window,
            self.tr("Compare with a file"),
            "",
            self.tr("JSON (*.json);;All (*)"),
        )
        return Path(chosen) if chosen else None

    # ---- answers ----------------------------------------------------------------------------

    def _show(self, comparison: Comparison) -> None:
        fold = self._shell.actions["only_changes"].isChecked()
        self._panel.show_comparison(comparison, self._shell.now(), fold=fold)
        if not comparison.whole:
            self._shell.session.lay_out(comparison).done.connect(self._panel.show_rest)

    def _fail(self, failure: Failure) -> None:
        self._panel.clear()
        self._panel.stack.show_error(self.tr("These cannot be compared"), error_text(failure.error))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._shell.messages.post("success", self.tr("The patch is on the clipboard."))


def _ref(info: Info) -> Ref:
    return Ref(info.tenant, info.entry, info.digest)
