"""What the checklist adds to the room."""

from __future__ import annotations

from service.kernel.room import Room
from service.signals.checklist import operations
from service.signals.checklist.models import ChecklistMark
from service.signals.checklist.routes import routes

PART = Room(
    name="signals.checklist",
    routes=(routes,),
    visible={ChecklistMark: operations.visible_marks},
    export=lambda uow, person_id: {"contractEndChecklist": operations.export(uow, person_id)},
    erase=operations.erase,
)
