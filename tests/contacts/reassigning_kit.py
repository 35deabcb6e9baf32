"""What the tests of reassignments and of a caseworker's clients share."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from service.contacts.absences import HANDOVER
from service.contacts.assigning import NewAssignment, assign_many
from service.contacts.mails import contact_changed
from service.contacts.models import Assignment
from service.contacts.reassignments import operations
from service.contacts.reassignments.operations import DONE
from service.contacts.reassignments.rules import ReassignmentStatus
from service.contacts.rules import Staff
from service.contacts.telling import LOOK_AGAIN
from service.delivery.models import Event, Mail
from service.kernel.requests import Expected
from service.people import operations as people
from service.people.operations import Identity
from tests.contacts.contacts_world import World

ANY = Expected(None)
BEFORE = date(2024, 1, 1)
APRIL = date(2026, 4, 1)


def clients_of(
    world: World, caseworker_id: str, number: int, since: date = BEFORE, *, backup_id: str | None = None, **who: Any
) -> list[str]:
    """New clients of a caseworker, in the order of their ids."""
    identities = [Identity(name=f"Client {at}", **who) for at in range(number)]
    with world.database.transaction() as uow:
        ids = people.create_many(uow, identities, is_client=True)
        staff = Staff(caseworker_id, None, backup_id)
        assign_many(uow, world.uwv, [NewAssignment(each, since, staff) for each in ids])
    return sorted(ids)


def body(source: dict[str, Any], *targets: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the schema makes of a request."""
    made = [{"caseworker_id": each} if isinstance(each, str) else dict(each) for each in targets]
    exceptions = [{"excluded": False} | each for each in more.pop("exceptions", [])]
    rest = {"on_date": APRIL, "note": "Lees het dossier en maak kennis."} | more
    return {"source": source, "targets": [{"share": 1} | each for each in made], "exceptions": exceptions} | rest


def reassign(world: World, source: dict[str, Any], *targets: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    dry_run = bool(more.pop("dry_run", False))
    made: dict[str, Any] = world.do(operations.reassign, world.uwv, body(source, *targets, **more), dry_run=dry_run)
    return made


def cancel(world: World, reassignment_id: str) -> dict[str, Any]:
    to = {"to": ReassignmentStatus.CANCELLED}
    made: dict[str, Any] = world.do(operations.move_reassignment, world.uwv, reassignment_id, to, ANY)
    return made


def people_in(world: World, reassignment_id: str, limit: int = 200) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = world.do(operations.list_people, world.uwv, reassignment_id, query)
        found += page["items"]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


def responsible(world: World, day: date) -> dict[str, str | None]:
    """Per person the caseworker on that day."""
    rows = world.rows(
        select(Assignment.person_id, Assignment.caseworker_id)
        .where(Assignment.valid_from <= day)
        .order_by(Assignment.valid_from)
    )
    return {row.person_id: row.caseworker_id for row in rows}


def told(world: World, like: str = "contact.%") -> list[str]:
    return [row.type for row in world.rows(select(Event.type).where(Event.type.like(like)).order_by(Event.id))]


def mails(world: World) -> list[str]:
    """The subject of each mail that was queued, as it would be sent now."""
    rows = world.rows(select(Mail.data).where(Mail.template == "contact-changed").order_by(Mail.id))
    return [world.do(contact_changed, row.data).subject for row in rows]


def pass_to(world: World, day: date) -> None:
    """The clock moves, and the worker does what falls due."""
    world.clock.day = day
    for timer in (DONE, HANDOVER, LOOK_AGAIN):
        while due := world.do(timer.due, 50):
            for row_id in due:
                world.do(timer.fire, row_id)
