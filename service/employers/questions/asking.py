"""Asking an employer, set by set, and taking back what there is nothing to ask about any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Table, and_, bindparam, exists, insert, or_, select, update

from service.access.models import Party
from service.access.rules import PartyKind
from service.delivery.events import NewEvent, publish_many
from service.employers.models import Employment
from service.employers.questions.models import EmploymentQuestion
from service.employers.questions.rules import (
    Answer,
    LapseReason,
    QuestionKind,
    QuestionStatus,
    answer_by,
    next_look,
    proposed_end,
)
from service.kernel.among import among
from service.kernel.chunks import chunks
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared

_QUESTION: Final = cast(Table, EmploymentQuestion.__table__)
_EMPLOYMENT: Final = cast(Table, Employment.__table__)
_DAY: Final = _EMPLOYMENT.c.start_date.type
_NEW: Final = Prepared(insert(_QUESTION))

# Running, and about which the employer neither is being asked nor has said what makes asking idle.
_TO_ASK: Final = Prepared(
    select(*(_EMPLOYMENT.c[name] for name in ("id", "start_date", "end_date", "last_wage_month")))
    .where(
        among(_EMPLOYMENT.c.id, "ids"),
        _EMPLOYMENT.c.employer_id == bindparam("employer_id", type_=_EMPLOYMENT.c.employer_id.type),
        _EMPLOYMENT.c.start_date <= bindparam("today", type_=_DAY),
        or_(_EMPLOYMENT.c.end_date.is_(None), _EMPLOYMENT.c.end_date >= bindparam("today", type_=_DAY)),
        ~exists().where(
            _QUESTION.c.employment_id == _EMPLOYMENT.c.id,
            or_(
                and_(_QUESTION.c.kind == QuestionKind.MISSING, _QUESTION.c.status == QuestionStatus.OPEN),
                and_(
                    _QUESTION.c.quiet_until >= bindparam("today", type_=_DAY),
                    or_(_QUESTION.c.kind == QuestionKind.MISSING, _QUESTION.c.answer == Answer.LEFT_OUT),
                ),
            ),
        ),
    )
    .order_by(_EMPLOYMENT.c.id)
)
_WATCHED: Final = Prepared(
    select(_QUESTION.c.id).where(
        among(_QUESTION.c.employment_id, "ids"),
        _QUESTION.c.kind == QuestionKind.MISSING,
        or_(_QUESTION.c.status == QuestionStatus.OPEN, _QUESTION.c.quiet_until.is_not(None)),
    )
)


class Asked(NamedTuple):
    """An employment to ask about."""

    id: str
    start_date: date
    end_date: date | None
    last_wage_month: date | None


class About(NamedTuple):
    """What an event says of a question, and who hears it."""

    id: str
    version: int
    employer_id: str
    employment_id: str
    kind: QuestionKind
    status: QuestionStatus
    late_since: date | None

    @classmethod
    def of(cls, row: EmploymentQuestion) -> About:
        return cls(*(getattr(row, name) for name in cls._fields))


def ask_missing(uow: UnitOfWork, employer_id: str, employment_ids: Sequence[str], job_id: str | None) -> int:
    """Asks the employer about each of these, which a full list of its own did not name; about how many it did.

    Left out are those that do not run today, those about which it is being asked, and those about which an answer
    keeps us from asking. Whether the list is worth asking about says `rules.ask_about_missing`, beforehand.
    """
    count = 0
    for some in chunks(employment_ids):
        found = uow.find(_TO_ASK, {"ids": list(some), "employer_id": employer_id, "today": uow.today})
        count += ask(uow, QuestionKind.MISSING, employer_id, [Asked._make(row) for row in found], job_id)
    return count


def ask(
    uow: UnitOfWork, kind: QuestionKind, employer_id: str, employments: Sequence[Asked], job_id: str | None = None
) -> int:
    """Asks about each of these employments of one employer."""
    due = answer_by(uow.today)
    rows: list[dict[str, Any]] = []
    for employment in employments:
        about_wages = kind is QuestionKind.NO_WAGES and employment.last_wage_month is not None
        month = employment.last_wage_month if about_wages else None
        rows.append(
            {
                "id": new_id(),
                "version": 1,
                "employment_id": employment.id,
                "employer_id": employer_id,
                "kind": kind,
                "status": QuestionStatus.OPEN,
                "asked_at": uow.now,
                "answer_by": due,
                "steps": 0,
                "look_on": next_look(uow.today, 0, employment.end_date),
                "late_since": None,
                "last_wage_month": month,
                "proposed_end_date": month and proposed_end(employment.start_date, month, uow.today),
                "job_id": job_id,
                "answer": None,
                "end_date": None,
                "lapsed_because": None,
                "over_at": None,
                "quiet_until": None,
            }
        )
    if rows:
        uow.write(_NEW, rows)
        tell(uow, "asked", [About(**{name: row[name] for name in About._fields}) for row in rows])
    return len(rows)


def named_again(uow: UnitOfWork, employment_ids: Sequence[str]) -> int:
    """A file names these again: open questions why they were missing lapse, and an answer no longer keeps us from
    asking when they are missing anew. How many questions that changed; where none does, it costs one look-up for a
    thousand employments."""
    count = 0
    for some in chunks(employment_ids):
        found = [row.id for row in uow.find(_WATCHED, {"ids": list(some)})]
        if found:
            count += _named(uow, found)
    return count


def _named(uow: UnitOfWork, question_ids: Sequence[str]) -> int:
    row = EmploymentQuestion
    which = (uow.among(row.id, question_ids), or_(row.status == QuestionStatus.OPEN, row.quiet_until.is_not(None)))
    columns = [getattr(row, name) for name in About._fields]
    found = uow.execute(select(*columns).where(*which).order_by(row.id).with_for_update()).all()
    still_open = [About._make(each) for each in found if each.status is QuestionStatus.OPEN]
    lapse(uow, still_open, LapseReason.NAMED_AGAIN)
    answered = [each.id for each in found if each.status is not QuestionStatus.OPEN]
    if answered:
        quiet = {"quiet_until": None, "version": row.version + 1}
        uow.execute(update(row).where(uow.among(row.id, answered)).values(quiet))
    return len(found)


def lock(uow: UnitOfWork, *which: Any) -> list[EmploymentQuestion]:
    """The questions for a change, as they are now."""
    statement = select(EmploymentQuestion).where(*which).order_by(EmploymentQuestion.id)
    found = uow.session.scalars(
        statement.with_for_update(of=EmploymentQuestion), execution_options={"populate_existing": True}
    )
    return list(found)


def lapse(uow: UnitOfWork, questions: Sequence[About], because: LapseReason) -> None:
    """There is nothing to ask any more. The rows are locked and open."""
    row = EmploymentQuestion
    if not questions:
        return
    over = {"status": QuestionStatus.LAPSED, "lapsed_because": because, "over_at": uow.now, "look_on": None}
    which = uow.among(row.id, [each.id for each in questions])
    uow.execute(update(row).where(which).values(over | {"version": row.version + 1}))
    lapsed = [each._replace(status=QuestionStatus.LAPSED, version=each.version + 1) for each in questions]
    tell(uow, "lapsed", lapsed, because.value)


def tell(uow: UnitOfWork, type: str, questions: Sequence[About], because: str = "") -> None:
    """Publishes `employment-question.<type>` of each: to its employer, and to the desk once it knows of the silence."""
    late = any(each.late_since is not None for each in questions)
    desks = list(uow.session.scalars(select(Party.id).where(Party.kind == PartyKind.DESK))) if late else []
    publish_many(
        uow,
        [_event(type, each, [each.employer_id, *(desks if each.late_since else ())], because) for each in questions],
    )


def _event(type: str, question: About, parties: list[str], because: str = "") -> NewEvent:
    data = {
        "questionId": question.id,
        "employmentId": question.employment_id,
        "kind": question.kind.value,
        "status": question.status.value,
    }
    name, subject = f"employment-question.{type}", address(question.id)
    return NewEvent(name, subject, question.version, parties, data, because)


def address(question_id: str) -> str:
    return f"employment-questions/{question_id}"
