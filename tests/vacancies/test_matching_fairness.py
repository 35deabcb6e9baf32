"""What may not take part in a match cannot: there is no place for it, and nobody is left out before the weighing."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from service.reference import places
from service.reference.qualifications import LanguageLevel, language_rank
from service.reference.work_codes import WorkCondition, WorkDemand
from service.vacancies import matches
from service.vacancies.candidates.box import around
from service.vacancies.candidates.models import Candidate, CandidateOccupation
from service.vacancies.candidates.schemas import CandidateBody
from service.vacancies.criteria import NEAR_DISTANCE, CandidateFacts, Criterion, VacancyFacts
from service.vacancies.matching import assess
from service.vacancies.schemas import VacancyBody
from tests.vacancies.test_matching import candidates, vacancies

MAY_NOT_TAKE_PART = re.compile(
    r"(^|_)(age|birth|born|sex|gender|health|ill|illness|disease|diagnosis|disability|handicap|medical|benefit|wajong"
    r"|wia|wage_value|income|debt|origin|nationality|country|ethnic|religion|married|family|children|pregnant|photo)"
)
WHO_IT_IS = {"bsn", "name", "employment_id", "person_id"}
HOW_IT_GOES = {
    "id",
    "version",
    "status",
    "created_at",
    "created_by",
    "lead",
    "lead_party_id",
    "lead_role",
    "paused_until",
}
ABOUT_WORK = {
    "occupations",
    "hours",
    "hours_min",
    "hours_max",
    "postcode4",
    "max_distance_km",
    "available_from",
    "needs",
    "cannot",
    "language_level",
    "driving_licences",
}

patiently = settings(deadline=None, max_examples=60)


def test_a_profile_has_no_place_for_what_may_not_take_part() -> None:
    """A new field must be put into one of the three groups here; only what is about work reaches the rules."""
    assert set(CandidateBody().fields) <= WHO_IT_IS | HOW_IT_GOES | ABOUT_WORK
    assert {column.key for column in Candidate.__table__.columns} <= WHO_IT_IS | HOW_IT_GOES | ABOUT_WORK
    names = {
        *CandidateFacts._fields,
        *VacancyFacts._fields,
        *CandidateBody().fields,
        *VacancyBody().fields,
        *(column.key for model in (Candidate, CandidateOccupation) for column in model.__table__.columns),
        *Criterion,
        *WorkCondition,
        *WorkDemand,
    }
    assert [name for name in names if MAY_NOT_TAKE_PART.search(name)] == []
    assert MAY_NOT_TAKE_PART.search("date_of_birth")


def test_only_what_is_about_work_is_read_for_matching() -> None:
    """`job_ends` is the day on which the present job ends: when somebody can start."""
    read = {column.key for column in matches._CANDIDATE.selected_columns}
    assert read == (ABOUT_WORK - {"hours"}) | {"id", "job_ends"}


@patiently
@given(one=candidates(), other=vacancies(), km=st.none() | st.floats(0, 60), pseudonym=st.uuids(version=4))
def test_a_match_does_not_depend_on_the_pseudonym(
    one: CandidateFacts, other: VacancyFacts, km: float | None, pseudonym: object
) -> None:
    assert assess(one._replace(id=str(pseudonym)), other, km) == assess(one, other, km)


@patiently
@given(one=candidates(), other=vacancies(), km=st.none() | st.floats(0, 60), level=st.sampled_from(LanguageLevel))
def test_more_dutch_than_the_work_asks_is_no_merit(
    one: CandidateFacts, other: VacancyFacts, km: float | None, level: LanguageLevel
) -> None:
    """Else the level of Dutch would stand in for origin."""
    asked = other.language or LanguageLevel.NONE
    enough = max(level, asked, key=language_rank)
    just, more = one._replace(language=asked), one._replace(language=enough)
    assert assess(more, other, km).score == assess(just, other, km).score


@patiently
@given(one=candidates(), other=vacancies(), km=st.none() | st.floats(0, 60))
def test_needing_what_is_there_is_as_good_as_needing_nothing(
    one: CandidateFacts, other: VacancyFacts, km: float | None
) -> None:
    """Gradual build-up left out: it also bridges hours."""
    offers = (other.offers or frozenset()) - {WorkCondition.GRADUAL_BUILD_UP}
    there = other._replace(offers=offers)
    with_needs, without = one._replace(needs=offers), one._replace(needs=frozenset())
    assert assess(with_needs, there, km).score == assess(without, there, km).score


towns = st.sampled_from([area.postcode4 for region in places.regions() for area in places.postcodes_in(region.code)])


@patiently
@given(home=towns, work=towns, most=st.floats(0, 150))
def test_the_box_leaves_out_nobody_whom_the_rules_would_show(home: str, work: str, most: float) -> None:
    here, there, km = places.postcode(home), places.postcode(work), places.distance_km(home, work)
    assert here is not None
    assert there is not None
    if km is not None and round(km, 1) <= most * NEAR_DISTANCE:
        box = around(here.latitude, here.longitude, most * NEAR_DISTANCE)
        assert box.south <= there.latitude <= box.north
        assert box.west <= there.longitude <= box.east
