"""The clocks of how long a vacancy is valid: its employer is told before the last day, and after it the search ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select, update

from service.access.actor import system
from service.access.rules import PartyKind
from service.delivery.events import NewEvent, publish_many
from service.kernel.database import UnitOfWork
from service.kernel.room import Timer
from service.vacancies import course
from service.vacancies.models import TO_WARN, Vacancy
from service.vacancies.rules import EXPIRES_SOON, VACANCY, VacancyStatus, has_expired

AT_ONCE: Final = 500


# --- The last day comes near ------------------------------------------------------------------------------------


def _near(uow: UnitOfWork) -> tuple[Any, ...]:
    return TO_WARN, Vacancy.expires_on >= uow.today, Vacancy.expires_on <= uow.today + EXPIRES_SOON


def _due_to_warn(uow: UnitOfWork, limit: int) -> list[str]:
    """Vacancies whose last valid day comes near and was not told yet, the nearest first."""
    statement = select(Vacancy.id).where(*_near(uow)).order_by(Vacancy.expires_on, Vacancy.id).limit(limit)
    return list(uow.execute(statement).scalars())


_TOLD: Final = (
    *(Vacancy.id, Vacancy.version, Vacancy.status, Vacancy.expires_on),
    *(Vacancy.employer_id, Vacancy.brought_in_by_id),
)


def _warn(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """Tells their employers and who brought them in, once for each last day. The version stays: nothing that anybody
    reads has changed."""
    wanted = select(*_TOLD)
    locked = wanted.where(uow.among(Vacancy.id, ids), *_near(uow)).order_by(Vacancy.id).with_for_update()
    rows = uow.execute(locked).all()
    if not rows:
        return
    told = update(Vacancy).where(uow.among(Vacancy.id, [row.id for row in rows]))
    uow.execute(told.values(warned_expiry=Vacancy.expires_on))
    publish_many(
        uow,
        [
            NewEvent(
                "vacancy.expiring",
                f"vacancies/{row.id}",
                row.version,
                [row.employer_id, *([row.brought_in_by_id] if row.brought_in_by_id else [])],
                {
                    "vacancyId": row.id,
                    "employerId": row.employer_id,
                    "status": row.status.value,
                    "expiresOn": row.expires_on.isoformat(),
                },
            )
            for row in rows
        ],
    )


EXPIRING: Final = Timer("vacancies.expiring", _due_to_warn, lambda uow, each: _warn(uow, [each]), _warn, AT_ONCE)


# --- The last day has passed ------------------------------------------------------------------------------------


def _due_to_expire(uow: UnitOfWork, limit: int) -> list[str]:
    """Vacancies whose last valid day has passed, the longest ago first."""
    statement = (
        select(Vacancy.id)
        .where(Vacancy.status.in_((VacancyStatus.OPEN, VacancyStatus.ON_HOLD)), Vacancy.expires_on < uow.today)
        .order_by(Vacancy.expires_on, Vacancy.id)
        .limit(limit)
    )
    return list(uow.session.scalars(statement))


def _expire(uow: UnitOfWork, vacancy_id: str) -> None:
    """Ends a vacancy whose last valid day has passed; its employer can renew it."""
    row = uow.session.get_one(Vacancy, vacancy_id, with_for_update=True, populate_existing=True)
    may_expire = VacancyStatus.EXPIRED in VACANCY.allowed(row.status, PartyKind.SYSTEM)
    if may_expire and row.expires_on is not None and has_expired(row.expires_on, uow.today):
        course.move(uow, system("vacancy.expired"), row, VacancyStatus.EXPIRED, PartyKind.SYSTEM)


EXPIRED: Final = Timer("vacancies.expired", _due_to_expire, _expire)
