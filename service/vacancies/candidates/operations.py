"""Candidates: who sees them, who changes them, and when somebody is free to start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, false, or_, select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import flag_modified

from service.access.actor import Actor, log_access, system
from service.access.rules import PartyKind, Purpose
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.ids import unlinkable_id
from service.kernel.paging import page
from service.kernel.problems import forbidden, forbidden_move, invalid_field, invalid_input, not_found
from service.kernel.requests import Expected
from service.kernel.state import ForbiddenMove
from service.vacancies.candidates import profile
from service.vacancies.candidates.models import Candidate, CandidateOccupation
from service.vacancies.offers import showing
from service.vacancies.offers.rules import OfferEnd
from service.vacancies.pools.sight import Sight, blurred_view, exact_place_and_time, sight_of
from service.vacancies.proposals import closing
from service.vacancies.proposals.models import Proposal
from service.vacancies.proposals.reasons import DeclineReason
from service.vacancies.proposals.rules import LIVE_PROPOSAL
from service.vacancies.rules import CANDIDATE, HELPERS, WORK_WITH_CANDIDATES, CandidateStatus, Effect

_SHOWN: Final = ("occupations", "needs", "cannot", "language_level", "driving_licences")
_OFFERS_END: Final = {CandidateStatus.PLACED: OfferEnd.PLACED, CandidateStatus.WITHDRAWN: OfferEnd.WITHDRAWN}


# --- What an actor may see --------------------------------------------------------------------------------------


def visible_candidates(actor: Actor) -> Select[Any]:
    """UWV's side sees all; who leads a candidate sees it, who proposed one while that goes on; WSPs see all that are
    available.

    A pool sees those offered in it who look for work now, a jobcoach organisation those it coaches. An employer sees
    none. How exactly a pool sees whom it does not lead: `pools.sight`.
    """
    statement = select(Candidate)
    if actor.is_uwv_side:
        return statement
    if actor.kind not in HELPERS:
        return statement.where(false())
    own = actor.party_ids(*HELPERS)
    seen: list[ColumnElement[bool]] = [Candidate.lead_party_id.in_(own)]
    if actor.kind is PartyKind.MOBILITY_POOL:
        # Not whom it once proposed: who is no longer offered there is hidden at once, everywhere.
        seen.append(Candidate.id.in_(showing.shown_in(actor.party_ids(PartyKind.MOBILITY_POOL))))
    else:
        going_on = Proposal.proposer_party_id.in_(own) & Proposal.status.in_(LIVE_PROPOSAL)
        seen.append(Candidate.id.in_(select(Proposal.candidate_id).where(going_on)))
    if actor.kind is PartyKind.WSP:
        seen.append(Candidate.status == CandidateStatus.AVAILABLE)
    if actor.kind is PartyKind.JOBCOACH_ORGANISATION:
        coached = select(Employment.id).where(Employment.jobcoach_organisation_id.in_(own))
        seen.append(Candidate.employment_id.in_(coached))
    return statement.where(or_(*seen))


def candidate(uow: UnitOfWork, actor: Actor, candidate_id: str, *, for_update: bool = False) -> Candidate:
    """The candidate, if the actor may see it. Raises 404."""
    statement = visible_candidates(actor).where(Candidate.id == candidate_id)
    if for_update:
        statement = statement.with_for_update(of=Candidate).execution_options(populate_existing=True)
    row: Candidate | None = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise not_found()
    return row


# --- Use cases --------------------------------------------------------------------------------------------------


def register_candidate(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """A new profile. Raises 409 `candidate-exists` when the person has one that is available or paused."""
    actor.require(*WORK_WITH_CANDIDATES)
    row = Candidate(
        id=unlinkable_id(),
        created_by=actor.party.id,
        created_at=uow.now,
        status=CandidateStatus.AVAILABLE,
    )
    errors = profile.apply_lead(uow, actor, row, data.get("lead", {}))
    errors += profile.apply(uow, actor, row, data)
    if errors:
        raise invalid_input(errors)
    profile.link_person(uow, row, data)
    if data.get("paused_until") is not None:
        row.paused_until = data["paused_until"]
        row.status = CandidateStatus.PAUSED
    profile.save(uow, actor, row)
    profile.place_in_block(uow, row)
    _log(uow, actor, row, "candidate.registered")
    return candidate_view(uow, actor, row)


def change_candidate(
    uow: UnitOfWork, actor: Actor, candidate_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Changes facts of a profile; a pause too. Only its lead and UWV's side may."""
    row = candidate(uow, actor, candidate_id, for_update=True)
    _require_own(actor, row)
    expected.check(row.version)
    errors = profile.apply(uow, actor, row, data)
    if errors:
        raise invalid_input(errors)
    if "paused_until" in data:
        _pause(uow, actor, row, data["paused_until"])
    led_by = row.lead_party_id
    errors = profile.apply_lead(uow, actor, row, data["lead"]) if "lead" in data else []
    if errors:
        raise invalid_input(errors)
    profile.link_person(uow, row, data)
    # Whatever was changed, name and BSN too: the profile has a new version.
    flag_modified(row, "occupations")
    profile.save(uow, actor, row)
    if profile.IN_BLOCK & data.keys():
        profile.place_in_block(uow, row)
    if row.lead_party_id != led_by:
        closing.hand_over(uow, row.id, led_by, row.lead_party_id)
    _log(uow, actor, row, "candidate.changed")
    return candidate_view(uow, actor, row)


