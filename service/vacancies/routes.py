"""Vacancies over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.kernel.schemas import Page
from service.vacancies import operations
from service.vacancies.referrals.schemas import ReferralPage
from service.vacancies.schemas import (
    VacancyBody,
    VacancyChange,
    VacancyPage,
    VacancyQuery,
    VacancyTransition,
    VacancyView,
)

routes = Routes("Vacancies", "Work that employers offer, and to whom it went.")


@routes.get("/vacancies", scope="vacancies:read", query=VacancyQuery, response=VacancyPage, reading=True)
def list_vacancies(call: Call) -> Any:
    """The vacancies that you may see

    An employer sees its own, a WSP or pool those that came to it, a jobcoach organisation those that are open, UWV's
    side all that were opened.
    """
    return operations.list_vacancies(call.uow, call.actor, call.query)


@routes.post(
    "/vacancies",
    scope="vacancies:write",
    body=VacancyBody,
    response=VacancyView,
    status=201,
    location="/vacancies/{id}",
)
def register_vacancy(call: Call) -> Any:
    """Open a vacancy, or keep it as a draft

    It goes to the WSP of the workplace's region and to your mobility pools. With `freedBySignalId`, what you leave out
    comes from the job that comes free. Write about the work, not about a person.
    """
    return operations.register_vacancy(call.uow, call.actor, call.body)


@routes.get("/vacancies/{id}", scope="vacancies:read", response=VacancyView, reading=True)
def get_vacancy(call: Call) -> Any:
    """One vacancy"""
    return operations.get_vacancy(call.uow, call.actor, call.id)


@routes.patch("/vacancies/{id}", scope="vacancies:write", body=VacancyChange, response=VacancyView)
def change_vacancy(call: Call) -> Any:
    """Change a vacancy

    In another region it goes to the WSP there too.
    """
    return operations.change_vacancy(call.uow, call.actor, call.id, call.body, call.expected)


@routes.post(
    "/vacancies/{id}/transitions",
    scope="vacancies:write",
    body=VacancyTransition,
    response=VacancyView,
    if_match=True,
)
def move_vacancy(call: Call) -> Any:
    """Open, hold, fill, withdraw or renew a vacancy"""
    return operations.move_vacancy(call.uow, call.actor, call.id, call.body, call.expected)


@routes.get("/vacancies/{id}/referrals", scope="vacancies:read", query=Page, response=ReferralPage, reading=True)
def list_vacancy_referrals(call: Call) -> Any:
    """To whom a vacancy went, and what they answered

    Its employer and UWV's side see all of it, a WSP or pool its own.
    """
    return operations.list_referrals(call.uow, call.actor, call.id, call.query)
