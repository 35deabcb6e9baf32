"""Who is the contact: for the employer of an employment, and for the other rooms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import Counter
from sqlalchemy import bindparam, select

from service.access import limits
from service.access.actor import NOBODY, Actor, log_access
from service.access.limits import Limit
from service.access.models import Party
from service.access.rules import PartyKind, Purpose
from service.contacts.answer import (
    FOR_EMPLOYMENT,
    FOR_PERSON,
    MAY_ASK,
    Reachable,
    contact,
    contact_answer,
    desk,
    read,
    rows_for,
)
from service.contacts.lists import reading
from service.contacts.models import Link
from service.contacts.rules import CaseworkerRole, ContactKind
from service.kernel.database import Id, UnitOfWork
from service.kernel.problems import not_found

_DISCLOSED = select(Link.employment_id).where(
    Link.employment_id == bindparam("employment_id", type_=Id), Link.disclosed_since.is_not(None)
)
_COUNTED = Counter("servicepunt_contact_answers", "Contact answers, by who answers", ["answered_by"])
_ANSWERS = {kind: _COUNTED.labels(answered_by=kind.value) for kind in ContactKind}
_PARTIES_OF = select(Party.id).where(Party.kind == bindparam("kind", type_=Party.kind.type)).order_by(Party.id)


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who answers for a person. `caseworker_id` and `role` only for people, `team_id` only for a team."""

    kind: ContactKind
    caseworker_id: str | None
    name: str
    role: CaseworkerRole | None
    email: str
    phone: str
    office_name: str
    backup: Responsible | None = None
    team: Responsible | None = None
    team_id: str | None = None


def get_contact(uow: UnitOfWork, actor: Actor, employment_id: str) -> dict[str, Any]:
    """The contact answer, as this caller may see it. Raises 404.

    Always the same statements and one line in the access log, whatever the link: time and traces tell an employer
    nothing.
    """
    actor.require(*MAY_ASK)
    rows = rows_for(uow, actor, employment_id)
    if not rows:
        count_answers(uow, actor, {}, asked=1)
        refusal = not_found()
        refusal.keeps = True
        raise refusal
    address = f"employments/{employment_id}"
    log_access(uow, actor, Purpose.CONTACT, "contact.read", [rows[0].person_id or NOBODY], address)
    found = read(rows, uow.today)
    count_answers(uow, actor, {found.choice.kind: 1}, asked=1)
    return {
        "employment_id": employment_id,
        "employee_number": rows[0].employee_number,
        **contact_answer(found, uow.settings, uow.today),
    }


def limit_of(uow: UnitOfWork) -> Limit:
    """How much a client may ask about contacts, in whichever form."""
    return Limit("contacts", uow.settings.contact_requests_per_minute, uow.settings.contact_people_per_day)


def count_answers(
    uow: UnitOfWork, actor: Actor, answered: Mapping[ContactKind, int], asked: int, *, requests: int = 1
) -> None:
    """Counts a request about `asked` people, answered by these. Raises 429 beyond the limits of the client.

    Those whom the desk answers are counted apart: a client of which it answers nearly all may be trying out people.
    """
    limits.count(uow, actor, limit_of(uow), asked, watched=answered.get(ContactKind.DESK, 0), requests=requests)
    for kind, many in answered.items():
        _ANSWERS[kind].inc(many)


def public_contact(uow: UnitOfWork, employment_id: str) -> dict[str, Any]:
    """The contact that the employer of this employment may see today: the desk unless the link is disclosed.

    Keys: kind, name, role, office, phone, email, working_days, absent_until, reachable_on.
    """
    rows = uow.find(FOR_EMPLOYMENT, {"employment_id": employment_id, "today": uow.today})
    return contact(read(rows, uow.today), uow.settings, uow.today) if rows else desk(uow.settings, uow.today)


def public_contacts(uow: UnitOfWork, employment_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The same for many employments, by id."""
    told = reading.answers(uow, reading.as_employers(uow, employment_ids).values()).by_employment
    nobody = desk(uow.settings, uow.today)
    return {each: told[each]["contact"] if each in told else nobody for each in employment_ids}


def responsible(uow: UnitOfWork, person_id: str) -> Responsible | None:
    """Who at UWV answers for this person today, whatever the employer knows; None: nobody, so the desk.

    `backup` and `team` are the next steps after the one who answers; a backup who is away is left out.
    """
    rows = uow.find(FOR_PERSON, {"person_id": person_id, "today": uow.today})
    if not rows:
        return None
    found = read(rows, uow.today)
    kind, staff = found.choice.kind, found.answering
    if staff is None:
        return None
    team = None
    if kind is not ContactKind.TEAM and found.team is not None:
        team = _responsible(ContactKind.TEAM, found.team)
    backup = None
    if kind is ContactKind.CASEWORKER and found.backup is not None and found.backup_away is None:
        backup = _responsible(ContactKind.BACKUP, found.backup)
    return _responsible(kind, staff, backup, team)


def _responsible(
    kind: ContactKind, staff: Reachable, backup: Responsible | None = None, team: Responsible | None = None
) -> Responsible:
    return Responsible(
        kind=kind,
        caseworker_id=None if kind is ContactKind.TEAM else staff.id,
        name=staff.name,
        role=staff.role,
        email=staff.email,
        phone=staff.phone,
        office_name=staff.office,
        backup=backup,
        team=team,
        team_id=staff.id if kind is ContactKind.TEAM else None,
    )


def is_disclosed(uow: UnitOfWork, employment_id: str) -> bool:
    """Whether the employer knows, with the person's knowledge, that UWV is involved."""
    return uow.execute(_DISCLOSED, {"employment_id": employment_id}).first() is not None


def uwv_parties(uow: UnitOfWork) -> list[str]:
    """The ids of UWV's parties."""
    return list(uow.execute(_PARTIES_OF, {"kind": PartyKind.UWV}).scalars())


def desk_parties(uow: UnitOfWork) -> list[str]:
    """The ids of the desk's parties."""
    return list(uow.execute(_PARTIES_OF, {"kind": PartyKind.DESK}).scalars())
