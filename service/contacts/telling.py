"""Whoever is concerned hears when a person's contact changes, whatever made it change, and once for each change.

What was told last is kept per person. After each change, and on each day on which one falls due, the contact is held
against it; what differs is told: to the systems of the employer (where it knows of the link) and of the jobcoach
organisation as an event per employment, and to the person by mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Date, Table, and_, bindparam, delete, insert, or_, select, update

from service.contacts.answer import Found, first_that_counts, look_again_on, read, rows_of_people, standing
from service.contacts.models import Absence, Assignment, Caseworker, Link, Told
from service.contacts.rules import NOTHING_TOLD, Change, Standing, person_hears, what_changed
from service.delivery.events import NewEvent, publish_many, queue_mails
from service.employers.models import Employment
from service.kernel.among import among
from service.kernel.chunks import chunks
from service.kernel.database import UnitOfWork
from service.kernel.prepared import Prepared
from service.kernel.room import Timer
from service.people import operations as people
from service.people.models import Person

CONTACT_CHANGED: Final = "contact-changed"
"""The mail to the person. Its data: personId, change, and who was it before (null: nobody)."""

_TOLD: Final = cast(Table, Told.__table__)
_NEW: Final = Prepared(insert(_TOLD))
_COLUMNS: Final = ("person_id", "version", "look_again_on", *Standing._fields)
_TOLD_TO: Final = Prepared(select(_TOLD).where(among(_TOLD.c.person_id, "people")))
_FORGET: Final = Prepared(delete(_TOLD).where(among(_TOLD.c.person_id, "people")))
_PERSON: Final = cast(Table, Person.__table__)
_ASSIGNMENT: Final = cast(Table, Assignment.__table__)
_OWN: Final = and_(_ASSIGNMENT.c.person_id == _PERSON.c.id, _ASSIGNMENT.c.valid_from >= first_that_counts(_PERSON.c.id))
_ASSIGNED: Final = Prepared(
    select(_PERSON.c.id, *(_ASSIGNMENT.c[name] for name in ("valid_from", "caseworker_id", "team_id", "backup_id")))
    .select_from(_PERSON.outerjoin(_ASSIGNMENT, _OWN))
    .where(among(_PERSON.c.id, "people"))
    .order_by(_PERSON.c.id, _ASSIGNMENT.c.valid_from)
)

_EMPLOYMENT: Final = cast(Table, Employment.__table__)
_LINK: Final = cast(Table, Link.__table__)
_CONCERNED: Final = (
    select(
        _EMPLOYMENT.c.person_id,
        _EMPLOYMENT.c.id,
        _EMPLOYMENT.c.employer_id,
        _EMPLOYMENT.c.jobcoach_organisation_id,
        _LINK.c.disclosed_since,
        _LINK.c.jobcoach_organisation_id.label("confirmed"),
    )
    .select_from(_EMPLOYMENT.outerjoin(_LINK, _LINK.c.employment_id == _EMPLOYMENT.c.id))
    .where(or_(_EMPLOYMENT.c.end_date.is_(None), _EMPLOYMENT.c.end_date >= bindparam("today", type_=Date)))
    .order_by(_EMPLOYMENT.c.id)
)
"""The employments that have not ended, with what decides who outside may know."""
_EMPLOYMENTS: Final = Prepared(_CONCERNED.where(among(_EMPLOYMENT.c.id, "employments")))
_EMPLOYMENTS_OF: Final = Prepared(_CONCERNED.where(among(_EMPLOYMENT.c.person_id, "people")))


class _Tell(NamedTuple):
    change: Change
    version: int
    before: str | None
    by_mail: bool


def tell(uow: UnitOfWork, person_ids: Iterable[str], *, locked: bool = False) -> None:
    """Looks at the contact of these people and tells what is another than was told last. `locked`: the caller did."""
    for some in chunks(sorted(set(person_ids))):
        if not locked:
            people.lock(uow, some)
        told = {row.person_id: row for row in uow.find(_TOLD_TO, {"people": some})}
        changed: dict[str, _Tell] = {}
        fresh, again = [], []
        for person_id, (found, now, look_again) in _contacts(uow, some).items():
            before = told.get(person_id)
            known = NOTHING_TOLD if before is None else _standing_of(before)
            change = what_changed(known, now)
            if change is None and before is not None and before.look_again_on == look_again:
                continue
            version = (0 if before is None else before.version) + (change is not None)
            if change is not None:
                away_until = None if found.away is None else found.away.last
                hears = person_hears(known, now, uow.today, away_until)
                changed[person_id] = _Tell(change, version, known.regular_id, hears)
            if before is not None:
                again.append(person_id)
            fresh.append(dict(zip(_COLUMNS, (person_id, version, look_again, *now), strict=True)))
        if again:
            uow.write(_FORGET, {"people": again})
        if fresh:
            uow.write(_NEW, fresh)
        _send(uow, changed)


def _contacts(uow: UnitOfWork, person_ids: Sequence[str]) -> dict[str, tuple[Found, Standing, date | None]]:
    """The contact of each of these people, what to tell of it, and when to look again. Those who have the same
    assignments have the same contact: it is looked up for one of them."""
    assigned: dict[str, list[Any]] = {}
    for person_id, *assignment in uow.find(_ASSIGNED, {"people": person_ids, "today": uow.today}):
        assigned.setdefault(person_id, []).append(tuple(assignment))
    alike: dict[tuple[Any, ...], list[str]] = {}
    for person_id, assignments in assigned.items():
        alike.setdefault(tuple(assignments), []).append(person_id)
    rows = rows_of_people(uow, [some[0] for some in alike.values()])
    found = {}
    for some in alike.values():
        contact = read(rows[some[0]], uow.today)
        found.update(dict.fromkeys(some, (contact, standing(contact), look_again_on(rows[some[0]], uow.today))))
    return found


def tell_link(uow: UnitOfWork, link: Link, person_id: str, knew: Sequence[str]) -> int:
    """What those who may know see of an employment's contact is another now, though the contact is the same; so it is
    for those who `knew` until now. Returns the version of what was told, which is beyond that of a link before."""
    people.lock(uow, [person_id])
    before = uow.execute(select(_TOLD.c.version).where(_TOLD.c.person_id == person_id)).scalar()
    version = max(before or 0, link.told_before) + 1
    if before is None:
        first = {"person_id": person_id, "version": version, "look_again_on": uow.today, **NOTHING_TOLD._asdict()}
        uow.write(_NEW, first)
    else:
        uow.execute(update(_TOLD).where(_TOLD.c.person_id == person_id).values(version=version))
    parties = [*knew, *who_knows(uow, link.employment_id)]
    publish_many(uow, [_event(Change.CHANGED, version, link.employment_id, parties)])
    return version


def who_knows(uow: UnitOfWork, employment_id: str) -> list[str]:
    """The parties outside that may know who the contact of an employment is; after its last day nobody hears more.

    The employer where the link is disclosed, and the jobcoach organisation that UWV's side confirmed.
    """
    found = uow.find(_EMPLOYMENTS, {"employments": [employment_id], "today": uow.today})
    return _known_to(found[0]) if found else []


def _known_to(row: Any) -> list[str]:
    parties = [] if row.disclosed_since is None else [row.employer_id]
    if row.confirmed is not None and row.confirmed == row.jobcoach_organisation_id:
        parties.append(row.confirmed)
    return parties


def touched_by(uow: UnitOfWork, person_ids: Sequence[str]) -> tuple[set[str], set[str]]:
    """The employers and the jobcoach organisations that hear of a change of these people's contacts."""
    employers: set[str] = set()
    jobcoaches: set[str] = set()
    for some in chunks(person_ids):
        for row in uow.find(_EMPLOYMENTS_OF, {"people": some, "today": uow.today}):
            known_to = _known_to(row)
            employers |= {row.employer_id} & set(known_to)
            jobcoaches |= {row.confirmed} & set(known_to)
    return employers, jobcoaches


