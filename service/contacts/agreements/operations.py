"""Making, reading and changing start agreements. UWV's side records them; each party reads its own view."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, and_, delete, false, select

from service.access.actor import NOBODY, Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.contacts import links
from service.contacts.agreements.models import Agreement, AgreementVersion
from service.contacts.agreements.rules import (
    CONSENTS_SEEN,
    AgreementRole,
    AgreementTask,
    Content,
    Reader,
    agreed,
    agreement_errors,
    seen_by,
)
from service.contacts.agreements.wording import ERROR_TEXT, TASK_TEXT
from service.contacts.answer import contact, read, rows_for
from service.contacts.models import Link
from service.contacts.operations import uwv_parties
from service.contacts.telling import who_knows
from service.delivery.events import publish
from service.employers.employments import employment as load_employment
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import FieldError, forbidden, invalid_input, not_found, unknown_reference
from service.kernel.requests import Expected
from service.kernel.schemas import camel, pointer

_OUTSIDE: Final = {PartyKind.EMPLOYER: Reader.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION: Reader.JOBCOACH}


def visible_agreements(actor: Actor) -> Select[Any]:
    """UWV's side sees all. An employer sees those that it made, while the link is disclosed; a jobcoach organisation
    those that it made, while it coaches this person and UWV's side confirms that."""
    statement = select(Agreement)
    if actor.is_uwv_side:
        return statement
    if actor.kind not in _OUTSIDE:
        return statement.where(false())
    own = actor.party_ids(actor.kind)
    statement = statement.join(
        Employment, and_(Employment.id == Agreement.employment_id, Employment.person_id == Agreement.person_id)
    ).join(Link, and_(Link.employment_id == Employment.id, Link.person_id == Employment.person_id))
    if actor.kind is PartyKind.EMPLOYER:
        return statement.where(
            Employment.employer_id.in_(own), Link.disclosed_since.is_not(None), Agreement.with_employer
        )
    return statement.where(
        Agreement.jobcoach_organisation_id.in_(own),
        Agreement.jobcoach_organisation_id == Employment.jobcoach_organisation_id,
        Agreement.jobcoach_organisation_id == Link.jobcoach_organisation_id,
    )


def visible_versions(actor: Actor) -> Select[Any]:
    """Of the agreements that the actor may see, what was new to it."""
    own = visible_agreements(actor).with_only_columns(Agreement.id)
    statement = select(AgreementVersion).where(AgreementVersion.agreement_id.in_(own))
    if actor.kind is PartyKind.EMPLOYER:
        return statement.where(AgreementVersion.for_employer)
    if actor.kind is PartyKind.JOBCOACH_ORGANISATION:
        return statement.where(AgreementVersion.for_jobcoach)
    return statement


# --- Making and changing ----------------------------------------------------------------------------------------


