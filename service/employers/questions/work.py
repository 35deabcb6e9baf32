"""What has to be answered: the questions of the contract register."""

from __future__ import annotations

from typing import Final

from service.access.actor import Actor
from service.access.rules import PartyKind, Purpose
from service.employers.questions.models import EmploymentQuestion
from service.employers.questions.operations import visible_questions
from service.employers.questions.rules import QuestionStatus
from service.employers.work import Work, WorkKind, columns
from service.kernel.database import UnitOfWork
from service.kernel.text import Text

ANSWER_QUESTION: Final = WorkKind(
    "answer_question",
    Purpose.EMPLOYMENT_REGISTER,
    "/employment-questions/{id}",
    Text("Beantwoord een vraag over uw contractenlijst.", "Answer a question about your contract register."),
    Text("laatste dag om een vraag over de contractenlijst te beantwoorden", "last day to answer a register question"),
)

KINDS: Final = (ANSWER_QUESTION,)


def work(uow: UnitOfWork, actor: Actor) -> list[Work]:
    """For the employer what is open; for the desk what has stayed without an answer."""
    if actor.kind not in (PartyKind.EMPLOYER, PartyKind.DESK):
        return []
    row = EmploymentQuestion
    statement = visible_questions(actor).where(row.status == QuestionStatus.OPEN)
    if actor.kind is PartyKind.DESK:
        statement = statement.where(row.answer_by < uow.today)
    selected = columns(
        ANSWER_QUESTION,
        id=row.id,
        since=row.asked_at,
        due_on=row.answer_by,
        version=row.version,
        employer_id=row.employer_id,
        employment_id=row.employment_id,
        person_id=row.person_id,
    )
    return [Work(ANSWER_QUESTION, statement.with_only_columns(*selected, maintain_column_froms=True))]
