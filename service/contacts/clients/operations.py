"""Whom a caseworker may read, and what of them: UWV's own system shows clients to its people through this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from service.access.actor import Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.contacts.assigning import histories_of, starts_of, texts_of
from service.contacts.clients.rules import MayRead, Reader, ReaderRole, may_read
from service.contacts.models import Absence, Assignment, Caseworker, Link
from service.contacts.offices import visible_caseworkers
from service.contacts.rules import ONE_DAY, changes_in_year
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.paging import page
from service.kernel.problems import not_found
from service.people import operations as people
from service.people.models import Person


def list_clients(uow: UnitOfWork, actor: Actor, caseworker_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """Those whom the caseworker may read today."""
    actor.require(PartyKind.UWV)
    reader = _reader(uow, actor, caseworker_id)
    statement = select(Person).where(_readable(uow, reader, query.get("role")))
    found = page(uow, statement, (Person.id,), query, lambda row: {"person_id": row.id})
    ids = [each["person_id"] for each in found["items"]]
    histories = histories_of(uow, ids)
    allowed = {person_id: _may_read(uow, reader, histories[person_id]) for person_id in ids}
    notes = texts_of(uow, [_present(uow, histories[person_id]).note_id for person_id in ids])
    log_access(uow, actor, Purpose.CASELOAD, "client.read", ids, f"caseworkers/{caseworker_id}/clients")
    items = [
        _view(uow, person_id, access, histories[person_id], notes)
        for person_id, access in allowed.items()
        if access is not None
    ]
    return found | {"items": items}


def get_client(uow: UnitOfWork, actor: Actor, caseworker_id: str, person_id: str) -> dict[str, Any]:
    """One of them. Raises 404 for whom the caseworker may not read, or no longer."""
    actor.require(PartyKind.UWV)
    reader = _reader(uow, actor, caseworker_id)
    history = histories_of(uow, [person_id]).get(person_id, [])
    access = _may_read(uow, reader, history)
    if access is None:
        raise not_found()
    notes = texts_of(uow, [row.note_id for row in history])
    log_access(uow, actor, Purpose.CASELOAD, "client.read", [person_id], f"caseworkers/{caseworker_id}/clients")
    ends = [row.valid_from - ONE_DAY for row in history[1:]]
    spans = [_span(row, until, notes) for row, until in zip(history, [*ends, None], strict=True)]
    return _view(uow, person_id, access, history, notes) | {
        "name": people.name_of(uow, person_id),
        "history": [each for each in spans if each["valid_from"] <= uow.today],
        "upcoming": [each for each in spans if each["valid_from"] > uow.today],
        "links": _links(uow, person_id),
    }


def _reader(uow: UnitOfWork, actor: Actor, caseworker_id: str) -> Reader:
    wanted = visible_caseworkers(actor).where(Caseworker.id == caseworker_id)
    row: Caseworker | None = uow.session.scalars(wanted).one_or_none()
    if row is None:
        raise not_found()
    away = select(Absence.caseworker_id, Absence.first_day).where(
        Absence.backup_id == caseworker_id,
        Absence.first_day <= uow.today,
        or_(Absence.last_day.is_(None), Absence.last_day >= uow.today),
    )
    stands_in: dict[str, date] = {}
    for absence in uow.execute(away):
        first = stands_in.get(absence.caseworker_id, absence.first_day)
        stands_in[absence.caseworker_id] = min(first, absence.first_day)
    return Reader(row.id, row.team_id, row.active, stands_in)


def _may_read(uow: UnitOfWork, reader: Reader, history: Sequence[Any]) -> MayRead | None:
    return may_read(uow.today, reader, starts_of(history), uow.settings.handover_read_days)


def _present(uow: UnitOfWork, history: Sequence[Any]) -> Any:
    """The assignment in force; who may be read at all has one."""
    return [row for row in history if row.valid_from <= uow.today][-1]


def _readable(uow: UnitOfWork, reader: Reader, role: ReaderRole | None) -> ColumnElement[bool]:
    """Whom `may_read` allows, in the words of the database, so that a page is found without reading all."""
    if not reader.active:
        return false()
    responsible = Assignment.caseworker_id == reader.id
    backup = or_(Assignment.backup_id == reader.id, Assignment.caseworker_id.in_(list(reader.stands_in)))
    team = false() if reader.team_id is None else Assignment.team_id == reader.team_id
    by_role: dict[ReaderRole, ColumnElement[bool]] = {
        ReaderRole.RESPONSIBLE: responsible,
        ReaderRole.BACKUP: and_(backup, _not(responsible)),
        ReaderRole.TEAM: and_(team, _not(backup), _not(responsible)),
    }
    of_team = and_(team, Assignment.caseworker_id.is_(None))
    present = Person.id.in_(_in_force_since(uow, date.max).where(or_(responsible, backup, team)))
    oldest = uow.today - timedelta(days=uow.settings.handover_read_days)
    former = Person.id.in_(_in_force_since(uow, oldest).where(or_(responsible, of_team))) & ~present
    if role is None:
        return or_(present, former)
    return former if role is ReaderRole.FORMER else Person.id.in_(_in_force_since(uow, date.max).where(by_role[role]))


def _in_force_since(uow: UnitOfWork, oldest: date) -> Any:
    """The people of assignments that have begun and that no other followed before `oldest`, or until today."""
    later = Assignment.__table__.alias("later")
    followed = (
        select(later.c.id)
        .where(
            later.c.person_id == Assignment.person_id,
            later.c.valid_from > Assignment.valid_from,
            later.c.valid_from <= uow.today,
            later.c.valid_from < oldest,
        )
        .exists()
    )
    return select(Assignment.person_id).where(Assignment.valid_from <= uow.today, ~followed)


def _not(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Also where a column is null."""
    return condition.is_not(True)


def _view(
    uow: UnitOfWork, person_id: str, access: MayRead, history: Sequence[Any], notes: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "person_id": person_id,
        **access._asdict(),
        "changes_this_year": changes_in_year(starts_of(history), uow.today),
        "note": notes.get(_present(uow, history).note_id or ""),
    }


def _span(row: Any, until: date | None, notes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "valid_from": row.valid_from,
        "until": until,
        "caseworker_id": row.caseworker_id,
        "team_id": row.team_id,
        "backup_id": row.backup_id,
        "note": notes.get(row.note_id or ""),
        "reassignment_id": row.reassignment_id,
    }


def _links(uow: UnitOfWork, person_id: str) -> list[dict[str, Any]]:
    wanted = (
        select(
            Link.employment_id, Employment.employer_id, Link.disclosed_since, Link.reason, Link.jobcoach_organisation_id
        )
        .join(Employment, Employment.id == Link.employment_id)
        .where(Link.person_id == person_id)
        .order_by(Link.employment_id)
    )
    return [
        {
            "employment_id": row.employment_id,
            "employer_id": row.employer_id,
            "disclosed": row.disclosed_since is not None,
            "disclosed_since": row.disclosed_since,
            "reason": row.reason,
            "jobcoach_organisation_id": row.jobcoach_organisation_id,
        }
        for row in uow.execute(wanted)
    ]
