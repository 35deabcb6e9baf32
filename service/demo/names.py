"""Names and numbers of people and companies that do not exist."""

from __future__ import annotations

import random
from itertools import count

FIRST_NAMES = (
    "Aaltje", "Achmed", "Anouk", "Aylin", "Bart", "Bas", "Britt", "Chantal", "Daan", "Demi", "Dirk", "Eline",
    "Emre", "Esra", "Femke", "Finn", "Fleur", "Gerben", "Hanna", "Hidde", "Ilse", "Imane", "Jasper", "Jelle",
    "Joke", "Karim", "Kees", "Koen", "Lieke", "Lotte", "Mees", "Milan", "Mohamed", "Naomi", "Niels", "Noor",
    "Oscar", "Pim", "Priya", "Rachid", "Rianne", "Rik", "Romy", "Sanne", "Sem", "Silke", "Soraya", "Stijn",
    "Tess", "Thijs", "Tineke", "Umut", "Vera", "Wietse", "Wout", "Xander", "Yara", "Yusuf", "Zeynep", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Appelboom", "van den Akker", "Bakker", "de Beer", "ten Brink", "Bosma", "Dijkhuis", "Dogan", "Doornbos",
    "Elzinga", "Eikelboom", "van der Feen", "Feenstra", "Groenewoud", "Haan", "Hoekzema", "el Idrissi", "Jager",
    "Kamphuis", "Kloosterman", "Kuiper", "van der Laan", "Landman", "Meijer", "Molenaar", "Mulder", "Nijland",
    "Oosterhof", "Oudekerk", "Pot", "Postma", "van Rijn", "Ritsema", "Schuur", "Sikkema", "Smallenbroek", "Timmer",
    "Tuinstra", "Uitham", "Veenstra", "Vogelzang", "Wagenaar", "Westerhuis", "Wierda", "Yilmaz", "Zandstra", "Zijlstra",
)  # fmt: skip
COMPANY_FIRST = (
    "Noorderzon", "Eemsmond", "Hunze", "Reitdiep", "Waddenwind", "Lauwers", "Stadspark", "Martini", "Oldambt",
    "Veenkolonie", "Gorecht", "Fivel", "Westerkwartier", "Kreek", "Dollard", "Paterswold", "Zuidlaar", "Schild",
)  # fmt: skip
COMPANY_KINDS: tuple[tuple[str, str], ...] = (
    ("Logistiek", "logistiek"),
    ("Schoonmaak", "schoonmaak"),
    ("Catering", "horeca"),
    ("Groen", "groen"),
    ("Zorg", "zorg"),
    ("Techniek", "techniek"),
    ("Detailhandel", "detailhandel"),
    ("Administratie", "administratie"),
)

_FICTION = ("+442079460", "+441134960")


class Numbers:
    """Numbers that are used once: BSNs that pass the check, KvK numbers, phone numbers from ranges for fiction."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._bsns: set[str] = set()
        self._kvk = count(90_000_001)
        self._establishment = count(900_000_000_001)
        self._phone = count(2)  # the desk has 1

    def bsn(self) -> str:
        """Nine digits that pass the 11-check and begin with a 9: none of those has been given out."""
        while True:
            digits = [9, *(self._dice.randrange(10) for _ in range(7))]
            last = sum(digit * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
            number = "".join(map(str, digits)) + str(last)
            if last < 10 and number not in self._bsns:
                self._bsns.add(number)
                return number

    def kvk(self) -> str:
        return str(next(self._kvk))

    def establishment(self) -> str:
        return str(next(self._establishment))

    def phone(self) -> str:
        """From the ranges that Ofcom keeps free for drama; there are 2,000, then they come again."""
        block, number = divmod(next(self._phone) % 2000, 1000)
        return f"{_FICTION[block]}{number:03d}"


def full_name(dice: random.Random) -> str:
    return f"{dice.choice(FIRST_NAMES)} {dice.choice(LAST_NAMES)}"


def address_of(name: str, domain: str) -> str:
    """An e-mail address in a domain that cannot exist outside examples."""
    plain = name.lower().replace("ë", "e").replace(" ", ".")
    return f"{plain}@{domain}.example.nl"
