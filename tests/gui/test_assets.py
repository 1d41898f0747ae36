"""What is bundled is found, drawn in any colour, and named when it is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontInfo, QIcon
from PySide6.QtWidgets import QApplication

from gui import assets
from gui.theme import mono_font, ui_font


def colors_of(icon: QIcon, size: int = 32) -> set[str]:
    image = icon.pixmap(QSize(size, size)).toImage()
    pixels = (image.pixelColor(x, y) for x in range(size) for y in range(size))
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


@pytest.mark.parametrize("name", assets.icon_names())
def test_every_icon_is_drawn_in_the_colour_asked_for(name: str) -> None:
    assert colors_of(assets.icon(name, "#2264d7")) <= {"#2264d7"}
    assert not assets.icon(name, "#2264d7").pixmap(QSize(16, 16)).toImage().isNull()
    assert assets.icon(name, "#ff0000").pixmap(64).toImage() != blank(64)


def blank(size: int) -> object:
    from PySide6.QtGui import QImage

    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    return image


def test_a_disabled_icon_is_paler() -> None:
    icon = assets.icon("plus", "#000000")
    normal = icon.pixmap(QSize(16, 16), QIcon.Mode.Normal).toImage().pixelColor(8, 8)
    pale = icon.pixmap(QSize(16, 16), QIcon.Mode.Disabled).toImage().pixelColor(8, 8)
    assert 0 < pale.alpha() < normal.alpha()


def test_an_icon_is_drawn_at_the_size_of_a_dense_screen() -> None:
    icon = assets.icon("folder", "#000000")
    assert icon.pixmap(QSize(16, 16), 2.0).size() == QSize(32, 32)


def test_the_program_has_an_icon() -> None:
    sizes = {size.width() for size in assets.app_icon().availableSizes()}
    assert {16, 32, 48, 256} <= sizes
    assert len(colors_of(assets.app_icon(), 64)) > 10


def test_a_style_sheets_icon_is_a_file_in_that_colour() -> None:
    path = Path(assets.icon_file("check", "#123456"))
    assert "#123456" in path.read_text()
    assert "currentColor" not in path.read_text()


def test_the_bundled_fonts_are_used(qapp: QApplication) -> None:
    assert {"Inter", "JetBrains Mono"} <= set(assets.load_fonts())
    assert QFontInfo(ui_font()).family() == "Inter"
    assert QFontInfo(mono_font()).family() == "JetBrains Mono"


def test_every_font_has_its_licence() -> None:
    texts = assets.licences()
    folders = {path.parent.name for path in (assets.root() / "fonts").glob("*/*.[ot]tf")}
    assert folders <= set(texts)
    assert all("SIL OPEN FONT LICENSE Version 1.1" in texts[name] for name in folders)
    assert all(name in texts["Contents"] for name in folders)


def test_a_missing_resource_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "root", lambda: tmp_path)
    with pytest.raises(assets.MissingResource) as caught:
        assets.icon("folder", "#000000")
    assert caught.value.path == tmp_path / "icons/folder.svg"
    assert "install" in str(caught.value)


def test_an_unknown_icon_is_a_missing_resource() -> None:
    with pytest.raises(assets.MissingResource):
        assets.icon("no-such-icon", "#000000")


def test_a_packaged_program_shows_the_licences_that_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "licences").mkdir()
    (tmp_path / "fonts").mkdir()
    (tmp_path / "licences" / "README.md").write_text("# What is bundled", encoding="utf-8")
    (tmp_path / "licences" / "python.txt").write_text("PSF", encoding="utf-8")
    monkeypatch.setattr(assets, "root", lambda: tmp_path)
    assert assets.licences() == {"Contents": "# What is bundled", "python": "PSF"}
