"""Where something is: postcodes, municipalities and labour-market regions.

Facts only; sources and vintage stand in `data/README.md`. The tables are read at the first question and then kept.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

from service.reference.tables import plain_words, read_table, split_cell

MEAN_EARTH_RADIUS_KM = 6371.0088

BESIDE_KM = 12.0
"""How far the centre of a postcode can lie from the nearest one in another municipality in which it has addresses."""

# Four digits, then optionally two letters; SA, SD and SS are never issued.
_POSTCODE = re.compile(r"\s*([1-9][0-9]{3})\s*(?:(?!S[ADS])[A-Z]{2})?\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Region:
    """One of the 35 labour-market regions. `code` is that of CBS: 'AM' and two digits, with gaps.

    `centre_postcode4` lies in the centre of the region's main town; it is no address of an office.
    """

    code: str
    name: str
    wsp_name: str
    werkcentrum_name: str
    centre_postcode4: str
    website: str


@dataclass(frozen=True, slots=True)
class Municipality:
    """One of the 342 municipalities since 2023. `code` is that of CBS: 'GM' and four digits."""

    code: str
    name: str
    region_code: str
    province: str


@dataclass(frozen=True, slots=True)
class Postcode:
    """The four digits of a postcode, and the municipality in which most of its addresses lie.

    Latitude and longitude are degrees (WGS 84). Where `exact` is false the postcode has PO boxes only, or is no longer
    in use: its municipality serves for routing, its coordinates are those of another postcode of the same town.
    `place` is None where the source names none.
    """

    postcode4: str
    municipality_code: str
    place: str | None
    latitude: float
    longitude: float
    exact: bool


def regions() -> tuple[Region, ...]:
    """All labour-market regions, by code."""
    return tuple(_regions().values())


def region(code: str) -> Region | None:
    """The region with this code ('AM21'), or None."""
    return _regions().get(code)


def municipalities() -> tuple[Municipality, ...]:
    """All municipalities, by name as Dutch lists order them: without accents and punctuation."""
    return tuple(_municipalities().values())


def municipality(name_or_code: str) -> Municipality | None:
    """The municipality with this name or code ('GM0518', '0518'), or None.

    Case, accents and punctuation do not matter. Everyday names ('Den Haag') and the names of municipalities that merged
    since 2022 ('Uden') are known. A name that two municipalities share ('Bergen') is None: add its province's addition
    ('Bergen (L.)', 'Bergen (NH.)') or give the code.
    """
    return _municipalities_by_key().get(plain_words(name_or_code))


def postcode(postcode: str) -> Postcode | None:
    """What is known of a postcode written as '1234AB', '1234 ab' or '1234'; only the digits count.

    None where it is no postcode, or one that the tables do not know: they miss those issued after 2021 in seven
    provinces.
    """
    found = _POSTCODE.fullmatch(postcode)
    return _postcodes().get(found.group(1)) if found else None


def region_of(postcode: str | None, municipality: str | None = None) -> Region | None:
    """The region of an address, or None where neither part of it is known.

    The municipality (name or code) wins: four digits can lie in two of them. One that is unknown or ambiguous leaves
    the answer to the postcode.
    """
    town = _municipalities_by_key().get(plain_words(municipality or "")) or _municipality_of(postcode or "")
    return _regions()[town.region_code] if town else None


def may_lie_in(postcode4_or_6: str, municipality_code: str) -> bool:
    """Whether an address with this postcode can lie in this municipality.

    Our table names one municipality for a postcode that spans two: so it may be any that begins beside it. A postcode
    that we do not know may lie anywhere.
    """
    area = postcode(postcode4_or_6)
    return area is None or _may_lie_in(area.postcode4, municipality_code)


def distance_km(a: str, b: str) -> float | None:
    """Kilometres as the crow flies between the centres of two postcodes.

    None where one of them is unknown or not exact.
    """
    known = _postcodes()  # four digits, which most are, need no reading
    here, there = known.get(a) or postcode(a), known.get(b) or postcode(b)
    if here is None or there is None or not (here.exact and there.exact):
        return None
    return _great_circle_km(here, there)


def neighbouring_regions(code: str, postcode4: str | None = None) -> tuple[Region, ...]:
    """The regions that begin within 10 km of this one, the nearest first.

    How near is measured from `postcode4` (a workplace) to where the region begins; where that place is not exactly
    known, from the one centre to the other. Empty where the code is unknown.
    """
    area = postcode(postcode4) if postcode4 else None
    return _by_nearness(code, area.postcode4 if area and area.exact else None)


@lru_cache(maxsize=4096)
def _by_nearness(code: str, postcode4: str | None) -> tuple[Region, ...]:
    found = [_regions()[other] for other in _neighbour_codes().get(code, ())]

    def km(other: Region) -> float:
        if postcode4 is None:
            return _km_between_centres(_regions()[code], other)
        here = _postcodes()[postcode4]
        return min(_great_circle_km(here, there) for there in postcodes_in(other.code) if there.exact)

    return tuple(sorted(found, key=lambda other: (km(other), other.code)))


def postcodes_in(region_code: str) -> tuple[Postcode, ...]:
    """The postcodes of a region in order, those that are not exact included. Empty where the code is unknown."""
    return _postcodes_by_region().get(region_code, ())


@lru_cache(maxsize=4096)
def _may_lie_in(postcode4: str, municipality_code: str) -> bool:
    here = _postcodes()[postcode4]
    others = _postcodes_by_municipality().get(municipality_code, ())
    return here.municipality_code == municipality_code or any(
        _great_circle_km(here, other) <= BESIDE_KM for other in others
    )


def _municipality_of(postcode4_or_6: str) -> Municipality | None:
    area = postcode(postcode4_or_6)
    return _municipalities()[area.municipality_code] if area else None


def _km_between_centres(a: Region, b: Region) -> float:
    return _great_circle_km(_postcodes()[a.centre_postcode4], _postcodes()[b.centre_postcode4])


def _great_circle_km(a: Postcode, b: Postcode) -> float:
    latitude_a, latitude_b = math.radians(a.latitude), math.radians(b.latitude)
    half_latitude = math.sin((latitude_b - latitude_a) / 2) ** 2
    half_longitude = math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    haversine = half_latitude + math.cos(latitude_a) * math.cos(latitude_b) * half_longitude
    return 2 * MEAN_EARTH_RADIUS_KM * math.asin(math.sqrt(haversine))


@cache
def _regions() -> dict[str, Region]:
    return {
        row["code"]: Region(
            row["code"],
            row["name"],
            row["wsp_name"],
            row["werkcentrum_name"],
            row["centre_postcode4"],
            row["website"],
        )
        for row in read_table("regions")
    }


@cache
def _municipalities() -> dict[str, Municipality]:
    read = (
        Municipality(row["code"], row["name"], row["region_code"], row["province"])
        for row in read_table("municipalities")
    )
    return {town.code: town for town in sorted(read, key=lambda town: plain_words(town.name))}


@cache
def _municipalities_by_key() -> dict[str, Municipality]:
    keys: dict[str, Municipality] = {}
    for row in read_table("municipalities"):
        code = row["code"]
        for name in (code, code.removeprefix("GM"), row["name"], *split_cell(row["other_names"])):
            keys[plain_words(name)] = _municipalities()[code]
    return keys


@cache
def _postcodes() -> dict[str, Postcode]:
    return {
        row["postcode4"]: Postcode(
            row["postcode4"],
            row["municipality_code"],
            row["place"] or None,
            float(row["latitude"]),
            float(row["longitude"]),
            exact,
        )
        for table, exact in (("postbus_postcodes", False), ("postcodes", True))
        for row in read_table(table)
    }


@cache
def _postcodes_by_region() -> dict[str, tuple[Postcode, ...]]:
    by_region: defaultdict[str, list[Postcode]] = defaultdict(list)
    for _, area in sorted(_postcodes().items()):
        by_region[_municipalities()[area.municipality_code].region_code].append(area)
    return {code: tuple(areas) for code, areas in by_region.items()}


@cache
def _postcodes_by_municipality() -> dict[str, tuple[Postcode, ...]]:
    by_municipality: defaultdict[str, list[Postcode]] = defaultdict(list)
    for area in _postcodes().values():
        if area.exact:
            by_municipality[area.municipality_code].append(area)
    return {code: tuple(areas) for code, areas in by_municipality.items()}


@cache
def _neighbour_codes() -> dict[str, tuple[str, ...]]:
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for row in read_table("region_neighbours"):
        neighbours[row["region_code"]].append(row["neighbour_code"])
        neighbours[row["neighbour_code"]].append(row["region_code"])
    return {code: tuple(others) for code, others in neighbours.items()}
