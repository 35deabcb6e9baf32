"""Who is responsible for whom, from when: UWV's side tells it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Select, bindparam, false, select

from service.access.actor import Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.contacts.assigning import NewAssignment, assign_many, forget_notes, texts_of, write_note
from service.contacts.models import Assignment
from service.contacts.offices import active_caseworker, active_team, own_backup
from service.contacts.rules import Staff
from service.contacts.telling import tell
from service.kernel.clock import amsterdam_day
from service.kernel.database import Id, UnitOfWork
from service.kernel.paging import page
from service.kernel.problems import (
    FieldError,
    Problem,
    conflict,
    invalid_field,
    invalid_input,
    not_found,
    unknown_reference,
)
from service.kernel.requests import Expected
from service.kernel.text import Text
from service.people import operations as people
from service.people.operations import Identity


def visible_assignments(actor: Actor) -> Select[Any]:
    """UWV alone."""
    statement = select(Assignment)
    return statement if actor.kind in (PartyKind.UWV, PartyKind.SYSTEM) else statement.where(false())


_HISTORY = select(Assignment.id, Assignment.valid_from).where(Assignment.person_id == bindparam("person_id", type_=Id))


def assign(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Who is responsible for a person from a day on; the person becomes a client.

    With null for caseworker or team, and nobody else, it ends the one before. Raises 409 `assignment-exists` when one
    starts on that day.
    """
    actor.require(PartyKind.UWV)
    errors = [*_check_identity(data), *_check_somebody(data)]
    nobody: dict[str, Any] = dict.fromkeys(Staff._fields)
    data = nobody | dict(data)
    errors += check_staff(uow, data)
    if errors:
        raise invalid_input(errors)
    identity = Identity(**{field.name: data.get(field.name) for field in fields(Identity)})
    person_id = people.find_or_create(uow, identity, is_client=True)
    people.lock(uow, [person_id])
    valid_from = data.get("valid_from", uow.today)
    history = {row.valid_from: row.id for row in uow.execute(_HISTORY, {"person_id": person_id})}
    if valid_from in history:
        raise _assignment_exists(history[valid_from])
    staff = Staff(data["caseworker_id"], data["team_id"], data["backup_id"])
    if staff.is_nobody and not any(start < valid_from for start in history):
        raise invalid_field(
            "/caseworkerId",
            "nothing-to-end",
            "Voor deze persoon is nog niemand verantwoordelijk. Noem wie het wordt.",
            "Nobody is responsible for this person yet. Name who will be.",
        )
    note_id = write_note(uow, data["note"]) if data.get("note") is not None else None
    assign_many(uow, actor, [NewAssignment(person_id, valid_from, staff, note_id)], even_if_same=True)
    made = select(Assignment).where(Assignment.person_id == person_id, Assignment.valid_from == valid_from)
    return _assignment_view(uow, uow.session.scalars(made).one())


