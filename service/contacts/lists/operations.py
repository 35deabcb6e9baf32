"""The contacts of many employees: as asked, or all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from service.access import limits
from service.access.actor import NOBODY, Actor, log_looks
from service.access.rules import PartyKind, Purpose
from service.contacts.answer import MAY_ASK
from service.contacts.lists import reading
from service.contacts.lists.rules import Term, meant_by_number
from service.contacts.lists.sheet import HEAD, sheet
from service.contacts.operations import count_answers, limit_of
from service.employers import operations as employers
from service.employers.employments import employer_of
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.paging import cursor_at, read_cursor
from service.kernel.problems import FieldError, forbidden, invalid_field, invalid_input, unknown_reference
from service.kernel.text import Text, dutch_day

PIECE: Final = 1000
"""How many employments a piece of the sheet holds."""
_START: Final = "00000000-0000-0000-0000-000000000000"
_CERTIFIER: Final = "https://www.pso-nederland.nl"
_ERROR: Final = {
    "code": "not-found",
    "detail": Text(
        "Dit dienstverband bestaat niet, of u mag het niet zien.", "No such employment, or it is not yours to see."
    ),
}


# --- As asked ---------------------------------------------------------------------------------------------------


def search_contacts(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """The contact answers to up to 1,000 ids or employee numbers, in their order; an error in the place of each that is
    unknown, not the caller's, or erased."""
    actor.require(*MAY_ASK)
    name = "employment_id" if "employment_ids" in data else "employee_number"
    asked: Sequence[str] = data[f"{name}s"]
    employer_id = None if name == "employment_id" else _employer_asked(actor, data.get("employer_id"))
    limits.require_room(uow, actor, limit_of(uow), len(asked))
    if employer_id is None:
        found = reading.by_id(uow, actor, asked)
        meant = {each: found.get(each) for each in asked}
    else:
        meant = _by_number(uow, reading.by_number(uow, actor, employer_id, asked).values())
    told = reading.answers(uow, (entry for entry in meant.values() if entry is not None))
    entries = [meant.get(each) for each in asked]
    _log(uow, actor, [entry for entry in entries if entry is not None])
    count_answers(uow, actor, told.answered, asked=len(asked))
    return {
        "items": [
            {name: one, "error": _ERROR} if entry is None else told.by_employment[entry.id]
            for one, entry in zip(asked, entries, strict=True)
        ]
    }


def _employer_asked(actor: Actor, employer_id: str | None) -> str:
    if actor.kind is PartyKind.EMPLOYER:
        return employer_of(actor, employer_id)
    if employer_id is None:
        raise invalid_field(
            "/employerId",
            "required",
            "Een personeelsnummer hoort bij een werkgever. Zeg bij welke.",
            "An employee number belongs to an employer. Say to which one.",
        )
    return employer_id


def _by_number(uow: UnitOfWork, entries: Iterable[reading.Entry]) -> dict[str, reading.Entry | None]:
    several: dict[str, dict[str, reading.Entry]] = {}
    for entry in entries:
        several.setdefault(entry.employee_number or "", {})[entry.id] = entry
    meant: dict[str, reading.Entry | None] = {}
    for number, found in several.items():
        term = meant_by_number((Term(each.id, each.start, each.end) for each in found.values()), uow.today)
        meant[number] = None if term is None else found[term.id]
    return meant


def _log(uow: UnitOfWork, actor: Actor, entries: Sequence[reading.Entry]) -> None:
    nobody = NOBODY.replace("-", "") if uow.is_sqlite else NOBODY
    looks = [(entry.person_id or nobody, f"employments/{entry.id}") for entry in entries]
    log_looks(uow, actor, Purpose.CONTACT, "contact.read", looks)


# --- All of them ------------------------------------------------------------------------------------------------


