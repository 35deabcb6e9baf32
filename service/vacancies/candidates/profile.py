"""The facts of a profile: what may stand in it, whose it is, and where matching looks for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from service.access.actor import Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.employers import employments, register
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.problems import FieldError, Problem, conflict, invalid_field, unknown_reference
from service.kernel.text import Text
from service.people import operations as people
from service.people.models import Person
from service.people.operations import Identity
from service.reference import occupations, places
from service.vacancies.candidates.box import around
from service.vacancies.candidates.models import Candidate, CandidateOccupation
from service.vacancies.criteria import NEAR_DISTANCE
from service.vacancies.hours import as_written
from service.vacancies.rules import LEAD_ROLES, CandidateLeadRole, CandidateStatus, may_lead

_USUAL_ROLE = {
    PartyKind.UWV: CandidateLeadRole.ARBEIDSDESKUNDIGE,
    PartyKind.WSP: CandidateLeadRole.WSP_ADVISOR,
    PartyKind.MOBILITY_POOL: CandidateLeadRole.POOL_ADVISOR,
    PartyKind.JOBCOACH_ORGANISATION: CandidateLeadRole.JOBCOACH,
}

PLAIN_FIELDS = (
    "occupations",
    "postcode4",
    "available_from",
    "needs",
    "cannot",
    "language_level",
    "driving_licences",
)


PAUSE_IS_OVER = FieldError(
    "in-the-past", Text("Deze dag is al voorbij.", "This day has passed."), pointer="/pausedUntil"
)


def date_ahead(uow: UnitOfWork, day: date) -> bool:
    return day >= uow.today


def apply(uow: UnitOfWork, actor: Actor, row: Candidate, data: Mapping[str, Any]) -> list[FieldError]:
    """Writes the facts into `row` and returns what is wrong with them."""
    errors = []
    for name in PLAIN_FIELDS:
        if name in data:
            setattr(row, name, data[name])
    if "max_distance_km" in data:
        row.max_distance_km = as_written(data["max_distance_km"])
    if "hours" in data:
        hours = data["hours"] or {"min": None, "max": None}
        row.hours_min = _hours(hours["min"]) if "min" in hours else row.hours_min
        row.hours_max = _hours(hours["max"]) if "max" in hours else row.hours_max
        if (row.hours_min is None) != (row.hours_max is None):
            text = Text("Geef de minste en de meeste uren.", "Give both the least and the most hours.")
            errors.append(FieldError("required", text, pointer="/hours"))
        elif row.hours_min is not None and row.hours_max is not None and row.hours_min > row.hours_max:
            text = Text(
                "Het hoogste aantal uren is lager dan het laagste.", "The highest number of hours is below the lowest."
            )
            errors.append(FieldError("not-in-order", text, pointer="/hours/max"))
    if data.get("paused_until") is not None and not date_ahead(uow, data["paused_until"]):
        errors.append(PAUSE_IS_OVER)
    if "employment_id" in data:
        row.employment_id = data["employment_id"]
        with uow.session.no_autoflush:
            errors += _check_employment(uow, actor, row, link=not errors)
    return errors


def _hours(number: float | None) -> Decimal | None:
    return None if number is None else as_written(number)


def _check_employment(uow: UnitOfWork, actor: Actor, row: Candidate, *, link: bool) -> list[FieldError]:
    """Whether it is that person's job. With `link` the profile gets the person of the job, if it has none yet; where
    something is wrong already nothing is linked, since that would write the row."""
    if row.employment_id is None:
        return []
    try:
        job = employments.employment(uow, actor, row.employment_id)
    except Problem:
        return [unknown_reference("/employmentId")]
    if row.person_id is None and job.person_id is not None:
        if not link:
            return []
        _refuse_a_second(uow, actor, row, job.person_id)
        row.person_id = job.person_id
        # Who is helped to work is known to UWV's side, so that the clock of unlinked employments leaves the name alone.
        uow.session.get_one(Person, job.person_id).is_client = True
        register.look_again(uow, Employment.person_id == job.person_id)
    return [] if row.person_id == job.person_id else [unknown_reference("/employmentId")]


def apply_lead(uow: UnitOfWork, actor: Actor, row: Candidate, lead: Mapping[str, Any]) -> list[FieldError]:
    """Who has the lead: at first whoever makes the profile. UWV's side and the lead itself may name another party."""
    present: str | None = row.lead_party_id
    party_id = lead.get("party_id", present or actor.party.id)
    if present is None and not actor.is_uwv_side and not actor.acts_for(party_id):
        return [unknown_reference("/lead/partyId")]
    with uow.session.no_autoflush:
        kind = uow.session.scalar(select(Party.kind).where(Party.id == party_id))
    if kind is None:
        return [unknown_reference("/lead/partyId")]
    if kind not in LEAD_ROLES:
        text = Text("Deze partij kan geen regie hebben.", "This party cannot have the lead.")
        return [FieldError("cannot-lead", text, pointer="/lead/partyId")]
    kept = row.lead_role if party_id == present else _USUAL_ROLE[kind]
    role = lead.get("role", kept)
    if not may_lead(kind, role):
        text = Text("Deze rol past niet bij deze partij.", "This role does not go with this party.")
        return [FieldError("wrong-role", text, pointer="/lead/role")]
    row.lead_party_id, row.lead_role = party_id, role
    return []


