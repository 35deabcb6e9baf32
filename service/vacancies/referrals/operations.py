"""The inbox of a WSP, a mobility pool or the desk, and the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select

from service.access.actor import Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.employers.models import Employer
from service.kernel.database import UnitOfWork
from service.kernel.paging import page
from service.kernel.problems import forbidden_move, invalid_field, not_found
from service.kernel.requests import Expected
from service.kernel.state import ForbiddenMove
from service.reference import places
from service.vacancies.models import Vacancy
from service.vacancies.referrals import sending
from service.vacancies.referrals.models import WAITS, Referral
from service.vacancies.referrals.reasons import REASONS, AnswerReason
from service.vacancies.referrals.rules import (
    RECEIVER,
    REFERRAL,
    REFUSED,
    TARGETS,
    Effect,
    ReferralOrder,
    ReferralStatus,
    ReferralTarget,
)
from service.vacancies.referrals.transfers.models import Transfer, TransferredReferral
from service.vacancies.rules import VacancyStatus

_ANSWERS: Final = REFUSED | {ReferralStatus.ACCEPTED}


def visible_referrals(actor: Actor) -> Select[Any]:
    """A receiver sees its own that it has not passed on, an employer those of its vacancies, UWV's side all."""
    statement = select(Referral)
    if actor.is_uwv_side:
        return statement
    seen: list[ColumnElement[bool]] = []
    if receivers := actor.party_ids(PartyKind.WSP, PartyKind.MOBILITY_POOL):
        seen.append(and_(Referral.party_id.in_(receivers), Referral.passed_on_at.is_(None)))
    if employers := actor.party_ids(PartyKind.EMPLOYER):
        seen.append(Referral.vacancy_id.in_(select(Vacancy.id).where(Vacancy.employer_id.in_(employers))))
    # One condition alone is one range of an index.
    return statement.where(or_(*seen) if seen else false())


