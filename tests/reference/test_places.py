from __future__ import annotations

import csv
import re
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reference import places
from service.reference.tables import plain_words

DATA = Path(places.__file__).parent / "data"
ALL_POSTCODES = sorted(area.postcode4 for region in places.regions() for area in places.postcodes_in(region.code))
EXACT = [area.postcode4 for code in ALL_POSTCODES if (area := places.postcode(code)) and area.exact]

any_postcode = st.sampled_from(ALL_POSTCODES)
exact_postcode = st.sampled_from(EXACT)


def _lines(table: str) -> list[dict[str, str]]:
    with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_there_are_35_regions_in_order_of_their_code() -> None:
    codes = [region.code for region in places.regions()]
    assert len(codes) == 35
    assert codes == sorted(set(codes))
    assert not {"AM04", "AM16", "AM31"} & set(codes)


def test_there_are_342_municipalities_in_twelve_provinces_and_every_region_has_some() -> None:
    towns = places.municipalities()
    assert len({town.code for town in towns}) == len(towns) == 342
    assert len({town.province for town in towns}) == 12
    assert {town.region_code for town in towns} == {region.code for region in places.regions()}


def test_no_postcode_is_lost_on_the_way_from_the_tables() -> None:
    in_tables = [row["postcode4"] for table in ("postcodes", "postbus_postcodes") for row in _lines(table)]
    assert len(in_tables) == 4073 + 721
    assert sorted(in_tables) == ALL_POSTCODES
    assert len(EXACT) == 4073


def test_a_postcode_names_its_place_or_none() -> None:
    nameless = [code for code in ALL_POSTCODES if (area := places.postcode(code)) and area.place is None]
    area = places.postcode("1381")
    assert len(nameless) == 26
    assert area is not None
    assert (area.place, area.municipality_code) == ("Weesp", "GM0363")


@given(any_postcode)
def test_every_postcode_lies_in_the_netherlands_in_one_region(code: str) -> None:
    area = places.postcode(code)
    assert area is not None
    assert 50.7 < area.latitude < 53.6
    assert 3.3 < area.longitude < 7.3
    town = places.municipality(area.municipality_code)
    region = places.region_of(code)
    assert town is not None
    assert region is not None
    assert region.code == town.region_code
    assert area in places.postcodes_in(region.code)


@pytest.mark.parametrize("written", ["2511AB", "2511 AB", "2511ab", " 2511 ab ", "2511"])
def test_a_postcode_may_be_written_in_these_ways(written: str) -> None:
    assert places.postcode(written) == places.postcode("2511")
    assert places.postcode(written) is not None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "251",
        "25111",
        "0511AB",
        "2511A",
        "2511ABC",
        "2511-AB",
        "AB2511",
        "2511SS",
        "2511 sd",
        "٢٥١١",
        "2511\u017fb",
        "0000",
    ],
)
def test_what_is_no_postcode_is_unknown(written: str) -> None:
    assert places.postcode(written) is None
    assert places.region_of(written) is None
    assert places.distance_km(written, "2511") is None


@given(st.text(max_size=12))
def test_any_text_may_be_asked(text: str) -> None:
    found = places.postcode(text)
    assert (found is None) or re.search(found.postcode4, text)
    places.municipality(text)
    places.region_of(text, text)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Den Haag", "'s-Gravenhage"),
        ("'S GRAVENHAGE", "'s-Gravenhage"),
        ("GM0518", "'s-Gravenhage"),
        ("0518", "'s-Gravenhage"),
        ("den bosch", "'s-Hertogenbosch"),
        ("sudwest fryslan", "Súdwest-Fryslân"),
        ("Uden", "Maashorst"),
        ("Weesp", "Amsterdam"),
        ("bergen (nh)", "Bergen (NH.)"),
        ("Bergen (L.)", "Bergen (L.)"),
    ],
)
def test_a_municipality_is_found_by_name_or_code(asked: str, name: str) -> None:
    found = places.municipality(asked)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("asked", ["", " ", "-", "Bergen", "Antwerpen", "GM9999"])
def test_an_unknown_or_ambiguous_municipality_is_none(asked: str) -> None:
    assert places.municipality(asked) is None


def test_no_name_or_code_means_two_municipalities() -> None:
    names = [
        plain_words(name)
        for row in _lines("municipalities")
        for name in (row["code"], row["code"][2:], row["name"], *row["other_names"].split("|"))
        if name
    ]
    assert len(set(names)) == len(names)


