"""The contract register: one person at one employer, from start to end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from service.access.actor import NOBODY, Actor, log_access
from service.access.models import Party
from service.access.rules import PartyKind, Purpose
from service.delivery.events import publish
from service.employers.chains import Chained, Terms, asks_for_terms, remembered_since, settled, terms_of
from service.employers.models import Employment, Establishment
from service.employers.rules import (
    END_BEFORE_START,
    NOT_EXTERNAL,
    WAGES_IN_FUTURE,
    JobcoachKind,
    employment_warnings,
    end_before_start,
    organisation_fits,
    wages_in_future,
)
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import (
    FieldError,
    conflict,
    invalid_input,
    not_found,
    unknown_reference,
)
from service.kernel.requests import Expected
from service.kernel.text import Text
from service.people import operations as people
from service.people.models import Person
from service.people.operations import Identity

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
    "last_wage_month",
)


_SEVERAL: Final = FieldError(
    "required",
    Text(
        "U werkt voor meer werkgevers. Zeg voor welke dit is.",
        "You act for several employers. Say for which one this is.",
    ),
    pointer="/employerId",
)


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


def register_employment(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """An employment in the register. Raises 409 `employment-exists` when its reference is in use at this employer."""
    employer_id = employer_of(actor, data.get("employer_id"))
    row = Employment(id=new_id(), employer_id=employer_id, created_at=uow.now, jobcoach_kind=JobcoachKind.NONE)
    errors = _apply(uow, actor, row, {"end_date": None} | dict(data))
    if errors:
        raise invalid_input(errors)
    row.person_id = people.take_in(uow, Identity(bsn=data.get("bsn"), name=data.get("name")))
    _save(uow, row)
    _log(uow, actor, row, "employment.registered")
    publish(uow, "employment.registered", _address(row), row.version, [], {"employmentId": row.id})
    return _employment_view(uow, row)


def change_employment(
    uow: UnitOfWork, actor: Actor, employment_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Changes facts of an employment. Only its employer may."""
    row = employment(uow, actor, employment_id, for_update=True)
    expected.check(row.version)
    return apply_change(uow, actor, row, data)


def apply_change(
    uow: UnitOfWork, actor: Actor, row: Employment, data: Mapping[str, Any], *, answered: bool = False
) -> dict[str, Any]:
    """Changes facts of an employment that is locked for it; `answered`: since the employer was asked. Raises 400 where
    they do not fit, 409 for a reference in use."""
    if "end_date" in data:
        row.end_said_on = uow.today if answered else None
    errors = _apply(uow, actor, row, data)
    if errors:
        raise invalid_input(errors)
    _save(uow, row)
    _log(uow, actor, row, "employment.changed")
    publish(uow, "employment.changed", _address(row), row.version, [], {"employmentId": row.id})
    return _employment_view(uow, row)


def get_employment(uow: UnitOfWork, actor: Actor, employment_id: str) -> dict[str, Any]:
    row = employment(uow, actor, employment_id)
    _log(uow, actor, row, "employment.read")
    return _employment_view(uow, row)


def list_employments(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    statement = visible_employments(actor)
    for name in ("employer_id", "reference"):
        if name in query:
            statement = statement.where(getattr(Employment, name) == query[name])
    if "ends_before" in query:
        statement = statement.where(Employment.end_date < query["ends_before"])

    def view(row: Employment) -> dict[str, Any]:
        _log(uow, actor, row, "employment.read")
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


def employer_of(actor: Actor, employer_id: str | None, *, in_query: bool = False) -> str:
    """For which employer the caller speaks: the one it names, or its only one. Raises 400."""
    own = actor.party_ids(PartyKind.EMPLOYER)
    if employer_id is None and len(own) == 1:
        return own[0]
    if employer_id in own:
        return employer_id
    error = unknown_reference("/employerId") if employer_id is not None else _SEVERAL
    raise invalid_input([replace(error, pointer=None, parameter="employerId") if in_query else error])


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
        errors.append(FieldError("end-before-start", END_BEFORE_START, pointer="/endDate"))
    if wages_in_future(data.get("last_wage_month"), uow.today):
        errors.append(FieldError("in-the-future", WAGES_IN_FUTURE, pointer="/lastWageMonth"))
    if "jobcoach" in data:
        errors.extend(_apply_jobcoach(uow, row, data["jobcoach"]))
    return errors


def _apply_jobcoach(uow: UnitOfWork, row: Employment, jobcoach: Mapping[str, Any]) -> list[FieldError]:
    row.jobcoach_kind = jobcoach["kind"]
    row.jobcoach_organisation_id = jobcoach["organisation_id"]
    if row.jobcoach_organisation_id is None:
        return []
    if not organisation_fits(row.jobcoach_kind, row.jobcoach_organisation_id):
        return [FieldError("not-external", NOT_EXTERNAL, pointer="/jobcoach/organisationId")]
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


def _log(uow: UnitOfWork, actor: Actor, row: Employment, action: str) -> None:
    """The line in the access log; an employment whose person was forgotten leaves one too."""
    log_access(uow, actor, Purpose.EMPLOYMENT_REGISTER, action, [row.person_id or NOBODY], _address(row))


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
    """Looks for earlier contracts of the same person only where a chain can matter."""
    contract = Chained(
        row.id,
        row.person_id,
        bool(row.person_by_uwv),
        row.start_date,
        row.end_date,
        row.contract_type,
        row.chain_since,
        row.created_at,
    )
    remembered = remembered_since(uow)
    terms: Terms = {}
    if row.person_id is not None and asks_for_terms(contract, remembered):
        terms = terms_of(uow, row.employer_id, [row.person_id]).get(row.person_id, {})
    return settled(contract, terms, remembered)
