"""Offering a candidate in a pool, with the person's consent, and taking that back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, false, or_, select
from sqlalchemy.exc import IntegrityError

from service.access.actor import Actor, log_access, system
from service.access.models import Party
from service.access.rules import PartyKind, Purpose
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import (
    Problem,
    conflict,
    forbidden,
    invalid_input,
    not_found,
    unknown_reference,
)
from service.kernel.requests import Expected
from service.vacancies.candidates import operations as candidates
from service.vacancies.candidates.models import Candidate
from service.vacancies.consent import consent_errors
from service.vacancies.offers import showing
from service.vacancies.offers.models import PoolOffer
from service.vacancies.offers.rules import OfferEnd, TakenBack, may_end, may_record_consent
from service.vacancies.rules import HELPERS, CandidateStatus

_LOOKING = (CandidateStatus.AVAILABLE, CandidateStatus.PAUSED)


def visible_offers(actor: Actor) -> Select[Any]:
    """UWV's side sees all, who leads or coaches a candidate that candidate's; a pool its own as long as these last."""
    statement = select(PoolOffer)
    if actor.is_uwv_side:
        return statement
    if actor.kind not in HELPERS:
        return statement.where(false())
    own = actor.party_ids(*HELPERS)
    led: ColumnElement[bool] = Candidate.lead_party_id.in_(own)
    if actor.kind is PartyKind.JOBCOACH_ORGANISATION:
        coached = select(Employment.id).where(Employment.jobcoach_organisation_id.in_(own))
        led = or_(led, Candidate.employment_id.in_(coached))
    seen: list[ColumnElement[bool]] = [PoolOffer.candidate_id.in_(select(Candidate.id).where(led))]
    if actor.kind is PartyKind.MOBILITY_POOL:
        pools = actor.party_ids(PartyKind.MOBILITY_POOL)
        shown = PoolOffer.candidate_id.in_(showing.shown_in(pools))
        seen.append(and_(PoolOffer.pool_id.in_(pools), PoolOffer.ended_at.is_(None), shown))
    return statement.where(or_(*seen))


def make_offer(uow: UnitOfWork, actor: Actor, candidate_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Shows a candidate in a pool, with what the person said. Raises 409 `offer-exists`, `candidate-not-available`."""
    row = candidates.candidate(uow, actor, candidate_id, for_update=True)
    if not may_record_consent(actor.kind, **_ties(actor, row)):
        raise forbidden(
            "Alleen UWV of de jobcoachorganisatie van deze persoon legt de toestemming vast.",
            "Only UWV, or the jobcoach organisation of this person, records the consent.",
        )
    errors = consent_errors(data["consent"], uow.today)
    known = select(Party.id).where(Party.id == data["pool_id"], Party.kind == PartyKind.MOBILITY_POOL)
    if uow.execute(known).first() is None:
        errors.append(unknown_reference("/poolId"))
    if errors:
        raise invalid_input(errors)
    if row.status not in _LOOKING:
        raise conflict(
            "candidate-not-available",
            "Deze kandidaat zoekt nu geen werk.",
            "This candidate does not look for work now.",
        )
    live = select(PoolOffer.id).where(
        PoolOffer.candidate_id == row.id, PoolOffer.pool_id == data["pool_id"], PoolOffer.ended_at.is_(None)
    )
    if (existing := uow.session.execute(live).scalar()) is not None:
        raise _exists(existing=f"/v1/candidates/{row.id}/pool-offers/{existing}")
    consent = data["consent"]
    offer = PoolOffer(
        id=new_id(),
        candidate_id=row.id,
        pool_id=data["pool_id"],
        recorded_by=actor.party.id,
        how=consent["how"],
        asked_by=consent.get("asked_by") or actor.party.name,
        consented_on=consent["on"],
        offered_at=uow.now,
    )
    uow.add(offer)
    try:
        uow.flush()
    except IntegrityError as error:
        if "pool_offer" not in str(error.orig):
            raise
        raise _exists() from None
    showing.tell(uow, "pool-offer.made", row, offer)
    _log(uow, actor, row, offer, "pool-offer.made")
    return _view(uow, actor, offer)


