"""Contacts, as one part of the house."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from service.access.rules import PartyKind
from service.contacts import caseload, offices
from service.contacts.models import Absence, Assignment, Caseworker, Link, Office, Team
from service.contacts.routes import caseloads, contacts
from service.kernel.database import UnitOfWork
from service.kernel.room import Permission, Room


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """Who was responsible for a person, and which employers know."""
    assigned = (
        select(Assignment.valid_from, Caseworker.name, Team.name)
        .outerjoin(Caseworker, Caseworker.id == Assignment.caseworker_id)
        .outerjoin(Team, Team.id == Assignment.team_id)
        .where(Assignment.person_id == person_id)
        .order_by(Assignment.valid_from)
    )
    links = uow.session.scalars(select(Link).where(Link.person_id == person_id).order_by(Link.employment_id))
    return {
        "assignments": [
            {"from": start, "caseworker": caseworker, "team": team}
            for start, caseworker, team in uow.session.execute(assigned)
        ],
        "links": [
            {
                "employmentId": row.employment_id,
                "disclosedSince": row.disclosed_since,
                "reason": row.reason,
                "consentOn": row.consent_on,
                "consentMeans": row.consent_means,
            }
            for row in links
        ],
    }


def erase(uow: UnitOfWork, person_id: str) -> None:
    """Nobody is responsible for a person whom we do not know: the desk answers."""
    uow.execute(delete(Link).where(Link.person_id == person_id))
    uow.execute(delete(Assignment).where(Assignment.person_id == person_id))


_UWV = frozenset({PartyKind.UWV})

ROOM = Room(
    name="contacts",
    routes=(contacts, caseloads),
    permissions=(
        Permission(
            "contacts:read",
            _UWV | {PartyKind.EMPLOYER, PartyKind.DESK, PartyKind.JOBCOACH_ORGANISATION},
            "See who answers for an employee",
        ),
        Permission("caseload:read", _UWV | {PartyKind.DESK}, "See UWV's people and what employers know"),
        Permission("caseload:write", _UWV, "Keep UWV's people and their absences, and what employers know"),
        Permission("assignments:read", _UWV, "See who is responsible for whom"),
        Permission("assignments:write", _UWV, "Say who is responsible for whom"),
    ),
    visible={
        Office: offices.visible_offices,
        Team: offices.visible_teams,
        Caseworker: offices.visible_caseworkers,
        Absence: offices.visible_absences,
        Assignment: caseload.visible_assignments,
        Link: caseload.visible_links,
    },
    export=export,
    erase=erase,
)
