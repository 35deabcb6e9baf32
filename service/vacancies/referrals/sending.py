"""Sending vacancies to those who look for people, asking others when nobody takes one, and closing what is over.

Callers hold the lock on the vacancy's row: two answers at once then see each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from service.access.models import Party
from service.access.rules import PartyKind
from service.contacts import operations as contacts
from service.delivery.events import NewEvent, publish, publish_many, queue_mail, queue_mails
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.reference import places
from service.vacancies.models import Vacancy
from service.vacancies.pools.operations import pools_of
from service.vacancies.referrals.models import Referral
from service.vacancies.referrals.reasons import CLOSED_BY, AnswerReason
from service.vacancies.referrals.rules import (
    LIVE_REFERRAL,
    REFERRAL,
    WAITING,
    Acceptance,
    ReferralReason,
    ReferralState,
    ReferralStatus,
    ReferralTarget,
    lead_of,
    needs_escalation,
    next_regions,
    respond_by,
)
from service.vacancies.rules import VacancyStatus


def referrals_of(uow: UnitOfWork, vacancy_id: str) -> list[Referral]:
    """All referrals of a vacancy as they are now, in the order in which they were sent; their rows are locked."""
    statement = select(Referral).where(Referral.vacancy_id == vacancy_id).order_by(Referral.id).with_for_update()
    return list(uow.session.scalars(statement.execution_options(populate_existing=True)))


def receivers_of(referrals: Iterable[Referral]) -> list[str]:
    """The parties that work on a vacancy, or still may."""
    return [referral.party_id for referral in referrals if referral.status in LIVE_REFERRAL]


def all_receivers(uow: UnitOfWork, vacancy_ids: Sequence[str]) -> dict[str, list[str]]:
    """The same for several vacancies, by id."""
    wanted = (
        select(Referral.vacancy_id, Referral.party_id)
        .where(uow.among(Referral.vacancy_id, vacancy_ids), Referral.status.in_(LIVE_REFERRAL))
        .order_by(Referral.id)
    )
    found: dict[str, list[str]] = {each: [] for each in vacancy_ids}
    for row in uow.execute(wanted) if vacancy_ids else ():
        found[row.vacancy_id].append(row.party_id)
    return found


def refer(uow: UnitOfWork, vacancy: Vacancy) -> None:
    """Sends an open vacancy to the WSP of its region and to its employer's pools of today, where it is not yet.

    One that was renewed is sent anew, as well to who had taken it when it expired: then who passed it on is left out.
    """
    uow.flush()
    referrals = referrals_of(uow, vacancy.id)
    asked = _asked(vacancy, referrals)
    before = [one for one in referrals if one not in _of_search(vacancy, referrals)]
    took = [
        one
        for one in before
        if one.reason is AnswerReason.VACANCY_EXPIRED
        and one.accepted_at is not None
        and one.because is not ReferralReason.MEMBERSHIP  # a pool that the employer left gets nothing new
    ]
    if took:
        asked |= {one.party_id for one in before if one.passed_on_at is not None}
    wanted = [*_first(uow, [vacancy])[vacancy.id], *((one.kind, one.party_id, one.because) for one in took)]
    new = []
    for kind, party_id, because in wanted:
        if party_id not in asked:
            new.append(_referral(uow, vacancy, kind, party_id, because))
            asked.add(party_id)
    _send(uow, [(vacancy, each) for each in new])
    watch(uow, vacancy, [*referrals, *new])


def refer_new(uow: UnitOfWork, vacancies: Sequence[Vacancy]) -> dict[str, list[Referral]]:
    """Writes vacancies that are new and open, and sends each as `refer` does one. Gives the referrals of each."""
    first = _first(uow, vacancies)
    sent = {each.id: [_referral(uow, each, *receiver) for receiver in first[each.id]] for each in vacancies}
    for vacancy in vacancies:
        vacancy.chase_after = _last_answer(sent[vacancy.id], uow.today)
    uow.session.add_all(vacancies)
    uow.flush()
    _send(uow, [(vacancy, each) for vacancy in vacancies for each in sent[vacancy.id]])
    for vacancy in vacancies:
        if vacancy.chase_after is None:
            watch(uow, vacancy, sent[vacancy.id])
    return sent


def _of_search(vacancy: Vacancy, referrals: Iterable[Referral]) -> list[Referral]:
    """Those of the present search: from the opening on, or since the vacancy was renewed."""
    return [one for one in referrals if vacancy.searched_since is None or one.sent_at >= vacancy.searched_since]


def _asked(vacancy: Vacancy, referrals: Iterable[Referral]) -> set[str]:
    """Who was asked in the present search, and is not asked again: not who said no or passed it on either."""
    ended = {*CLOSED_BY.values(), AnswerReason.MEMBERSHIP_ENDED}
    return {one.party_id for one in _of_search(vacancy, referrals) if one.reason not in ended}


def watch(uow: UnitOfWork, vacancy: Vacancy, referrals: list[Referral]) -> None:
    """Sets the clock of an open vacancy anew, and asks others at once where nobody is left who may take it."""
    searched = _of_search(vacancy, referrals)
    states = [ReferralState(referral.status, referral.respond_by) for referral in searched]
    if needs_escalation(states, uow.today):
        _escalate(uow, vacancy, referrals)
        return
    taken = any(referral.status is ReferralStatus.ACCEPTED for referral in referrals)
    vacancy.chase_after = None if taken else _last_answer(referrals, uow.today)


def pause(vacancy: Vacancy) -> None:
    """Stops the clock of a vacancy."""
    vacancy.chase_after = None


def resume(uow: UnitOfWork, vacancy: Vacancy) -> None:
    """Gives those who have not answered yet their full time again."""
    for referral in referrals_of(uow, vacancy.id):
        if referral.status in WAITING:
            referral.respond_by = max(referral.respond_by, respond_by(uow.today))
    uow.flush()


def close(uow: UnitOfWork, vacancy: Vacancy) -> list[str]:
    """Closes what is still live, since the vacancy is no longer open. Returns who was told."""
    pause(vacancy)
    live = [referral for referral in referrals_of(uow, vacancy.id) if referral.status in LIVE_REFERRAL]
    for referral in live:
        REFERRAL.move(referral.status, ReferralStatus.CLOSED, PartyKind.SYSTEM)
        referral.status = ReferralStatus.CLOSED
        referral.reason = CLOSED_BY[vacancy.status]
        referral.lead = False
    uow.flush()
    for referral in live:
        tell(uow, "referral.closed", referral, [referral.party_id])
    return [referral.party_id for referral in live]


def leave_pool(uow: UnitOfWork, vacancy: Vacancy, pool_id: str) -> None:
    """Closes what a pool that the employer left has not taken; what it took goes on. Others are asked if need be."""
    referrals = referrals_of(uow, vacancy.id)
    untaken = (*WAITING, ReferralStatus.AT_CAPACITY)
    ended = [
        one
        for one in referrals
        if one.party_id == pool_id and one.because is ReferralReason.MEMBERSHIP and one.status in untaken
    ]
    for referral in ended:
        REFERRAL.move(referral.status, ReferralStatus.CLOSED, PartyKind.SYSTEM)
        referral.status, referral.reason = ReferralStatus.CLOSED, AnswerReason.MEMBERSHIP_ENDED
    uow.flush()
    for referral in ended:
        tell(uow, "referral.closed", referral, [referral.party_id])
    if ended and vacancy.status is VacancyStatus.OPEN:
        watch(uow, vacancy, [one for one in referrals if one not in ended])
        uow.flush()


def settle_lead(uow: UnitOfWork, vacancy: Vacancy, referrals: list[Referral]) -> None:
    """Who accepted first has the lead; when it returns the vacancy, the next has it and is told."""
    accepted = [
        Acceptance(UUID(referral.id), referral.accepted_at)
        for referral in referrals
        if referral.status is ReferralStatus.ACCEPTED and referral.accepted_at is not None
    ]
    leader = lead_of(accepted)
    chosen = None if leader is None else str(leader)
    for referral in referrals:
        if referral.lead and referral.id != chosen:
            referral.lead = False
    uow.flush()
    for referral in referrals:
        if referral.id == chosen and not referral.lead:
            referral.lead = True
            uow.flush()
            tell(uow, "referral.lead-given", referral, [referral.party_id, vacancy.employer_id])


def tell(uow: UnitOfWork, type: str, referral: Referral, parties: Iterable[str]) -> None:
    publish_many(uow, [_news(type, referral, parties)])


def _news(type: str, referral: Referral, parties: Iterable[str]) -> NewEvent:
    data = {"referralId": referral.id, "vacancyId": referral.vacancy_id, "status": referral.status.value}
    return NewEvent(type, referral.address, referral.version, parties, data)


# --- When nobody takes it ---------------------------------------------------------------------------------------


def due(uow: UnitOfWork, limit: int) -> list[str]:
    """Open vacancies whose clock has run out, the longest waiting first."""
    statement = (
        select(Vacancy.id)
        .where(Vacancy.status == VacancyStatus.OPEN, Vacancy.chase_after < uow.today)
        .order_by(Vacancy.chase_after, Vacancy.id)
        .limit(limit)
    )
    return list(uow.session.scalars(statement))


def fire(uow: UnitOfWork, vacancy_id: str) -> None:
    """Nobody took the vacancy in time: ask others, unless somebody did in the meantime."""
    vacancy = uow.session.get_one(Vacancy, vacancy_id, with_for_update=True, populate_existing=True)
    if vacancy.status is not VacancyStatus.OPEN or vacancy.chase_after is None or vacancy.chase_after >= uow.today:
        return
    watch(uow, vacancy, referrals_of(uow, vacancy.id))
    uow.flush()


def _escalate(uow: UnitOfWork, vacancy: Vacancy, referrals: list[Referral]) -> None:
    """Adds the neighbouring regions nearest to the workplace, and the desk. Where all have said no the desk has it
    alone."""
    wsps = {one.party_id for one in _of_search(vacancy, referrals) if one.kind is ReferralTarget.WSP}
    tried = {vacancy.region_code, *uow.session.scalars(select(Party.region_code).where(Party.id.in_(wsps)))}
    nearest = places.neighbouring_regions(vacancy.region_code, vacancy.postcode4)
    by_region = _wsps_by_region(uow, [region.code for region in nearest])
    regions = next_regions([code for code in tried if code is not None], list(by_region))
    asked = _asked(vacancy, referrals)
    added = [(ReferralTarget.WSP, party_id) for code in regions for party_id in by_region[code]]
    desks = contacts.desk_parties(uow)
    added += [(ReferralTarget.DESK, party_id) for party_id in desks]
    new = [
        _referral(uow, vacancy, kind, party_id, ReferralReason.ESCALATION)
        for kind, party_id in added
        if party_id not in asked
    ]
    _send(uow, [(vacancy, each) for each in new])
    referrals += new
    vacancy.chase_after = _last_answer(referrals, uow.today)
    new_for_desk = vacancy.with_desk_since is None
    if new_for_desk:
        vacancy.with_desk_since = uow.today
        queue_mail(uow, "vacancy-not-taken", {"vacancyId": vacancy.id})
    uow.flush()
    if new_for_desk or regions:
        data = {"vacancyId": vacancy.id, "regionCodes": list(regions)}
        readers = [vacancy.employer_id, *desks]
        publish(uow, "vacancy.not-taken", vacancy.address, vacancy.version, readers, data)


def _last_answer(referrals: Iterable[Referral], today: date) -> date | None:
    """The last day on which somebody who was asked may still answer in time."""
    waiting = [one.respond_by for one in referrals if one.status in WAITING and one.respond_by >= today]
    return max(waiting, default=None)


def _first(
    uow: UnitOfWork, vacancies: Sequence[Vacancy]
) -> dict[str, list[tuple[ReferralTarget, str, ReferralReason]]]:
    """To whom each of these vacancies goes first: the WSPs of its region, and its employer's pools of today."""
    wsps = _wsps_by_region(uow, sorted({each.region_code for each in vacancies}))
    pools = {each: pools_of(uow, each) for each in sorted({vacancy.employer_id for vacancy in vacancies})}
    return {
        each.id: [
            *((ReferralTarget.WSP, one, ReferralReason.REGION) for one in wsps.get(each.region_code, ())),
            *((ReferralTarget.MOBILITY_POOL, one, ReferralReason.MEMBERSHIP) for one in pools[each.employer_id]),
        ]
        for each in vacancies
    }