def people_of_caseworker(uow: UnitOfWork, caseworker_id: str) -> list[str]:
    """Whose contact may be another when something about this caseworker is: clients, and those whose backup it is."""
    stands_in = select(Absence.caseworker_id).where(
        Absence.backup_id == caseworker_id, or_(Absence.last_day.is_(None), Absence.last_day >= uow.today)
    )
    return _people(
        uow,
        or_(
            Assignment.caseworker_id == caseworker_id,
            Assignment.backup_id == caseworker_id,
            Assignment.caseworker_id.in_(stands_in),
        ),
    )


def people_of_team(uow: UnitOfWork, team_id: str) -> list[str]:
    """The same for a team: it is the contact, or stands behind one of its caseworkers."""
    members = select(Caseworker.id).where(Caseworker.team_id == team_id)
    return _people(uow, or_(Assignment.team_id == team_id, Assignment.caseworker_id.in_(members)))


def _people(uow: UnitOfWork, wanted: Any) -> list[str]:
    """Those for whom an assignment that is in force or to come is `wanted`."""
    later = Assignment.__table__.alias("later")
    followed = (
        select(later.c.id)
        .where(
            later.c.person_id == Assignment.person_id,
            later.c.valid_from > Assignment.valid_from,
            later.c.valid_from <= uow.today,
        )
        .exists()
    )
    return list(uow.execute(select(Assignment.person_id).where(wanted, ~followed).distinct()).scalars())


def _standing_of(row: Any) -> Standing:
    return Standing(row.regular_id, row.answering_id, row.away, row.reach, row.upcoming_from, row.upcoming_id)


def _send(uow: UnitOfWork, changed: Mapping[str, _Tell]) -> None:
    """One event for each employment that has not ended, also without readers, for the rooms above; and the mails."""
    if not changed:
        return
    events = []
    for row in uow.find(_EMPLOYMENTS_OF, {"people": list(changed), "today": uow.today}):
        what = changed[row.person_id]
        events.append(_event(what.change, what.version, row.id, _known_to(row)))
    publish_many(uow, events)
    by_mail = [person_id for person_id, what in changed.items() if what.by_mail]
    reachable = people.with_email(uow, by_mail) if by_mail else ()
    queue_mails(
        uow,
        CONTACT_CHANGED,
        [
            {"personId": each, "change": changed[each].change.value, "before": changed[each].before}
            for each in by_mail
            if each in reachable
        ],
    )


def _event(change: Change, version: int, employment_id: str, parties: Sequence[str]) -> NewEvent:
    address = f"employments/{employment_id}/contact"
    return NewEvent(f"contact.{change.value}", address, version, parties, {"employmentId": employment_id})


# --- By the clock -----------------------------------------------------------------------------------------------

_AT_ONCE = 200


def _due(uow: UnitOfWork, limit: int) -> list[str]:
    wanted = select(Told.person_id).where(Told.look_again_on <= uow.today)
    return list(uow.execute(wanted.order_by(Told.look_again_on, Told.person_id).limit(limit)).scalars())


def _fire(uow: UnitOfWork, person_id: str) -> None:
    """On the day of a large reassignment many fall due at once: those next in line are told along."""
    due = _due(uow, _AT_ONCE)
    if due:
        tell(uow, {person_id, *due})


LOOK_AGAIN = Timer("contacts.look-again", _due, _fire)
