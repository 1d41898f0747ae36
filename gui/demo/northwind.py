"""The tenant northwind: a shop's suppliers, customers, prices, taxes and settings."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from . import content
from .edits import another, move_item, nudge, reword, swap_tag
from .makers import CUSTOMER_EDITS, SUPPLIER_EDITS, customer, notes, product, supplier
from .pen import Pen

_EXOTIC: Final = "exotic-liquids"
_KNOWN_PRODUCTS: Final = (
    (412, "Chai", 18.0), (97, "Aniseed Syrup", 10.0),
)  # fmt: skip


def suppliers(pen: Pen) -> None:
    """Ends with a version whose comparison shows every kind of change."""
    random = pen.random
    pen.put_many({row[0]: supplier(random, row) for row in content.SUPPLIERS[:20]}, "import",
                 "From the old system")  # fmt: skip
    for row in content.SUPPLIERS[20:]:
        pen.put(row[0], supplier(random, row), note="From the trade fair")
    while pen.left > 6:
        _edit_records(pen)
    _last_days(pen)


def _edit_records(pen: Pen) -> None:
    random, records = pen.random, pen.records()
    keys = random.sample(sorted(records), random.choice((1, 1, 1, 2, 3)))
    changed = {key: deepcopy(records[key]) for key in keys}
    for record in changed.values():
        for edit in random.sample(SUPPLIER_EDITS, random.choice((1, 1, 2))):
            edit(random, record)
    note = random.choice(content.NOTES["record"]) if random.random() < 0.25 else ""
    pen.put_many(changed, note=note)


def _last_days(pen: Pen) -> None:
    records = pen.records()
    pen.put(_EXOTIC, _exotic_before(pen, records[_EXOTIC]), "ana")
    spring = {key: _dearer(pen, record) for key, record in records.items() if key != _EXOTIC}
    pen.put_many(spring, "import", "Price update")
    pen.put("new-orleans-cajun", {**pen.records()["new-orleans-cajun"], "active": False}, "marco")
    pen.delete("escargots", "lena", "Duplicate of Aux Joyeux Caves")
    pen.restore(3, ["new-orleans-cajun", "tokyo-traders"], "marco")
    _review(pen)


def _exotic_before(pen: Pen, record: dict[str, Any]) -> dict[str, Any]:
    record = deepcopy(record)
    others = [name for name in content.PRODUCTS if name not in ("Aniseed Syrup", "Tofu")]
    lines = [product(pen.random, name) for name in pen.random.sample(others, 11)]
    known = [{"sku": sku, "name": name, "price": price} for sku, name, price in _KNOWN_PRODUCTS]
    address = {**record["address"], "city": "London", "country": "UK"}
    return {
        **record, "contact": "Charlotte Cooper", "rating": 3.5, "address": address,
        "products": [*lines, *known], "tags": ["fragile", "gift", "seasonal"], "active": True,
    }  # fmt: skip


def _dearer(pen: Pen, record: dict[str, Any]) -> dict[str, Any]:
    record = deepcopy(record)
    for line in record["products"]:
        line["price"] = round(line["price"] * pen.random.choice((1.02, 1.03, 1.05)) + 0.1, 1)
    return record


def _review(pen: Pen) -> None:
    records = pen.records()
    exotic, tokyo = deepcopy(records[_EXOTIC]), deepcopy(records["tokyo-traders"])
    *lines, _chai, aniseed = exotic["products"]
    chang = {"sku": 688, "name": "Chang", "price": 19.0}
    exotic |= {"contact": "Charlotte Cooper-Hale", "rating": 4.25, "active": "yes"}
    exotic["address"]["country"] = "United Kingdom"
    exotic["products"] = [chang, aniseed, *lines]
    reword(pen.random, tokyo, "notes", content.SENTENCES)
    tokyo["tags"] = ["🐟 fish", *(tag for tag in tokyo["tags"] if tag != "🐟 fish")]
    added = supplier(pen.random, ("zaanse", "Zaanse Snoepfabriek", "Dirk Luchte", "Zaandam", "NL"))
    pen.put_many({_EXOTIC: exotic, "tokyo-traders": tokyo, "zaanse": added}, "marco",
                 "Annual review with Exotic Liquids")  # fmt: skip


def customers(pen: Pen) -> None:
    """Many small changes to one record each."""
    random = pen.random
    number = 1001
    while number < 1025:
        pen.put(f"c{number}", customer(random, number), "import")
        number += 1
    while pen.left:
        records = pen.records()
        if len(records) < 44 and random.random() < 0.03:
            pen.put(f"c{number}", customer(random, number), note="First order")
            number += 1
        elif len(records) > 26 and random.random() < 0.01:
            pen.delete(random.choice(sorted(records)), note="Duplicate removed")
        else:
            record = deepcopy(random.choice(list(records.values())))
            random.choice(CUSTOMER_EDITS)(random, record)
            pen.put(f"c{record['id']}", record)


def price_list(pen: Pen) -> None:
    """Small corrections, and now and then new prices for nearly all."""
    random = pen.random
    pen.put_many({_slug(name): _price(pen, name) for name in content.PRODUCTS[:48]}, "import",
                 "From the old system")  # fmt: skip
    for name in content.PRODUCTS[48:]:
        pen.put(_slug(name), _price(pen, name))
    while pen.left:
        records = pen.records()
        many = random.random() < 0.06
        keys = random.sample(sorted(records), random.randint(30, 52) if many else 1)
        changed = {key: deepcopy(records[key]) for key in keys}
        for record in changed.values():
            nudge(random, record, random.choice(("price", "price", "stock")), 1 if many else 2)
        note = random.choice(content.NOTES["price"]) if many else ""
        pen.put_many(changed, "import" if many else "", note)


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-").replace("’", "")


def _price(pen: Pen, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "price": round(pen.random.uniform(3, 60), 2),
        "currency": "EUR",
        "unit": pen.random.choice(("jar", "bottle", "box of 12", "kg")),
        "stock": pen.random.randint(0, 400),
    }


def config(pen: Pen) -> None:
    """One document, saved whole: nested settings, lists of both kinds, a long text."""
    random = pen.random
    value = _first_config()
    pen.save(value, "ana", "First settings")
    while pen.left:
        value = deepcopy(value)
        change = random.choice((_theme, _limit, _steps, _regions, _terms, _feature))
        note = change(pen, value)
        pen.save(value, note=note if random.random() < 0.7 else "")


def _first_config() -> dict[str, Any]:
    return {
        "shop": {"name": "Northwind", "language": "en", "theme": "light", "logo": "🧭"},
        "limits": {"basket": 50, "upload_mb": 8, "session_minutes": 30},
        "regions": ["DE", "FR", "UK"],
        "checkout": [
            {"id": "basket", "title": "Basket", "required": True},
            {"id": "address", "title": "Address", "required": True},
            {"id": "gift", "title": "Gift wrapping 🎁", "required": False},
            {"id": "payment", "title": "Payment", "required": True},
            {"id": "confirm", "title": "Confirm", "required": True},
        ],
        "features": {"wishlist": False, "reviews": True, "express": False, "invoices": True},
        "terms": content.TERMS.format(free=60, fee=4.5, days=14, refund=5, court="Bremen"),
    }


def _theme(pen: Pen, value: dict[str, Any]) -> str:
    shop = value["shop"]
    shop["theme"] = another(pen.random, ("light", "dark", "sea", "autumn"), shop["theme"])
    return f"Theme: {shop['theme']}"


def _limit(pen: Pen, value: dict[str, Any]) -> str:
    nudge(pen.random, value["limits"], pen.random.choice(sorted(value["limits"])), 5)
    return "Limits after the load test"


def _steps(pen: Pen, value: dict[str, Any]) -> str:
    move_item(pen.random, value["checkout"])
    return "Checkout in another order"


def _regions(pen: Pen, value: dict[str, Any]) -> str:
    swap_tag(pen.random, value, "regions", ("AT", "BE", "DK", "ES", "IT", "NL", "PL", "PT", "SE"))
    return "Where we deliver"


def _terms(pen: Pen, value: dict[str, Any]) -> str:
    random = pen.random
    value["terms"] = content.TERMS.format(
        free=random.choice((50, 60, 75)), fee=random.choice((3.9, 4.5, 4.9)),
        days=random.choice((14, 30)), refund=random.choice((3, 5)), court="Bremen",
    )  # fmt: skip
    return "Terms, as the lawyer wants them"


def _feature(pen: Pen, value: dict[str, Any]) -> str:
    name = pen.random.choice(sorted(value["features"]))
    value["features"][name] = not value["features"][name]
    return f"{name.capitalize()} {'on' if value['features'][name] else 'off'}"


def tax_rules(pen: Pen) -> None:
    """A few rules that seldom change."""
    rates = {"AT": 20, "DE": 19, "DK": 25, "ES": 21, "FR": 20, "IT": 22, "NL": 21}
    for country in list(rates)[:3]:
        pen.put(country, {"standard": rates[country], "reduced": 7, "since": "2024-01-01"}, "lena")
    for country in list(rates)[3:]:
        rule = {"standard": rates[country], "reduced": 5.5, "since": "2025-01-01"}
        pen.put(country, rule, "lena", "From January")
    while pen.left:
        rules = pen.records()
        country = pen.random.choice(sorted(rules))
        pen.put(country, {**rules[country], "remark": notes(pen.random, 1)}, "lena", "Checked")
