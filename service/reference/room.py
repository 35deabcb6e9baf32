"""Read-only facts."""

from __future__ import annotations

from service.kernel.room import Room
from service.reference.routes import routes

ROOM = Room(name="reference", routes=(routes,))
