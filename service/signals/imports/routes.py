"""Contract ends as a file, over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.kernel.imports.jobs import ImportView
from service.kernel.imports.reading import MEDIA_TYPES
from service.kernel.imports.serving import serve
from service.signals.imports import operations
from service.signals.imports.schemas import ImportReceiptPage, ImportReceiptQuery, SignalImportQuery

routes = Routes("Contract-end signal imports", "Many contract ends as a file: CSV, NDJSON or XLSX.")

_BASE = "/contract-end-signal-imports"


@routes.post(
    _BASE,
    scope="signals:report",
    upload=MEDIA_TYPES,
    query=SignalImportQuery,
    response=ImportView,
    status=202,
    location=_BASE + "/{id}",
)
def import_contract_end_signals(call: Call) -> Any:
    """Report many contract ends as a file

    One row for each employment, with a heading. Each row does what a single report does, or what a change does where
    you reported that end before. The same file twice changes nothing the second time. It is worked off in the
    background: ask for the import until its status is `done` or `failed`.
    """
    return operations.import_signals(call.uow, call.actor, call.body, call.query)


@routes.get(_BASE + "/{id}/receipts", scope="signals:read", query=ImportReceiptQuery, response=ImportReceiptPage)
def list_contract_end_signal_import_receipts(call: Call) -> Any:
    """The receipts of the rows that went well

    By row: the number to say over the phone and the signal in which the whole receipt stands.
    """
    return operations.list_receipts(call.uow, call.actor, call.id, call.query)


serve(routes, operations.SERVED)
