"""Evaluations that come near: the days that a start agreement names for looking back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Date, String, cast, column, func, or_, true, type_coerce
from sqlalchemy.orm import aliased

from service.access.actor import Actor
from service.access.rules import PartyKind, Purpose
from service.contacts.agreements.models import Agreement
from service.contacts.agreements.operations import visible_agreements
from service.employers.models import Employment
from service.employers.work import Work, WorkKind, columns
from service.kernel.database import UnitOfWork
from service.kernel.text import Text

SHOWN_BEFORE: Final = timedelta(days=28)
SHOWN_AFTER: Final = timedelta(days=14)
"""Nobody tells us that an evaluation took place: two weeks later it goes from the list. Our choice."""

EVALUATION: Final = WorkKind(
    "evaluation",
    Purpose.CONTACT,
    "/employments/{employment_id}/agreements/{id}",
    Text("Kijk terug op de startafspraken.", "Look back at what was agreed at the start."),
    Text("dag om terug te kijken op startafspraken", "day to look back at what was agreed at the start"),
    repeats=True,
)

KINDS: Final = (EVALUATION,)
_READERS: Final = (PartyKind.UWV, PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION)


def work(uow: UnitOfWork, actor: Actor) -> list[Work]:
    """For who takes part and may read the agreement, as long as the job lasts."""
    if actor.kind not in _READERS:
        return []
    days: Any
    day: Any
    # The days stand in the agreement as text, in the one form that sorts.
    if uow.is_sqlite:
        days = func.json_each(Agreement.content, "$.evaluations").table_valued(column("value", String))
        day = type_coerce(days.c.value, Date)
    else:
        days = func.json_array_elements_text(Agreement.content["evaluations"]).table_valued(column("value", String))
        day = cast(days.c.value, Date)
    job = aliased(Employment)
    statement = (
        visible_agreements(actor)
        .select_from(Agreement)
        .join(job, job.id == Agreement.employment_id)
        .join(days, true())
        .where(
            day >= uow.today - SHOWN_AFTER,
            day <= uow.today + SHOWN_BEFORE,
            or_(job.end_date.is_(None), job.end_date >= day),
        )
    )
    selected = columns(
        EVALUATION,
        id=Agreement.id,
        since=Agreement.recorded_at,
        due_on=day,
        seen=True,
        employer_id=job.employer_id,
        employment_id=Agreement.employment_id,
        person_id=Agreement.person_id,
    )
    return [Work(EVALUATION, statement.with_only_columns(*selected, maintain_column_froms=True))]
