"""The icon in the containers that Windows and macOS want."""

from __future__ import annotations

import struct
from pathlib import Path

from PySide6.QtGui import QImage

from recipe.facts import ROOT
from recipe.icons import PNG_SIZES, draw, icns, ico


def test_the_icon_is_drawn_in_every_size_and_the_same_each_time(tmp_path: Path) -> None:
    for name in ("once", "twice"):
        draw(ROOT / "resources" / "icon.svg", tmp_path / name)
    for size in PNG_SIZES:
        image = QImage(str(tmp_path / "once" / f"icon-{size}.png"))
        assert image.size().toTuple() == (size, size)
        assert image.pixelColor(size // 2, size // 8).blue() > 150, "the blue ground"
    for path in sorted((tmp_path / "once").iterdir()):
        assert path.read_bytes() == (tmp_path / "twice" / path.name).read_bytes()


def test_an_ico_leads_to_each_of_its_pictures() -> None:
    made = ico({16: b"small", 256: b"the large one"})
    assert struct.unpack_from("<HHH", made) == (0, 1, 2)
    for number, (side, data) in enumerate(((16, b"small"), (0, b"the large one"))):
        entry = struct.unpack_from("<BBBBHHII", made, 6 + 16 * number)
        assert entry[0] == side
        assert made[entry[7] : entry[7] + entry[6]] == data


def test_an_icns_says_how_long_it_and_each_picture_is() -> None:
    made = icns({b"ic07": b"picture"})
    assert made[:4] == b"icns"
    assert struct.unpack(">I", made[4:8]) == (len(made),)
    assert made[8:12] == b"ic07"
    assert struct.unpack(">I", made[12:16]) == (8 + len(b"picture"),)
