"""The contact answer: one statement per kind of caller, built once, and what its rows mean.

An employment leads to the person, the person to the assignment in force and those to come, and these to the people.
For an employer the way to the person goes through the disclosed link only: undisclosed and not linked are the same
empty joins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Date, FromClause, Select, and_, bindparam, case, func, or_, select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.config import Settings
from service.contacts.models import Absence, Assignment, Caseworker, Link, Office, Team
from service.contacts.rules import (
    OFFICE_DAYS,
    ONE_DAY,
    CaseworkerFacts,
    CaseworkerRole,
    ContactChoice,
    ContactKind,
    Standing,
    absence_on,
    choose_contact,
    reachable_on,
)
from service.contacts.rules import Absence as Away
from service.employers.models import Employment
from service.kernel.among import among
from service.kernel.database import Id, UnitOfWork
from service.kernel.prepared import Prepared
from service.people.models import Person

Rows = Sequence[Any]

_DAY: Final = bindparam("today", type_=Date)
_EMPLOYMENT: Final = Employment.__table__
_PERSON: Final = Person.__table__
_LINK: Final = Link.__table__
_ASSIGNMENT: Final = Assignment.__table__
_EARLIER: Final = Assignment.__table__.alias("earlier")
_CASEWORKER: Final = Caseworker.__table__
_ABSENCE: Final = Absence.__table__
_OFFICE: Final = Office.__table__
_TEAM: Final = Team.__table__
_TEAM_OFFICE: Final = Office.__table__.alias("team_office")
_BACKUP: Final = Caseworker.__table__.alias("backup")
_BACKUP_OFFICE: Final = Office.__table__.alias("backup_office")
_BACKUP_ABSENCE: Final = Absence.__table__.alias("backup_absence")

_STAFF_FIELDS: Final = ("id", "name", "role", "phone", "email", "working_days", "active")


# --- The statements ---------------------------------------------------------------------------------------------


def first_that_counts(person_id: ColumnElement[str]) -> ColumnElement[date]:
    """The start of the assignment in force on the day of the parameter `today`, or that day: earlier ones are over."""
    in_force = (
        select(func.max(_EARLIER.c.valid_from))
        .where(_EARLIER.c.person_id == person_id, _EARLIER.c.valid_from <= _DAY)
        .correlate(_EMPLOYMENT, _PERSON, _LINK)
        .scalar_subquery()
    )
    return func.coalesce(in_force, _DAY)


def _not_over(absence: FromClause) -> ColumnElement[bool]:
    return or_(absence.c.last_day.is_(None), absence.c.last_day >= _DAY)


def answer_statement(source: FromClause, person_id: ColumnElement[str], *extra: ColumnElement[Any]) -> Select[Any]:
    """A row per assignment in force or to come, and per absence that is not over; at least one row of nulls.

    `person_id` is the column of `source` by which assignments are found. During an absence the backup that it names
    comes before the one of the assignment.
    """
    stands_in = and_(_ABSENCE.c.first_day <= _DAY, _ABSENCE.c.backup_id.is_not(None))
    joined = (
        source.outerjoin(
            _ASSIGNMENT,
            and_(_ASSIGNMENT.c.person_id == person_id, _ASSIGNMENT.c.valid_from >= first_that_counts(person_id)),
        )
        .outerjoin(_CASEWORKER, _CASEWORKER.c.id == _ASSIGNMENT.c.caseworker_id)
        .outerjoin(_OFFICE, _OFFICE.c.id == _CASEWORKER.c.office_id)
        .outerjoin(_ABSENCE, and_(_ABSENCE.c.caseworker_id == _CASEWORKER.c.id, _not_over(_ABSENCE)))
        .outerjoin(_BACKUP, _BACKUP.c.id == case((stands_in, _ABSENCE.c.backup_id), else_=_ASSIGNMENT.c.backup_id))
        .outerjoin(_BACKUP_OFFICE, _BACKUP_OFFICE.c.id == _BACKUP.c.office_id)
        .outerjoin(_BACKUP_ABSENCE, and_(_BACKUP_ABSENCE.c.caseworker_id == _BACKUP.c.id, _not_over(_BACKUP_ABSENCE)))
        .outerjoin(_TEAM, _TEAM.c.id == func.coalesce(_ASSIGNMENT.c.team_id, _CASEWORKER.c.team_id))
        .outerjoin(_TEAM_OFFICE, _TEAM_OFFICE.c.id == _TEAM.c.office_id)
    )
    return select(
        *extra,
        _ASSIGNMENT.c.valid_from,
        *(_CASEWORKER.c[name].label(f"caseworker_{name}") for name in _STAFF_FIELDS),
        _OFFICE.c.name.label("caseworker_office"),
        _ABSENCE.c.first_day.label("away_from"),
        _ABSENCE.c.last_day.label("away_until"),
        stands_in.label("stands_in"),
        *(_BACKUP.c[name].label(f"backup_{name}") for name in _STAFF_FIELDS),
        _BACKUP_OFFICE.c.name.label("backup_office"),
        _BACKUP_ABSENCE.c.first_day.label("backup_away_from"),
        _BACKUP_ABSENCE.c.last_day.label("backup_away_until"),
        _TEAM.c.id.label("team_id"),
        _TEAM.c.name.label("team_name"),
        _TEAM.c.phone.label("team_phone"),
        _TEAM.c.email.label("team_email"),
        _TEAM_OFFICE.c.name.label("team_office"),
    ).select_from(joined)


_HEAD: Final = (_EMPLOYMENT.c.employee_number, _EMPLOYMENT.c.person_id)
_WANTED: Final = _EMPLOYMENT.c.id == bindparam("employment_id", type_=Id)
_PARTY: Final = bindparam("party", type_=Id)


def link_shown(kind: PartyKind, employment: FromClause) -> ColumnElement[bool]:
    """By which link an employer or a jobcoach organisation is led from an employment to the person, or to nobody.

    What the employer knows of: the disclosed link. After the end of the employment it hears no more of the person. The
    employer names the jobcoach organisation: it reaches the person once UWV's side has confirmed it.
    """
    own = and_(_LINK.c.employment_id == employment.c.id, _LINK.c.person_id == employment.c.person_id)
    if kind is PartyKind.JOBCOACH_ORGANISATION:
        return and_(own, _LINK.c.jobcoach_organisation_id == employment.c.jobcoach_organisation_id)
    return and_(
        own,
        _LINK.c.disclosed_since.is_not(None),
        or_(employment.c.end_date.is_(None), employment.c.end_date >= _DAY),
    )


def _by_link(kind: PartyKind) -> Select[Any]:
    source = _EMPLOYMENT.outerjoin(_LINK, link_shown(kind, _EMPLOYMENT))
    return answer_statement(source, _LINK.c.person_id, *_HEAD).where(_WANTED)


_BY_EMPLOYER: Final = _by_link(PartyKind.EMPLOYER)
_BY_JOBCOACH: Final = _by_link(PartyKind.JOBCOACH_ORGANISATION)
_BY_DESK: Final = answer_statement(_EMPLOYMENT, _EMPLOYMENT.c.person_id, *_HEAD).where(_WANTED)
_BY_UWV: Final = answer_statement(
    _EMPLOYMENT.join(_PERSON, and_(_PERSON.c.id == _EMPLOYMENT.c.person_id, _PERSON.c.is_client)),
    _EMPLOYMENT.c.person_id,
    *_HEAD,
).where(_WANTED)

FOR_EMPLOYMENT: Final = Prepared(_BY_EMPLOYER)
"""As its employer may see it, whoever asks."""

FOR_PERSON: Final = Prepared(
    answer_statement(_PERSON, _PERSON.c.id).where(_PERSON.c.id == bindparam("person_id", type_=Id))
)
"""As UWV's side sees it."""

