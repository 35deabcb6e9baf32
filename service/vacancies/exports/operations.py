"""Vacancies and profiles in the words of others. An export is made of the view that the reader has anyway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.access.actor import Actor, log_access
from service.access.rules import Purpose
from service.kernel.database import UnitOfWork
from service.kernel.problems import conflict, forbidden
from service.vacancies import operations as vacancies
from service.vacancies import views
from service.vacancies.candidates import operations as candidates
from service.vacancies.exports.job_posting import job_posting
from service.vacancies.exports.vum import vacature, werkzoekende
from service.vacancies.rules import CandidateStatus, VacancyStatus, has_expired


def posting_of_vacancy(uow: UnitOfWork, actor: Actor, vacancy_id: str) -> dict[str, Any]:
    """Raises 409 `vacancy-not-open`."""
    return job_posting(_open_vacancy(uow, actor, vacancy_id))


def vum_of_vacancy(uow: UnitOfWork, actor: Actor, vacancy_id: str) -> dict[str, Any]:
    """Raises 409 `vacancy-not-open`."""
    return vacature(_open_vacancy(uow, actor, vacancy_id))


def vum_of_candidate(uow: UnitOfWork, actor: Actor, candidate_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """For the lead and UWV's side; 403 for others who see the candidate. Raises 409 `candidate-not-available`."""
    row = candidates.candidate(uow, actor, candidate_id)
    if not (actor.is_uwv_side or actor.acts_for(row.lead_party_id)):
        raise forbidden(
            "Alleen wie de regie heeft kan dit profiel meenemen.", "Only the lead may take this profile along."
        )
    if row.status is not CandidateStatus.AVAILABLE:
        raise conflict(
            "candidate-not-available", "Deze kandidaat is niet beschikbaar.", "This candidate is not available."
        )
    if row.person_id is not None:
        log_access(uow, actor, Purpose.MATCHING, "candidate.exported", [row.person_id], row.address)
    return werkzoekende(candidates.candidate_view(uow, actor, row), detail=query["detail"])


def _open_vacancy(uow: UnitOfWork, actor: Actor, vacancy_id: str) -> dict[str, Any]:
    row = vacancies.vacancy_for(uow, actor, vacancy_id)
    # The clock that lets a vacancy expire may not have come to it yet.
    over = row.expires_on is not None and has_expired(row.expires_on, uow.today)
    if row.status is not VacancyStatus.OPEN or over:
        raise conflict("vacancy-not-open", "Deze vacature is niet open.", "This vacancy is not open.")
    return views.view(uow, actor, row)
