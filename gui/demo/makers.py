"""Makes the demo's records, and changes them as people would."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from . import content
from .edits import Edit, another, move_item, nudge, reword, swap_tag


def product(random: Random, name: str = "") -> dict[str, Any]:
    """A line of a supplier's list."""
    return {
        "sku": random.randint(100, 999),
        "name": name or random.choice(content.PRODUCTS),
        "price": round(random.uniform(2, 60), 1),
    }


def supplier(random: Random, row: tuple[str, str, str, str, str]) -> dict[str, Any]:
    _key, name, contact, city, country = row
    return {
        "name": name,
        "contact": contact,
        "rating": random.randint(10, 20) / 4,
        "address": {
            "street": street(random),
            "city": city,
            "postcode": f"{random.randint(10_000, 99_999)}",
            "region": random.choice(("North", "South", "East", "West")),
            "phone": phone(random),
            "country": country,
        },
        "products": [product(random, name) for name in random.sample(content.PRODUCTS, 5)],
        "tags": random.sample(content.TAGS, 3),
        "notes": notes(random, 4),
        "active": True,
    }


def customer(random: Random, number: int) -> dict[str, Any]:
    first, last = random.choice(content.FIRST_NAMES), random.choice(content.LAST_NAMES)
    return {
        "id": number,
        "name": f"{first} {last}",
        "email": f"customer{number}@example.com",
        "address": {"street": street(random), "city": random.choice(content.CITIES)},
        "segment": random.choice(("home", "shop", "restaurant")),
        "discount": random.choice((0, 0.05, 0.1)),
        "tags": random.sample(content.TAGS, 2),
        "orders": [],
    }


def street(random: Random) -> str:
    return f"{random.choice(content.STREETS)} {random.randint(1, 120)}"


def phone(random: Random) -> str:
    return f"+{random.randint(30, 98)} {random.randint(100, 999)} 555 {random.randint(100, 999)}"


def notes(random: Random, sentences: int) -> str:
    return ". ".join(random.sample(content.SENTENCES, sentences)) + "."


def full_name(random: Random) -> str:
    return f"{random.choice(content.FIRST_NAMES)} {random.choice(content.LAST_NAMES)}"


# ---- edits --------------------------------------------------------------------------------------


def _contact(random: Random, record: dict[str, Any]) -> None:
    record["contact"] = full_name(random)


def _rating(random: Random, record: dict[str, Any]) -> None:
    nudge(random, record, "rating", 0.25)
    record["rating"] = min(record["rating"], 5.0)


def _moved_house(random: Random, record: dict[str, Any]) -> None:
    record["address"]["street"] = street(random)


def _phone(random: Random, record: dict[str, Any]) -> None:
    record["address"]["phone"] = phone(random)


def _new_product(random: Random, record: dict[str, Any]) -> None:
    record["products"].insert(random.randint(0, 2), product(random))


def _product_gone(random: Random, record: dict[str, Any]) -> None:
    if len(record["products"]) > 3:
        record["products"].pop(random.randrange(len(record["products"])))


def _product_moved(random: Random, record: dict[str, Any]) -> None:
    move_item(random, record["products"])


def _product_price(random: Random, record: dict[str, Any]) -> None:
    nudge(random, random.choice(record["products"]), "price", 0.5)


def _tags(random: Random, record: dict[str, Any]) -> None:
    swap_tag(random, record, "tags", content.TAGS)


def _notes(random: Random, record: dict[str, Any]) -> None:
    reword(random, record, "notes", content.SENTENCES)


def _active(_random: Random, record: dict[str, Any]) -> None:
    record["active"] = not record["active"]


def _segment(random: Random, record: dict[str, Any]) -> None:
    record["segment"] = another(random, ("home", "shop", "restaurant"), record["segment"])


def _discount(random: Random, record: dict[str, Any]) -> None:
    # The old forms wrote 0 and not 0.0, and one of them wrote a text: so it is in real data.
    choices = (0, 0.05, 0.1, 0.15) if random.random() < 0.97 else ("10 %", None)
    record["discount"] = another(random, choices, record["discount"])


def _order(random: Random, record: dict[str, Any]) -> None:
    items = random.sample(content.PRODUCTS, random.randint(1, 3))
    order = {
        "no": random.randint(10_000, 99_999),
        "items": items,
        "total": round(random.uniform(12, 480), 2),
    }
    record["orders"].insert(0, order)
    del record["orders"][4:]


SUPPLIER_EDITS: Final[tuple[Edit, ...]] = (
    _contact, _rating, _moved_house, _phone, _new_product, _product_gone, _product_moved,
    _product_price, _product_price, _tags, _notes, _notes, _active,
)  # fmt: skip
CUSTOMER_EDITS: Final[tuple[Edit, ...]] = (
    _order, _order, _order, _order, _moved_house, _tags, _segment, _discount,
)  # fmt: skip
