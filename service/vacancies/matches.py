"""Who fits a vacancy, and which vacancies fit a candidate: the database finds the block, the rules rank it.

A block holds those in or near the same group of occupations and within reach, so that the work grows with the block
and not with the table. Everything is read anew for each question.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, String, cast, or_, select

from service.access.actor import Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.reference import occupations, places
from service.reference.nearness import Nearness, near_groups, nearness
from service.reference.qualifications import DrivingLicence
from service.reference.work_codes import WorkCondition, WorkDemand
from service.vacancies import matching
from service.vacancies import operations as vacancies
from service.vacancies.candidates import operations as candidates
from service.vacancies.candidates.box import around
from service.vacancies.candidates.free import free_from
from service.vacancies.candidates.models import Candidate, CandidateOccupation
from service.vacancies.criteria import NEAR_DISTANCE, CandidateFacts, VacancyFacts
from service.vacancies.matching import Match, Ranked, Ranking
from service.vacancies.models import Vacancy
from service.vacancies.offers import showing
from service.vacancies.pools.sight import Sight, sight_of
from service.vacancies.rules import WORK_WITH_CANDIDATES, CandidateStatus, VacancyStatus

# Numbers as floats and lists as the text in which they are stored: the same few lists come back for row after row, so
# that each is read once. `_candidate_facts` reads the columns in this order.
_CANDIDATE = (
    select(
        Candidate.id,
        cast(Candidate.occupations, String).label("occupations"),
        cast(Candidate.hours_min, Float).label("hours_min"),
        cast(Candidate.hours_max, Float).label("hours_max"),
        Candidate.postcode4,
        cast(Candidate.max_distance_km, Float).label("max_distance_km"),
        Candidate.available_from,
        Employment.end_date.label("job_ends"),
        cast(Candidate.needs, String).label("needs"),
        cast(Candidate.cannot, String).label("cannot"),
        Candidate.language_level,
        cast(Candidate.driving_licences, String).label("driving_licences"),
    )
    .select_from(Candidate)
    .outerjoin(Employment, Employment.id == Candidate.employment_id)
)


def matches_of_vacancy(uow: UnitOfWork, actor: Actor, vacancy_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """The available candidates whom the actor may see that fit this vacancy best, and the nearest misses.

    Employers see none: 403.
    """
    actor.require(*WORK_WITH_CANDIDATES)
    vacancy = vacancies.vacancy_for(uow, actor, vacancy_id)
    rows = uow.execute(candidate_block(actor, vacancy))
    sight = sight_of(uow, actor)
    facts: Iterable[CandidateFacts] = map(_candidate_facts, rows)
    if actor.kind is PartyKind.MOBILITY_POOL:
        facts = chain(facts, map(sight.blur, map(_candidate_facts, uow.execute(_offered_block(actor, vacancy)))))
    ranking = matching.rank(
        facts,
        _vacancy_facts(vacancy),
        query["limit"],
        near_limit=query["near_misses"],
        with_misfits=query["with_misfits"],
    )
    found = [one.id for one in (*ranking.items, *ranking.near_misses)]
    people = select(Candidate.person_id).where(Candidate.id.in_(found), Candidate.person_id.is_not(None))
    person_ids = sorted(str(row.person_id) for row in uow.execute(people))
    log_access(uow, actor, Purpose.MATCHING, "match.read", person_ids, f"{vacancy.address}/matches")
    return _answer(ranking, sight, lambda one: (vacancy.id, one))


def matches_of_candidate(uow: UnitOfWork, actor: Actor, candidate_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """The open vacancies that fit this candidate best, and the nearest misses."""
    actor.require(*WORK_WITH_CANDIDATES)
    candidate = candidates.candidate(uow, actor, candidate_id)
    row = uow.execute(_CANDIDATE.where(Candidate.id == candidate.id)).one()
    sight = sight_of(uow, actor)
    facts = sight.blur(_candidate_facts(row))
    # Where the place is hidden, which vacancies are looked at must not tell it either.
    place = candidate.postcode4 if sight.of(candidate.id) is None else None
    ranking = matching.rank_vacancies(
        facts,
        _vacancy_block(uow, actor, candidate, place),
        query["limit"],
        near_limit=query["near_misses"],
        with_misfits=query["with_misfits"],
    )
    if candidate.person_id is not None:
        log_access(uow, actor, Purpose.MATCHING, "match.read", [candidate.person_id], f"{candidate.address}/matches")
    return _answer(ranking, sight, lambda one: (one, candidate.id))


def candidate_block(actor: Actor, vacancy: Vacancy) -> Select[Any]:
    """The rows of the available candidates near a vacancy, in or near its group of occupations, whom the actor may see.

    Near means as far as a near miss goes. For a pool these are only whom it leads: who stood in the box, or not, would
    tell where somebody lives (`_offered_block`).
    """
    block = select(CandidateOccupation.candidate_id).where(_in_group(vacancy.occupation_code))
    if vacancy.latitude is not None and vacancy.longitude is not None:
        block = block.where(
            CandidateOccupation.south <= vacancy.latitude,
            CandidateOccupation.north >= vacancy.latitude,
            CandidateOccupation.west <= vacancy.longitude,
            CandidateOccupation.east >= vacancy.longitude,
        )
    statement = _CANDIDATE.where(Candidate.id.in_(block), Candidate.status == CandidateStatus.AVAILABLE)
    if actor.is_uwv_side or actor.kind is PartyKind.WSP:
        return statement
    if actor.kind is PartyKind.MOBILITY_POOL:
        return statement.where(Candidate.lead_party_id.in_(actor.party_ids(*PartyKind)))
    return statement.where(Candidate.id.in_(candidates.visible_candidates(actor).with_only_columns(Candidate.id)))


def _offered_block(actor: Actor, vacancy: Vacancy) -> Select[Any]:
    """Those offered in a pool that it does not lead, wherever they live: in or near the vacancy's occupations."""
    return _CANDIDATE.where(
        Candidate.id.in_(select(CandidateOccupation.candidate_id).where(_in_group(vacancy.occupation_code))),
        Candidate.id.in_(showing.shown_in(actor.party_ids(PartyKind.MOBILITY_POOL))),
        Candidate.lead_party_id.not_in(actor.party_ids(*PartyKind)),
    )


