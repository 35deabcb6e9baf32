"""What the clock does to long absences: the clients go to the backup, with a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import or_, select, update

from service.access.actor import system
from service.contacts.assigning import NewAssignment, assign_many, in_force, write_note
from service.contacts.models import Absence, Assignment, Caseworker
from service.contacts.rules import Absence as Away
from service.contacts.rules import Staff, absence_on, handover_due
from service.kernel.chunks import chunks
from service.kernel.database import UnitOfWork
from service.kernel.room import Timer

NOTE: Final = "Overgedragen omdat de vorige contactpersoon lang afwezig is. Lees het dossier en maak kennis."


def _due(uow: UnitOfWork, limit: int) -> list[str]:
    """Caseworkers who are away too long, by the id of the absence that is not handed over."""
    today = uow.today
    current = (
        select(Absence.id, Absence.caseworker_id)
        .where(
            Absence.first_day <= today,
            or_(Absence.last_day.is_(None), Absence.last_day >= today),
            Absence.handed_over_on.is_(None),
        )
        .order_by(Absence.first_day, Absence.id)
    )
    found = uow.execute(current).all()
    due = _away_too_long(uow, [row.caseworker_id for row in found])
    return [row.id for row in found if row.caseworker_id in due][:limit]


def _away_too_long(uow: UnitOfWork, caseworker_ids: Sequence[str]) -> set[str]:
    spans: dict[str, list[Away]] = {}
    for some in chunks(caseworker_ids):
        for row in uow.session.scalars(select(Absence).where(Absence.caseworker_id.in_(some))):
            spans.setdefault(row.caseworker_id, []).append(Away(row.first_day, row.last_day))
    days = uow.settings.absence_handover_days
    away = {caseworker_id: absence_on(uow.today, own) for caseworker_id, own in spans.items()}
    return {each for each, span in away.items() if span is not None and handover_due(span.first, uow.today, days)}


def _fire(uow: UnitOfWork, absence_id: str) -> None:
    absence = uow.session.get_one(Absence, absence_id, with_for_update=True)
    if absence.handed_over_on is not None or not _away_too_long(uow, [absence.caseworker_id]):
        return
    clients = uow.execute(in_force(uow, uow.today).where(Assignment.caseworker_id == absence.caseworker_id)).all()
    rows = _rows(uow, absence, clients)
    if rows:
        note_id = write_note(uow, NOTE)
        noted = [row._replace(note_id=note_id) for row in rows]
        assign_many(uow, system("absence.handover"), noted, keeps_plans=True)
    uow.execute(update(Absence).where(Absence.id == absence_id).values(handed_over_on=uow.today))


def _rows(uow: UnitOfWork, absence: Absence, clients: Sequence[Any]) -> list[NewAssignment]:
    """To whoever stands in: the backup of the absence, else of the client, else the team. Else nothing changes."""
    team_id = uow.execute(select(Caseworker.team_id).where(Caseworker.id == absence.caseworker_id)).scalar()
    present = _present(uow, {absence.backup_id, *(row.backup_id for row in clients)})
    rows = []
    for client in clients:
        stands_in = next((each for each in (absence.backup_id, client.backup_id) if each in present), None)
        if stands_in is not None:
            rows.append(NewAssignment(client.person_id, uow.today, Staff(stands_in, client.team_id, None)))
        elif (client.team_id or team_id) is not None:
            rows.append(NewAssignment(client.person_id, uow.today, Staff(None, client.team_id or team_id, None)))
    return rows


def _present(uow: UnitOfWork, caseworker_ids: set[str | None]) -> set[str | None]:
    """Those who have not left and are not away today."""
    wanted = [each for each in caseworker_ids if each is not None]
    away = select(Absence.caseworker_id).where(
        Absence.first_day <= uow.today, or_(Absence.last_day.is_(None), Absence.last_day >= uow.today)
    )
    found = select(Caseworker.id).where(Caseworker.id.in_(wanted), Caseworker.active, Caseworker.id.not_in(away))
    return set(uow.execute(found).scalars())


HANDOVER = Timer("contacts.absence-handover", _due, _fire)
