"""Worklists over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.worklists import operations
from service.worklists.schemas import WorkItemPage, WorkItemQuery

routes = Routes("Worklists", "What is due, what is late and what is new, for whoever has to do it.")


@routes.get("/work-items", scope="work-items:read", query=WorkItemQuery, response=WorkItemPage)
def list_work_items(call: Call) -> Any:
    """What you have to do, the nearest deadline first

    What has no deadline comes last. UWV sees what is with its people, the desk what is with the desk.
    """
    return operations.list_work_items(call.uow, call.actor, call.query)
