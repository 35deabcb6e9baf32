"""What the fixed contacts of employers add to the room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select

from service.access.rules import PartyKind
from service.contacts.fixed import operations
from service.contacts.fixed.models import EmployerContact
from service.contacts.fixed.routes import routes
from service.kernel.endpoints import Routes
from service.kernel.room import Permission

_NAME_THEM = frozenset({PartyKind.UWV, PartyKind.WSP})

ROUTES: tuple[Routes, ...] = (routes,)
PERMISSIONS: tuple[Permission, ...] = (
    Permission(
        "employer-contacts:read",
        _NAME_THEM | {PartyKind.DESK, PartyKind.EMPLOYER},
        "See an employer's fixed contacts: an employer its own, a WSP those of its region, UWV's side all",
    ),
    Permission("employer-contacts:write", _NAME_THEM, "Name the fixed contacts of employers, each side its own"),
)
VISIBLE: Mapping[type, Callable[[Any], Select[Any]]] = {EmployerContact: operations.visible_employer_contacts}
