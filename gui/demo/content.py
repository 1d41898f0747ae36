"""The names, places and sentences of which the demo's records are made."""

from __future__ import annotations

from typing import Final

FIRST_NAMES: Final = (
    "Adèle", "Amara", "Anselm", "Beatriz", "Björn", "Chidi", "Dimitra", "Eleni", "Farid", "Giulia",
    "Hanako", "Ines", "Jakub", "Kaisa", "Lionel", "Małgorzata", "Noor", "Oisín", "Petra", "Quentin",
    "Rosa", "Søren", "Tomoko", "Ursula", "Viktor", "Wanda", "Ximena", "Yusuf", "Zoë", "Łukasz",
)  # fmt: skip
LAST_NAMES: Final = (
    "Abe", "Bergström", "Castellano", "Duarte", "Eriksen", "Fontaine", "García", "Haddad",
    "Ibarra", "Jansen", "Kowalska", "Lindqvist", "Moreau", "Nakamura", "O’Brien", "Papadakis",
    "Quist", "Rossi", "Schröder", "Takahashi", "Ueda", "Vargas", "Weiß", "Yılmaz", "Zając",
)  # fmt: skip
SUPPLIERS: Final = (
    # key, name, contact, city, country
    ("aux-joyeux", "Aux Joyeux Caves", "Guylène Fontaine", "Beaune", "France"),
    ("bigfoot", "Bigfoot Brewing", "Cheryl Whitaker", "Bend", "USA"),
    ("casa-lisboa", "Casa Lisboa Conservas", "Inês Duarte", "Setúbal", "Portugal"),
    ("cooperativa-de-quesos", "Cooperativa de Quesos", "Antonio Ibarra", "Oviedo", "Spain"),
    ("dragon-well", "龙井茶业 Dragon Well Tea", "陈 美玲", "杭州", "China"),
    ("erables", "Forêts d’Érables", "Chantal Moreau", "Saint-Hyacinthe", "Canada"),
    ("escargots", "Escargots Nouveaux", "Marie Lambert", "Montceau", "France"),
    ("exotic-liquids", "Exotic Liquids", "Charlotte Cooper", "London", "UK"),
    ("formaggi", "Formaggi Fortini", "Elio Rossi", "Ravenna", "Italy"),
    ("gai-paturage", "Gai Pâturage", "Éliane Fontaine", "Annecy", "France"),
    ("golan-olives", "זיתי הגולן", "נועה לוי", "קצרין", "Israel"),
    ("grandma-kellys", "Grandma Kelly’s Homestead", "Regina Murphy", "Ann Arbor", "USA"),
    ("heli", "Heli Süßwaren", "Petra Winkler", "Berlin", "Germany"),
    ("karkki", "Karkki Oy", "Anne Heikkonen", "Lappeenranta", "Finland"),
    ("kreta", "Ελαιόλαδα Κρήτης", "Ελένη Παπαδάκη", "Χανιά", "Greece"),
    ("lyngbysild", "Lyngbysild", "Niels Petersen", "Lyngby", "Denmark"),
    ("ma-maison", "Ma Maison", "Jean-Guy Lauzon", "Montréal", "Canada"),
    ("mayumi", "まゆみ食品", "太田 真弓", "大阪", "Japan"),
    ("new-orleans-cajun", "New Orleans Cajun Delights", "Shelley Burke", "New Orleans", "USA"),
    ("nord-ost", "Nord-Ost-Fisch", "Sven Petersen", "Cuxhaven", "Germany"),
    ("norske", "Norske Meierier", "Beate Vileid", "Sandvika", "Norway"),
    ("odesa-honey", "Одеська пасіка", "Олена Бондар", "Одеса", "Ukraine"),
    ("pavlova", "Pavlova & Sons", "Ian Devling", "Melbourne", "Australia"),
    ("saffron-house", "بيت الزعفران", "ليلى حداد", "مراكش", "Morocco"),
    ("seoul-kimchi", "서울김치", "김 민준", "서울", "South Korea"),
    ("spice-route", "मसाला मार्ग Spice Route", "प्रिया शर्मा", "कोच्चि", "India"),
    ("svensk", "Svensk Sjöföda", "Michael Björk", "Stockholm", "Sweden"),
    ("tokyo-traders", "Tokyo Traders 東京商会", "長瀬 陽子", "東京", "Japan"),
)  # fmt: skip
PRODUCTS: Final = (
    "Aniseed Syrup", "Apricot Jam", "Black Olives", "Brown Bread Mix", "Candied Ginger",
    "Cardamom Pods", "Chamomile Tea", "Chestnut Purée", "Chili Crisp", "Cider Vinegar",
    "Cloudberry Jam", "Crab Paté", "Crème de Cassis", "Dark Rye Crisps", "Dried Figs",
    "Elderflower Cordial", "Fish Sauce", "Goat Cheese", "Green Lentils", "Hazelnut Spread",
    "Ikura", "Jasmine Rice", "Kimchi", "Lemon Curd", "Lingonberries", "Mango Chutney",
    "Maple Syrup", "Marzipan", "Mature Cheddar", "Miso", "Nori", "Olive Oil",
    "Orange Blossom Water", "Paprika", "Pickled Herring", "Pine Nuts", "Plum Brandy",
    "Preserved Lemons", "Quince Paste", "Raspberry Vinegar", "Rose Harissa", "Saffron",
    "Salted Caramels", "Sencha", "Sesame Oil", "Smoked Eel", "Sourdough Starter", "Tapenade",
    "Tarragon Mustard", "Tofu", "Truffle Salt", "Umeboshi", "Vanilla Pods", "Walnut Oil",
    "Wasabi", "Wild Honey", "Yuzu Juice", "Za’atar",
)  # fmt: skip
TAGS: Final = (
    "organic", "fair-trade", "seasonal", "chilled", "fragile", "vegan", "kosher", "halal",
    "gift", "bulk", "🌱 new", "⭐ favourite", "🐟 fish", "🌶️ hot",
)  # fmt: skip
CITIES: Final = (
    "Aarhus", "Bilbao", "Coimbra", "Dresden", "Évora", "Firenze", "Göteborg", "Háifa", "İzmir",
    "Jönköping", "Kraków", "Łódź", "Malmö", "Nîmes", "Ørsta", "Plzeň", "Reykjavík", "São Paulo",
    "Tromsø", "Uppsala", "València", "Wrocław", "Århus", "Zürich",
)  # fmt: skip
STREETS: Final = (
    "Rue du Marché", "Storgatan", "Calle Mayor", "Lindenallee", "Via Garibaldi", "Quay Street",
    "Ulica Długa", "Havnegade", "Rua das Flores", "Prinsengracht",
)  # fmt: skip
SENTENCES: Final = (
    "Delivers on Tuesdays and Fridays before nine",
    "Call ahead if the order is above twenty crates",
    "The loading dock is behind the bakery; the bell is broken, so knock",
    "Prefers invoices by e-mail, with the order number in the subject",
    "Samples of the autumn range arrived and were very good",
    "Ask for the cold chain protocol with every chilled delivery",
    "Payment within thirty days was agreed for this year",
    "Closed for the whole of August",
    "New labels are needed before the rules change in January",
    "Their second warehouse answers faster than the first",
    "Pallets go back with the next truck",
    "The discount holds for orders above two thousand a quarter",
    "One crate in ten is checked on arrival; none was refused this year",
    "Speaks French and a little German",
    "Wants to be told two weeks before a campaign",
    "Has asked for smaller boxes since the spring",
)
NOTES: Final = {
    "price": (
        "Price update",
        "Price update, autumn",
        "Rounded to five cents",
        "Supplier’s new list",
        "Campaign prices",
        "End of campaign",
    ),
    "record": (
        "Corrected after their call",
        "As agreed by phone",
        "Typo",
        "Moved house 🏠",
        "New contact person",
        "From the trade fair",
        "Quarterly review",
    ),
}
TRANSLATIONS: Final = {
    # key: English, German, French, Japanese, Arabic, Hebrew
    "cart.add": ("Add to basket", "In den Korb", "Ajouter au panier", "カートに入れる",
                 "أضف إلى السلة", "הוסף לסל"),
    "cart.empty": ("Your basket is empty", "Ihr Korb ist leer", "Votre panier est vide",
                   "カートは空です", "سلتك فارغة", "הסל ריק"),
    "checkout.pay": ("Pay now", "Jetzt bezahlen", "Payer", "支払う", "ادفع الآن", "שלם עכשיו"),
    "greeting": ("Welcome!", "Willkommen!", "Bienvenue !", "ようこそ！", "أهلاً وسهلاً!",
                 "ברוכים הבאים!"),
    "order.shipped": ("Your order is on its way 🚚", "Ihre Bestellung ist unterwegs 🚚",
                      "Votre commande est en route 🚚", "ご注文の品を発送しました 🚚",
                      "طلبك في الطريق 🚚", "ההזמנה שלך בדרך 🚚"),
    "search.hint": ("What are you looking for?", "Wonach suchen Sie?", "Que cherchez-vous ?",
                    "何をお探しですか？", "عمّ تبحث؟", "מה לחפש?"),
    "thanks": ("Thank you", "Danke", "Merci", "ありがとうございます", "شكراً", "תודה"),
}  # fmt: skip
LANGUAGES: Final = ("en", "de", "fr", "ja", "ar", "he")
TERMS: Final = """\
These are the terms on which we sell and you buy. They are short because we want you to read them.

An order is binding when we confirm it, not when you send it. We confirm on the same working day.

Prices are in euro and include the tax of the country to which we deliver. Delivery is free from
{free} euro on; below that it costs {fee} euro a parcel.

You may send anything back within {days} days, whatever the reason, as long as it is unopened. Fresh
goods are the exception: call us on the day of delivery, and we will find a way.

If something arrives broken, send us a picture. We replace it or give you your money back, as you
like, within {refund} working days.

We keep your address to deliver to you, and your invoices because the law says so. We give neither
to anybody. Ask, and we tell you what we know of you.

If we disagree, let us talk first. After that, the court in {court} decides.
"""
