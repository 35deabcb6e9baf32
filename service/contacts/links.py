"""Links: which employments are those of UWV's clients, and who outside UWV may know: the employer, the jobcoaches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, false, select
from sqlalchemy.exc import IntegrityError

from service.access.actor import Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.contacts.agreements.models import Agreement
from service.contacts.models import Link
from service.contacts.rules import DisclosureError, DisclosureReason, disclosed_since_error, disclosure_error
from service.contacts.telling import tell_link, who_knows
from service.employers import register
from service.employers.employments import visible_employments
from service.employers.models import Employer, Employment
from service.kernel.database import UnitOfWork
from service.kernel.paging import page
from service.kernel.problems import FieldError, Problem, conflict, invalid_input, not_found, unknown_reference
from service.kernel.requests import Expected
from service.kernel.text import Text
from service.people import operations as people
from service.people.operations import Identity

_STATED = ("reason", "consent_on", "consent_means")
_DISCLOSURE_ERRORS = {
    DisclosureError.REASON_REQUIRED: (
        "/reason",
        Text("Zeg hoe de werkgever het weet.", "Say how the employer knows."),
    ),
    DisclosureError.REASON_NOT_ALLOWED: (
        "/reason",
        Text("Een reden hoort er alleen bij als de werkgever het weet.", "A reason goes only with a disclosed link."),
    ),
    DisclosureError.CONSENT_REQUIRED: (
        "/consentOn",
        Text("Zeg wanneer en hoe de persoon toestemming gaf.", "Say when and how the person consented."),
    ),
    DisclosureError.CONSENT_NOT_ALLOWED: (
        "/consentOn",
        Text("Bij deze reden hoort geen toestemming.", "No consent goes with this reason."),
    ),
    DisclosureError.CONSENT_IN_FUTURE: (
        "/consentOn",
        Text("Deze dag ligt in de toekomst.", "This day lies in the future."),
    ),
    DisclosureError.SINCE_NOT_ALLOWED: (
        "/disclosedSince",
        Text("Een dag hoort er alleen bij als de werkgever het weet.", "A day goes only with a disclosed link."),
    ),
    DisclosureError.SINCE_IN_FUTURE: (
        "/disclosedSince",
        Text("Deze dag ligt in de toekomst.", "This day lies in the future."),
    ),
    DisclosureError.SINCE_BEFORE_START: (
        "/disclosedSince",
        Text("Deze dag ligt voor het begin van het dienstverband.", "This day lies before the employment began."),
    ),
}


def visible_links(actor: Actor) -> Select[Any]:
    """UWV's side: that there is a link is what an employer may not learn. One that was removed is nobody's."""
    return select(Link).where(Link.person_id.is_not(None) if actor.is_uwv_side else false())


def record_link(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """What UWV's side knows of an employment of a client. Raises 409 `link-exists` when it was recorded before."""
    actor.require(PartyKind.UWV)
    employment, person_id = _linked_employment(uow, actor, data)
    row = uow.session.get(Link, employment.id, with_for_update=True)
    if row is not None and row.person_id is not None:
        raise _link_exists(employment.id)
    if row is None:
        row = Link(employment_id=employment.id)
        uow.add(row)
    row.person_id = person_id
    _apply(uow, row, employment, data)
    try:
        uow.flush()
    except IntegrityError:
        raise _link_exists(employment.id) from None
    log_access(uow, actor, Purpose.CASELOAD, "link.recorded", [person_id], f"links/{employment.id}")
    tell_link(uow, row, person_id, knew=[])
    return _link_view(row)


