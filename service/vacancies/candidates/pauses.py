"""The clock of candidates: a pause ends by itself."""

from __future__ import annotations

from sqlalchemy import select

from service.kernel.database import UnitOfWork
from service.kernel.room import Timer
from service.vacancies.candidates.models import Candidate
from service.vacancies.rules import CandidateStatus


def _due(uow: UnitOfWork, limit: int) -> list[str]:
    statement = (
        select(Candidate.id)
        .where(Candidate.status == CandidateStatus.PAUSED, Candidate.paused_until < uow.today)
        .order_by(Candidate.paused_until, Candidate.id)
        .limit(limit)
    )
    return list(uow.session.scalars(statement))


def _fire(uow: UnitOfWork, candidate_id: str) -> None:
    row = uow.session.get_one(Candidate, candidate_id, with_for_update=True)
    over = row.paused_until is not None and row.paused_until < uow.today
    if row.status is CandidateStatus.PAUSED and over:
        row.status = CandidateStatus.AVAILABLE
        row.paused_until = None


PAUSE_OVER = Timer("candidates.pause-over", _due, _fire)
