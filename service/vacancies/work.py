"""Vacancies that are about to expire: their employer renews them or lets them go."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, select

from service.access.actor import Actor
from service.access.rules import PartyKind, Purpose
from service.employers.work import Work, WorkKind, columns
from service.kernel.database import UnitOfWork
from service.kernel.text import Text
from service.vacancies.models import Vacancy
from service.vacancies.rules import BRING_VACANCIES, EXPIRES_SOON, VacancyStatus

RENEW_VACANCY: Final = WorkKind(
    "renew_vacancy",
    Purpose.MATCHING,
    "/vacancies/{id}",
    Text("Zoekt u nog iemand? Verleng dan de vacature.", "Are you still looking? Then renew the vacancy."),
    Text("laatste dag van een vacature", "last day of a vacancy"),
)

KINDS: Final = (RENEW_VACANCY,)


def work(uow: UnitOfWork, actor: Actor) -> list[Work]:
    """For the employer whose vacancy it is, and for who brought it in as long as the employer did not take it over."""
    if own := actor.party_ids(PartyKind.EMPLOYER):
        whose: tuple[ColumnElement[bool], ...] = (Vacancy.employer_id.in_(own),)
    elif brings := actor.party_ids(*sorted(BRING_VACANCIES)):
        whose = (Vacancy.brought_in_by_id.in_(brings), Vacancy.taken_over_on.is_(None))
    else:
        return []
    selected = columns(
        RENEW_VACANCY,
        id=Vacancy.id,
        since=Vacancy.created_at,
        due_on=Vacancy.expires_on,
        seen=True,
        version=Vacancy.version,
        employer_id=Vacancy.employer_id,
        vacancy_id=Vacancy.id,
    )
    statement = select(*selected).where(
        *whose,
        Vacancy.status.in_((VacancyStatus.OPEN, VacancyStatus.ON_HOLD)),
        Vacancy.expires_on <= uow.today + EXPIRES_SOON,
    )
    return [Work(RENEW_VACANCY, statement)]
