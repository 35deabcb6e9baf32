"""The quick ranking: the same as the plain one, whatever it leaves unread."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from service.access.rules import PartyKind
from service.kernel.database import Database
from service.reference import places
from service.reference.nearness import work_near
from service.reference.qualifications import DrivingLicence, LanguageLevel
from service.reference.work_codes import WorkCondition, WorkDemand
from service.vacancies import criteria, matches, matching, quick
from service.vacancies.candidates.box import around
from service.vacancies.candidates.models import CandidateOccupation
from service.vacancies.candidates.schemas import MatchesQuery
from service.vacancies.criteria import CandidateFacts, Criterion, Result, VacancyFacts
from service.vacancies.models import Vacancy
from tests.bench import crowd
from tests.vacancies.parties import add_party
from tests.vacancies.test_matching import vacancies

patiently = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))

CODES = ("9112", "9123", "9412", "9329", "9321", "5230", "5223", "4110", "9313")
TOWNS = ("9711", "9712", "9501", "9401", "8911", "1011", "6211")
hours = st.sampled_from([(None, None), (8.0, 16.0), (16.0, 24.0), (24.0, 24.0), (32.0, 40.0), (36.0, 40.0)])
days = st.none() | st.dates(date(2027, 1, 1), date(2027, 6, 30)).map(date.isoformat)


def codes(of: Any) -> st.SearchStrategy[str | None]:
    return st.none() | st.lists(st.sampled_from([each.value for each in of]), max_size=4, unique=True).map(json.dumps)


@st.composite
def rows(draw: st.DrawFn) -> tuple[Any, ...]:
    """A candidate as the database gives it, in the order of the columns."""
    low, high = draw(hours)
    return (
        str(draw(st.uuids(version=4))),
        json.dumps(draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True))),
        low,
        high,
        draw(st.sampled_from(TOWNS)),
        float(draw(st.sampled_from([0, 1, 5, 12.5, 20, 40, 99, 300]))),
        draw(days),
        draw(days),
        draw(codes(WorkCondition)),
        draw(codes(WorkDemand)),
        draw(st.none() | st.sampled_from([level.value for level in LanguageLevel])),
        draw(codes(DrivingLicence)),
    )


def out_of(home: str, most_km: float, work: str) -> float | None:
    """What the statement reckons."""
    here, there = places.postcode(home), places.postcode(work)
    assert here is not None
    assert there is not None
    if not quick.LEAST_KM <= most_km <= quick.MOST_KM:
        return None
    box = around(here.latitude, here.longitude, most_km * criteria.NEAR_DISTANCE)
    north = (2 * there.latitude - box.south - box.north) / (box.north - box.south)
    east = (2 * there.longitude - box.west - box.east) / (box.east - box.west)
    return north * north + east * east


@patiently
@given(
    found=st.lists(rows(), max_size=25, unique_by=lambda row: row[0]),
    other=vacancies(),
    work=st.sampled_from(TOWNS),
    limit=st.integers(0, 6),
    near_limit=st.integers(0, 4),
    with_misfits=st.booleans(),
    at_once=st.integers(1, 8),
    unknown=st.sampled_from([0.0, 0.5]),
)
def test_it_finds_what_the_plain_ranking_finds(
    found: list[tuple[Any, ...]],
    other: VacancyFacts,
    work: str,
    limit: int,
    near_limit: int,
    with_misfits: bool,
    at_once: int,
    unknown: float,
) -> None:
    other = other._replace(postcode4=work, occupation=other.occupation or "9112")
    draw = random.Random(limit)
    wishes = []
    for row in found:
        out = None if draw.random() < unknown else out_of(row[4], row[5], work)
        wishes += [(row[0], code, out, row[2], row[3]) for code in json.loads(row[1])]
    by_id = {row[0]: row for row in found}
    read: list[str] = []

    def fetch(ids: Sequence[str]) -> list[tuple[Any, ...]]:
        read.extend(ids)
        return [by_id[each] for each in ids]

    assert other.occupation is not None
    weighing = quick.Weighing(other, matches._READING)
    block = weighing.weigh_block(wishes, work_near(other.occupation))
    wanted: dict[str, Any] = {"near_limit": near_limit, "with_misfits": with_misfits}
    ranking = quick.rank(block, fetch, weighing, limit, at_once=at_once, **wanted)
    assert ranking == matching.rank(map(matches._candidate_facts, found), other, limit, **wanted)
    assert len(read) == len(set(read))


@patiently
@given(home=st.integers(0, 4000), work=st.integers(0, 4000), most_km=st.floats(quick.LEAST_KM, quick.MOST_KM))
def test_nobody_is_weighed_lower_in_the_block_than_by_the_real_distance(home: int, work: int, most_km: float) -> None:
    here, there = EVERYWHERE[home], EVERYWHERE[work]
    most_km = round(most_km, 2)
    km = places.distance_km(here, there)
    out = out_of(here, most_km, there)
    assert out is not None
    asked = VacancyFacts("", occupation="9112", postcode4=there)
    result, share = criteria.JUDGES[Criterion.DISTANCE](CandidateFacts("", max_distance_km=most_km), asked, km)
    near = criteria.one_talk_away(Criterion.DISTANCE, CandidateFacts("", max_distance_km=most_km), asked, km)
    fails = 0 if result is not Result.NOT_MET else 1 if near else 2
    if out > quick.FARTHEST_OUT:
        assert fails == 2
        return
    weighing = quick.Weighing(asked, matches._READING)
    block = weighing.weigh_block([("one", "9112", out, None, None)], work_near("9112"))
    [weight] = block
    points = weight & 1023
    assert weight >> 10 <= fails
    assert points >= 30 + matching.points_of(15, share)


EVERYWHERE = [area.postcode4 for region in places.regions() for area in places.postcodes_in(region.code) if area.exact]


def test_who_cannot_come_among_the_best_is_not_read() -> None:
    """Ten who fit wholly, and a hundred who want other work."""
    best = [_row(number, "9112") for number in range(10)]
    others = [_row(100 + number, "9122") for number in range(100)]
    by_id = {row[0]: row for row in best + others}
    asked = VacancyFacts(
        "", "9112", 16.0, 24.0, "9711", date(2027, 3, 1), frozenset(), frozenset(), None, frozenset(), False
    )
    weighing = quick.Weighing(asked, matches._READING)
    wishes = [(row[0], json.loads(row[1])[0], 0.0, row[2], row[3]) for row in by_id.values()]
    read: list[str] = []

    def fetch(ids: Sequence[str]) -> list[tuple[Any, ...]]:
        read.extend(ids)
        return [by_id[each] for each in ids]

    block = weighing.weigh_block(wishes, work_near("9112"))
    ranking = quick.rank(block, fetch, weighing, 5, at_once=10)
    assert [one.id for one in ranking.items] == [row[0] for row in best[:5]]
    assert set(read) == {row[0] for row in best}


def _row(number: int, code: str) -> tuple[Any, ...]:
    return (f"00000000-0000-4000-8000-{number:012}", json.dumps([code]), 16.0, 24.0, "9711", 20.0, "2027-01-01", None,
            "[]", "[]", "B1", "[]")  # fmt: skip


@pytest.mark.parametrize("forgotten", [False, True])
def test_the_statements_find_the_same_block(database: Database, forgotten: bool) -> None:
    """Three hundred candidates and twelve vacancies, all drawn; a part placed before the block held more than a box."""
    draw = random.Random(20)
    with database.transaction() as uow:
        wsp = add_party(uow, PartyKind.WSP, "WSP", "AM01")
        employer_id = add_party(uow, PartyKind.EMPLOYER, "Bakkerij Brood").party.id
        place = crowd.write_place(uow, employer_id, draw)
        kinds = ["skewed", "dense"]
        rows = [crowd.vacancy_of(draw, kind, employer_id, uow.today) for kind in kinds for _ in range(6)]
        crowd.write_vacancies(uow, rows, wsp.party.id)
        crowd.write_candidates(uow, kinds * 150, draw, employer_id, place, wsp.party.id)
        if forgotten:
            nothing = dict.fromkeys(("max_distance_km", "hours_min", "hours_max"))
            uow.execute(update(CandidateOccupation).where(CandidateOccupation.code < "8").values(**nothing))
    with database.transaction() as uow:
        seen = 0
        for vacancy in uow.session.scalars(select(Vacancy)):
            block = uow.execute(matches.candidate_block(wsp, vacancy)).all()
            for query in ({}, {"limit": "3", "nearMisses": "1"}, {"withMisfits": "true", "limit": "100"}):
                wanted = MatchesQuery().load(query)
                answer = matches.matches_of_vacancy(uow, wsp, vacancy.id, wanted)
                plain = matching.rank(
                    map(matches._candidate_facts, block),
                    matches._vacancy_facts(vacancy),
                    wanted["limit"],
                    near_limit=wanted["near_misses"],
                    with_misfits=wanted["with_misfits"],
                )
                for name in ("items", "near_misses"):
                    assert [item["candidate_id"] for item in answer[name]] == [one.id for one in getattr(plain, name)]
                    assert [item["score"] for item in answer[name]] == [one.match.score for one in getattr(plain, name)]
                    seen += len(answer[name])
        assert seen > 100
