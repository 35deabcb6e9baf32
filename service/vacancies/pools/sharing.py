"""What members of a pool see together: each other's vacancies, and the people who agreed to be shown there.

Only while they are members. Employers see vacancies and counts, never a profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, distinct, false, func, or_, select
from sqlalchemy.orm import selectinload

from service.access.actor import Actor, log_access
from service.access.models import Party
from service.access.rules import PartyKind, Purpose
from service.employers.models import Employer
from service.kernel.database import UnitOfWork
from service.kernel.paging import page
from service.kernel.problems import forbidden
from service.reference import occupations, places
from service.vacancies.candidates import operations as candidates
from service.vacancies.candidates.models import Candidate, CandidateOccupation
from service.vacancies.models import Vacancy
from service.vacancies.offers import showing
from service.vacancies.pools import coarse
from service.vacancies.pools.models import MobilityPool, PoolMember
from service.vacancies.pools.operations import MAY_JOIN, is_member_on, pool_for
from service.vacancies.pools.sight import Sight, sight_in
from service.vacancies.rules import HELPERS, VacancyStatus

_UWV_SIDE: Final = (PartyKind.UWV, PartyKind.DESK)


def list_shared_vacancies(uow: UnitOfWork, actor: Actor, pool_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """The open vacancies of the employers who are members today, in a few words."""
    pool = _shared_pool(uow, actor, pool_id)
    statement = _open_vacancies(uow, pool)
    if "occupation_code" in query:
        statement = statement.where(Vacancy.occupation_code == query["occupation_code"])
    answer = page(uow, statement, (Vacancy.id,), query, lambda row: row)
    ids = {row.employer_id for row in answer["items"]}
    found = uow.execute(select(Employer.id, Employer.name).where(Employer.id.in_(ids)))
    names = {row.id: row.name for row in found}
    return answer | {"items": [_vacancy_view(row, names[row.employer_id]) for row in answer["items"]]}


def list_shared_candidates(uow: UnitOfWork, actor: Actor, pool_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """Those who agreed to be shown in the pool and look for work now. Never for an employer.

    Whoever reads it: place and time as a pool may know them, whatever else that reader may see elsewhere.
    """
    if actor.kind not in (*_UWV_SIDE, *HELPERS):
        raise forbidden("Werkgevers zien geen profielen.", "Employers see no profiles.")
    pool = _shared_pool(uow, actor, pool_id)
    statement = (
        select(Candidate)
        .where(Candidate.id.in_(showing.shown_in([pool.id])))
        .options(selectinload(Candidate.lead), selectinload(Candidate.employment))
    )
    if "occupation_code" in query:
        same = select(CandidateOccupation.candidate_id).where(CandidateOccupation.code == query["occupation_code"])
        statement = statement.where(Candidate.id.in_(same))
    sight = _sight(uow, actor, pool)

    def view(row: Candidate) -> dict[str, Any]:
        if row.person_id is not None:
            log_access(uow, actor, Purpose.MATCHING, "candidate.read", [row.person_id], row.address)
        return candidates.candidate_view(uow, actor, row, sight)

    return page(uow, statement, (Candidate.id,), query, view)


def overview(uow: UnitOfWork, actor: Actor, pool_id: str) -> dict[str, Any]:
    """How many take part, how many vacancies are open, and for which kinds of work there are people.

    Every group of occupations stands in it, so that nobody sees whether a group holds none or a few. There is no count
    of all candidates from which the others could be taken away.
    """
    pool = _shared_pool(uow, actor, pool_id)
    kinds = uow.execute(
        select(Party.kind, func.count(distinct(Party.id)).label("members"))
        .join(PoolMember, PoolMember.party_id == Party.id)
        .where(PoolMember.pool_id == pool.id, is_member_on(uow.today))
        .group_by(Party.kind)
    )
    members = {row.kind: row.members for row in kinds}
    groups = uow.execute(
        select(
            CandidateOccupation.sub_major, func.count(distinct(CandidateOccupation.candidate_id)).label("candidates")
        )
        .where(CandidateOccupation.candidate_id.in_(showing.shown_in([pool.id])))
        .group_by(CandidateOccupation.sub_major)
    )
    people = {row.sub_major: row.candidates for row in groups}
    return {
        "members": [{"kind": kind, "members": members.get(kind, 0)} for kind in MAY_JOIN],
        "open_vacancies": uow.session.scalar(
            select(func.count()).select_from(_open_vacancies(uow, pool).with_only_columns(Vacancy.id).subquery())
        ),
        "fewest_shown": coarse.FEWEST,
        "occupation_groups": [
            {
                "isco_code": code,
                "name": occupations.group_label(code),
                "candidates": coarse.rounded_down(people.get(code, 0)),
            }
            for code in _sub_majors()
        ],
    }


def _shared_pool(uow: UnitOfWork, actor: Actor, pool_id: str) -> MobilityPool:
    """The pool, for itself, UWV's side and who is a member today. Raises 404, and 403 for who was one."""
    pool = pool_for(uow, actor, pool_id)
    if actor.kind in _UWV_SIDE or pool.id in actor.party_ids(PartyKind.MOBILITY_POOL):
        return pool
    own = select(PoolMember.id).where(
        PoolMember.pool_id == pool.id, PoolMember.party_id.in_(actor.party_ids()), is_member_on(uow.today)
    )
    if uow.execute(own.limit(1)).first() is None:
        raise forbidden("Dit is voor wie nu lid is van deze pool.", "This is for who is a member of this pool now.")
    return pool


def _open_vacancies(uow: UnitOfWork, pool: MobilityPool) -> Select[Any]:
    members = select(PoolMember.party_id).where(PoolMember.pool_id == pool.id, is_member_on(uow.today))
    return select(Vacancy).where(Vacancy.status == VacancyStatus.OPEN, Vacancy.employer_id.in_(members))


def _sight(uow: UnitOfWork, actor: Actor, pool: MobilityPool) -> Sight:
    """UWV's side and WSPs see everybody exactly elsewhere; here what the pool may know is enough.

    Others know some of those people themselves: these do not hide the rest from them.
    """
    known: ColumnElement[bool] = Candidate.lead_party_id.in_(actor.party_ids())
    if actor.kind is PartyKind.JOBCOACH_ORGANISATION:
        known = or_(known, Candidate.id.in_(candidates.visible_candidates(actor).with_only_columns(Candidate.id)))
    if actor.kind in (*_UWV_SIDE, PartyKind.WSP):
        known = false()
    return sight_in(uow, pool.id, uow.session.scalars(select(Candidate.id).where(known)))


def _vacancy_view(row: Vacancy, employer_name: str) -> dict[str, Any]:
    town = places.municipality(row.municipality_code)
    return {
        "vacancy_id": row.id,
        "title": row.title,
        "employer_name": employer_name,
        "municipality": town.name if town else row.municipality_code,
        "occupation_code": row.occupation_code,
        "hours": {"min": row.hours_min, "max": row.hours_max},
        "start_date": row.start_date,
        "positions": row.positions,
    }


@cache
def _sub_majors() -> tuple[str, ...]:
    return tuple(sorted({one.isco_code[:2] for one in occupations.all_occupations()}))
