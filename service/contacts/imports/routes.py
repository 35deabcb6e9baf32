"""The caseload as a file, over HTTP."""

from __future__ import annotations

from typing import Any

from service.contacts.imports import operations
from service.contacts.imports.schemas import AssignmentImportQuery
from service.kernel.endpoints import Call, Routes
from service.kernel.imports.jobs import ImportPage, ImportRowPage, ImportRowQuery, ImportView
from service.kernel.imports.reading import MEDIA_TYPES
from service.kernel.schemas import Page

routes = Routes("Assignment imports", "The caseload as a file: CSV, NDJSON or XLSX.")


@routes.post(
    "/assignment-imports",
    scope="assignments:write",
    upload=MEDIA_TYPES,
    query=AssignmentImportQuery,
    response=ImportView,
    status=202,
    location="/assignment-imports/{id}",
)
def import_assignments(call: Call) -> Any:
    """Send the caseload as a file

    One row for each client, with a heading. It is worked off in the background: ask for the import until its status
    is `done` or `failed`. The same file twice changes nothing the second time. Files of one party are done one after
    the other, in the order in which they came.
    """
    return operations.import_assignments(call.uow, call.actor, call.body, call.query)


@routes.get("/assignment-imports", scope="assignments:read", query=Page, response=ImportPage, reading=True)
def list_assignment_imports(call: Call) -> Any:
    """The imports of the last 90 days, newest first"""
    return operations.list_imports(call.uow, call.actor, call.query)


@routes.get("/assignment-imports/{id}", scope="assignments:read", response=ImportView, reading=True)
def get_assignment_import(call: Call) -> Any:
    """How far an import is, and what came of it"""
    return operations.get_import(call.uow, call.actor, call.id)


@routes.get("/assignment-imports/{id}/rows", scope="assignments:read", query=ImportRowQuery, response=ImportRowPage)
def list_assignment_import_rows(call: Call) -> Any:
    """The rows that failed, those with a remark, and who is missing

    A row that was taken over without a remark is counted, and does not stand here. No value of a row is repeated.
    """
    return operations.list_rows(call.uow, call.actor, call.id, call.query)
