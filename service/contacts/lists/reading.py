"""Many contact answers at once, by two statements however many they are.

The first finds the employments and the assignments of their people, bare. Most people share their caseworker and backup
with many others: for one person of each such group the second reads what a single answer reads, and what that means is
worked out once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy import cast as sql_cast

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.contacts.answer import answer_statement, contact_answer, link_shown, read
from service.contacts.lists.rules import Shared
from service.contacts.models import Assignment, Link
from service.contacts.rules import ContactKind
from service.employers.models import Employment
from service.kernel.among import among
from service.kernel.database import Id, UnitOfWork
from service.kernel.prepared import Prepared, with_dashes
from service.people.models import Person

_DAY: Final = bindparam("today", type_=Date)
_EMPLOYMENT: Final = cast(Table, Employment.__table__)
_PERSON: Final = cast(Table, Person.__table__)
_LINK: Final = cast(Table, Link.__table__)
_ASSIGNMENT: Final = cast(Table, Assignment.__table__)
_EARLIER: Final = _ASSIGNMENT.alias("earlier")
_ASSIGNED: Final = tuple(
    sql_cast(_ASSIGNMENT.c[f"{name}_id"], Text).label(f"assigned_{name}") for name in ("caseworker", "team", "backup")
)
"""Ids as the database keeps them: these are only compared."""

# --- The statements ---------------------------------------------------------------------------------------------


def _visible(kind: PartyKind) -> list[ColumnElement[bool]]:
    """Whose employments a caller of this kind may see: the same as in the single answer."""
    if kind is PartyKind.EMPLOYER:
        return [among(_EMPLOYMENT.c.employer_id, "parties")]
    if kind is PartyKind.JOBCOACH_ORGANISATION:
        return [among(_EMPLOYMENT.c.jobcoach_organisation_id, "parties")]
    if kind is PartyKind.UWV:
        return [exists().where(_PERSON.c.id == _EMPLOYMENT.c.person_id, _PERSON.c.is_client)]
    return []


def _with_assignments(kind: PartyKind, employment: FromClause) -> Select[Any]:
    """A row per assignment in force or to come; one of nulls where there is none, or none for this caller.

    For an employer and a jobcoach organisation the way to the person goes through the link that they may know of.
    """
    source, person_id = employment, employment.c.person_id
    if kind in (PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION):
        source, person_id = employment.outerjoin(_LINK, link_shown(kind, employment)), _LINK.c.person_id
    in_force = (
        select(func.max(_EARLIER.c.valid_from))
        .where(_EARLIER.c.person_id == person_id, _EARLIER.c.valid_from <= _DAY)
        .correlate(employment, _LINK)
        .scalar_subquery()
    )
    of_person = and_(_ASSIGNMENT.c.person_id == person_id, _ASSIGNMENT.c.valid_from >= func.coalesce(in_force, _DAY))
    return select(
        sql_cast(employment.c.id, Text).label("employment_id"),
        employment.c.employee_number,
        sql_cast(employment.c.person_id, Text).label("person_id"),
        employment.c.start_date,
        employment.c.end_date,
        _ASSIGNMENT.c.valid_from,
        *_ASSIGNED,
    ).select_from(source.outerjoin(_ASSIGNMENT, of_person))


_AT_EMPLOYER: Final = _EMPLOYMENT.c.employer_id == bindparam("employer_id", type_=Id)
_NEEDED: Final = ("id", "employee_number", "person_id", "start_date", "end_date", "jobcoach_organisation_id")
_NOT_ENDED: Final = or_(_EMPLOYMENT.c.end_date.is_(None), _EMPLOYMENT.c.end_date >= _DAY)


def _page(kind: PartyKind, at_employer: bool) -> Select[Any]:
    wanted = [*_visible(kind), _NOT_ENDED, _EMPLOYMENT.c.id > bindparam("after", type_=Id)]
    if at_employer:
        wanted.append(_AT_EMPLOYER)
    page = (
        select(*(_EMPLOYMENT.c[name] for name in _NEEDED))
        .where(*wanted)
        .order_by(_EMPLOYMENT.c.id)
        .limit(bindparam("limit", type_=Integer))
    )
    return _with_assignments(kind, page.subquery("page"))


def _how_many(kind: PartyKind, at_employer: bool) -> Select[Any]:
    wanted = [*_visible(kind), _NOT_ENDED, *([_AT_EMPLOYER] if at_employer else [])]
    return select(func.count().label("many")).select_from(_EMPLOYMENT).where(*wanted)


_KINDS: Final = (
    PartyKind.EMPLOYER,
    PartyKind.JOBCOACH_ORGANISATION,
    PartyKind.UWV,
    PartyKind.DESK,
    PartyKind.SYSTEM,
)
_BY_ID: Final = {
    kind: Prepared(_with_assignments(kind, _EMPLOYMENT).where(among(_EMPLOYMENT.c.id, "ids"), *_visible(kind)))
    for kind in _KINDS
}
_AS_EMPLOYERS: Final = Prepared(
    _with_assignments(PartyKind.EMPLOYER, _EMPLOYMENT).where(among(_EMPLOYMENT.c.id, "ids"))
)
_BY_NUMBER: Final = {
    kind: Prepared(
        _with_assignments(kind, _EMPLOYMENT).where(
            _AT_EMPLOYER, among(_EMPLOYMENT.c.employee_number, "numbers"), *_visible(kind)
        )
    )
    for kind in _KINDS
}
_PAGE: Final = {(kind, named): Prepared(_page(kind, named)) for kind in _KINDS for named in (False, True)}
_HOW_MANY: Final = {(kind, named): Prepared(_how_many(kind, named)) for kind in _KINDS for named in (False, True)}
_PEOPLE: Final = Prepared(
    answer_statement(_PERSON, _PERSON.c.id, sql_cast(_PERSON.c.id, Text).label("person_id"), *_ASSIGNED).where(
        among(_PERSON.c.id, "people")
    )
)


# --- The employments --------------------------------------------------------------------------------------------

Arrangement = tuple[Any, date | None, Any]
"""Who is assigned now, from when on others will be, and who. Two people with the same have the same answer, but for the
day since when it holds."""


class Entry(NamedTuple):
    """An employment with what is assigned to its person, as this caller may know it.

    `person_id` is as the database keeps it, `since` the start of the assignment in force.
    """

    id: str
    employee_number: str | None
    person_id: str | None
    start: date
    end: date | None
    arrangement: Arrangement | None
    since: date | None


def by_id(uow: UnitOfWork, actor: Actor, ids: Sequence[str]) -> dict[str, Entry]:
    """The employments among `ids` that this caller may see, by id."""
    return _entries(uow, uow.find(_BY_ID[actor.kind], _values(uow, actor) | {"ids": ids}))


def as_employers(uow: UnitOfWork, ids: Sequence[str]) -> dict[str, Entry]:
    """The employments among `ids` as the employer of each may see them, whoever asks."""
    return _entries(uow, uow.find(_AS_EMPLOYERS, {"ids": ids, "today": uow.today}))


def by_number(uow: UnitOfWork, actor: Actor, employer_id: str, numbers: Sequence[str]) -> dict[str, Entry]:
    """The employments with one of these employee numbers at an employer, as far as this caller may see them, by id."""
    values = _values(uow, actor) | {"employer_id": employer_id, "numbers": numbers}
    return _entries(uow, uow.find(_BY_NUMBER[actor.kind], values))


def page_after(uow: UnitOfWork, actor: Actor, employer_id: str | None, after: str, limit: int) -> dict[str, Entry]:
    """The first `limit` employments behind the id `after` that have not ended, in the order of their ids."""
    values = _values(uow, actor) | {"employer_id": employer_id, "after": after, "limit": limit}
    found = _entries(uow, uow.find(_PAGE[actor.kind, employer_id is not None], values))
    return {each: found[each] for each in sorted(found)}


def how_many(uow: UnitOfWork, actor: Actor, employer_id: str | None) -> int:
    """How many employments that have not ended this caller may list."""
    values = _values(uow, actor) | {"employer_id": employer_id}
    return int(uow.find(_HOW_MANY[actor.kind, employer_id is not None], values)[0].many)


def _values(uow: UnitOfWork, actor: Actor) -> dict[str, Any]:
    return {"today": uow.today, "parties": actor.party_ids(actor.kind)}


def _entries(uow: UnitOfWork, rows: Iterable[Any]) -> dict[str, Entry]:
    today = uow.today
    by_employment: dict[str, list[Any]] = {}
    for row in rows:
        by_employment.setdefault(row.employment_id, []).append(row)
    found = {}
    for key, own in by_employment.items():
        row = own[0]
        employment_id = with_dashes(key) if uow.is_sqlite else key
        arrangement, since = _arrangement(own, today)
        found[employment_id] = Entry(
            employment_id, row.employee_number, row.person_id, row.start_date, row.end_date, arrangement, since
        )
    return found


def _arrangement(rows: Sequence[Any], today: date) -> tuple[Arrangement | None, date | None]:
    row = rows[0]
    if row.valid_from is None:
        return None, None
    if len(rows) == 1 and row.valid_from <= today:
        return ((row.assigned_caseworker, row.assigned_team, row.assigned_backup), None, None), row.valid_from
    starts = {each.valid_from: (each.assigned_caseworker, each.assigned_team, each.assigned_backup) for each in rows}
    since = max((day for day in starts if day <= today), default=None)
    later = min((day for day in starts if day > today), default=None)
    return (starts.get(since), later, starts.get(later)), since


# --- Their answers ----------------------------------------------------------------------------------------------


class Answers(NamedTuple):
    """The answers by employment id, and how many each kind of contact gives."""

    by_employment: Mapping[str, Shared]
    answered: Mapping[ContactKind, int]


def answers(uow: UnitOfWork, entries: Iterable[Entry]) -> Answers:
    """The contact answer to each of these, the same as one by one."""
    groups: dict[Any, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.arrangement, []).append(entry)
    assigned = {key: group[0].person_id for key, group in groups.items() if key is not None}
    read_now = _rows_of(uow, assigned.values())
    moved = [key for key, person_id in assigned.items() if _arrangement_of(uow, read_now.get(person_id)) != key]
    if moved:
        # Somebody was assigned anew between the two statements: what was a group may be none any more.
        read_now |= _rows_of(uow, [entry.person_id for key in moved for entry in groups[key]])
    found: dict[str, Shared] = {}
    answered: Counter[ContactKind] = Counter()
    for key, group in groups.items():
        parts = [[entry] for entry in group] if key in moved else [group]
        for part in parts:
            kind, shared = _shared(uow, read_now.get(part[0].person_id) if key is not None else None)
            answered[kind] += len(part)
            is_since = shared["since"] is not None
            for entry in part:
                found[entry.id] = Shared(
                    {
                        "employment_id": entry.id,
                        "employee_number": entry.employee_number,
                        **shared,
                        "since": entry.since if is_since and key not in moved else shared["since"],
                    }
                )
    return Answers(found, answered)


def _shared(uow: UnitOfWork, rows: Sequence[Any] | None) -> tuple[ContactKind, dict[str, Any]]:
    """Who answers, and the answer without the employment. Without rows: the desk."""
    found = read(rows or _NOBODY_ASSIGNED, uow.today)
    return found.choice.kind, contact_answer(found, uow.settings, uow.today)


class _Nothing(NamedTuple):
    valid_from: date | None = None


_NOBODY_ASSIGNED: Final = (_Nothing(),)


def _rows_of(uow: UnitOfWork, person_ids: Iterable[str | None]) -> dict[str | None, list[Any]]:
    wanted = [each for each in dict.fromkeys(person_ids) if each is not None]
    found: dict[str | None, list[Any]] = {}
    if wanted:
        for row in uow.find(_PEOPLE, {"people": wanted, "today": uow.today}):
            found.setdefault(row.person_id, []).append(row)
    return found


def _arrangement_of(uow: UnitOfWork, rows: Sequence[Any] | None) -> Arrangement | None:
    if not rows:
        return None
    once = {row.valid_from: row for row in rows}
    return _arrangement(list(once.values()), uow.today)[0]