def list_contacts(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the contacts of all employments that have not ended. Raises 403 for an employer without certificate."""
    employer_id = _may_list(uow, actor, query)
    cursor, limit = query.get("cursor"), query["limit"]
    after = read_cursor(uow, cursor, (Employment.id,))[0] if cursor else _START
    found = list(reading.page_after(uow, actor, employer_id, after, limit + 1).values())
    shown = found[:limit]
    told = _tell(uow, actor, shown)
    following = cursor_at(uow, [shown[-1].id]) if len(found) > limit else None
    return {"items": [told.by_employment[entry.id] for entry in shown], "next": following}


def piece_of_sheet(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any], after: Any) -> tuple[bytes, Any]:
    """The next piece of the same list as CSV, and the id at which it ends; None: there is no more.

    The first one is refused when the limits of the client have no room for all of them.
    """
    # What was let in goes on to the end, also past midnight.
    employer_id = _may_list(uow, actor, query) if after is None else _employer_listed(actor, query)
    if after is None:
        limits.require_room(uow, actor, limit_of(uow), reading.how_many(uow, actor, employer_id))
    found = list(reading.page_after(uow, actor, employer_id, after or _START, PIECE).values())
    told = _tell(uow, actor, found, requests=1 if after is None else 0)
    text = sheet(told.by_employment[entry.id] for entry in found)
    return ((HEAD if after is None else "") + text).encode(), found[-1].id if len(found) == PIECE else None


def _tell(uow: UnitOfWork, actor: Actor, entries: Sequence[reading.Entry], *, requests: int = 1) -> reading.Answers:
    told = reading.answers(uow, entries)
    _log(uow, actor, entries)
    count_answers(uow, actor, told.answered, asked=len(entries), requests=requests)
    return told


def _may_list(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> str | None:
    """For which employer; None: all people of a jobcoach organisation. Raises 400 and 403."""
    actor.require(*MAY_ASK)
    employer_id = _employer_listed(actor, query)
    if actor.kind is PartyKind.EMPLOYER and employer_id is not None and not uow.settings.contact_list_open:
        _require_certificate(uow, employer_id)
    return employer_id


def _employer_listed(actor: Actor, query: Mapping[str, Any]) -> str | None:
    employer_id: str | None = query.get("employer_id")
    if actor.kind is PartyKind.JOBCOACH_ORGANISATION:
        return employer_id
    own = actor.party_ids(PartyKind.EMPLOYER)
    if employer_id is None and len(own) == 1:
        return own[0]
    if employer_id is None:
        text = Text("Zeg voor welke werkgever u de lijst wilt.", "Say for which employer you want the list.")
        raise invalid_input([FieldError("required", text, parameter="employerId")])
    if actor.kind is PartyKind.EMPLOYER and employer_id not in own:
        raise invalid_input([replace(unknown_reference(""), pointer=None, parameter="employerId")])
    return employer_id


def _require_certificate(uow: UnitOfWork, employer_id: str) -> None:
    """Raises 403 unless the employer holds a PSO certificate that counts today; what else stays open is named too."""
    term = employers.certificate_term(uow, employer_id)
    else_nl = "Per werknemer kunt u het contact gewoon opvragen, ook voor meer werknemers tegelijk."
    else_en = "You can still ask for the contact of each employee, also of many at once."
    if term is None or uow.today < term[0]:
        begins_nl = "" if term is None else f"Uw PSO-certificaat gaat in op {dutch_day(term[0])}. "
        begins_en = "" if term is None else f"Your PSO certificate begins on {term[0]}. "
        raise forbidden(
            "De hele lijst is voor werkgevers met een geldig PSO-certificaat. "
            f"{begins_nl}U vraagt het aan bij PSO-Nederland: {_CERTIFIER}. {else_nl}",
            "The whole list is for employers with a valid PSO certificate. "
            f"{begins_en}PSO-Nederland issues it: {_CERTIFIER}. {else_en}",
            "certificate-required",
            validFrom=None if term is None else term[0].isoformat(),
            renewAt=_CERTIFIER,
        )
    if uow.today > term[1]:
        raise forbidden(
            f"Uw PSO-certificaat was geldig tot en met {dutch_day(term[1])}. Daarom is de hele lijst gesloten. "
            f"U verlengt het bij PSO-Nederland: {_CERTIFIER}. {else_nl}",
            f"Your PSO certificate was valid until {term[1]}, that day included. So the whole list is closed. "
            f"Renew it at PSO-Nederland: {_CERTIFIER}. {else_en}",
            "certificate-expired",
            validUntil=term[1].isoformat(),
            renewAt=_CERTIFIER,
        )
