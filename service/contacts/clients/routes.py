"""Clients of a caseworker over HTTP."""

from __future__ import annotations

from typing import Any

from service.contacts.clients import operations
from service.contacts.clients.schemas import CaseworkerClientDetailView, CaseworkerClientPage, CaseworkerClientQuery
from service.kernel.endpoints import Call, Routes

routes = Routes("Clients", "Whom a caseworker may read: the present contact, who stands behind it, the former one.")


@routes.get(
    "/caseworkers/{id}/clients", scope="assignments:read", query=CaseworkerClientQuery, response=CaseworkerClientPage
)
def list_caseworker_clients(call: Call) -> Any:
    """Whom this caseworker may read today

    The clients for whom it is responsible or stands in, those of its team, and for some days after a change those
    that went to somebody else.
    """
    return operations.list_clients(call.uow, call.actor, call.id, call.query)


@routes.get("/caseworkers/{id}/clients/{personId}", scope="assignments:read", response=CaseworkerClientDetailView)
def get_caseworker_client(call: Call) -> Any:
    """A client, as this caseworker may read it

    Who was responsible stays in the history. Whom the caseworker may not read, or no longer, is not there: 404.
    """
    return operations.get_client(call.uow, call.actor, call.id, call.path["personId"])