def test_the_municipality_wins_over_the_postcode() -> None:
    by_postcode, by_both = places.region_of("3011"), places.region_of("3011", "Utrecht")
    assert by_postcode is not None
    assert by_both is not None
    assert (by_postcode.name, by_both.name) == ("Rijnmond", "Midden-Utrecht")


def test_an_unknown_postcode_does_with_a_municipality_and_the_other_way_round() -> None:
    assert places.region_of("9999ZZ", "Utrecht") == places.region("AM13")
    assert places.region_of(None, "Utrecht") == places.region("AM13")
    assert places.region_of("1861", "Bergen") == places.region("AM15")
    assert places.region_of(None) is None
    assert places.region_of("", "") is None


def test_a_known_distance() -> None:
    distance = places.distance_km("1012 JS", "3011AA")
    assert distance == pytest.approx(57.6, abs=1.0)


def test_a_postcode_with_po_boxes_only_has_a_region_but_no_distance() -> None:
    area = places.postcode("1000")
    assert area is not None
    assert not area.exact
    assert places.region_of("1000") == places.region("AM18")
    assert places.distance_km("1000", "1012") is None
    assert places.distance_km("1012", "1000") is None


@given(exact_postcode, exact_postcode, exact_postcode)
def test_distance_is_a_distance(a: str, b: str, c: str) -> None:
    ab, bc, ac = places.distance_km(a, b), places.distance_km(b, c), places.distance_km(a, c)
    assert ab is not None
    assert bc is not None
    assert ac is not None
    assert ab == places.distance_km(b, a)
    assert places.distance_km(a, a) == 0
    assert 0 <= ab < 400
    assert ac <= ab + bc + 1e-6


def test_the_centre_of_each_region_lies_in_it() -> None:
    for region in places.regions():
        assert places.region_of(region.centre_postcode4) == region
        centre = places.postcode(region.centre_postcode4)
        assert centre is not None
        assert centre.exact
        assert region.name
        assert region.wsp_name
        assert region.werkcentrum_name
        assert region.website.startswith("https://")


def test_neighbours_are_mutual_and_ordered_by_the_distance_of_their_centres() -> None:
    for region in places.regions():
        neighbours = places.neighbouring_regions(region.code)
        distances = [places.distance_km(region.centre_postcode4, other.centre_postcode4) or 0 for other in neighbours]
        assert neighbours
        assert region not in neighbours
        assert len(set(neighbours)) == len(neighbours)
        assert distances == sorted(distances)
        assert 0 not in distances
        assert all(region in places.neighbouring_regions(other.code) for other in neighbours)


def test_some_neighbours() -> None:
    assert [region.name for region in places.neighbouring_regions("AM30")] == ["Midden-Limburg"]
    assert [region.name for region in places.neighbouring_regions("AM24")] == ["Rijnmond", "West-Brabant"]
    assert places.neighbouring_regions("AM04") == ()


def test_from_every_region_every_other_can_be_reached_over_neighbours() -> None:
    reached, to_visit = set[str](), ["AM01"]
    while to_visit:
        code = to_visit.pop()
        if code not in reached:
            reached.add(code)
            to_visit += [other.code for other in places.neighbouring_regions(code)]
    assert len(reached) == 35


def test_the_table_of_neighbours_follows_from_the_postcodes() -> None:
    """Regions are neighbours exactly if two of their postcodes lie within 10 km of each other."""
    in_table = {(row["region_code"], row["neighbour_code"]): row["gap_km"] for row in _lines("region_neighbours")}
    exact = {region.code: [a for a in places.postcodes_in(region.code) if a.exact] for region in places.regions()}
    # One degree is at least 111 km north to south, and at least 65 km east to west in the Netherlands.
    north, east = 10.1 / 111, 10.1 / 65
    for one, other in combinations(sorted(exact), 2):
        gaps = [
            places.distance_km(a.postcode4, b.postcode4) or 0
            for a in exact[one]
            for b in exact[other]
            if abs(a.latitude - b.latitude) < north and abs(a.longitude - b.longitude) < east
        ]
        gap = min(gaps, default=99.0)
        expected = f"{gap:.1f}" if gap <= 10 else None
        assert in_table.get((one, other)) == expected, (one, other)


def test_an_unknown_region_has_nothing() -> None:
    assert places.region("AM04") is None
    assert places.postcodes_in("AM04") == ()