def list_offers(uow: UnitOfWork, actor: Actor, candidate_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """The offers of a candidate, ended ones too."""
    row = candidates.candidate(uow, actor, candidate_id)
    statement = visible_offers(actor).where(PoolOffer.candidate_id == row.id)
    if query.get("current"):
        statement = statement.where(PoolOffer.ended_at.is_(None))
    answer = page(uow, statement, (PoolOffer.id,), query, lambda offer: offer)
    for offer in answer["items"]:
        _log(uow, actor, row, offer, "pool-offer.read")
    return answer | {"items": _views(uow, actor, answer["items"])}


def get_offer(uow: UnitOfWork, actor: Actor, candidate_id: str, offer_id: str) -> dict[str, Any]:
    row = candidates.candidate(uow, actor, candidate_id)
    offer = _offer(uow, actor, row, offer_id)
    _log(uow, actor, row, offer, "pool-offer.read")
    return _view(uow, actor, offer)


def end_offer(
    uow: UnitOfWork, actor: Actor, candidate_id: str, offer_id: str, reason: TakenBack, expected: Expected
) -> None:
    """Hides the candidate in the pool at once. One that has ended stays as it was."""
    row = candidates.candidate(uow, actor, candidate_id, for_update=True)
    offer = _offer(uow, actor, row, offer_id)
    if not may_end(actor.kind, **_ties(actor, row)):
        raise forbidden(
            "Alleen wie deze persoon helpt kan dit terugnemen.", "Only who helps this person may take it back."
        )
    expected.check(offer.version)
    if offer.ended_at is None:
        showing.end(uow, actor, row, offer, OfferEnd(reason.value))
    _log(uow, actor, row, offer, "pool-offer.ended")


# --- A person's own -----------------------------------------------------------------------------------------------


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """In which pools the person was shown, and what the person said to that."""
    rows = uow.session.scalars(_of_person(person_id).order_by(PoolOffer.id))
    fields = ("pool_id", "how", "asked_by", "consented_on", "recorded_by", "offered_at", "ended_at", "end_reason")
    return {"poolOffers": [{name: getattr(row, name) for name in fields} for row in rows]}


def erase(uow: UnitOfWork, person_id: str) -> None:
    """Ends what lasts, and keeps nothing of it. Do this before the candidates' `erase`, which cuts the link."""
    house = system("person.erased")
    rows = uow.session.scalars(_of_person(person_id).order_by(PoolOffer.id)).all()
    for row in rows:
        if row.ended_at is None:
            candidate = uow.session.get_one(Candidate, row.candidate_id, with_for_update=True)
            showing.end(uow, house, candidate, row, OfferEnd.WITHDRAWN)
    uow.execute(delete(PoolOffer).where(PoolOffer.id.in_([row.id for row in rows])))


def _of_person(person_id: str) -> Select[Any]:
    return (
        select(PoolOffer)
        .join(Candidate, Candidate.id == PoolOffer.candidate_id)
        .where(Candidate.person_id == person_id)
    )


# --- Inside -------------------------------------------------------------------------------------------------------


def _offer(uow: UnitOfWork, actor: Actor, candidate: Candidate, offer_id: str) -> PoolOffer:
    statement = visible_offers(actor).where(PoolOffer.candidate_id == candidate.id, PoolOffer.id == offer_id)
    found: PoolOffer | None = uow.session.scalars(statement).one_or_none()
    if found is None:
        raise not_found()
    return found


def _ties(actor: Actor, row: Candidate) -> dict[str, bool]:
    """How the actor stands to the candidate."""
    coach = row.employment.jobcoach_organisation_id if row.employment else None
    return {"leads": actor.acts_for(row.lead_party_id), "coaches": coach is not None and actor.acts_for(coach)}


def _view(uow: UnitOfWork, actor: Actor, row: PoolOffer) -> dict[str, Any]:
    return _views(uow, actor, [row])[0]


def _views(uow: UnitOfWork, actor: Actor, rows: Iterable[PoolOffer]) -> list[dict[str, Any]]:
    rows = list(rows)
    names = {
        found.id: found.name
        for found in uow.execute(select(Party.id, Party.name).where(Party.id.in_({row.pool_id for row in rows})))
    }
    is_pool = actor.kind is PartyKind.MOBILITY_POOL
    return [
        {
            "id": row.id,
            "version": row.version,
            "candidate_id": row.candidate_id,
            "pool_id": row.pool_id,
            "pool": names[row.pool_id],
            "consent": None if is_pool else {"how": row.how, "asked_by": row.asked_by, "on": row.consented_on},
            "offered_at": row.offered_at,
            "ended_at": row.ended_at,
            "end_reason": None if is_pool else row.end_reason,
        }
        for row in rows
    ]


def _log(uow: UnitOfWork, actor: Actor, candidate: Candidate, row: PoolOffer, action: str) -> None:
    if candidate.person_id is not None:
        log_access(uow, actor, Purpose.MATCHING, action, [candidate.person_id], row.address)


def _exists(**extra: str) -> Problem:
    return conflict(
        "offer-exists",
        "Deze kandidaat staat al in deze pool.",
        "This candidate is offered in this pool already.",
        **extra,
    )
