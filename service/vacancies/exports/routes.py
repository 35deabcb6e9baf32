"""Exports over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.vacancies.exports import operations
from service.vacancies.exports.job_posting import MEDIA_TYPE
from service.vacancies.exports.schemas import JobPostingView, VumProfileQuery, VumVacatureView, VumWerkzoekendeView

routes = Routes("Exports", "Vacancies and profiles in the words of others: schema.org for publishing, VUM.")


@routes.get(
    "/vacancies/{id}/job-posting",
    scope="vacancies:read",
    response=JobPostingView,
    media_type=MEDIA_TYPE,
    reading=True,
    refuses=True,
)
def get_job_posting(call: Call) -> Any:
    """An open vacancy as a JobPosting of schema.org, to publish it

    JSON-LD about the work alone: nothing in it tells for whom or why the vacancy is open.
    """
    return operations.posting_of_vacancy(call.uow, call.actor, call.id)


@routes.get("/vacancies/{id}/vum", scope="vacancies:read", response=VumVacatureView, reading=True, refuses=True)
def get_vacancy_vum(call: Call) -> Any:
    """An open vacancy in the words of VUM

    What we have no fact for is left out, also where VUM needs it (the postcode). The guide has the table.
    """
    return operations.vum_of_vacancy(call.uow, call.actor, call.id)


@routes.get(
    "/candidates/{id}/vum", scope="candidates:read", query=VumProfileQuery, response=VumWerkzoekendeView, refuses=True
)
def get_candidate_vum(call: Call) -> Any:
    """An available candidate in the words of VUM: for its lead and UWV's side

    Never a name, and never whether somebody stands in the doelgroepregister. The guide has the table.
    """
    return operations.vum_of_candidate(call.uow, call.actor, call.id, call.query)
