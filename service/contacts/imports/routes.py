"""The caseload as a file, over HTTP."""

from __future__ import annotations

from typing import Any

from service.contacts.imports import operations
from service.contacts.imports.schemas import AssignmentImportQuery
from service.kernel.endpoints import Call, Routes
from service.kernel.imports.jobs import ImportView
from service.kernel.imports.reading import MEDIA_TYPES
from service.kernel.imports.serving import serve

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


serve(routes, operations.SERVED)