_OWNED_BY: Final = {
    PartyKind.EMPLOYER: (_BY_EMPLOYER, _EMPLOYMENT.c.employer_id),
    PartyKind.JOBCOACH_ORGANISATION: (_BY_JOBCOACH, _EMPLOYMENT.c.jobcoach_organisation_id),
}
# Nearly everybody acts for one party, and goes without a list.
_FOR_ONE: Final = {kind: Prepared(asked.where(owner == _PARTY)) for kind, (asked, owner) in _OWNED_BY.items()}
_FOR_SEVERAL: Final = {
    kind: Prepared(asked.where(among(owner, "parties"))) for kind, (asked, owner) in _OWNED_BY.items()
}
_DESK: Final = Prepared(_BY_DESK)
_FOR_UWV: Final = {PartyKind.UWV: Prepared(_BY_UWV), PartyKind.DESK: _DESK, PartyKind.SYSTEM: _DESK}

MAY_ASK: Final = (*_OWNED_BY, *_FOR_UWV)

_OF_PEOPLE: Final = Prepared(
    answer_statement(_PERSON, _PERSON.c.id, _PERSON.c.id.label("person_id")).where(among(_PERSON.c.id, "people"))
)


def rows_for(uow: UnitOfWork, actor: Actor, employment_id: str) -> Rows:
    """As this caller may see it; none where it may not."""
    values: dict[str, Any] = {"employment_id": employment_id, "today": uow.today}
    if actor.kind not in _OWNED_BY:
        return uow.find(_FOR_UWV[actor.kind], values)
    own = actor.party_ids(actor.kind)
    if len(own) == 1:
        return uow.find(_FOR_ONE[actor.kind], values | {"party": own[0]})
    return uow.find(_FOR_SEVERAL[actor.kind], values | {"parties": own})