def move_candidate(
    uow: UnitOfWork, actor: Actor, candidate_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Moves the status. Only its lead may; who withdraws or found work gets no further proposals."""
    row = candidate(uow, actor, candidate_id, for_update=True)
    _require_own(actor, row)
    expected.check(row.version)
    target: CandidateStatus = data["to"]
    if (target is CandidateStatus.PAUSED) != ("paused_until" in data):
        raise invalid_field(
            "/pausedUntil",
            "required",
            "Geef bij een pauze de laatste dag ervan, en anders niet.",
            "A pause needs its last day; anything else has none.",
        )
    if target is CandidateStatus.PAUSED:
        if not profile.date_ahead(uow, data["paused_until"]):
            raise invalid_input([profile.PAUSE_IS_OVER])
        _move(actor, row, target)
        row.paused_until = data["paused_until"]
    else:
        _withdraw_proposals_if(uow, actor, row, _move(actor, row, target))
        if target in _OFFERS_END:
            showing.end_all(uow, actor, row, _OFFERS_END[target])
    profile.save(uow, actor, row)
    _log(uow, actor, row, "candidate.moved")
    return candidate_view(uow, actor, row)


def get_candidate(uow: UnitOfWork, actor: Actor, candidate_id: str) -> dict[str, Any]:
    row = candidate(uow, actor, candidate_id)
    _log(uow, actor, row, "candidate.read")
    return candidate_view(uow, actor, row)


def list_candidates(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    statement = visible_candidates(actor).options(selectinload(Candidate.employment), selectinload(Candidate.lead))
    for name in ("status", "lead_party_id"):
        if name in query:
            statement = statement.where(getattr(Candidate, name) == query[name])
    if "occupation_code" in query:
        same = select(CandidateOccupation.candidate_id).where(CandidateOccupation.code == query["occupation_code"])
        statement = statement.where(Candidate.id.in_(same))

    sight = sight_of(uow, actor)

    def view(row: Candidate) -> dict[str, Any]:
        _log(uow, actor, row, "candidate.read")
        return candidate_view(uow, actor, row, sight)

    return page(uow, statement, (Candidate.id,), query, view)


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """The profiles of a person, for the person."""
    rows = uow.session.scalars(select(Candidate).where(Candidate.person_id == person_id).order_by(Candidate.id))
    fields = ("id", *profile.PLAIN_FIELDS, "max_distance_km", "hours_min", "hours_max", "paused_until", "status")
    return {"candidates": [{name: getattr(row, name) for name in fields} for row in rows]}


def erase(uow: UnitOfWork, person_id: str) -> None:
    """The profile ends, and keeps nothing about the person's needs or job. Its proposals end with it."""
    house = system("person.erased")
    rows = uow.session.scalars(select(Candidate).where(Candidate.person_id == person_id).with_for_update())
    for row in rows:
        closing.withdraw_of_candidate(uow, house, row.id, DeclineReason.CANDIDATE_NO_LONGER_AVAILABLE)
        row.person_id = row.employment_id = None
        row.needs = row.cannot = row.driving_licences = None
        row.language_level = row.available_from = row.hours_min = row.hours_max = None
        row.status = CandidateStatus.WITHDRAWN
        uow.execute(delete(CandidateOccupation).where(CandidateOccupation.candidate_id == row.id))
    uow.flush()


# --- Views ------------------------------------------------------------------------------------------------------


def candidate_view(uow: UnitOfWork, actor: Actor, row: Candidate, sight: Sight | None = None) -> dict[str, Any]:
    """The profile as this actor may see it. For several at once, `sight` is made once."""
    known_hours = row.hours_min is not None and row.hours_max is not None
    view = {name: getattr(row, name) for name in _SHOWN} | {
        "id": row.id,
        "version": row.version,
        "max_distance_km": row.max_distance_km,
        "hours": {"min": row.hours_min, "max": row.hours_max} if known_hours else None,
        "lead": {"party_id": row.lead_party_id, "party": row.lead.name, "role": row.lead_role},
        "paused_until": row.paused_until,
        "status": row.status,
    }
    shown = (sight or sight_of(uow, actor)).of(row.id)
    return view | (exact_place_and_time(row) if shown is None else blurred_view(row, shown))


def _log(uow: UnitOfWork, actor: Actor, row: Candidate, action: str) -> None:
    if row.person_id is not None:
        log_access(uow, actor, Purpose.MATCHING, action, [row.person_id], row.address)


# --- Policy and changes -----------------------------------------------------------------------------------------


def _is_own(actor: Actor, row: Candidate) -> bool:
    return actor.is_uwv_side or actor.acts_for(row.lead_party_id)


def _require_own(actor: Actor, row: Candidate) -> None:
    if not _is_own(actor, row):
        raise forbidden(
            "Alleen wie de regie heeft kan deze kandidaat wijzigen.", "Only the lead may change this candidate."
        )


def _move(actor: Actor, row: Candidate, target: CandidateStatus) -> tuple[str, ...]:
    """Moves the status as the lead (or the service itself) and returns what follows. Raises 409."""
    leads = actor.kind is PartyKind.SYSTEM or actor.acts_for(row.lead_party_id)
    try:
        causes = CANDIDATE.move(row.status, target, actor.kind if leads else "").causes
    except ForbiddenMove as error:
        raise forbidden_move(error.source, error.target, error.allowed) from None
    row.status = target
    row.paused_until = None
    return causes


def _pause(uow: UnitOfWork, actor: Actor, row: Candidate, until: date | None) -> None:
    if until is None:
        if row.status is CandidateStatus.PAUSED:
            _move(actor, row, CandidateStatus.AVAILABLE)
        return
    if row.status is not CandidateStatus.PAUSED:
        _move(actor, row, CandidateStatus.PAUSED)
    row.paused_until = until


def _withdraw_proposals_if(uow: UnitOfWork, actor: Actor, row: Candidate, causes: tuple[str, ...]) -> None:
    if Effect.WITHDRAW_PROPOSALS in causes:
        house = actor.as_system(f"candidate.{row.status}")
        closing.withdraw_of_candidate(uow, house, row.id, DeclineReason.CANDIDATE_NO_LONGER_AVAILABLE)


def place(uow: UnitOfWork, row: Candidate) -> None:
    """The candidate has found work, where it was still looking."""
    if CandidateStatus.PLACED in CANDIDATE.allowed(row.status, PartyKind.SYSTEM):
        row.status = CandidateStatus.PLACED
        row.paused_until = None
        uow.flush()
        showing.end_all(uow, system("candidate.placed"), row, OfferEnd.PLACED)
