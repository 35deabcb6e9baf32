"""Questions of the contract register to its employers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.employers.models import Employment, through_employment
from service.employers.questions.rules import Answer, LapseReason, QuestionKind, QuestionStatus
from service.kernel.database import Base, Id, Versioned, code

_OPEN = text("status = 'open'")


class EmploymentQuestion(Base, Versioned):
    """One question about one employment. There is no person here: who it is about is found through the employment.

    `last_wage_month` and `proposed_end_date` are what a question about wages said. `job_id` is the import that did not
    name the employment; it may be forgotten before the question. `steps` counts what the clock did, `look_on` is the
    day on which it looks again. `late_since`: the desk knows that there was no answer. `quiet_until` is the last day
    on which the answer keeps the register from asking again. `over_at`: answered or lapsed then.
    """

    __tablename__ = "employment_question"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    employment_id: Mapped[str] = mapped_column(Id, ForeignKey("employment.id"))
    employer_id: Mapped[str] = mapped_column(Id, ForeignKey("employer.id"))
    kind: Mapped[QuestionKind] = mapped_column(code(QuestionKind))
    status: Mapped[QuestionStatus] = mapped_column(code(QuestionStatus))
    asked_at: Mapped[datetime]
    answer_by: Mapped[date]
    steps: Mapped[int]
    look_on: Mapped[date | None] = mapped_column(index=True)
    late_since: Mapped[date | None]
    last_wage_month: Mapped[date | None]
    proposed_end_date: Mapped[date | None]
    job_id: Mapped[str | None] = mapped_column(Id)
    answer: Mapped[Answer | None] = mapped_column(code(Answer))
    end_date: Mapped[date | None]
    lapsed_because: Mapped[LapseReason | None] = mapped_column(code(LapseReason))
    over_at: Mapped[datetime | None] = mapped_column(index=True)
    quiet_until: Mapped[date | None]

    # Read in the same statement, whatever there is to find.
    person_id: Mapped[str | None] = through_employment(Employment.person_id, employment_id)
    reference: Mapped[str | None] = through_employment(Employment.reference, employment_id)
    employee_number: Mapped[str | None] = through_employment(Employment.employee_number, employment_id)

    __table_args__ = (
        Index(
            "uq_employment_question_open",
            "employment_id",
            "kind",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_employment_question_employment", "employment_id", "kind"),
        Index("ix_employment_question_inbox", "employer_id", "answer_by", "id"),
        Index("ix_employment_question_status", "status", "answer_by", "id"),
    )


class WageRound(Base):
    """The day on which all employments were last looked through for wages that stopped: once a day is enough."""

    __tablename__ = "wage_round"

    day: Mapped[date] = mapped_column(primary_key=True)
