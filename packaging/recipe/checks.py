"""Checks of what was made: Debian's and the desktop's own, and that a build comes out the same."""

from __future__ import annotations

import shutil
from pathlib import Path

from recipe import bundle, linux, trees
from recipe.facts import DIST, NAME, WORK, RecipeError, run, say, version


def lint() -> None:
    """What Debian and the desktop's projects have to check a package with."""
    share = WORK / "deb/root/usr/share"
    run(
        [
            "lintian",
            "--allow-root",
            "--fail-on",
            "error,warning",
            DIST / f"{NAME}_{version()}_amd64.deb",
        ]
    )
    run(["desktop-file-validate", share / f"applications/{NAME}.desktop"])
    run(["appstreamcli", "validate", "--no-net", share / f"metainfo/{NAME}.metainfo.xml"])


def reproduce() -> None:
    """Build bundle and tarball twice, in two places; any byte that differs fails."""
    first = trees.fingerprints(bundle.make(WORK / "first"))
    second = trees.fingerprints(bundle.make(WORK / "second"))
    differing = sorted(name for name in first | second if first.get(name) != second.get(name))
    if differing:
        raise RecipeError(f"Two builds differ in {len(differing)} files: {', '.join(differing)}.")
    say(f"Two builds are the same in all {len(first)} files.")
    packed = [_packed(WORK / name / NAME) for name in ("first", "second")]
    if packed[0] != packed[1]:
        raise RecipeError("Two packages of the same bundle differ.")
    say("So are the packages made of them.")
    for name in ("first", "second"):
        shutil.rmtree(WORK / name)


def _packed(made: Path) -> list[bytes]:
    return [pack(made).read_bytes() for pack in (linux.tarball, linux.deb, linux.rpm)]
