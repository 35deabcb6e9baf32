"""The course of a vacancy: each move with what it causes, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.delivery.events import publish
from service.kernel.database import UnitOfWork
from service.kernel.problems import conflict, forbidden_move, invalid_field
from service.kernel.state import ForbiddenMove
from service.signals import operations as signals
from service.vacancies.models import Vacancy
from service.vacancies.proposals import closing
from service.vacancies.proposals.reasons import DeclineReason
from service.vacancies.referrals import sending
from service.vacancies.rules import LIVE_VACANCY, VACANCY, Effect, VacancyStatus, expires_on

_EVENTS: Final[Mapping[VacancyStatus, str]] = {
    VacancyStatus.OPEN: "vacancy.opened",
    VacancyStatus.ON_HOLD: "vacancy.held",
    VacancyStatus.FILLED: "vacancy.filled",
    VacancyStatus.WITHDRAWN: "vacancy.withdrawn",
    VacancyStatus.EXPIRED: "vacancy.expired",
}
_OPENED_AGAIN: Final[Mapping[VacancyStatus, str]] = {
    VacancyStatus.ON_HOLD: "vacancy.resumed",
    VacancyStatus.EXPIRED: "vacancy.renewed",
}

_PROPOSALS_END: Final[Mapping[VacancyStatus, DeclineReason]] = {
    VacancyStatus.FILLED: DeclineReason.VACANCY_FILLED,
    VacancyStatus.WITHDRAWN: DeclineReason.VACANCY_WITHDRAWN,
}


def move(
    uow: UnitOfWork,
    actor: Actor,
    row: Vacancy,
    target: VacancyStatus,
    role: PartyKind,
    *,
    filled_on: date | None = None,
) -> None:
    """Moves the vacancy, whose row the caller holds, with everything that follows from it.

    Raises 409 where `role` may not make this move, 400 where the day of filling does not fit.
    """
    source = row.status
    try:
        effects = VACANCY.move(source, target, role).causes
    except ForbiddenMove as error:
        raise forbidden_move(error.source, error.target, error.allowed) from None
    if target is VacancyStatus.FILLED:
        row.filled_on = _day_of_filling(uow, row, filled_on, role)
        row.filled_positions = row.positions
    if source is VacancyStatus.EXPIRED:
        row.with_desk_since, row.searched_since = None, uow.now
    row.status = target
    if Effect.SET_VALIDITY in effects:
        wanted = row.expires_on if row.opened_on is None else None
        row.opened_on = row.opened_on or uow.today
        row.expires_on = expires_on(uow.today, wanted or latest_expiry(uow))
        row.offered_at = uow.now
    save(uow, row)
    told = sending.receivers_of(sending.referrals_of(uow, row.id))
    if Effect.PAUSE_CLOCKS in effects:
        sending.pause(row)
    if Effect.RESUME_CLOCKS in effects:
        sending.resume(uow, row)
    if Effect.CLOSE_REFERRALS in effects:
        told = sending.close(uow, row)
    if Effect.REFER in effects:
        sending.refer(uow, row)
        told = sending.receivers_of(sending.referrals_of(uow, row.id))
    if Effect.WITHDRAW_PROPOSALS in effects:
        closing.withdraw_for_vacancy(uow, actor.as_system(f"vacancy.{target.value}"), row.id, _PROPOSALS_END[target])
    uow.flush()
    again = _OPENED_AGAIN.get(source) if target is VacancyStatus.OPEN else None
    tell(uow, again or _EVENTS[target], row, told)
    if Effect.TELL_SIGNAL in effects:
        _tell_signal(uow, actor, row, source)


def _day_of_filling(uow: UnitOfWork, row: Vacancy, filled_on: date | None, role: PartyKind) -> date:
    day = filled_on or uow.today
    opened = row.opened_on or day
    if role is PartyKind.EMPLOYER and not opened <= day <= uow.today:
        raise invalid_field(
            "/filledOn",
            "day-does-not-fit",
            "Kies een dag van de opening tot en met vandaag.",
            "Choose a day from the opening up to and including today.",
        )
    return day


def tell(uow: UnitOfWork, type: str, row: Vacancy, receivers: list[str]) -> None:
    data = {"vacancyId": row.id, "employerId": row.employer_id, "status": row.status.value}
    bringer = [row.brought_in_by_id] if row.brought_in_by_id else []
    publish(uow, type, row.address, row.version, [row.employer_id, *bringer, *receivers], data)


def _tell_signal(uow: UnitOfWork, actor: Actor, row: Vacancy, source: VacancyStatus) -> None:
    """Passes on how a freed vacancy fares. What was never opened is not told, nor one that has a successor."""
    if row.freed_by_signal_id is None or row.opened_on is None:
        return
    later = Vacancy.freed_by_signal_id == row.freed_by_signal_id, Vacancy.id > row.id
    over = source is VacancyStatus.WITHDRAWN and uow.session.scalar(select(Vacancy.id).where(*later).limit(1))
    if not over:
        signals.link_vacancy(
            uow,
            actor.as_system(f"vacancy.{row.status.value}"),
            row.freed_by_signal_id,
            row.id,
            row.status.value,
            row.opened_on,
            row.filled_on,
        )


def save(uow: UnitOfWork, row: Vacancy) -> None:
    """Writes the row. Raises 409 `vacancy-exists` with the address of the live one that stands in its way."""
    if row.opened_on is not None:
        row.changed_at = uow.now
    in_the_way = []
    if row.reference is not None:
        in_the_way.append(and_(Vacancy.employer_id == row.employer_id, Vacancy.reference == row.reference))
    if row.brought_in_reference is not None:
        same_party = Vacancy.brought_in_by_id == row.brought_in_by_id
        in_the_way.append(and_(same_party, Vacancy.brought_in_reference == row.brought_in_reference))
    if row.freed_by_signal_id is not None:
        in_the_way.append(Vacancy.freed_by_signal_id == row.freed_by_signal_id)
    if row.status in LIVE_VACANCY and in_the_way:
        same = select(Vacancy.id).where(or_(*in_the_way), Vacancy.status.in_(LIVE_VACANCY), Vacancy.id != row.id)
        with uow.session.no_autoflush:
            existing = uow.session.execute(same.limit(1)).scalar()
        if existing is not None:
            raise _exists(existing=f"/v1/vacancies/{existing}")
    uow.add(row)
    try:
        uow.flush()
    except IntegrityError as error:
        if "reference" not in str(error.orig) and "freed" not in str(error.orig):
            raise
        raise _exists() from None


def _exists(**extra: str) -> Exception:
    return conflict(
        "vacancy-exists",
        "Er loopt al een vacature met deze referentie, of voor deze melding. Wijzig die met PATCH.",
        "A vacancy with this reference, or for this signal, is live already. Change that one with PATCH.",
        **extra,
    )


def latest_expiry(uow: UnitOfWork) -> date:
    """The latest day until which a vacancy can be valid without being renewed."""
    return uow.today + timedelta(days=uow.settings.vacancy_days)
