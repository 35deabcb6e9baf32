"""What plans and service advice add to the room."""

from __future__ import annotations

from service.kernel.room import Room
from service.signals.plans import operations
from service.signals.plans.models import Plan, PlanVersion
from service.signals.plans.routes import routes

PART = Room(
    name="signals.plans",
    routes=(routes,),
    visible={Plan: operations.visible_plans, PlanVersion: operations.visible_versions},
    export=lambda uow, person_id: {"contractEndPlans": operations.export(uow, person_id)},
    erase=operations.erase,
)