def change_assignment(
    uow: UnitOfWork, actor: Actor, assignment_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Corrects who it will be. Raises 409 `assignment-is-history` for one that began, and was made, before today."""
    row = _changeable(uow, actor, assignment_id, expected)
    new = {name: data.get(name, getattr(row, name)) for name in Staff._fields}
    errors = check_staff(uow, new)
    if errors:
        raise invalid_input(errors)
    for name, value in new.items():
        setattr(row, name, value)
    before = row.note_id
    if data.get("note") is not None:
        row.note_id = write_note(uow, data["note"])
    row.reassignment_id = None  # from here on it is what was said of this person
    uow.flush()
    if row.note_id != before:
        forget_notes(uow, [before])
    log_access(uow, actor, Purpose.CASELOAD, "assignment.changed", [row.person_id], f"assignments/{row.id}")
    tell(uow, [row.person_id])
    return _assignment_view(uow, row)


def take_back_assignment(uow: UnitOfWork, actor: Actor, assignment_id: str, expected: Expected) -> None:
    """Takes back one that starts today or later, or was made today: whoever was responsible before stays so."""
    row = _changeable(uow, actor, assignment_id, expected)
    uow.session.delete(row)
    uow.flush()
    forget_notes(uow, [row.note_id])
    log_access(uow, actor, Purpose.CASELOAD, "assignment.taken-back", [row.person_id], f"assignments/{row.id}")
    tell(uow, [row.person_id])


def _changeable(uow: UnitOfWork, actor: Actor, assignment_id: str, expected: Expected) -> Assignment:
    actor.require(PartyKind.UWV)
    wanted = visible_assignments(actor).where(Assignment.id == assignment_id)
    row: Assignment | None = uow.session.scalars(wanted).one_or_none()
    if row is None:
        raise not_found()
    people.lock(uow, [row.person_id])
    uow.session.refresh(row)
    expected.check(row.version)
    if row.valid_from < uow.today and amsterdam_day(row.created_at) < uow.today:
        raise conflict(
            "assignment-is-history",
            "Deze toewijzing begon voor vandaag, en is niet van vandaag. Maak een nieuwe, vanaf vandaag of later.",
            "This assignment started before today and was not made today. Make a new one, from today on or later.",
        )
    return row


def list_assignments(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    actor.require(PartyKind.UWV)
    statement = visible_assignments(actor)
    for name in ("person_id", "caseworker_id", "team_id"):
        if name in query:
            statement = statement.where(getattr(Assignment, name) == query[name])

    def view(row: Assignment) -> dict[str, Any]:
        log_access(uow, actor, Purpose.CASELOAD, "assignment.read", [row.person_id], f"assignments/{row.id}")
        return _assignment_view(uow, row)

    return page(uow, statement, (Assignment.valid_from, Assignment.id), query, view)


def get_assignment(uow: UnitOfWork, actor: Actor, assignment_id: str) -> dict[str, Any]:
    row = uow.session.scalars(visible_assignments(actor).where(Assignment.id == assignment_id)).one_or_none()
    if row is None:
        raise not_found()
    log_access(uow, actor, Purpose.CASELOAD, "assignment.read", [row.person_id], f"assignments/{row.id}")
    return _assignment_view(uow, row)


def _check_somebody(data: Mapping[str, Any]) -> list[FieldError]:
    """That nobody is responsible must be said, so that a forgotten field ends nothing."""
    if "caseworker_id" in data or "team_id" in data:
        return []
    text = Text(
        "Noem wie verantwoordelijk wordt. Wordt dat niemand, stuur dan null.",
        "Name who will be responsible. If that is nobody, send null.",
    )
    return [FieldError("required", text, pointer="/caseworkerId")]


def _check_identity(data: Mapping[str, Any]) -> list[FieldError]:
    if "bsn" in data or "client_number" in data:
        return []
    text = Text("Noem het BSN of het cliëntnummer.", "Send the BSN or the client number.")
    return [FieldError("required", text, pointer="/bsn")]


def check_staff(uow: UnitOfWork, data: Mapping[str, Any]) -> list[FieldError]:
    """What is wrong with who is to be responsible: they do not exist, have left, or stand in for themselves."""
    errors = []
    for name, where in (("caseworker_id", "/caseworkerId"), ("backup_id", "/backupId")):
        if data[name] is not None and active_caseworker(uow, data[name]) is None:
            errors.append(unknown_reference(where))
    if data["team_id"] is not None and active_team(uow, data["team_id"]) is None:
        errors.append(unknown_reference("/teamId"))
    if data["backup_id"] is not None:
        if data["caseworker_id"] is None and data["team_id"] is None:
            text = Text("Achtervang van niemand kan niet.", "There is nobody whose backup this could be.")
            errors.append(FieldError("backup-of-nobody", text, pointer="/backupId"))
        elif data["backup_id"] == data["caseworker_id"]:
            errors.append(own_backup())
    return errors


def _assignment_exists(existing: str) -> Problem:
    return conflict(
        "assignment-exists",
        "Voor deze persoon begint op die dag al een toewijzing. Wijzig die met PATCH.",
        "An assignment of this person starts on that day already. Change it with PATCH.",
        existing=f"/v1/assignments/{existing}",
    )


def _assignment_view(uow: UnitOfWork, row: Assignment) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "person_id": row.person_id,
        "valid_from": row.valid_from,
        "caseworker_id": row.caseworker_id,
        "team_id": row.team_id,
        "backup_id": row.backup_id,
        "reassignment_id": row.reassignment_id,
        "note": texts_of(uow, [row.note_id]).get(row.note_id or ""),
    }
