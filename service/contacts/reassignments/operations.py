"""Reassigning many clients on one date: trying it, doing it, looking at it, and calling it off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, false, select

from service.access.actor import Actor, log_access, system
from service.access.rules import PartyKind, Purpose
from service.contacts.assigning import assign_many, forget_notes, histories_of, starts_of, texts_of
from service.contacts.models import Assignment
from service.contacts.operations import uwv_parties
from service.contacts.reassignments import planning
from service.contacts.reassignments.models import Reassignment
from service.contacts.reassignments.rules import CLOCK, REASSIGNMENT, WHOEVER, ReassignmentStatus, status_on
from service.contacts.rules import Staff, changes_in_year
from service.contacts.telling import tell, touched_by
from service.delivery.events import publish
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import forbidden_move, not_found
from service.kernel.requests import Expected
from service.kernel.room import Timer
from service.kernel.state import ForbiddenMove
from service.people import operations as people


def visible_reassignments(actor: Actor) -> Select[Any]:
    """UWV alone."""
    statement = select(Reassignment)
    return statement if actor.kind in (PartyKind.UWV, PartyKind.SYSTEM) else statement.where(false())


def reassign(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
    """Many clients to other caseworkers or teams from a day on, in one transaction; or only what that would be.

    Raises 409 `contact-changed-recently` where a contact would change too soon and the settings refuse that.
    """
    actor.require(PartyKind.UWV)
    plan = planning.make(uow, data, lock=not dry_run)
    employers, jobcoaches = touched_by(uow, list(plan.moves))
    touched = {"employers": len(employers), "jobcoaches": len(jobcoaches)}
    shown = {
        "on_date": plan.on_date,
        "source": plan.source,
        "people": len(plan.moves),
        **touched,
        "warnings": plan.warnings(),
    }
    if dry_run:
        log_access(uow, actor, Purpose.CASELOAD, "reassignment.tried", plan.moves, "reassignments")
        return shown | {"targets": plan.clients_per_target()}
    plan.check(uow.settings)
    status = status_on(ReassignmentStatus.PLANNED, plan.on_date, uow.today)
    row = Reassignment(
        id=new_id(),
        on_date=plan.on_date,
        status=status,
        people=len(plan.moves),
        targets=plan.targets(),
        warnings=plan.warnings(),
        created_at=uow.now,
        **plan.source,
        **touched,
    )
    uow.add(row)
    uow.flush()
    rows = plan.assignments(uow, data["note"])
    assign_many(uow, actor, rows, reassignment_id=row.id, known=plan.histories)
    _tell(uow, row)
    return _view(uow, row)


def list_reassignments(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """The latest date first."""
    actor.require(PartyKind.UWV)
    statement = visible_reassignments(actor)
    if "status" in query:
        statement = statement.where(_has_status(uow, query["status"]))
    order = (Reassignment.on_date, Reassignment.id)
    return page(uow, statement, order, query, lambda row: _view(uow, row), descending=True)


def get_reassignment(uow: UnitOfWork, actor: Actor, reassignment_id: str) -> dict[str, Any]:
    return _view(uow, _reassignment(uow, actor, reassignment_id))


def list_people(uow: UnitOfWork, actor: Actor, reassignment_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """Whom it concerns: without those for whom something else was said later."""
    row = _reassignment(uow, actor, reassignment_id)
    statement = select(Assignment).where(Assignment.reassignment_id == row.id)
    found = page(uow, statement, (Assignment.person_id,), query, lambda assignment: {"row": assignment})
    rows = [each["row"] for each in found["items"]]
    histories = histories_of(uow, [each.person_id for each in rows])
    notes = texts_of(uow, [each.note_id for each in rows])
    address = f"reassignments/{row.id}"
    log_access(uow, actor, Purpose.CASELOAD, "reassignment.read", [each.person_id for each in rows], address)
    items = [_person_view(each, histories[each.person_id], notes.get(each.note_id or "")) for each in rows]
    return found | {"items": items}


def move_reassignment(
    uow: UnitOfWork, actor: Actor, reassignment_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Calls it off before its date: whoever is responsible stays so, and those concerned are told. Raises 409."""
    actor.require(PartyKind.UWV)
    row = _reassignment(uow, actor, reassignment_id, for_update=True)
    expected.check(row.version)
    try:
        REASSIGNMENT.move(status_on(row.status, row.on_date, uow.today), data["to"], WHOEVER)
    except ForbiddenMove as error:
        raise forbidden_move(error.source, error.target, error.allowed) from None
    row.status = ReassignmentStatus.CANCELLED
    uow.flush()
    of_it = select(Assignment.person_id, Assignment.note_id).where(Assignment.reassignment_id == row.id)
    people.lock(uow, uow.execute(of_it.with_only_columns(Assignment.person_id)).scalars())
    # Read again: somebody may have said something else of one of them meanwhile.
    found = uow.execute(of_it).all()
    uow.execute(delete(Assignment).where(Assignment.reassignment_id == row.id))
    forget_notes(uow, [each.note_id for each in found])
    concerned = [each.person_id for each in found]
    log_access(uow, actor, Purpose.CASELOAD, "reassignment.cancelled", concerned, f"reassignments/{row.id}")
    tell(uow, concerned, locked=True)
    _tell(uow, row)
    return _view(uow, row)


