"""Reassignments over HTTP."""

from __future__ import annotations

from typing import Any

from service.contacts.reassignments import operations
from service.contacts.reassignments.schemas import (
    DryRunQuery,
    ReassignedPersonPage,
    ReassignmentBody,
    ReassignmentPage,
    ReassignmentQuery,
    ReassignmentTransition,
    ReassignmentTrialView,
    ReassignmentView,
)
from service.kernel.endpoints import Call, Routes
from service.kernel.schemas import Page

routes = Routes("Reassignments", "Many clients to other caseworkers on one date, with a warm handover.")


@routes.post(
    "/reassignments",
    scope="assignments:write",
    body=ReassignmentBody,
    query=DryRunQuery,
    response=ReassignmentView,
    dry_run=ReassignmentTrialView,
    status=201,
    location="/reassignments/{id}",
)
def reassign(call: Call) -> Any:
    """Reassign many clients on one date, today or later

    All of it happens, or nothing. Whoever is concerned hears of it at once, and the new contact answers from the date
    on. People for whom an assignment of their own starts on that date or later keep it.
    """
    return operations.reassign(call.uow, call.actor, call.body, dry_run=call.query["dry_run"])


@routes.get(
    "/reassignments", scope="assignments:read", query=ReassignmentQuery, response=ReassignmentPage, reading=True
)
def list_reassignments(call: Call) -> Any:
    """The reassignments, the latest date first"""
    return operations.list_reassignments(call.uow, call.actor, call.query)


@routes.get("/reassignments/{id}", scope="assignments:read", response=ReassignmentView, reading=True)
def get_reassignment(call: Call) -> Any:
    """One reassignment"""
    return operations.get_reassignment(call.uow, call.actor, call.id)


@routes.get("/reassignments/{id}/people", scope="assignments:read", query=Page, response=ReassignedPersonPage)
def list_reassigned_people(call: Call) -> Any:
    """Who went, or will go, from whom to whom

    Nobody is left in it when it was cancelled, and who was assigned otherwise afterwards is not in it either.
    """
    return operations.list_people(call.uow, call.actor, call.id, call.query)


@routes.post(
    "/reassignments/{id}/transitions",
    scope="assignments:write",
    body=ReassignmentTransition,
    response=ReassignmentView,
    if_match=True,
)
def move_reassignment(call: Call) -> Any:
    """Cancel a reassignment before its date

    Whoever is responsible stays so, and those who were told hear that it does not happen.
    """
    return operations.move_reassignment(call.uow, call.actor, call.id, call.body, call.expected)
