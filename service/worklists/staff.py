"""Whose work it is at UWV: by the assignment in force today, absences and the level to which a missed deadline led."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, Table, and_, func, or_, select

from service.contacts.assigning import in_force
from service.contacts.models import Absence, Assignment, Caseworker, Team
from service.employers.work import Work
from service.kernel.database import UnitOfWork
from service.signals.rules import EscalationLevel

_ASSIGNMENT: Final = cast(Table, Assignment.__table__)
_BACKUP: Final = EscalationLevel.BACKUP.value
_DESK: Final = EscalationLevel.DESK.value


class Staff(NamedTuple):
    """Whose work is wanted; None: that does not matter."""

    caseworker_id: str | None = None
    team_id: str | None = None
    office_id: str | None = None


def belongs_to(uow: UnitOfWork, work: Work, staff: Staff) -> list[ColumnElement[bool]]:
    """The conditions under which a row of this work belongs to them.

    A caseworker has the work of the people assigned to it, of those for whom it stands in while another is away, and
    what a missed deadline passed on to it as the backup. A team and an office have all that their people have.
    """
    found = work.statement.selected_columns
    people = in_force(uow, uow.today).with_only_columns(_ASSIGNMENT.c.person_id)
    conditions: list[ColumnElement[bool]] = []
    if staff.caseworker_id is not None:
        conditions += _of_caseworker(uow, work, people, staff.caseworker_id)
    for wanted, where in ((staff.team_id, _Team), (staff.office_id, _Office)):
        if wanted is None:
            continue
        its_people, its_teams = where.people(wanted), where.teams(wanted)
        if work.handled:
            conditions.append(or_(found.caseworker_id.in_(its_people), found.team_id.in_(its_teams)))
            continue
        theirs = or_(_ASSIGNMENT.c.caseworker_id.in_(its_people), _ASSIGNMENT.c.team_id.in_(its_teams))
        # They have many people: looked up for each row in the order of the deadlines, which is soon done.
        one = people.where(_ASSIGNMENT.c.person_id == found.person_id, theirs)
        conditions += [one.exists(), func.coalesce(found.level, "") != _DESK]
    return conditions


class _Team:
    @staticmethod
    def people(team_id: str) -> Select[Any]:
        return select(Caseworker.id).where(Caseworker.team_id == team_id)

    @staticmethod
    def teams(team_id: str) -> Any:
        return [team_id]


class _Office:
    @staticmethod
    def people(office_id: str) -> Select[Any]:
        return select(Caseworker.id).where(Caseworker.office_id == office_id)

    @staticmethod
    def teams(office_id: str) -> Any:
        return select(Team.id).where(Team.office_id == office_id)


def _of_caseworker(uow: UnitOfWork, work: Work, people: Select[Any], caseworker_id: str) -> list[ColumnElement[bool]]:
    found, row = work.statement.selected_columns, _ASSIGNMENT.c
    away = select(Absence.caseworker_id).where(_today(uow))
    named = away.where(Absence.backup_id == caseworker_id)
    if work.handled:
        return [or_(found.caseworker_id == caseworker_id, found.caseworker_id.in_(named))]
    stands_in = or_(row.caseworker_id.in_(named), and_(row.backup_id == caseworker_id, row.caseworker_id.in_(away)))
    own = or_(row.caseworker_id == caseworker_id, stands_in)
    behind = or_(row.backup_id == caseworker_id, row.caseworker_id.in_(named))
    level = func.coalesce(found.level, EscalationLevel.CASEWORKER.value)
    return [
        # The first is the one by which rows are found.
        found.person_id.in_(people.where(or_(own, behind))),
        or_(
            and_(level == EscalationLevel.CASEWORKER.value, found.person_id.in_(people.where(own))),
            and_(level == _BACKUP, found.person_id.in_(people.where(behind))),
        ),
    ]


def _today(uow: UnitOfWork) -> ColumnElement[bool]:
    return and_(Absence.first_day <= uow.today, or_(Absence.last_day.is_(None), Absence.last_day >= uow.today))


def assigned(uow: UnitOfWork, rows: Any) -> Select[Any]:
    """The rows of a selection with whom their people are assigned to today, so that it is looked up for these alone."""
    last = _ASSIGNMENT.alias("last")
    start = (
        select(func.max(last.c.valid_from))
        .where(last.c.person_id == rows.c.person_id, last.c.valid_from <= uow.today)
        .correlate(rows)
        .scalar_subquery()
    )
    same = and_(_ASSIGNMENT.c.person_id == rows.c.person_id, _ASSIGNMENT.c.valid_from == start)
    named = (
        select(Absence.backup_id)
        .where(Absence.caseworker_id == _ASSIGNMENT.c.caseworker_id, Absence.backup_id.is_not(None), _today(uow))
        .correlate(_ASSIGNMENT)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            rows,
            _ASSIGNMENT.c.caseworker_id.label("assigned_id"),
            func.coalesce(_ASSIGNMENT.c.team_id, Caseworker.team_id).label("assigned_team_id"),
            func.coalesce(named, _ASSIGNMENT.c.backup_id).label("backup_id"),
        )
        .select_from(rows)
        .outerjoin(_ASSIGNMENT, same)
        .outerjoin(Caseworker, Caseworker.id == _ASSIGNMENT.c.caseworker_id)
    )