def _in_group(code: str) -> ColumnElement[bool]:
    """The wishes that may be near to this occupation: its sub-major group, and single groups of others."""
    own = _sub_major(code)
    others = near_groups(code)
    if not others:
        return CandidateOccupation.sub_major == own
    # The sub-major groups stand first in the index; the unit groups narrow what is read there.
    return CandidateOccupation.sub_major.in_(sorted({own, *(group[:2] for group in others)})) & or_(
        CandidateOccupation.sub_major == own, CandidateOccupation.isco_code.in_(others)
    )


def _vacancy_block(
    uow: UnitOfWork, actor: Actor, candidate: Candidate, postcode4: str | None
) -> Iterable[VacancyFacts]:
    statement = vacancies.visible_vacancies(actor).where(Vacancy.status == VacancyStatus.OPEN)
    area = places.postcode(postcode4) if postcode4 else None
    if area is not None:
        reach = float(candidate.max_distance_km) * NEAR_DISTANCE
        box = around(area.latitude, area.longitude, reach)
        statement = statement.where(
            or_(
                Vacancy.latitude.is_(None),
                Vacancy.latitude.between(box.south, box.north) & Vacancy.longitude.between(box.west, box.east),
            )
        )
    for vacancy in uow.session.scalars(statement):
        if any(_is_near(wish, vacancy.occupation_code) for wish in candidate.occupations):
            yield _vacancy_facts(vacancy)


