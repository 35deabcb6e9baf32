"""Saying who is responsible for whom, for one person or for many at once: the one way in which assignments are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update

from service.access.actor import Actor, log_access
from service.access.rules import Purpose
from service.contacts.models import Assignment, HandoverNote
from service.contacts.rules import Staff, Writing, writing
from service.contacts.telling import tell
from service.kernel.among import among
from service.kernel.chunks import chunks
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared
from service.people import operations as people

_ASSIGNMENT: Final = cast(Table, Assignment.__table__)
_CHANGED: Final = (*Staff._fields, "note_id", "reassignment_id", "created_at")
_NEW: Final = Prepared(insert(_ASSIGNMENT))
_INSTEAD: Final = Prepared(
    update(_ASSIGNMENT)
    .where(_ASSIGNMENT.c.id == bindparam("of_assignment", type_=_ASSIGNMENT.c.id.type))
    .values(
        {name: bindparam(f"new_{name}", type_=_ASSIGNMENT.c[name].type) for name in _CHANGED}
        | {"version": _ASSIGNMENT.c.version + 1}
    )
)
_OF_PEOPLE: Final = Prepared(
    select(_ASSIGNMENT)
    .where(among(_ASSIGNMENT.c.person_id, "people"))
    .order_by(_ASSIGNMENT.c.person_id, _ASSIGNMENT.c.valid_from)
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
    keeps_plans: bool = False,
    known: Mapping[str, Sequence[Any]] | None = None,
) -> dict[str, Writing]:
    """Writes at most one new assignment for each person, and tells all whom it concerns. What became of each.

    The people are clients already, and the caller has checked that the staff exist. Whoever is responsible on that
    day already stays, without a row (`even_if_same`: with one, where the day has none). Where something changes, a
    later start that a reassignment planned lets go of the person: what is said last comes before what was said of many
    (`keeps_plans`: it stays, since nobody said anything of the person).

    `known` are the histories, where the caller has locked the people and read them.
    """
    if known is None:
        people.lock(uow, [row.person_id for row in rows])
    outcome: dict[str, Writing] = {}
    without: list[str | None] = []
    for some in chunks(rows):
        histories = histories_of(uow, [row.person_id for row in some]) if known is None else known
        made, replaced, superseded = [], [], []
        for row in some:
            history = histories.get(row.person_id, [])
            what = writing(starts_of(history), row.valid_from, row.staff)
            if even_if_same and what is Writing.UNCHANGED:
                what = Writing.MADE
            outcome[row.person_id] = what
            over = [
                each
                for each in history
                if each.valid_from > row.valid_from and each.reassignment_id not in (None, reassignment_id)
            ]
            if keeps_plans or what is Writing.UNCHANGED:
                over = []
            superseded += [each.id for each in over]
            without += [each.note_id for each in over]
            values = dict(zip(_CHANGED, (*row.staff, row.note_id, reassignment_id, uow.now), strict=True))
            if what is Writing.REPLACED:
                there = next(each for each in history if each.valid_from == row.valid_from)
                without.append(there.note_id)
                replaced.append({"of_assignment": there.id} | {f"new_{name}": value for name, value in values.items()})
            elif what is Writing.MADE:
                place = {"id": new_id(), "person_id": row.person_id, "valid_from": row.valid_from, "version": 1}
                made.append(place | values)
        for ids in chunks(superseded):
            uow.execute(delete(Assignment).where(Assignment.id.in_(ids)))
        if made:
            uow.write(_NEW, made)
        if replaced:
            uow.write(_INSTEAD, replaced)
    forget_notes(uow, without)
    changed = [person_id for person_id, what in outcome.items() if what is not Writing.UNCHANGED]
    address = "assignments" if reassignment_id is None else f"reassignments/{reassignment_id}"
    log_access(uow, actor, Purpose.CASELOAD, "assignment.made", changed, address)
    tell(uow, outcome, locked=True)
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


def histories_of(uow: UnitOfWork, person_ids: Sequence[str]) -> dict[str, list[Any]]:
    """The assignments of these people, in the order in which they start."""
    found: dict[str, list[Any]] = {}
    for some in chunks(person_ids):
        for row in uow.find(_OF_PEOPLE, {"people": some}):
            found.setdefault(row.person_id, []).append(row)
    return found


def starts_of(history: Iterable[Any]) -> list[tuple[date, Staff]]:
    """Assignments as the rules see them."""
    return [(row.valid_from, Staff(row.caseworker_id, row.team_id, row.backup_id)) for row in history]


# --- Handover notes ---------------------------------------------------------------------------------------------


def write_note(uow: UnitOfWork, text: str) -> str:
    """Keeps a handover note, sealed; its id."""
    return write_notes(uow, [text])[0]


def write_notes(uow: UnitOfWork, texts: Sequence[str]) -> list[str]:
    """Keeps handover notes, sealed; their ids."""
    ids = [new_id() for _ in texts]
    rows = [
        {"id": note_id, "text": uow.vault.seal("handover_note", "text", note_id, text), "created_at": uow.now}
        for note_id, text in zip(ids, texts, strict=True)
    ]
    if rows:
        uow.execute(insert(HandoverNote), rows)
    return ids


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
