"""The room `access` as the house sees it."""

from __future__ import annotations

from datetime import timedelta

from service.access import limits, operations
from service.access.models import AccessEntry
from service.access.routes import routes
from service.access.rules import ME, PartyKind
from service.kernel.room import Permission, Retention, Room
from service.kernel.text import Text

# No `erase`: the log still tells who saw what after a person is gone. Its person id is opaque and leads nowhere then.
ROOM = Room(
    name="access",
    routes=(routes,),
    permissions=(
        Permission(ME, frozenset(PartyKind) - {PartyKind.SYSTEM}, "Know who you are; every token has it"),
        Permission("access-log:read", frozenset({PartyKind.OPERATOR}), "Read who saw or changed whose data"),
    ),
    visible={AccessEntry: operations.visible_access_entries},
    retention=(
        Retention(
            what="used_assertion",
            term=timedelta(minutes=2),
            why=Text(
                "Zo herkennen we een inlogbewijs dat al gebruikt is. Na afloop van het bewijs is dat niet meer nodig.",
                "To recognise a client assertion that was used before; pointless once it has expired.",
            ),
            forget=operations.forget_used_assertions,
        ),
        Retention(
            what="client_usage",
            term=limits.KEPT_FOR,
            why=Text(
                "Om te begrenzen wat een systeem vraagt, en de beheerder een maand te laten zien wie veel vroeg.",
                "To hold the limits of each client, and to let the operator see for a month who asked much.",
            ),
            forget=limits.forget_old,
        ),
    ),
    export=operations.export_person,
)
