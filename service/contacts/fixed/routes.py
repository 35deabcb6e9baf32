"""An employer's fixed contacts over HTTP."""

from __future__ import annotations

from typing import Any

from service.contacts.fixed import operations, reading
from service.contacts.fixed.schemas import (
    ContactsOfEmployerView,
    FixedContactBody,
    FixedContactChange,
    FixedContactPage,
    FixedContactQuery,
    FixedContactView,
)
from service.kernel.endpoints import Call, Routes

routes = Routes("Employer contacts", "An employer's own fixed contact at UWV and at the WSP, per region.")


@routes.get("/employers/{id}/contacts", scope="employer-contacts:read", response=ContactsOfEmployerView, reading=True)
def get_contacts_of_employer(call: Call) -> Any:
    """Whom an employer can call today, at UWV and at the WSP, per region in which it has a workplace

    There is always an answer. At UWV: the fixed caseworker, when away the backup, else an office of the region, else
    the desk. At the WSP: the fixed advisor, else the WSP itself. A WSP sees its own region.
    """
    return reading.contacts_of(call.uow, call.actor, call.id)


@routes.get(
    "/employer-contacts",
    scope="employer-contacts:read",
    query=FixedContactQuery,
    response=FixedContactPage,
    reading=True,
)
def list_employer_contacts(call: Call) -> Any:
    """The fixed contacts that were named"""
    return operations.list_contacts(call.uow, call.actor, call.query)


@routes.post(
    "/employer-contacts",
    scope="employer-contacts:write",
    body=FixedContactBody,
    response=FixedContactView,
    status=201,
    location="/employer-contacts/{id}",
)
def fix_employer_contact(call: Call) -> Any:
    """Name an employer's fixed contact in a region

    UWV names one of its caseworkers, in any region; a WSP its advisor, in its own. There is one of each side.
    """
    return operations.fix_contact(call.uow, call.actor, call.body)


@routes.get("/employer-contacts/{id}", scope="employer-contacts:read", response=FixedContactView, reading=True)
def get_employer_contact(call: Call) -> Any:
    """One fixed contact"""
    return operations.get_contact(call.uow, call.actor, call.id)


@routes.patch(
    "/employer-contacts/{id}",
    scope="employer-contacts:write",
    body=FixedContactChange,
    response=FixedContactView,
)
def change_employer_contact(call: Call) -> Any:
    """Name somebody else, or another number; each side its own"""
    return operations.change_contact(call.uow, call.actor, call.id, call.body, call.expected)


@routes.delete("/employer-contacts/{id}", scope="employer-contacts:write", if_match=True)
def remove_employer_contact(call: Call) -> Any:
    """Take a fixed contact away; the office, or the WSP itself, answers from now on"""
    return operations.remove_contact(call.uow, call.actor, call.id, call.expected)
