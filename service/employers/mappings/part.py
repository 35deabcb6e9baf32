"""What the mappings of employers add to the room: routes, under the scopes of the contract register."""

from __future__ import annotations

from service.employers.mappings.models import ImportMapping
from service.employers.mappings.operations import visible_mappings
from service.employers.mappings.routes import routes
from service.kernel.room import Room

PART = Room(name="employers.mappings", routes=(routes,), visible={ImportMapping: visible_mappings})
