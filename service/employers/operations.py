"""Employers, their workplaces and certificates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from service.access.actor import Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.employers.models import Employer, Establishment, PsoCertificate
from service.employers.rules import (
    pso_last_day,
    pso_valid,
)
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import (
    conflict,
    invalid_field,
    not_found,
)
from service.kernel.requests import NOT_THERE, Expected
from service.reference import places

_SEES_ALL = (PartyKind.UWV, PartyKind.DESK, PartyKind.OPERATOR, PartyKind.SYSTEM)


# --- What an actor may see --------------------------------------------------------------------------------------


def visible_employers(actor: Actor) -> Select[Any]:
    """An employer sees itself; UWV's side and the operator see all."""
    statement = select(Employer)
    if actor.kind in _SEES_ALL:
        return statement
    return statement.where(Employer.id.in_(actor.party_ids(PartyKind.EMPLOYER)))


def visible_establishments(actor: Actor) -> Select[Any]:
    statement = select(Establishment)
    if actor.kind in _SEES_ALL:
        return statement
    return statement.where(Establishment.employer_id.in_(actor.party_ids(PartyKind.EMPLOYER)))


def visible_certificates(actor: Actor) -> Select[Any]:
    statement = select(PsoCertificate)
    if actor.kind in _SEES_ALL:
        return statement
    return statement.where(PsoCertificate.employer_id.in_(actor.party_ids(PartyKind.EMPLOYER)))


# --- Employers --------------------------------------------------------------------------------------------------


