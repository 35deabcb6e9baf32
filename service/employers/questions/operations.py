"""The questions of the contract register as an employer and the desk meet them, and answering them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, not_, select

from service.access.actor import NOBODY, Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.employers import employments as register
from service.employers.questions.asking import About, address, ask_missing, lapse, lock, named_again, tell
from service.employers.questions.models import EmploymentQuestion
from service.employers.questions.rules import (
    STATUS_MACHINE,
    Answer,
    LapseReason,
    QuestionKind,
    QuestionStatus,
    is_late,
    quiet_until,
)
from service.kernel.database import UnitOfWork
from service.kernel.paging import page
from service.kernel.problems import (
    FieldError,
    forbidden_move,
    invalid_field,
    invalid_input,
    not_found,
)
from service.kernel.requests import Expected
from service.kernel.state import ForbiddenMove
from service.kernel.text import Text, dutch_day

__all__ = ["answer_question", "ask_missing", "get_question", "list_questions", "named_again", "open_questions"]

_MISSING: Final = Text(
    "Deze werknemer staat niet meer in uw volledige lijst. Is het dienstverband geëindigd?",
    "This employee is no longer in your full list. Did the employment end?",
)


# --- Who sees what ----------------------------------------------------------------------------------------------


def visible_questions(actor: Actor) -> Select[Any]:
    """An employer sees its own, the desk all."""
    statement = select(EmploymentQuestion)
    if actor.kind in (PartyKind.DESK, PartyKind.SYSTEM):
        return statement
    if actor.kind is not PartyKind.EMPLOYER:
        return statement.where(false())
    return statement.where(EmploymentQuestion.employer_id.in_(actor.party_ids(PartyKind.EMPLOYER)))


def open_questions(due_before: date | None = None) -> Select[Any]:
    """What waits for an answer, the nearest deadline first: for worklists. With `due_before` today: what is late."""
    found = select(EmploymentQuestion).where(EmploymentQuestion.status == QuestionStatus.OPEN)
    if due_before is not None:
        found = found.where(EmploymentQuestion.answer_by < due_before)
    return found.order_by(EmploymentQuestion.answer_by, EmploymentQuestion.id)


def _late(today: date) -> ColumnElement[bool]:
    return and_(EmploymentQuestion.status == QuestionStatus.OPEN, EmploymentQuestion.answer_by < today)


# --- Reading ----------------------------------------------------------------------------------------------------


def list_questions(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """The questions that the actor may see, the nearest `answer_by` first."""
    statement = visible_questions(actor)
    for name in ("status", "kind", "employer_id", "employment_id"):
        if name in query:
            statement = statement.where(getattr(EmploymentQuestion, name) == query[name])
    if "late" in query:
        statement = statement.where(_late(uow.today) if query["late"] else not_(_late(uow.today)))

    def view(row: EmploymentQuestion) -> dict[str, Any]:
        _log(uow, actor, row, "employment-question.read")
        return _question_view(uow, row)

    return page(uow, statement, (EmploymentQuestion.answer_by, EmploymentQuestion.id), query, view)


def get_question(uow: UnitOfWork, actor: Actor, question_id: str) -> dict[str, Any]:
    row = _load(uow, actor, question_id)
    _log(uow, actor, row, "employment-question.read")
    return _question_view(uow, row)


def _load(uow: UnitOfWork, actor: Actor, question_id: str) -> EmploymentQuestion:
    """The question, if the actor may see it. Raises 404."""
    row: EmploymentQuestion | None = uow.session.scalars(
        visible_questions(actor).where(EmploymentQuestion.id == question_id)
    ).one_or_none()
    if row is None:
        raise not_found()
    return row


def _log(uow: UnitOfWork, actor: Actor, row: EmploymentQuestion, action: str) -> None:
    log_access(uow, actor, Purpose.EMPLOYMENT_REGISTER, action, [row.person_id or NOBODY], address(row.id))


# --- Answering --------------------------------------------------------------------------------------------------


def answer_question(
    uow: UnitOfWork, actor: Actor, question_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """The employer's answer. `ended` sets the end date of the employment, as a change of the employment does.

    Raises 409 where the question is over, 400 where the answer or its end date is wanting or does not fit.
    """
    actor.require(PartyKind.EMPLOYER)
    found = _load(uow, actor, question_id)
    # The employment first, as whoever sends a file does: two that wait for each other wait for ever.
    employment = register.employment(uow, actor, found.employment_id, for_update=True)
    row, *_ = lock(uow, EmploymentQuestion.id == found.id)
    expected.check(row.version)
    try:
        STATUS_MACHINE.move(row.status, data["to"], actor.kind)
    except ForbiddenMove as refused:
        raise forbidden_move(refused.source, refused.target, refused.allowed) from None
    answer = data.get("answer")
    if answer is None:
        raise invalid_field("/answer", "required", "Geef een antwoord.", "Give an answer.")
    row.end_date = _end_date(row, answer, data.get("end_date"))
    row.status = QuestionStatus.ANSWERED
    row.answer = answer
    row.over_at = uow.now
    row.look_on = None
    row.quiet_until = quiet_until(answer, uow.today, row.end_date)
    if answer is Answer.ENDED:
        register.apply_change(uow, actor, employment, {"end_date": row.end_date}, answered=True)
    uow.flush()
    _log(uow, actor, row, "employment-question.answered")
    tell(uow, "answered", [About.of(row)], answer.value)
    if answer is Answer.LEFT_OUT:
        _lapse_other(uow, row)
    return _question_view(uow, row)


def _end_date(row: EmploymentQuestion, answer: Answer, sent: date | None) -> date | None:
    """The day that goes with this answer. Raises 400."""
    if answer is not Answer.ENDED:
        if sent is not None:
            text = Text("Dit hoort alleen bij 'ended'.", "This goes with 'ended' only.")
            raise invalid_input([FieldError("not-with-this-answer", text, pointer="/endDate")])
        return None
    found = sent or row.proposed_end_date
    if found is None:
        raise invalid_field("/endDate", "required", "Geef de laatste dag.", "Give the last day.")
    return found


def _lapse_other(uow: UnitOfWork, row: EmploymentQuestion) -> None:
    same, status = EmploymentQuestion.employment_id == row.employment_id, EmploymentQuestion.status
    others = lock(uow, same, status == QuestionStatus.OPEN)
    lapse(uow, [About.of(other) for other in others], LapseReason.LEFT_OUT)


# --- Views ------------------------------------------------------------------------------------------------------


def _question_view(uow: UnitOfWork, row: EmploymentQuestion) -> dict[str, Any]:
    answered = row.status is QuestionStatus.ANSWERED
    return {
        "id": row.id,
        "version": row.version,
        "employer_id": row.employer_id,
        "employment_id": row.employment_id,
        "reference": row.reference,
        "employee_number": row.employee_number,
        "kind": row.kind,
        "question": _sentence(row),
        "import_id": row.job_id,
        "last_wage_month": row.last_wage_month,
        "proposed_end_date": row.proposed_end_date,
        "status": row.status,
        "asked_at": row.asked_at,
        "answer_by": row.answer_by,
        "late": is_late(row.status, row.answer_by, uow.today),
        "answer": row.answer,
        "end_date": row.end_date,
        "answered_at": row.over_at if answered else None,
        "lapsed_at": None if answered else row.over_at,
        "lapsed_because": row.lapsed_because,
        "quiet_until": row.quiet_until,
    }


def _sentence(row: EmploymentQuestion) -> Text:
    month = row.last_wage_month
    if row.kind is QuestionKind.MISSING or month is None:
        return _MISSING
    since = Text(
        f"Na {dutch_day(month).partition(' ')[2]} is er geen loon meer voor deze werknemer.",
        f"There are no wages for this employee after {month:%Y-%m}.",
    )
    end = row.proposed_end_date
    if end is None:
        return Text(f"{since.nl} Is het dienstverband geëindigd?", f"{since.en} Did the employment end?")
    return Text(
        f"{since.nl} Is het dienstverband geëindigd op {dutch_day(end)}?",
        f"{since.en} Did the employment end on {end}?",
    )