def change_link(
    uow: UnitOfWork, actor: Actor, employment_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Discloses a link, or takes that back: the employer sees the desk again at once."""
    actor.require(PartyKind.UWV)
    row = _link(uow, actor, employment_id, for_update=True)
    expected.check(row.version)
    knew, before = who_knows(uow, employment_id), _known(row)
    _apply(uow, row, uow.session.get_one(Employment, employment_id), data)
    uow.flush()
    log_access(uow, actor, Purpose.CASELOAD, "link.changed", [str(row.person_id)], f"links/{employment_id}")
    if _known(row) != before:
        tell_link(uow, row, str(row.person_id), knew)
    return _link_view(row)


def remove_link(uow: UnitOfWork, actor: Actor, employment_id: str, expected: Expected) -> None:
    """Takes back a link that was recorded by mistake, with what was agreed in its name. Nobody knows any more.

    Where UWV's side had said whose employment it is, that is taken back too.
    """
    actor.require(PartyKind.UWV)
    row = _link(uow, actor, employment_id, for_update=True)
    expected.check(row.version)
    person_id, knew = str(row.person_id), who_knows(uow, employment_id)
    uow.execute(delete(Agreement).where(Agreement.employment_id == employment_id))
    for name in (*_STATED, "disclosed_since", "jobcoach_organisation_id", "person_id"):
        setattr(row, name, None)
    uow.flush()
    log_access(uow, actor, Purpose.CASELOAD, "link.removed", [person_id], f"links/{employment_id}")
    # The row stays, empty, so that the versions of the contact go on from here, whoever is linked next.
    row.told_before = tell_link(uow, row, person_id, knew)
    register.detach_person(uow, employment_id)


def let_know(
    uow: UnitOfWork, employment: Employment, *, employer_since: date | None, jobcoach_organisation_id: str | None
) -> None:
    """A start agreement was made: the employer that sat at the table knows, and so does the jobcoach organisation.

    Without a day or an organisation nothing changes for that party.
    """
    row = uow.session.get(Link, employment.id, with_for_update=True)
    knew = who_knows(uow, employment.id)
    if row is None:
        row = Link(employment_id=employment.id)
        uow.add(row)
    row.person_id = employment.person_id
    before = _known(row)
    if employer_since is not None and row.disclosed_since is None:
        row.disclosed_since = max(employer_since, _first_day(employment, uow.today))
        row.reason = DisclosureReason.START_AGREEMENT
    if jobcoach_organisation_id is not None:
        row.jobcoach_organisation_id = jobcoach_organisation_id
    uow.flush()
    if _known(row) != before:
        tell_link(uow, row, str(row.person_id), knew)


def list_links(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    statement = visible_links(actor)
    if "person_id" in query:
        statement = statement.where(Link.person_id == query["person_id"])

    def view(row: Link) -> dict[str, Any]:
        log_access(uow, actor, Purpose.CASELOAD, "link.read", [str(row.person_id)], f"links/{row.employment_id}")
        return _link_view(row)

    return page(uow, statement, (Link.employment_id,), query, view)


def get_link(uow: UnitOfWork, actor: Actor, employment_id: str) -> dict[str, Any]:
    row = _link(uow, actor, employment_id)
    log_access(uow, actor, Purpose.CASELOAD, "link.read", [str(row.person_id)], f"links/{employment_id}")
    return _link_view(row)


def _link(uow: UnitOfWork, actor: Actor, employment_id: str, *, for_update: bool = False) -> Link:
    statement = visible_links(actor).where(Link.employment_id == employment_id)
    if for_update:
        statement = statement.with_for_update()
    row: Link | None = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise not_found()
    return row


# --- Which employment, and whose --------------------------------------------------------------------------------


def _linked_employment(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> tuple[Employment, str]:
    """The employment, and its person, who is a client from now on. Of several at one employer the latest."""
    errors = _check_named(data)
    if errors:
        raise invalid_input(errors)
    identity = Identity(bsn=data.get("bsn"), client_number=data.get("client_number"))
    named = identity != Identity()
    person_id = people.find_or_create(uow, identity, is_client=True) if named else None
    if "employment_id" in data:
        # Whose person nobody named yet is no client's either, so UWV sees it only by naming the person.
        wanted = (select(Employment) if named else visible_employments(actor)).where(
            Employment.id == data["employment_id"]
        )
        where = "/employmentId"
    else:
        wanted = (
            select(Employment)
            .join(Employer, Employer.id == Employment.employer_id)
            .where(Employment.person_id == person_id, Employer.kvk_number == data["kvk_number"])
            .order_by(Employment.start_date.desc(), Employment.id.desc())
            .limit(1)
        )
        where = "/kvkNumber"
    found: Employment | None = uow.session.scalars(wanted.with_for_update(of=Employment)).one_or_none()
    if found is None:
        raise invalid_input([unknown_reference(where)])
    if person_id is None:
        return found, str(found.person_id)
    if not register.attach_person(uow, found, person_id):
        text = Text("Dit dienstverband is van iemand anders.", "This employment is somebody else's.")
        raise invalid_input([FieldError("other-person", text, pointer=where)])
    return found, person_id


def _check_named(data: Mapping[str, Any]) -> list[FieldError]:
    person = bool({"bsn", "client_number"} & data.keys())
    if "employment_id" in data and "kvk_number" in data:
        text = Text(
            "Noem het dienstverband of het KvK-nummer van de werkgever, niet allebei.",
            "Name the employment or the KvK number of its employer, not both.",
        )
        return [FieldError("one-of", text, pointer="/employmentId")]
    errors = []
    if "employment_id" not in data and not person:
        text = Text("Noem het BSN of het cliëntnummer.", "Send the BSN or the client number.")
        errors.append(FieldError("required", text, pointer="/bsn"))
    if "employment_id" not in data and "kvk_number" not in data:
        text = Text("Dit veld is verplicht.", "This field is required.")
        errors.append(FieldError("required", text, pointer="/kvkNumber"))
    return errors


# --- What is stated ---------------------------------------------------------------------------------------------


def _apply(uow: UnitOfWork, row: Link, employment: Employment, data: Mapping[str, Any]) -> None:
    known = row.disclosed_since is not None
    disclosed = data.get("disclosed", known)
    # A new reason brings its own consent; what is taken back leaves nothing behind.
    kept = disclosed and known and data.get("reason", row.reason) == row.reason
    before = {name: getattr(row, name) if kept else None for name in _STATED}
    new = {name: data.get(name, value) for name, value in before.items()}
    since = data.get("disclosed_since")
    refused = [
        disclosure_error(disclosed, new["reason"], new["consent_on"], new["consent_means"], uow.today),
        since and disclosed_since_error(disclosed, since, _first_day(employment, uow.today), uow.today),
    ]
    errors = [_disclosure_error(error) for error in refused if error]
    coach = data.get("jobcoach_organisation_id")
    if coach is not None and coach != employment.jobcoach_organisation_id:
        errors.append(unknown_reference("/jobcoachOrganisationId"))
    if errors:
        raise invalid_input(errors)
    for name, value in new.items():
        setattr(row, name, value)
    if not disclosed:
        row.disclosed_since = None
    elif since is not None or not known:
        row.disclosed_since = since or uow.today
    if "jobcoach_organisation_id" in data:
        row.jobcoach_organisation_id = coach


def _disclosure_error(error: DisclosureError) -> FieldError:
    where, text = _DISCLOSURE_ERRORS[error]
    return FieldError(error.value, text, pointer=where)


def _first_day(employment: Employment, today: date) -> date:
    """The first day on which an employer can have known: an employment can be prepared before it begins."""
    return min(employment.start_date, today)


def _known(row: Link) -> tuple[bool, str | None]:
    """What of a link decides who outside UWV may know."""
    return row.disclosed_since is not None, row.jobcoach_organisation_id


def _link_exists(employment_id: str) -> Problem:
    return conflict(
        "link-exists",
        "Deze koppeling is er al. Wijzig die met PATCH.",
        "This link is recorded already. Change it with PATCH.",
        existing=f"/v1/links/{employment_id}",
    )


def _link_view(row: Link) -> dict[str, Any]:
    return {
        "version": row.version,
        "employment_id": row.employment_id,
        "person_id": row.person_id,
        "disclosed": row.disclosed_since is not None,
        "disclosed_since": row.disclosed_since,
        "reason": row.reason,
        "consent_on": row.consent_on,
        "consent_means": row.consent_means,
        "jobcoach_organisation_id": row.jobcoach_organisation_id,
    }