def make_agreement(uow: UnitOfWork, actor: Actor, employment_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What was agreed at the start of a job. An employer that took part knows from then on: the link is disclosed."""
    actor.require(PartyKind.UWV)
    employment = load_employment(uow, actor, employment_id, for_update=True)
    content = _checked(uow, agreed({}, data, actor.kind), employment, data)
    row = Agreement(
        id=new_id(), employment_id=employment.id, person_id=employment.person_id, recorded_at=uow.now, content=content
    )
    _spread(row)
    uow.add(row)
    uow.flush()
    _let_know(uow, row, employment, employer=row.with_employer)
    _record(uow, actor, row, "agreement.made", None)
    log_access(uow, actor, Purpose.CASELOAD, "agreement.made", [row.person_id], row.address)
    return _view(uow, actor, row, _caseworker(uow, actor, employment_id))


def change_agreement(
    uow: UnitOfWork, actor: Actor, employment_id: str, agreement_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Changes what holds; what held before stays readable. A jobcoach organisation records consents only.

    An employer that comes to take part knows from then on. A disclosure that was taken back stays so.
    """
    actor.require(PartyKind.UWV, PartyKind.JOBCOACH_ORGANISATION)
    row = _agreement(uow, actor, employment_id, agreement_id, for_update=True)
    expected.check(row.version)
    _check_allowed(actor, data)
    employment = uow.session.get_one(Employment, employment_id)
    before = row.content
    content = agreed(before, data, actor.kind)
    if content != before:
        row.content = _checked(uow, content, employment, data)
        took_part = row.with_employer
        _spread(row)
        uow.flush()
        _let_know(uow, row, employment, employer=row.with_employer and not took_part)
        _record(uow, actor, row, "agreement.changed", before)
    log_access(uow, actor, Purpose.CASELOAD, "agreement.changed", [row.person_id], row.address)
    return _view(uow, actor, row, _caseworker(uow, actor, employment_id))


def _check_allowed(actor: Actor, data: Mapping[str, Any]) -> None:
    if actor.kind is PartyKind.UWV:
        return
    own = {str(subject) for subject in CONSENTS_SEEN[Reader.JOBCOACH]}
    if not data.keys() <= {"consents"} or not data.get("consents", {}).keys() <= own:
        raise forbidden(
            "U kunt alleen vastleggen of de werkgever benaderd mag worden en wat u met UWV mag delen.",
            "You may record only whether the employer may be contacted, and what you may share with UWV.",
        )


def _checked(
    uow: UnitOfWork, content: dict[str, Any], employment: Employment, data: Mapping[str, Any]
) -> dict[str, Any]:
    errors = [
        FieldError(error.value, ERROR_TEXT[error], pointer=pointer(*(_outside(part) for part in path)))
        for error, path in agreement_errors(content, uow.today)
    ]
    organisation = data.get("jobcoach_organisation_id")
    if organisation is not None and organisation != employment.jobcoach_organisation_id:
        errors.append(unknown_reference("/jobcoachOrganisationId"))
    if errors:
        raise invalid_input(errors)
    return content


def _outside(part: str | int) -> str | int:
    return camel(part) if isinstance(part, str) else part


def _spread(row: Agreement) -> None:
    row.agreed_on = date.fromisoformat(row.content["agreed_on"])
    row.with_employer = AgreementRole.EMPLOYER in row.content["participants"]
    row.jobcoach_organisation_id = row.content["jobcoach_organisation_id"]


def _let_know(uow: UnitOfWork, row: Agreement, employment: Employment, *, employer: bool) -> None:
    since = row.agreed_on if employer else None
    if since is not None or row.jobcoach_organisation_id is not None:
        links.let_know(uow, employment, employer_since=since, jobcoach_organisation_id=row.jobcoach_organisation_id)


def _record(uow: UnitOfWork, actor: Actor, row: Agreement, type: str, before: Content | None) -> None:
    """Keeps this version, and tells it to those who may read it and to whom it is new."""
    coach = row.jobcoach_organisation_id
    for_employer = row.with_employer and (
        before is None
        or AgreementRole.EMPLOYER not in before["participants"]
        or seen_by(Reader.EMPLOYER, before) != seen_by(Reader.EMPLOYER, row.content)
    )
    for_jobcoach = coach is not None and (
        before is None
        or before["jobcoach_organisation_id"] != coach
        or seen_by(Reader.JOBCOACH, before) != seen_by(Reader.JOBCOACH, row.content)
    )
    uow.add(
        AgreementVersion(
            agreement_id=row.id,
            version=row.version,
            content=row.content,
            recorded_at=uow.now,
            by_kind=actor.kind,
            for_employer=for_employer,
            for_jobcoach=for_jobcoach,
        )
    )
    told = [party for party in who_knows(uow, row.employment_id) if (for_jobcoach if party == coach else for_employer)]
    data = {"employmentId": row.employment_id, "agreementId": row.id}
    publish(uow, type, row.address, row.version, [*uwv_parties(uow), *told], data)


# --- Reading ----------------------------------------------------------------------------------------------------


def list_agreements(uow: UnitOfWork, actor: Actor, employment_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """The agreements about an employment. Raises 404.

    The same statements and one line in the access log, whatever the link: an empty list tells an employer nothing.
    """
    employment = load_employment(uow, actor, employment_id)
    caseworker = _caseworker(uow, actor, employment_id)
    address = f"employments/{employment_id}/agreements"
    log_access(uow, actor, Purpose.CONTACT, "agreement.read", [employment.person_id or NOBODY], address)
    statement = visible_agreements(actor).where(Agreement.employment_id == employment_id)
    return page(
        uow, statement, (Agreement.agreed_on, Agreement.id), query, lambda row: _view(uow, actor, row, caseworker)
    )


def get_agreement(uow: UnitOfWork, actor: Actor, employment_id: str, agreement_id: str) -> dict[str, Any]:
    row = _agreement(uow, actor, employment_id, agreement_id)
    log_access(uow, actor, Purpose.CONTACT, "agreement.read", [row.person_id], row.address)
    return _view(uow, actor, row, _caseworker(uow, actor, employment_id))


def list_versions(
    uow: UnitOfWork, actor: Actor, employment_id: str, agreement_id: str, query: Mapping[str, Any]
) -> dict[str, Any]:
    """What stood in an agreement from when on, oldest first."""
    row = _agreement(uow, actor, employment_id, agreement_id)
    log_access(uow, actor, Purpose.CONTACT, "agreement.history_read", [row.person_id], row.address)
    statement = visible_versions(actor).where(AgreementVersion.agreement_id == row.id)

    def view(each: AgreementVersion) -> dict[str, Any]:
        return _agreed(actor, each.content) | {"recorded_at": each.recorded_at, "by": each.by_kind}

    return page(uow, statement, (AgreementVersion.version,), query, view)


def _agreement(
    uow: UnitOfWork, actor: Actor, employment_id: str, agreement_id: str, *, for_update: bool = False
) -> Agreement:
    statement = visible_agreements(actor).where(Agreement.id == agreement_id, Agreement.employment_id == employment_id)
    if for_update:
        statement = statement.with_for_update(of=Agreement)
    row: Agreement | None = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise not_found()
    return row


def _caseworker(uow: UnitOfWork, actor: Actor, employment_id: str) -> dict[str, Any]:
    """Who answers at UWV today, as this reader may see it."""
    return contact(read(rows_for(uow, actor, employment_id), uow.today), uow.settings, uow.today)


def _view(uow: UnitOfWork, actor: Actor, row: Agreement, caseworker: dict[str, Any]) -> dict[str, Any]:
    view = _agreed(actor, row.content)
    view["contacts"]["caseworker"] = caseworker
    about = {"id": row.id, "employment_id": row.employment_id, "recorded_at": row.recorded_at}
    # An employer changes nothing here, and a version would tell it how often others did what it may not see.
    version = {} if actor.kind is PartyKind.EMPLOYER else {"version": row.version}
    return view | about | version


def _agreed(actor: Actor, content: Content) -> dict[str, Any]:
    seen = seen_by(_OUTSIDE.get(actor.kind, Reader.UWV_SIDE), content)
    return {
        "agreed_on": date.fromisoformat(seen["agreed_on"]),
        "participants": seen["participants"],
        "jobcoach_organisation_id": seen["jobcoach_organisation_id"],
        "roles": [{**each, "label": TASK_TEXT[AgreementTask(each["task"])]} for each in seen["roles"]],
        "contacts": {role: seen["contacts"].get(role) for role in (AgreementRole.EMPLOYER, AgreementRole.JOBCOACH)},
        "consents": {subject: each and _consent(each) for subject, each in seen["consents"].items()},
        "evaluations": [date.fromisoformat(day) for day in seen["evaluations"]],
    }


def _consent(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {**kept, "on": date.fromisoformat(kept["on"])} if "on" in kept else dict(kept)


# --- The person -------------------------------------------------------------------------------------------------


def export(uow: UnitOfWork, person_id: str) -> list[dict[str, Any]]:
    """What was agreed about a person, in each of its versions."""
    statement = (
        select(Agreement.employment_id, AgreementVersion)
        .join(AgreementVersion, AgreementVersion.agreement_id == Agreement.id)
        .where(Agreement.person_id == person_id)
        .order_by(Agreement.id, AgreementVersion.version)
    )
    return [
        {"employmentId": employment_id, "from": each.recorded_at, "by": each.by_kind, **each.content}
        for employment_id, each in uow.session.execute(statement)
    ]


def erase(uow: UnitOfWork, person_id: str) -> None:
    """Takes away all that was agreed about a person, its versions with it."""
    uow.execute(delete(Agreement).where(Agreement.person_id == person_id))
