"""What reassignments add to the room."""

from __future__ import annotations

from service.contacts.reassignments import operations
from service.contacts.reassignments.models import Reassignment
from service.contacts.reassignments.routes import routes
from service.kernel.room import Room

PART = Room(
    name="contacts.reassignments",
    routes=(routes,),
    visible={Reassignment: operations.visible_reassignments},
    timers=(operations.DONE,),
)
