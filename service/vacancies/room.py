"""Vacancies, referrals, mobility pools, candidates and proposals, as one part of the house.

Each of the parts says in its `part.py` what it adds.
"""

from __future__ import annotations

from typing import Any

from service.access.rules import PartyKind
from service.kernel.database import UnitOfWork
from service.kernel.room import Permission, Room, Timer
from service.vacancies import operations
from service.vacancies.candidates import operations as candidate_operations
from service.vacancies.candidates import part as candidates
from service.vacancies.models import Vacancy
from service.vacancies.pools import part as pools
from service.vacancies.proposals import operations as proposal_operations
from service.vacancies.proposals import part as proposals
from service.vacancies.referrals import part as referrals
from service.vacancies.routes import routes
from service.vacancies.rules import WORK_WITH_CANDIDATES

_PARTS = (referrals, pools, candidates, proposals)


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """The profiles and proposals of a person."""
    return candidate_operations.export(uow, person_id) | proposal_operations.export(uow, person_id)


def erase(uow: UnitOfWork, person_id: str) -> None:
    """The proposals first: they are found through the candidate, who is cut off from the person after that."""
    proposal_operations.erase(uow, person_id)
    candidate_operations.erase(uow, person_id)


ROOM = Room(
    name="vacancies",
    routes=(routes, *(found for part in _PARTS for found in part.ROUTES)),
    permissions=(
        Permission(
            "vacancies:read",
            WORK_WITH_CANDIDATES | {PartyKind.EMPLOYER},
            "See vacancies: an employer its own, a WSP or pool those that came to it, a jobcoach organisation the open "
            "ones, UWV's side all that were opened",
        ),
        Permission("vacancies:write", frozenset({PartyKind.EMPLOYER}), "Open, change and end your own vacancies"),
        *(permission for part in _PARTS for permission in part.PERMISSIONS),
    ),
    visible={Vacancy: operations.visible_vacancies}
    | {row: visible for part in _PARTS for row, visible in part.VISIBLE.items()},
    timers=(
        Timer("vacancies.expired", operations.due_to_expire, operations.expire),
        *(timer for part in _PARTS for timer in part.TIMERS),
    ),
    mails={name: render for part in _PARTS for name, render in part.MAILS.items()},
    export=export,
    erase=erase,
)
