"""Worklists and calendars, as one part of the house."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.kernel.room import Permission, Room, joined
from service.worklists.calendars.part import PART as CALENDARS
from service.worklists.routes import routes

_OWN = Room(
    name="worklists.worklists",
    routes=(routes,),
    permissions=(
        Permission(
            "work-items:read",
            frozenset(PartyKind) - {PartyKind.OPERATOR, PartyKind.SYSTEM},
            "See what you have to do, by deadline",
        ),
    ),
)

ROOM = joined("worklists", _OWN, CALENDARS)
