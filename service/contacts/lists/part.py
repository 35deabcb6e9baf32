"""What the lists of contacts add to the room: routes, under the scope of the single answer."""

from __future__ import annotations

from service.contacts.lists.routes import routes
from service.kernel.room import Room

PART = Room(
    name="contacts.lists",
    routes=(routes,),
)
