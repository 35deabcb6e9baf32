"""Who fits a vacancy, and which vacancies fit a candidate: the database finds the block, the rules rank it.

A block holds those in or near the same group of occupations and within reach, so that the work grows with the block
and not with the table. Everything is read anew for each question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Any, Final

import orjson
from sqlalchemy import Float, Select, String, cast, or_, select

from service.access.actor import Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.employers.models import Employment
from service.kernel.among import among
from service.kernel.database import UnitOfWork
from service.kernel.prepared import Prepared, with_dashes
from service.reference import places
from service.reference.nearness import work_near
from service.reference.qualifications import DrivingLicence
from service.reference.work_codes import WorkCondition, WorkDemand
from service.vacancies import block, matching, quick
from service.vacancies import operations as vacancies
from service.vacancies.candidates import operations as candidates
from service.vacancies.candidates.box import around
from service.vacancies.candidates.free import free_from
from service.vacancies.candidates.models import Candidate, CandidateOccupation
from service.vacancies.criteria import NEAR_DISTANCE, CandidateFacts, Criterion, VacancyFacts
from service.vacancies.matching import Match, Ranked, Ranking
from service.vacancies.models import Vacancy
from service.vacancies.offers import showing
from service.vacancies.pools.sight import Sight, sight_of
from service.vacancies.rules import WORK_WITH_CANDIDATES, CandidateStatus, VacancyStatus

# Numbers as floats, days and lists as text: the same few come back for row after row, so that each is read once.
# `_candidate_facts` reads the columns in the order in which they stand here.
_CANDIDATE = (
    select(
        Candidate.id,
        cast(Candidate.occupations, String).label("occupations"),
        cast(Candidate.hours_min, Float).label("hours_min"),
        cast(Candidate.hours_max, Float).label("hours_max"),
        Candidate.postcode4,
        cast(Candidate.max_distance_km, Float).label("max_distance_km"),
        cast(Candidate.available_from, String).label("available_from"),
        cast(Employment.end_date, String).label("job_ends"),
        cast(Candidate.needs, String).label("needs"),
        cast(Candidate.cannot, String).label("cannot"),
        Candidate.language_level,
        cast(Candidate.driving_licences, String).label("driving_licences"),
    )
    .select_from(Candidate)
    .outerjoin(Employment, Employment.id == Candidate.employment_id)
)
_VACANCY: Final = (
    Vacancy.id,
    Vacancy.occupation_code,
    cast(Vacancy.hours_min, Float),
    cast(Vacancy.hours_max, Float),
    Vacancy.postcode,
    Vacancy.start_date,
    cast(Vacancy.demands, String),
    cast(Vacancy.offers, String),
    Vacancy.language_level,
    cast(Vacancy.driving_licences, String),
    Vacancy.trial_placement,
)
"""What `_vacancy_row_facts` reads."""
_AVAILABLE: Final = Prepared(
    _CANDIDATE.where(among(Candidate.__table__.c.id, "ids"), Candidate.status == CandidateStatus.AVAILABLE)
)


def matches_of_vacancy(uow: UnitOfWork, actor: Actor, vacancy_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """The available candidates whom the actor may see that fit this vacancy best, and the nearest misses.

    Employers see none: 403.
    """
    actor.require(*WORK_WITH_CANDIDATES)
    vacancy = vacancies.vacancy_for(uow, actor, vacancy_id)
    sight = sight_of(uow, actor)
    ranking = _quick(uow, vacancy, query) if _sees_all(actor) else _plain(uow, actor, vacancy, sight, query)
    found = [one.id for one in (*ranking.items, *ranking.near_misses)]
    people = select(Candidate.person_id).where(Candidate.id.in_(found), Candidate.person_id.is_not(None))
    person_ids = sorted(str(row.person_id) for row in uow.execute(people))
    log_access(uow, actor, Purpose.MATCHING, "match.read", person_ids, f"{vacancy.address}/matches")
    return _answer(ranking, sight, lambda one: (vacancy.id, one))


def _quick(uow: UnitOfWork, vacancy: Vacancy, query: Mapping[str, Any]) -> Ranking:
    """What `_plain` gives for who sees all available candidates."""
    weighing = quick.Weighing(_vacancy_facts(vacancy), _READING)
    wishes = block.wishes(uow, vacancy, with_misfits=query["with_misfits"])
    return quick.rank(
        weighing.weigh_block(wishes, work_near(vacancy.occupation_code)),
        lambda ids: uow.find_raw(_AVAILABLE, {"ids": ids}),
        weighing,
        query["limit"],
        near_limit=query["near_misses"],
        with_misfits=query["with_misfits"],
    )


def _plain(uow: UnitOfWork, actor: Actor, vacancy: Vacancy, sight: Sight, query: Mapping[str, Any]) -> Ranking:
    rows = uow.execute(candidate_block(actor, vacancy))
    facts: Iterable[CandidateFacts] = map(_candidate_facts, rows)
    if actor.kind is PartyKind.MOBILITY_POOL:
        facts = chain(facts, map(sight.blur, map(_candidate_facts, uow.execute(_offered_block(actor, vacancy)))))
    return matching.rank(
        facts,
        _vacancy_facts(vacancy),
        query["limit"],
        near_limit=query["near_misses"],
        with_misfits=query["with_misfits"],
    )


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
    near = select(CandidateOccupation.candidate_id).where(block.in_groups(vacancy.occupation_code))
    if vacancy.latitude is not None and vacancy.longitude is not None:
        near = near.where(
            CandidateOccupation.south <= vacancy.latitude,
            CandidateOccupation.north >= vacancy.latitude,
            CandidateOccupation.west <= vacancy.longitude,
            CandidateOccupation.east >= vacancy.longitude,
        )
    statement = _CANDIDATE.where(Candidate.id.in_(near), Candidate.status == CandidateStatus.AVAILABLE)
    if _sees_all(actor):
        return statement
    if actor.kind is PartyKind.MOBILITY_POOL:
        return statement.where(Candidate.lead_party_id.in_(actor.party_ids(*PartyKind)))
    return statement.where(Candidate.id.in_(candidates.visible_candidates(actor).with_only_columns(Candidate.id)))


def _offered_block(actor: Actor, vacancy: Vacancy) -> Select[Any]:
    """Those offered in a pool that it does not lead, wherever they live: in or near the vacancy's occupations."""
    return _CANDIDATE.where(
        Candidate.id.in_(select(CandidateOccupation.candidate_id).where(block.in_groups(vacancy.occupation_code))),
        Candidate.id.in_(showing.shown_in(actor.party_ids(PartyKind.MOBILITY_POOL))),
        Candidate.lead_party_id.not_in(actor.party_ids(*PartyKind)),
    )


