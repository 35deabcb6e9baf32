from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.reference import occupations
from service.reference.label_index import LabelIndex
from service.reference.occupations import ESCO_OCCUPATION, OccupationKind
from service.reference.tables import plain_words

ALL = list(occupations._occupations().values())
WAREHOUSE_GROUPS = {"4321", "9333", "1324"}

any_occupation = st.sampled_from(ALL)


def test_the_tables_are_complete() -> None:
    kinds = [found.kind for found in ALL]
    assert kinds.count(OccupationKind.ISCO) == 436
    assert kinds.count(OccupationKind.ESCO) == 3039


@given(any_occupation)
def test_every_occupation_is_found_by_its_code_and_belongs_to_a_unit_group(found: occupations.Occupation) -> None:
    assert occupations.occupation(found.uri_or_code) == found
    group = occupations.occupation(found.isco_code)
    assert group is not None
    assert group.kind is OccupationKind.ISCO
    assert found.label.nl
    assert found.label.en
    assert found.label.nl not in found.alternative_labels_nl
    assert "" not in found.alternative_labels_nl
    assert found.uri_or_code.startswith(ESCO_OCCUPATION) == (found.kind is OccupationKind.ESCO)
    for digits in (1, 2, 3, 4):
        assert occupations.group_label(found.isco_code[:digits])


@pytest.mark.parametrize("code", ["", "911", "91122", "0000", "abcd", ESCO_OCCUPATION, ESCO_OCCUPATION + "x"])
def test_an_unknown_code_is_none(code: str) -> None:
    assert occupations.occupation(code) is None


def test_labels_in_both_languages() -> None:
    found = occupations.occupation("9112")
    assert found is not None
    assert "Schoonmakers" in found.label.nl
    assert "leaners" in found.label.en
    assert "Schoonmaker kantoren" in found.alternative_labels_nl


@pytest.mark.parametrize(
    ("query", "isco_code"),
    [
        ("magazijn", "9333"),
        ("Magazijnmedewerker", "9333"),
        ("warehouse", "9333"),
        ("schoonmaker", "9112"),
        ("orderpicker", "9333"),
        ("CONCIERGE", "5153"),
        ("conciërge", "5153"),
        ("heftruck", "8344"),
        ("kok", "5120"),
        ("cook", "5120"),
        ("medewerker groenvoorziening", "6113"),
        ("street sweeper", "9613"),
        ("Naaister confectiemedewerker", "8153"),
    ],
)
def test_what_people_type_finds_what_they_mean(query: str, isco_code: str) -> None:
    assert occupations.search(query, 1)[0].isco_code == isco_code


def test_magazijn_gives_warehouse_jobs_first() -> None:
    first = occupations.search("magazijn", 10)
    assert len(first) == 10
    assert {found.isco_code for found in first} <= WAREHOUSE_GROUPS


def test_every_own_job_title_finds_its_unit_group_exactly() -> None:
    titles = occupations.job_titles()
    assert len(titles) == 86
    for title in titles:
        if title.esco_uri:
            assert occupations.search(title.title, 1)[0].uri_or_code == title.esco_uri
        assert title.isco_code in {found.isco_code for found in occupations.search(title.title, 5)}, title
        assert 0 < title.hours_min <= title.hours_max <= 48


@given(any_occupation, st.sampled_from(["nl", "en"]))
def test_a_label_finds_its_occupation_among_those_of_that_name(found: occupations.Occupation, language: str) -> None:
    label = found.label.nl if language == "nl" else found.label.en
    names = {label, label.upper(), label.lower()}
    for name in names:
        results = occupations.search(name, 50)
        assert found in results
        texts_of_the_first = [*results[0].label, *results[0].alternative_labels_nl]
        assert plain_words(label) in map(plain_words, texts_of_the_first)


@settings(deadline=None)
@given(st.text(max_size=30), st.integers(-1, 40))
def test_any_query_may_be_asked(query: str, limit: int) -> None:
    found = occupations.search(query, limit)
    assert len(found) <= max(limit, 0)
    assert len({one.uri_or_code for one in found}) == len(found)
    assert found == occupations.search(query, limit)


@given(st.sampled_from(["medewerker", "schoon", "e", "ker e", "hulp zorg", "a b"]), st.integers(1, 60))
def test_a_longer_list_begins_with_the_shorter_one(query: str, limit: int) -> None:
    assert occupations.search(query, limit) == occupations.search(query, 60)[:limit]


def test_the_best_kind_of_match_comes_first_and_preference_decides_among_equals() -> None:
    labels = ["pakhuiskok", "chef kok", "kokshulp b", "kokshulp a", "de kokkin", "Kök"]
    index = LabelIndex((label, label) for label in labels)
    assert index.search("kok", 9) == ["Kök", "kokshulp b", "kokshulp a", "chef kok", "de kokkin", "pakhuiskok"]
    assert index.search("kok chef", 9) == ["chef kok"]
    assert index.search("kok ef", 9) == ["chef kok"]
    assert index.search("kok", 2) == ["Kök", "kokshulp b"]
    assert index.search("bakker", 9) == []
    assert index.search("", 9) == index.search("  - ", 9) == index.search("kok", 0) == []


@given(
    st.lists(st.text("ab ", min_size=1, max_size=8).filter(lambda text: text.strip()), unique=True, max_size=12),
    st.text("ab ", min_size=1, max_size=5).filter(lambda text: text.strip()),
)
def test_the_index_agrees_with_looking_at_every_label(labels: list[str], query: str) -> None:
    asked = plain_words(query)

    def tier(label: str) -> int | None:
        plain = plain_words(label)
        words = plain.split()
        if plain == asked:
            return 0
        if plain.startswith(asked):
            return 1
        if all(any(word.startswith(part) for word in words) for part in asked.split()):
            return 2
        if all(any(part in word for word in words) for part in asked.split()):
            return 3
        return None

    expected = [label for wanted in range(4) for label in labels if tier(label) == wanted]
    assert LabelIndex((label, label) for label in labels).search(query, 99) == expected


def test_groups_have_labels() -> None:
    assert occupations.group_label("9") == ("Elementaire beroepen", "Elementary occupations")
    assert occupations.group_label("911") is not None
    assert occupations.group_label("999") is None
    assert occupations.group_label("") is None


def test_esco_uris_have_the_form_that_esco_gives_them() -> None:
    identifier = re.compile(re.escape(ESCO_OCCUPATION) + r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    assert all(identifier.fullmatch(found.uri_or_code) for found in ALL if found.kind is OccupationKind.ESCO)
