"""The tenant acme-eu: lists, texts, translations, and an entry that was deleted."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from . import content
from .edits import another, move_item, nudge
from .makers import full_name, notes, phone, street
from .pen import Pen

_OFFICES: Final = ("Wien", "København", "Kraków", "Lisboa", "Αθήνα", "София")
_ROLES: Final = ("buyer", "driver", "accountant", "developer", "designer", "support")


def employees(pen: Pen) -> None:
    """People who come, move between offices, learn languages and leave."""
    random, number = pen.random, 1
    while pen.left:
        records = pen.records() if number > 12 else {}
        if len(records) < 40 and (number <= 12 or random.random() < 0.2):
            pen.put(f"e{number:03}", _employee(pen), note="Welcome! 👋" if number > 12 else "")
            number += 1
        elif random.random() < 0.05:
            pen.delete(random.choice(sorted(records)), "lena", "Left the company")
        else:
            key = random.choice(sorted(records))
            pen.put(key, _promoted(pen, deepcopy(records[key])))


def _employee(pen: Pen) -> dict[str, Any]:
    random = pen.random
    return {
        "name": full_name(random),
        "role": random.choice(_ROLES),
        "office": random.choice(_OFFICES),
        "languages": random.sample(content.LANGUAGES, 2),
        "phone": phone(random),
        "home": {"street": street(random), "city": random.choice(content.CITIES)},
        "remote": random.random() < 0.3,
    }


def _promoted(pen: Pen, person: dict[str, Any]) -> dict[str, Any]:
    random = pen.random
    what = random.choice(("role", "office", "languages", "home", "remote"))
    if what == "role":
        person["role"] = another(random, _ROLES, person["role"])
    elif what == "office":
        person["office"] = another(random, _OFFICES, person["office"])
    elif what == "languages":
        move_item(random, person["languages"])
    elif what == "home":
        person["home"]["street"] = street(random)
    else:
        person["remote"] = "two days a week" if person["remote"] is True else True
    return person


def translations(pen: Pen) -> None:
    """Texts in many scripts, that are filled in language by language and polished."""
    random = pen.random
    for key, (english, *_others) in content.TRANSLATIONS.items():
        pen.put(key, {"en": english}, "lena")
    while pen.left:
        records = pen.records()
        key = random.choice(sorted(records))
        texts = dict(zip(content.LANGUAGES, content.TRANSLATIONS[key], strict=True))
        missing = [language for language in content.LANGUAGES if language not in records[key]]
        if missing:
            language = missing[0]
            pen.put(key, {**records[key], language: texts[language]}, note=f"In {language} too")
        else:
            language = random.choice(content.LANGUAGES)
            text = another(
                random, (texts[language], f"{texts[language]} ✨"), records[key][language]
            )
            pen.put(key, {**records[key], language: text})


def newsletter(pen: Pen) -> None:
    """A list of plain values, saved whole."""
    random = pen.random
    addresses = [f"reader{number}@example.org" for number in range(1, 25)]
    pen.save(addresses, "import", "From the old system")
    number = 25
    while pen.left > 2:
        addresses = list(addresses)
        if random.random() < 0.3:
            addresses.remove(random.choice(addresses))
        else:
            addresses.insert(random.randint(0, 5), f"reader{number}@example.org")
            number += 1
        pen.save(addresses)
    pen.save(sorted([*addresses, *addresses[:7]]), "import", "Joined with the fair’s list")
    pen.save(sorted(addresses), "lena", "Duplicates removed")


def terms(pen: Pen) -> None:
    """A long text by itself, edited in the middle."""
    random = pen.random
    while pen.left:
        text = content.TERMS.format(
            free=random.choice((40, 50, 60)), fee=random.choice((3.9, 4.9)),
            days=random.choice((14, 21, 30)), refund=random.choice((3, 5, 7)), court="Wien",
        )  # fmt: skip
        pen.save(text, "lena", "After the talk with our lawyer")


def delivery_routes(pen: Pen) -> None:
    """A list of objects, whose order is what matters."""
    random = pen.random
    routes = [
        {"id": f"R{number:02}", "city": city, "stops": random.randint(4, 18), "note": ""}
        for number, city in enumerate(content.CITIES[:14], 1)
    ]
    pen.save(routes, "import", "Routes as driven in January")
    while pen.left:
        routes = deepcopy(routes)
        if random.random() < 0.5:
            move_item(random, routes)
        elif random.random() < 0.7:
            nudge(random, random.choice(routes), "stops", 1)
        else:
            random.choice(routes)["note"] = notes(random, 1)
        pen.save(routes, note=random.choice(("", "", "Roadworks 🚧", "As the drivers asked")))


def on_call(pen: Pen) -> None:
    """A short list of names that moves on week by week."""
    names = ["Zoë", "Łukasz", "नूर", "ليلى", "太郎", "Ines"]
    while pen.left:
        pen.save(names)
        names = [*names[1:], names[0]]


def feature_flags(pen: Pen) -> None:
    """Plain values as records: true, false, and sometimes something else."""
    random = pen.random
    names = ("basket-v2", "dark-mode", "faster-search", "gift-cards", "maps", "same-day")
    while pen.left:
        name = random.choice(names)
        pen.put(name, random.choice((True, True, False, "beta", 0.25, None)))


def holidays(pen: Pen) -> None:
    """Days that are added once a year."""
    days = ("01-01 New Year", "01-06 Epiphany", "05-01 Labour Day", "12-25 Christmas",
            "12-26 St Stephen", "10-26 National Day", "12-08 Immaculate Conception")  # fmt: skip
    for day in days[: pen.left]:
        date, name = day.split(" ", 1)
        pen.put(date, {"name": name, "offices": list(_OFFICES[: pen.random.randint(2, 6)])}, "lena")


def invoices(pen: Pen) -> None:
    """Papers that go from draft to paid."""
    states = ("draft", "sent", "reminded", "paid")
    number = 2401
    pen.put(f"INV-{number}", _invoice(pen))
    while pen.left:
        records = pen.records()
        open_ones = [key for key, paper in records.items() if paper["state"] != "paid"]
        if open_ones and pen.random.random() < 0.65:
            key = pen.random.choice(open_ones)
            state = states[states.index(records[key]["state"]) + 1]
            pen.put(key, {**records[key], "state": state})
        else:
            number += 1
            pen.put(f"INV-{number}", _invoice(pen), "import")


def _invoice(pen: Pen) -> dict[str, Any]:
    lines = [
        {"item": item, "quantity": pen.random.randint(1, 24)}
        for item in pen.random.sample(content.PRODUCTS, 2)
    ]
    return {
        "to": full_name(pen.random),
        "lines": lines,
        "total": round(pen.random.uniform(20, 900), 2),
        "state": "draft",
    }


def archived_orders(pen: Pen) -> None:
    """Ends deleted, so that there is something to bring back."""
    while pen.left > 1:
        key = f"O-{pen.random.randint(1000, 9999)}"
        pen.put(key, {"for": full_name(pen.random), "total": pen.random.randint(10, 400)})
    pen.delete(None, "marco", "Moved to the ledger of 2025")


def currencies(pen: Pen) -> None:
    """Numbers as records, brought up to date by a program."""
    rates = {"CHF": 0.95, "DKK": 7.46, "GBP": 0.86, "NOK": 11.6, "PLN": 4.31, "SEK": 11.4}
    while pen.left:
        rates = {name: round(rate * pen.random.uniform(0.99, 1.01), 4)
                 for name, rate in rates.items()}  # fmt: skip
        pen.put_many(rates, "import", "Rates of the day")