def register_employer(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """A new employer with its party. Raises 409 `employer-exists` when its KvK number is registered already."""
    found = uow.execute(select(Employer.id).where(Employer.kvk_number == data["kvk_number"])).scalar()
    if found is not None:
        raise conflict(
            "employer-exists",
            "Een werkgever met dit KvK-nummer is er al.",
            "An employer with this KvK number is registered already.",
            existing=f"/v1/employers/{found}",
        )
    return _employer_view(_add_employer(uow, data))


def known_or_new(uow: UnitOfWork, kvk_number: str, name: str) -> str:
    """The id of the employer with this KvK number, who keeps its own name; where there is none yet it is made, without
    anybody who acts for it."""
    wanted = select(Employer.id).where(Employer.kvk_number == kvk_number)
    found = uow.session.execute(wanted).scalar()
    if found is not None:
        return found
    try:
        with uow.session.begin_nested():
            return _add_employer(uow, {"name": name, "kvk_number": kvk_number}).id
    except IntegrityError:  # somebody else made it at the same time
        return uow.session.execute(wanted).scalar_one()


def _add_employer(uow: UnitOfWork, data: Mapping[str, Any]) -> Employer:
    employer_id = new_id()
    number = data.get("payroll_tax_number")
    uow.add(Party(id=employer_id, kind=PartyKind.EMPLOYER, name=data["name"]))
    uow.flush()
    employer = Employer(
        id=employer_id,
        name=data["name"],
        kvk_number=data["kvk_number"],
        payroll_tax_number=number and uow.vault.seal("employer", "payroll_tax_number", employer_id, number),
        created_at=uow.now,
    )
    uow.add(employer)
    uow.flush()
    return employer


def list_employers(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    statement = visible_employers(actor)
    if "kvk_number" in query:
        statement = statement.where(Employer.kvk_number == query["kvk_number"])
    return page(uow, statement, (Employer.id,), query, _employer_view)


def get_employer(uow: UnitOfWork, actor: Actor, employer_id: str) -> dict[str, Any]:
    return _employer_view(_employer(uow, actor, employer_id))


def _employer(uow: UnitOfWork, actor: Actor, employer_id: str) -> Employer:
    found: Employer | None = uow.session.scalars(
        visible_employers(actor).where(Employer.id == employer_id)
    ).one_or_none()
    if found is None:
        raise not_found()
    return found


def _employer_view(employer: Employer) -> dict[str, Any]:
    return {
        "id": employer.id,
        "version": employer.version,
        "name": employer.name,
        "kvk_number": employer.kvk_number,
    }


# --- Establishments ---------------------------------------------------------------------------------------------


def register_establishment(uow: UnitOfWork, actor: Actor, employer_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A workplace. Raises 400 when neither postcode nor municipality says in which region it lies."""
    employer = _employer(uow, actor, employer_id)
    place = places.postcode(data["postcode"])
    municipality_code = data.get("municipality") or (place.municipality_code if place else None)
    municipality = places.municipality(municipality_code) if municipality_code else None
    if municipality is None:
        raise invalid_field(
            "/postcode",
            "unknown-postcode",
            "Deze postcode kennen we niet. Is hij nieuw? Geef dan ook de gemeente.",
            "We do not know this postcode. If it is new, send the municipality too.",
        )
    number = data.get("number")
    if number is not None:
        same = select(Establishment.id).where(Establishment.employer_id == employer.id, Establishment.number == number)
        if (existing := uow.execute(same).scalar()) is not None:
            raise conflict(
                "establishment-exists",
                "Een vestiging met dit nummer is er al.",
                "An establishment with this number is registered already.",
                existing=f"/v1/employers/{employer.id}/establishments/{existing}",
            )
    row = Establishment(
        id=new_id(),
        employer_id=employer.id,
        number=number,
        name=data["name"],
        postcode=data["postcode"],
        municipality_code=municipality.code,
        region_code=municipality.region_code,
    )
    uow.add(row)
    uow.flush()
    return _establishment_view(row)


def list_establishments(uow: UnitOfWork, actor: Actor, employer_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    employer = _employer(uow, actor, employer_id)
    statement = visible_establishments(actor).where(Establishment.employer_id == employer.id)
    return page(uow, statement, (Establishment.id,), query, _establishment_view)


def get_establishment(uow: UnitOfWork, actor: Actor, employer_id: str, establishment_id: str) -> dict[str, Any]:
    wanted = (Establishment.id == establishment_id, Establishment.employer_id == employer_id)
    row = uow.session.scalars(visible_establishments(actor).where(*wanted)).one_or_none()
    if row is None:
        raise not_found()
    return _establishment_view(row)


def _establishment_view(row: Establishment) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "employer_id": row.employer_id,
        "number": row.number,
        "name": row.name,
        "postcode": row.postcode,
        "municipality_code": row.municipality_code,
        "region_code": row.region_code,
    }


# --- PSO certificate --------------------------------------------------------------------------------------------


def record_certificate(
    uow: UnitOfWork, actor: Actor, employer_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """The certificate as PSO-Nederland issued it; the newest replaces the one before."""
    employer = _employer(uow, actor, employer_id)
    row = uow.session.get(PsoCertificate, employer.id, with_for_update=True)
    expected.check(NOT_THERE if row is None else row.version)
    if row is None:
        row = PsoCertificate(employer_id=employer.id)
        uow.add(row)
    for name in ("level", "thirty_plus", "valid_from", "valid_until"):
        setattr(row, name, data[name])
    uow.flush()
    return _certificate_view(uow, row)


def get_certificate(uow: UnitOfWork, actor: Actor, employer_id: str) -> dict[str, Any]:
    statement = visible_certificates(actor).where(PsoCertificate.employer_id == employer_id)
    row = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise not_found()
    return _certificate_view(uow, row)


def has_valid_certificate(uow: UnitOfWork, employer_id: str) -> bool:
    """Whether the employer holds a PSO certificate that is valid today."""
    row = uow.session.get(PsoCertificate, employer_id)
    return row is not None and pso_valid(row.level, row.valid_from, row.valid_until, uow.today)


def certificate_term(uow: UnitOfWork, employer_id: str) -> tuple[date, date] | None:
    """The first and the last day on which the employer's PSO certificate counts; None: it has none."""
    row = uow.session.get(PsoCertificate, employer_id)
    return None if row is None else (row.valid_from, pso_last_day(row.valid_from, row.valid_until))


def _certificate_view(uow: UnitOfWork, row: PsoCertificate) -> dict[str, Any]:
    return {
        "version": row.version,
        "level": row.level,
        "thirty_plus": row.thirty_plus,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "valid": pso_valid(row.level, row.valid_from, row.valid_until, uow.today),
    }
