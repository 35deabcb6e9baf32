"""What the fixed contacts of employers add to the room."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.contacts.fixed import operations
from service.contacts.fixed.models import EmployerContact
from service.contacts.fixed.routes import routes
from service.kernel.room import Permission, Room

_NAME_THEM = frozenset({PartyKind.UWV, PartyKind.WSP})

PART = Room(
    name="contacts.fixed",
    routes=(routes,),
    permissions=(
        Permission(
            "employer-contacts:read",
            _NAME_THEM | {PartyKind.DESK, PartyKind.EMPLOYER},
            "See an employer's fixed contacts: an employer its own, a WSP those of its region, UWV's side all",
        ),
        Permission("employer-contacts:write", _NAME_THEM, "Name the fixed contacts of employers, each side its own"),
    ),
    visible={EmployerContact: operations.visible_employer_contacts},
)
