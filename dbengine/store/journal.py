"""The lines of a journal: one line is one commit, its new objects and the head it moves.

    checksum TAB header TAB object TAB object … NEWLINE

The header is JSON: `synced`, `entry`, `head`, `deleted` where that is a deletion, and `objects` as
digests with sizes. The checksum covers the header and where the line stands; the objects are
covered by their own digests, so that writing hashes nothing twice. Compact JSON holds no raw tab
and no newline.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from dbengine import codec

TAB: Final = b"\t"
NEWLINE: Final = b"\n"
_CHECKSUM: Final = 16
_BEGIN: Final = re.compile(rb'[0-9a-f]{16}\t\{"synced":')


class Line(NamedTuple):
    """One commit in a segment. `synced` tells up to where that was durable when it was written.

    `places` says for each new object at which offset of the segment it is, and how long.
    """

    entry: str
    head: str
    synced: int
    places: Mapping[str, tuple[int, int]]
    end: int
    deleted: bool = False


def encode(
    offset: int,
    synced: int,
    entry: str,
    head: str,
    objects: Mapping[str, bytes],
    *,
    deleted: bool = False,
) -> tuple[bytes, Line]:
    """The line that is to stand at `offset`, without its newline."""
    sizes = [(digest, len(data)) for digest, data in objects.items()]
    fields: dict[str, Any] = {"synced": synced, "entry": entry, "head": head}
    if deleted:
        fields["deleted"] = True
    fields["objects"] = sizes
    header = codec.dump(fields)
    raw = TAB.join((_checksum(offset, header), header, *objects.values()))
    places = _places(offset + _CHECKSUM + 1 + len(header), sizes)
    return raw, Line(entry, head, synced, places, offset + len(raw) + 1, deleted)


def decode(offset: int, raw: bytes) -> Line | None:
    """The line at `offset`, or None where it is not whole: torn, damaged, or not a line."""
    header = raw[_CHECKSUM + 1 :].partition(TAB)[0]
    if raw[: _CHECKSUM + 1] != _checksum(offset, header) + TAB:
        return None
    fields: Any = codec.load(header)
    body = _CHECKSUM + 1 + len(header)
    places = _places(offset + body, fields["objects"])
    if not _are_whole(places, offset, raw, body):
        return None
    end, deleted = offset + len(raw) + 1, "deleted" in fields
    return Line(fields["entry"], fields["head"], fields["synced"], places, end, deleted)


def whole_lines(offset: int, data: bytes) -> Iterator[Line]:
    """The lines from the start of `data` on, up to the first blank or damaged one."""
    start = 0
    while (stop := data.find(NEWLINE, start)) > start:
        line = decode(offset + start, data[start:stop])
        if line is None:
            return
        yield line
        start = stop + 1


def proven(offset: int, data: bytes) -> int:
    """Up to where the segment was once durable, by the word of any whole line in `data`."""
    highest = 0
    for begin in _BEGIN.finditer(data):
        start = begin.start()
        stop = data.find(NEWLINE, start)
        line = decode(offset + start, data[start : stop if stop >= 0 else None])
        highest = max(highest, line.synced if line else 0)
    return highest


def _checksum(offset: int, header: bytes) -> bytes:
    return hashlib.sha256(b"%d\t%b" % (offset, header)).hexdigest()[:_CHECKSUM].encode()


def _places(after: int, sizes: Iterable[tuple[str, int]]) -> dict[str, tuple[int, int]]:
    places = {}
    for digest, size in sizes:
        places[digest] = after + 1, size
        after += 1 + size
    return places


def _are_whole(places: Mapping[str, tuple[int, int]], offset: int, raw: bytes, body: int) -> bool:
    """Whether the objects are all there, and nothing behind them."""
    for digest, (start, size) in places.items():
        body = start - offset + size
        if codec.digest_of(raw[start - offset : body]) != digest:
            return False
    return body == len(raw)
