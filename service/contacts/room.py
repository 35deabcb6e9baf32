"""Contacts, as one part of the house."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from service.access.rules import PartyKind
from service.contacts import caseload, links, offices
from service.contacts.absences import HANDOVER
from service.contacts.agreements.part import PART as AGREEMENTS
from service.contacts.assigning import forget_notes, texts_of
from service.contacts.callbacks.part import PART as CALL_BACKS
from service.contacts.clients.part import PART as CLIENTS
from service.contacts.fixed.part import PART as FIXED
from service.contacts.imports.part import PART as IMPORTS
from service.contacts.lists.part import PART as LISTS
from service.contacts.mails import contact_changed
from service.contacts.models import Absence, Assignment, Caseworker, Link, Office, Team, Told
from service.contacts.reassignments.part import PART as REASSIGNMENTS
from service.contacts.routes import caseloads, contacts
from service.contacts.telling import CONTACT_CHANGED, LOOK_AGAIN
from service.kernel.database import UnitOfWork
from service.kernel.room import Permission, Room, joined


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """Who was responsible for a person, and which employers know."""
    assigned = (
        select(Assignment.valid_from, Caseworker.name, Team.name, Assignment.note_id)
        .outerjoin(Caseworker, Caseworker.id == Assignment.caseworker_id)
        .outerjoin(Team, Team.id == Assignment.team_id)
        .where(Assignment.person_id == person_id)
        .order_by(Assignment.valid_from)
    )
    known = uow.session.scalars(select(Link).where(Link.person_id == person_id).order_by(Link.employment_id))
    rows = uow.session.execute(assigned).all()
    notes = texts_of(uow, [note_id for *_, note_id in rows])
    return {
        "assignments": [
            {"from": start, "caseworker": caseworker, "team": team, "note": notes.get(note_id or "")}
            for start, caseworker, team, note_id in rows
        ],
        "links": [
            {
                "employmentId": row.employment_id,
                "disclosedSince": row.disclosed_since,
                "reason": row.reason,
                "consentOn": row.consent_on,
                "consentMeans": row.consent_means,
            }
            for row in known
        ],
    }


def erase(uow: UnitOfWork, person_id: str) -> None:
    """Nobody is responsible for a person whom we do not know: the desk answers."""
    uow.execute(delete(Link).where(Link.person_id == person_id))
    uow.execute(delete(Told).where(Told.person_id == person_id))
    notes = uow.execute(select(Assignment.note_id).where(Assignment.person_id == person_id)).scalars().all()
    uow.execute(delete(Assignment).where(Assignment.person_id == person_id))
    forget_notes(uow, notes)


_UWV = frozenset({PartyKind.UWV})

_OWN = Room(
    name="contacts.caseload",
    routes=(contacts, caseloads),
    permissions=(
        Permission(
            "contacts:read",
            _UWV | {PartyKind.EMPLOYER, PartyKind.DESK, PartyKind.JOBCOACH_ORGANISATION},
            "See who answers for an employee",
        ),
        Permission("caseload:read", _UWV | {PartyKind.DESK}, "See UWV's people and what employers know"),
        Permission("caseload:write", _UWV, "Keep UWV's offices, people and absences, and what employers know"),
        Permission("assignments:read", _UWV, "See who is responsible for whom"),
        Permission("assignments:write", _UWV, "Say who is responsible for whom"),
    ),
    visible={
        Office: offices.visible_offices,
        Team: offices.visible_teams,
        Caseworker: offices.visible_caseworkers,
        Absence: offices.visible_absences,
        Assignment: caseload.visible_assignments,
        Link: links.visible_links,
    },
    timers=(LOOK_AGAIN, HANDOVER),
    mails={CONTACT_CHANGED: contact_changed},
    export=export,
    erase=erase,
)

ROOM = joined("contacts", _OWN, LISTS, AGREEMENTS, FIXED, CALL_BACKS, REASSIGNMENTS, CLIENTS, IMPORTS)
