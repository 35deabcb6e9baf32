"""What the clock does: asks where wages stopped, reminds, and lets the desk know of silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select
from sqlalchemy.orm import aliased

from service.access.actor import NOBODY
from service.employers.models import Employer, Employment
from service.employers.questions.asking import About, Asked, ask, lapse, lock, tell
from service.employers.questions.models import EmploymentQuestion, WageRound
from service.employers.questions.rules import (
    LEAST_SUSPICIOUS,
    ONE_IN,
    STEPS,
    Answer,
    QuestionKind,
    QuestionStatus,
    began_by,
    lapse_reason,
    latest_silent_month,
    next_look,
    steps_reached,
)
from service.kernel.chunks import AT_ONCE
from service.kernel.clock import amsterdam_day
from service.kernel.database import UnitOfWork
from service.kernel.room import Consumer, Timer

# --- No wages any more ------------------------------------------------------------------------------------------


def _to_ask(today: date) -> ColumnElement[bool]:
    """Employments without an end date that have had no wages for three whole months, and about which nobody asked."""
    question = EmploymentQuestion
    asked = exists().where(
        question.employment_id == Employment.id,
        or_(
            question.status == QuestionStatus.OPEN,
            and_(
                question.quiet_until >= today,
                or_(
                    question.answer == Answer.LEFT_OUT,
                    and_(
                        question.kind == QuestionKind.NO_WAGES,
                        question.last_wage_month == Employment.last_wage_month,
                    ),
                ),
            ),
        ),
    )
    return and_(
        Employment.end_date.is_(None),
        Employment.last_wage_month <= latest_silent_month(today),
        Employment.start_date <= began_by(today),
        ~asked,
    )


def _due_employers(uow: UnitOfWork, limit: int) -> list[str]:
    """Employers to ask, once a day; then NOBODY, which ends the round of that day."""
    if uow.session.scalars(select(WageRound.day).where(WageRound.day >= uow.today)).first() is not None:
        return []
    found = _employers_to_ask(uow, limit)
    silent = select(Employment.id).where(
        Employment.end_date.is_(None), Employment.last_wage_month <= latest_silent_month(uow.today)
    )
    # With nothing to look through, looking costs nothing.
    return found or ([NOBODY] if uow.session.scalars(silent.limit(1)).first() is not None else [])


def _employers_to_ask(uow: UnitOfWork, limit: int) -> list[str]:
    """Many at once say more about how an employer sends its months than about its employees."""
    other = aliased(Employment)
    with_wages = (
        select(func.count())
        .where(
            other.employer_id == Employment.employer_id, other.end_date.is_(None), other.last_wage_month.is_not(None)
        )
        .correlate(Employment)
        .scalar_subquery()
    )
    few = or_(func.count() < LEAST_SUSPICIOUS, func.count() * ONE_IN <= with_wages)
    statement: Select[Any] = (
        select(Employment.employer_id)
        .where(_to_ask(uow.today))
        .group_by(Employment.employer_id)
        .having(few)
        .order_by(Employment.employer_id)
        .limit(limit)
    )
    return list(uow.session.scalars(statement))


def _ask_employer(uow: UnitOfWork, employer_id: str) -> None:
    if employer_id == NOBODY:
        uow.execute(delete(WageRound))
        uow.add(WageRound(day=uow.today))
        return
    # Two workers at once would both ask.
    uow.session.get_one(Employer, employer_id, with_for_update=True)
    columns = (Employment.id, Employment.start_date, Employment.end_date, Employment.last_wage_month)
    silent = select(*columns).where(Employment.employer_id == employer_id, _to_ask(uow.today))
    found = uow.execute(silent.order_by(Employment.id).limit(AT_ONCE))
    ask(uow, QuestionKind.NO_WAGES, employer_id, [Asked._make(row) for row in found])


NO_WAGES: Final = Timer("employers.no-wages", _due_employers, _ask_employer)


# --- No answer --------------------------------------------------------------------------------------------------


def _due(uow: UnitOfWork, limit: int) -> list[str]:
    statement = (
        select(EmploymentQuestion.id)
        .where(EmploymentQuestion.look_on <= uow.today)
        .order_by(EmploymentQuestion.look_on, EmploymentQuestion.id)
        .limit(limit)
    )
    return list(uow.session.scalars(statement))


def _look(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """Reminds twice, then lets the desk know. The questions stay open: silence is no answer."""
    found = lock(uow, uow.among(EmploymentQuestion.id, ids), EmploymentQuestion.look_on <= uow.today)
    about = uow.among(Employment.id, [row.employment_id for row in found])
    employments = {each.id: each for each in uow.session.scalars(select(Employment).where(about))}
    news: dict[str, list[EmploymentQuestion]] = {"reminded": [], "late": []}
    for row in found:
        employment = employments[row.employment_id]
        if _is_over(uow, row, employment):
            continue
        asked_on = amsterdam_day(row.asked_at)
        reached = steps_reached(asked_on, uow.today)
        if reached > row.steps:
            news["late" if reached == STEPS else "reminded"].append(row)
            row.late_since = uow.today if reached == STEPS else None
        row.steps = reached
        row.look_on = next_look(asked_on, reached, employment.end_date)
    uow.flush()
    for type, rows in news.items():
        if rows:
            tell(uow, type, [About.of(row) for row in rows])


REMINDERS: Final = Timer("employers.questions", _due, lambda uow, each: _look(uow, [each]), _look)


# --- The register has it already --------------------------------------------------------------------------------


def _is_over(uow: UnitOfWork, row: EmploymentQuestion, employment: Employment) -> bool:
    """Whether the register says by now what was asked; then the question lapses."""
    facts = (employment.end_date, employment.last_wage_month, uow.today)
    because = lapse_reason(row.kind, row.last_wage_month, *facts)
    if because is not None:
        lapse(uow, [About.of(row)], because)
    return because is not None


def _employment_changed(uow: UnitOfWork, event: Mapping[str, Any]) -> None:
    same = EmploymentQuestion.employment_id == event["data"]["employmentId"]
    for row in lock(uow, same, EmploymentQuestion.status == QuestionStatus.OPEN):
        employment = uow.session.get_one(Employment, row.employment_id)
        if not _is_over(uow, row, employment):
            row.look_on = next_look(amsterdam_day(row.asked_at), row.steps, employment.end_date)


EMPLOYMENT_CHANGED: Final = Consumer("employers.questions", frozenset({"employment.changed"}), _employment_changed)
