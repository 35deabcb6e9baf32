"""Proposals: one candidate for one vacancy, from the request to the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, false, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.delivery.events import publish
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import Problem, conflict, forbidden_move, invalid_input, not_found, unknown_reference
from service.kernel.requests import Expected
from service.kernel.state import ForbiddenMove
from service.signals import operations as signals
from service.vacancies import operations as vacancies
from service.vacancies.candidates import operations as candidates
from service.vacancies.candidates.models import Candidate
from service.vacancies.hours import as_written
from service.vacancies.matching import RULES_VERSION
from service.vacancies.models import Vacancy
from service.vacancies.proposals import closing, views, workload
from service.vacancies.proposals.checks import TOO_MANY_HOURS, start_held, transition_errors
from service.vacancies.proposals.models import ConsentRecord, Proposal
from service.vacancies.proposals.reasons import DeclineReason
from service.vacancies.proposals.rules import (
    AT_WORK,
    LIVE_PROPOSAL,
    PROPOSAL,
    ConsentState,
    ProposalRole,
    ProposalStatus,
    clashes,
    initial_status,
)
from service.vacancies.referrals.models import Referral
from service.vacancies.rules import (
    HELPERS,
    WORK_WITH_CANDIDATES,
    CandidateStatus,
    JobcoachArrangement,
    VacancyStatus,
    positions_left,
)

_CONSENT_AFTER: Mapping[DeclineReason, ConsentState] = {
    DeclineReason.CONSENT_REFUSED: ConsentState.REFUSED,
    DeclineReason.CONSENT_WITHDRAWN: ConsentState.WITHDRAWN,
}

_FACTS = ("start_date", "end_date", "hours", "intended_contract_months")


# --- What an actor may see --------------------------------------------------------------------------------------


def visible_proposals(actor: Actor) -> Select[Any]:
    """UWV's side sees all, the proposer, the lead and the candidate's jobcoach organisation theirs.

    An employer sees those for its own vacancies from `proposed` on (`rules.employer_sees`), and so does the WSP or pool
    that has the lead for the vacancy: a request is still between its proposer and the candidate's lead.
    """
    statement = select(Proposal)
    if actor.is_uwv_side:
        return statement
    if actor.kind is PartyKind.EMPLOYER:
        own = actor.party_ids(PartyKind.EMPLOYER)
        return statement.where(Proposal.employer_id.in_(own), Proposal.was_proposed)
    if actor.kind not in HELPERS:
        return statement.where(false())
    own = actor.party_ids(*HELPERS)
    led: list[ColumnElement[bool]] = [Candidate.lead_party_id.in_(own)]
    if actor.kind is PartyKind.JOBCOACH_ORGANISATION:
        coached = select(Employment.id).where(Employment.jobcoach_organisation_id.in_(own))
        led.append(Candidate.employment_id.in_(coached))
    mine = select(Candidate.id).where(or_(*led))
    searched = select(Referral.vacancy_id).where(Referral.lead, Referral.party_id.in_(own))
    return statement.where(
        or_(
            Proposal.proposer_party_id.in_(own),
            Proposal.candidate_id.in_(mine),
            and_(Proposal.was_proposed, Proposal.vacancy_id.in_(searched)),
        )
    )


# --- Use cases --------------------------------------------------------------------------------------------------


def make_proposal(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Proposes a candidate: at once by its lead, as a request to the lead by anybody else.

    Raises 409 `proposal-exists` when the pair has a live one, `vacancy-not-open` and `candidate-not-available`.
    """
    actor.require(*WORK_WITH_CANDIDATES)
    vacancy, candidate = _pair(uow, actor, data)
    existing = select(Proposal.id).where(
        Proposal.vacancy_id == vacancy.id,
        Proposal.candidate_id == candidate.id,
        Proposal.status.in_(LIVE_PROPOSAL),
    )
    if (found := uow.session.execute(existing).scalar()) is not None:
        raise _exists(found)
    if vacancy.status is not VacancyStatus.OPEN:
        raise conflict("vacancy-not-open", "Deze vacature is niet open.", "This vacancy is not open.")
    if candidate.status is not CandidateStatus.AVAILABLE:
        raise conflict(
            "candidate-not-available",
            "Deze kandidaat zoekt nu geen werk.",
            "This candidate does not look for work now.",
        )
    proposer = candidate.lead_party_id if actor.acts_for(candidate.lead_party_id) else actor.party.id
    status = initial_status(proposer, candidate.lead_party_id)
    row = Proposal(
        id=new_id(),
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        candidate_id=candidate.id,
        proposer_party_id=proposer,
        proposed_by=data["proposed_by"],
        status=status,
        was_proposed=status is ProposalStatus.PROPOSED,
        consent=ConsentState.NOT_ASKED,
        rules_version=RULES_VERSION,
        created_at=uow.now,
    )
    try:
        closing.settle(uow, actor, row)
    except IntegrityError as error:
        if "proposal" not in str(error.orig):
            raise
        raise _exists(None) from None
    return views.answer_view(uow, actor, row)


