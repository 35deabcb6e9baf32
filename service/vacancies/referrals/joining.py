"""Open vacancies of an employer that joined a mobility pool after they were opened: they go there too.

What becomes of them when it leaves: `leaving.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Select, exists, or_, select

from service.kernel.database import UnitOfWork
from service.kernel.room import Consumer, Timer
from service.vacancies.models import Vacancy
from service.vacancies.pools.models import PoolMember
from service.vacancies.pools.operations import is_member_on
from service.vacancies.referrals import sending
from service.vacancies.referrals.models import Referral
from service.vacancies.referrals.reasons import AnswerReason
from service.vacancies.rules import VacancyStatus

LOOKS_BACK: Final = timedelta(days=7)
"""How long after its first day the clock still finds a membership that was to begin: a worker may have stood still."""


def due(uow: UnitOfWork, limit: int) -> list[str]:
    """Memberships that began lately, of employers with an open vacancy that did not go to the pool."""
    began = PoolMember.valid_from.between(uow.today - LOOKS_BACK, uow.today)
    statement = _missing(uow).with_only_columns(PoolMember.id).where(began).distinct()
    return list(uow.session.scalars(statement.order_by(PoolMember.id).limit(limit)))


def fire(uow: UnitOfWork, member_id: str) -> None:
    """Sends the open vacancies of this member to the pool, unless it is no longer a member."""
    wanted = _missing(uow).with_only_columns(Vacancy.id).where(PoolMember.id == member_id).order_by(Vacancy.id)
    for vacancy_id in uow.session.scalars(wanted).all():
        vacancy = uow.session.get_one(Vacancy, vacancy_id, with_for_update=True, populate_existing=True)
        if vacancy.status is VacancyStatus.OPEN:
            sending.refer(uow, vacancy)
    uow.flush()


def _missing(uow: UnitOfWork) -> Select[Any]:
    """Memberships of today, each with the open vacancies of its member that never went to the pool, or came back."""
    went = exists().where(
        Referral.vacancy_id == Vacancy.id,
        Referral.party_id == PoolMember.pool_id,
        or_(Referral.reason.is_(None), Referral.reason != AnswerReason.MEMBERSHIP_ENDED),
    )
    return (
        select(PoolMember)
        .join(Vacancy, Vacancy.employer_id == PoolMember.party_id)
        .where(is_member_on(uow.today), Vacancy.status == VacancyStatus.OPEN, ~went)
    )


def _joined(uow: UnitOfWork, event: Mapping[str, Any]) -> None:
    fire(uow, event["data"]["memberId"])


JOINED: Final = Consumer("vacancies.joined-pool", frozenset({"pool-member.added", "pool-member.changed"}), _joined)
BEGAN: Final = Timer("vacancies.membership-began", due, fire)
