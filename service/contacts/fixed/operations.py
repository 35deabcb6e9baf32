"""Who is an employer's fixed contact in a region: UWV says it for UWV, the WSP of the region for the WSP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.contacts.fixed.models import EmployerContact
from service.contacts.fixed.rules import Side, foreign, missing
from service.contacts.fixed.telling import tell
from service.contacts.models import Caseworker
from service.contacts.offices import active_caseworker
from service.employers.models import Employer, Establishment
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import (
    FieldError,
    Problem,
    conflict,
    forbidden,
    invalid_input,
    not_found,
    unknown_reference,
)
from service.kernel.requests import Expected
from service.kernel.schemas import camel, pointer
from service.kernel.text import Text

_SIDES: Final = {PartyKind.UWV: Side.UWV, PartyKind.WSP: Side.WSP}
_FIELDS: Final = ("caseworker_id", "name", "phone", "email")


def visible_employer_contacts(actor: Actor) -> Select[Any]:
    """UWV's side sees all, a WSP those of its region, an employer its own."""
    statement = select(EmployerContact)
    if actor.is_uwv_side:
        return statement
    if actor.kind is PartyKind.WSP:
        return statement.where(EmployerContact.region_code.in_(actor.region_codes()))
    return statement.where(EmployerContact.employer_id.in_(actor.party_ids(PartyKind.EMPLOYER)))


