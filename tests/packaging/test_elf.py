"""What programs and libraries need, as the tools of the system tell it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from recipe import bundle, elf
from recipe.facts import RecipeError

TOLD = {
    "program": """
 0x0000000000000001 (NEEDED)             Shared library: [libown.so.1]
 0x0000000000000001 (NEEDED)             Shared library: [libxcb-icccm.so.4]
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
  0x0010:   Name: GLIBC_2.9  Flags: none  Version: 3
""",
    "libown.so.1.2": """
 0x000000000000000e (SONAME)             Library soname: [libown.so.1]
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
  0x0010:   Name: GLIBC_2.35  Flags: none  Version: 4
""",
    "libqgtk3.so": """
 0x0000000000000001 (NEEDED)             Shared library: [libgtk-3.so.0]
""",
}
CACHE = "1 libs found in cache\n\tlibc.so.6 (libc6,x86-64, OS ABI: Linux 3.2.0) => /lib/libc.so.6\n"


def ask(command: Sequence[str | Path]) -> str:
    """Stands for readelf and ldconfig."""
    return CACHE if command[0] == "/sbin/ldconfig" else TOLD[Path(command[-1]).name]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(elf, "ask", ask)
    for name in TOLD:
        (tmp_path / name).write_bytes(b"\x7fELF and so on")
    (tmp_path / "text").write_text("no program")
    (tmp_path / "link").symlink_to("program")
    return tmp_path


def test_programs_and_libraries_are_told_from_texts_and_links(folder: Path) -> None:
    assert [path.name for path in elf.binaries(folder)] == sorted(TOLD)


def test_an_rpm_requires_what_is_always_loaded_and_the_newest_glibc(folder: Path) -> None:
    assert elf.requirements(folder) == [
        "libc.so.6(GLIBC_2.35)(64bit)",
        "libc.so.6()(64bit)",
        "libxcb-icccm.so.4()(64bit)",
    ]


def test_a_build_without_a_library_of_the_system_says_which_and_what_to_install(
    folder: Path,
) -> None:
    """PyInstaller only warns: what came out did not start on any desktop that lacked it, too."""
    assert elf.lacking(folder) == ["libgtk-3.so.0", "libxcb-icccm.so.4"]
    with pytest.raises(
        RecipeError, match=r"no libgtk-3\.so\.0, libxcb-icccm\.so\.4\. Install what"
    ):
        bundle._check_libraries(folder)
