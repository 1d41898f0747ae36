"""Programs for Windows are signed where there is a key, and left alone where there is none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recipe import windows
from recipe.facts import RecipeError

# The least that counts as a program: its head, one section, and nothing to run.
_SHORT = b"MZ" + bytes(58) + (64).to_bytes(4, "little")
_HEAD = b"PE\0\0" + bytes.fromhex("64860100") + bytes(12) + bytes.fromhex("f0002200")
_OPTIONAL = bytes.fromhex("0b02") + bytes(58) + (512).to_bytes(4, "little") + bytes(44)
_DIRECTORIES = (16).to_bytes(4, "little") + bytes(16 * 8)
PROGRAM = (_SHORT + _HEAD + _OPTIONAL + _DIRECTORIES).ljust(512, b"\0")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "dbengine.exe"
    path.write_bytes(PROGRAM)
    return path


@pytest.fixture
def kits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(windows, "_PROGRAMS", tmp_path)
    return tmp_path / "Windows Kits" / "10" / "bin"


def test_without_a_key_a_program_stays_as_it_is(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("WINDOWS_KEY_FILE", raising=False)
    windows.sign(program)
    assert program.read_bytes() == PROGRAM
    assert "dbengine.exe is not signed" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="there, signtool signs, with a real key")
def test_with_a_key_a_program_is_signed_by_it(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("osslsigncode", "openssl"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed (Debian: apt-get install {name})")
    key, certificate = made_key(tmp_path)
    monkeypatch.setenv("WINDOWS_KEY_FILE", str(key))
    monkeypatch.setenv("WINDOWS_KEY_PASSWORD", "secret")
    windows.sign(program)
    told = call("osslsigncode", "verify", "-CAfile", certificate, program)
    assert "Signature verification: ok" in told
    assert "CN=Stand-in" in told
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".exe", ".p12", ".pem", ".pem"]


def made_key(folder: Path) -> tuple[Path, Path]:
    key, certificate, both = folder / "key.pem", folder / "own.pem", folder / "key.p12"
    call("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
         "-out", certificate, "-subj", "/CN=Stand-in",
         "-addext", "extendedKeyUsage=codeSigning")  # fmt: skip
    call("openssl", "pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", both,
         "-passout", "pass:secret")  # fmt: skip
    return both, certificate


def call(*line: str | Path) -> str:
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_signtool_is_that_of_the_newest_kit(kits: Path) -> None:
    for number in ("10.0.9600.0", "10.0.22621.0", "10.0.19041.0"):
        (kits / number / "x64").mkdir(parents=True)
        (kits / number / "x64" / "signtool.exe").touch()
    (kits / "x64").mkdir()
    assert windows.signtool() == kits / "10.0.22621.0" / "x64" / "signtool.exe"


def test_where_there_is_no_kit_it_says_what_to_install(kits: Path) -> None:
    with pytest.raises(RecipeError, match="Install the Windows SDK"):
        windows.signtool()
