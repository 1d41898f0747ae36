"""Draws the program's icon, one SVG, in the sizes and containers that each system wants."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

PNG_SIZES: Final = (16, 24, 32, 48, 64, 128, 256, 512)
_ICO_SIZES: Final = (16, 24, 32, 48, 64, 256)
_ICNS_KINDS: Final = {
    b"icp4": 16, b"icp5": 32, b"icp6": 64, b"ic07": 128, b"ic08": 256, b"ic09": 512,
    b"ic10": 1024, b"ic11": 32, b"ic12": 64, b"ic13": 256, b"ic14": 512,
}  # fmt: skip


def draw(svg: Path, folder: Path) -> None:
    """Write `icon-<size>.png`, `icon.ico` and `icon.icns` into `folder`."""
    renderer = QSvgRenderer(str(svg))
    folder.mkdir(parents=True, exist_ok=True)
    for size in PNG_SIZES:
        (folder / f"icon-{size}.png").write_bytes(png(renderer, size))
    (folder / "icon.ico").write_bytes(ico({size: png(renderer, size) for size in _ICO_SIZES}))
    pictures = {kind: png(renderer, size) for kind, size in _ICNS_KINDS.items()}
    (folder / "icon.icns").write_bytes(icns(pictures))


def png(renderer: QSvgRenderer, size: int) -> bytes:
    """The icon in `size` × `size` pixels."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(data.data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """Windows' container: a directory of sizes, then the PNGs themselves."""
    offset = 6 + 16 * len(pictures)
    head = [struct.pack("<HHH", 0, 1, len(pictures))]
    for size, data in pictures.items():
        side = size % 256  # 256 is written as 0
        head.append(struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(data), offset))
        offset += len(data)
    return b"".join([*head, *pictures.values()])


def icns(pictures: dict[bytes, bytes]) -> bytes:
    """Apple's container: PNGs, each behind its kind and length."""
    body = b"".join(
        kind + struct.pack(">I", len(data) + 8) + data for kind, data in pictures.items()
    )
    return b"icns" + struct.pack(">I", len(body) + 8) + body


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
