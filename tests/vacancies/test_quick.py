"""The quick ranking: the same as the plain one, whatever it leaves unread."""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Sequence
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

patiently = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))

CODES = ("9112", "9123", "9329", "9321", "5230", "9313")
TOWNS = ("9711", "9712", "9501", "9401")
NEEDS = (WorkCondition.FIXED_TASKS, WorkCondition.QUIET_WORKPLACE)
DEMANDS = (WorkDemand.NIGHT_WORK, next(iter(WorkDemand)))


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


def a_vacancy(draw: random.Random) -> VacancyFacts:
    low = draw.choice((16.0, 24.0, 32.0))
    return VacancyFacts(
        "",
        draw.choice(("9112", "9329")),
        low,
        low + draw.choice((0.0, 8.0)),
        draw.choice((*TOWNS, None)),
        draw.choice((None, date(2027, 3, 1))),
        draw.choice((None, frozenset(), frozenset(DEMANDS[:1]), frozenset(DEMANDS))),
        draw.choice((None, frozenset(), frozenset(NEEDS), frozenset({*NEEDS, WorkCondition.GRADUAL_BUILD_UP}))),
        draw.choice((None, None, LanguageLevel.A2)),
        frozenset(draw.choice(((), (), (DrivingLicence.B,)))),
    )


def a_row(draw: random.Random, number: int, work: str | None) -> tuple[Any, ...]:
    """A candidate as the database gives it, in the order of the columns: like many others, at the borders of rules."""
    home = draw.choice(TOWNS)
    km = places.distance_km(home, work or "9711")
    share = draw.choice((0.4, 1.0, 1.15, 1.19, 1.21, 1.25, 1.3, 1.4, 1.49, 1.51, 1.6, 3.0))
    low = draw.choice((8.0, 16.0, 24.0, 36.0))
    hours = draw.choice(((None, None), (low, low), (low, low + 8)))
    codes = [each.value for each in (*NEEDS, WorkCondition.GRADUAL_BUILD_UP)]
    return (
        f"00000000-0000-4000-8000-{number:012}",
        json.dumps(sorted(draw.sample(CODES, draw.randint(1, 2)))),
        *hours,
        home,
        draw.choice((0.0, 20.0, round((km or 30.0) / share, 2), round((km or 30.0) / share, 2))),
        draw.choice((None, "2027-01-01", "2027-03-15")),
        draw.choice((None, None, "2027-02-01", "2027-06-01")),
        draw.choice((None, "[]", "[]", json.dumps(codes[:1]), json.dumps(codes))),
        draw.choice((None, "[]", "[]", json.dumps([each.value for each in DEMANDS[:1]]))),
        draw.choice((None, "none", "A2", "B1", "C2")),
        draw.choice((None, "[]", json.dumps(["B"]))),
    )


def by_both(
    asked: VacancyFacts,
    rows: Sequence[tuple[Any, ...]],
    unknown: Collection[str],
    at_once: int,
    limit: int,
    **more: Any,
) -> tuple[Any, Any, int]:
    """What both find, and how many rows the quick one read."""
    wishes = []
    for row in rows:
        out = None if row[0] in unknown or asked.postcode4 is None else out_of(row[4], row[5], asked.postcode4)
        wishes += [(row[0], code, out, row[2], row[3]) for code in json.loads(row[1])]
    by_id = {row[0]: row for row in rows}
    read: list[str] = []

    def fetch(ids: Sequence[str]) -> list[tuple[Any, ...]]:
        read.extend(ids)
        return [by_id[each] for each in ids]

    weighing = quick.Weighing(asked, matches._READING)
    block = weighing.weigh_block(wishes, work_near(asked.occupation or ""))
    found = quick.rank(block, fetch, weighing, limit, at_once=at_once, **more)
    assert len(read) == len(set(read))
    plain = matching.rank(map(matches._candidate_facts, rows), asked, limit, **more)
    return found, plain, len(read)


@pytest.mark.parametrize("worlds", [400, pytest.param(6000, marks=pytest.mark.long)])
def test_it_finds_what_the_plain_ranking_finds(worlds: int) -> None:
    """In many small worlds whose candidates are much alike, so that bounds and ties are met often."""
    draw = random.Random(1)
    read = 0
    for number in range(worlds):
        asked = a_vacancy(draw)
        rows = [a_row(draw, each, asked.postcode4) for each in range(30)]
        draw.shuffle(rows)
        unknown = [row[0] for row in rows if draw.random() < draw.choice((0, 0, 0.5))]
        more = {"near_limit": draw.randint(0, 3), "with_misfits": draw.random() < 0.1}
        found, plain, looked_at = by_both(asked, rows, unknown, draw.randint(1, 4), draw.randint(0, 4), **more)
        assert found == plain, number
        read += looked_at
    assert read < 0.7 * 30 * worlds


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
    """Ten who fit wholly, the first by id coming last, and a hundred who want other work."""
    best = [_row(number, "9112") for number in range(10)]
    others = [_row(100 + number, "9122") for number in range(100)]
    nothing: frozenset[Any] = frozenset()
    asked = VacancyFacts("", "9112", 16.0, 24.0, "9711", date(2027, 3, 1), nothing, nothing)
    found, plain, read = by_both(asked, others + best[::-1], (), 3, 5)
    assert found == plain
    assert [one.id for one in found.items] == [row[0] for row in best[:5]]
    assert read == len(best)


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
