"""Employers and their contract register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from service.access.actor import Actor, log_access
from service.access.models import Party
from service.access.rules import PartyKind, Purpose
from service.delivery.events import publish
from service.employers.models import Employer, Employment, Establishment, PsoCertificate
from service.employers.rules import (
    ContractType,
    JobcoachKind,
    chain_since,
    employment_warnings,
    end_before_start,
    pso_valid,
)
from service.kernel.database import UnitOfWork
from service.kernel.http import NOT_THERE, Expected
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import (
    FieldError,
    conflict,
    invalid_field,
    invalid_input,
    not_found,
    unknown_reference,
)
from service.kernel.text import Text
from service.people import operations as people
from service.people.models import Person
from service.people.operations import Identity
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


def visible_employments(actor: Actor) -> Select[Any]:
    """An employer sees its own, a jobcoach organisation those it coaches, UWV those of its clients, the desk all."""
    statement = select(Employment)
    if actor.kind in (PartyKind.DESK, PartyKind.SYSTEM):
        return statement
    if actor.kind is PartyKind.UWV:
        return statement.join(Person, Person.id == Employment.person_id).where(Person.is_client)
    if actor.kind is PartyKind.JOBCOACH_ORGANISATION:
        own = actor.party_ids(PartyKind.JOBCOACH_ORGANISATION)
        return statement.where(Employment.jobcoach_organisation_id.in_(own))
    return statement.where(Employment.employer_id.in_(actor.party_ids(PartyKind.EMPLOYER)))


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
    return _employer_view(employer)


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


def _certificate_view(uow: UnitOfWork, row: PsoCertificate) -> dict[str, Any]:
    return {
        "version": row.version,
        "level": row.level,
        "thirty_plus": row.thirty_plus,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "valid": pso_valid(row.level, row.valid_from, row.valid_until, uow.today),
    }


# --- Employments ------------------------------------------------------------------------------------------------

_PLAIN_FIELDS = (
    "reference",
    "employee_number",
    "establishment_id",
    "start_date",
    "end_date",
    "contract_type",
    "hours_per_week",
    "job_title",
    "occupation_code",
)


def register_employment(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """An employment in the register. Raises 409 `employment-exists` when its reference is in use at this employer."""
    employer_id = employer_of(actor, data.get("employer_id"))
    row = Employment(id=new_id(), employer_id=employer_id, created_at=uow.now, jobcoach_kind=JobcoachKind.NONE)
    errors = _apply(uow, actor, row, {"end_date": None} | dict(data))
    if errors:
        raise invalid_input(errors)
    row.person_id = people.find_or_create(uow, Identity(bsn=data.get("bsn"), name=data.get("name")))
    _save(uow, row)
    log_access(uow, actor, Purpose.EMPLOYMENT_REGISTER, "employment.registered", [row.person_id], _address(row))
    publish(uow, "employment.registered", _address(row), row.version, [], {"employmentId": row.id})
    return _employment_view(uow, row)


def change_employment(
    uow: UnitOfWork, actor: Actor, employment_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Changes facts of an employment. Only its employer may."""
    row = employment(uow, actor, employment_id, for_update=True)
    expected.check(row.version)
    errors = _apply(uow, actor, row, data)
    if errors:
        raise invalid_input(errors)
    _save(uow, row)
    if row.person_id is not None:
        log_access(uow, actor, Purpose.EMPLOYMENT_REGISTER, "employment.changed", [row.person_id], _address(row))
    publish(uow, "employment.changed", _address(row), row.version, [], {"employmentId": row.id})
    return _employment_view(uow, row)


def get_employment(uow: UnitOfWork, actor: Actor, employment_id: str) -> dict[str, Any]:
    row = employment(uow, actor, employment_id)
    if row.person_id is not None:
        log_access(uow, actor, Purpose.EMPLOYMENT_REGISTER, "employment.read", [row.person_id], _address(row))
    return _employment_view(uow, row)


