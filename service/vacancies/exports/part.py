"""Exports, as a part of the room of vacancies. Their scopes are those of what is exported."""

from __future__ import annotations

from service.kernel.room import Room
from service.vacancies.exports.routes import routes

PART = Room(name="vacancies.exports", routes=(routes,))
