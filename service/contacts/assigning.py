"""Saying who is responsible for whom, for one person or for many at once: the one way in which assignments are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update

from service.access.actor import Actor, log_access
from service.access.rules import Purpose
from service.contacts.models import Assignment, HandoverNote
from service.contacts.rules import Staff, Writing, writing
from service.contacts.telling import tell
from service.kernel.chunks import chunks
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared
from service.people import operations as people

_ASSIGNMENT: Final = cast(Table, Assignment.__table__)
_CHANGED: Final = ("caseworker_id", "team_id", "backup_id", "note_id", "created_at")
_NEW: Final = Prepared(insert(_ASSIGNMENT))
_INSTEAD: Final = Prepared(
    update(_ASSIGNMENT)
    .where(_ASSIGNMENT.c.id == bindparam("of_assignment", type_=_ASSIGNMENT.c.id.type))
    .values(
        {name: bindparam(f"new_{name}", type_=_ASSIGNMENT.c[name].type) for name in _CHANGED}
        | {"version": _ASSIGNMENT.c.version + 1}
    )
)


class NewAssignment(NamedTuple):
    """Who is responsible for a person from a day on. `note_id` is the handover note that goes along."""

    person_id: str
    valid_from: date
    staff: Staff
    note_id: str | None = None


def assign_many(
    uow: UnitOfWork,
    actor: Actor,
    rows: Sequence[NewAssignment],
    *,
    reassignment_id: str | None = None,
    even_if_same: bool = False,
) -> dict[str, Writing]:
    """Writes at most one new assignment for each person, and tells all whom it concerns. What became of each.

    The people are clients already, and the caller has checked that the staff exist. Whoever is responsible on that
    day already stays, without a row (`even_if_same`: with one, where the day has none). A later start that a
    reassignment planned lets go of the person: what is said of one person comes before what was said of many.
    """
    people.lock(uow, [row.person_id for row in rows])
    outcome: dict[str, Writing] = {}
    for some in chunks(rows):
        histories = _histories(uow, [row.person_id for row in some])
        made, replaced, superseded = [], [], []
        for row in some:
            history = histories.get(row.person_id, [])
            what = writing(((each.valid_from, _staff_of(each)) for each in history), row.valid_from, row.staff)
            if even_if_same and what is Writing.UNCHANGED:
                what = Writing.MADE
            outcome[row.person_id] = what
            superseded += [
                each.id
                for each in history
                if each.valid_from > row.valid_from and each.reassignment_id not in (None, reassignment_id)
            ]
            values = {**row.staff._asdict(), "note_id": row.note_id, "created_at": uow.now}
            if what is Writing.REPLACED:
                there = next(each.id for each in history if each.valid_from == row.valid_from)
                replaced.append({"of_assignment": there} | {f"new_{name}": value for name, value in values.items()})
            elif what is Writing.MADE:
                place = {"id": new_id(), "person_id": row.person_id, "valid_from": row.valid_from, "version": 1}
                made.append(place | values | {"reassignment_id": reassignment_id})
        if superseded:
            uow.execute(delete(Assignment).where(Assignment.id.in_(superseded)))
        if made:
            uow.write(_NEW, made)
        if replaced:
            uow.write(_INSTEAD, replaced)
    changed = [person_id for person_id, what in outcome.items() if what is not Writing.UNCHANGED]
    log_access(uow, actor, Purpose.CASELOAD, "assignment.made", changed, "assignments")
    tell(uow, outcome)
    return outcome


def in_force(uow: UnitOfWork, day: date) -> Any:
    """The statement of the assignments in force on `day`, those that end one left out."""
    later = _ASSIGNMENT.alias("later")
    followed = (
        select(later.c.id)
        .where(
            later.c.person_id == _ASSIGNMENT.c.person_id,
            later.c.valid_from > _ASSIGNMENT.c.valid_from,
            later.c.valid_from <= day,
        )
        .exists()
    )
    somebody = _ASSIGNMENT.c.caseworker_id.is_not(None) | _ASSIGNMENT.c.team_id.is_not(None)
    return select(_ASSIGNMENT).where(_ASSIGNMENT.c.valid_from <= day, somebody, ~followed)


def _histories(uow: UnitOfWork, person_ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in uow.execute(select(_ASSIGNMENT).where(_ASSIGNMENT.c.person_id.in_(person_ids))):
        found.setdefault(row.person_id, []).append(row)
    return found


def _staff_of(row: Any) -> Staff:
    return Staff(row.caseworker_id, row.team_id, row.backup_id)


# --- Handover notes ---------------------------------------------------------------------------------------------


def write_note(uow: UnitOfWork, text: str) -> str:
    """Keeps a handover note, sealed; its id."""
    note_id = new_id()
    sealed = uow.vault.seal("handover_note", "text", note_id, text)
    uow.execute(insert(HandoverNote), {"id": note_id, "text": sealed, "created_at": uow.now})
    return note_id


def texts_of(uow: UnitOfWork, note_ids: Iterable[str | None]) -> dict[str, str]:
    """The texts of these notes."""
    found: dict[str, str] = {}
    for some in chunks(sorted({each for each in note_ids if each is not None})):
        for row in uow.execute(select(HandoverNote.id, HandoverNote.text).where(HandoverNote.id.in_(some))):
            found[row.id] = uow.vault.open("handover_note", "text", row.id, row.text)
    return found


def forget_notes(uow: UnitOfWork, note_ids: Iterable[str | None]) -> None:
    """Deletes those of these notes that no assignment carries any more: one may have been written for many."""
    carried = select(_ASSIGNMENT.c.note_id).where(_ASSIGNMENT.c.note_id == HandoverNote.id).exists()
    for some in chunks(sorted({each for each in note_ids if each is not None})):
        uow.execute(delete(HandoverNote).where(HandoverNote.id.in_(some), ~carried))