@lru_cache(maxsize=4096)
def _is_near(wish: str, asked: str) -> bool:
    return nearness(wish, asked) is not Nearness.UNRELATED


@lru_cache(maxsize=4096)
def _sub_major(code: str) -> str:
    found = occupations.occupation(code)
    return found.isco_code[:2] if found else code


# --- Rows as facts ----------------------------------------------------------------------------------------------


def _candidate_facts(row: Any) -> CandidateFacts:
    (
        candidate_id,
        wishes,
        hours_min,
        hours_max,
        postcode4,
        max_distance_km,
        available_from,
        job_ends,
        needs,
        cannot,
        language_level,
        driving_licences,
    ) = row
    return CandidateFacts(
        candidate_id,
        _listed(wishes),
        hours_min,
        hours_max,
        postcode4,
        max_distance_km,
        free_from(available_from, job_ends),
        job_ends,
        None if needs is None else _conditions(needs),
        None if cannot is None else _demands(cannot),
        language_level,
        None if driving_licences is None else _licences(driving_licences),
    )


def _vacancy_facts(row: Vacancy) -> VacancyFacts:
    return VacancyFacts(
        id=row.id,
        occupation=row.occupation_code,
        hours_min=float(row.hours_min),
        hours_max=float(row.hours_max),
        postcode4=row.postcode4,
        start_date=row.start_date,
        demands=None if row.demands is None else frozenset(map(WorkDemand, row.demands)),
        offers=None if row.offers is None else frozenset(map(WorkCondition, row.offers)),
        language=row.language_level,
        licences=frozenset(map(DrivingLicence, row.driving_licences)),
        trial_placement=row.trial_placement,
    )


@lru_cache(maxsize=4096)
def _listed(codes: str) -> tuple[str, ...]:
    return tuple(json.loads(codes))


@lru_cache(maxsize=4096)
def _conditions(codes: str) -> frozenset[WorkCondition]:
    return frozenset(map(WorkCondition, json.loads(codes)))


@lru_cache(maxsize=4096)
def _demands(codes: str) -> frozenset[WorkDemand]:
    return frozenset(map(WorkDemand, json.loads(codes)))


@lru_cache(maxsize=4096)
def _licences(codes: str) -> frozenset[DrivingLicence]:
    return frozenset(map(DrivingLicence, json.loads(codes)))


# --- Views ------------------------------------------------------------------------------------------------------


def _answer(ranking: Ranking, sight: Sight, pair: Callable[[str], tuple[str, str]]) -> dict[str, Any]:
    """`pair` gives the ids of vacancy and candidate for the id that was ranked."""

    def worded(one: Ranked) -> tuple[str, str, Match]:
        vacancy_id, candidate_id = pair(one.id)
        criteria = tuple(sight.word(candidate_id, line) for line in one.match.criteria)
        return vacancy_id, candidate_id, replace(one.match, criteria=criteria)

    return {
        "items": [_match_view(*worded(one)) for one in ranking.items],
        "near_misses": [_near_miss_view(*worded(one)) for one in ranking.near_misses],
        "rules_version": matching.RULES_VERSION,
    }


def _match_view(vacancy_id: str, candidate_id: str, match: Match) -> dict[str, Any]:
    return {
        "vacancy_id": vacancy_id,
        "candidate_id": candidate_id,
        "score": match.score,
        "verdict": match.verdict,
        "criteria": [line._asdict() for line in match.criteria],
        "near_miss": match.near_miss,
        "gap_days": match.gap_days,
        "rules_version": match.rules_version,
    }


def _near_miss_view(vacancy_id: str, candidate_id: str, match: Match) -> dict[str, Any]:
    [in_the_way] = [line.explanation for line in match.criteria if line.criterion is match.obstacle]
    return _match_view(vacancy_id, candidate_id, match) | {"obstacle": match.obstacle, "in_the_way": in_the_way}
