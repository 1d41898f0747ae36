"""The tenant wide-world: a warehouse in every city, under names in many scripts."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from . import content
from .edits import another, nudge, swap_tag
from .makers import full_name, notes
from .pen import Pen

WAREHOUSES: Final = (
    "Oslo", "Łódź", "São Paulo", "Αθήνα", "Київ", "القاهرة", "תל אביב", "मुंबई", "กรุงเทพ",
    "서울", "東京", "上海", "Nairobi", "Montréal", "Reykjavík", "Wellington",
)  # fmt: skip
_SHELVES: Final = ("A", "B", "C", "cold room", "yard")


def stock(pen: Pen) -> None:
    """What lies on which shelf; counted, moved, and found again."""
    random = pen.random
    names = random.sample(content.PRODUCTS, 14)
    pen.put_many({name: _line(pen) for name in names}, "import", "First count")
    while pen.left:
        records = pen.records()
        key = random.choice(sorted(records))
        line = deepcopy(records[key])
        if random.random() < 0.7:
            nudge(random, line, "quantity", 4)
        elif random.random() < 0.6:
            line["shelf"] = another(random, _SHELVES, line["shelf"])
        else:
            swap_tag(random, line, "marks", content.TAGS)
        pen.put(key, line, note=random.choice(("", "", "", "Counted again", "Found behind C 🔎")))


def _line(pen: Pen) -> dict[str, Any]:
    return {
        "quantity": pen.random.randint(0, 240),
        "shelf": pen.random.choice(_SHELVES),
        "marks": pen.random.sample(content.TAGS, 2),
        "best_before": f"2027-{pen.random.randint(1, 12):02}-01",
    }


def vehicles(pen: Pen) -> None:
    """Trucks with a log that grows at the front."""
    random = pen.random
    fleet = [f"{letters} {random.randint(100, 999)}" for letters in ("KA", "NW", "WW", "ÆØ")]
    for plate in fleet:
        pen.put(plate, {"driver": full_name(random), "km": random.randint(8, 90) * 1000, "log": []})
    while pen.left:
        plate = random.choice(fleet)
        truck = deepcopy(pen.records()[plate])
        truck["km"] += random.randint(40, 900)
        truck["log"] = [{"km": truck["km"], "remark": notes(random, 1)}, *truck["log"]][:8]
        pen.put(plate, truck)


def packaging(pen: Pen) -> None:
    """Boxes, whose measures turn from text into numbers along the way."""
    random = pen.random
    for size in ("S", "M", "L", "XL"):
        pen.put(size, {"outer": "30 × 20 × 15 cm", "weight": "120 g", "stock": 400}, "import")
    while pen.left > 1:
        size = random.choice(("S", "M", "L", "XL"))
        box = dict(pen.records()[size])
        nudge(random, box, "stock", 25)
        pen.put(size, box)
    measured = {
        size: {**box, "outer": [30, 20, 15], "weight": 120} for size, box in pen.records().items()
    }
    pen.put_many(measured, "ana", "Measures as numbers")


def colours(pen: Pen) -> None:
    """Small objects that are nearly all alike."""
    names = ("amber", "coral", "indigo", "moss", "pearl", "sand", "teal", "wine")
    while pen.left:
        name = pen.random.choice(names)
        pen.put(name, {"hex": f"#{pen.random.randrange(1 << 24):06x}", "matt": True}, "marco")


def promises(pen: Pen) -> None:
    """A list of sentences, saved whole."""
    lines = [pen.random.choice(content.SENTENCES)]
    while pen.left:
        pen.save(lines, "lena")
        lines = pen.random.sample(content.SENTENCES, pen.random.randint(3, 8))
