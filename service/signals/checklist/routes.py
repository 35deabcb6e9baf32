"""The checklist over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.signals.checklist import operations
from service.signals.checklist.schemas import ChecklistBody, ChecklistItemView, ChecklistView

routes = Routes("Checklist", "The formalities around the end of a contract, each party its own.")
_ALL = "/contract-end-signals/{id}/checklist"
_ONE = _ALL + "/{code}"


@routes.get(_ALL, scope="signals:read", response=ChecklistView)
def get_checklist(call: Call) -> Any:
    """What you have to see to when this contract ends

    Each party has its own items. An employer's are the same for every employee.
    """
    return operations.get_checklist(call.uow, call.actor, call.id)


@routes.get(_ONE, scope="signals:read", response=ChecklistItemView)
def get_checklist_item(call: Call) -> Any:
    """One item of your checklist"""
    return operations.get_item(call.uow, call.actor, call.id, call.path["code"])


@routes.patch(_ONE, scope="signals:change", body=ChecklistBody, response=ChecklistItemView)
def mark_checklist_item(call: Call) -> Any:
    """Tick an item off, or take that back

    Nobody else hears of it.
    """
    return operations.mark_item(call.uow, call.actor, call.id, call.path["code"], call.body, call.expected)
