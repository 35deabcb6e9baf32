"""What the clients of a caseworker add to the room."""

from __future__ import annotations

from service.contacts.clients.routes import routes
from service.kernel.room import Room

PART = Room(
    name="contacts.clients",
    routes=(routes,),
)
