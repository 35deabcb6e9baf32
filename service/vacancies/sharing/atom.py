"""A page of the shared list as an Atom feed (RFC 4287, pages by RFC 5005)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from service.kernel.text import Language, Text, dutch_day
from service.vacancies.sharing.rules import Offer
from service.vacancies.wording import hours_text

CONTENT_TYPE: Final = "application/atom+xml; charset=utf-8"
_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold in any form; ElementTree would write it all the same."""


class Page(NamedTuple):
    """What stands around the entries. `here` is the address of this page, `first` and `following` those of others."""

    id: str
    name: str
    author: str
    language: Language
    updated: datetime
    here: str
    first: str
    following: str | None


def render(page: Page, offers: Sequence[Offer], base: str) -> bytes:
    """The document. `base` is the address of the API, of which each entry links to its vacancy."""
    feed = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": page.language.value})
    _text(feed, "id", f"urn:uuid:{page.id}")
    _text(feed, "title", page.name)
    _text(feed, "updated", _moment(page.updated))
    _text(SubElement(feed, "author"), "name", page.author)
    for relation, address in (("self", page.here), ("first", page.first), ("next", page.following)):
        if address is not None:
            SubElement(feed, "link", {"rel": relation, "href": address, "type": "application/atom+xml"})
    for offer in offers:
        entry = SubElement(feed, "entry")
        _text(entry, "id", f"urn:uuid:{offer.id}")
        _text(entry, "title", f"{offer.title} – {offer.employer}, {offer.municipality}")
        _text(entry, "updated", _moment(offer.updated))
        link = f"{base}/vacancies/{offer.id}"
        SubElement(entry, "link", {"rel": "alternate", "href": link})
        SubElement(entry, "category", {"term": offer.region_code, "scheme": f"{base}/regions"})
        SubElement(entry, "category", {"term": offer.occupation_code, "scheme": f"{base}/occupations"})
        _text(entry, "summary", "\n".join(described(offer, page.language)))
    document: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def described(offer: Offer, language: Language) -> list[str]:
    """A vacancy in lines: whose and where, how much, from when, how many, and what the work is."""
    hours = hours_text(offer.hours_min, offer.hours_max)
    facts = (
        Text(f"{hours.nl} per week", f"{hours.en} a week"),
        _start(offer.start_date),
        Text("1 plek", "1 position") if offer.positions == 1 else Text("{n} plekken", "{n} positions"),
    )
    return [
        f"{offer.employer}, {offer.municipality}",
        *(fact.format(n=offer.positions).in_language(language) for fact in facts),
        *([offer.description] if offer.description else []),
        *(f"- {task}" for task in offer.tasks),
    ]


def _start(day: date | None) -> Text:
    if day is None:
        return Text("Begin: doorlopend", "Start: at any time")
    return Text(f"Begin: {dutch_day(day)}", f"Start: {day.isoformat()}")


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _NOT_IN_XML.sub(" ", text)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
