"""Vacancies of an employer that left a mobility pool: what the pool did not take is closed, what it took goes on.

Somebody may be in talks about what was taken. By the clock after the last day, and at once when a membership changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from service.kernel.database import UnitOfWork
from service.kernel.room import Consumer, Timer
from service.vacancies.models import Vacancy
from service.vacancies.pools.models import PoolMember
from service.vacancies.pools.operations import is_member_on, pools_of
from service.vacancies.referrals import sending
from service.vacancies.referrals.joining import LOOKS_BACK
from service.vacancies.referrals.models import Referral
from service.vacancies.referrals.rules import WAITING, ReferralReason, ReferralStatus
from service.vacancies.rules import VacancyStatus

_UNTAKEN: Final = (*sorted(WAITING), ReferralStatus.AT_CAPACITY)


def _due(uow: UnitOfWork, limit: int) -> list[str]:
    """Memberships that ended lately, of employers whose pool still has something that it did not take."""
    over = PoolMember.valid_until.between(uow.today - LOOKS_BACK - timedelta(days=1), uow.today - timedelta(days=1))
    again = aliased(PoolMember)
    is_back = select(again.id).where(
        again.pool_id == PoolMember.pool_id, again.party_id == PoolMember.party_id, is_member_on(uow.today, again)
    )
    has_more = _untaken().where(Referral.party_id == PoolMember.pool_id, Vacancy.employer_id == PoolMember.party_id)
    statement = select(PoolMember.id).where(over, has_more.exists(), ~is_back.exists())
    return list(uow.session.scalars(statement.order_by(PoolMember.id).limit(limit)))


def _fire(uow: UnitOfWork, member_id: str) -> None:
    row = uow.session.get(PoolMember, member_id)
    if row is not None:
        _leave(uow, row.pool_id, row.party_id)


def _changed(uow: UnitOfWork, event: Mapping[str, Any]) -> None:
    _leave(uow, event["data"]["poolId"], event["data"]["partyId"])


def _leave(uow: UnitOfWork, pool_id: str, party_id: str) -> None:
    """Closes what is left, unless the employer is a member today. Twice does no harm."""
    if pool_id in pools_of(uow, party_id):
        return
    left = _untaken().where(Referral.party_id == pool_id, Vacancy.employer_id == party_id)
    for vacancy_id in uow.session.scalars(left.distinct().order_by(Vacancy.id)).all():
        vacancy = uow.session.get_one(Vacancy, vacancy_id, with_for_update=True, populate_existing=True)
        sending.leave_pool(uow, vacancy, pool_id)


def _untaken() -> Select[Any]:
    return (
        select(Vacancy.id)
        .join(Referral, Referral.vacancy_id == Vacancy.id)
        .where(
            Referral.because == ReferralReason.MEMBERSHIP,
            Referral.status.in_(_UNTAKEN),
            Vacancy.status.in_((VacancyStatus.OPEN, VacancyStatus.ON_HOLD)),
        )
    )


LEFT: Final = Consumer("vacancies.left-pool", frozenset({"pool-member.changed", "pool-member.removed"}), _changed)
ENDED: Final = Timer("vacancies.membership-ended", _due, _fire)
