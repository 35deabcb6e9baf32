"""Employers and the contract register, as one part of the house.

Each of the parts says in its `part.py` what it adds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from service.access.rules import PartyKind
from service.employers import employments as contract_register
from service.employers import operations
from service.employers.imports.part import PART as EMPLOYMENT_IMPORTS
from service.employers.mappings.part import PART as MAPPINGS
from service.employers.models import Employer, Employment, Establishment, PsoCertificate
from service.employers.questions.part import PART as QUESTIONS
from service.employers.register import UNLINKED
from service.employers.routes import employers, employments
from service.kernel.database import UnitOfWork
from service.kernel.room import Permission, Room, joined


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """The employments of a person."""
    rows = uow.session.scalars(select(Employment).where(Employment.person_id == person_id).order_by(Employment.id))
    return {
        "employments": [
            {"id": row.id, "start": row.start_date, "end": row.end_date, "jobTitle": row.job_title} for row in rows
        ]
    }


def erase(uow: UnitOfWork, person_id: str) -> None:
    """The employments stay with their employer, without the person."""
    uow.execute(update(Employment).where(Employment.person_id == person_id).values(person_id=None))


_DESK = frozenset({PartyKind.DESK, PartyKind.OPERATOR})

_OWN = Room(
    name="employers.employers",
    routes=(employers, employments),
    permissions=(
        Permission("employers:read", _DESK | {PartyKind.EMPLOYER, PartyKind.UWV}, "See employers and their workplaces"),
        Permission("employers:write", _DESK, "Register employers and their certificates"),
        Permission("establishments:write", _DESK | {PartyKind.EMPLOYER}, "Register workplaces"),
        Permission(
            "employments:read",
            frozenset({PartyKind.EMPLOYER, PartyKind.UWV, PartyKind.DESK, PartyKind.JOBCOACH_ORGANISATION}),
            "See the contract register, each party its own part",
        ),
        Permission("employments:write", frozenset({PartyKind.EMPLOYER}), "Send employments to the contract register"),
    ),
    visible={
        Employer: operations.visible_employers,
        Establishment: operations.visible_establishments,
        PsoCertificate: operations.visible_certificates,
        Employment: contract_register.visible_employments,
    },
    timers=(UNLINKED,),
    export=export,
    erase=erase,
)

ROOM = joined("employers", _OWN, EMPLOYMENT_IMPORTS, QUESTIONS, MAPPINGS)
