"""The room of the people: no route leads here."""

from __future__ import annotations

from service.kernel.room import Room
from service.people import operations

ROOM = Room(name="people", export=operations.export, erase=operations.erase)
