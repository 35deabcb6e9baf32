"""Vacancies as a file, over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.kernel.imports.jobs import ImportView
from service.kernel.imports.reading import MEDIA_TYPES
from service.kernel.imports.serving import serve
from service.vacancies.imports import operations
from service.vacancies.imports.schemas import VacancyImportQuery, VacancyReceiptPage, VacancyReceiptQuery

routes = Routes("Vacancy imports", "Many vacancies as a file: CSV, NDJSON or XLSX.")

_BASE = "/vacancy-imports"


@routes.post(
    _BASE,
    scope="vacancies:write",
    upload=MEDIA_TYPES,
    query=VacancyImportQuery,
    response=ImportView,
    status=202,
    location=_BASE + "/{id}",
)
def import_vacancies(call: Call) -> Any:
    """Report many vacancies as a file

    One row for each vacancy, by the reference of your own system, with a heading. A new reference does what a single
    report does, one that you reported before what a change or a transition does. The same file twice changes nothing
    the second time. It is worked off in the background: ask for the import until its status is `done` or `failed`.
    """
    return operations.import_vacancies(call.uow, call.actor, call.body, call.query)


@routes.get(
    _BASE + "/{id}/receipts",
    scope="vacancies:read",
    query=VacancyReceiptQuery,
    response=VacancyReceiptPage,
    reading=True,
)
def list_vacancy_import_receipts(call: Call) -> Any:
    """The vacancies of the rows that went well

    By row: what came of it, and the vacancy as it is now.
    """
    return operations.list_receipts(call.uow, call.actor, call.id, call.query)


serve(routes, operations.SERVED)