def list_employments(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    statement = visible_employments(actor)
    for name in ("employer_id", "reference", "employee_number"):
        if name in query:
            statement = statement.where(getattr(Employment, name) == query[name])
    if "ends_before" in query:
        statement = statement.where(Employment.end_date < query["ends_before"])

    def view(row: Employment) -> dict[str, Any]:
        if row.person_id is not None:
            log_access(uow, actor, Purpose.EMPLOYMENT_REGISTER, "employment.read", [row.person_id], _address(row))
        return _employment_view(uow, row)

    return page(uow, statement, (Employment.id,), query, view)


def employment(uow: UnitOfWork, actor: Actor, employment_id: str, *, for_update: bool = False) -> Employment:
    """The employment, if the actor may see it. Raises 404."""
    statement = visible_employments(actor).where(Employment.id == employment_id)
    if for_update:
        statement = statement.with_for_update(of=Employment)
    row: Employment | None = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise not_found()
    return row


def employer_of(actor: Actor, employer_id: str | None) -> str:
    """For which employer the caller speaks: the one it names, or its only one. Raises 400."""
    own = actor.party_ids(PartyKind.EMPLOYER)
    if employer_id is None and len(own) == 1:
        return own[0]
    if employer_id is None:
        raise invalid_field(
            "/employerId",
            "required",
            "U werkt voor meer werkgevers. Zeg voor welke dit is.",
            "You act for several employers. Say for which one this is.",
        )
    if employer_id not in own:
        raise invalid_input([unknown_reference("/employerId")])
    return employer_id


def _apply(uow: UnitOfWork, actor: Actor, row: Employment, data: Mapping[str, Any]) -> list[FieldError]:
    for name in _PLAIN_FIELDS:
        if name in data:
            setattr(row, name, data[name])
    errors = []
    if "establishment_id" in data:
        own = select(Establishment.id).where(
            Establishment.id == row.establishment_id, Establishment.employer_id == row.employer_id
        )
        with uow.session.no_autoflush:
            if uow.session.execute(own).scalar() is None:
                errors.append(unknown_reference("/establishmentId"))
    if end_before_start(row.start_date, row.end_date):
        text = Text("De einddatum ligt voor de begindatum.", "The end date lies before the start date.")
        errors.append(FieldError("end-before-start", text, pointer="/endDate"))
    if "jobcoach" in data:
        errors.extend(_apply_jobcoach(uow, row, data["jobcoach"]))
    return errors


def _apply_jobcoach(uow: UnitOfWork, row: Employment, jobcoach: Mapping[str, Any]) -> list[FieldError]:
    row.jobcoach_kind = jobcoach["kind"]
    row.jobcoach_organisation_id = jobcoach["organisation_id"]
    if row.jobcoach_organisation_id is None:
        return []
    if row.jobcoach_kind is not JobcoachKind.EXTERNAL:
        text = Text(
            "Alleen bij een externe jobcoach hoort een organisatie.", "Only an external jobcoach has an organisation."
        )
        return [FieldError("not-external", text, pointer="/jobcoach/organisationId")]
    known = select(Party.id).where(
        Party.id == row.jobcoach_organisation_id, Party.kind == PartyKind.JOBCOACH_ORGANISATION
    )
    with uow.session.no_autoflush:
        found = uow.session.execute(known).scalar()
    return [] if found is not None else [unknown_reference("/jobcoach/organisationId")]


def _save(uow: UnitOfWork, row: Employment) -> None:
    with uow.session.no_autoflush:
        row.chain_since = _chain_since(uow, row)
    if row.reference is not None:
        same = select(Employment.id).where(
            Employment.employer_id == row.employer_id, Employment.reference == row.reference, Employment.id != row.id
        )
        with uow.session.no_autoflush:
            existing = uow.session.execute(same).scalar()
        if existing is not None:
            raise _reference_in_use(existing)
    uow.add(row)
    try:
        uow.flush()
    except IntegrityError as error:
        if "reference" not in str(error.orig):
            raise
        raise _reference_in_use(None) from None


def _reference_in_use(existing: str | None) -> Exception:
    extra = {"existing": f"/v1/employments/{existing}"} if existing else {}
    return conflict(
        "employment-exists",
        "Een dienstverband met deze referentie is er al. Wijzig dat met PATCH.",
        "An employment with this reference is registered already. Change that one with PATCH.",
        **extra,
    )


def _address(row: Employment) -> str:
    return f"employments/{row.id}"


def _employment_view(uow: UnitOfWork, row: Employment) -> dict[str, Any]:
    view = {name: getattr(row, name) for name in _PLAIN_FIELDS}
    warnings = employment_warnings(
        start=row.start_date,
        end=row.end_date,
        hours_per_week=row.hours_per_week,
        contract_type=row.contract_type,
        today=uow.today,
        chain_since=row.chain_since,
    )
    return view | {
        "id": row.id,
        "version": row.version,
        "employer_id": row.employer_id,
        "jobcoach": {"kind": row.jobcoach_kind, "organisation_id": row.jobcoach_organisation_id},
        "warnings": [{"code": warning.code, "text": warning.text} for warning in warnings],
    }


def _chain_since(uow: UnitOfWork, row: Employment) -> date | None:
    """Looks for earlier contracts of the same person only where a chain can matter: fixed term with an end."""
    if row.contract_type is not ContractType.FIXED_TERM or row.end_date is None:
        return None
    if row.person_id is None:
        return row.chain_since
    earlier = uow.session.execute(
        select(Employment.start_date, Employment.end_date).where(
            Employment.person_id == row.person_id,
            Employment.employer_id == row.employer_id,
            Employment.contract_type == ContractType.FIXED_TERM,
            Employment.id != row.id,
        )
    )
    return chain_since(row.start_date, [(start, end) for start, end in earlier if end is not None])
