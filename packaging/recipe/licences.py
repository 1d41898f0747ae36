"""Gathers the licences of everything that is bundled; About shows what is put together here."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

from recipe.facts import PACKAGING, ROOT, RecipeError
from recipe.trimming import BUNDLED_LIBRARIES

_REQUIREMENTS: Final = PACKAGING / "requirements" / "program.txt"
_NOT_BUNDLED: Final = "# Not bundled"
_OF_QT: Final = {"pyside6-essentials", "shiboken6"}
"""Their packages carry no texts; ours are in `packaging/licences`."""

_FILES: Final = re.compile(r"(^|/)(LICEN[CS]E|COPYING|NOTICE|MIT-LICENSE)[^/]*$", re.IGNORECASE)


def gather(folder: Path) -> None:
    """Write one text for each thing that is bundled, and `README.md`, the list of them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name in bundled_distributions():
        found = distribution(name)
        rows.append((found.name, found.version, _terms(found)))
        if name.lower() not in _OF_QT:
            _write(folder / f"{found.name.lower()}.txt", "\n\n".join(_texts(found)))
    rows.append(("Python", ".".join(map(str, sys.version_info[:3])), "PSF-2.0"))
    _write(folder / "python.txt", _python_licence())
    rows.append(
        ("PyInstaller's loader", distribution("pyinstaller").version, "Apache-2.0 (loader)")
    )
    _write(folder / "pyinstaller.txt", "\n\n".join(_texts(distribution("pyinstaller"))))
    for path in sorted((PACKAGING / "licences").glob("*.txt")):
        _write(folder / path.name, path.read_text(encoding="utf-8"))
    rows += _system_libraries(folder)
    _write(folder / "README.md", contents(rows))


def bundled_distributions() -> list[str]:
    """The names in `requirements/program.txt` that go into the bundle on this system."""
    lines = _REQUIREMENTS.read_text(encoding="utf-8").split(_NOT_BUNDLED)[0].splitlines()
    wanted = [line for line in lines if "==" in line and _applies(line)]
    return [line.partition("==")[0] for line in wanted]


def contents(rows: list[tuple[str, str, str]]) -> str:
    """The list of what is bundled, in Markdown: what the checkout lists, and these rows."""
    text = (ROOT / "resources/licences/README.md").read_text(encoding="utf-8")
    own = text.split("Both fonts are unmodified.")[0].rstrip()
    more = [f"| {name} | the program | {version} | {terms} |" for name, version, terms in rows]
    notes = (PACKAGING / "licences" / "notes.md").read_text(encoding="utf-8")
    return "\n".join([own, *more, "", "Both fonts are unmodified.", "", notes])


def _applies(line: str) -> bool:
    marker = re.search(r'sys_platform == "([^"]+)"', line)
    return marker is None or marker[1] == sys.platform


def _terms(found: Distribution) -> str:
    told = found.metadata.json
    said = str(told.get("license_expression") or told.get("license") or "")
    if found.name.lower().replace("_", "-") in _OF_QT:
        return "LGPL-3.0-only"
    return said if 0 < len(said) < 60 else f"see `{found.name.lower()}.txt`"


def _texts(found: Distribution) -> Iterator[str]:
    texts = [file for file in found.files or [] if _FILES.search(str(file))]
    if not texts:
        raise RecipeError(f"{found.name} {found.version} brings no licence text.")
    for file in sorted(texts):
        yield (
            Path(str(found.locate_file(file))).read_text(encoding="utf-8", errors="replace").strip()
        )


def _python_licence() -> str:
    places = [Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix)]
    found = next(
        (place / "LICENSE.txt" for place in places if (place / "LICENSE.txt").exists()), None
    )
    if found is None:
        raise RecipeError(f"Python's LICENSE.txt is in none of {', '.join(map(str, places))}.")
    return found.read_text(encoding="utf-8")


def _system_libraries(folder: Path) -> list[tuple[str, str, str]]:
    """Linux: the few libraries of the building system, with its own copyright files."""
    if sys.platform != "linux":
        return []
    packages = sorted({_package(path) for path in _library_paths()})
    parts = []
    for name in packages:
        text = Path(f"/usr/share/doc/{name}/copyright").read_text(encoding="utf-8")
        parts.append(f"{name}\n{'=' * len(name)}\n\n{text.strip()}")
    _write(folder / "linux-libraries.txt", "\n\n".join(parts))
    return [(name, "", "see `linux-libraries.txt`") for name in packages]


def _library_paths() -> Iterator[Path]:
    told = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True)
    for line in told.stdout.splitlines():
        name, _arrow, path = line.strip().partition(" => ")
        if path and "x86-64" in name and BUNDLED_LIBRARIES.match(name.split()[0]):
            yield Path(path).resolve()


def _package(path: Path) -> str:
    """The Debian package of a file; /lib is a link to /usr/lib, and dpkg knows one of both."""
    for candidate in (path, Path("/") / path.relative_to("/usr")):
        told = subprocess.run(
            ["dpkg", "-S", str(candidate)], capture_output=True, text=True, check=False
        )
        if told.returncode == 0:
            return told.stdout.partition(":")[0]
    raise RecipeError(f"No package owns {path}, so its licence is not known.")


def _write(path: Path, text: str) -> None:
    path.write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    gather(Path(sys.argv[1]))
