"""What the start agreements add to the room."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.contacts.agreements import operations
from service.contacts.agreements.models import Agreement, AgreementVersion
from service.contacts.agreements.routes import routes
from service.kernel.room import Permission, Room

_RECORD = frozenset({PartyKind.UWV, PartyKind.JOBCOACH_ORGANISATION})

PART = Room(
    name="contacts.agreements",
    routes=(routes,),
    permissions=(
        Permission(
            "agreements:read",
            _RECORD | {PartyKind.DESK, PartyKind.EMPLOYER},
            "See what was agreed at the start of a job, each party its own view",
        ),
        Permission("agreements:make", frozenset({PartyKind.UWV}), "Record what was agreed at the start of a job"),
        Permission(
            "agreements:write",
            _RECORD,
            "Change what was agreed; a jobcoach organisation the consents that it shares with UWV",
        ),
    ),
    visible={
        Agreement: operations.visible_agreements,
        AgreementVersion: operations.visible_versions,
    },
    export=lambda uow, person_id: {"agreements": operations.export(uow, person_id)},
    erase=operations.erase,
)