def fix_contact(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Names an employer's fixed contact in a region.

    Raises 400 where the employer has no workplace there, 409 `employer-contact-exists` where there is one already.
    """
    side = _side(actor)
    errors = [*_check_place(uow, actor, data), *_check_named(uow, side, data, whole=True)]
    if errors:
        raise invalid_input(errors)
    row = EmployerContact(
        id=new_id(),
        employer_id=data["employer_id"],
        region_code=data["region_code"],
        side=side,
        created_at=uow.now,
        changed_at=uow.now,
        **{name: data[name] for name in _FIELDS if name in data},
    )
    same = (
        EmployerContact.employer_id == row.employer_id,
        EmployerContact.region_code == row.region_code,
        EmployerContact.side == side,
    )
    existing = uow.session.scalar(select(EmployerContact.id).where(*same))
    if existing is not None:
        raise _exists(existing)
    uow.add(row)
    try:
        uow.flush()
    except IntegrityError as error:
        if "region_code" not in str(error.orig):
            raise
        raise _exists(None) from None
    tell(uow, row, row.version)
    return _view(uow, actor, row)


def change_contact(
    uow: UnitOfWork, actor: Actor, contact_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Names somebody else, or another number. What is the same already is told to nobody."""
    row = _contact(uow, actor, contact_id, for_update=True)
    side = _own(actor, row)
    expected.check(row.version)
    if errors := _check_named(uow, side, data, whole=False):
        raise invalid_input(errors)
    if any(getattr(row, name) != value for name, value in data.items()):
        for name, value in data.items():
            setattr(row, name, value)
        row.changed_at = uow.now
        uow.flush()
        tell(uow, row, row.version)
    return _view(uow, actor, row)


def remove_contact(uow: UnitOfWork, actor: Actor, contact_id: str, expected: Expected) -> None:
    """From now on the office, or the WSP's general entry, answers."""
    row = _contact(uow, actor, contact_id, for_update=True)
    _own(actor, row)
    expected.check(row.version)
    uow.session.delete(row)
    uow.flush()
    tell(uow, row, row.version + 1)


def list_contacts(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    statement = visible_employer_contacts(actor)
    for name in ("employer_id", "region_code", "side", "caseworker_id"):
        if name in query:
            statement = statement.where(getattr(EmployerContact, name) == query[name])
    answer = page(uow, statement, (EmployerContact.id,), query, lambda row: row)
    people = _people(uow, (row.caseworker_id for row in answer["items"] if row.caseworker_id is not None))
    return answer | {"items": [_row(actor, row, people.get(row.caseworker_id)) for row in answer["items"]]}


def get_contact(uow: UnitOfWork, actor: Actor, contact_id: str) -> dict[str, Any]:
    return _view(uow, actor, _contact(uow, actor, contact_id))


def _side(actor: Actor) -> Side:
    actor.require(*_SIDES)
    return _SIDES[actor.kind]


def _own(actor: Actor, row: EmployerContact) -> Side:
    side = _side(actor)
    if row.side is not side:
        raise forbidden(
            "Dit contact is van de andere partij: UWV en het WSP noemen elk hun eigen contact.",
            "This contact is the other side's: UWV and the WSP each name their own.",
        )
    return side


def _contact(uow: UnitOfWork, actor: Actor, contact_id: str, *, for_update: bool = False) -> EmployerContact:
    statement = visible_employer_contacts(actor).where(EmployerContact.id == contact_id)
    if for_update:
        statement = statement.with_for_update()
    row: EmployerContact | None = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise not_found()
    return row


def _check_place(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> list[FieldError]:
    """A WSP hears nothing of employers without a workplace in its region: to it they are unknown."""
    region_code = data["region_code"]
    if actor.kind is PartyKind.WSP and region_code not in actor.region_codes():
        text = Text("U noemt alleen contacten in uw eigen regio.", "You name contacts in your own region only.")
        return [FieldError("other-region", text, pointer="/regionCode")]
    workplace = select(Establishment.id).where(
        Establishment.employer_id == data["employer_id"], Establishment.region_code == region_code
    )
    if uow.session.scalar(workplace.limit(1)) is not None:
        return []
    if actor.kind is PartyKind.WSP or uow.session.get(Employer, data["employer_id"]) is None:
        return [unknown_reference("/employerId")]
    text = Text("De werkgever heeft in deze regio geen vestiging.", "The employer has no establishment in this region.")
    return [FieldError("no-workplace-there", text, pointer="/regionCode")]


def _check_named(uow: UnitOfWork, side: Side, data: Mapping[str, Any], *, whole: bool) -> list[FieldError]:
    needed = Text("Dit veld is verplicht.", "This field is required.")
    theirs = Text(
        "UWV noemt een medewerker van UWV; een WSP geeft naam, telefoon en e-mail van zijn adviseur.",
        "UWV names one of its caseworkers; a WSP gives name, phone and e-mail of its advisor.",
    )
    lacking = missing(side, data.keys()) if whole else []
    errors = [FieldError("required", needed, pointer=pointer(camel(name))) for name in lacking]
    errors += [FieldError("other-side", theirs, pointer=pointer(camel(name))) for name in foreign(side, data.keys())]
    if "caseworker_id" in data and side is Side.UWV and active_caseworker(uow, data["caseworker_id"]) is None:
        errors.append(unknown_reference("/caseworkerId"))
    return errors


def _exists(existing: str | None) -> Problem:
    extra = {"existing": f"/v1/employer-contacts/{existing}"} if existing else {}
    return conflict(
        "employer-contact-exists",
        "Deze werkgever heeft in deze regio al een vast contact. Wijzig dat met PATCH.",
        "This employer has a fixed contact in this region already. Change it with PATCH.",
        **extra,
    )


def _people(uow: UnitOfWork, caseworker_ids: Iterable[str]) -> dict[str | None, Caseworker]:
    wanted = set(caseworker_ids)
    if not wanted:
        return {}
    return {row.id: row for row in uow.session.scalars(select(Caseworker).where(Caseworker.id.in_(wanted)))}


def _view(uow: UnitOfWork, actor: Actor, row: EmployerContact) -> dict[str, Any]:
    caseworker = uow.session.get(Caseworker, row.caseworker_id) if row.caseworker_id is not None else None
    return _row(actor, row, caseworker)


def _row(actor: Actor, row: EmployerContact, caseworker: Caseworker | None) -> dict[str, Any]:
    named = row if caseworker is None else caseworker
    return {
        "id": row.id,
        "version": row.version,
        "employer_id": row.employer_id,
        "region_code": row.region_code,
        "side": row.side,
        "caseworker_id": row.caseworker_id if actor.is_uwv_side else None,
        "name": named.name,
        "phone": named.phone,
        "email": named.email,
        "active": caseworker is None or caseworker.active,
        "changed_at": row.changed_at,
    }