def _sees_all(actor: Actor) -> bool:
    """Whether all available candidates are visible to this actor (`candidates.visible_candidates`)."""
    return actor.is_uwv_side or actor.kind is PartyKind.WSP


def _vacancy_block(
    uow: UnitOfWork, actor: Actor, candidate: Candidate, postcode4: str | None
) -> Iterable[VacancyFacts]:
    codes = sorted(set().union(*map(work_near, candidate.occupations)))
    statement = vacancies.visible_vacancies(actor, few=True).where(
        Vacancy.status == VacancyStatus.OPEN, uow.among(Vacancy.occupation_code, codes)
    )
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
    return map(_vacancy_row_facts, uow.execute(statement.with_only_columns(*_VACANCY)))


# --- Rows as facts ----------------------------------------------------------------------------------------------


def _candidate_facts(row: Sequence[Any]) -> CandidateFacts:
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
        free_from(_day(available_from), _day(job_ends)),
        _day(job_ends),
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


def _vacancy_row_facts(row: Any) -> VacancyFacts:
    vacancy_id, occupation, low, high, postcode, start, demands, offers, language, licences, trial_placement = row
    return VacancyFacts(
        vacancy_id,
        occupation,
        low,
        high,
        None if postcode is None else postcode[:4],
        start,
        None if demands is None else _demands(demands),
        None if offers is None else _conditions(offers),
        language,
        _licences(licences),
        trial_placement,
    )


def _raw_facts(row: Sequence[Any]) -> CandidateFacts:
    candidate_id, *values = row
    return _candidate_facts((candidate_id if "-" in candidate_id else with_dashes(candidate_id), *values))


_READING: Final = quick.Reading(
    tuple(_CANDIDATE.selected_columns.keys()),
    _raw_facts,
    {
        Criterion.LANGUAGE: quick.Read(("language_level",), lambda level: CandidateFacts("", language=level)),
        Criterion.LICENCES: quick.Read(("driving_licences",), lambda codes: CandidateFacts("", licences=_set(codes))),
        Criterion.HOURS: quick.Read(
            ("hours_min", "hours_max", "needs"),
            lambda low, high, needs=None: CandidateFacts("", hours_min=low, hours_max=high, needs=_set(needs)),
            for_build_up="needs",
        ),
        Criterion.DISTANCE: quick.Read(
            ("postcode4", "max_distance_km"),
            lambda postcode4, most: CandidateFacts("", postcode4=postcode4, max_distance_km=most),
        ),
        Criterion.DEMANDS: quick.Read(("cannot",), lambda codes: CandidateFacts("", cannot=_set(codes))),
        Criterion.START: quick.Read(
            ("available_from", "job_ends"),
            lambda free, ends: CandidateFacts(
                "", available_from=free_from(_day(free), _day(ends)), contract_ends=_day(ends)
            ),
        ),
        Criterion.OCCUPATION: quick.Read(
            ("occupations",), lambda codes: CandidateFacts("", tuple(orjson.loads(codes)))
        ),
        Criterion.NEEDS: quick.Read(("needs",), lambda codes: CandidateFacts("", needs=_set(codes))),
    },
)
"""What each criterion looks at. Codes stay text here: they compare as their enums do."""


def _set(codes: str | None) -> frozenset[Any] | None:
    return None if codes is None else frozenset(orjson.loads(codes))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@lru_cache(maxsize=4096)
def _listed(codes: str) -> tuple[str, ...]:
    return tuple(orjson.loads(codes))


@lru_cache(maxsize=4096)
def _conditions(codes: str) -> frozenset[WorkCondition]:
    return frozenset(map(WorkCondition, orjson.loads(codes)))


@lru_cache(maxsize=4096)
def _demands(codes: str) -> frozenset[WorkDemand]:
    return frozenset(map(WorkDemand, orjson.loads(codes)))


@lru_cache(maxsize=4096)
def _licences(codes: str) -> frozenset[DrivingLicence]:
    return frozenset(map(DrivingLicence, orjson.loads(codes)))


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
