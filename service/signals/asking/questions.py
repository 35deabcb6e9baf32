"""The course of the question to the employer: asked, answered, taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import update

from service.access.rules import PartyKind
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.signals.asking import rules
from service.signals.asking.models import Asked
from service.signals.asking.rules import Answer
from service.signals.models import Signal
from service.signals.steps import StepKind
from service.signals.telling import record

QUESTION = tuple(Asked.__annotations__)
NOT_ASKED: dict[str, Any] = dict.fromkeys(QUESTION)


def first_question(today: date, end: date | None) -> dict[str, Any]:
    """The question as it is asked today, about an end on this day."""
    by = rules.answer_by(today, end)
    return NOT_ASKED | {"asked_on": today, "answer_by": by, "question_on": rules.first_reminder(today, by)}


def ask(uow: UnitOfWork, signal: Signal) -> None:
    for name, value in first_question(uow.today, signal.expected_end_date).items():
        setattr(signal, name, value)


def warn_again(uow: UnitOfWork, employment_id: str) -> None:
    """The end is no longer near. Should it come back, also the very same day, it is one to warn of."""
    uow.execute(update(Employment).where(Employment.id == employment_id).values(warned_end=None))


def take_back(signal: Signal) -> None:
    """The employer may no longer know: an open question is gone, and can be asked anew. An answer stays an answer."""
    if signal.answer is None:
        for name in QUESTION:
            setattr(signal, name, None)


def settle(uow: UnitOfWork, signal: Signal, answer: Answer) -> None:
    """The employer has answered, in so many words or by what it did."""
    if signal.asked_on is None or signal.answer is not None:
        return
    if not signal.disclosed:
        take_back(signal)
        return
    signal.answer, signal.answered_on = answer, uow.today
    signal.question_on = signal.unanswered_since = None
    record(uow, signal, StepKind.QUESTION_ANSWERED, PartyKind.EMPLOYER, after=answer)