def _reassignment(uow: UnitOfWork, actor: Actor, reassignment_id: str, *, for_update: bool = False) -> Reassignment:
    statement = visible_reassignments(actor).where(Reassignment.id == reassignment_id)
    if for_update:
        statement = statement.with_for_update()
    row: Reassignment | None = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise not_found()
    return row


def _has_status(uow: UnitOfWork, status: ReassignmentStatus) -> ColumnElement[bool]:
    """As `status_on` says it."""
    planned = Reassignment.status == ReassignmentStatus.PLANNED
    if status is ReassignmentStatus.PLANNED:
        return planned & (Reassignment.on_date > uow.today)
    written = Reassignment.status == status
    return written | (planned & (Reassignment.on_date <= uow.today)) if status is ReassignmentStatus.DONE else written


def _tell(uow: UnitOfWork, row: Reassignment) -> None:
    address = f"reassignments/{row.id}"
    publish(uow, f"reassignment.{row.status}", address, row.version, uwv_parties(uow), {"reassignmentId": row.id})


def _view(uow: UnitOfWork, row: Reassignment) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "status": status_on(row.status, row.on_date, uow.today),
        "on_date": row.on_date,
        "source": {name: getattr(row, name) for name in ("chosen_by", "caseworker_id", "office_id", "postcodes4")},
        "people": row.people,
        "employers": row.employers,
        "jobcoaches": row.jobcoaches,
        "targets": row.targets,
        "warnings": row.warnings,
    }


def _person_view(row: Assignment, history: list[Any], note: str | None) -> dict[str, Any]:
    starts = starts_of(history)
    before = max((each for each in starts if each[0] < row.valid_from), key=lambda each: each[0], default=None)
    somebody = before is not None and not before[1].is_nobody
    return {
        "person_id": row.person_id,
        "before": before[1]._asdict() if before is not None and somebody else None,
        "after": Staff(row.caseworker_id, row.team_id, row.backup_id)._asdict(),
        "changes_this_year": changes_in_year(starts, row.valid_from),
        "note": note,
    }


# --- By the clock -----------------------------------------------------------------------------------------------


def _due(uow: UnitOfWork, limit: int) -> list[str]:
    """The assignments hold from their day on by themselves; what is left is to say so."""
    wanted = select(Reassignment.id).where(
        Reassignment.status == ReassignmentStatus.PLANNED, Reassignment.on_date <= uow.today
    )
    return list(uow.execute(wanted.order_by(Reassignment.on_date, Reassignment.id).limit(limit)).scalars())


def _fire(uow: UnitOfWork, reassignment_id: str) -> None:
    row = _reassignment(uow, system("reassignment.done"), reassignment_id, for_update=True)
    if row.status is ReassignmentStatus.PLANNED and row.on_date <= uow.today:
        REASSIGNMENT.move(row.status, ReassignmentStatus.DONE, CLOCK)
        row.status = ReassignmentStatus.DONE
        uow.flush()
        _tell(uow, row)


DONE = Timer("contacts.reassignment-done", _due, _fire)
