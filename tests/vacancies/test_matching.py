"""How a candidate fits a vacancy: each criterion by example, and what holds for every pair."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.reference.occupations import job_titles
from service.reference.qualifications import DrivingLicence, LanguageLevel
from service.reference.work_codes import WorkCondition, WorkDemand
from service.vacancies.criteria import (
    HARD,
    LATE_DAYS_TO_DISCUSS,
    WEIGHTS,
    CandidateFacts,
    Criterion,
    Result,
    VacancyFacts,
)
from service.vacancies.matching import RULES_VERSION, Match, Verdict, assess, rank, rank_vacancies

ISCO = {title.title: title.isco_code for title in job_titles()}
N, D, L = WorkCondition, WorkDemand, DrivingLicence
START = date(2027, 3, 1)

FITS, ADJUST, NOT = Verdict.FITS, Verdict.FITS_WITH_ADJUSTMENTS, Verdict.DOES_NOT_FIT
VERDICTS = [FITS, ADJUST, NOT]
MET, PARTLY, NOT_MET, UNKNOWN = Result.MET, Result.PARTLY, Result.NOT_MET, Result.UNKNOWN


def an_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def candidate(*titles: str, **facts: Any) -> CandidateFacts:
    """Somebody who can do everything and needs nothing, wants 16 to 28 hours within 15 km, and can start at once."""
    known: dict[str, Any] = {
        "hours_min": 16,
        "hours_max": 28,
        "max_distance_km": 15,
        "available_from": date(2027, 1, 1),
        "needs": frozenset(),
        "cannot": frozenset(),
        "language": LanguageLevel.B1,
        "licences": frozenset(),
    }
    return CandidateFacts(id=an_id(1), occupations=tuple(ISCO[title] for title in titles), **(known | facts))


def vacancy(title: str, **facts: Any) -> VacancyFacts:
    """A vacancy of 24 hours from 1 March 2027 that asks and offers nothing special."""
    known: dict[str, Any] = {
        "hours_min": 24,
        "hours_max": 24,
        "start_date": START,
        "demands": frozenset(),
        "offers": frozenset(),
    }
    return VacancyFacts(id=an_id(2), occupation=ISCO[title], **(known | facts))


class Case(NamedTuple):
    why: str
    candidate: CandidateFacts
    vacancy: VacancyFacts
    km: float | None
    verdict: Verdict
    least: int
    most: int
    results: Mapping[Criterion, Result]
    near_miss: str | None = None


C = Criterion
CASES = [
    Case(
        "same work, next door, nothing special",
        candidate("Schoonmaker kantoren"),
        vacancy("Schoonmaker kantoren"),
        0.0,
        FITS,
        100,
        100,
        {C.OCCUPATION: MET, C.HOURS: MET, C.DISTANCE: MET, C.START: MET},
    ),
    Case(
        "another title in the same unit group is the same work",
        candidate("Housekeeping medewerker hotel"),
        vacancy("Schoonmaker openbaar vervoer"),
        6.0,
        FITS,
        93,
        99,
        {C.OCCUPATION: MET},
    ),
    Case(
        "packing and production work are similar",
        candidate("Inpakker"),
        vacancy("Productiemedewerker"),
        3.0,
        ADJUST,
        75,
        90,
        {C.OCCUPATION: PARTLY},
    ),
    Case(
        "the till and the shop floor are close",
        candidate("Kassamedewerker"),
        vacancy("Winkelmedewerker kringloop"),
        3.0,
        ADJUST,
        70,
        85,
        {C.OCCUPATION: PARTLY},
    ),
    Case(
        "the nearest of several wishes counts",
        candidate("Receptionist", "Hovenier", "Afwasser"),
        vacancy("Afwasser"),
        3.0,
        FITS,
        95,
        100,
        {C.OCCUPATION: MET},
    ),
    Case(
        "welding is not cleaning: other work than somebody wants is no near miss",
        candidate("Schoonmaker kantoren"),
        vacancy("Lasser"),
        3.0,
        NOT,
        50,
        65,
        {C.OCCUPATION: NOT_MET},
    ),
    Case(
        "hours that meet at the edge",
        candidate("Hovenier", hours_min=8, hours_max=24),
        vacancy("Hovenier", hours_min=24, hours_max=36),
        3.0,
        FITS,
        95,
        100,
        {C.HOURS: MET},
    ),
    Case(
        "four hours apart can be discussed",
        candidate("Hovenier", hours_max=28),
        vacancy("Hovenier", hours_min=32, hours_max=36),
        3.0,
        ADJUST,
        85,
        95,
        {C.HOURS: PARTLY},
    ),
    Case(
        "eight hours apart do not fit, unless the hours can be less",
        candidate("Orderpicker", hours_min=16, hours_max=24),
        vacancy("Orderpicker", hours_min=32, hours_max=40),
        3.0,
        NOT,
        70,
        85,
        {C.HOURS: NOT_MET},
        "Past als de uren 24 kunnen zijn.",
    ),
    Case(
        "a vacancy of a few hours for somebody who wants many",
        candidate("Postbezorger", hours_min=32, hours_max=36),
        vacancy("Postbezorger", hours_min=10, hours_max=20),
        3.0,
        NOT,
        70,
        85,
        {C.HOURS: NOT_MET},
        "Past als de uren 32 kunnen zijn.",
    ),
    Case(
        "a little too far can be discussed",
        candidate("Postsorteerder", max_distance_km=15),
        vacancy("Postbezorger"),
        17.5,
        ADJUST,
        85,
        95,
        {C.DISTANCE: PARTLY},
    ),
    Case(
        "too far, and only that",
        candidate("Receptionist", max_distance_km=15),
        vacancy("Receptionist"),
        21.4,
        NOT,
        70,
        85,
        {C.DISTANCE: NOT_MET},
        "Past als de kandidaat 21,4 km wil reizen; dat is nu hooguit 15 km.",
    ),
    Case(
        "twice as far as somebody wants to travel is no near miss",
        candidate("Receptionist", max_distance_km=15),
        vacancy("Receptionist"),
        31.4,
        NOT,
        70,
        85,
        {C.DISTANCE: NOT_MET},
    ),
    Case(
        "hours that build up bridge a larger difference",
        candidate("Hovenier", hours_min=12, hours_max=20, needs=frozenset({N.GRADUAL_BUILD_UP})),
        vacancy("Hovenier", hours_min=32, hours_max=36, offers=frozenset({N.GRADUAL_BUILD_UP})),
        3.0,
        ADJUST,
        85,
        95,
        {C.HOURS: PARTLY},
    ),
    Case(
        "the work asks what the candidate cannot do",
        candidate("Orderpicker", cannot=frozenset({D.HEAVY_LIFTING, D.NIGHT_WORK})),
        vacancy("Orderpicker", demands=frozenset({D.HEAVY_LIFTING, D.WALKING_LONG})),
        3.0,
        NOT,
        80,
        90,
        {C.DEMANDS: NOT_MET},
        "Past als dit niet hoeft: 'Je tilt zware dingen'.",
    ),
    Case(
        "what the candidate cannot do is not asked here",
        candidate("Administratief medewerker", cannot=frozenset({D.HEAVY_LIFTING})),
        vacancy("Administratief medewerker", demands=frozenset({D.SCREEN_WORK_LONG})),
        3.0,
        FITS,
        95,
        100,
        {C.DEMANDS: MET},
    ),
    Case(
        "everything that is needed is there",
        candidate("Scan-/archiefmedewerker", needs=frozenset({N.QUIET_WORKPLACE, N.FIXED_TASKS})),
        vacancy("Scan-/archiefmedewerker", offers=frozenset({N.QUIET_WORKPLACE, N.FIXED_TASKS, N.BUDDY})),
        3.0,
        FITS,
        95,
        100,
        {C.NEEDS: MET},
    ),
    Case(
        "one of two needs is still to be arranged",
        candidate("Scan-/archiefmedewerker", needs=frozenset({N.QUIET_WORKPLACE, N.FIXED_TASKS})),
        vacancy("Scan-/archiefmedewerker", offers=frozenset({N.FIXED_TASKS})),
        3.0,
        ADJUST,
        85,
        95,
        {C.NEEDS: PARTLY},
    ),
    Case(
        "no need is met yet: to be arranged, no misfit",
        candidate("Hovenier", needs=frozenset({N.PERMANENT_SUPERVISOR})),
        vacancy("Hovenier", offers=frozenset()),
        3.0,
        ADJUST,
        75,
        85,
        {C.NEEDS: NOT_MET},
    ),
    Case(
        "a driver without the licence",
        candidate("Pakketbezorger bestelbus"),
        vacancy("Pakketbezorger bestelbus", licences=frozenset({L.B})),
        3.0,
        NOT,
        85,
        97,
        {C.LICENCES: NOT_MET},
        "Past als rijbewijs B niet nodig is, of als de kandidaat het haalt.",
    ),
    Case(
        "a lorry licence covers the van",
        candidate("Taxichauffeur", licences=frozenset({L.C})),
        vacancy("Pakketbezorger bestelbus", licences=frozenset({L.B})),
        3.0,
        FITS,
        95,
        100,
        {C.LICENCES: MET},
    ),
    Case(
        "more Dutch asked than the candidate has",
        candidate("Medewerker klantenservice", language=LanguageLevel.A2),
        vacancy("Medewerker klantenservice", language=LanguageLevel.B2),
        3.0,
        NOT,
        85,
        97,
        {C.LANGUAGE: NOT_MET},
        "Past als voor Nederlands A2 genoeg is.",
    ),
    Case(
        "a contract that still runs at the start is something to agree on",
        candidate("Kassamedewerker", contract_ends=date(2027, 3, 31), available_from=date(2027, 4, 1)),
        vacancy("Kassamedewerker"),
        3.0,
        ADJUST,
        90,
        98,
        {C.START: PARTLY},
    ),
    Case(
        "a standing opening waits for nobody and hurries nobody",
        candidate("Kassamedewerker", available_from=date(2027, 9, 1)),
        vacancy("Kassamedewerker", start_date=None),
        3.0,
        FITS,
        95,
        100,
        {C.START: MET},
    ),
    Case(
        "months too late is no misfit, but it scores nothing",
        candidate("Kassamedewerker", available_from=date(2027, 9, 1)),
        vacancy("Kassamedewerker"),
        3.0,
        ADJUST,
        90,
        96,
        {C.START: NOT_MET},
    ),
    Case(
        "two hard things fail: no single thing would make it fit",
        candidate("Orderpicker", hours_max=20, cannot=frozenset({D.SHIFT_WORK})),
        vacancy("Orderpicker", hours_min=36, hours_max=40, demands=frozenset({D.SHIFT_WORK})),
        3.0,
        NOT,
        50,
        75,
        {C.HOURS: NOT_MET, C.DEMANDS: NOT_MET},
    ),
    Case(
        "an empty profile matches nothing",
        CandidateFacts(id=an_id(1)),
        vacancy("Afwasser"),
        None,
        ADJUST,
        0,
        0,
        {C.OCCUPATION: UNKNOWN, C.HOURS: UNKNOWN, C.DISTANCE: UNKNOWN, C.NEEDS: UNKNOWN, C.START: UNKNOWN},
    ),
]


def result_of(match: Match, criterion: Criterion) -> Result:
    return next(line.result for line in match.criteria if line.criterion is criterion)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_each_criterion_by_example(case: Case) -> None:
    match = assess(case.candidate, case.vacancy, case.km)
    assert match.verdict is case.verdict
    assert case.least <= match.score <= case.most
    assert {criterion: result_of(match, criterion) for criterion in case.results} == case.results
    assert (match.near_miss.nl if match.near_miss else None) == case.near_miss


def test_explanations_give_the_numbers() -> None:
    match = assess(
        candidate("Inpakker", needs=frozenset({N.BUDDY}), contract_ends=date(2027, 3, 9)),
        vacancy("Productiemedewerker", trial_placement=True, licences=frozenset({L.BE}), language=LanguageLevel.A2),
        12.04,
    )
    said = {line.criterion: line.explanation for line in match.criteria}
    assert said[C.DISTANCE].nl == "12 km hemelsbreed, de kandidaat wil hooguit 15 km reizen."
    assert said[C.DISTANCE].en == "12 km as the crow flies, the candidate wants to travel 15 km at most."
    assert said[C.HOURS].nl == "De vacature vraagt 24 uur, de kandidaat wil 16 tot 28 uur: 24 uur past."
    assert said[C.NEEDS].nl == (
        "De werkgever biedt 0 van de 1 dingen die nodig zijn. Nog te regelen: 'Vaste collega om mee te werken nodig'."
    )
    assert said[C.OCCUPATION].nl.endswith("Dat lijkt op elkaar. De werkgever wil beginnen met een proefplaatsing.")
    assert said[C.LICENCES].nl == "Nodig is rijbewijs BE; de kandidaat mist BE."
    assert said[C.LANGUAGE].nl == "Nodig is Nederlands op niveau A2; de kandidaat heeft B1."
    assert said[C.START].nl == (
        "Het werk begint op 1-3-2027; het contract loopt tot en met 9-3-2027. Dat is af te spreken."
    )
    assert match.gap_days == -9
    assert match.rules_version == RULES_VERSION


def test_half_hours_read_as_people_write_them() -> None:
    match = assess(candidate("Hovenier", hours_min=12, hours_max=22.5), vacancy("Hovenier", hours_min=22), 3)
    said = next(line.explanation for line in match.criteria if line.criterion is C.HOURS)
    assert "22 tot 22,5 uur past" in said.nl
    assert "22 to 22.5 hours fits" in said.en


def test_the_facts_hold_nothing_about_health_benefit_age_sex_or_origin() -> None:
    assert set(CandidateFacts._fields) == {
        "id",
        "occupations",
        "hours_min",
        "hours_max",
        "postcode4",
        "max_distance_km",
        "available_from",
        "contract_ends",
        "needs",
        "cannot",
        "language",
        "licences",
    }


def test_the_weights_are_a_hundred_and_most_weight_is_hard() -> None:
    assert set(WEIGHTS) == set(Criterion)
    assert sum(WEIGHTS.values()) == 100
    assert set(Criterion) - HARD == {C.NEEDS, C.START}


@pytest.mark.parametrize(
    ("late", "result"),
    [(-30, MET), (0, MET), (1, PARTLY), (LATE_DAYS_TO_DISCUSS, PARTLY), (LATE_DAYS_TO_DISCUSS + 1, NOT_MET)],
)
def test_starting_later(late: int, result: Result) -> None:
    match = assess(candidate("Afwasser", available_from=START + timedelta(days=late)), vacancy("Afwasser"), 3)
    assert result_of(match, C.START) is result


@pytest.mark.parametrize(("km", "result"), [(15.04, MET), (15.1, PARTLY), (18.0, PARTLY), (18.1, NOT_MET)])
def test_distance_bounds(km: float, result: Result) -> None:
    assert result_of(assess(candidate("Afwasser"), vacancy("Afwasser"), km), C.DISTANCE) is result


# A busy machine is no fault.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def subsets(codes: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.frozensets(st.sampled_from(list(codes)), max_size=5)


codes_of_work = st.sampled_from(["9112", "9123", "9412", "9329", "9321", "5230", "5223", "4110", "9313"])
some_hours = st.none() | st.integers(min_value=0, max_value=40)
some_day = st.none() | st.dates(min_value=date(2027, 1, 1), max_value=date(2027, 6, 30))
some_km = st.none() | st.floats(min_value=0, max_value=60)
postcodes = st.none() | st.sampled_from(["1011", "1012", "3511", "9711", "1000"])


@st.composite
def candidates(draw: st.DrawFn) -> CandidateFacts:
    return CandidateFacts(
        id=str(draw(st.uuids(version=4))),
        occupations=tuple(draw(st.lists(codes_of_work, max_size=3))),
        hours_min=draw(some_hours),
        hours_max=draw(some_hours),
        postcode4=draw(postcodes),
        max_distance_km=draw(st.none() | st.integers(min_value=0, max_value=40)),
        available_from=draw(some_day),
        contract_ends=draw(some_day),
        needs=draw(subsets(WorkCondition)),
        cannot=draw(subsets(WorkDemand)),
        language=draw(st.none() | st.sampled_from(LanguageLevel)),
        licences=draw(subsets(DrivingLicence)),
    )


@st.composite
def vacancies(draw: st.DrawFn) -> VacancyFacts:
    return VacancyFacts(
        id=str(draw(st.uuids(version=4))),
        occupation=draw(st.none() | codes_of_work),
        hours_min=draw(some_hours),
        hours_max=draw(some_hours),
        postcode4=draw(postcodes),
        start_date=draw(some_day),
        demands=draw(subsets(WorkDemand)),
        offers=draw(subsets(WorkCondition)),
        language=draw(st.none() | st.sampled_from(LanguageLevel)),
        licences=draw(st.frozensets(st.sampled_from(DrivingLicence), max_size=2)),
        trial_placement=draw(st.booleans()),
    )


CANDIDATE_MAY_NOT_KNOW = {
    "occupations": (),
    "hours_min": None,
    "hours_max": None,
    "max_distance_km": None,
    "available_from": None,
    "needs": None,
    "cannot": None,
    "language": None,
    "licences": None,
}
VACANCY_MAY_NOT_KNOW = {"occupation": None, "hours_min": None, "hours_max": None, "demands": None, "offers": None}


@patiently
@given(one=candidates(), other=vacancies(), km=some_km)
def test_every_match_adds_up(one: CandidateFacts, other: VacancyFacts, km: float | None) -> None:
    match = assess(one, other, km)
    assert 0 <= match.score <= 100
    assert [line.criterion for line in match.criteria] == list(WEIGHTS)
    assert all(line.weight in (0, WEIGHTS[line.criterion]) for line in match.criteria)
    assert all(0 <= line.points <= line.weight for line in match.criteria)
    assert all(line.explanation.nl and line.explanation.en for line in match.criteria)
    points, total = sum(line.points for line in match.criteria), sum(line.weight for line in match.criteria)
    assert match.score == pytest.approx(100 * points / total, abs=0.5)

    failed = [line for line in match.criteria if line.criterion in HARD and line.result is NOT_MET]
    assert (match.verdict is NOT) is bool(failed)
    assert (match.verdict is FITS) is all(line.result is MET for line in match.criteria)
    assert (match.near_miss is None) is (match.obstacle is None)
    if match.obstacle is not None:
        assert [line.criterion for line in failed] == [match.obstacle]
        assert match.obstacle is not C.OCCUPATION


@patiently
@given(one=candidates(), other=vacancies(), km=some_km)
def test_unknown_never_scores(one: CandidateFacts, other: VacancyFacts, km: float | None) -> None:
    for line in assess(one, other, km).criteria:
        if line.result in (UNKNOWN, NOT_MET):
            assert line.points == 0


@patiently
@given(
    one=candidates(),
    other=vacancies(),
    km=some_km,
    candidate_forgets=st.sampled_from(list(CANDIDATE_MAY_NOT_KNOW)),
    vacancy_forgets=st.sampled_from(list(VACANCY_MAY_NOT_KNOW)),
)
def test_knowing_less_never_raises_the_score(
    one: CandidateFacts, other: VacancyFacts, km: float | None, candidate_forgets: str, vacancy_forgets: str
) -> None:
    known = assess(one, other, km).score
    less_of_candidate: Any = {candidate_forgets: CANDIDATE_MAY_NOT_KNOW[candidate_forgets]}
    less_of_vacancy: Any = {vacancy_forgets: VACANCY_MAY_NOT_KNOW[vacancy_forgets]}
    assert assess(one._replace(**less_of_candidate), other, km).score <= known
    assert assess(one, other._replace(**less_of_vacancy), km).score <= known
    assert assess(one, other, None).score <= known


@patiently
@given(one=candidates(), other=vacancies(), km=some_km, added=st.sampled_from(WorkCondition))
def test_an_offer_more_never_lowers_the_score(
    one: CandidateFacts, other: VacancyFacts, km: float | None, added: WorkCondition
) -> None:
    more = other._replace(offers=(other.offers or frozenset()) | {added})
    before, after = assess(one, other, km), assess(one, more, km)
    assert after.score >= before.score
    assert VERDICTS.index(after.verdict) <= VERDICTS.index(before.verdict)


@patiently
@given(one=candidates(), other=vacancies(), km=some_km, added=st.sampled_from(WorkDemand))
def test_a_demand_that_the_candidate_cannot_meet_never_fits(
    one: CandidateFacts, other: VacancyFacts, km: float | None, added: WorkDemand
) -> None:
    cannot = one._replace(cannot=(one.cannot or frozenset()) | {added})
    asked = other._replace(demands=(other.demands or frozenset()) | {added})
    assert assess(cannot, asked, km).verdict is NOT


@patiently
@given(one=candidates(), other=vacancies(), km=st.floats(0, 60))
def test_what_a_near_miss_names_makes_it_fit(one: CandidateFacts, other: VacancyFacts, km: float) -> None:
    match = assess(one, other, km)
    hours: dict[str, Any] = {"hours_min": one.hours_min, "hours_max": one.hours_max}
    mended = {
        C.HOURS: (one, other._replace(**hours), km),
        C.DISTANCE: (one._replace(max_distance_km=km + 1), other, km),
        C.DEMANDS: (one, other._replace(demands=frozenset()), km),
        C.LANGUAGE: (one, other._replace(language=one.language), km),
        C.LICENCES: (one._replace(licences=frozenset(DrivingLicence)), other, km),
    }
    if match.obstacle is not None:
        assert match.verdict is NOT
        assert assess(*mended[match.obstacle]).verdict is not NOT


KNOWN_AND_MET: dict[str, Any] = {
    "occupations": lambda one, other: (*one.occupations, other.occupation),
    "hours_max": lambda one, other: other.hours_max,
    "available_from": lambda one, other: date(2026, 1, 1),
    "needs": lambda one, other: other.offers or frozenset(),
    "cannot": lambda one, other: frozenset(),
    "language": lambda one, other: LanguageLevel.C2,
    "licences": lambda one, other: frozenset(DrivingLicence),
}


@patiently
@given(one=candidates(), other=vacancies(), km=some_km, learnt=st.sampled_from(list(KNOWN_AND_MET)))
def test_learning_that_something_is_met_never_lowers_the_score(
    one: CandidateFacts, other: VacancyFacts, km: float | None, learnt: str
) -> None:
    """From not known, whatever else is known."""
    whole = other._replace(occupation=other.occupation or "9112", hours_max=other.hours_max or 24)
    nothing: dict[str, Any] = {learnt: CANDIDATE_MAY_NOT_KNOW[learnt]}
    unknown = one._replace(**nothing)
    known = unknown._replace(**{learnt: KNOWN_AND_MET[learnt](unknown, whole)})
    before, after = assess(unknown, whole, km), assess(known, whole, km)
    assert after.score >= before.score
    if learnt != "hours_max":
        assert VERDICTS.index(after.verdict) <= VERDICTS.index(before.verdict)


@patiently
@given(one=candidates(), other=vacancies(), near=st.floats(0, 60), far=st.floats(0, 60))
def test_nearer_never_scores_less(one: CandidateFacts, other: VacancyFacts, near: float, far: float) -> None:
    near, far = sorted((near, far))
    assert assess(one, other, near).score >= assess(one, other, far).score


@patiently
@given(first=candidates(), second=candidates(), other=vacancies(), km=some_km)
def test_one_vacancy_weighs_the_same_for_every_candidate(
    first: CandidateFacts, second: CandidateFacts, other: VacancyFacts, km: float | None
) -> None:
    weights = [[line.weight for line in assess(one, other, km).criteria] for one in (first, second)]
    assert weights[0] == weights[1]


@patiently
@given(one=candidates(), other=vacancies(), km=some_km, ends=st.dates(START, date(2028, 1, 1)))
def test_a_running_contract_is_never_a_misfit(
    one: CandidateFacts, other: VacancyFacts, km: float | None, ends: date
) -> None:
    under_contract = one._replace(contract_ends=ends)
    match = assess(under_contract, other._replace(start_date=START), km)
    assert result_of(match, C.START) is PARTLY
    assert match.gap_days is not None
    assert match.gap_days < 0
    assert (match.verdict is NOT) is (assess(one, other, km).verdict is NOT)


@patiently
@given(
    found=st.lists(candidates(), max_size=6, unique_by=lambda one: one.id),
    other=vacancies(),
    limit=st.integers(min_value=0, max_value=10),
    with_misfits=st.booleans(),
    data=st.data(),
)
def test_the_ranking_does_not_depend_on_the_order(
    found: list[CandidateFacts], other: VacancyFacts, limit: int, with_misfits: bool, data: st.DataObject
) -> None:
    ranking = rank(found, other, limit, near_limit=limit, with_misfits=with_misfits)
    shuffled = data.draw(st.permutations(found))
    assert rank(shuffled, other, limit, near_limit=limit, with_misfits=with_misfits) == ranking
    for part in ranking:
        assert len(part) <= limit
        keys = [(one.match.verdict is NOT, -one.match.score, one.id) for one in part]
        assert keys == sorted(keys)
    if not with_misfits:
        assert all(one.match.verdict is not NOT for one in ranking.items)
    assert all(one.match.near_miss for one in ranking.near_misses)
    every = rank(found, other, len(found), near_limit=len(found), with_misfits=True)
    assert every.items[:limit] == rank(found, other, limit, with_misfits=True).items
    assert {one.id for one in every.near_misses} == {one.id for one in every.items if one.match.near_miss}
    assert ranking.near_misses == every.near_misses[:limit]


def test_ties_go_by_id() -> None:
    ids = [an_id(number) for number in (30, 10, 20)]
    same = [candidate("Afwasser")._replace(id=one) for one in ids]
    assert [one.id for one in rank(same, vacancy("Afwasser"), 2).items] == [an_id(10), an_id(20)]


def test_what_does_not_fit_comes_last_however_high_it_scores() -> None:
    best_but_one = candidate("Taxichauffeur")._replace(id=an_id(1))
    poor = CandidateFacts(id=an_id(2))._replace(occupations=(ISCO["Taxichauffeur"],))
    driving = vacancy("Taxichauffeur", licences=frozenset({L.B}))
    ranking = rank([best_but_one, poor], driving, 5, with_misfits=True).items
    assert [one.id for one in ranking] == [poor.id, best_but_one.id]
    assert ranking[0].match.score < ranking[1].match.score
    assert [one.id for one in rank([best_but_one, poor], driving, 5).items] == [poor.id]


def test_a_distance_is_asked_once_per_postcode() -> None:
    asked: list[tuple[str, str]] = []

    def distance_km(a: str, b: str) -> float | None:
        asked.append((a, b))
        return 3.0

    here = vacancy("Afwasser", postcode4="3511")
    people = [
        candidate("Afwasser", postcode4=postcode4)._replace(id=an_id(number))
        for number, postcode4 in enumerate(["3512", "3512", "3513", None])
    ]
    ranking = rank(people, here, 10, distance_km=distance_km).items
    assert asked == [("3511", "3512"), ("3511", "3513")]
    assert result_of(ranking[-1].match, C.DISTANCE) is UNKNOWN


def test_vacancies_for_a_candidate_rank_by_the_same_rules() -> None:
    person = candidate("Afwasser", postcode4="3511")
    near = vacancy("Afwasser", postcode4="3512")._replace(id=an_id(7))
    far = vacancy("Afwasser", postcode4="9711")._replace(id=an_id(8))
    ranking = rank_vacancies(person, [far, near], 5, with_misfits=True).items
    assert [one.id for one in ranking] == [near.id, far.id]
    assert ranking == rank_vacancies(person, [near, far], 5, with_misfits=True).items
    (best,) = rank([person], near, 1).items
    assert best.match == ranking[0].match
