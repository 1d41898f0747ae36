"""macOS: what the app says of itself, and how it becomes a disk image that Gatekeeper lets in."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path
from typing import Any, Final

from recipe.facts import DIST, NAME, PACKAGING, TITLE, WORK, run, say, version

IDENTIFIER: Final = "dbengine.browser"
_OLDEST_SYSTEM: Final = "13.0"


def info() -> dict[str, Any]:
    """What goes into Info.plist beside what PyInstaller writes itself."""
    return {
        "CFBundleName": TITLE,
        "CFBundleDisplayName": TITLE,
        "CFBundleExecutable": NAME,
        "LSBackgroundOnly": False,  # which PyInstaller assumes when the other program has a console
        "LSApplicationCategoryType": "public.app-category.developer-tools",
        "LSMinimumSystemVersion": _OLDEST_SYSTEM,
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "DbEngine database",
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Alternate",  # a folder is first of all the Finder's
                "LSItemContentTypes": ["public.folder"],
            }
        ],
    }


def disk_image(bundle: Path) -> Path:
    """Sign the app, put it into a `.dmg` beside a link to Applications, have it notarised.

    The app is for the processors of the machine that it is built on, and the image says so.

    Signing needs `MACOS_IDENTITY`, notarising `MACOS_NOTARY_PROFILE` (made by `xcrun notarytool
    store-credentials`) too. Without them the app is signed ad hoc, as Apple's processors demand.
    """
    app = bundle.parent / f"{TITLE}.app"
    _sign(app)
    DIST.mkdir(exist_ok=True)
    target = DIST / f"{NAME}-{version()}-macos-{platform.machine()}.dmg"
    target.unlink(missing_ok=True)
    run(["hdiutil", "create", "-volname", TITLE, "-srcfolder", _folder(app), "-fs", "HFS+",
         "-format", "UDZO", "-ov", target])  # fmt: skip
    _notarise(target)
    return target


def _sign(app: Path) -> None:
    identity = os.environ.get("MACOS_IDENTITY", "")
    options = ["--options", "runtime", "--timestamp"] if identity else []
    run(["codesign", "--force", "--deep", "--sign", identity or "-", *options,
         "--entitlements", PACKAGING / "macos" / "entitlements.plist", app])  # fmt: skip
    run(["codesign", "--verify", "--deep", "--strict", app])


def _folder(app: Path) -> Path:
    """What the disk image shows: the app, and where to drag it."""
    folder = WORK / "dmg"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(app, folder / app.name, symlinks=True)
    (folder / "Applications").symlink_to("/Applications")
    return folder


def _notarise(image: Path) -> None:
    profile = os.environ.get("MACOS_NOTARY_PROFILE", "")
    if not (profile and os.environ.get("MACOS_IDENTITY")):
        say("Not notarised: MACOS_IDENTITY and MACOS_NOTARY_PROFILE are not both given.")
        return
    run(["xcrun", "notarytool", "submit", image, "--keychain-profile", profile, "--wait"])
    run(["xcrun", "stapler", "staple", image])
