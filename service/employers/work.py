"""What waits for somebody, as each room tells it: for each kind of work one SELECT, all with the same columns, so that
the worklists read them as one list.

A room has a file `work.py` with a function `work(uow, actor)` that gives the work of this actor, and of nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Date, Integer, Select, String, cast, literal, null, type_coerce

from service.access.rules import Purpose
from service.kernel.database import Id, UtcDateTime
from service.kernel.text import Text

NO_DAY: Final = date(9999, 12, 31)
"""Stands in the column for work without a deadline, which comes last. Nobody outside reads it."""


@dataclass(frozen=True, slots=True)
class WorkKind:
    """A kind of work. `link` is the address below /v1, with `{id}` and what else the columns hold.

    `text` says what to do and `deadline`, for a calendar, what the last day is for; both may hold `{number}`. In a
    calendar others look over one's shoulder: nothing there speaks of a person, of health or of a benefit. `repeats`:
    there can be several of it about one thing, each with a day of its own.
    """

    code: str
    purpose: Purpose
    link: str
    text: Text
    deadline: Text
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """Work of one kind. `handled`: its rows name who has it to do; else that is who is responsible for the person."""

    kind: WorkKind
    statement: Select[Any]
    handled: bool = False


def columns(
    kind: WorkKind,
    *,
    id: Any,
    since: Any,
    due_on: Any = NO_DAY,
    seen: Any = False,
    version: Any = 0,
    number: Any = None,
    employer_id: Any = None,
    employment_id: Any = None,
    vacancy_id: Any = None,
    person_id: Any = None,
    level: Any = None,
    caseworker_id: Any = None,
    team_id: Any = None,
) -> tuple[ColumnElement[Any], ...]:
    """The columns of one kind of work.

    `since` is when it came, `due_on` its last day (never null), `seen` whether who has to do it has looked at it.
    `version` rises when the last day moves, as far as the reader may know of changes at all. `level` is a level of
    escalation, null where it is with who is responsible.
    """
    given = {
        "kind": (kind.code, String()),
        "id": (id, Id),
        "due_on": (due_on, Date()),
        "since": (since, UtcDateTime()),
        "seen": (seen, Boolean()),
        "row_version": (version, Integer()),
        "number": (number, String()),
        "employer_id": (employer_id, Id),
        "employment_id": (employment_id, Id),
        "vacancy_id": (vacancy_id, Id),
        "person_id": (person_id, Id),
        "level": (level, String()),
        "caseworker_id": (caseworker_id, Id),
        "team_id": (team_id, Id),
    }
    return tuple(_column(value, type).label(name) for name, (value, type) in given.items())


def _column(value: Any, type: Any) -> ColumnElement[Any]:
    if value is None:
        return cast(null(), type)
    if isinstance(value, (str, bool, int, date)):
        return literal(value, type)
    return type_coerce(value, type)
