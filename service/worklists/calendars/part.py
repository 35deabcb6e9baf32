"""What calendar feeds add to the room."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.kernel.room import Permission, Room
from service.worklists.calendars.models import CalendarFeed
from service.worklists.calendars.operations import visible_feeds
from service.worklists.calendars.routes import routes

PART = Room(
    name="worklists.calendars",
    routes=(routes,),
    permissions=(
        Permission(
            "calendar-feeds:manage",
            frozenset(PartyKind) - {PartyKind.OPERATOR, PartyKind.SYSTEM},
            "Have your deadlines as a calendar",
        ),
    ),
    visible={CalendarFeed: visible_feeds},
)
