"""What goes into the bundle and what stays out."""

from __future__ import annotations

import pytest

from recipe.trimming import is_wanted, is_wanted_library, without_loose_ends


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/QtWidgets.abi3.so",
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6\\Qt6Gui.dll",
        "libQt6Core.so.6",
        "libpython3.11.so.1.0",
        "orjson/orjson.cpython-311-x86_64-linux-gnu.so",
        "gui/_resources/icons/open.svg",
    ],
)
def test_what_the_program_uses_stays(name: str) -> None:
    assert is_wanted(name)


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/QtNetwork.abi3.so",
        "libQt6Network.so.6",
        "PySide6/Qt6Network.dll",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/opengl32sw.dll",
        "rapidfuzz/fuzz_cpp_avx2.cpython-311-x86_64-linux-gnu.so",
        "click-8.5.1.dist-info/METADATA",
    ],
)
def test_what_it_never_uses_goes(name: str) -> None:
    assert not is_wanted(name)


def test_of_the_systems_own_libraries_only_what_a_desktop_may_lack_is_taken_along() -> None:
    assert is_wanted_library("libxcb-cursor.so.0", "/lib/x86_64-linux-gnu/libxcb-cursor.so.0")
    assert is_wanted_library("libcrypto.so.3", "/usr/lib/x86_64-linux-gnu/libcrypto.so.3")
    assert is_wanted_library("libpython3.11.so.1.0", "/usr/lib/libpython3.11.so.1.0")
    assert not is_wanted_library("libX11.so.6", "/lib/x86_64-linux-gnu/libX11.so.6")
    assert is_wanted_library("libicudata.so.73", "/venv/PySide6/Qt/lib/libicudata.so.73")


def test_a_library_that_only_a_removed_plugin_needed_goes_with_it() -> None:
    needs = {"/qxcb": ["libxcb.so"], "/xcb": ["libxau.so"], "/gtk": ["libgdk.so"]}
    kept = [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/qxcb", "BINARY"),
        ("libxcb.so", "/xcb", "BINARY"),
        ("libxau.so", "/xau", "BINARY"),
        ("libgtk.so", "/gtk", "BINARY"),
        ("libgdk.so", "/gdk", "BINARY"),
    ]
    names = without_loose_ends(kept, lambda path: needs.get(path, []))
    assert names == {"PySide6/Qt/plugins/platforms/libqxcb.so", "libxcb.so", "libxau.so"}