def rows_of_people(uow: UnitOfWork, person_ids: Sequence[str]) -> dict[str, Rows]:
    """As UWV's side sees it, by person."""
    found: dict[str, list[Any]] = {}
    for row in uow.find(_OF_PEOPLE, {"people": person_ids, "today": uow.today}):
        found.setdefault(row.person_id, []).append(row)
    return dict(found)


# --- What the rows mean -----------------------------------------------------------------------------------------


class Reachable(NamedTuple):
    """Somebody who can be called: a caseworker, or a team (without a role)."""

    id: str
    name: str
    role: CaseworkerRole | None
    phone: str
    email: str
    working_days: Sequence[int]
    active: bool
    office: str

    def value(
        self, kind: ContactKind, day: date, absent_until: date | None = None, away: Collection[Away] = ()
    ) -> dict[str, Any]:
        """The contact as it stands in answers. `day` is the first on which it answers, `away` when it does not."""
        return {
            "kind": kind,
            "name": self.name,
            "role": self.role,
            "office": self.office,
            "phone": self.phone,
            "email": self.email,
            "working_days": self.working_days,
            "absent_until": absent_until,
            "reachable_on": reachable_on(day, self.working_days, away),
        }


class Found(NamedTuple):
    """Who answers today. `away` is the absence of the regular contact; `backup_away` the backup's own, where the
    backup is only named beside. The absences are all that are known, also those to come.
    """

    choice: ContactChoice
    since: date | None = None
    caseworker: Reachable | None = None
    backup: Reachable | None = None
    backup_away: Away | None = None
    team: Reachable | None = None
    upcoming: tuple[date, ContactKind, Reachable | None] | None = None
    away: Away | None = None
    absences: Collection[Away] = ()
    backup_absences: Collection[Away] = ()

    @property
    def answering(self) -> Reachable | None:
        """None: the desk."""
        return _chosen(self.choice, self.caseworker, self.backup, self.team)


def _chosen(
    choice: ContactChoice, caseworker: Reachable | None, backup: Reachable | None, team: Reachable | None
) -> Reachable | None:
    if choice.kind is ContactKind.CASEWORKER:
        return caseworker
    if choice.kind is ContactKind.BACKUP:
        return backup
    return team if choice.kind is ContactKind.TEAM else None


_NOBODY: Final = Found(choose_contact(date.min, disclosed=False))


def read(rows: Rows, today: date) -> Found:
    """What the rows of one person say. Not disclosed to this caller, or nobody assigned: the desk."""
    if rows[0].valid_from is None:
        return _NOBODY
    later = [row for row in rows if row.valid_from > today]
    upcoming = _upcoming(min(later, key=lambda row: row.valid_from)) if later else None
    current = [row for row in rows if row.valid_from <= today]
    if not current:
        return Found(_NOBODY.choice, upcoming=upcoming)
    # Among several absences the one that holds today says who stands in.
    row = next((row for row in current if row.stands_in), current[0])
    caseworker, backup, team = _caseworker(row), _backup(row), _team(row)
    absences = {Away(each.away_from, each.away_until) for each in current if each.away_from is not None}
    backup_absences = {
        Away(each.backup_away_from, each.backup_away_until)
        for each in current
        if each.backup_away_from is not None and each.backup_id == row.backup_id
    }
    away, backup_away = _absence(today, caseworker, absences), _absence(today, backup, backup_absences)
    choice = choose_contact(
        today,
        disclosed=True,
        caseworker=CaseworkerFacts(absence=away) if caseworker else None,
        backup=CaseworkerFacts(absence=backup_away) if backup else None,
        team=team is not None,
    )
    since = None if choice.kind is ContactKind.DESK else row.valid_from
    return Found(choice, since, caseworker, backup, backup_away, team, upcoming, away, absences, backup_absences)


