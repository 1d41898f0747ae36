"""What the app says of itself on macOS; that it runs there, only the release workflow can tell."""

from __future__ import annotations

import plistlib

from recipe import macos
from recipe.facts import PACKAGING


def test_it_is_a_program_with_a_window_that_opens_folders() -> None:
    info = plistlib.loads(plistlib.dumps(macos.info()))
    assert info["CFBundleExecutable"] == "dbengine-browser"
    assert info["LSBackgroundOnly"] is False
    [kind] = info["CFBundleDocumentTypes"]
    assert kind["LSItemContentTypes"] == ["public.folder"]
    assert kind["LSHandlerRank"] == "Alternate"


def test_what_it_is_allowed_can_be_read() -> None:
    text = (PACKAGING / "macos" / "entitlements.plist").read_bytes()
    assert all(value is True for value in plistlib.loads(text).values())
