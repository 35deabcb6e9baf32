"""The contacts that an employer has today, per region in which it has a workplace: never empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from service.access.actor import Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.contacts.answer import desk
from service.contacts.fixed.models import EmployerContact
from service.contacts.fixed.rules import Side, UwvContactKind, WspContactKind, choose_at_uwv, office_for
from service.contacts.models import Absence, Caseworker, Office
from service.contacts.rules import OFFICE_DAYS, CaseworkerFacts, absence_on, reachable_on
from service.contacts.rules import Absence as Away
from service.employers.models import Employer, Establishment
from service.employers.operations import visible_employers
from service.kernel.database import UnitOfWork
from service.kernel.problems import not_found
from service.reference import places


def contacts_of(uow: UnitOfWork, actor: Actor, employer_id: str) -> dict[str, Any]:
    """The contacts of an employer; for a WSP those of its own region. Raises 404."""
    regions = _regions(uow, actor, employer_id)
    fixed = {
        (row.region_code, row.side): row
        for row in uow.session.scalars(select(EmployerContact).where(EmployerContact.employer_id == employer_id))
    }
    at_uwv = _AtUwv(uow, regions, [row.caseworker_id for row in fixed.values() if row.caseworker_id is not None])
    general = _general(uow, regions)
    return {
        "items": [
            {
                "region_code": code,
                "region_name": found.name if (found := places.region(code)) else code,
                "uwv": at_uwv.contact(code, fixed.get((code, Side.UWV))),
                "wsp": _at_wsp(uow, code, fixed.get((code, Side.WSP)), general),
            }
            for code in regions
        ]
    }


def _regions(uow: UnitOfWork, actor: Actor, employer_id: str) -> list[str]:
    """Where the employer has a workplace, as far as it is the caller's to see. Raises 404."""
    statement = select(Establishment.region_code).where(Establishment.employer_id == employer_id).distinct()
    if actor.kind is PartyKind.WSP:
        own = set(actor.region_codes())
        codes = [code for code in uow.session.scalars(statement) if code in own]
        known = bool(codes)
    else:
        codes = list(uow.session.scalars(statement))
        known = uow.session.scalars(visible_employers(actor).where(Employer.id == employer_id)).first() is not None
    if not known:
        raise not_found()
    return sorted(codes)


class _AtUwv:
    """UWV's people and offices that can come into it, read at once."""

    def __init__(self, uow: UnitOfWork, regions: Iterable[str], caseworker_ids: list[str]) -> None:
        self._uow = uow
        today = uow.today
        self._away = _absences(uow, caseworker_ids)
        stand_ins = {
            row.backup_id
            for rows in self._away.values()
            for row in rows
            if row.backup_id is not None and row.first_day <= today
        }
        self._away |= _absences(uow, stand_ins - self._away.keys())
        wanted = Caseworker.id.in_({*caseworker_ids, *stand_ins})
        active = uow.session.scalars(select(Caseworker).where(wanted, Caseworker.active)) if caseworker_ids else ()
        self._people = {row.id: row for row in active}
        homes = {row.office_id for row in self._people.values()}
        offices = uow.session.scalars(
            select(Office).where(or_(Office.region_code.in_(regions), Office.id.in_(homes))).order_by(Office.id)
        )
        self._offices = {row.id: row for row in offices}

    def contact(self, region_code: str, fixed: EmployerContact | None) -> dict[str, Any]:
        today = self._uow.today
        caseworker = self._people.get(fixed.caseworker_id or "") if fixed is not None else None
        backup = self._stands_in(today, caseworker)
        in_region = [row.id for row in self._offices.values() if row.region_code == region_code]
        office = office_for(caseworker.office_id if caseworker else None, in_region)
        choice = choose_at_uwv(
            today, caseworker=self._facts(today, caseworker), backup=self._facts(today, backup), office=bool(office)
        )
        until = {"absent_until": choice.absent_until}
        if choice.kind is UwvContactKind.CASEWORKER and caseworker is not None:
            return self._person(choice.kind, caseworker) | until
        if choice.kind is UwvContactKind.BACKUP and backup is not None:
            return self._person(choice.kind, backup) | until
        if office is not None:
            return _office(self._offices[office], today) | until
        return desk(self._uow.settings, today) | {"kind": UwvContactKind.DESK} | until

    def _stands_in(self, today: date, caseworker: Caseworker | None) -> Caseworker | None:
        """Who is named by the absence that holds today."""
        for row in self._away.get(caseworker.id, ()) if caseworker is not None else ():
            if row.backup_id in self._people and Away(row.first_day, row.last_day).covers(today):
                return self._people[row.backup_id]
        return None

    def _facts(self, today: date, caseworker: Caseworker | None) -> CaseworkerFacts | None:
        if caseworker is None:
            return None
        return CaseworkerFacts(absence=absence_on(today, self._spans(caseworker)))

    def _spans(self, caseworker: Caseworker) -> list[Away]:
        return [Away(row.first_day, row.last_day) for row in self._away.get(caseworker.id, ())]

    def _person(self, kind: UwvContactKind, row: Caseworker) -> dict[str, Any]:
        return {
            "kind": kind,
            "name": row.name,
            "role": row.role,
            "office": self._offices[row.office_id].name,
            "phone": row.phone,
            "email": row.email,
            "working_days": row.working_days,
            "reachable_on": reachable_on(self._uow.today, row.working_days, self._spans(row)),
        }


def _absences(uow: UnitOfWork, caseworker_ids: Iterable[str]) -> dict[str, list[Absence]]:
    """The absences of these people that are not over, by their first day."""
    found: dict[str, list[Absence]] = {caseworker_id: [] for caseworker_id in caseworker_ids}
    if found:
        statement = (
            select(Absence)
            .where(Absence.caseworker_id.in_(found), or_(Absence.last_day.is_(None), Absence.last_day >= uow.today))
            .order_by(Absence.first_day, Absence.id)
        )
        for row in uow.session.scalars(statement):
            found[row.caseworker_id].append(row)
    return found


def _office(row: Office, today: date) -> dict[str, Any]:
    return {
        "kind": UwvContactKind.OFFICE,
        "name": row.name,
        "role": None,
        "office": row.name,
        "phone": row.phone,
        "email": row.email,
        "working_days": OFFICE_DAYS,
        "reachable_on": reachable_on(today, OFFICE_DAYS),
    }


def _general(uow: UnitOfWork, regions: Iterable[str]) -> dict[str, str]:
    """The mailbox of each region's WSP, where we know one."""
    found = uow.session.execute(
        select(Party.region_code, Party.email)
        .where(Party.kind == PartyKind.WSP, Party.region_code.in_(regions), Party.email.is_not(None))
        .order_by(Party.id.desc())
    )
    return {str(code): str(email) for code, email in found}


def _at_wsp(
    uow: UnitOfWork, region_code: str, fixed: EmployerContact | None, mailboxes: Mapping[str, str]
) -> dict[str, Any]:
    region = places.region(region_code)
    website = region.website if region is not None else None
    if fixed is not None:
        named = {"name": fixed.name, "phone": fixed.phone, "email": fixed.email}
        return {"kind": WspContactKind.ADVISOR, **named, "website": website}
    if region is not None:
        mailbox = mailboxes.get(region_code)
        return {
            "kind": WspContactKind.WSP,
            "name": region.wsp_name,
            "phone": None,
            "email": mailbox,
            "website": website,
        }
    answering = desk(uow.settings, uow.today)
    return {name: answering[name] for name in ("name", "phone", "email")} | {
        "kind": WspContactKind.DESK,
        "website": None,
    }