def look_again_on(rows: Rows, today: date) -> date | None:
    """The next day on which these rows may mean something else, without anybody changing anything."""
    days = {row.valid_from for row in rows if row.valid_from is not None}
    for row in rows:
        for first, last in ((row.away_from, row.away_until), (row.backup_away_from, row.backup_away_until)):
            if first is not None:
                days.add(first)
            if last is not None:
                days.add(last + ONE_DAY)
    return min((day for day in days if day > today), default=None)


def standing(found: Found) -> Standing:
    """What those concerned should know of it."""
    regular = found.caseworker or found.backup or found.team
    answering = found.answering
    beside = found.backup if found.choice.names_backup else None
    shown = [found.choice.kind, found.choice.absent_until, *(each and each[1:] for each in (answering, beside))]
    upcoming_from, _, upcoming = found.upcoming or (None, None, None)
    return Standing(
        regular_id=None if regular is None else regular.id,
        answering_id=None if answering is None else answering.id,
        away=found.caseworker is not None and answering is not found.caseworker,
        reach="" if regular is None else hashlib.sha256(repr(shown).encode()).hexdigest()[:32],
        upcoming_from=upcoming_from,
        upcoming_id=None if upcoming is None else upcoming.id,
    )


def _absence(today: date, staff: Reachable | None, absences: Collection[Away]) -> Away | None:
    if staff is None:
        return None
    if not staff.active:
        return Away(today, None)
    return absence_on(today, absences) if absences else None


def _upcoming(row: Any) -> tuple[date, ContactKind, Reachable | None]:
    """Who will be the regular contact. Absences of that time are not looked at: they are told when they begin."""
    caseworker, backup, team = _caseworker(row), _backup(row), _team(row)
    choice = choose_contact(
        row.valid_from,
        disclosed=True,
        caseworker=CaseworkerFacts() if caseworker is not None and caseworker.active else None,
        backup=CaseworkerFacts() if backup else None,
        team=team is not None,
    )
    return row.valid_from, choice.kind, _chosen(choice, caseworker, backup, team)


def _caseworker(row: Any) -> Reachable | None:
    if row.caseworker_id is None:
        return None
    return Reachable(
        row.caseworker_id,
        row.caseworker_name,
        row.caseworker_role,
        row.caseworker_phone,
        row.caseworker_email,
        row.caseworker_working_days,
        row.caseworker_active,
        row.caseworker_office,
    )


def _backup(row: Any) -> Reachable | None:
    if row.backup_id is None or not row.backup_active:
        return None
    return Reachable(
        row.backup_id,
        row.backup_name,
        row.backup_role,
        row.backup_phone,
        row.backup_email,
        row.backup_working_days,
        row.backup_active,
        row.backup_office,
    )


def _team(row: Any) -> Reachable | None:
    if row.team_id is None:
        return None
    return Reachable(
        row.team_id, row.team_name, None, row.team_phone, row.team_email, OFFICE_DAYS, True, row.team_office
    )


def desk(settings: Settings, day: date) -> dict[str, Any]:
    """The desk as a contact, from this day on."""
    return {
        "kind": ContactKind.DESK,
        "name": settings.desk_name,
        "role": None,
        "office": None,
        "phone": settings.desk_phone,
        "email": settings.desk_email,
        "working_days": OFFICE_DAYS,
        "absent_until": None,
        "reachable_on": reachable_on(day, OFFICE_DAYS),
    }


def contact(found: Found, settings: Settings, today: date) -> dict[str, Any]:
    """Who answers today, as a contact."""
    staff, kind = found.answering, found.choice.kind
    if staff is None:
        return desk(settings, today)
    away = {ContactKind.CASEWORKER: found.absences, ContactKind.BACKUP: found.backup_absences}.get(kind, ())
    return staff.value(kind, today, found.choice.absent_until, away)


def contact_answer(found: Found, settings: Settings, today: date) -> dict[str, Any]:
    """The contact answer, without the employment."""
    backup, upcoming = None, None
    if found.choice.names_backup and found.backup is not None:
        until = found.backup_away.last if found.backup_away is not None else None
        backup = found.backup.value(ContactKind.BACKUP, today, until, found.backup_absences)
    if found.upcoming is not None:
        day, kind, staff = found.upcoming
        upcoming = {"valid_from": day, "contact": desk(settings, day) if staff is None else staff.value(kind, day)}
    return {
        "contact": contact(found, settings, today),
        "backup": backup,
        "since": found.since,
        "fallback_reason": found.choice.fallback_reason,
        "upcoming": upcoming,
    }
