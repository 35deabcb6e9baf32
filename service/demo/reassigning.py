"""A reassignment that is planned, so that a visitor finds one: it can be looked at, and cancelled."""

from __future__ import annotations

from datetime import timedelta

from service.contacts.assigning import in_force
from service.contacts.models import Assignment
from service.contacts.reassignments import operations
from service.contacts.reassignments.schemas import ReassignmentBody
from service.demo.build import Build


def plan_reassignment(build: Build) -> None:
    """The clients of one caseworker to two others, in three weeks. Nobody of the case to follow is among them."""
    first, *others = build.made.caseworkers[1:4]
    on_date = build.now.date() + timedelta(days=30 + 21)
    body = {
        "from": {"caseworkerId": first},
        "to": [{"caseworkerId": each} for each in others],
        "onDate": on_date.isoformat(),
        "note": "De postcodegebieden zijn opnieuw verdeeld. Lees het dossier en bel om kennis te maken.",
    }
    with build.work() as uow:
        # In a very small demo some caseworkers have nobody.
        if uow.execute(in_force(uow, on_date).where(Assignment.caseworker_id == first)).first() is not None:
            operations.reassign(uow, build.actor(uow, "demo-uwv"), ReassignmentBody().load(body))
