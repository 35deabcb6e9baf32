"""The question to the employer, kept in the row of its signal: there is one at most, and it goes where that goes."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import code
from service.signals.asking.rules import Answer


class Asked:
    """`question_on` is the day on which the clock looks at the question again, `reminded_on` the last day on which the
    employer was reminded, `unanswered_since` that on which UWV's side was told that there is no answer."""

    asked_on: Mapped[date | None]
    answer_by: Mapped[date | None]
    question_on: Mapped[date | None]
    reminded_on: Mapped[date | None]
    unanswered_since: Mapped[date | None]
    answer: Mapped[Answer | None] = mapped_column(code(Answer))
    answered_on: Mapped[date | None]