def list_referrals(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """The inbox: listing is not looking, so nothing becomes `seen`."""
    statement = visible_referrals(actor)
    for name in ("status", "vacancy_id"):
        if name in query:
            statement = statement.where(getattr(Referral, name) == query[name])
    if "to_id" in query:
        statement = statement.where(Referral.party_id == query["to_id"])
    if "lead" in query:
        statement = statement.where(Referral.lead == query["lead"])
    if "region_code" in query:
        there = exists().where(Vacancy.id == Referral.vacancy_id, Vacancy.region_code == query["region_code"])
        statement = statement.where(there)
    if "transfer_id" in query:
        came = select(TransferredReferral.after_id).where(TransferredReferral.transfer_id == query["transfer_id"])
        statement = statement.where(Referral.id.in_(came))
    by_day = query.get("sort") is ReferralOrder.RESPOND_BY
    if by_day or "respond_before" in query:
        statement = statement.where(WAITS)
    if "respond_before" in query:
        statement = statement.where(Referral.respond_by < query["respond_before"])
    order = (Referral.respond_by, Referral.id) if by_day else (Referral.id,)
    answer = page(uow, statement, order, query, lambda row: row)
    return answer | {"items": _views(uow, answer["items"])}


def get_referral(uow: UnitOfWork, actor: Actor, referral_id: str) -> dict[str, Any]:
    """One referral. Its receiver has seen it from now on."""
    row = _referral(uow, actor, referral_id)
    if row.status is ReferralStatus.SENT and _is_receiver(actor, row):
        row = _referral(uow, actor, referral_id, for_update=True)
        if row.status is ReferralStatus.SENT:
            _move(row, ReferralStatus.SEEN, actor.kind)
            row.seen_at = uow.now
            uow.flush()
            sending.tell(uow, "referral.seen", row, [row.party_id, _vacancy(uow, row).employer_id])
    return _views(uow, [row])[0]


def answer_referral(
    uow: UnitOfWork, actor: Actor, referral_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """The receiver takes the vacancy, says no, or gives it back; the first to accept has the lead."""
    vacancy_id = _referral(uow, actor, referral_id).vacancy_id
    vacancy = uow.session.get_one(Vacancy, vacancy_id, with_for_update=True, populate_existing=True)
    referrals = sending.referrals_of(uow, vacancy.id)
    # Somebody may have passed it on before we held the vacancy.
    row = _referral(uow, actor, referral_id)
    expected.check(row.version)
    target: ReferralStatus = data["to"]
    effects = _move(row, target, _role(actor, row))
    row.reason = _reason(target, data.get("reason"))
    if row.seen_at is None:
        row.seen_at = uow.now
    if target in _ANSWERS:
        row.answered_at = uow.now
    if target is ReferralStatus.ACCEPTED:
        row.accepted_at = uow.now
    uow.flush()
    employer_hears = Effect.TELL_EMPLOYER in effects or target is ReferralStatus.SEEN
    told = {row.party_id, vacancy.employer_id} if employer_hears else {row.party_id}
    sending.tell(uow, f"referral.{target.value.replace('_', '-')}", row, sorted(told))
    if Effect.SETTLE_LEAD in effects:
        sending.settle_lead(uow, vacancy, referrals)
    if vacancy.status is VacancyStatus.OPEN and target in _ANSWERS:
        sending.watch(uow, vacancy, referrals)
    uow.flush()
    return _views(uow, [row])[0]


def referrals_of_vacancy(uow: UnitOfWork, actor: Actor, vacancy_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """To whom a vacancy went, as far as this actor may see; the caller has looked whether it may see the vacancy."""
    return list_referrals(uow, actor, {**query, "vacancy_id": vacancy_id})


def leads_of(uow: UnitOfWork, vacancy_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Who has the lead, by vacancy; one that nobody has taken is left out."""
    rows = uow.execute(
        select(Referral.vacancy_id, Referral.kind, Referral.party_id, Party.name)
        .join(Party, Party.id == Referral.party_id)
        .where(Referral.vacancy_id.in_(list(vacancy_ids)), Referral.lead)
    )
    return {row.vacancy_id: _receiver_view(row.kind, row.party_id, row.name) for row in rows}


def _referral(uow: UnitOfWork, actor: Actor, referral_id: str, *, for_update: bool = False) -> Referral:
    statement = visible_referrals(actor).where(Referral.id == referral_id)
    if for_update:
        statement = statement.with_for_update(of=Referral).execution_options(populate_existing=True)
    found: Referral | None = uow.session.scalars(statement).one_or_none()
    if found is None:
        raise not_found()
    return found


def _vacancy(uow: UnitOfWork, row: Referral) -> Vacancy:
    return uow.session.get_one(Vacancy, row.vacancy_id)


def _is_receiver(actor: Actor, row: Referral) -> bool:
    return row.party_id in actor.party_ids(RECEIVER[row.kind])


def _role(actor: Actor, row: Referral) -> str:
    """The desk sees what came to others too, but answers only for itself."""
    if _is_receiver(actor, row):
        return RECEIVER[row.kind]
    return "" if actor.kind in RECEIVER.values() else actor.kind


def _move(row: Referral, target: ReferralStatus, role: str) -> tuple[str, ...]:
    try:
        move = REFERRAL.move(row.status, target, role)
    except ForbiddenMove as error:
        raise forbidden_move(error.source, error.target, error.allowed) from None
    row.status = target
    return move.causes


def _reason(target: ReferralStatus, reason: AnswerReason | None) -> AnswerReason | None:
    choices = REASONS.get(target, frozenset())
    if reason is None and choices:
        raise invalid_field("/reason", "required", "Zeg met een code waarom.", "Say why, with a code.")
    if reason is not None and reason not in choices:
        listed = ", ".join(sorted(choices)) or "–"
        raise invalid_field(
            "/reason",
            "reason-does-not-fit",
            f"Deze reden hoort niet bij dit antwoord. Kies uit: {listed}.",
            f"This reason does not go with this answer. Choose from: {listed}.",
        )
    return reason


def _views(uow: UnitOfWork, rows: list[Referral]) -> list[dict[str, Any]]:
    """The views of these referrals, with one look at the database for all of them."""
    found = uow.execute(
        select(Referral.id, Party.name.label("receiver"), Employer.name.label("employer"))
        .join(Party, Party.id == Referral.party_id)
        .join(Vacancy, Vacancy.id == Referral.vacancy_id)
        .join(Employer, Employer.id == Vacancy.employer_id)
        .where(Referral.id.in_([row.id for row in rows]))
    )
    names = {row.id: (row.receiver, row.employer) for row in found}
    wanted = select(Vacancy).where(Vacancy.id.in_({row.vacancy_id for row in rows}))
    vacancies = {vacancy.id: vacancy for vacancy in uow.session.scalars(wanted)}
    before, after = _transfers(uow, [row.id for row in rows])
    return [
        _view(row, vacancies[row.vacancy_id], *names[row.id])
        | {"transferred_from": before.get(row.id), "transferred_to": after.get(row.id)}
        for row in rows
    ]


def _transfers(uow: UnitOfWork, ids: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """By referral who had the vacancy before (the latest of them), and by one that was passed on who has it since."""
    found: list[dict[str, Any]] = []
    link = TransferredReferral
    for of, other in ((link.after_id, Transfer.from_party_id), (link.before_id, Transfer.to_party_id)):
        rows = uow.execute(
            select(of.label("id"), Party.kind, Party.id.label("party_id"), Party.name)
            .join(Transfer, Transfer.id == TransferredReferral.transfer_id)
            .join(Party, Party.id == other)
            .where(of.in_(ids))
            .order_by(Transfer.id)
        )
        found.append({row.id: _receiver_view(TARGETS[row.kind], row.party_id, row.name) for row in rows})
    return found[0], found[1]


def _view(row: Referral, vacancy: Vacancy, receiver: str, employer: str) -> dict[str, Any]:
    municipality = places.municipality(vacancy.municipality_code)
    return {
        "id": row.id,
        "version": row.version,
        "vacancy_id": row.vacancy_id,
        "to": _receiver_view(row.kind, row.party_id, receiver),
        "because": row.because,
        "status": row.status,
        "reason": row.reason,
        "lead": row.lead,
        "respond_by": row.respond_by,
        "sent_at": row.sent_at,
        "seen_at": row.seen_at,
        "answered_at": row.answered_at,
        "vacancy": {
            "title": vacancy.title,
            "status": vacancy.status,
            "employer_name": employer,
            "municipality": municipality.name if municipality else vacancy.municipality_code,
            "region_code": vacancy.region_code,
            "occupation_code": vacancy.occupation_code,
            "hours": {"min": vacancy.hours_min, "max": vacancy.hours_max},
            "start_date": vacancy.start_date,
        },
    }


def _receiver_view(kind: ReferralTarget, party_id: str, name: str) -> dict[str, Any]:
    return {"kind": kind, "id": party_id, "name": name}
