"""Reading all kinds of work as one list, in one statement.

Each kind is cut to the page before they are put together: the first of all are among the first of each. So each goes by
its own index, and what it costs does not grow with what waits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, tuple_, union_all

from service.access.actor import NOBODY, Actor, log_access
from service.employers.work import NO_DAY, Work, WorkKind
from service.kernel.clock import amsterdam_day
from service.kernel.database import UnitOfWork
from service.reference.working_days import end_of_day
from service.signals.rules import EscalationLevel
from service.worklists.rules import ONE_DAY, Due, With, is_late, is_new, new_since, span_of, with_whom
from service.worklists.sources import KINDS, work_of
from service.worklists.staff import Staff, assigned, belongs_to

ORDER: Final = ("due_on", "since", "id", "kind")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which work is asked for. `kinds`: none named is all of them."""

    kinds: Collection[str] = ()
    due: Due | None = None
    due_before: date | None = None
    new: bool | None = None
    employer_id: str | None = None
    with_day: bool = False
    staff: Staff = field(default_factory=Staff)


def find(uow: UnitOfWork, actor: Actor, wanted: Wanted, limit: int, after: Sequence[Any] | None = None) -> list[Any]:
    """The first `limit` rows, by deadline, of what the actor has to do; `after` the row with these values of ORDER."""
    kinds = [each for each in work_of(uow, actor) if not wanted.kinds or each.kind.code in wanted.kinds]
    if not kinds:
        return []
    parts = [_part(uow, each, wanted, limit, after).subquery() for each in kinds]
    rows = union_all(*(part.select() for part in parts)).subquery("work")
    statement: Select[Any] = assigned(uow, rows) if actor.is_uwv_side else rows.select()
    return list(uow.execute(statement.order_by(*(rows.c[name] for name in ORDER)).limit(limit)).all())


def _part(uow: UnitOfWork, work: Work, wanted: Wanted, limit: int, after: Sequence[Any] | None) -> Select[Any]:
    found, statement = work.statement.selected_columns, work.statement
    if wanted.due is not None:
        first, last = span_of(wanted.due, uow.today)
        statement = statement if first is None else statement.where(found.due_on >= first)
        statement = statement if last is None else statement.where(found.due_on <= last)
    if wanted.due_before is not None:
        statement = statement.where(found.due_on < wanted.due_before)
    if wanted.with_day:
        statement = statement.where(found.due_on < NO_DAY)
    if wanted.new is not None:
        fresh = (found.since >= end_of_day(new_since(uow.today) - ONE_DAY)) & ~found.seen
        statement = statement.where(fresh if wanted.new else ~fresh)
    if wanted.employer_id is not None:
        statement = statement.where(found.employer_id == wanted.employer_id)
    for condition in belongs_to(uow, work, wanted.staff):
        statement = statement.where(condition)
    # All rows of a part are of one kind, so it need not stand in the order here, where no index holds it.
    order = [found[name] for name in ORDER[:-1]]
    if after is not None:
        *position, kind = after
        place, last_place = tuple_(*order), tuple(position)
        follows = place >= last_place if work.kind.code > kind else place > last_place
        statement = statement.where(found.due_on >= position[0], follows)
    return statement.order_by(*order).limit(limit)


def item(uow: UnitOfWork, actor: Actor, row: Any) -> dict[str, Any]:
    """A row as this actor may see it, with its line in the access log where it is about an employee."""
    kind = KINDS[row.kind]
    link = address(kind, row)
    if row.employment_id is not None or row.person_id is not None:
        log_access(uow, actor, kind.purpose, "work-item.read", [row.person_id or NOBODY], link.removeprefix("/"))
    due_on = None if row.due_on == NO_DAY else row.due_on
    found = {
        "kind": row.kind,
        "id": row.id,
        "due_on": due_on,
        "late": is_late(due_on, uow.today),
        "new": is_new(amsterdam_day(row.since), uow.today, seen=row.seen),
        "since": row.since,
        "text": kind.text.format(number=row.number),
        "link": link,
        "number": row.number,
        "employer_id": row.employer_id,
        "employment_id": row.employment_id,
        "vacancy_id": row.vacancy_id,
        "with_whom": None,
    }
    if not actor.is_uwv_side:
        return found
    level = None if row.level is None else EscalationLevel(row.level)
    place = with_whom(
        level,
        handler=With(row.caseworker_id, row.team_id),
        assigned=With(row.assigned_id, row.assigned_team_id),
        backup_id=row.backup_id,
    )
    return found | {"person_id": row.person_id, "with_whom": place and place._asdict()}


def address(kind: WorkKind, row: Any) -> str:
    """Where the resource is, below /v1."""
    return kind.link.format(id=row.id, employment_id=row.employment_id)
