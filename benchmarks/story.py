"""The made-up data of the benchmarks, and what each version of it must read back as."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.peers import Changed, Json

_SPREAD = 2_654_435_761
"""Knuth's multiplicative hash: neighbours land far apart."""


def key_of(number: int) -> str:
    """The key of a record."""
    return f"user-{number:06}"


def record(number: int, revision: int) -> Json:
    """A record of about 180 bytes; it differs with each revision."""
    noise = (number * _SPREAD + revision * 40_503) % 2**32
    return {
        "id": number,
        "name": f"User {noise % 10_000}",
        "email": f"user{number}@example.org",
        "city": ("Berlin", "Lima", "Osaka", "Accra")[noise % 4],
        "balance": noise / 100,
        "active": noise % 3 > 0,
        "tags": ["customer", f"group-{noise % 50}"],
        "revision": revision,
    }


def collection(records: int, revision: int) -> dict[str, Json]:
    """So many records by key, all of one revision."""
    return {key_of(number): record(number, revision) for number in range(records)}


@dataclass(frozen=True)
class Story:
    """A collection and its versions: the first puts all records, each later one changes one."""

    records: int
    versions: int

    def start(self) -> dict[str, Json]:
        """What the first version puts."""
        return collection(self.records, 1)

    def change(self, version: int) -> tuple[str, Json]:
        """The key and value that a version, the second or later, puts."""
        number = self._number(version)
        return key_of(number), record(number, version)

    def at(self, version: int) -> dict[str, Json]:
        """All records as a version has them."""
        return self.start() | dict(map(self.change, range(2, version + 1)))

    def value(self, number: int, version: int) -> Json:
        """One record as a version has it."""
        for earlier in range(version, 1, -1):
            if self._number(earlier) == number:
                return record(number, earlier)
        return record(number, 1)

    def changed(self, old: int, new: int) -> list[Changed]:
        """The records that differ between two versions, by key."""
        numbers = {self._number(version) for version in range(old + 1, new + 1)}
        return [
            Changed(key_of(number), self.value(number, old), self.value(number, new))
            for number in sorted(numbers)
        ]

    @property
    def size(self) -> int:
        """About how many bytes one version has."""
        return 180 * self.records

    def _number(self, version: int) -> int:
        return version * _SPREAD % 2**32 % self.records


@dataclass(frozen=True)
class Papers:
    """A document of about `size` bytes; each version after the first changes one of its items."""

    size: int

    def first(self) -> Json:
        return {"title": "A document", "items": [record(n, 1) for n in range(self._count)]}

    def after(self, document: Json, version: int) -> Json:
        """The next version of a document, which stays as it is."""
        number = version * _SPREAD % 2**32 % self._count
        items = list(document["items"])
        items[number] = record(number, version)
        return {**document, "items": items}

    def at(self, version: int) -> Json:
        """The document as a version has it."""
        document = self.first()
        for later in range(2, version + 1):
            document = self.after(document, later)
        return document

    @property
    def _count(self) -> int:
        return max(1, self.size // 180)