def move_proposal(
    uow: UnitOfWork, actor: Actor, proposal_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Moves a proposal on, with what that step needs. Each role has its own moves."""
    # Vacancy, candidate, proposal: everybody locks in this order, so that two placements wait and do not entangle.
    which = visible_proposals(actor).where(Proposal.id == proposal_id)
    ids = uow.session.execute(which.with_only_columns(Proposal.vacancy_id, Proposal.candidate_id)).one_or_none()
    if ids is None:
        raise not_found()
    target: ProposalStatus = data["to"]
    house = actor.as_system(f"proposal.{target}")
    vacancy = vacancies.vacancy_for(uow, house, ids.vacancy_id, for_update=target in AT_WORK)
    if target in AT_WORK:
        workload.lock_person(uow, ids.candidate_id)
    candidate = candidates.candidate(uow, house, ids.candidate_id)
    row: Proposal | None = uow.session.scalars(
        which.with_for_update(of=Proposal).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise not_found()
    expected.check(row.version)
    role = views.role_of(actor, candidate)
    try:
        PROPOSAL.move(row.status, target, role or "")
    except ForbiddenMove as error:
        raise forbidden_move(error.source, error.target, error.allowed) from None
    by = role or ProposalRole.ADVISOR
    errors = transition_errors(data, by, row, uow.today, to_tell=_to_tell(uow, row, vacancy))
    clash = target in AT_WORK and _clashes(uow, row, vacancy, candidate, data)
    # A pool knows no more of the person's other work than an employer does.
    unknowing = by is ProposalRole.EMPLOYER or not views.may_know(actor, candidate)
    if clash and not unknowing:
        errors.append(TOO_MANY_HOURS)
    if errors:
        raise invalid_input(errors)
    if target in AT_WORK:
        _require_position(uow, vacancy, row)
        if unknowing and (clash or row.held_on is not None):
            raise _hold(uow, house, row)
        row.held_on = None
    source, row.status = row.status, target
    row.was_proposed = row.was_proposed or target is ProposalStatus.PROPOSED
    row.reason = data.get("reason")
    if target is ProposalStatus.PLACED:
        row.end_date = None
    for name in _FACTS:
        if name in data:
            setattr(row, name, as_written(data[name]) if name == "hours" else data[name])
    _record_consent(uow, actor, row, vacancy, data)
    closing.settle(uow, actor, row)
    if target in AT_WORK:
        _start_work(uow, house, row, candidate, after_trial=source is ProposalStatus.TRIAL_PLACEMENT)
    elif source is ProposalStatus.TRIAL_PLACEMENT:
        _end_trial(uow, house, row, candidate)
    return views.answer_view(uow, actor, row)


def get_proposal(uow: UnitOfWork, actor: Actor, proposal_id: str) -> dict[str, Any]:
    row = uow.session.scalars(visible_proposals(actor).where(Proposal.id == proposal_id)).one_or_none()
    if row is None:
        raise not_found()
    return views.view(uow, actor, row) | {"history": views.history(uow, actor, row)}


def list_proposals(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    job = selectinload(Proposal.candidate).selectinload(Candidate.employment)
    statement = visible_proposals(actor).options(job, selectinload(Proposal.vacancy))
    for name in ("vacancy_id", "candidate_id", "status"):
        if name in query:
            statement = statement.where(getattr(Proposal, name) == query[name])
    if "candidate_id" in query and actor.kind is PartyKind.EMPLOYER:
        # Otherwise a pseudonym from elsewhere could be tried out here.
        statement = statement.where(false())
    return page(uow, statement, (Proposal.id,), query, lambda row: views.view(uow, actor, row))


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """The proposals of a person, and the consent recorded for each."""
    rows = uow.session.scalars(
        select(Proposal)
        .join(Candidate, Candidate.id == Proposal.candidate_id)
        .where(Candidate.person_id == person_id)
        .order_by(Proposal.id)
    )
    return {
        "proposals": [
            {"id": row.id, "vacancyId": row.vacancy_id, "status": row.status, "start": row.start_date}
            | {"consent": views.consent_view(uow, row)}
            for row in rows
        ]
    }


def erase(uow: UnitOfWork, person_id: str) -> None:
    """What was said about consent goes. Do this before the candidates' `erase`, which cuts the link to the person."""
    mine = (
        select(Proposal.id)
        .join(Candidate, Candidate.id == Proposal.candidate_id)
        .where(Candidate.person_id == person_id)
    )
    uow.execute(delete(ConsentRecord).where(ConsentRecord.proposal_id.in_(mine)))


# --- Policy -----------------------------------------------------------------------------------------------------


def _pair(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> tuple[Vacancy, Candidate]:
    # Behind whoever passes this vacancy on at this moment: who may see it is read after that.
    uow.execute(select(Vacancy.id).where(Vacancy.id == data["vacancy_id"]).with_for_update(read=True))
    vacancy = uow.session.scalars(
        vacancies.visible_vacancies(actor, few=True).where(Vacancy.id == data["vacancy_id"])
    ).one_or_none()
    wanted = candidates.visible_candidates(actor).where(Candidate.id == data["candidate_id"])
    candidate = uow.session.scalars(wanted).one_or_none()
    if vacancy is None or candidate is None:
        found = (("/vacancyId", vacancy), ("/candidateId", candidate))
        raise invalid_input(unknown_reference(pointer) for pointer, row in found if row is None)
    return vacancy, candidate


def _to_tell(uow: UnitOfWork, row: Proposal, vacancy: Vacancy) -> bool:
    """Whether the person was not told yet that the employer works with one jobcoach organisation, or with this one."""
    if vacancy.jobcoach_arrangement is not JobcoachArrangement.FIXED:
        return False
    said = views.latest_consent(uow, row.id)
    if said is None or not said.told_fixed_jobcoach:
        return True
    return said.told_organisation_id != vacancy.jobcoach_organisation_id


def _clashes(uow: UnitOfWork, row: Proposal, vacancy: Vacancy, candidate: Candidate, data: Mapping[str, Any]) -> bool:
    spell = workload.own_spell(row, vacancy, data)
    return spell is not None and clashes(spell, *workload.other_work(uow, row, candidate))


def _hold(uow: UnitOfWork, house: Actor, row: Proposal) -> Problem:
    """The employer is asked to talk to its contact, and the candidate's side hears that it wanted to start."""
    if row.held_on is None:
        row.held_on = uow.today
        uow.flush()
        readers = closing.those_concerned(uow, row)
        publish(uow, "proposal.start-held", row.address, row.version, readers, closing.told(row), because=house.because)
    return start_held()


def _require_position(uow: UnitOfWork, vacancy: Vacancy, row: Proposal) -> None:
    """A placement and a running trial each hold a position. Raises 409 `no-position-left`."""
    if row.status is ProposalStatus.TRIAL_PLACEMENT:
        return
    others = select(func.count()).where(
        Proposal.vacancy_id == vacancy.id,
        Proposal.status == ProposalStatus.TRIAL_PLACEMENT,
        Proposal.id != row.id,
    )
    on_trial = uow.session.scalar(others) or 0
    if positions_left(vacancy.positions, vacancy.filled_positions, on_trial) == 0:
        raise conflict(
            "no-position-left", "Op deze vacature is geen plek meer vrij.", "This vacancy has no position left."
        )


# --- What follows from a move -----------------------------------------------------------------------------------


def _record_consent(uow: UnitOfWork, actor: Actor, row: Proposal, vacancy: Vacancy, data: Mapping[str, Any]) -> None:
    if row.status is ProposalStatus.CONSENTED or (row.status is ProposalStatus.INTRODUCED and "consent" in data):
        row.consent = ConsentState.GRANTED
    elif row.reason is not None and row.reason in _CONSENT_AFTER:
        row.consent = _CONSENT_AFTER[row.reason]
    else:
        return
    given = data.get("consent", {})
    uow.add(
        ConsentRecord(
            id=new_id(),
            proposal_id=row.id,
            state=row.consent,
            how=given.get("how"),
            asked_by=given.get("asked_by") or actor.party.name,
            asked_on=given.get("on", uow.today),
            told_fixed_jobcoach=given.get("told_fixed_jobcoach"),
            told_organisation_id=vacancy.jobcoach_organisation_id if given.get("told_fixed_jobcoach") else None,
            recorded_by=actor.party.id,
            recorded_at=uow.now,
        )
    )


def _start_work(uow: UnitOfWork, house: Actor, row: Proposal, candidate: Candidate, *, after_trial: bool) -> None:
    """The signal about the job that ended hears of it; a placement takes a position and ends what else was going on."""
    if candidate.person_id is not None and row.start_date is not None:
        _tell_signal(uow, house, row, candidate)
    if row.status is not ProposalStatus.PLACED:
        return
    closing.lock_for_placement(uow, row.vacancy_id, candidate.id)
    # Filling the last position withdraws the vacancy's other proposals.
    vacancies.fill_position(uow, house, row.vacancy_id, uow.today, after_trial=after_trial)
    candidates.place(uow, candidate)
    closing.withdraw_of_candidate(uow, house, candidate.id, DeclineReason.CANDIDATE_NO_LONGER_AVAILABLE)


def _tell_signal(uow: UnitOfWork, house: Actor, row: Proposal, candidate: Candidate) -> None:
    if candidate.person_id is not None and row.start_date is not None:
        signals.record_placement(
            uow, house, candidate.person_id, row.start_date, row.status.value, candidate.employment_id
        )


def _end_trial(uow: UnitOfWork, house: Actor, row: Proposal, candidate: Candidate) -> None:
    """No contract followed: the outcome of the signal goes back, to another trial where the person has one."""
    if candidate.person_id is None or row.start_date is None:
        return
    other = workload.running_trial(uow, row, candidate)
    if signals.end_trial(uow, house, candidate.person_id, row.start_date) is not None and other is not None:
        _tell_signal(uow, house, other, candidate)


def _exists(proposal_id: str | None) -> Problem:
    extra = {"existing": f"/v1/proposals/{proposal_id}"} if proposal_id else {}
    return conflict(
        "proposal-exists",
        "Deze kandidaat is voor deze vacature al voorgedragen.",
        "This candidate was proposed for this vacancy already.",
        **extra,
    )
