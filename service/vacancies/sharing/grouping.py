"""Fills in the group of occupations of vacancies that are older than its column."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from service.kernel.database import UnitOfWork
from service.vacancies.models import UNGROUPED, Vacancy
from service.vacancies.sharing.rules import sub_major_of


def due(uow: UnitOfWork, limit: int) -> list[str]:
    """Vacancies without a group, the oldest first."""
    return list(uow.session.scalars(select(Vacancy.id).where(UNGROUPED).order_by(Vacancy.id).limit(limit)))


def fire(uow: UnitOfWork, vacancy_id: str) -> None:
    fire_many(uow, [vacancy_id])


def fire_many(uow: UnitOfWork, vacancy_ids: Sequence[str]) -> None:
    """By code, not by row: many have the same. Readers' copies of a vacancy stay as they are."""
    mine = uow.among(Vacancy.id, vacancy_ids)
    for code in uow.execute(select(Vacancy.occupation_code).where(mine, UNGROUPED).distinct()).scalars().all():
        uow.execute(
            update(Vacancy)
            .where(mine, UNGROUPED, Vacancy.occupation_code == code)
            .values(sub_major=sub_major_of(code), version=Vacancy.version)
        )
