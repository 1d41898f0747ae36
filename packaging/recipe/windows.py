"""Windows: the installer, and signatures where there is a key."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from recipe import bundle
from recipe.facts import DIST, NAME, PACKAGING, RecipeError, environment, run, say, version

_TIMESTAMPS: Final = "http://timestamp.digicert.com"
_PROGRAMS: Final = Path(os.environ.get("PROGRAMFILES(X86)", ""))


def installer(made: Path) -> Path:
    """The NSIS installer of a bundle made on Windows; programs and installer signed with a key."""
    for program in sorted(made.glob("*.exe")):
        sign(program)
    DIST.mkdir(exist_ok=True)
    target = DIST / f"{NAME}-{version()}-windows-setup.exe"
    compile_installer(made, target)
    sign(target)
    return target


def compile_installer(payload: Path, target: Path) -> None:
    """Have `makensis` pack the folder `payload`, which holds both programs."""
    maker = shutil.which("makensis") or _default_maker()
    values = {
        "VERSION": version(),
        "NUMBERS": f"{version()}.0",
        "PAYLOAD": str(payload),
        "TARGET": str(target),
        "ICON": str(bundle.PREPARED / "icons/icon.ico"),
    }
    if sys.platform == "linux":  # Debian's compiler makes 64-bit installers, too
        values["CPU"] = "amd64-unicode"
    if os.environ.get("WINDOWS_KEY_FILE"):
        values["SIGN"] = f'"{sys.executable}" -m recipe.windows'
    script = PACKAGING / "windows" / "installer.nsi"
    defined = (f"-D{name}={value}" for name, value in values.items())
    run([maker, "-V2", "-WX", *defined, script], env=environment(PYTHONPATH=str(PACKAGING)))


def sign(program: Path) -> None:
    """Sign with the key in `WINDOWS_KEY_FILE` (PKCS #12, password in `WINDOWS_KEY_PASSWORD`)."""
    key, password = os.environ.get("WINDOWS_KEY_FILE"), os.environ.get("WINDOWS_KEY_PASSWORD", "")
    if not key:
        say(f"{program.name} is not signed: WINDOWS_KEY_FILE names no key.")
        return
    if sys.platform == "win32":
        run([signtool(), "sign", "/fd", "sha256", "/td", "sha256", "/tr", _TIMESTAMPS,
             "/f", key, "/p", password, program])  # fmt: skip
        return
    signed = program.with_suffix(".signed")
    run(["osslsigncode", "sign", "-pkcs12", key, "-pass", password, "-h", "sha256",
         "-in", program, "-out", signed])  # fmt: skip
    signed.replace(program)


def signtool() -> Path:
    """Microsoft's tool, which its kits do not put into the PATH: that of the newest kit."""
    kits = _PROGRAMS / "Windows Kits" / "10" / "bin"
    found = sorted(kits.glob("10.*/x64/signtool.exe"), key=lambda path: _numbers(path.parts[-3]))
    if not found:
        raise RecipeError(f"{kits} has no signtool.exe. Install the Windows SDK.")
    return found[-1]


def _numbers(kit: str) -> tuple[int, ...]:
    return tuple(int(part) for part in kit.split(".") if part.isdecimal())


def _default_maker() -> str:
    usual = _PROGRAMS / "NSIS" / "makensis.exe"
    if not usual.exists():
        raise RecipeError("makensis is not there. Install NSIS (Debian: apt-get install nsis).")
    return str(usual)


if __name__ == "__main__":
    sign(Path(sys.argv[1]))
