"""Referrals that wait for an answer."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from service.access.actor import Actor
from service.access.rules import Purpose
from service.employers.work import Work, WorkKind, columns
from service.kernel.database import UnitOfWork
from service.kernel.text import Text
from service.vacancies.models import Vacancy
from service.vacancies.referrals.models import WAITS, Referral
from service.vacancies.referrals.rules import RECEIVER, ReferralStatus
from service.vacancies.rules import VacancyStatus

ANSWER_REFERRAL: Final = WorkKind(
    "answer_referral",
    Purpose.MATCHING,
    "/referrals/{id}",
    Text("Zeg of u iemand zoekt voor deze vacature.", "Say whether you look for somebody for this vacancy."),
    Text("laatste dag om te antwoorden op een vacature", "last day to answer about a vacancy"),
)

KINDS: Final = (ANSWER_REFERRAL,)
_RECEIVERS: Final = tuple(frozenset(RECEIVER.values()))


def work(uow: UnitOfWork, actor: Actor) -> list[Work]:
    """For who received one, while the vacancy is open."""
    own = actor.party_ids(*_RECEIVERS)
    if not own:
        return []
    selected = columns(
        ANSWER_REFERRAL,
        id=Referral.id,
        since=Referral.sent_at,
        due_on=Referral.respond_by,
        seen=Referral.status != ReferralStatus.SENT,
        version=Referral.version,
        employer_id=Vacancy.employer_id,
        vacancy_id=Referral.vacancy_id,
    )
    statement = (
        select(*selected)
        .select_from(Referral)
        .join(Vacancy, Vacancy.id == Referral.vacancy_id)
        .where(Referral.party_id.in_(own), WAITS, Vacancy.status == VacancyStatus.OPEN)
    )
    return [Work(ANSWER_REFERRAL, statement)]
