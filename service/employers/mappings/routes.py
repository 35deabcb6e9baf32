"""An employer's own names for columns, over HTTP."""

from __future__ import annotations

from typing import Any

from service.employers.mappings import operations
from service.employers.mappings.schemas import ImportMappingBody, ImportMappingView
from service.kernel.endpoints import Call, Routes

routes = Routes("Import mappings", "What an employer's own HR system calls the columns of its contract register.")


@routes.get("/employers/{id}/import-mapping", scope="employments:read", response=ImportMappingView, reading=True)
def get_import_mapping(call: Call) -> Any:
    """What this employer calls its columns"""
    return operations.get_mapping(call.uow, call.actor, call.id)


@routes.put(
    "/employers/{id}/import-mapping",
    scope="employments:write",
    body=ImportMappingBody,
    response=ImportMappingView,
)
def store_import_mapping(call: Call) -> Any:
    """Store once what you call your columns

    Each file of your contract register is read with it from then on: your headings go before ours, columns with null
    are passed over, and your words for contract types and jobcoaches are understood.
    """
    return operations.store_mapping(call.uow, call.actor, call.id, call.body, call.expected)


@routes.delete("/employers/{id}/import-mapping", scope="employments:write", if_match=True)
def forget_import_mapping(call: Call) -> Any:
    """Go back to the headings that everybody can use"""
    operations.forget_mapping(call.uow, call.actor, call.id, call.expected)