def link_person(uow: UnitOfWork, row: Candidate, data: Mapping[str, Any]) -> None:
    """Whose profile it is. Once linked it stays that person's: somebody else is another candidate."""
    bsn, name = data.get("bsn"), data.get("name")
    if bsn is None and (name is None or row.person_id is not None):
        return
    person_id = people.find_or_create(uow, Identity(bsn=bsn, name=name), is_client=True)
    register.look_again(uow, Employment.person_id == person_id)
    if row.person_id is not None and person_id != row.person_id:
        raise invalid_field(
            "/bsn",
            "other-person",
            "Dit profiel hoort bij iemand anders. Maak een nieuwe kandidaat.",
            "This profile belongs to somebody else. Make a new candidate.",
        )
    row.person_id = person_id


IN_BLOCK = frozenset({"occupations", "postcode4", "max_distance_km", "hours"})
"""The facts of which the block holds a copy."""


def place_in_block(uow: UnitOfWork, row: Candidate) -> None:
    """Writes anew where matching looks for this candidate: as far as a near miss goes."""
    area = places.postcode(row.postcode4)
    if area is None:
        raise LookupError("a candidate's postcode is not in the table")
    box = around(area.latitude, area.longitude, float(row.max_distance_km) * NEAR_DISTANCE)
    uow.execute(delete(CandidateOccupation).where(CandidateOccupation.candidate_id == row.id))
    found = [one for one in map(occupations.occupation, row.occupations) if one is not None]
    uow.execute(
        insert(CandidateOccupation),
        [
            {
                "candidate_id": row.id,
                "code": one.uri_or_code,
                "isco_code": one.isco_code,
                "sub_major": one.isco_code[:2],
                **box._asdict(),
                "max_distance_km": row.max_distance_km,
                "hours_min": row.hours_min,
                "hours_max": row.hours_max,
            }
            for one in found
        ],
    )


def save(uow: UnitOfWork, actor: Actor, row: Candidate) -> None:
    """Writes the row. Raises 409 `candidate-exists` when its person has another profile that is live."""
    if row.person_id is not None:
        _refuse_a_second(uow, actor, row, row.person_id)
    uow.add(row)
    try:
        uow.flush()
    except IntegrityError as error:
        if "person_id" not in str(error.orig) and "uq_candidate_live" not in str(error.orig):
            raise
        raise _exists(None) from None
    uow.session.expire(row, ["lead", "employment"])


def _refuse_a_second(uow: UnitOfWork, actor: Actor, row: Candidate, person_id: str) -> None:
    live = (CandidateStatus.AVAILABLE, CandidateStatus.PAUSED)
    if row.status not in live:
        return
    same = select(Candidate.id, Candidate.lead_party_id).where(
        Candidate.person_id == person_id, Candidate.status.in_(live), Candidate.id != row.id
    )
    with uow.session.no_autoflush:
        existing = uow.session.execute(same).first()
    if existing is not None:
        known = actor.is_uwv_side or actor.acts_for(existing.lead_party_id)
        raise _exists(existing.id if known else None)


def _exists(candidate_id: str | None) -> Problem:
    # Who has no lead learns that somebody else works with this person, not under which pseudonym.
    extra = {"existing": f"/v1/candidates/{candidate_id}"} if candidate_id else {}
    return conflict(
        "candidate-exists",
        "Voor deze persoon is er al een kandidaat. Overleg met wie de regie heeft; het Servicepunt helpt daarbij.",
        "This person is a candidate already. Talk to the party that has the lead; the desk helps to find it.",
        **extra,
    )
