"""Writing a transfer: what goes over is closed with the old party and goes on with the new one, in few statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import Table, bindparam, insert, select, update

from service.access.actor import Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.contacts import operations as contacts
from service.delivery.events import NewEvent, publish_many, queue_mails
from service.kernel.chunks import chunks
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared
from service.vacancies.candidates.models import Candidate
from service.vacancies.models import Vacancy
from service.vacancies.pools import handing_over
from service.vacancies.proposals.models import Proposal
from service.vacancies.referrals import sending
from service.vacancies.referrals.models import Referral
from service.vacancies.referrals.reasons import AnswerReason
from service.vacancies.referrals.rules import REFERRAL, TARGETS, WAITING, ReferralReason, ReferralStatus
from service.vacancies.referrals.transfers.models import Transfer, TransferredReferral
from service.vacancies.referrals.transfers.planning import Going, Plan, standing
from service.vacancies.referrals.transfers.rules import Standing, loses_a_clock, usual_role
from service.vacancies.rules import VacancyStatus

_REFERRAL: Final = cast(Table, Referral.__table__)
_VACANCY: Final = cast(Table, Vacancy.__table__)
_STANDING: Final = Standing.__slots__
_NEW: Final = Prepared(insert(_REFERRAL))
_INSTEAD: Final = Prepared(
    update(_REFERRAL)
    .where(_REFERRAL.c.id == bindparam("of_referral"))
    .values(
        **{name: bindparam(f"new_{name}", type_=_REFERRAL.c[name].type) for name in (*_STANDING, "version")},
    )
)
_WENT: Final = Prepared(insert(cast(Table, TransferredReferral.__table__)))


def carry(uow: UnitOfWork, actor: Actor, plan: Plan, transfer: Transfer) -> None:
    """Writes all of the plan. The caller holds its vacancies, and has written the transfer."""
    _close(uow, plan)
    after = _go_on(uow, plan, transfer)
    _set_clocks(uow, plan)
    _give_lead(uow, actor, plan, transfer)
    _give_proposals(uow, actor, plan, transfer)
    if transfer.with_memberships:
        handing_over.hand_over(uow, plan.old.id, plan.new.id, plan.old.kind)
    _tell(uow, plan, transfer, after)


def _close(uow: UnitOfWork, plan: Plan) -> None:
    for status in {each.old.status for each in plan.going}:
        REFERRAL.move(status, ReferralStatus.CLOSED, PartyKind.SYSTEM)
    for some in chunks([each.old.id for each in plan.going]):
        uow.execute(
            update(_REFERRAL)
            .where(uow.among(_REFERRAL.c.id, some))
            .values(
                status=ReferralStatus.CLOSED,
                reason=AnswerReason.TRANSFERRED,
                lead=False,
                version=_REFERRAL.c.version + 1,
            )
        )
    # What came to the old party in an earlier search goes out of its sight as well.
    for some in chunks(plan.vacancy_ids):
        of_old = update(_REFERRAL).where(
            _REFERRAL.c.party_id == plan.old.id,
            uow.among(_REFERRAL.c.vacancy_id, some),
            _REFERRAL.c.passed_on_at.is_(None),
        )
        uow.execute(of_old.values(passed_on_at=uow.now))


def _go_on(uow: UnitOfWork, plan: Plan, transfer: Transfer) -> dict[str, str]:
    """Writes how each stands with the new party. By old referral the one with which it goes on."""
    fixed = {
        "kind": TARGETS[plan.new.kind],
        "party_id": plan.new.id,
        "because": ReferralReason.TRANSFER,
        "reason": None,
        "sent_at": uow.now,
        "passed_on_at": None,
    }
    made, changed, after = [], [], {}
    for each in plan.going:
        values = {name: getattr(each.after, name) for name in _STANDING}
        if each.own is None:
            place = {"id": new_id(), "vacancy_id": each.old.vacancy_id, "version": _version(each)}
            after[each.old.id] = place["id"]
            made.append(fixed | values | place)
        else:
            after[each.old.id] = each.own.id
            if each.after.status is not each.own.status:
                REFERRAL.move(each.own.status, each.after.status, plan.new.kind)
            changed.append({f"new_{name}": value for name, value in values.items()} | {"of_referral": each.own.id})
            changed[-1]["new_version"] = _version(each)
    if made:
        uow.write(_NEW, made)
    if changed:
        uow.write(_INSTEAD, changed)
    if after:
        links = [{"before_id": old, "after_id": new, "transfer_id": transfer.id} for old, new in after.items()]
        uow.write(_WENT, links)
    return after


def _version(going: Going) -> int:
    """One step for what came, and one for the lead, since each is told."""
    return (0 if going.own is None else going.own.version) + 1 + int(going.old.lead)


def _set_clocks(uow: UnitOfWork, plan: Plan) -> None:
    """Who did not answer yet has a full term again, and others are asked no sooner."""
    open_ones = [each for each in plan.going if each.old.vacancy_status is VacancyStatus.OPEN]
    waiting = [each for each in open_ones if each.after.status in WAITING]
    taken: set[str] = set()
    for some in chunks([each.old.vacancy_id for each in waiting]):
        accepted = select(Referral.vacancy_id).where(
            uow.among(Referral.vacancy_id, some), Referral.status == ReferralStatus.ACCEPTED
        )
        taken |= set(uow.execute(accepted).scalars())
    by_day: dict[date, list[str]] = {}
    for each in waiting:
        if each.old.vacancy_id not in taken:
            day = max(each.old.chase_after or each.after.respond_by, each.after.respond_by)
            by_day.setdefault(day, []).append(each.old.vacancy_id)
    for day, ids in sorted(by_day.items()):
        for some in chunks(ids):
            # Nobody reads this day, so the version stays.
            uow.execute(update(_VACANCY).where(uow.among(_VACANCY.c.id, some)).values(chase_after=day))
    for each in open_ones:
        if each.own is not None and loses_a_clock(standing(each.own), standing(each.old)):
            vacancy = uow.session.get_one(Vacancy, each.old.vacancy_id, populate_existing=True)
            sending.watch(uow, vacancy, sending.referrals_of(uow, vacancy.id))


# --- What goes along --------------------------------------------------------------------------------------------


def _give_lead(uow: UnitOfWork, actor: Actor, plan: Plan, transfer: Transfer) -> None:
    role = usual_role(plan.new.kind)
    if not plan.candidates or role is None:
        return
    table = cast(Table, Candidate.__table__)
    led = update(table).where(table.c.lead_party_id == plan.old.id)
    uow.execute(led.values(lead_party_id=plan.new.id, lead_role=role, version=table.c.version + 1))
    _log(uow, actor, Purpose.MATCHING, "candidate.transferred", plan.candidates, transfer)


def _give_proposals(uow: UnitOfWork, actor: Actor, plan: Plan, transfer: Transfer) -> None:
    table = cast(Table, Proposal.__table__)
    for some in chunks([row.id for row in plan.proposals]):
        of_old = update(table).where(uow.among(table.c.id, some))
        uow.execute(of_old.values(proposer_party_id=plan.new.id, version=table.c.version + 1))
    _log(uow, actor, Purpose.PLACEMENT, "proposal.transferred", plan.proposals, transfer)
    uwv = contacts.uwv_parties(uow) if plan.proposals else []
    events = []
    for row in plan.proposals:
        lead = plan.new.id if row.lead_party_id == plan.old.id else row.lead_party_id
        data = {"proposalId": row.id, "vacancyId": row.vacancy_id, "status": row.status.value}
        readers = [plan.new.id, lead, *uwv]
        events.append(NewEvent("proposal.transferred", f"proposals/{row.id}", row.version + 1, readers, data))
    publish_many(uow, events)


def _log(uow: UnitOfWork, actor: Actor, purpose: Purpose, action: str, rows: Iterable[Any], transfer: Transfer) -> None:
    people = dict.fromkeys(row.person_id for row in rows if row.person_id is not None)
    log_access(uow, actor, purpose, action, people, transfer.address)


# --- Who is told ------------------------------------------------------------------------------------------------


def _tell(uow: UnitOfWork, plan: Plan, transfer: Transfer, after: dict[str, str]) -> None:
    """An event for each referral, since systems keep count of these; one mail for each party, since people read it."""
    events = []
    for each in plan.going:
        data = {"vacancyId": each.old.vacancy_id, "transferId": transfer.id}
        then = {"referralId": after[each.old.id], "status": each.after.status.value}
        gone = {"referralId": each.old.id, "status": ReferralStatus.CLOSED.value}
        address, version = f"referrals/{after[each.old.id]}", _version(each)
        came_as = version - 1 if each.old.lead else version
        readers = [plan.new.id, each.old.employer_id]
        was, went = f"referrals/{each.old.id}", "referral.transferred"
        events.append(NewEvent(went, was, each.old.version + 1, [plan.old.id], data | gone))
        events.append(NewEvent(went, address, came_as, readers, data | then))
        if each.old.lead:
            given = {name: value for name, value in (data | then).items() if name != "transferId"}
            events.append(NewEvent("referral.lead-given", address, version, readers, given))
    publish_many(uow, events)
    about = {"transferId": transfer.id}
    queue_mails(uow, "referrals-passed-on", [about])
    queue_mails(uow, "referrals-taken-over", [about])
    employers = sorted({each.old.employer_id for each in plan.going if each.old.lead})
    queue_mails(uow, "lead-passed-on", [about | {"employerId": each} for each in employers])
