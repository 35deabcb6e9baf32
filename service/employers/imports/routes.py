"""The contract register as a file, over HTTP."""

from __future__ import annotations

from typing import Any

from service.employers.imports import operations
from service.employers.imports.schemas import EmploymentImportQuery
from service.kernel.endpoints import Call, Routes
from service.kernel.imports.jobs import ImportView
from service.kernel.imports.reading import MEDIA_TYPES
from service.kernel.imports.serving import serve

routes = Routes("Employment imports", "The contract register as a file: CSV, NDJSON or XLSX.")


@routes.post(
    "/employment-imports",
    scope="employments:write",
    upload=MEDIA_TYPES,
    query=EmploymentImportQuery,
    response=ImportView,
    status=202,
    location="/employment-imports/{id}",
)
def import_employments(call: Call) -> Any:
    """Send the contract register as a file

    One row for each employment, with a heading. Send only the employees for whom you want this service. The file is
    worked off in the background: ask for the import until its status is `done` or `failed`. The same file twice changes
    nothing the second time. Files of one employer are done one after the other, in the order in which they came.
    """
    return operations.import_employments(call.uow, call.actor, call.body, call.query)


serve(routes, operations.SERVED)