def _referral(
    uow: UnitOfWork, vacancy: Vacancy, kind: ReferralTarget, party_id: str, because: ReferralReason
) -> Referral:
    return Referral(
        id=new_id(),
        vacancy_id=vacancy.id,
        kind=kind,
        party_id=party_id,
        because=because,
        status=ReferralStatus.SENT,
        lead=False,
        respond_by=respond_by(uow.today),
        sent_at=uow.now,
    )


def _send(uow: UnitOfWork, new: Sequence[tuple[Vacancy, Referral]]) -> None:
    """Writes referrals, and tells those to whom they go."""
    uow.session.add_all(referral for _, referral in new)
    uow.flush()
    publish_many(
        uow, [_news("referral.sent", referral, [referral.party_id, vacancy.employer_id]) for vacancy, referral in new]
    )
    # The desk has a mail of its own: nobody took the vacancy.
    mailed = [{"referralId": referral.id} for _, referral in new if referral.kind is not ReferralTarget.DESK]
    queue_mails(uow, "referral-received", mailed)


def _wsps_by_region(uow: UnitOfWork, region_codes: list[str]) -> dict[str, list[str]]:
    """The WSPs of these regions, in the order of the regions; one without a WSP is left out."""
    statement = (
        select(Party.region_code, Party.id)
        .where(Party.kind == PartyKind.WSP, Party.region_code.in_(region_codes))
        .order_by(Party.id)
    )
    rows = uow.execute(statement).all()
    by_region = {code: [row.id for row in rows if row.region_code == code] for code in region_codes}
    return {code: found for code, found in by_region.items() if found}
