"""What the questions of the contract register add to the room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select

from service.access.rules import PartyKind
from service.employers.models import Employment
from service.employers.questions.clocks import EMPLOYMENT_CHANGED, NO_WAGES, REMINDERS
from service.employers.questions.models import EmploymentQuestion
from service.employers.questions.operations import visible_questions
from service.employers.questions.routes import questions
from service.kernel.database import UnitOfWork
from service.kernel.room import Permission, Retention, Room
from service.kernel.text import Text

TERM = timedelta(days=365)
AT_ONCE = 2000


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """What an employer was asked about the employments of a person, and what it answered."""
    rows = uow.session.scalars(
        select(EmploymentQuestion)
        .join(Employment, Employment.id == EmploymentQuestion.employment_id)
        .where(Employment.person_id == person_id)
        .order_by(EmploymentQuestion.id)
    )
    return {
        "employmentQuestions": [
            {
                "kind": row.kind,
                "askedAt": row.asked_at,
                "status": row.status,
                "answer": row.answer,
                "endDate": row.end_date,
            }
            for row in rows
        ]
    }


def forget(uow: UnitOfWork) -> int:
    """Those that have been over for the term, unless the answer still keeps us from asking again."""
    needed = EmploymentQuestion.quiet_until >= uow.today
    old = select(EmploymentQuestion.id).where(
        EmploymentQuestion.over_at <= uow.now - TERM, or_(EmploymentQuestion.quiet_until.is_(None), ~needed)
    )
    return uow.execute(delete(EmploymentQuestion).where(EmploymentQuestion.id.in_(old.limit(AT_ONCE)))).rowcount


PART = Room(
    name="employers.questions",
    routes=(questions,),
    permissions=(
        Permission(
            "employment-questions:read",
            frozenset({PartyKind.EMPLOYER, PartyKind.DESK}),
            "See what the contract register asks back: an employer its own, the desk all",
        ),
        Permission(
            "employment-questions:answer",
            frozenset({PartyKind.EMPLOYER}),
            "Answer these questions, also that an employment ended",
        ),
    ),
    visible={EmploymentQuestion: visible_questions},
    timers=(NO_WAGES, REMINDERS),
    consumers=(EMPLOYMENT_CHANGED,),
    retention=(
        Retention(
            "answered and lapsed questions of the register",
            TERM,
            Text(
                "Een jaar lang is na te gaan wat een werkgever heeft geantwoord.",
                "For a year one can check what an employer answered.",
            ),
            forget,
        ),
    ),
    export=export,
)
